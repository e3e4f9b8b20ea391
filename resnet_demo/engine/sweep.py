"""Many sums over channels in one sweep over the tensors.

TensorFlow's own operations read each tensor once a sum, and write another one for each product. XLA, its compiler,
makes of all of them one loop that keeps the sums in registers, if it may add numbers up in another order than
written, which its "fast math" flag allows. It reads its flags when it is first used in a process; was that before
this module was imported, the sums are the same to rounding, and slower.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cache

import tensorflow as tf

FAST = "--xla_cpu_enable_fast_math"  # with infinities and NaN as they are
if FAST not in os.environ.get("XLA_FLAGS", ""):
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {FAST}=true".strip()


def summed(terms: Callable[..., Sequence[tf.Tensor]], *tensors: tf.Tensor) -> tf.Tensor:
    """Inside a compiled pass: each of `terms(*tensors)` summed over channels.

    Args:
        terms: a function at its module's top, of tensors (N, h, w, c) to others of that shape. It is compiled once for
            each shape it is called with.

    Returns:
        float32 (N, terms, h, w).
    """
    return _compiled(terms)(*tensors)


@cache
def _compiled(terms: Callable[..., Sequence[tf.Tensor]]) -> Callable[..., tf.Tensor]:
    sums = _in_one_loop if _xla_compiles() else _one_by_one
    return tf.function(
        lambda *tensors: tf.stack(sums(terms(*tensors)), axis=1), jit_compile=_xla_compiles(), autograph=False
    )


@cache
def _xla_compiles() -> bool:
    """Whether this TensorFlow comes with an XLA that knows this processor; not every system's does."""
    try:
        with tf.init_scope():  # now, not in a graph that is being traced
            tf.function(lambda x: x + x, jit_compile=True, autograph=False)(tf.ones(()))
    except tf.errors.OpError:
        return False
    return True


def _one_by_one(terms: Sequence[tf.Tensor]) -> list[tf.Tensor]:
    return [tf.reduce_sum(term, axis=-1) for term in terms]


def _in_one_loop(terms: Sequence[tf.Tensor]) -> list[tf.Tensor]:
    # TensorFlow has no public name for XLA's reduction of several tensors at once.
    from tensorflow.compiler.tf2xla.python import xla

    number, dtype = tf.TensorSpec((), terms[0].dtype), terms[0].dtype
    added = tf.function(_added, input_signature=[number] * (2 * len(terms)), autograph=False)
    return xla.variadic_reduce(
        terms,
        [tf.zeros((), dtype)] * len(terms),
        dimensions_to_reduce=[terms[0].shape.rank - 1],
        reducer=added.get_concrete_function(),
    )


def _added(*numbers: tf.Tensor) -> list[tf.Tensor]:
    """The sums so far, and what comes to each of them."""
    so_far, coming = numbers[: len(numbers) // 2], numbers[len(numbers) // 2 :]
    return [one + other for one, other in zip(so_far, coming, strict=True)]
