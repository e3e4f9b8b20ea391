"""The walk: ten claims about residual networks, one a step, each checked on the spot."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Hashable
from dataclasses import replace
from typing import Any

import gradio as gr

from resnet_demo.assets import EXAMPLES
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import ArchitectureError, BusyError, ResNetDemoError
from resnet_demo.learn.steps import STEPS, Step
from resnet_demo.learn.subject import Progress, Subject
from resnet_demo.measures.requirements import lacking
from resnet_demo.photos.decoding import Photo, read_photo
from resnet_demo.ui.examples import examples_for
from resnet_demo.ui.lanes import HEAVY
from resnet_demo.ui.limits import limits
from resnet_demo.ui.page_parts import PageParts, picked, private
from resnet_demo.views.cards import error_card
from resnet_demo.views.learn import walk
from resnet_demo.views.markup import Html, join
from resnet_demo.views.messages.words import Words

KEYS = tuple(step.key for step in STEPS)
# What ui/learn.js does.
START = "learn.start(element, trigger);"
LISTEN = "learn.listen(element, trigger);"
OPENED = "(step, ...chosen) => [learn.asked() || step || learn.remembered(), ...chosen]"
ASKED = "() => ({ __type__: 'update', ...(learn.asked() && { selected: 'learn' }) })"


def create_learn_tab(parts: PageParts, tab: gr.Tab) -> None:
    """Lay out the tab and wire it."""
    with gr.Column(elem_id="learn"):
        step = gr.Textbox("", label="step", visible="hidden")  # its number
        steps = gr.HTML(elem_classes="re-flush", elem_id="learn-steps", js_on_load=LISTEN)
        idea = gr.HTML(elem_classes="re-flush", elem_id="learn-idea")
        ask = parts.texts.make(
            gr.Button, {"value": "learn_check"}, visible=False, variant="primary", elem_id="learn-check"
        )
        result = gr.HTML(elem_classes="re-flush", elem_id="learn-result", js_on_load=LISTEN)

    def show(number: str, *chosen: Any) -> list[Any]:
        words, at = Words(chosen[-1]), number_of(number)
        key = KEYS[at - 1]
        return [
            str(at),
            walk.stepper(KEYS, key, words),
            walk.idea(KEYS, key, words),
            *answer(parts, STEPS[at - 1], words, *chosen[:-1]),
        ]

    def pick(event: gr.EventData, *chosen: Any) -> list[Any]:
        return show(picked(event, "step"), *chosen)

    def run(
        number: str,
        path: str | None,
        target: int | None,
        layer: str,
        language: str,
        progress: gr.Progress = gr.Progress(),  # noqa: B008, how Gradio asks for a progress bar
    ) -> list[Any]:
        latest = time.monotonic() + limits().run_seconds

        def tell(done: int, total: int) -> None:
            if time.monotonic() > latest:
                raise BusyError(
                    "This takes too long. Received: {done} of {total} parts in {run_seconds} s. Accepted: "
                    "the same when the server has less to do.",
                    done=done,
                    total=total,
                    run_seconds=limits().run_seconds,
                )
            progress((done, total))

        return answer(parts, STEPS[number_of(number) - 1], Words(language), path, target, layer, tell)

    chosen = [parts.photo, parts.target, parts.layer, parts.language]
    outputs = [step, steps, idea, ask, result]
    parts.on_tab(tab, show, [step, *chosen], outputs, result, js=OPENED)
    for buttons in (steps, result):
        buttons.click(pick, chosen, outputs, **private(result))
    ask.click(run, [step, *chosen], [ask, result], **private(result, HEAVY))


def number_of(name: str) -> int:
    """The place of the step that an address asks for, by its number or its key; 1 for anything else."""
    if name in KEYS:
        return KEYS.index(name) + 1
    return int(name) if name.isascii() and name.isdecimal() and 1 <= int(name[:3]) <= len(KEYS) else 1


def answer(
    parts: PageParts,
    step: Step,
    words: Words,
    path: str | None,
    target: int | None,
    layer: str,
    progress: Progress | None = None,
) -> list[Any]:
    """The button and what stands below it: [button, result].

    Args:
        progress: given where the reader asked for the check; without it a costly one is only shown if it is known.
    """
    try:
        at, key = subject_of(parts, step, path, target, layer)
        records = parts.recorder.records
        if progress is None and step.costly:
            check = records.find(key)
        else:
            asked = at if progress is None else replace(at, progress=progress)
            check = records.get(key, lambda: step.compute(asked))
        on = words("learn_on", name=at.photo.name) if at.photo else ""
        shown = walk.outcome(check, on, words) if check else Html("")
    except ArchitectureError as error:  # this network cannot be asked
        check, shown = None, walk.left_out(words.error(error), words)
    except ResNetDemoError as error:
        check, shown = None, error_card(error, words)
    button = gr.update(visible=not shown)
    return [button, join([shown, walk.background(step.key, check, words), walk.turns(KEYS, step.key, words)])]


def subject_of(
    parts: PageParts, step: Step, path: str | None, target: int | None, layer: str
) -> tuple[Subject, Hashable]:
    """What a step is checked on, of what is on screen, and what its record is kept under.

    Raises:
        ArchitectureError: the network lacks what the step requires.
        ResNetDemoError: the photo cannot be read.
    """
    model = parts.model
    if reason := lacking(model.engine, step.requires):
        raise reason
    at = Subject(model)
    key: list[Hashable] = ["learn", step.key]
    if step.needs:
        key.append(repr(model.network.provenance))
    if step.needs == "photo":
        photo = photo_at(model, path)
        batch = model.batch(photo)
        at = replace(at, photo=photo, batch=batch, target=target)
        key += [hashlib.blake2b(batch.tobytes()).digest(), target]
    if step.of_block:
        names = [b.name for b in model.engine.architecture.blocks]
        at = replace(at, block=layer if layer in names else names[-1])
        key.append(at.block)
    return at, tuple(key)


def photo_at(model: InstrumentedModel, path: str | None) -> Photo:
    """The photo on screen; else the first example, of what the network knows where there is one."""
    if path is not None:
        return read_photo(path)
    known = examples_for(model)
    return read_photo(known[0].path if known else min(EXAMPLES.glob("*.jpg")))
