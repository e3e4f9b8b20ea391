import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_demo.views.markup import Html, element, join, part_of_whole

EVIL = """<script>alert("1 & '2'")</script>"""


def test_children_and_attributes_are_escaped_and_read_back():
    root = ET.fromstring(element("p", EVIL, title=EVIL))
    assert (root.tag, root.text, root.get("title"), len(root)) == ("p", EVIL, EVIL, 0)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF)))
def test_any_text_comes_back_as_it_was(text):
    root = ET.fromstring(element("p", text, data_text=text))
    assert (root.text or "", root.get("data-text")) == (text, text)


def test_markup_is_not_escaped_twice():
    assert element("p", element("b", "a & b")) == "<p><b>a &amp; b</b></p>"
    assert join(["<", Html("<br/>")]) == "&lt;<br/>"


def test_attribute_names_and_numbers():
    written = element("rect", class_="a", data_block="b", viewBox="0 0 1 1", x=1.23456, y=-0.0001, width=None)
    assert written == '<rect class="a" data-block="b" viewBox="0 0 1 1" x="1.235" y="0"></rect>'


def test_void_elements_close_themselves():
    assert element("img", src="a") == '<img src="a"/>'


@pytest.mark.parametrize(("fraction", "text"), [(0, "0%"), (0.25, "25%"), (1, "100%"), (1 / 3, "33.333%")])
def test_part_of_whole(fraction, text):
    assert part_of_whole(fraction) == text
