"""Anybody's ResNet checkpoint -> Keras variables.

    read(path)            a file, whole and checked, as a `Checkpoint` in Keras' names and axes
    build(checkpoint)     a Keras model that carries it
    to_keras_graph(c)     tutorial A's weights, for the Keras graph
    convert(path, out)    any file that can be read -> `.weights.h5`, which can be read again; of either graph
    read_keras_model(p)   a `.keras` file as the model it describes

How a file is stored is one matter (`files/`: safetensors, HDF5, pickle, `.keras`), how its tensors are named
another (`layouts/`: Keras, tutorial A, torchvision and timm, Hugging Face). Both are recognised from the
file's content, never from its name. Nothing is loaded in part: whatever is missing, too much or misshapen is
an error that names it.
"""

from resnet_demo.networks.checkpoints.building import build, to_keras_graph
from resnet_demo.networks.checkpoints.checkpoint import OWN_GRAPH, Checkpoint
from resnet_demo.networks.checkpoints.converting import convert
from resnet_demo.networks.checkpoints.files.keras_model import read_keras_model
from resnet_demo.networks.checkpoints.locating import locate, sha256
from resnet_demo.networks.checkpoints.reading import read

__all__ = [
    "OWN_GRAPH",
    "Checkpoint",
    "build",
    "convert",
    "locate",
    "read",
    "read_keras_model",
    "sha256",
    "to_keras_graph",
]
