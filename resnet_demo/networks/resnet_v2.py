"""ResNet V2, whose BatchNorm and ReLU stand before each convolution: built by Keras itself.

References:
    He et al. 2016, arXiv:1603.05027; `keras.applications.ResNet50V2`.
"""

from __future__ import annotations

from collections.abc import Callable

import keras

from resnet_demo.errors import ArchitectureError

DEPTHS = (50, 101, 152)


def resnet_v2(
    depth: int, *, classes: int = 1000, input_shape: tuple[int, int, int] = (224, 224, 3)
) -> keras.Model:
    """Build `keras.applications.ResNet50V2`, 101V2 or 152V2 with fresh weights.

    Args:
        depth: 50, 101 or 152.
        classes: size of the dense layer "predictions"; 0: none, the model ends in `post_relu` (N, h, w, 2048).
        input_shape: (height, width, channels), sides of at least 32.

    Returns:
        Model from float32 (N, height, width, channels), RGB from -1 to 1, to logits (N, classes), and no softmax.

    Raises:
        ArchitectureError: another depth, or a size that Keras does not take.
    """
    head = {"classes": classes, "classifier_activation": None} if classes else {"include_top": False}
    try:
        return _function(depth)(weights=None, input_shape=input_shape, **head)
    except ValueError as error:
        raise ArchitectureError(
            "`input_shape` should be (height, width, channels) with sides of 32 or more. Received: "
            "{input_shape!r}.",
            input_shape=input_shape,
        ) from error


def backbone(depth: int) -> keras.Model:
    """The same up to `post_relu`, without pooling and head, for photos of any size."""
    return _function(depth)(weights=None, include_top=False, input_shape=(None, None, 3))


def _function(depth: int) -> Callable[..., keras.Model]:
    if depth not in DEPTHS:
        raise ArchitectureError(
            "`depth` should be one of 50, 101, 152. Received: depth={depth!r}.", depth=depth
        )
    function: Callable[..., keras.Model] = getattr(keras.applications, f"ResNet{depth}V2")
    return function
