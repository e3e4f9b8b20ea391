"""Two blocks taken away at once: what the explained class loses without each pair."""

from __future__ import annotations

from collections.abc import Sequence

from resnet_demo.results import findings
from resnet_demo.results.laboratory import DoubleLesion, Lesion
from resnet_demo.views.cards import card, formula
from resnet_demo.views.colormaps import SIGNED
from resnet_demo.views.heat_table import Cell, heat_table
from resnet_demo.views.markup import Html
from resnet_demo.views.messages.words import Words
from resnet_demo.views.number_format import signed


def pairs_view(pairs: Sequence[DoubleLesion], lesions: Sequence[Lesion], label: str, words: Words) -> Html:
    """The square of all pairs, one block alone on its diagonal, with its finding.

    Args:
        pairs, lesions: of the same photo and class, at least one pair.
        label: the class's name.
    """
    names = [one.block for one in lesions]
    found: dict[frozenset[str], DoubleLesion | Lesion] = {frozenset(p.blocks): p for p in pairs}
    found |= {frozenset({one.block}): one for one in lesions}

    def cell(a: str, b: str) -> Cell:
        one = found[frozenset({a, b})]
        who = (
            one.block
            if isinstance(one, Lesion)
            else words("atlas_pair", **dict(zip("ab", one.blocks, strict=True)))
        )
        said = words("pairs_cell", who=who, change=signed(one.logit_change), top=words.class_of(one.top1))
        return Cell(one.logit_change, signed(one.logit_change), said)

    shown = findings.pairs(pairs)
    worst, changed = shown.costliest[0], shown.changed
    alone = [found[frozenset({name})].logit_change for name in worst.blocks]
    finding = words(
        "pairs_finding" if changed else "pairs_finding_none",
        changed=changed,
        pairs=len(pairs),
        label=label,
        who=words("atlas_pair", **dict(zip("ab", worst.blocks, strict=True))),
        change=signed(worst.logit_change),
        top=words.class_of(worst.top1),
    )
    limit = max(abs(one.logit_change) for one in found.values()) or 1.0
    line = words(
        "formula_pairs",
        a=worst.blocks[0],
        b=worst.blocks[1],
        one=signed(alone[0]),
        other=signed(alone[1]),
        sum=signed(sum(alone)),
        both=signed(worst.logit_change),
    )
    return card(
        words("pairs_title"),
        heat_table(
            [name.removeprefix("conv").replace("_block", ".") for name in names],
            [[cell(a, b) for b in names] for a in names],
            SIGNED,
            (-limit, limit),
            alt=words("pairs_alt", label=label),
            unit=words("pairs_unit"),
            small=True,
        ),
        formula(words, line),
        finding=finding,
        hint=words("pairs_hint"),
    )


def pairs_offer(words: Words) -> Html:
    """What would be told, and what it costs; the button stands below."""
    return card(words("pairs_title"), finding=words("pairs_ask"))
