"""The network, its weight average, and one update of both.

The network trains on what the page feeds it, BGR minus the mean, values up to about 150 either way. The
PyTorch run divided them by 58 and folded that into the first kernel afterwards. It makes no difference:
BatchNorm follows the first convolution, so dividing the input by a number changes neither what the network
computes nor any gradient, but for BatchNorm's epsilon, which after a division by 58 would be up to a
thousandth of the variance it is added to.

Everything is float32. Keras' mixed bfloat16 was tried on a CPU that has it, and each step took longer: its
BatchNorm goes to float32 and back.

References:
    Goyal et al. 2017, arXiv:1706.02677, section 5.1 (the last BatchNorm of a block starts at 0);
    He et al. 2015, arXiv:1502.01852 (random kernels); Szegedy et al. 2015, arXiv:1512.00567 (label
    smoothing); Polyak & Juditsky 1992 (weight average).
"""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from resnet_demo.graph import architecture
from resnet_demo.networks.resnet import resnet

WEIGHT_DECAY = 1e-3
MOMENTUM = 0.9
LARGEST_GRADIENT = 5.0  # norm of all gradients together
LABEL_SMOOTHING = 0.1
# Keras' default of 0.99 would need several hundred steps to forget where the statistics started.
BATCH_NORM_MOMENTUM = 0.9


class Learner:
    """A network in training.

    Attributes:
        model: from float32 (N, h, w, 3), "caffe", of any size, to logits (N, classes).
        average: the same network with the average of the weights, BatchNorm's statistics among them; this is
            what is measured and written.
    """

    def __init__(self, depth: int, classes: int, seed: int) -> None:
        self.model = build(depth, classes, seed)
        self.average = keras.models.clone_model(self.model)
        self.average.set_weights(self.model.get_weights())
        self._loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=LABEL_SMOOTHING)
        self._optimizer = keras.optimizers.SGD(momentum=MOMENTUM, nesterov=True)
        self._optimizer.build(self.model.trainable_variables)
        # One trace for every image size.
        images = tf.TensorSpec((None, None, None, 3))
        scalar = tf.TensorSpec(())
        self._update = tf.function(self._traced_update, (images, tf.TensorSpec((None,), tf.int64), scalar))
        self._logits = tf.function(lambda batch: self.average(batch, training=False), (images,))

    def update(self, images: tf.Tensor, labels: np.ndarray, learning_rate: float, decay: float) -> float:
        """One step of gradient descent, and of the average.

        Args:
            images: float32 (N, h, w, 3), "caffe".
            labels: int64 (N,).
            learning_rate: of this step.
            decay: of the average, see `move_average`.

        Returns:
            The mean loss of these images before the step.
        """
        self._optimizer.learning_rate = learning_rate
        return float(self._update(images, labels, decay))

    def logits(self, batch: np.ndarray) -> np.ndarray:
        """What the average answers: float32 (N, classes), of a batch float32 (N, h, w, 3), "caffe"."""
        return self._logits(batch).numpy()

    def restart(self) -> None:
        """Go on from the average, at rest, as each phase but the first begins."""
        for variable, mean in zip(self.model.variables, self.average.variables, strict=True):
            variable.assign(mean)
        for momentum in self._momenta():
            momentum.assign(np.zeros(momentum.shape))

    def variables(self) -> dict[str, keras.Variable]:
        """All that changes in training, each variable under a name of its own."""
        named = {f"model/{variable.path}": variable for variable in self.model.variables}
        named |= {f"average/{variable.path}": variable for variable in self.average.variables}
        return named | {f"optimizer/{momentum.name}": momentum for momentum in self._momenta()}

    def _momenta(self) -> list[keras.Variable]:
        return [variable for variable in self._optimizer.variables if variable.name.endswith("_momentum")]

    def _traced_update(self, images: tf.Tensor, labels: tf.Tensor, decay: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            logits = self.model(images, training=True)
            loss = self._loss(tf.one_hot(labels, logits.shape[-1]), logits)
        variables = self.model.trainable_variables
        self._optimizer.apply(clip_and_decay(tape.gradient(loss, variables), variables), variables)
        move_average(self.average.variables, self.model.variables, decay)
        return loss


def build(depth: int, classes: int, seed: int) -> keras.Model:
    """A ResNet for images of any size from 32 pixels, with the recipe's random weights."""
    fixed = resnet(depth, "keras", classes=classes)
    model = keras.models.clone_model(fixed, input_tensors=layers.Input((None, None, 3), name="input_layer"))
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D):
            height, width, _, channels = layer.kernel.shape
            layer.kernel.assign(rng.normal(0, np.sqrt(2 / (height * width * channels)), layer.kernel.shape))
            layer.bias.trainable = False  # BatchNorm, which follows, takes any bias away: it stays 0
        elif isinstance(layer, layers.Dense):
            layer.kernel.assign(rng.normal(0, 0.01, layer.kernel.shape))
        elif isinstance(layer, layers.BatchNormalization):
            layer.momentum = BATCH_NORM_MOMENTUM
    for block in architecture.read(model).blocks:
        last = model.get_layer(block.residual)  # so that each block starts as its shortcut alone
        last.gamma.assign(np.zeros(last.gamma.shape))
    return model


def clip_and_decay(gradients: list[tf.Tensor], variables: list[keras.Variable]) -> list[tf.Tensor]:
    """Clip gradients of the loss, then add those of ½ · WEIGHT_DECAY · ‖kernels‖².

    Biases, gamma and beta do not decay. Keras' own `weight_decay` passes by the momentum, and so would be a
    tenth of this at the same number.
    """
    gradients, _ = tf.clip_by_global_norm(gradients, LARGEST_GRADIENT)
    return [
        gradient + WEIGHT_DECAY * variable if variable.name == "kernel" else gradient
        for gradient, variable in zip(gradients, variables, strict=True)
    ]


def move_average(average: list[keras.Variable], current: list[keras.Variable], decay: tf.Tensor) -> None:
    """average ← decay · average + (1 − decay) · current, for weights and BatchNorm's statistics alike.

    Keras' own `use_ema` leaves the statistics out, and its decay is one number for the whole run.
    """
    for mean, variable in zip(average, current, strict=True):
        mean.assign(decay * mean + (1 - decay) * variable)
