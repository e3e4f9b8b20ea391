"""Step 9 drawn: paths and gradient by length; the answer without blocks; the answer with blocks exchanged."""

from __future__ import annotations

import math
from typing import Any

from resnet_demo.results.check import Check
from resnet_demo.results.paths import PathLengths, SampledPaths
from resnet_demo.views.axes import Axis, make_axis
from resnet_demo.views.chart import legend, number_table
from resnet_demo.views.learn.columns import Series, column_chart
from resnet_demo.views.learn.dots import Dot, dot_chart
from resnet_demo.views.markup import Html, element
from resnet_demo.views.messages.words import Words
from resnet_demo.views.number_format import chance, fixed, number, percent

_COLUMNS = (
    "learn_paths_length",
    "learn_paths_count",
    "learn_paths_walked",
    "learn_paths_one",
    "learn_paths_all",
    "learn_paths_of_drawn",
    "learn_paths_sum",
    "learn_paths_of_gradient",
)


def draw(check: Check, words: Words) -> Html:
    """The three experiments."""
    data = check.data
    label = words.label(data["target"])
    single = [{"count": 1, "name": one["block"], **one} for one in data["lesions"]]
    removed = [{"name": words("learn_paths_without", count=one["count"]), **one} for one in data["removed"]]
    orders = [{"name": words("learn_paths_distance", distance=o["distance"]), **o} for o in data["orders"]]
    pairs = [
        element(
            "div",
            element("h4", words("learn_paths_lesions")),
            _answers([*single, *removed], "count", data["whole"], label, words("learn_paths_removed"), words),
        )
    ]
    if orders:
        pairs.append(
            element(
                "div",
                element("h4", words("learn_paths_orders")),
                _answers(orders, "distance", data["whole"], label, words("learn_paths_tau"), words),
            )
        )
    key = legend(
        [("rx-key-dot", words("learn_paths_same")), ("rx-key-dot rx-key-hollow", words("learn_paths_other"))]
    )
    return element(
        "div",
        element("h4", words("learn_paths_lengths")),
        _lengths(data["lengths"], data["sampled"], words),
        element("div", *pairs, class_="rx-pair"),
        key,
        class_="rx-figure",
    )


def _lengths(found: PathLengths, sampled: SampledPaths, words: Words) -> Html:
    """How many paths there are of each length, and how much of the gradient comes through them, told in two ways."""
    shown, every = len(found.counts), 2**found.blocks
    names = [str(k) for k in range(shown)]
    paths, gradient = [count / every for count in found.counts], list(found.shares)
    drawn, spread = list(sampled.shares[:shown]), list(sampled.share_errors[:shown])
    if found.blocks >= shown:  # longer ones, all together
        names.append(f"> {shown - 1}")
        paths.append(1 - sum(paths))
        gradient.append(found.longer_share)
        drawn.append(sum(sampled.shares[shown:]))
    labels = [
        words(
            "learn_paths_column",
            length=name,
            paths=percent(share),
            gradient=percent(part),
            drawn=percent(one),
        )
        for name, share, part, one in zip(names, paths, gradient, drawn, strict=True)
    ]
    swatches = [
        ("rx-key-paths", words("learn_paths_of_paths")),
        ("rx-key-drawn", words("learn_paths_of_drawn")),
        ("rx-fill-plain", words("learn_paths_of_gradient")),
    ]
    spread += [0.0] * (len(names) - shown)
    picture = column_chart(
        [
            Series("rx-bar-muted", paths, labels),
            Series("rx-bar-drawn", drawn, labels, spread),
            Series("rx-bar-accent", gradient, labels),
        ],
        names,
        _shares([*paths, *drawn, *gradient]),
        x_title=words("learn_paths_length"),
        label=words("learn_paths_lengths"),
    )
    header = [words(key) for key in _COLUMNS]
    return element(
        "div", legend(swatches), picture, number_table(words("as_table"), header, _rows(found, sampled))
    )


def _rows(found: PathLengths, sampled: SampledPaths) -> list[list[str]]:
    """The table: the paths that were drawn, then the sum over all."""
    return [
        [
            str(k),
            f"{count:,}",
            f"{sampled.drawn[k]:,}",
            _with_error(sampled.means[k], sampled.errors[k]),
            number(sampled.all_of_them[k]),
            f"{percent(sampled.shares[k])} ± {percent(sampled.share_errors[k])}",
            number(norm),
            percent(share),
        ]
        for k, (count, norm, share) in enumerate(zip(found.counts, found.norms, found.shares, strict=True))
    ]


def _with_error(mean: float, error: float) -> str:
    """A mean with its standard error; by itself where every one was looked at."""
    return f"{number(mean)} ± {number(error)}" if error else number(mean)


def _shares(values: list[float]) -> Axis:
    axis = make_axis([round(value, 2) for value in values], bars=False)  # no room for what is not seen
    return Axis(axis.low, axis.high, axis.ticks, tuple(f"{fixed(100 * tick, 0)}%" for tick in axis.ticks))


def _answers(
    answers: list[dict[str, Any]],
    over: str,
    whole: dict[str, Any],
    label: str,
    x_title: str,
    words: Words,
) -> Html:
    """The target's probability, or its logit where there are none, over how much was changed."""
    if math.isnan(whole["probability"]):
        of, y_title = "logit", words("learn_paths_logit", label=label)
        y = make_axis([one["logit"] for one in (*answers, whole)], bars=False)
    else:
        of, y_title = "probability", words("learn_paths_probability", label=label)
        quarters = (0.0, 0.25, 0.5, 0.75, 1.0)
        y = Axis(0.0, 1.0, quarters, tuple(f"{100 * q:.0f}%" for q in quarters))
    dots = [
        Dot(
            one[over],
            one[of],
            one["same"],
            f"{one['name']}: {chance(one['probability']) if of == 'probability' else number(one['logit'])}",
        )
        for one in answers
    ]
    furthest = max(one[over] for one in answers)
    ticks = range(0, furthest + 1, max(1, -(-furthest // 5)))
    x = Axis(0, furthest, tuple(ticks), tuple(map(str, ticks)))
    label = f"{x_title}; {y_title}: " + "; ".join(f"{dot.x:g}: {dot.label}" for dot in dots)
    return dot_chart(dots, x, y, level=whole[of], x_title=x_title, y_title=y_title, label=label)
