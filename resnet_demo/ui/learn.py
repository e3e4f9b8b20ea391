"""The walk: ten claims about residual networks, one a step, each checked on the spot."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Hashable
from dataclasses import dataclass, replace
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
from resnet_demo.ui.learn_training import create_training
from resnet_demo.ui.limits import limits
from resnet_demo.ui.on_show import NetworkOnShow
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


@dataclass(frozen=True)
class LearnHandlers:
    """What the walk answers: [step's number, stepper, idea, button, result]."""

    shown: NetworkOnShow

    def show(self, number: str, *chosen: Any) -> list[Any]:
        """A step, by its number or its key; `chosen`: photo, target, layer, language."""
        words, at = Words(chosen[-1]), number_of(number)
        key = KEYS[at - 1]
        return [
            str(at),
            walk.stepper(KEYS, key, words),
            walk.idea(KEYS, key, words),
            *self._answer(STEPS[at - 1], words, *chosen[:-1]),
        ]

    def pick(self, event: gr.EventData, *chosen: Any) -> list[Any]:
        """The step whose button was pressed; or, where it names a block, the same step with that block."""
        path, target, layer, language = chosen
        layer = picked(event, "block") if names_block(event) else layer
        return self.show(picked(event, "step"), path, target, layer, language)

    def check(
        self,
        number: str,
        path: str | None,
        target: int | None,
        layer: str,
        language: str,
        progress: gr.Progress = gr.Progress(),  # noqa: B008, how Gradio asks for a progress bar
    ) -> list[Any]:
        """A costly step's check: [button, result]."""
        tell = within_time(lambda done, total: progress((done, total)))
        return self._answer(STEPS[number_of(number) - 1], Words(language), path, target, layer, tell)

    def _answer(
        self,
        step: Step,
        words: Words,
        path: str | None,
        target: int | None,
        layer: str,
        progress: Progress | None = None,
    ) -> list[Any]:
        """[button, result]. Without `progress` nobody has asked: a costly check is only shown if it is known."""
        check, shown = None, Html("")
        try:
            at, key = self._subject(step, path, target, layer)
            records = self.shown.recorder.records
            if progress is None and step.costly:
                check = records.find(key)
            else:
                asked = replace(at, progress=progress) if progress else at
                check = records.get(key, lambda: step.compute(asked))
            if check:
                on = words("learn_on", name=at.photo.name) if at.photo else ""
                shown = walk.outcome(check, on, words)
        except ArchitectureError as error:  # this network cannot be asked
            shown = walk.left_out(words.error(error), words)
        except ResNetDemoError as error:
            shown = error_card(error, words)
        below = [walk.background(step.key, check, words), walk.turns(KEYS, step.key, words)]
        return [gr.update(visible=not shown), join([shown, *below])]

    def _subject(
        self, step: Step, path: str | None, target: int | None, layer: str
    ) -> tuple[Subject, Hashable]:
        """What a step is checked on, of what is on screen, and what its record is kept under.

        Raises:
            ArchitectureError: the network lacks what the step requires.
            ResNetDemoError: the photo cannot be read.
        """
        model, blocks = self.shown.model, self.shown.blocks
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
            at = replace(at, block=layer if layer in blocks else blocks[-1])
            key.append(at.block)
        return at, tuple(key)


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
        create_training(parts)
    handlers = LearnHandlers(parts.shown)
    chosen = [parts.photo, parts.target, parts.layer, parts.language]
    outputs = [step, steps, idea, ask, result]
    parts.on_tab(tab, handlers.show, [step, *chosen], outputs, result, js=OPENED)
    for buttons in (steps, result):
        buttons.click(handlers.pick, chosen, outputs, **private(result))
    result.click(block_of, None, parts.layer, **(private() | {"trigger_mode": "multiple"}))
    ask.click(handlers.check, [step, *chosen], [ask, result], **private(result, HEAVY))


def names_block(event: gr.EventData) -> bool:
    """Whether what was clicked stands for a block."""
    return isinstance(event._data, dict) and bool(event._data.get("block"))


def block_of(event: gr.EventData) -> Any:
    """The block that was clicked, for the page's chooser, which all tabs share."""
    return picked(event, "block") if names_block(event) else gr.skip()


def number_of(name: str) -> int:
    """The place of the step that an address asks for, by its number or its key; 1 for anything else."""
    if name in KEYS:
        return KEYS.index(name) + 1
    return int(name) if name.isascii() and name.isdecimal() and 1 <= int(name[:3]) <= len(KEYS) else 1


def photo_at(model: InstrumentedModel, path: str | None) -> Photo:
    """The photo on screen; else the first example, of what the network knows where there is one."""
    if path is not None:
        return read_photo(path)
    known = examples_for(model)
    return read_photo(known[0].path if known else min(EXAMPLES.glob("*.jpg")))


def within_time(tell: Progress) -> Progress:
    """`tell`, which ends by a BusyError what runs longer than a request may."""
    latest = time.monotonic() + limits().run_seconds

    def tell_in_time(done: int, total: int) -> None:
        if time.monotonic() > latest:
            raise BusyError(
                "This takes too long. Received: {done} of {total} parts in {run_seconds} s. Accepted: "
                "the same when the server has less to do.",
                done=done,
                total=total,
                run_seconds=limits().run_seconds,
            )
        tell(done, total)

    return tell_in_time
