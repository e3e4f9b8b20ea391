"""Build HTML and SVG out of elements, so that no text reaches the page unescaped.

Everything here is well-formed XML as well as HTML: attributes are quoted, every element is closed.
"""

from collections.abc import Iterable

from markupsafe import Markup as Html
from markupsafe import escape

__all__ = ["Html", "element", "join", "part_of_whole"]  # `Html`: a string that is markup already

_VOID = frozenset({"img", "input", "br", "wbr", "meta", "link"})

Attribute = str | float | None


def element(name: str, /, *children: str, **attributes: Attribute) -> Html:
    """Return `<name …>children</name>`.

    Args:
        name: the element's name, e.g. "rect".
        *children: `Html` goes in as it is, any other string is escaped.
        **attributes: `data_block` becomes `data-block`, `class_` becomes `class`; numbers are written with at
            most three decimals; an attribute that is None is left out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value) if isinstance(value, str) else _short(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Html(f"<{name}{written}/>")
    return Html(f"<{name}{written}>{join(children)}</{name}>")


def join(parts: Iterable[str]) -> Html:
    """Return the parts one after the other; what is not `Html` is escaped."""
    return Html("").join(parts)


def part_of_whole(fraction: float) -> str:
    """Return a fraction as a CSS or SVG length: 0.25 is "25%"."""
    return f"{_short(100 * fraction)}%"


def _short(value: float) -> str:
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
