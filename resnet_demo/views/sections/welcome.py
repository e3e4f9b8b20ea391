"""What stands there before there is a photo: what to do, and one example that is finished."""

from __future__ import annotations

from resnet_demo.results.finished import FinishedExample
from resnet_demo.results.network import NetworkFacts
from resnet_demo.views.cards import card
from resnet_demo.views.markup import Html, element, join
from resnet_demo.views.messages.words import Words
from resnet_demo.views.predictions import PredictionBar, prediction_bars
from resnet_demo.views.sections.overview import heatmap_view
from resnet_demo.views.sections.river import river_view


def welcome(network: NetworkFacts, finished: FinishedExample, title: str, photo: str, words: Words) -> Html:
    """The invitation, and the example as the page would show it.

    Args:
        network: the one that waits for a photo.
        finished: the example, by the bundled weights whatever network waits.
        title: what the example shows.
        photo: the example's address, a data URI or a file's.
    """
    label = words.class_of(finished.predictions[0])
    start = [element("h2", words("empty_title")), element("p", words("empty_text"))]
    if network.blocks:
        finding = words(
            "network_finding",
            input=" × ".join(map(str, network.input_shape)),
            stages=len(network.stages),
            blocks=network.blocks,
            classes=network.weights.classes,
        )
        start.append(element("p", finding, class_="re-hint"))
    example = element(
        "div",
        element("span", words("example"), class_="rx-badge"),
        element(
            "p",
            words("example_of", title=title, weights=words.weights(finished.weights.name)),
            class_="re-hint",
        ),
        element(
            "button", words("example_open"), type="button", class_="re-button", data_example=finished.file
        ),
        class_="re-example-line",
    )
    return join(
        [
            element("header", join(start), class_="re-headline"),
            element(
                "section",
                example,
                _classes(finished, words),
                heatmap_view(photo, finished.cam, label, finished.blocks[-1].name, words),
                river_view(finished.blocks, None, words),
                class_="re-finished",
                aria_label=words("example"),
            ),
        ]
    )


def _classes(finished: FinishedExample, words: Words) -> Html:
    rows = [
        PredictionBar(p.index, words.class_of(p), p.label.wnid, p.probability, p.logit)
        for p in finished.predictions
    ]
    label, target = words("classes_label"), finished.predictions[0].index
    return card(
        words("classes_title"), prediction_bars(rows, words.for_predictions(), label=label, target=target)
    )
