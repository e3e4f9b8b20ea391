"""Step 1's experiment, run again while the reader looks on: it can be stopped, and keeps nobody else waiting."""

from __future__ import annotations

from collections.abc import Iterator

import gradio as gr

from resnet_demo.errors import ResNetDemoError
from resnet_demo.learn.claims.degradation import check_of
from resnet_demo.learn.degradation import Run
from resnet_demo.learn.training import DEPTHS, EPOCHS, SEEDS, train_apart
from resnet_demo.ui.lanes import TRAINING
from resnet_demo.ui.page_parts import PageParts, private
from resnet_demo.views.cards import error_card
from resnet_demo.views.learn import walk
from resnet_demo.views.markup import Html
from resnet_demo.views.messages.words import Words

COMMAND = (
    f"python -m resnet_demo degradation --depths {' '.join(map(str, DEPTHS))} "
    f"--seeds {len(SEEDS)} --epochs {EPOCHS}"
)


def create_training(parts: PageParts) -> None:
    """Lay out the two buttons and what was trained; the style sheet shows them in step 1 alone."""
    with gr.Column(elem_id="learn-train"):
        with gr.Row():
            start = parts.texts.make(gr.Button, {"value": "learn_train"}, elem_id="learn-train-start")
            stop = parts.texts.make(gr.Button, {"value": "learn_train_stop"}, elem_id="learn-train-stop")
        trained = gr.HTML(elem_classes="re-flush", elem_id="learn-trained")
    # A click after a stop is a new start, not the last choice of a run that goes on.
    running = start.click(
        train, parts.language, trained, **(private(lane=TRAINING) | {"trigger_mode": "multiple"})
    )
    stop.click(
        lambda: Html(""),
        None,
        trained,
        cancels=[running],
        api_visibility="private",
        show_progress="hidden",
        queue=False,
    )


def train(language: str) -> Iterator[Html]:
    """How far it is, again and again; then the verdict and the curves."""
    words, runs = Words(language), list[Run]()
    try:
        for done, total, runs in train_apart():  # noqa: B007, the last is told below
            yield walk.training(done, total, words)
    except ResNetDemoError as error:
        yield error_card(error, words)
    else:
        yield walk.outcome(check_of(runs, COMMAND), words("learn_train_done", command=COMMAND), words)
