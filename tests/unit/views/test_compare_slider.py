import xml.etree.ElementTree as ET

from resnet_demo.views.compare_slider import CompareWords, compare_slider

WORDS = CompareWords(before="照片", after="热力图", slider="分隔线", opacity="不透明度")


def draw(**options):
    return ET.fromstring(compare_slider("data:p", "data:h", WORDS, alt='A "dog" & <cat>', **options))


def test_layers_words_and_alternative_text(with_class):
    root = draw()
    photo, heat = root.iter("img")
    assert (photo.get("src"), photo.get("alt")) == ("data:p", 'A "dog" & <cat>')
    assert (heat.get("src"), heat.get("alt")) == ("data:h", "")
    assert with_class(root, "rx-compare-before")[0].text == "照片"
    assert with_class(root, "rx-compare-after")[0].text == "热力图"


def test_controls_are_labelled_and_start_where_told():
    root = draw(split=35, opacity=60)
    slider, opacity = root.iter("input")
    assert [c.get("aria-label") for c in (slider, opacity)] == ["分隔线", "不透明度"]
    assert [c.get("value") for c in (slider, opacity)] == ["35", "60"]
    assert root.get("style") == "--rx-split:35%;--rx-opacity:60%"
    assert "--rx-split" in slider.get("oninput")
    assert "--rx-opacity" in opacity.get("oninput")


def test_another_map_at_left_of_the_divider(with_class):
    root = draw(left_overlay_uri="data:left")
    assert [e.get("src") for e in with_class(root, "rx-compare-left")] == ["data:left"]
    assert [e.get("src") for e in with_class(root, "rx-compare-right")] == ["data:h"]
