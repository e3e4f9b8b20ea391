"""Train a ResNet from scratch on any folder of class folders, and write its weights.

    python tools/train_imagenette.py FOLDER --out my_resnet50.safetensors
    python -m resnet_demo predict photo.jpg --weights my_resnet50.safetensors

FOLDER holds train/<class>/* and val/<class>/*, photos as JPEG, PNG, GIF or BMP. A class folder called by an ImageNet
wnid (n01440764) gets that class's name (tench). A run that was stopped goes on, with the same command, from the last
epoch that it finished.

Training is Keras' own, `fit` with its layers, schedule, callbacks and average of the weights, which is what is measured
and written. The weights bundled with this project were NOT made by this program but by a run in PyTorch with a recipe
like this one, which was twice as fast on two CPU cores; resnet_demo/assets/weights/README.md tells of it.

References: arXiv:1706.02677 (warm-up; the last BatchNorm of a block starts at 0), 1608.03983 (cosine), 1512.00567
(label smoothing), 1708.04896 (random erasing); Polyak & Juditsky 1992 (weight average).
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from safetensors.numpy import save_file

from resnet_demo.errors import OptionError, ResNetDemoError, UnknownClassError
from resnet_demo.networks.geometry import DEPTHS
from resnet_demo.networks.labels import label_for_wnid
from resnet_demo.networks.metadata import PREPROCESSING, VARIANT
from resnet_demo.networks.preprocessing import NAMED
from resnet_demo.networks.resnet import resnet

AVERAGE = 0.998  # how much of the average each step keeps
BATCH_NORM_MOMENTUM = 0.9  # Keras' 0.99 needs several hundred steps to forget where the statistics started


def main(arguments: list[str] | None = None) -> int:
    """Read the options, train, write; what is wrong with them is one sentence and the exit status 1."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    add = parser.add_argument
    add("folder", type=Path, help="photos in class folders, as told above")
    add("--out", type=Path, required=True, help="the weights to write, NAME.safetensors")
    add("--depth", type=int, choices=DEPTHS, default=50, help="of the ResNet (default: %(default)s)")
    add("--epochs", type=int, default=40, help="how often each photo is seen (default: %(default)s)")
    add("--batch", type=int, default=64, help="photos a step (default: %(default)s)")
    add("--side", type=int, default=160, help="of the photos, in pixels (default: %(default)s)")
    add("--rate", type=float, default=0.12, help="the highest learning rate (default: %(default)s)")
    add("--seed", type=int, default=0, help="of everything random (default: %(default)s)")
    options = parser.parse_args(arguments)
    try:
        print(f"{options.out}: {train(options):.1%} of the validation photos right at {options.side} px")
    except ResNetDemoError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def train(options: argparse.Namespace) -> float:
    """Train, and write the averaged weights; the share of validation photos named right, or OptionError."""
    if options.out.suffix != ".safetensors" or not options.out.parent.is_dir():
        raise OptionError(f"Weights go to NAME.safetensors in a folder. Received: {str(options.out)!r}.")
    keras.utils.set_random_seed(options.seed)
    classes, training = photos(options.folder / "train", options, shuffle=True)
    same, validation = photos(options.folder / "val", options, shuffle=False)
    if classes != same:
        raise OptionError(f"`val` has the classes of `train`. Received: {same}. Accepted: {classes}.")
    model = fresh_network(options.depth, len(classes), options.side)
    steps = options.epochs * len(training)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps - steps // 16, warmup_target=options.rate, warmup_steps=steps // 16
    )
    optimizer = keras.optimizers.SGD(
        rate, 0.9, nesterov=True, weight_decay=1e-3, global_clipnorm=5.0, use_ema=True, ema_momentum=AVERAGE
    )
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    model.compile(optimizer, loss, metrics=["accuracy"], jit_compile=False)
    augment = augmentation()
    seen = training.map(lambda images, labels: (preprocess(augment(images, training=True)), labels))
    unseen = validation.map(lambda images, labels: (preprocess(images), labels))
    callbacks = [
        keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
        keras.callbacks.BackupAndRestore(options.out.with_suffix(".training")),
        keras.callbacks.TerminateOnNaN(),
    ]
    # Not shuffled here: `photos` has done so.
    model.fit(
        seen, validation_data=unseen, epochs=options.epochs, shuffle=False, verbose=2, callbacks=callbacks
    )
    write_weights(model, classes, options.out)
    return model.evaluate(unseen, verbose=0, return_dict=True)["accuracy"]


def photos(folder: Path, options: argparse.Namespace, *, shuffle: bool) -> tuple[list[str], tf.data.Dataset]:
    """The class folders' names, sorted, and batches: float32 (n, side, side, 3) RGB 0–255, one-hot (n, classes)."""
    try:
        found = keras.utils.image_dataset_from_directory(
            folder,
            label_mode="categorical",
            batch_size=options.batch,
            image_size=(options.side, options.side),
            shuffle=shuffle,
            seed=options.seed,
            verbose=False,
        )
    except (ValueError, OSError) as error:
        raise OptionError(f"Photos lie in class folders. Received: {str(folder)!r} ({error}).") from error
    return found.class_names, found.prefetch(tf.data.AUTOTUNE)


def augmentation() -> keras.layers.Pipeline:
    """What makes a photo another one of the same class: RGB 0–255 in and out."""
    return layers.Pipeline(
        [
            layers.RandomFlip("horizontal"),
            layers.RandomTranslation(0.1, 0.1, fill_mode="reflect"),
            layers.RandomZoom((-0.4, 0.0), (-0.4, 0.0), fill_mode="reflect"),
            layers.RandomContrast(0.2),
            layers.RandomBrightness(0.07),
            layers.RandomErasing(0.25, scale=(0.02, 0.16)),
        ]
    )


def preprocess(images: tf.Tensor) -> tf.Tensor:
    """RGB 0–255 as Keras' ResNet takes it: BGR minus the ImageNet mean."""
    return images[..., ::-1] - np.array(NAMED["caffe"].mean, np.float32)


def fresh_network(depth: int, classes: int, side: int) -> keras.Model:
    """A ResNet whose every block starts as its shortcut: the last BatchNorm of each residual branch scales by 0."""
    model = resnet(depth, classes=classes, input_shape=(side, side, 3))
    last = "_2_bn" if depth < 50 else "_3_bn"
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = BATCH_NORM_MOMENTUM
            if layer.name.endswith(last):
                layer.gamma.assign(tf.zeros_like(layer.gamma))
    return model


def write_weights(model: keras.Model, class_folders: list[str], path: Path) -> None:
    """Write "layer/variable" tensors and what `resnet_demo` has to know about them."""
    names = []
    for folder in class_folders:
        try:
            names.append((folder, label_for_wnid(folder).english))
        except UnknownClassError:
            names.append(("", folder.replace("_", " ")))
    metadata = {"classes": json.dumps(names), VARIANT: "keras", PREPROCESSING: "caffe"}
    save_file({variable.path: variable.numpy() for variable in model.variables}, path, metadata)


if __name__ == "__main__":
    sys.exit(main())
