"""Keras 1's names, as tutorial A writes them: `res2a_branch2a`, `bn2a_branch2a`, `res2a_branch1`."""

import re

from resnet_demo.networks.blocks import tutorial_a_name
from resnet_demo.networks.checkpoints.layouts.layout import Layout


def _name_of(keras_name: str) -> str:
    layer, variable = keras_name.split("/")
    if "_se_" in layer:  # of a relative, which this layout does not have
        return ""
    return f"{tutorial_a_name(layer)}/{variable}"


TUTORIAL_A = Layout(
    name="tutorial-a",
    variant="tutorial-a",
    preprocessing="caffe",
    conv_bias=True,
    kernels_oihw=False,
    block_convolution=re.compile(r"res([2-5])([a-z])_branch2([abc])/kernel"),
    name_of=_name_of,
)
