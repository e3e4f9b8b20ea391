"""What a network's outputs mean: which activation makes probabilities of its logits, and how that is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from resnet_demo.errors import OptionError
from resnet_demo.networks.reasons import Reason

Activation = Literal["softmax", "sigmoid", "none"]
ACTIVATIONS: tuple[Activation, ...] = get_args(Activation)

# Hugging Face's config.json.
PROBLEMS: dict[str, Activation] = {
    "single_label_classification": "softmax",
    "multi_label_classification": "sigmoid",
    "regression": "none",
}


@dataclass(frozen=True)
class Outputs:
    """What a network's outputs mean, and how that is known.

    Attributes:
        activation: "softmax": one of the classes, probabilities add up to 1 · "sigmoid": each class for itself, yes
            or no · "none": scores, of which no probabilities are made.
        source: "model": the activation in the file · "told": by the user · "metadata": in the file or beside it ·
            "assumed": what is usual for so many units.
        origin: who says so: an option or a file; of "model", the activation's name there; "" of "metadata" for weights
            of ours and Keras' official ones.
        is_question: one unit answers one question; its two labels are no and yes, whose logits are −z and z.
        warnings: what looks wrong.
    """

    activation: Activation
    source: Literal["model", "told", "metadata", "assumed"]
    origin: str = ""
    is_question: bool = False
    warnings: tuple[Reason, ...] = ()

    @property
    def kind(self) -> str:
        """What they are: "question", "several" (questions), "softmax" or "none"."""
        if self.activation == "sigmoid":
            return "question" if self.is_question else "several"
        return self.activation

    @property
    def reason(self) -> Reason:
        """How it is known, in a sentence."""
        known = self.source == "metadata" and not self.origin
        return Reason(
            "outputs_known" if known else f"outputs_{self.source}",
            {"origin": self.origin, "activation": self.activation},
        )

    def numbers(self) -> dict[str, Any]:
        """All of it as plain JSON types."""
        return {
            "activation": self.activation,
            "kind": self.kind,
            "source": self.source,
            "origin": self.origin,
            "warnings": [str(warning) for warning in self.warnings],
        }


ONE_OF_THE_CLASSES = Outputs("softmax", "assumed")  # of a network of which nothing is said


def settle_outputs(
    units: int,
    in_file: str | None = None,
    override: tuple[str, str] | None = None,
    problem: str | None = None,
) -> Outputs:
    """Settle what outputs mean: what the user says, the activation in the file, config.json, what is usual.

    Args:
        units: how many logits the network gives; 0 without a head.
        in_file: the name of the activation at the network's end; None where there is none, which may mean that its
            outputs are logits, as in PyTorch.
        override: what the user says, and how.
        problem: the "problem_type" of a Hugging Face config.json.

    Raises:
        OptionError: the user says an activation that there is not.
    """
    if override:
        if override[0] not in ACTIVATIONS:
            raise OptionError(
                "There is no such activation. Received: {activation!r}. Accepted: {accepted}.",
                activation=override[0],
                accepted=", ".join(ACTIVATIONS),
            )
        found = Outputs(_named(override[0]), "told", override[1])
    elif in_file:
        found = Outputs(_named(in_file), "model", in_file)
    elif problem in PROBLEMS:
        found = Outputs(PROBLEMS[problem], "metadata", "config.json")
    else:
        found = Outputs("none" if not units else "sigmoid" if units == 1 else "softmax", "assumed")
    warnings = []
    if units == 1 and found.activation == "softmax":
        warnings.append(Reason("outputs_constant"))
    if in_file and in_file not in ACTIVATIONS and not override:
        warnings.append(Reason("outputs_other", {"activation": in_file}))
    return replace(found, is_question=units == 1 and found.activation == "sigmoid", warnings=tuple(warnings))


def _named(name: str) -> Activation:
    """The activation of this name; "none" for another, of which no probabilities can be made."""
    return next((activation for activation in ACTIVATIONS if activation == name), "none")
