"""The files that are kept of a photo."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import chain, groupby
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from resnet_demo.results import blocks_table, findings
from resnet_demo.results.analysis import Analysis
from resnet_demo.results.blocks import BlockProfile
from resnet_demo.results.dossier import Dossier
from resnet_demo.results.laboratory import LabTable
from resnet_demo.views.figures import (
    BlockMaps,
    LabBars,
    ProfileRow,
    block_maps_figure,
    feature_maps_figure,
    heatmap_figure,
    lab_figure,
    profile_figure,
    waterfall_figure,
)
from resnet_demo.views.number_format import chance, number, signed

Tracked = Callable[[Iterable[tuple[str, Figure]]], Iterable[tuple[str, Figure]]]

CHARTS = ("profile.png", "lab.png", "ledger.png")  # drawn with lines, so that they are written as SVG too


def write_files(
    folder: Path, found: Dossier, tracked: Tracked = iter, only: Collection[str] | None = None
) -> list[str]:
    """Write all of a photo's numbers, its maps and its figures; return the files' names.

    analysis.json, blocks.csv, arrays.npz, PNG figures of print quality, and the charts among them as SVG. The
    laboratory's figures come where it was asked.

    Args:
        tracked: goes over the figures, which take their time, and may tell how far it is.
        only: the PNG figures that are written, by file name; None for all.

    Raises:
        OSError: a file cannot be written.
    """
    analysis, lab = found.analysis, found.lab
    (folder / "analysis.json").write_text(json.dumps(found.numbers, indent=2) + "\n", encoding="utf-8")
    np.savez_compressed(folder / "arrays.npz", allow_pickle=False, **analysis.arrays())
    written = ["analysis.json", "arrays.npz"]
    if analysis.blocks:
        (folder / "blocks.csv").write_text(blocks_table.as_csv(blocks_table.rows(found)), encoding="utf-8")
        written.append("blocks.csv")
    figures = chain(_figures(analysis, found.photo), _lab_figures(analysis, lab) if lab else ())
    for name, figure in tracked(figures):
        if only is not None and name not in only:
            continue
        names = [name, name.replace(".png", ".svg")] if name in CHARTS else [name]
        for one in names:
            figure.savefig(folder / one, metadata={"Date": None} if one.endswith(".svg") else None)
        written += names
    return written


def _figures(analysis: Analysis, photo: np.ndarray) -> Iterator[tuple[str, Figure]]:
    """Each figure with its file name."""
    target = analysis.target
    yield (
        "heatmap.png",
        heatmap_figure(
            photo,
            analysis.gradcam.heatmap,
            f"What speaks for {target.label.english}",
            f"Grad-CAM at {analysis.gradcam.layer} · probability {chance(target.probability)} · "
            f"logit {number(target.logit)}",
        ),
    )
    for stage in analysis.stages:
        yield (
            f"features_{stage.name}.png",
            feature_maps_figure(
                stage.maps,
                [int(channel) for channel in stage.channels],
                [float(stage.means[channel]) for channel in stage.channels],
                f"What {stage.name} sees",
                f"the {len(stage.channels)} of its {stage.shape[-1]} channels with the largest mean "
                f"activation, {stage.shape[0]}×{stage.shape[1]} each, each on its own scale",
            ),
        )
    if analysis.blocks:
        rows = [_profile_row(block) for block in analysis.blocks]
        yield "profile.png", profile_figure(rows, "Shortcut against residual branch", _finding(analysis))
    for stage_name, blocks in groupby(analysis.blocks, key=lambda block: block.stage):
        yield (
            f"block_maps_{stage_name}.png",
            block_maps_figure(
                [_block_maps(block) for block in blocks],
                f"Shortcut and residual branch in {stage_name}",
                "root mean square over channels, one scale a block; share: blue where the shortcut is stronger, "
                "orange where the residual branch is",
            ),
        )


def _lab_figures(analysis: Analysis, lab: LabTable) -> Iterator[tuple[str, Figure]]:
    target, attribution = lab.target.label.english, lab.logit_attribution
    if not lab.rows:
        return
    yield (
        "lab.png",
        lab_figure(
            [row.block for row in lab.rows],
            [block.stage for block in analysis.blocks],
            [
                LabBars("ratio of rms", lab.column("ratio"), 0),
                LabBars("novelty", lab.column("novelty"), 0),
                LabBars("ratio of gradients", lab.column("gradient"), 0),
                LabBars("lesion: Δ logit", lab.column("lesion"), -1),
                LabBars("ledger", lab.column("ledger"), 1),
            ],
            f"What each block is worth for {target}",
            f"Spearman's ρ: ratio and lesion {_correlation(lab, 'ratio', 'lesion')}, "
            f"ratio and ledger {_correlation(lab, 'ratio', 'ledger')}, "
            f"lesion and ledger {_correlation(lab, 'lesion', 'ledger')}; "
            "a lesion that lowers the logit tells of a block that helps",
        ),
    )
    if attribution is None:
        return
    largest, _ = findings.largest_entry(attribution)
    yield (
        "ledger.png",
        waterfall_figure(
            [
                ("class bias", attribution.class_bias),
                ("stem", attribution.stem),
                ("projection biases", attribution.projection_biases),
                *((entry.block, entry.contribution) for entry in attribution.entries),
            ],
            f"The logit of {target}, block by block",
            f"{largest.block} moves it most, by {signed(largest.contribution)}; the sum differs from the logit "
            f"by {number(attribution.error, 1)}, which is rounding",
        ),
    )


def _correlation(lab: LabTable, first: str, second: str) -> str:
    value = lab.correlation(first, second)
    return signed(value, 2) if math.isfinite(value) else "–"


def _finding(analysis: Analysis) -> str:
    """What the profile says of this photo, in a sentence."""
    found = findings.profile(analysis.blocks)
    sentence = (
        f"The residual branch is larger than the shortcut in {found.count} of {len(analysis.blocks)} blocks"
    )
    if found.most:
        sentence += (
            f"; compared with it, it is largest in {found.most.name}, {number(found.times)} times its size"
        )
    return sentence


def _profile_row(block: BlockProfile) -> ProfileRow:
    return ProfileRow(
        name=block.name,
        stage=block.stage,
        kind=block.kind,
        shortcut=block.shortcut.mean_magnitude,
        residual=block.residual.mean_magnitude,
        novelty=block.novelty,
        closed_gates=block.closed_gates,
    )


def _block_maps(block: BlockProfile) -> BlockMaps:
    return BlockMaps(
        name=block.name,
        kind=block.kind,
        shortcut=block.shortcut_map,
        residual=block.residual_map,
        sum=block.sum_map,
        output=block.output_map,
        share=block.share_map,
    )
