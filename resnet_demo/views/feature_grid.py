"""Feature maps of a stage: some channels in a grid, and one channel large over the photo."""

from collections.abc import Sequence
from dataclasses import dataclass

from resnet_demo.errors import OptionError
from resnet_demo.results import findings
from resnet_demo.views.colormaps import HEAT, Map, colorbar
from resnet_demo.views.markup import Html, element, join, part_of_whole
from resnet_demo.views.number_format import number
from resnet_demo.views.pictures import encode_map, encode_overlay


@dataclass(frozen=True)
class FeatureWords:
    """Words of the feature maps; {channel}, {mean} and {maximum} are filled in."""

    tile: str = "Channel {channel}, mean activation {mean}"
    unit: str = "activation"
    each_range: str = "Each channel has its own range, from 0 to its maximum."
    peak: str = "Channel {channel}: largest activation, {maximum}"


def feature_grid(
    maps: Map,
    channels: Sequence[int],
    means: Sequence[float],
    ranges: Sequence[tuple[float, float]],
    words: FeatureWords,
    *,
    label: str,
    selected: int | None = None,
) -> Html:
    """Return one button per channel, each with its map, its number and its mean.

    Args:
        maps: float32 (h, w, k), activations. Not modified.
        channels: the k channels' numbers, also in each button's `data-channel`.
        means: the k channels' mean activations.
        ranges: k (low, high); when all are the same, the channels being scaled together, one colour bar is
            drawn.
        words: the words on it.
        label: what the grid shows, in a sentence, for screen readers.
        selected: the channel number that is shown large, if any.

    Raises:
        OptionError: the four do not have the same length k.
    """
    count = maps.shape[2]
    if not count == len(channels) == len(means) == len(ranges):
        raise OptionError(
            "`maps`, `channels`, `means` and `ranges` should tell of equally many channels. Received: "
            "{count}, {count_of_channels}, {count_of_means}, {count_of_ranges}.",
            count=count,
            count_of_channels=len(channels),
            count_of_means=len(means),
            count_of_ranges=len(ranges),
        )
    tiles = [
        _tile(maps[:, :, i], channels[i], means[i], ranges[i], words, pressed=channels[i] == selected)
        for i in range(count)
    ]
    together = len(set(ranges)) == 1
    scale = (
        colorbar(HEAT, *ranges[0], unit=words.unit)
        if together
        else element("p", words.each_range, class_="rx-note")
    )
    return element(
        "figure",
        element("div", join(tiles), class_="rx-tiles", role="group", aria_label=label),
        scale,
        class_="rx-figure",
    )


def _tile(
    values: Map, channel: int, mean: float, limits: tuple[float, float], words: FeatureWords, *, pressed: bool
) -> Html:
    return element(
        "button",
        element("img", src=encode_map(values, *limits, HEAT), alt="", class_="rx-pixels"),
        element("span", str(channel), class_="rx-tile-channel"),
        element("span", number(mean, 2), class_="rx-tile-mean"),
        type="button",
        class_="rx-tile",
        data_channel=str(channel),
        aria_pressed="true" if pressed else "false",
        aria_label=words.tile.format(channel=channel, mean=number(mean)),
    )


def feature_over_photo(
    photo_uri: str,
    values: Map,
    channel: int,
    limits: tuple[float, float],
    words: FeatureWords,
    *,
    alt: str,
) -> Html:
    """Return one channel over the photo, a ring around the unit of its maximum.

    Args:
        photo_uri: the photo, of any shape: the network saw the whole of it, so the map covers it.
        values: float32 (h, w), the channel's activations. Not modified.
        channel: its number.
        limits: (low, high) of the colours.
        words: the words on it.
        alt: what the picture shows, in a sentence.
    """
    row, column = findings.position_of_maximum(values)
    peak = words.peak.format(channel=channel, maximum=number(float(values.max())))
    ring = element(
        "span",
        class_="rx-ring",
        style=f"left:{part_of_whole(column)};top:{part_of_whole(row)}",
        title=peak,
    )
    overlay = element("img", src=encode_overlay(values, (224, 224), *limits, HEAT), alt="", class_="rx-layer")
    return element(
        "figure",
        element("div", element("img", src=photo_uri, alt=alt), overlay, ring, class_="rx-layers"),
        element(
            "figcaption",
            element("span", element("span", class_="rx-ring-key"), peak, class_="rx-caption"),
            colorbar(HEAT, *limits, unit=words.unit),
        ),
        class_="rx-figure",
    )
