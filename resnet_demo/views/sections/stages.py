"""What a stage sees: its most active channels, and one of them large over the photo."""

from __future__ import annotations

import numpy as np

from resnet_demo.results import findings
from resnet_demo.results.heatmaps import FeatureMaps
from resnet_demo.views.cards import card
from resnet_demo.views.feature_grid import feature_grid, feature_over_photo
from resnet_demo.views.markup import Html
from resnet_demo.views.messages.words import Words
from resnet_demo.views.number_format import number, percent


def grid_view(maps: FeatureMaps, scaling: str, words: Words, selected: int | None = None) -> Html:
    """The channels of one layer in a grid."""
    height, width, channels = maps.shape
    strongest, mean, silent = findings.strongest_channel(maps)
    finding = words(
        "stage_finding",
        layer=maps.name,
        h=height,
        w=width,
        c=channels,
        channel=strongest,
        mean=number(mean),
        silent=percent(silent),
    )
    grid = feature_grid(
        maps.maps,
        [int(c) for c in maps.channels],
        [float(maps.means[c]) for c in maps.channels],
        ranges_of(maps.maps, scaling),
        words.for_features(),
        label=words("stage_label", layer=maps.name),
        selected=selected,
    )
    return card(maps.name, grid, finding=finding, hint=words("stage_hint"))


def ranges_of(maps: np.ndarray, scaling: str) -> list[tuple[float, float]]:
    """Colour ranges of maps (h, w, k), from 0 or what lies below: each channel its own, or one for all."""
    low, high = np.minimum(maps.min(axis=(0, 1)), 0), maps.max(axis=(0, 1))
    if scaling == "together":
        low, high = np.full_like(low, low.min()), np.full_like(high, high.max())
    return [(float(a), float(b)) for a, b in zip(low, high, strict=True)]


def channel_of(maps: FeatureMaps, channel: int) -> np.ndarray | None:
    """One channel's map, (h, w), if it is among those shown."""
    shown = maps.channels.tolist()
    return maps.maps[..., shown.index(channel)] if channel in shown else None


def channel_view(photo: str, values: np.ndarray, layer: str, channel: int, words: Words) -> Html:
    """One channel large over the photo."""
    alt = words(
        "channel_alt", channel=channel, layer=layer, where=words.where(*findings.position_of_maximum(values))
    )
    limits = (min(float(values.min()), 0.0), float(values.max()))
    picture = feature_over_photo(photo, values, channel, limits, words.for_features(), alt=alt)
    return card(f"{layer} · {channel}", picture, finding=alt)
