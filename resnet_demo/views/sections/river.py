"""What each block adds, as a river: the network from left to right, as it is on one photo."""

from __future__ import annotations

from collections.abc import Sequence

from resnet_demo.results import findings
from resnet_demo.results.blocks import BlockProfile
from resnet_demo.results.laboratory import LogitAttribution
from resnet_demo.views.cards import card, empty, figure_of
from resnet_demo.views.markup import Html
from resnet_demo.views.messages.words import Words
from resnet_demo.views.number_format import signed, signed_percent
from resnet_demo.views.river import RiverBlock, river, river_table


def river_view(
    blocks: Sequence[BlockProfile],
    selected: str | None,
    words: Words,
    ledger: LogitAttribution | None = None,
) -> Html:
    """The river with its finding and its table.

    Args:
        ledger: what each block adds to the logit, if the branches are to be coloured by it.
    """
    if not blocks:
        return card(words("profile_title"), empty(words, "profile_none"))
    streams = [river_block(b) for b in blocks]
    finding = river_finding(blocks, words)
    contributions = {e.block: e.contribution for e in ledger.entries} if ledger else None
    if ledger:
        most, _ = findings.largest_entry(ledger)
        finding = words("river_ledger_finding", block=most.block, value=signed(most.contribution))
    picture = river(
        streams,
        words.for_river(),
        alt=finding,
        stage_notes={b.stage: "×".join(map(str, b.shape)) for b in blocks},
        ledger=contributions,
        selected=selected,
    )
    numbers = river_table(streams, words.for_river(), contributions)
    return card(words("profile_title"), picture, numbers, finding=finding, hint=words("profile_hint"))


def river_block(block: BlockProfile) -> RiverBlock:
    """What of a block flows."""
    return RiverBlock(
        block.name,
        block.stage,
        block.kind,
        block.shortcut.rms,
        block.residual.rms,
        block.sum.rms,
        block.output.rms,
        block.energy.cross,
    )


def river_finding(blocks: Sequence[BlockProfile], words: Words) -> str:
    """Where the residual branch is widest beside its shortcut, and where the two cancel or agree."""
    found, meet = findings.profile(blocks), findings.cross_terms(blocks)
    said = words(
        "profile_finding",
        largest=found.largest.name,
        high=figure_of(found.largest.ratio),
        smallest=found.smallest.name,
        low=figure_of(found.smallest.ratio),
    )
    if meet.cancels and meet.cancels.energy.cross < 0:
        said += " " + words(
            "river_cancels",
            count=meet.cancelling,
            blocks=len(blocks),
            block=meet.cancels.name,
            share=signed_percent(meet.cancels.energy.cross),
        )
    return said
