"""Step 1 drawn: training and test error over the epochs, plain at left, residual at right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from resnet_demo.results.check import Check
from resnet_demo.views.axes import Axis
from resnet_demo.views.chart import number_table
from resnet_demo.views.learn.lines import Line, line_chart
from resnet_demo.views.markup import Html, element, join
from resnet_demo.views.number_format import percent

_KINDS = {"plain": "learn_degradation_plain", "residual": "learn_degradation_residual"}
_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)


def draw(check: Check, words: Callable[..., str]) -> Html:
    """Two charts side by side, and their last errors as a table."""
    curves = check.data["curves"]
    depths = sorted({curve["depth"] for curve in curves})
    charts = [_chart(kind, [c for c in curves if c["kind"] == kind], depths, words) for kind in _KINDS]
    return element(
        "div",
        element("p", words("learn_degradation_key"), class_="rx-note"),
        element("div", join(charts), class_="rx-pair"),
        _table(curves, words),
        class_="rx-figure",
    )


def _chart(
    kind: str, curves: Sequence[dict[str, Any]], depths: Sequence[int], words: Callable[..., str]
) -> Html:
    title = words(_KINDS[kind])
    lines = [
        Line(
            [(epoch, mean) for epoch, (mean, _, _) in enumerate(curve[errors], start=1)],
            words("learn_layers", depth=curve["depth"]) if errors == "train_error" else "",
            f"rx-depth-{round(4 * depths.index(curve['depth']) / (len(depths) - 1))}",
            [(low, high) for _, low, high in curve[errors]] if errors == "train_error" else (),
            dashed=errors == "test_error",
        )
        for errors in ("test_error", "train_error")
        for curve in curves
    ]
    epochs = len(curves[0]["train_error"])
    ticks = [1, *(e for e in range(5, epochs + 1, 5))]
    x = Axis(1, max(epochs, 2), tuple(ticks), tuple(map(str, ticks)))
    y = Axis(0, 1, _QUARTERS, tuple(f"{q:.0%}" for q in _QUARTERS))
    ends = ", ".join(
        f"{words('learn_layers', depth=c['depth'])}: {percent(c['train_error'][-1][0])}" for c in curves
    )
    picture = line_chart(lines, x, y, x_title=words("learn_degradation_epoch"), label=f"{title}. {ends}")
    return element("div", element("h4", title), picture)


def _table(curves: Sequence[dict[str, Any]], words: Callable[..., str]) -> Html:
    head = [words(key) for key in ("network", "learn_degradation_train", "learn_degradation_test")]
    rows = [
        [
            f"{words(_KINDS[c['kind']])}, {words('learn_layers', depth=c['depth'])}",
            *(
                f"{percent(mean)} ({percent(low)} – {percent(high)})"
                for mean, low, high in (c["train_error"][-1], c["test_error"][-1])
            ),
        ]
        for c in curves
    ]
    return number_table(words("as_table"), head, rows)
