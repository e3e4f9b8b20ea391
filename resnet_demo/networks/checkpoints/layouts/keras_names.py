"""Keras Applications' names, `conv4_block6_2_conv/kernel`, which are this project's own."""

import re
from dataclasses import replace

from resnet_demo.networks.checkpoints.layouts.layout import Layout

KERAS = Layout(
    name="keras",
    variant="keras",
    preprocessing="caffe",
    conv_bias=True,
    kernels_oihw=False,
    block_convolution=re.compile(r"conv([2-5])_block(\d+)_([123])_conv/kernel"),
    name_of=str,
    ignored=re.compile(r"_blur/"),  # the binomial filter of a blurred network, which is not learned
)

# The same in HDF5 with `layer_names`, as keras.applications downloads it.
KERAS_APPLICATIONS = replace(KERAS, name="keras-applications-h5")

# Of the variants of `resnet()` only v1.5 has Keras' names and no convolution biases.
KERAS_V1_5 = replace(KERAS, variant="v1.5", preprocessing="torch", conv_bias=False)

# What `keras.applications` calls ResNet50V2: the blocks' names are the same, with BatchNorms of their own.
KERAS_V2 = replace(KERAS, variant="v2", preprocessing="tf")
V2_ONLY = "post_bn/gamma"  # a tensor that no other has
