"""Figures for files: what the page shows, as pictures with titles and colour bars, drawn with matplotlib.

The page draws none of these: matplotlib is far slower than Pillow. `Figure` is used as an object and never
through pyplot, which keeps global state.
"""

from resnet_demo.views.figures.block_maps import BlockMaps, block_maps_figure
from resnet_demo.views.figures.feature_maps import feature_maps_figure
from resnet_demo.views.figures.heatmap import heatmap_figure
from resnet_demo.views.figures.lab import LabBars, lab_figure
from resnet_demo.views.figures.profile import ProfileRow, profile_figure
from resnet_demo.views.figures.reliability import reliability_figure
from resnet_demo.views.figures.waterfall import waterfall_figure

__all__ = [
    "BlockMaps",
    "LabBars",
    "ProfileRow",
    "block_maps_figure",
    "feature_maps_figure",
    "heatmap_figure",
    "lab_figure",
    "profile_figure",
    "reliability_figure",
    "waterfall_figure",
]
