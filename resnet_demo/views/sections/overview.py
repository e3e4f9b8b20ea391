"""What the network sees in a photo: its classes, where it looked, and the profile of all blocks."""

from __future__ import annotations

from resnet_demo.results import findings
from resnet_demo.results.analysis import Analysis
from resnet_demo.results.blocks import BlockProfile
from resnet_demo.results.heatmaps import GradCam
from resnet_demo.views.cards import card, empty, figure_of
from resnet_demo.views.colormaps import HEAT, colorbar
from resnet_demo.views.compare_slider import compare_slider
from resnet_demo.views.markup import Html, element
from resnet_demo.views.messages.words import Words
from resnet_demo.views.number_format import chance, percent
from resnet_demo.views.pictures import encode_overlay
from resnet_demo.views.predictions import PredictionBar, prediction_bars
from resnet_demo.views.profile import ProfileBar, profile, profile_table
from resnet_demo.views.sections.network import warnings_view

UNSURE = 0.5  # a top class below this probability is introduced with "perhaps"
FEW_CLASSES = 20  # a network of no more is asked about much that it has never seen


def knows_none(analysis: Analysis) -> bool:
    """Whether the network knows few classes, and none of them is probable."""
    unsure = analysis.predictions[0].probability < UNSURE  # NaN, where there is none, is no doubt
    return unsure and analysis.weights.classes <= FEW_CLASSES


def official_offer(words: Words) -> Html:
    """A button that asks Keras' official network of 1000 classes instead (`data-press`, in page.js)."""
    return element(
        "p",
        element(
            "button",
            words("headline_official"),
            type="button",
            class_="re-link-copy",
            data_press="official-press",
        ),
        class_="re-official",
    )


def headline(analysis: Analysis, words: Words) -> Html:
    """The title line: what the network sees, and how the photo was read."""
    top, classes = analysis.predictions[0], analysis.weights.classes
    said = {"label": words.class_of(top), "percent": chance(top.probability)}
    none = knows_none(analysis)
    title = words("headline_unsure" if top.probability < UNSURE else "headline", **said)
    if none:
        said["count"] = words("counts").split("|")[classes]
        title = words("headline_none", count=said["count"])
    image = analysis.image
    facts = words("read_as", **{k: getattr(image, k) for k in ("name", "width", "height", "format")})
    return element(
        "header",
        element("h2", title),
        element("p", words("headline_best_guess", **said)) if none else Html(""),
        element("p", " ".join([facts, *(words(f"note_{note}") for note in image.notes)]), class_="re-hint"),
        warnings_view(analysis.warnings, words),
        class_="re-headline",
    )


def classless_headline(photo: str, words: Words) -> Html:
    """The title line of a network that has no classes."""
    return element(
        "header",
        element("h2", words("headline_classless")),
        element("p", words("headline_classless_text", name=photo), class_="re-hint"),
        class_="re-headline",
    )


def link_view(address: str, words: Words) -> Html:
    """The address of what is on screen, and a button that copies it (`data-copy`, in page.js)."""
    button = element(
        "button",
        words("link_copy"),
        type="button",
        class_="re-link-copy",
        data_copy=address,
        data_said=words("link_copied"),
    )
    return element("p", element("a", words("link_here"), href=address), " ", button, class_="re-hint re-link")


def classes_view(analysis: Analysis, words: Words, *, pickable: bool = True) -> Html:
    """The top classes with bars; the explained one is marked, and added below if it is not among them.

    Args:
        pickable: whether a class that is pressed gets explained, which is said then.
    """
    ranked = analysis.predictions
    if analysis.target not in ranked:
        ranked = (*ranked, analysis.target)
    rows = [PredictionBar(p.index, words.class_of(p), p.label.wnid, p.probability, p.logit) for p in ranked]
    bars = prediction_bars(
        rows, words.for_predictions(), label=words("classes_label"), target=analysis.target.index
    )
    kind = analysis.network["outputs"]["kind"]
    hints = [words("classes_hint")] if pickable else []
    if kind != "softmax":
        hints.append(words(f"known_{kind}"))
    few = analysis.weights.classes <= FEW_CLASSES
    if few and not ranked[0].probability < UNSURE:  # else the title says it
        hints.append(words("classes_few", classes=analysis.weights.classes))
    return card(words("classes_title"), bars, hint=" ".join(hints))


def heatmap_view(
    photo: str, cam: GradCam, label: str, layer: str, words: Words, method: str = "gradcam"
) -> Html:
    """The photo under its heatmap, with the slider and the opacity control.

    Args:
        photo: the photo's address, a data URI or a file's.
    """
    heat = cam.heatmap
    peak = float(heat.max())
    finding_key, nothing_key = ("cam_finding", "cam_nothing")
    if method == "saliency":  # a map of the pixels, not of a layer
        finding_key, nothing_key = ("saliency_finding", "saliency_nothing")
    if peak > 0:
        finding = words(
            finding_key,
            label=label,
            layer=layer,
            where=words.where(*findings.position_of_maximum(heat)),
            share=percent(findings.area_of_half(heat)),
        )
    else:
        finding = words(nothing_key, label=label, layer=layer)
    picture = compare_slider(
        photo,
        encode_overlay(heat, heat.shape, 0.0, peak, HEAT),
        words.for_compare(),
        alt=finding,
        colorbar=colorbar(HEAT, 0.0, peak, unit=words(f"unit_{method}"), label=words(f"method_{method}")),
    )
    return card(words("cam_title"), picture, finding=finding)


def profile_view(
    blocks: tuple[BlockProfile, ...],
    measure: str,
    selected: str | None,
    words: Words,
    title: str = "",
    *,
    pickable: bool = True,
) -> Html:
    """The signature picture: shortcut beside residual branch for every block; `title` in place of its own.

    Args:
        pickable: whether a block that is pressed opens, which is said then.
    """
    if not blocks:
        return card(words("profile_title"), empty(words, "profile_none"))
    unit = words(f"measure_{measure}")
    bars = [
        ProfileBar(
            b.name,
            b.stage,
            b.kind,
            getattr(b.shortcut, measure),
            getattr(b.residual, measure),
            b.closed_gates,
        )
        for b in blocks
    ]
    found = findings.profile(blocks)
    finding = words(
        "profile_finding",
        largest=found.largest.name,
        high=figure_of(found.largest.ratio),
        smallest=found.smallest.name,
        low=figure_of(found.smallest.ratio),
    )
    notes = {b.stage: " × ".join(map(str, b.shape)) for b in blocks}
    picture = profile(
        bars, words.for_profile(), measure=unit, alt=finding, stage_notes=notes, selected=selected
    )
    numbers = profile_table(bars, words.for_profile(), measure=unit)
    hint = words("profile_hint") if pickable else ""
    return card(title or words("profile_title"), picture, numbers, finding=finding, hint=hint)
