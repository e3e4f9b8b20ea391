"""What a report shows of each measure, by the measure's name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from resnet_demo.results.dossier import Dossier
from resnet_demo.views.cards import card
from resnet_demo.views.markup import Html, element, join
from resnet_demo.views.messages.words import Words
from resnet_demo.views.sections import laboratory
from resnet_demo.views.sections.belief import belief_view, layers_view
from resnet_demo.views.sections.block import block_view
from resnet_demo.views.sections.forming import forming_view
from resnet_demo.views.sections.ledger import ledger_map_view, ledger_view
from resnet_demo.views.sections.overview import classes_view, heatmap_view, profile_view
from resnet_demo.views.sections.pairs import pairs_view
from resnet_demo.views.sections.river import river_view
from resnet_demo.views.sections.stages import grid_view


@dataclass(frozen=True)
class Look:
    """What a section draws: everything of a photo, the photo's address, and in which words.

    `brief` leaves out what says in another picture what is there already.
    """

    found: Dossier
    photo: str
    words: Words
    brief: bool = False

    @property
    def label(self) -> str:
        """The explained class's name."""
        return self.words.class_of(self.found.analysis.target)


def _classes(at: Look) -> list[Html]:
    return [classes_view(at.found.analysis, at.words, pickable=False)]


def _gradcam(at: Look) -> list[Html]:
    cam = at.found.analysis.gradcam
    layer = next((b.name for b in at.found.analysis.blocks if b.name == at.found.block), cam.layer)
    scores = at.found.scores
    shown = [heatmap_view(at.photo, cam, at.label, layer, at.words)]
    if scores.belief is not None:
        shown.append(belief_view(scores.belief, at.label, at.words))
    if scores.layers is not None:
        shown.append(layers_view(scores.layers, at.label, layer, at.words, shows_maps=False))
    return shown


def _blocks(at: Look) -> list[Html]:
    blocks, block = at.found.analysis.blocks, at.found.block
    if not blocks:
        return [river_view(blocks, None, at.words)]  # says so
    river = element("div", river_view(blocks, block, at.words), class_="re-wide")
    if at.brief:
        return [river]
    bars = profile_view(blocks, "mean_magnitude", block, at.words, title=at.words("report_profile"))
    return [river, bars]


def each_block(at: Look) -> list[Html]:
    """Every block opened, folded up; nothing where there are none."""
    network = at.found.network
    opened = [
        element(
            "details",
            element("summary", block.name),
            block_view(block, at.words, rectified=block.name in network.rectified, atlas=at.found.atlas),
            data_of_block=block.name,
        )
        for block in at.found.analysis.blocks
    ]
    return (
        [card(at.words("report_blocks"), join(opened), hint=at.words("report_blocks_hint"))] if opened else []
    )


def _feature_maps(at: Look) -> list[Html]:
    grids = [
        element("details", element("summary", maps.name), grid_view(maps, "each", at.words))
        for maps in at.found.analysis.stages
    ]
    return [card(at.words("tab_stages"), join(grids))]


def _ledger(at: Look) -> list[Html]:
    lab, block = at.found.lab, at.found.block
    if lab is None or lab.logit_attribution is None or block is None:
        return []
    return [
        ledger_view(lab.logit_attribution, at.label, "network", block, at.words),
        ledger_map_view(at.photo, lab.logit_attribution, block, at.label, at.words),
    ]


def _split(at: Look) -> list[Html]:
    return [laboratory.split_view(at.photo, at.found.split, at.label, at.words)] if at.found.split else []


def _gradients(at: Look) -> list[Html]:
    lab, block = at.found.lab, at.found.block
    if lab is None or block is None or not lab.gradients:
        return []
    return [laboratory.gradients_view(lab.gradients, lab, block, at.words)]


def _forming(at: Look) -> list[Html]:
    lab = at.found.lab
    if lab is None or lab.as_it_forms is None:
        return []
    names = {p.index: at.words.class_of(p) for p in at.found.ranked}
    blocks = at.found.analysis.blocks
    return [
        forming_view(
            lab.as_it_forms, lab.logit_attribution, blocks, names.__getitem__, at.found.block, at.words
        )
    ]


def _lesion(at: Look) -> list[Html]:
    lab, block = at.found.lab, at.found.block
    if lab is None or block is None or not (lab.lesions and lab.gradients):
        return []
    table = laboratory.lab_table_view(lab, at.label, block, at.words)
    wide = element("div", table, class_="re-wide")
    return [wide] if at.brief else [wide, laboratory.scatter_view(lab, "ratio", "lesion", block, at.words)]


def _pairs(at: Look) -> list[Html]:
    lab = at.found.lab
    if not at.found.pairs or lab is None or not lab.lesions:
        return []
    return [element("div", pairs_view(at.found.pairs, lab.lesions, at.label, at.words), class_="re-wide")]


# In the order in which they are read; what says nothing of this photo is left out.
SECTIONS: dict[str, Callable[[Look], list[Html]]] = {
    "classes": _classes,
    "gradcam": _gradcam,
    "as_it_forms": _forming,
    "blocks": _blocks,
    "ledger": _ledger,
    "split_gradcam": _split,
    "gradients": _gradients,
    "lesion": _lesion,
    "double_lesion": _pairs,
    "feature_maps": _feature_maps,
}

# Measures that answer to what is chosen on the page; a report chooses nothing.
ON_THE_PAGE_ALONE = frozenset({"gates", "attribution"})
