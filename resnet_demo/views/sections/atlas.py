"""What is typical of a network: its atlas, class by class, and the photo on screen in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from resnet_demo.results import findings
from resnet_demo.results.belief import best_layers
from resnet_demo.results.blocks import BlockProfile
from resnet_demo.views.bands import Band, bands
from resnet_demo.views.cards import card, figure_of
from resnet_demo.views.chart import number_table, table
from resnet_demo.views.colormaps import HEAT, SIGNED
from resnet_demo.views.heat_table import Cell, heat_table
from resnet_demo.views.markup import Html, element
from resnet_demo.views.messages.words import Words
from resnet_demo.views.number_format import number, percent

# A quantity's name in the atlas -> its words.
QUANTITY_TITLES = {
    "ratio": "column_ratio",
    "novelty": "column_novelty",
    "closed_gates": "closed_gates",
    "gradient": "column_gradient",
    "lesion": "column_lesion",
    "ledger": "column_ledger",
    "as_it_forms": "atlas_forming",
}
COMMAND = """python -m resnet_demo atlas DATA --weights WEIGHTS --lab --out atlas.json
RESNET_DEMO_ATLAS=atlas.json python -m resnet_demo serve --weights WEIGHTS"""
OF_THE_PHOTO = ("ratio", "novelty", "closed_gates")  # what the overview has measured already
AGREEING = ("ratio", "novelty", "gradient", "lesion", "ledger")
SCORE_TITLES = {
    "pointing": "score_pointing",
    "energy": "score_energy",
    "insertion": "score_insertion",
    "deletion": "score_deletion",
    "average_drop": "score_average_drop",
    "increase": "score_increase",
    "sanity": "score_sanity",
    "stability": "score_stability",
}


def no_atlas_view(weights: str, words: Words) -> Html:
    """What stands there for weights of which no atlas is at hand: how to make one."""
    return card(
        words("atlas_title"),
        element("pre", COMMAND, class_="re-formula"),
        finding=words("atlas_none", weights=weights),
        hint=words("atlas_none_hint"),
    )


def typical_view(
    atlas: dict[str, Any],
    of_class: int | None,
    label: str,
    quantity: str,
    blocks: Sequence[BlockProfile],
    words: Words,
) -> Html:
    """The typical profile of one quantity, of all photos or of one class, and the photo's own values in it.

    Args:
        of_class: the class's index; None for all photos.
        label: what that is called.
        blocks: the photo's profile; empty without a photo.
    """
    images, ranges = _ranges(atlas, of_class, quantity)
    whole = [(low, high) for low, high, _ in _ranges(atlas, None, quantity)[1]]
    names = [block["name"] for block in atlas["blocks"]]
    own = {b.name: getattr(b, quantity) for b in blocks} if quantity in OF_THE_PHOTO else {}
    rows = [
        Band(
            name,
            name.partition("_")[0],
            low,
            high,
            mean,
            of if of_class is not None else None,
            _finite(own.get(name)),
        )
        for name, (low, high, mean), of in zip(names, ranges, whole, strict=True)
    ]
    means = {row.name: row.mean for row in rows}
    most, least = findings.extremes(means)
    what = words(QUANTITY_TITLES[quantity])
    finding = words(
        "atlas_finding",
        quantity=what,
        images=images,
        label=label,
        most=most,
        high=number(means[most]),
        least=least,
        low=number(means[least]),
    )
    band = words("atlas_band" if of_class is None else "atlas_deviation")
    keys = [("rx-fill-range", band), ("rx-fill-mean", words("atlas_mean"))]
    if of_class is not None:
        keys.append(("rx-fill-whole", words("atlas_whole")))
    if own:
        keys.append(("rx-fill-own", words("typical_yours")))
    head = [words("block"), words("atlas_mean"), band, words("typical_yours")]
    return card(
        words("atlas_title"),
        bands(rows, keys=keys, label=words("atlas_row"), alt=finding),
        number_table(words("as_table"), head, [_written(row) for row in rows]),
        finding=finding,
        hint=words("atlas_band_hint"),
    )


def _written(row: Band) -> list[str]:
    """A row of the table: name, mean, range, and the photo's own value."""
    own = "–" if row.own is None else number(row.own)
    return [row.name, number(row.mean), f"{number(row.low)} – {number(row.high)}", own]


def _ranges(
    atlas: dict[str, Any], of_class: int | None, quantity: str
) -> tuple[int, list[tuple[float, float, float]]]:
    """How many photos, and each block's low, high and mean: percentiles of all photos, mean ± deviation of a class."""
    if of_class is None:
        found = [block[quantity] for block in atlas["blocks"]]
        return atlas["images"], [(q["quantiles"]["0.05"], q["quantiles"]["0.95"], q["mean"]) for q in found]
    one = next(c for c in atlas["classes"] if c["index"] == of_class)
    pairs = zip(one[quantity]["mean"], one[quantity]["std"], strict=True)
    return one["images"], [(mean - std, mean + std, mean) for mean, std in pairs]


def _finite(value: float | None) -> float | None:
    return value if value is not None and np.isfinite(value) else None


def unusual_view(atlas: dict[str, Any], blocks: Sequence[BlockProfile], words: Words) -> Html:
    """In which blocks the photo on screen is not as nine of ten are."""
    known = {block["name"]: block for block in atlas["blocks"]}
    rows = [
        [
            block.name,
            words(QUANTITY_TITLES[name]),
            figure_of(getattr(block, name)),
            " – ".join(figure_of(known[block.name][name]["quantiles"][q]) for q in ("0.05", "0.95")),
        ]
        for block in blocks
        for name in OF_THE_PHOTO
        if np.isfinite(getattr(block, name))
        and findings.unusual(getattr(block, name), known[block.name][name])
    ]
    count = len(OF_THE_PHOTO) * len(blocks)
    expected = round(count / 10)
    finding = words("atlas_unusual", unusual=len(rows), count=count, expected=expected)
    head = [words(key) for key in ("block", "quantity", "typical_yours", "typical_range")]
    return card(words("atlas_unusual_title"), table(head, rows) if rows else "", finding=finding)


