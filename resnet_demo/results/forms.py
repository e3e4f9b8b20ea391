"""The laboratory's measures for callers: what each is asked, and its record as JSON.

A measure that stands here takes a photo and a class. It has an endpoint of its name, which is a tool for other programs
too, and is in `analysis.json` with `--lab`; one that is measured on demand alone, with an option of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from resnet_demo.results import json_form


@dataclass(frozen=True)
class Form:
    """One measure for callers.

    Attributes:
        write: makes plain JSON types of its record.
        does: what is measured, in a sentence.
        gives: what the JSON holds.
    """

    write: Callable[[Any], Any]
    does: str
    gives: str


# By the measure's NAME.
FORMS: dict[str, Form] = {
    "lesion": Form(
        json_form.lesions,
        "Switch the residual branch of each block off, one at a time, and measure what a class loses.",
        "A list of blocks: change of the class's logit and probability, and the new top class.",
    ),
    "double_lesion": Form(
        json_form.double_lesions,
        "Switch the residual branches of two blocks off at once, every two in turn: about forty forward passes.",
        "A list of pairs of blocks: change of the class's logit and probability, and the new top class's index.",
    ),
    "gradients": Form(
        json_form.gradients,
        "Split the gradient that reaches each block's input between shortcut and residual branch.",
        "A list of blocks: root mean squares of both parts and of the whole, their cosine, the share of closed gates.",
    ),
    "ledger": Form(
        json_form.logit_attribution,
        "Take a class's logit apart: what each residual block, the stem and the biases add to it.",
        "The logit, and its parts, which add up to it.",
    ),
    "as_it_forms": Form(
        json_form.as_it_forms,
        "Tell what the network would say of a class if only its first blocks spoke, for none of them to all.",
        "A list by the number of blocks: the class's logit and probability, and the top class's index.",
    ),
}
