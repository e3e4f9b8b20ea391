"""What `analyze` prints of a photo."""

from __future__ import annotations

import math
from collections.abc import Sequence

from resnet_demo.cli.results import classes_as_text
from resnet_demo.cli.table import aligned
from resnet_demo.results import findings
from resnet_demo.results.analysis import NO_EVIDENCE, Analysis
from resnet_demo.results.belief import MapScores, best_layers
from resnet_demo.results.laboratory import DoubleLesion, LabTable
from resnet_demo.views.number_format import MINUS, chance, column, number, percent, signed


def analysis_as_text(analysis: Analysis) -> str:
    """The classes, what is explained, and the blocks' table."""
    target = analysis.target
    lines = [
        classes_as_text(analysis.image.name, analysis.input_shape, analysis.predictions),
        "",
        *_no_evidence(analysis),
        f"Explained: {target.label.english}, probability {chance(target.probability)}, "
        f"logit {number(target.logit)}; Grad-CAM at {analysis.gradcam.layer}",
    ]
    if analysis.blocks:
        blocks = analysis.blocks
        columns = [
            [block.name for block in blocks],
            [block.kind for block in blocks],
            column([block.shortcut.mean_magnitude for block in blocks]),
            column([block.residual.mean_magnitude for block in blocks]),
            *(
                [_or_dash(getattr(block, name)) for block in blocks]
                for name in ("ratio", "cosine", "novelty")
            ),
            [percent(block.closed_gates) for block in blocks],
        ]
        header = (
            "block",
            "kind",
            "shortcut",
            "residual branch",
            "ratio",
            "cosine",
            "novelty",
            "closed gates",
        )
        rows = [header, *zip(*columns, strict=True)]
        lines += [
            "",
            "Mean magnitude of shortcut and residual branch:",
            *aligned(rows, "llrrrrrr", indent="  "),
        ]
    return "\n".join(lines)


def _no_evidence(analysis: Analysis) -> list[str]:
    """A note on a photo whose answer says nothing about it."""
    if NO_EVIDENCE not in analysis.image.notes:
        return []
    return ["Note: the photo is one colour all over. It holds no evidence for any class.", ""]


def lab_as_text(lab: LabTable) -> str:
    """What each block is worth, the ledger, the answer as it forms."""
    lines = []
    if lab.lesions and lab.gradients:
        lines += [f"What each block is worth for {lab.target.label.english}:", *_blocks_as_text(lab), ""]
    if attribution := lab.logit_attribution:
        lines += [
            f"Ledger: class bias {signed(attribution.class_bias)}, stem {signed(attribution.stem)}, "
            f"projection biases {signed(attribution.projection_biases)}, blocks {signed(attribution.blocks)}, "
            f"together {number(attribution.sum, 6)}; the logit is {number(attribution.logit, 6)}",
            "",
        ]
    if lab.as_it_forms:
        lines += [*_forming_as_text(lab), ""]
    lines += [f"Left out, {name}: {reason}" for name, reason in lab.left_out.items()]
    return "\n".join(lines).rstrip()


def _forming_as_text(lab: LabTable) -> list[str]:
    forming = lab.as_it_forms
    assert forming is not None
    names = ["none", *(row.block for row in lab.rows)]
    columns = [
        names,
        column([step.logit for step in forming.steps], sign=True),
        [chance(step.probability) for step in forming.steps],
        [step.top1.label.english for step in forming.steps],
    ]
    rows = [("blocks up to", "logit", "probability", "top class"), *zip(*columns, strict=True)]
    return [
        f"As it forms, {lab.target.label.english}, with the blocks above off:",
        *aligned(rows, "lrrl", indent="  "),
    ]


def _blocks_as_text(lab: LabTable) -> list[str]:
    columns = [
        [row.block for row in lab.rows],
        [_or_dash(row.gradient) for row in lab.rows],
        column([lesion.logit_change for lesion in lab.lesions], sign=True),
        column([lesion.probability_change for lesion in lab.lesions], sign=True),
        [lesion.top1.label.english for lesion in lab.lesions],
        column([row.ledger for row in lab.rows], sign=True)
        if lab.logit_attribution
        else ["–"] * len(lab.rows),
    ]
    header = ("block", "gradient ratio", "lesion: Δ logit", "Δ probability", "top class without it", "ledger")
    rows = [header, *zip(*columns, strict=True)]
    return aligned(rows, "lrrrlr", indent="  ")


def pairs_as_text(pairs: Sequence[DoubleLesion]) -> str:
    """How many pairs of blocks change the class, and the five of which the explained one loses most."""
    found = findings.pairs(pairs)
    worst = found.costliest[:5]
    rows = [("without", "and", "Δ logit", "Δ probability", "top class without them")]
    rows += zip(
        *zip(*(pair.blocks for pair in worst), strict=True),
        column([pair.logit_change for pair in worst], sign=True),
        column([pair.probability_change for pair in worst], sign=True),
        [pair.top1.label.english for pair in worst],
        strict=True,
    )
    return "\n".join(
        [
            f"Two blocks off at once: {found.changed} of {len(pairs)} pairs change the top class; what costs most:",
            *aligned(rows, "llrrl", indent="  "),
        ]
    )


def scores_as_text(scores: MapScores) -> str:
    """How far the heatmap can be believed, and the layers' table."""
    lines = [f"Left out, {name}: {reason}" for name, reason in scores.left_out.items()]
    if belief := scores.belief:
        rows: list[tuple[str, ...]] = [("", "deletion", "insertion")]
        rows += [
            (name, *(percent(curve.area) for curve in curves))
            for name, *curves in (
                ("this heatmap", belief.deletion, belief.insertion),
                ("the photo's centre", belief.centre_deletion, belief.centre_insertion),
            )
        ]
        lines += [
            f"How far Grad-CAM at {belief.layer} can be believed, areas under the curves:",
            *aligned(rows, "lrr", indent="  "),
            f"  sanity {_or_dash(belief.sanity)} (near 0 is better), stability {_or_dash(belief.stability)}",
            "",
        ]
    if scores.layers:
        layers = scores.layers.layers
        names = list(next(iter(layers.values())))
        table = [("layer", *(name.replace("_", " ") for name in names))]
        table += [(layer, *(_share(values[name]) for name in names)) for layer, values in layers.items()]
        table.append(("best", *(best_layers(layers).get(name, "–") for name in names)))
        lines += ["Which layer:", *aligned(table, "l" + "r" * len(names), indent="  ")]
    return "\n".join(lines).rstrip()


def _or_dash(value: float) -> str:
    return f"{value:.3f}".replace("-", MINUS) if math.isfinite(value) else "–"


def _share(value: float) -> str:
    return percent(value) if math.isfinite(value) else "–"
