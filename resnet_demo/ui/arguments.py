"""What a caller may write for each input of an endpoint, public or private: told by the component that takes it.

Gradio checks some of this, after the request has waited for its turn, and prints a traceback for what fails. Here all
of it is checked before the request is let into a queue.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gradio as gr

from resnet_demo.errors import ArgumentError, NotAnImageError, Phrase
from resnet_demo.ui.gate import admit_all
from resnet_demo.ui.limits import limits

Checks = Mapping[
    int, Callable[[str], Any]
]  # by a text box's id: raises one of our errors for a text it does not take


def require_arguments(function: Any, data: Sequence[Any], checks: Checks) -> None:
    """Check one request's `data` against the inputs of Gradio's `function`.

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
    for component, value in zip(inputs, values, strict=True):
        _require(component, value, checks)
    if function.api_visibility == "public" and inputs[0].label == "photo" and data[0] is None:
        raise NotAnImageError("A photo is needed. Received: none. Accepted: an image file.")


def _require(component: Any, value: Any, checks: Checks) -> None:
    name = component.label
    if isinstance(component, gr.State):
        return  # the session's, whatever a caller writes
    if isinstance(component, gr.Image):
        if not (value is None or (isinstance(value, dict) and isinstance(value.get("path"), str))):
            raise _refusal(name, Phrase("is a file"), value, Phrase('{"path": what /upload answered}'))
    elif isinstance(component, (gr.Number, gr.Slider)):
        _require_number(component, value)
    elif isinstance(component, gr.CheckboxGroup):
        known = [choice for _, choice in component.choices]
        if not isinstance(value, list) or len(value) > len(known) or any(v not in known for v in value):
            raise _refusal(name, Phrase("is a list"), value, ", ".join(map(str, known)))
    elif isinstance(component, (gr.Dropdown, gr.Radio)):
        _require_choice(component, value)
    elif isinstance(component, gr.Textbox):
        if not (value is None or (isinstance(value, str) and len(value) <= limits().text_letters)):
            raise _refusal(
                name, Phrase("is a text of at most so many letters"), value, f"≤ {limits().text_letters}"
            )
        if value and component._id in checks:
            checks[component._id](value)
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


def _require_choice(component: Any, value: Any) -> None:
    known = [choice for _, choice in component.choices]
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
