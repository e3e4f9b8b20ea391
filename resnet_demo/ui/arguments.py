"""What a caller may write for each input of an endpoint, public or private: told by the component that takes it.

Gradio checks some of this, after the request has waited for its turn, and prints a traceback for what fails. Here all
of it is checked before the request is let into a queue.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import gradio as gr

from resnet_demo.errors import ArgumentError, NotAnImageError, Phrase
from resnet_demo.ui.gate import admit_all
from resnet_demo.ui.limits import limits
from resnet_demo.ui.visitors import OF_NETWORK


def completed(function: Any, data: Sequence[Any]) -> list[Any]:
    """The request's data with what an endpoint's caller left out at its end, as it is without a word about it."""
    missing = list(function.inputs)[len(data) :]
    left_out = tuple(block.label for block in missing)
    whole = function.api_visibility == "public" and left_out == OF_NETWORK
    return [*data, *(block.value for block in missing)] if whole else list(data)


def require_arguments(function: Any, data: Sequence[Any], page: Any) -> None:
    """Check one request's `data` against the inputs of Gradio's `function`, for the network that the request names.

    What depends on a network that has yet to be loaded is left to the function itself: nobody waits here.

    Args:
        page: the `GatedBlocks` whose function it is; its `checks` and `choices` say what some inputs take.

    Raises:
        ArgumentError: too few or too many values, or one of another type or outside its range.
        FileNotAdmittedError, ImageTooLargeError: a path that the gate refuses.
        NotAnImageError: an endpoint of the API without its photo.
        UnknownNameError: a class or a layer that there is not.
    """
    admit_all(list(data))
    inputs = [block for block in function.inputs if not block.skip_api]
    values = data
    if len(data) == len(function.inputs):
        inputs = function.inputs
    elif len(data) != len(inputs):
        raise ArgumentError(
            "An endpoint takes a value for each of its inputs. Received: {count_of_data}. Accepted: "
            "{count_of_inputs}.",
            count_of_data=len(data),
            count_of_inputs=len(inputs),
        )
    with page.answering(inputs, values) as at_hand:
        for component, value in zip(inputs, values, strict=True):
            _require(component, value, page, at_hand)
    if function.api_visibility == "public" and inputs[0].label == "photo" and data[0] is None:
        raise NotAnImageError("A photo is needed. Received: none. Accepted: an image file.")


def _require(component: Any, value: Any, page: Any, at_hand: bool) -> None:
    name = component.label
    if isinstance(component, gr.State):
        return  # the session's, whatever a caller writes
    if isinstance(component, gr.Image):
        if not (value is None or (isinstance(value, dict) and isinstance(value.get("path"), str))):
            raise _refusal(name, Phrase("is a file"), value, Phrase('{"path": what /upload answered}'))
    elif isinstance(component, (gr.Number, gr.Slider)):
        _require_number(component, value)
    elif isinstance(component, gr.CheckboxGroup):
        known = _known(component, page, at_hand, value if isinstance(value, list) else [])
        if not isinstance(value, list) or len(value) > len(known) or any(v not in known for v in value):
            raise _refusal(name, Phrase("is a list"), value, ", ".join(map(str, known)))
    elif isinstance(component, (gr.Dropdown, gr.Radio)):
        _require_choice(component, value, _known(component, page, at_hand, [value]))
    elif isinstance(component, gr.Textbox):
        if not (value is None or (isinstance(value, str) and len(value) <= limits().text_letters)):
            raise _refusal(
                name, Phrase("is a text of at most so many letters"), value, f"≤ {limits().text_letters}"
            )
        if value and at_hand and component._id in page.checks:
            page.checks[component._id](value)
    else:
        raise TypeError(f"{type(component).__name__} is an input, and nothing says what it takes")


def _require_number(component: Any, value: Any) -> None:
    whole = component.precision == 0
    low, high = component.minimum, component.maximum
    if (
        not isinstance(value, (int, float))
        or isinstance(value, bool)
        or not low <= value <= high  # nor is NaN
        or (whole and value != math.floor(value))
    ):
        kind = Phrase("is a whole number") if whole else Phrase("is a number")
        raise _refusal(component.label, kind, value, f"{low}–{high}")


def _known(component: Any, page: Any, at_hand: bool, values: list[Any]) -> list[Any]:
    """What a chooser takes; of the choices of a network that is not at hand, whatever short values are written."""
    if component._id not in page.choices:
        return [choice for _, choice in component.choices]
    if at_hand:
        return list(page.choices[component._id]())
    return [
        v for v in values if isinstance(v, int) or (isinstance(v, str) and len(v) <= limits().text_letters)
    ]


def _require_choice(component: Any, value: Any, known: list[Any]) -> None:
    optional = isinstance(component, gr.Dropdown)
    if (value is None and optional) or (not isinstance(value, (bool, list, dict)) and value in known):
        return
    few = ", ".join(map(str, known[:40])) + (", …" if len(known) > 40 else "")
    raise _refusal(component.label, Phrase("is one of its choices"), value, few)


def _refusal(name: str, what: str, value: Any, accepted: str) -> ArgumentError:
    received = repr(value)
    received = received if len(received) <= 60 else f"{received[:60]}…"
    return ArgumentError(
        "`{name}` {what}. Received: {received}. Accepted: {accepted}.",
        name=name,
        what=what,
        received=received,
        accepted=accepted,
    )
