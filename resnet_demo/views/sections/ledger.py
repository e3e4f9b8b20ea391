"""A logit taken apart: what each block adds, and where in the photo it found that."""

from __future__ import annotations

import numpy as np

from resnet_demo.results import findings
from resnet_demo.results.laboratory import LogitAttribution
from resnet_demo.views.cards import addition, card, formula
from resnet_demo.views.colormaps import SIGNED, colorbar, symmetric_range
from resnet_demo.views.compare_slider import CompareWords, compare_slider
from resnet_demo.views.markup import Html
from resnet_demo.views.messages.words import Words
from resnet_demo.views.number_format import number, percent, signed
from resnet_demo.views.pictures import encode_overlay
from resnet_demo.views.waterfall import LedgerItem, Order, waterfall, waterfall_table


def ledger_view(found: LogitAttribution, label: str, order: Order, selected: str, words: Words) -> Html:
    """The logit as a waterfall, its sum written out below."""
    first, share = findings.largest_entry(found)
    items = [
        LedgerItem(words("class_bias"), found.class_bias, "bias"),
        LedgerItem(words("stem"), found.stem, "stem"),
        LedgerItem(words("projection_biases"), found.projection_biases, "projection"),
        *(LedgerItem(e.block, e.contribution, "block", e.block) for e in found.entries),
        LedgerItem(words("remainder"), found.logit - found.sum, "remainder"),
    ]
    finding = words(
        "ledger_finding",
        label=label,
        logit=number(found.logit),
        block=first.block,
        value=signed(first.contribution),
        share=percent(share) if np.isfinite(share) else "–",
    )
    return card(
        words("ledger_title"),
        waterfall(items, found.logit, words.for_waterfall(), alt=finding, order=order, selected=selected),
        waterfall_table(items, words.for_waterfall(), order=order),
        formula(
            words,
            words(
                "formula_ledger",
                sum=addition(
                    [found.class_bias, found.stem, found.projection_biases, found.blocks], found.sum
                ),
                logit=number(found.logit, 7),
                rounding=signed(found.logit - found.sum, 2),
            ),
        ),
        finding=finding,
    )


def ledger_map_view(photo: str, found: LogitAttribution, block: str, label: str, words: Words) -> Html:
    """Where in the photo one block argued for or against the class."""
    entry = next(e for e in found.entries if e.block == block)
    positive, negative = findings.parts_by_sign(entry.map)
    finding = words(
        "ledger_map_finding",
        block=block,
        label=label,
        value=signed(entry.contribution),
        positive=signed(positive),
        negative=signed(negative),
        where=words.where(*findings.position_of_maximum(np.abs(entry.map))),
    )
    # Below a stride only every second position reaches the logit, so finer maps are dots; cells of 14×14 keep the sum.
    cells = in_cells(entry.map, (min(14, entry.map.shape[0]), min(14, entry.map.shape[1])))
    picture = signed_over_photo(photo, cells, finding, words("unit_logit_position"), words)
    line = words("formula_ledger_map", sum=addition([positive, negative], positive + negative))
    return card(words("ledger_map_title", block=block), picture, formula(words, line), finding=finding)


def in_cells(values: np.ndarray, cells: tuple[int, int]) -> np.ndarray:
    """A map (h, w) added up into fewer cells, float32 of shape `cells`; the sum stays."""
    for axis, count in enumerate(cells):
        size = values.shape[axis]
        values = np.add.reduceat(values, np.arange(count) * size // count, axis=axis)
    return values.astype(np.float32)


def signed_over_photo(
    photo: str,
    values: np.ndarray,
    alt: str,
    unit: str,
    words: Words,
    limits: tuple[float, float] | None = None,
) -> Html:
    """A signed map, (h, w), over the photo: green for the class, purple against it; `limits`: its own, if None."""
    limits = limits or symmetric_range(values)
    return compare_slider(
        photo,
        encode_overlay(values, (224, 224), *limits, SIGNED),
        CompareWords(words("before"), words("after_signed"), words("divider"), words("opacity")),
        alt=alt,
        colorbar=colorbar(SIGNED, *limits, unit=unit, label=alt),
    )