def agreement_view(atlas: dict[str, Any], words: Words) -> Html:
    """Which quantities put the blocks in the same order."""
    known = atlas["correlations"]

    def cell(a: str, b: str) -> Cell | None:
        one = known.get(f"{a}/{b}") or known.get(f"{b}/{a}")
        if one is None:
            return None
        written = f"{figure_of(one['mean'], 2)} ± {figure_of(one['std'], 2)}"
        return Cell(
            one["mean"], written, f"{words(QUANTITY_TITLES[a])} – {words(QUANTITY_TITLES[b])}: {written}"
        )

    shown = [name for name in AGREEING if any(name in pair.split("/") for pair in known)]
    strongest, weakest = findings.extremes({pair: abs(one["mean"]) for pair, one in known.items()})
    said = [
        words(
            "atlas_pair", **dict(zip("ab", (words(QUANTITY_TITLES[n]) for n in pair.split("/")), strict=True))
        )
        for pair in (strongest, weakest)
    ]
    finding = words(
        "atlas_agree_finding",
        strongest=said[0],
        rho=figure_of(known[strongest]["mean"], 2),
        weakest=said[1],
        least=figure_of(known[weakest]["mean"], 2),
    )
    return card(
        words("atlas_agree_title"),
        heat_table(
            [words(QUANTITY_TITLES[name]) for name in shown],
            [[cell(a, b) for b in shown] for a in shown],
            SIGNED,
            (-1.0, 1.0),
            alt=words("atlas_agree_alt", images=atlas["images"]),
            unit="ρ",
        ),
        finding=finding,
        hint=words("atlas_agree_hint"),
    )


def lesions_view(atlas: dict[str, Any], words: Words) -> Html:
    """How often the network is still right without each block, and without each pair."""
    found, intact = atlas["lesions"], atlas["top1"]
    without, pairs = found["without"], found["without_pairs"]
    harmless, worst = findings.extremes(without)
    _, pair = findings.extremes(pairs)
    finding = words(
        "atlas_lesion_finding",
        images=found["images"],
        intact=percent(intact),
        worst=worst,
        low=percent(without[worst]),
        harmless=harmless,
        high=percent(without[harmless]),
        pair=words("atlas_pair", **dict(zip("ab", pair.split("/"), strict=True))),
        lowest=percent(pairs[pair]),
    )
    rows = [
        Band(name, name.partition("_")[0], 100 * min(share, intact), 100 * max(share, intact), 100 * share)
        for name, share in without.items()
    ]
    names = list(without)

    def cell(a: str, b: str) -> Cell | None:
        share = without[a] if a == b else pairs.get(f"{a}/{b}", pairs.get(f"{b}/{a}"))
        names_ = a if a == b else f"{a}, {b}"
        return None if share is None else Cell(100 * share, percent(share), f"{names_}: {percent(share)}")

    shares = [*without.values(), *pairs.values()]
    return card(
        words("atlas_lesion_title"),
        bands(
            rows,
            keys=[
                ("rx-fill-mean", words("atlas_lesion_right")),
                ("rx-fill-range", words("atlas_lesion_change")),
            ],
            label=words("atlas_lesion_row"),
            alt=finding,
        ),
        number_table(
            words("as_table"),
            [words("block"), words("atlas_lesion_right")],
            [[name, percent(share)] for name, share in (without | pairs).items()],
        ),
        element("h4", words("atlas_pairs_title")),
        heat_table(
            [_short(name) for name in names],
            [[cell(a, b) for b in names] for a in names],
            HEAT,
            (100 * min(shares), 100 * max(shares)),
            alt=words("atlas_pairs_alt"),
            unit=words("atlas_lesion_right"),
            small=True,
        ),
        finding=finding,
    )


def _short(name: str) -> str:
    return name.removeprefix("conv").replace("_block", ".")


def scores_view(atlas: dict[str, Any], words: Words) -> Html:
    """Which layer's heatmaps score best over the data set."""
    layers = atlas["scores"]["gradcam"]
    best = _best(layers)
    names = [name for name in SCORE_TITLES if any(name in values for values in layers.values())]
    rows = [
        [layer, *(_share(values.get(name), best.get(name) == layer) for name in names)]
        for layer, values in layers.items()
    ]
    said = words("list_and").join(
        words("layers_prefers", score=words(SCORE_TITLES[name]), layer=best[name])
        for name in names
        if name in best
    )
    return card(
        words("atlas_scores_title"),
        table([words("layer_column"), *(words(SCORE_TITLES[name]) for name in names)], rows),
        finding=words("atlas_scores_finding", images=atlas["images"], said=said),
        hint=words("atlas_scores_hint"),
    )


def _best(layers: dict[str, dict[str, dict[str, float]]]) -> dict[str, str]:
    return best_layers(
        {layer: {n: one["mean"] for n, one in values.items()} for layer, values in layers.items()}
    )


def _share(one: dict[str, float] | None, best: bool) -> Html | str:
    if one is None or one["mean"] is None:
        return "–"
    written = f"{figure_of(one['mean'], 2)} ± {figure_of(one['std'], 2)}"
    return element("strong", written) if best else written
