"""Option A's shortcut added to a 1×1 convolution: TensorFlow 2.21 crashes on the obvious way to write it."""

import keras
import numpy as np
from keras import layers

from resnet_demo.engine.engine import Engine
from resnet_demo.networks.blocks import identity_block


def test_a_padded_shortcut_is_added_to_a_bottleneck(small_batch):
    photo = keras.Input((32, 48, 3))
    x = layers.MaxPooling2D(2)(layers.Conv2D(64, 3, strides=2, activation="relu")(photo))  # (7, 11, 64)
    x = identity_block(x, 64, name="wider")
    x = identity_block(x, 96, name="narrower", stride=2)  # (4, 6, 384)
    model = keras.Model(photo, layers.Dense(7)(layers.GlobalAveragePooling2D()(x)))

    found = Engine(model).logits(small_batch)

    expected = model(small_batch, training=False).numpy()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * np.abs(expected).max())
