"""Step 2 drawn: the gradient's norm from the first layer to the last, a line a depth; plain and residual, with and
without BatchNorm."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from resnet_demo.results.check import Check
from resnet_demo.views.axes import Axis
from resnet_demo.views.chart import legend, number_table
from resnet_demo.views.learn.lines import Line, line_chart
from resnet_demo.views.markup import Html, element, join
from resnet_demo.views.number_format import number, power_of_ten

_KINDS = {
    ("plain", False): "learn_gradients_plain",
    ("residual", False): "learn_gradients_residual",
    ("plain", True): "learn_gradients_plain_norm",
    ("residual", True): "learn_gradients_residual_norm",
}


def draw(check: Check, words: Callable[..., str]) -> Html:
    """Four charts on one scale, and their ends as a table."""
    flows = check.data["flows"]
    y = _powers([norm for flow in flows for norm in flow["norms"] if norm > 0])
    charts = [
        _chart(words(name), [f for f in flows if (f["kind"], f["batch_norm"]) == kind], y, words)
        for kind, name in _KINDS.items()
    ]
    return element(
        "div",
        element("p", words("learn_gradients_key"), class_="rx-note"),
        _legend(sorted({flow["depth"] for flow in flows}), words),
        element("div", join(charts), class_="rx-pair"),
        _table(flows, words),
        class_="rx-figure",
    )


def _powers(norms: Sequence[float]) -> Axis:
    """A logarithmic axis, in powers of ten, that holds all the norms."""
    low, high = math.floor(math.log10(min(norms))), math.ceil(math.log10(max(norms)))
    step = max(1, round((high - low) / 5))
    ticks = [p for p in range(low, high + 1) if p % step == 0]
    return Axis(low, high, tuple(map(float, ticks)), tuple(power_of_ten(p) if p else "1" for p in ticks))


def _chart(title: str, flows: Sequence[dict[str, Any]], y: Axis, words: Callable[..., str]) -> Html:
    lines = [
        Line(
            [
                (i / (len(flow["norms"]) - 1), math.log10(norm))
                for i, norm in enumerate(flow["norms"])
                if norm > 0
            ],
            "",
            _look(index, len(flows)),
        )
        for index, flow in enumerate(flows)
    ]
    x = Axis(0, 1, (0.0, 1.0), (words("learn_gradients_first"), words("learn_gradients_last")))
    ends = ", ".join(f"{words('learn_layers', depth=f['depth'])}: {number(f['norms'][0])}" for f in flows)
    picture = line_chart(lines, x, y, x_title="", label=f"{title}. {ends}", height=150, right=30)
    return element("div", element("h4", title), picture)


def _legend(depths: Sequence[int], words: Callable[..., str]) -> Html:
    return legend(
        [
            (f"rx-curve-key {_look(index, len(depths))}", words("learn_layers", depth=depth))
            for index, depth in enumerate(depths)
        ]
    )


def _look(index: int, count: int) -> str:
    """The colour of a depth, of `count` from shallow to deep."""
    return f"rx-depth-{round(4 * index / (count - 1))}"


def _table(flows: Sequence[dict[str, Any]], words: Callable[..., str]) -> Html:
    head = [words(f) for f in ("network", "layers", "learn_gradients_first", "learn_gradients_last")]
    rows = [
        [
            words(_KINDS[flow["kind"], flow["batch_norm"]]),
            str(flow["depth"]),
            number(flow["norms"][0]),
            number(flow["norms"][-1]),
        ]
        for flow in sorted(flows, key=lambda f: (f["batch_norm"], f["kind"], f["depth"]))
    ]
    return number_table(words("as_table"), head, rows)
