"""The residual laboratory: gates, gradients, the heatmap in its two parts, the table and the scatter."""

from __future__ import annotations

import numpy as np

from resnet_demo.results import findings
from resnet_demo.results.classes import Prediction
from resnet_demo.results.correlation import centred_ranks
from resnet_demo.results.heatmaps import SplitHeatmap
from resnet_demo.results.json_form import plain
from resnet_demo.results.laboratory import COLUMNS, GradientSplit, LabTable
from resnet_demo.views import sortable_table as table
from resnet_demo.views.block_maps import MapTile, block_maps
from resnet_demo.views.cards import addition, card, figure_of, formula
from resnet_demo.views.chart import number_table
from resnet_demo.views.colormaps import SIGNED, colorbar
from resnet_demo.views.compare_slider import CompareWords, compare_slider
from resnet_demo.views.markup import Html, element, join
from resnet_demo.views.messages.words import Words
from resnet_demo.views.number_format import chance, number, percent, power_of_ten, signed
from resnet_demo.views.pictures import encode_overlay
from resnet_demo.views.predictions import PredictionBar, prediction_bars
from resnet_demo.views.profile import ProfileBar, profile, profile_table
from resnet_demo.views.scatter import ScatterPoint, scatter

TONES: dict[str, table.Tone] = {
    "ratio": "plain",
    "novelty": "plain",
    "gradient": "plain",
    "lesion": "signed",
    "ledger": "signed",
}


def gates_view(
    trained: tuple[Prediction, ...],
    off: list[str],
    scale: float,
    after: tuple[Prediction, ...],
    words: Words,
) -> Html:
    """The classes before and after the chosen blocks' residual branches were scaled."""
    before, now = trained[0], after[0]
    if off:
        key = "gates_same" if before.index == now.index else "gates_changed"
        finding = words(
            key,
            count=len(off),
            scale=number(scale),
            label=words.class_of(before),
            before=chance(before.probability),
            after=chance(next((p.probability for p in after if p.index == before.index), 0.0)),
            now=words.class_of(now),
            now_percent=chance(now.probability),
        )
    else:
        finding = words("gates_none")
    columns = []
    for title, ranked in ((words("as_trained"), trained), (words("with_gates"), after)):
        rows = [PredictionBar(p.index, words.class_of(p), "", p.probability, p.logit) for p in ranked[:5]]
        bars = prediction_bars(rows, words.for_predictions(), label=title)
        columns.append(element("div", element("h4", title), bars))
    line = words(
        "formula_gates",
        gate=number(scale) if off else "1",
        blocks=", ".join(off) or words("no_block"),
        logit=number(next(p.logit for p in after if p.index == before.index), 5),
        before=number(before.logit, 5),
    )
    return card(
        words("gates_title"),
        element("div", join(columns), class_="re-two"),
        formula(words, line),
        finding=finding,
    )


def gradients_view(splits: tuple[GradientSplit, ...], lab: LabTable, selected: str, words: Words) -> Html:
    """The gradient through shortcut and residual branch for every block, and the tutorials' formula for one of them."""
    chosen = next(s for s in splits if s.block == selected)
    by_residual = findings.carried_by_residual(splits)
    finding = words(
        "gradients_finding",
        count=len(splits) - len(by_residual),
        blocks=len(splits),
        exceptions=", ".join(by_residual) or words("no_block"),
    )
    scale = max(max(s.shortcut_rms, s.residual_rms) for s in splits) or 1.0
    power = int(np.floor(np.log10(scale)))
    bars = [
        ProfileBar(
            s.block, s.block.split("_")[0], r.kind, s.shortcut_rms / 10.0**power, s.residual_rms / 10.0**power
        )
        for s, r in zip(splits, lab.rows, strict=True)
    ]
    unit = words("unit_gradient", power=power_of_ten(power))
    holds = words(
        "formula_holds" if chosen.unchanged else "formula_holds_not",
        block=chosen.block,
        stopped=percent(max(chosen.stopped, 0.0)) if np.isfinite(chosen.stopped) else "–",
    )
    return card(
        words("gradients_title"),
        profile(bars, words.for_profile(), measure=unit, alt=finding, selected=selected),
        profile_table(bars, words.for_profile(), measure=unit),
        formula(
            words,
            words(
                "formula_gradient",
                block=chosen.block,
                s=number(chosen.shortcut_rms),
                f=number(chosen.residual_rms),
                x=number(chosen.total_rms),
                cosine=figure_of(chosen.cosine),
                error=figure_of(chosen.error, 2),
            ),
            "dL/dx = dL/dy · (1 + dF/dx)",
        ),
        element("p", holds, class_="re-text"),
        finding=finding,
    )


