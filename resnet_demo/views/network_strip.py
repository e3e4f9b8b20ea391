"""The whole network in one strip: its stem, its blocks stage by stage, each with its shortcut over it, its classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from resnet_demo.views.chart import legend
from resnet_demo.views.markup import Html, element, join

_PITCH = 46  # from one block's sum to the next
_HEIGHT = 58
_LINE = 46  # the height at which the data runs


@dataclass(frozen=True)
class StripStage:
    """One stage: its name, its output's shape as written, and the kind of each of its blocks."""

    name: str
    shape: str
    blocks: Sequence[Literal["projection", "identity"]]


@dataclass(frozen=True)
class StripWords:
    """The keys to the strip's lines."""

    shortcut: str = "shortcut"
    projection: str = "shortcut of a projection block"
    residual: str = "residual branch"


def network_strip(stages: Sequence[StripStage], words: StripWords, *, alt: str) -> Html:
    """Return the strip, which wraps between stages; `alt` says in a sentence what it shows."""
    keys = legend(
        [
            ("rx-fill-shortcut", words.shortcut),
            ("rx-fill-projection", words.projection),
            ("rx-fill-residual", words.residual),
        ]
    )
    return element(
        "div",
        keys,
        element("div", join([_stage(s) for s in stages]), class_="rx-strip", role="img", aria_label=alt),
        class_="rx-figure",
    )


def _stage(stage: StripStage) -> Html:
    width = _PITCH * max(1, len(stage.blocks)) + 6
    drawn = [element("path", d=f"M0 {_LINE}H{width}", class_="rx-drawing-line rx-line-ink")]
    drawn += [join(_block(kind, 3 + _PITCH * i)) for i, kind in enumerate(stage.blocks)]
    picture = element("svg", join(drawn), width=width, height=_HEIGHT, viewBox=f"0 0 {width} {_HEIGHT}")
    return element(
        "div",
        picture,
        element("b", stage.name),
        element("span", stage.shape, class_="rx-caption"),
        class_="rx-strip-stage",
    )


def _block(kind: str, left: float) -> list[Html]:
    """The residual branch as a box on the line, the shortcut as an arc over it, to the sum at its right."""
    right = left + _PITCH - 6
    arc = f"M{left} {_LINE}C{left} 2 {right} 2 {right} {_LINE}"
    parts = [
        element("path", d=arc, class_="rx-drawing-line rx-line-shortcut"),
        element(
            "rect", x=left + 9, y=_LINE - 9, width=_PITCH - 24, height=18, rx=4, class_="rx-bar-residual"
        ),
        element("circle", cx=right, cy=_LINE, r=4, class_="rx-drawing-sum"),
    ]
    if kind == "projection":
        middle = (left + right) / 2
        shape = {"x": middle - 7, "y": 6, "width": 14, "height": 12, "rx": 3}
        parts += [
            element("rect", **shape, class_="rx-drawing-gap"),
            element("rect", **shape, class_="rx-bar-shortcut rx-bar-projection"),
        ]
    return parts
