"""The run itself: steps until the budget is used up, with an evaluation an epoch and checkpoints."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import numpy as np
from tqdm import tqdm

from resnet_demo.networks.preprocessing import NAMED, to_batch
from resnet_demo.photos.decoding import photo_from_pixels
from training.augmentation import augment, random_draws
from training.learning import Learner
from training.progress import Progress, Settings
from training.reading import Reader, TrainingBatches
from training.schedule import average_decay, moment

EVALUATION_BATCH = 64
# Objects look larger in crops than in whole photos; so a network does best on whole photos of a larger size
# than the crops it was trained on (Touvron et al. 2019, arXiv:1906.06423).
EVALUATION_MARGIN = 32  # pixels


def train(
    learner: Learner,
    progress: Progress,
    batches: TrainingBatches,
    settings: Settings,
    *,
    evaluate: Callable[[int], str],
    save: Callable[[Progress], None],
    save_seconds: float,
    stop: Callable[[], bool],
) -> Progress:
    """Train until the budget is used up or `stop` says so.

    Args:
        learner: changed in place.
        progress: where to begin.
        batches: of the training photos.
        settings: the run's.
        evaluate: called after each epoch with the side of images to evaluate at; what it returns is shown.
        save: called with the progress every `save_seconds`, and at the end.
        save_seconds: see `save`.
        stop: asked before each step.

    Returns:
        How far it has come.

    Raises:
        FloatingPointError: the loss is no finite number any more; nothing was saved since.
        NotAnImageError: a photo is damaged.
    """
    began = time.monotonic() - progress.elapsed
    saved = time.monotonic()
    losses: list[float] = []  # of this epoch
    with closing(batches.since(progress.step)) as upcoming, _bar(progress.share(settings)) as bar:
        for pixels, labels in upcoming:
            progress = replace(progress, elapsed=time.monotonic() - began)
            share = progress.share(settings)
            bar.n = round(100 * min(share, 1), 2)
            if share >= 1 or stop():
                break
            now = moment(share)
            if now.phase != progress.phase:
                learner.restart()
                progress = replace(progress, phase=now.phase, phase_step=0)
            progress = replace(progress, step=progress.step + 1, phase_step=progress.phase_step + 1)
            draws = random_draws(len(labels), settings.seed, progress.step)
            decay = average_decay(progress.phase_step, now.average_limit)
            loss = learner.update(augment(pixels, now.size, draws), labels, now.learning_rate, decay)
            if not math.isfinite(loss):
                raise FloatingPointError(
                    f"The loss is not finite. Received: {loss} at step {progress.step}, learning rate "
                    f"{now.learning_rate:.3g}. The last checkpoint is from before it."
                )
            losses.append(loss)
            bar.set_postfix_str(
                f"step {progress.step}, loss {loss:.3f}, lr {now.learning_rate:.4f}, {now.size} px"
            )
            if progress.step % batches.per_epoch == 0:
                result = evaluate(now.size + EVALUATION_MARGIN)
                epoch = progress.step // batches.per_epoch
                bar.write(f"epoch {epoch}: mean loss {np.mean(losses):.3f}, {result}")
                losses.clear()
            if time.monotonic() - saved >= save_seconds:
                save(progress)
                saved = time.monotonic()
    save(progress)
    return progress


def count_right(learner: Learner, reader: Reader, indices: np.ndarray, side: int) -> int:
    """How many of the photos at `indices` (n,) the average names right, resized whole to side × side."""
    right = 0
    for start in range(0, len(indices), EVALUATION_BATCH):
        pixels, labels = reader.batch(indices[start : start + EVALUATION_BATCH])
        batch = to_batch([photo_from_pixels(photo) for photo in pixels], NAMED["caffe"], (side, side))
        right += int((learner.logits(batch).argmax(axis=1) == labels).sum())
    return right


def _bar(share: float) -> tqdm:
    """A progress bar of the whole run, in percent of its budget."""
    shape = "{percentage:3.0f} %|{bar}| {elapsed} gone, {remaining} left{postfix}"
    return tqdm(total=100, initial=round(100 * share, 2), bar_format=shape, mininterval=1)
