"""ResNet Explorer: what a ResNet50 does with a photo, block by block.

    from resnet_demo import load, analyze

    model = load()
    analysis = analyze(model, "elephant.jpg")
    for block in analysis.blocks:
        print(block.name, block.ratio)

TensorFlow is imported by the first call, not with the package.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from resnet_demo.engine.instrumented_model import InstrumentedModel
    from resnet_demo.results.analysis import Analysis

__all__ = ["analyze", "load"]
__version__ = "0.1.0"


def load(weights: str = "auto", labels: str | Path | None = None) -> InstrumentedModel:
    """Load a network, ready to be measured.

    Args:
        weights: "auto", "imagenet", "bundled" or a file, as `--weights` of the command line.
        labels: a file of class names instead of those that the weights bring along.

    Raises:
        WeightsError, ArchitectureError, OptionError: as `resnet_demo.networks.weights.load`.
    """
    from resnet_demo.engine.instrumented_model import InstrumentedModel
    from resnet_demo.networks import weights as networks

    return InstrumentedModel(networks.load(weights, labels))


def analyze(
    model: InstrumentedModel,
    photo: str | Path | bytes | BinaryIO,
    target: str | int | None = None,
    layer: str | None = None,
    top: int = 5,
) -> Analysis:
    """Measure one photo: its classes, a Grad-CAM map, the feature maps of each stage, every residual block.

    Args:
        model: from `load`.
        photo: a picture file: its path, its bytes, or an open binary file.
        target: the class to explain, by index, WordNet id, or English or Chinese name; the top class by default.
        layer: where Grad-CAM looks: a block, a stage, "conv1" or "pool1"; the last block by default.
        top: how many classes to rank.

    Raises:
        ImageError: the photo cannot be read.
        UnknownClassError, UnknownLayerError, OptionError: an argument that does not fit this network.
    """
    from resnet_demo.measures import overview
    from resnet_demo.networks.labels import find_class
    from resnet_demo.photos.decoding import read_photo

    chosen = None if target is None else find_class(model.labels, target)
    return overview.analyze(model, read_photo(photo), chosen, layer, top)