def split_view(photo: str, found: SplitHeatmap, label: str, words: Words) -> Html:
    """The heatmap's shortcut part and residual part, the slider between the two, one scale, the sum on screen."""
    limit = found.limit
    s, f, total = (float(m.sum()) for m in (found.shortcut, found.residual, found.total))
    finding = words(
        "split_finding",
        label=label,
        block=found.block,
        s=signed(s),
        f=signed(f),
        total=signed(total),
        where=words.where(*findings.position_of_maximum(found.residual)),
    )
    slider = compare_slider(
        photo,
        encode_overlay(found.residual, (224, 224), -limit, limit, SIGNED),
        CompareWords(words("shortcut"), words("residual"), words("split_divider"), words("opacity")),
        alt=finding,
        left_overlay_uri=encode_overlay(found.shortcut, (224, 224), -limit, limit, SIGNED),
        split=50,
        colorbar=colorbar(SIGNED, -limit, limit, unit=words("unit_gradcam"), label=finding),
    )
    tiles = [
        MapTile(
            symbol,
            words(what),
            values,
            -limit,
            limit,
            SIGNED,
            words("unit_gradcam"),
            f"{words(what)}: {finding}",
        )
        for symbol, what, values in (
            ("Σα·m·S", "shortcut", found.shortcut),
            ("Σα·m·F", "residual", found.residual),
            ("Σα·x⁺", "total", found.total),
        )
    ]
    line = words("formula_split", sum=addition([s, f], total), error=figure_of(found.error, 2))
    return card(
        words("split_title", block=found.block),
        slider,
        block_maps(tiles, label=finding),
        formula(words, line),
        finding=finding,
    )


def lab_table_view(lab: LabTable, label: str, selected: str, words: Words) -> Html:
    """One row per block, sortable."""
    worst = findings.most_missed(lab)
    finding = words("table_finding", block=worst.block, change=signed(worst.lesion), label=label)
    columns = [
        table.TableColumn(c, words(f"column_{c}"), TONES[c], words(f"column_{c}_hint")) for c in COLUMNS
    ] + [table.TableColumn("top1", words("column_top1"), "text", words("column_top1_hint"))]
    rows = [
        table.TableRow(
            row.block,
            row.kind,
            plain({c: getattr(row, c) for c in COLUMNS})
            | {"top1": words.class_of(lesion.top1) + (" ≠" if lesion.changed else "")},
        )
        for row, lesion in zip(lab.rows, lab.lesions, strict=True)
    ]
    chosen, split = next((r, g) for r, g in zip(lab.rows, lab.gradients, strict=True) if r.block == selected)
    line = words(
        "formula_table",
        block=selected,
        before=number(lab.target.logit, 5),
        after=number(lab.target.logit + chosen.lesion, 5),
        lesion=signed(chosen.lesion),
        f=number(split.residual_rms, 5),
        s=number(split.shortcut_rms, 5),
        gradient=figure_of(chosen.gradient),
        ledger=signed(chosen.ledger),
    )
    return card(
        words("table_title"),
        table.sortable_table(
            rows, columns, words.for_lab(), caption=words("table_caption", label=label), selected=selected
        ),
        formula(words, line),
        finding=finding,
    )


def scatter_view(lab: LabTable, x: str, y: str, selected: str, words: Words) -> Html:
    """Any two columns against each other, and every rank correlation."""
    points = [
        ScatterPoint(
            r.block,
            r.block.removeprefix("conv").replace("_block", "."),
            r.block.split("_")[0],
            r.kind,
            getattr(r, x),
            getattr(r, y),
        )
        for r in lab.rows
        if np.isfinite([getattr(r, x), getattr(r, y)]).all()
    ]
    rho = lab.correlation(x, y)
    finding = words("scatter_finding", x=words(f"column_{x}"), y=words(f"column_{y}"), rho=figure_of(rho, 2))
    pairs = [
        (f"{words(f'column_{a}')} – {words(f'column_{b}')}", figure_of(value, 2))
        for (a, b), value in lab.correlations().items()
    ]
    ranks = centred_ranks(lab.column(x), lab.column(y))
    line = words(
        "formula_scatter",
        top=number(float(ranks[0] @ ranks[1])),
        bottom=number(float(np.linalg.norm(ranks, axis=1).prod())),
        rho=figure_of(rho),
        count=ranks.shape[1],
    )
    return card(
        words("scatter_title"),
        scatter(
            points,
            words(f"column_{x}"),
            words(f"column_{y}"),
            words.for_scatter(),
            alt=finding,
            correlation=f"ρ = {figure_of(rho, 2)}",
            selected=selected,
        ),
        number_table(words("correlations"), [words("quantity"), "ρ"], pairs),
        formula(words, line),
        finding=finding,
    )
