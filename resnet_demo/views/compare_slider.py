"""A photo with a map over it: a slider between the two and a control of the map's opacity.

No script is needed: each control writes one CSS variable on its figure, and charts.css does the rest.
"""

from dataclasses import dataclass

from resnet_demo.views.markup import Html, element


@dataclass(frozen=True)
class CompareWords:
    """Words of the slider; `before` is the picture at left of the divider, `after` the one at right."""

    before: str = "photo"
    after: str = "heatmap"
    slider: str = "Divider between photo and heatmap"
    opacity: str = "Opacity"


def compare_slider(
    photo_uri: str,
    overlay_uri: str,
    words: CompareWords,
    *,
    alt: str,
    left_overlay_uri: str | None = None,
    split: int = 0,
    opacity: int = 80,
    colorbar: str = "",
) -> Html:
    """Return the photo under a map that shows at right of a divider.

    Args:
        photo_uri: the photo.
        overlay_uri: the map; stretched over the whole photo, so it may be smaller.
        words: the words on it.
        alt: what the picture shows, in a sentence.
        left_overlay_uri: another map for the side at left of the divider; the bare photo when None.
        split: where the divider begins, per cent of the width; 0 shows the map everywhere.
        opacity: the maps' opacity at first, per cent.
        colorbar: the map's colour bar.
    """
    left = left_overlay_uri and _layer(left_overlay_uri, "rx-compare-left")
    return element(
        "figure",
        element(
            "div",
            element("img", src=photo_uri, alt=alt, class_="rx-compare-photo", draggable="false"),
            left or "",
            _layer(overlay_uri, "rx-compare-right"),
            element("span", words.before, class_="rx-compare-tag rx-compare-before", aria_hidden="true"),
            element("span", words.after, class_="rx-compare-tag rx-compare-after", aria_hidden="true"),
            _control("rx-compare-slider", "split", words.slider, split),
            element("span", class_="rx-compare-divider", aria_hidden="true"),
            class_="rx-compare-picture",
        ),
        element(
            "figcaption",
            element(
                "label",
                element("span", words.opacity),
                _control("rx-compare-opacity", "opacity", words.opacity, opacity),
                class_="rx-compare-label",
            ),
            colorbar,
            class_="rx-compare-controls",
        ),
        class_="rx-compare",
        style=f"--rx-split:{split}%;--rx-opacity:{opacity}%",
    )


def _layer(uri: str, class_: str) -> Html:
    return element("img", src=uri, alt="", class_=f"rx-compare-layer {class_}", draggable="false")


def _control(class_: str, variable: str, label: str, value: int) -> Html:
    return element(
        "input",
        type="range",
        min="0",
        max="100",
        value=str(value),
        class_=class_,
        aria_label=label,
        oninput=f"this.closest('.rx-compare').style.setProperty('--rx-{variable}',this.value+'%')",
    )
