"""Figures that others have published, with where they stand; nothing here was measured by us."""

from __future__ import annotations

from dataclasses import dataclass

# He et al. 2015, arXiv:1512.03385, Tables 2 (18 layers) and 3: error in %, ImageNet validation, ten crops. The residual
# networks of 18 and 34 layers have option A; of 18 layers the paper gives no top-5 error.
RESNET_TOP1 = {18: 27.88, 34: 25.03, 50: 22.85, 101: 21.75, 152: 21.43}
RESNET_TOP5 = {34: 7.76, 50: 6.71, 101: 6.05, 152: 5.71}

# He et al. 2015, section 4.1: multiply-adds of VGG-16 and VGG-19.
VGG_MULTIPLY_ADDS = {16: 15_300_000_000, 19: 19_600_000_000}


@dataclass(frozen=True)
class Winner:
    """Who won a year's classification task, with the data given alone, and the top-5 error in % on its test photos.

    Attributes:
        source: where the error stands: a paper, "arXiv:1409.0575", or a page's address without its "https://".
    """

    year: int
    name: str
    error: float
    source: str


_FIVE_YEARS = (
    "arXiv:1409.0575"  # Russakovsky et al. 2015, the organizers' report on the first five challenges
)

WINNERS = (
    Winner(2010, "NEC-UIUC", 28.2, _FIVE_YEARS),
    Winner(2011, "XRCE", 25.8, _FIVE_YEARS),
    Winner(2012, "AlexNet", 16.4, _FIVE_YEARS),
    Winner(2013, "Clarifai", 11.7, _FIVE_YEARS),
    Winner(2014, "GoogLeNet", 6.7, _FIVE_YEARS),
    Winner(2015, "ResNet", 3.57, "arXiv:1512.03385"),  # He et al. 2015, abstract
    Winner(2016, "Trimps-Soushen", 2.991, "image-net.org/challenges/LSVRC/2016/results"),
    Winner(2017, "SENet", 2.251, "arXiv:1709.01507"),  # Hu et al. 2017, abstract
)


@dataclass(frozen=True)
class Published:
    """A network of Keras Applications: top-1 accuracy in % on ImageNet's validation photos, parameters in millions."""

    name: str
    top1: float
    parameters: float


# The table "Available models" of Keras' documentation, github.com/keras-team/keras-io,
# templates/api/applications/index.md, which is shown at this address; one way of testing for all.
KERAS_TABLE = "keras.io/api/applications"
KERAS_APPLICATIONS = (
    Published("VGG16", 71.3, 138.4),
    Published("MobileNetV2", 71.3, 3.5),
    Published("ResNet50", 74.9, 25.6),
    Published("DenseNet121", 75.0, 8.1),
    Published("ResNet50V2", 76.0, 25.6),
    Published("ResNet101", 76.4, 44.7),
    Published("ResNet152", 76.6, 60.4),
    Published("EfficientNetB0", 77.1, 5.3),
    Published("DenseNet201", 77.3, 20.2),
    Published("InceptionV3", 77.9, 23.9),
    Published("Xception", 79.0, 22.9),
    Published("ConvNeXtTiny", 81.3, 28.6),
)
