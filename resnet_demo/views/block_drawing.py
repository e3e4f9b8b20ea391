"""A drawing of one residual block: the residual branch at left, the shortcut at right, down to their sum."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from resnet_demo.views.markup import Html, element, join

_WIDTH = 340
_MAIN = 86  # middle of the residual branch
_MAIN_WIDTH = 160
_SIDE = 258  # middle of the shortcut
_SIDE_WIDTH = 152
_GAP = 14
_HEIGHTS = {"conv": 42, "pad": 42, "bn": 24, "relu": 24}


@dataclass(frozen=True)
class DrawnLayer:
    """One layer: a convolution's `kernel`, `channels`, `stride`; zero-padding's ("pad") added `channels`."""

    kind: Literal["conv", "bn", "relu", "pad"]
    kernel: int = 0
    channels: int = 0
    stride: int = 1


@dataclass(frozen=True)
class DrawnBlock:
    """One block, from input to output.

    Attributes:
        input_shape: as written, e.g. "28 × 28 × 512".
        output_shape: as written.
        residual: layers of the residual branch, first to last.
        shortcut: layers of the shortcut; () is the identity, None is a plain block, without shortcut.
        relu_after: whether a ReLU follows the sum.
    """

    input_shape: str
    output_shape: str
    residual: Sequence[DrawnLayer]
    shortcut: Sequence[DrawnLayer] | None
    relu_after: bool = True


@dataclass(frozen=True)
class DrawingWords:
    """Words of the drawing; {kernel}, {channels} and {stride} are filled in."""

    input: str = "input x"
    output: str = "output"
    shortcut: str = "shortcut S"
    residual: str = "residual branch F"
    identity: str = "identity"
    sum: str = "y = S + F"
    conv: str = "{kernel}×{kernel} convolution"
    channels: str = "{channels} channels"
    stride: str = "stride {stride}"
    pad: str = "zero-padding"
    added: str = "+{channels} channels"
    bn: str = "BatchNorm"
    relu: str = "ReLU"


def block_drawing(block: DrawnBlock, words: DrawingWords, *, alt: str) -> Html:
    """Return the drawing; `alt` says in a sentence what it shows."""
    parts: list[str] = [_end(f"{words.input} · {block.input_shape}", 0)]
    fork = 40.0
    top = fork + (34 if block.shortcut is not None else 10)
    layers = _stack(block.residual, words, _MAIN, _MAIN_WIDTH, top, "residual")
    bottom = top + _stack_height(block.residual) + 8
    parts += [_line(f"M{_MAIN} 26V{bottom}", "residual"), *layers]
    if block.shortcut is not None:
        join_y = bottom + 12
        parts += _shortcut(block.shortcut, words, fork, top, join_y)
        parts += _plus(words.sum, join_y)
        bottom = join_y + 14
    if block.relu_after:
        parts += [
            _line(f"M{_MAIN} {bottom}V{bottom + 12}", "ink"),
            _box(words.relu, "", _MAIN, 88, bottom + 12, 24, "ink"),
        ]
        bottom += 36
    parts += [_line(f"M{_MAIN} {bottom}V{bottom + 20}", "ink"), _arrow(bottom + 20)]
    parts.append(_end(f"{words.output} · {block.output_shape}", bottom + 22))
    if block.shortcut is not None:
        parts.append(
            _text(words.residual, _MAIN + 9, fork + 20, "rx-drawing-branch rx-text-residual", "start")
        )
        parts.append(_text(words.shortcut, _SIDE - 14, fork - 8, "rx-drawing-branch rx-text-shortcut", "end"))
    height = bottom + 50
    return element(
        "svg",
        join(parts),
        class_="rx-drawing",
        viewBox=f"0 0 {_WIDTH} {height:g}",
        role="img",
        aria_label=alt,
    )


def _stack_height(layers: Sequence[DrawnLayer]) -> float:
    return sum(_HEIGHTS[layer.kind] + _GAP for layer in layers) - (_GAP if layers else 0)


def _stack(
    layers: Sequence[DrawnLayer], words: DrawingWords, center: float, width: float, top: float, tone: str
) -> list[str]:
    boxes: list[str] = []
    for layer in layers:
        title, detail = _captions(layer, words)
        boxes.append(_box(title, detail, center, width, top, _HEIGHTS[layer.kind], tone))
        top += _HEIGHTS[layer.kind] + _GAP
    return boxes


def _captions(layer: DrawnLayer, words: DrawingWords) -> tuple[str, str]:
    if layer.kind == "bn":
        return words.bn, ""
    if layer.kind == "relu":
        return words.relu, ""
    stride = f" · {words.stride.format(stride=layer.stride)}" if layer.stride > 1 else ""
    if layer.kind == "pad":
        return words.pad, words.added.format(channels=layer.channels) + stride
    return words.conv.format(kernel=layer.kernel), words.channels.format(channels=layer.channels) + stride


def _shortcut(
    layers: Sequence[DrawnLayer], words: DrawingWords, fork: float, top: float, join_y: float
) -> list[str]:
    path = (
        f"M{_MAIN} {fork}H{_SIDE - 14}Q{_SIDE} {fork} {_SIDE} {fork + 14}"
        f"V{join_y - 14}Q{_SIDE} {join_y} {_SIDE - 14} {join_y}H{_MAIN + 14}"
    )
    line = _line(path, "shortcut")
    if not layers:
        middle = (top + join_y) / 2
        behind = element("rect", x=_SIDE - 36, y=middle - 14, width=72, height=24, class_="rx-drawing-gap")
        return [line, behind, _text(words.identity, _SIDE, middle + 3, "rx-drawing-title")]
    start = (top + join_y - 12 - _stack_height(layers)) / 2
    return [line, *_stack(layers, words, _SIDE, _SIDE_WIDTH, max(top, start), "shortcut")]


def _plus(label: str, y: float) -> list[str]:
    cross = f"M{_MAIN - 6} {y}H{_MAIN + 6}M{_MAIN} {y - 6}V{y + 6}"
    return [
        element("circle", cx=_MAIN, cy=y, r=12, class_="rx-drawing-sum"),
        element("path", d=cross, class_="rx-drawing-plus"),
        _text(label, _MAIN - 20, y + 4, "rx-drawing-title", "end"),
    ]


def _box(title: str, detail: str, center: float, width: float, y: float, height: float, tone: str) -> Html:
    lines = [_text(title, center, y + (18 if detail else height / 2 + 4), "rx-drawing-title")]
    if detail:
        lines.append(_text(detail, center, y + 33, "rx-drawing-detail"))
    shape = element(
        "rect",
        x=center - width / 2,
        y=y,
        width=width,
        height=height,
        rx=6 if detail else height / 2,
        class_=f"rx-drawing-box rx-box-{tone}",
    )
    return join([shape, *lines])


def _line(path: str, tone: str) -> Html:
    return element("path", d=path, class_=f"rx-drawing-line rx-line-{tone}")


def _arrow(y: float) -> Html:
    return element(
        "path",
        d=f"M{_MAIN - 5} {y - 7}L{_MAIN} {y}L{_MAIN + 5} {y - 7}",
        class_="rx-drawing-line rx-line-ink",
    )


def _end(label: str, y: float) -> Html:
    return _text(label, _MAIN, y + 18, "rx-drawing-title")


def _text(content: str, x: float, y: float, class_: str, anchor: str = "middle") -> Html:
    return element("text", content, x=x, y=y, class_=class_, text_anchor=anchor)
