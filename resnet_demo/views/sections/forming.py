"""The answer as it forms, on one photo: the classes after each block, and the two sums that lead to the logit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from resnet_demo.results import findings
from resnet_demo.results.blocks import BlockProfile
from resnet_demo.results.laboratory import AsItForms, LogitAttribution
from resnet_demo.views.as_it_forms import FormingClass, FormingStep, as_it_forms, as_it_forms_table
from resnet_demo.views.cards import card, formula
from resnet_demo.views.markup import Html, element
from resnet_demo.views.messages.words import Words
from resnet_demo.views.number_format import chance, number


def forming_view(
    found: AsItForms,
    ledger: LogitAttribution | None,
    blocks: Sequence[BlockProfile],
    name_of: Callable[[int], str],
    selected: str | None,
    words: Words,
) -> Html:
    """The picture with its finding, its table and its last sums.

    Args:
        found: of the explained class.
        ledger: of the same class; None where the network has none.
        blocks: the network's, in their order.
        name_of: a class's name by its index.
    """
    running = findings.running_sum(ledger) if ledger else None
    steps = [
        FormingStep(
            name=blocks[s.blocks - 1].name if s.blocks else words("stem"),
            block=blocks[s.blocks - 1].name if s.blocks else None,
            stage=blocks[s.blocks - 1].stage if s.blocks else words("stem"),
            top=words.class_of(s.top1),
            logit=s.logit,
            running=running[s.blocks] if running else None,
        )
        for s in found.steps
    ]
    shown = [found.target, *findings.rivals(found)]
    classes = [FormingClass(name_of(i), found.probabilities[:, i].tolist()) for i in shown]
    finding = forming_finding(found, [step.name for step in steps], words)
    lead = findings.takes_the_lead(found) or None  # from the start on there is no place to mark
    return card(
        words("forming_title"),
        as_it_forms(steps, classes, words.for_forming(), alt=finding, lead=lead, selected=selected),
        as_it_forms_table(steps, classes, words.for_forming()),
        _sums(found, running, words),
        finding=finding,
        hint=words("forming_hint"),
    )


def forming_offer(words: Words) -> Html:
    """What would be told, and what it costs; the button stands below."""
    return card(words("forming_title"), finding=words("forming_ask"))


def forming_finding(found: AsItForms, names: Sequence[str], words: Words) -> str:
    """Which block has the final answer take the lead for good; `names` of l = 0 … L."""
    final, lead = found.steps[-1].top1, findings.takes_the_lead(found)
    key = "forming_finding" if lead else "forming_from_the_start"
    said = words(
        key,
        label=words.class_of(final),
        block=names[lead],
        lead=lead,
        blocks=len(found.steps) - 1,
        before=words.class_of(found.steps[max(lead - 1, 0)].top1),
        percent=chance(float(found.probabilities[lead, final.index])),
        final=chance(final.probability),
    )
    if found.target != final.index:
        said += " " + words("forming_other", percent=chance(found.steps[-1].probability))
    return said


def _sums(found: AsItForms, running: list[float] | None, words: Words) -> Html:
    """Both roads at their two ends."""
    first, last = found.steps[0].logit, found.steps[-1].logit
    lines = [
        words("formula_forming", first=number(first, 5), last=number(last, 5), blocks=len(found.steps) - 1)
    ]
    if running:
        lines.append(
            words(
                "formula_running",
                first=number(running[0], 5),
                last=number(running[-1], 5),
                logit=number(last, 5),
            )
        )
    return element("div", formula(words, *lines))
