"""Train a ResNet from scratch on any folder of class folders, within a given time, and write its weights.

    python tools/train_imagenette.py FOLDER --out my_resnet50.safetensors
    python -m resnet_demo predict photo.jpg --weights my_resnet50.safetensors

FOLDER holds train/<class>/* and val/<class>/*, or <class>/* alone, of which a share is set aside for
validation. A class folder called by an ImageNet wnid (n01440764) gets that class's name (tench); another
keeps its own. Photos are JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or PPM. They are resized whole to 224×224
first, as the page does, and need not fit into memory.

The recipe: SGD with Nesterov momentum 0.9, weight decay 1e-3 on kernels alone, gradients clipped to norm 5,
label smoothing 0.1, two phases of warm-up and cosine by the clock, images that grow from 96 to 192 pixels,
random resized crops, mirroring, contrast and brightness, random erasing, and an average of the weights, which
is what is measured and written.

A run can be stopped (Ctrl-C) or killed: the same command goes on from its last checkpoint, with the same
photos in the same order. The checkpoint, three times the size of the weights, can be deleted once they are
written.

The weights bundled with this project were NOT made by this program. They came from the same recipe written in
PyTorch, which was twice as fast on the two CPU cores at hand: 88 minutes of phase 1 and 24 of phase 2, batch
64, bfloat16, 2,669 steps in all. In the same time this program does fewer steps, and so its weights will be
less accurate.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
from training import checkpoint
from training.learning import Learner
from training.loop import count_right, train
from training.photos import find_photos
from training.progress import Progress, Settings
from training.reading import SIDE, Reader, TrainingBatches
from training.stopping import stopped_by_signal
from training.writing import write_weights

from resnet_demo.errors import OptionError, ResNetDemoError
from resnet_demo.networks.resnet import DEPTHS

SUFFIX = ".safetensors"


def main(arguments: list[str] | None = None) -> int:
    """Read the options, train, and say what went wrong in one sentence.

    Returns:
        The exit code: 0 finished, 1 an error, 130 stopped and to be continued.
    """
    options = parser().parse_args(arguments)
    try:
        with stopped_by_signal() as stop:
            return run(options, stop)
    except (ResNetDemoError, FloatingPointError, OSError) as error:
        print(error, file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    """The options, each with its help."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("folder", type=Path, help="photos in class folders, as told above")
    add("--out", type=Path, required=True, help="the weights to write, NAME.safetensors")
    add(
        "--checkpoint",
        type=Path,
        help="where the state of the run is kept (default: beside --out, as NAME.training.safetensors)",
    )
    add(
        "--depth",
        type=int,
        choices=DEPTHS,
        default=Settings.depth,
        help="of the ResNet (default: %(default)s)",
    )
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument(
        "--minutes",
        type=above_zero(float),
        default=Settings.minutes,
        help="the budget: time to train, evaluations included (default: %(default)s, the bundled weights')",
    )
    budget.add_argument(
        "--max-steps", type=above_zero(int), help="the budget in steps, whatever time they take"
    )
    add("--batch", type=above_zero(int), default=Settings.batch, help="photos a step (default: %(default)s)")
    add(
        "--val-share",
        type=share,
        default=0.1,
        help="of each class set aside for validation, if FOLDER has no train and val (default: %(default)s)",
    )
    add(
        "--val-photos",
        type=above_zero(int),
        default=512,
        help="validation photos an epoch; at the end all are used (default: %(default)s)",
    )
    add(
        "--memory",
        type=above_zero(float),
        default=2.0,
        help="GB in which training photos are kept decoded; 2 GB hold 13,286 photos, whatever their size, and "
        "those beyond are read again whenever they are needed (default: %(default)s)",
    )
    add(
        "--save-minutes",
        type=above_zero(float),
        default=5.0,
        help="between checkpoints: what a kill costs at most (default: %(default)s)",
    )
    add("--seed", type=whole, default=Settings.seed, help="of everything random (default: %(default)s)")
    return parser


def run(options: argparse.Namespace, stop: Callable[[], bool]) -> int:
    """Begin or go on, and write the weights when the budget is used up."""
    kept = options.checkpoint or options.out.with_suffix(f".training{SUFFIX}")
    require_writable(options.out, kept)
    settings = Settings(options.depth, options.batch, options.seed, options.minutes, options.max_steps)
    classes, training, validation = find_photos(options.folder, options.val_share, options.seed)
    batches = TrainingBatches(Reader(training, options.memory * 1e9), settings.batch, settings.seed)
    reader = Reader(validation, room_bytes=0)
    print(f"{len(classes)} classes, {len(batches.reader)} training and {len(reader)} validation photos")

    learner = Learner(settings.depth, len(classes), settings.seed)
    same = asdict(settings) | {"classes": classes, "training_photos": len(batches.reader)}
    progress = Progress()
    if kept.exists():
        progress = checkpoint.restore(kept, learner, same)
        print(f"Going on from step {progress.step}, {progress.elapsed / 60:.1f} minutes in.")
    sample = np.random.default_rng(settings.seed).permutation(len(reader))[: options.val_photos]

    def evaluate(side: int) -> str:
        right = count_right(learner, reader, sample, side)
        return f"{right} of {len(sample)} validation photos right at {side} px"

    progress = train(
        learner,
        progress,
        batches,
        settings,
        evaluate=evaluate,
        save=lambda progress: checkpoint.save(kept, learner, progress, same),
        save_seconds=60 * options.save_minutes,
        stop=stop,
    )
    if progress.share(settings) < 1:
        print(f"Stopped at step {progress.step}. The same command goes on from there.")
        return 130
    right = count_right(learner, reader, np.arange(len(reader)), SIDE)
    result = {"validation_photos": len(reader), "right": right, "steps": progress.step}
    write_weights(learner.average, classes, options.out, asdict(settings) | result)
    print(f"{options.out}: {right} of all {len(reader)} validation photos right at {SIDE} px")
    return 0


def above_zero(kind: type[int] | type[float]) -> Callable[[str], int | float]:
    """An option's type: a finite number of this kind above 0."""

    def parse(text: str) -> int | float:
        number = kind(text)
        if not 0 < number < float("inf"):
            raise argparse.ArgumentTypeError(f"it should be above 0. Received: {text}")
        return number

    parse.__name__ = kind.__name__  # argparse names it where the text is no number at all
    return parse


def whole(text: str) -> int:
    """An option's type: a whole number from 0 up."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"it should be a whole number from 0 up. Received: {text}")
    return int(text)


def share(text: str) -> float:
    """An option's type: a share above 0 and below 1."""
    if not 0 < (number := float(text)) < 1:
        raise argparse.ArgumentTypeError(f"it should be above 0 and below 1. Received: {text}")
    return number


def require_writable(out: Path, kept: Path) -> None:
    """Refuse now what would fail after hours, and to overwrite weights that are not this run's.

    Raises:
        OptionError: another ending, no such folder, or `out` exists without a run to go on with.
    """
    for path in (out, kept):
        if path.suffix != SUFFIX or not path.parent.is_dir():
            raise OptionError(
                f"Weights and checkpoint are files NAME{SUFFIX} in a folder that exists. "
                f"Received: {str(path)!r}."
            )
    if out == kept:
        raise OptionError(f"Weights and checkpoint are two files. Received: {str(out)!r} for both.")
    if out.exists() and not kept.exists():
        raise OptionError(
            "There are weights of this name already, and no checkpoint to go on from. "
            f"Received: {str(out)!r}."
        )


if __name__ == "__main__":
    sys.exit(main())
