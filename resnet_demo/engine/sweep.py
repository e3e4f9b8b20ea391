"""What large tensors shrink to, in one sweep over them.

TensorFlow's own operations read each tensor once a sum, and write another one for each product. XLA, its compiler,
makes one loop of all that is done to the same numbers. Sums it keeps in registers, if it may add numbers up in another
order than written, which its "fast math" flag allows. It reads its flags when it is first used in a process; was that
before this module was imported, the sums are the same to rounding, and slower.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import tensorflow as tf

FLAGS = {
    "--xla_cpu_enable_fast_math": "true",  # with infinities and NaN as they are
    "--xla_cpu_prefer_vector_width": "512",  # where the processor has such registers; XLA alone takes half of them
}
_said = os.environ.get("XLA_FLAGS", "")
_ours = [f"{flag}={value}" for flag, value in FLAGS.items() if flag not in _said]
os.environ["XLA_FLAGS"] = " ".join([*_said.split(), *_ours])


def swept(reduced: Callable[..., Any], *arguments: tf.Tensor | int) -> Any:
    """Inside a compiled pass: `reduced(*arguments)`, compiled by XLA where there is one.

    Args:
        reduced: a function at its module's top; sums over channels it makes with `summed`. It is compiled once for
            each shape, and each int or bool, that it is called with; XLA keeps that as long as the process lives.

    Raises:
        TypeError: a function that is not its module's own.
    """
    return _compiled(reduced)(*arguments)


def summed(terms: Sequence[tf.Tensor]) -> list[tf.Tensor]:
    """Inside `swept`: each of `terms`, float (N, h, w, c), summed over channels: (N, h, w)."""
    return (_in_one_loop if _xla_compiles() else _one_by_one)(terms)


def require_at_the_top(function: Callable[..., Any]) -> None:
    """TypeError unless the function is its module's own, found there by its name: a closure may capture anything."""
    module = sys.modules.get(getattr(function, "__module__", ""))
    if getattr(module, getattr(function, "__qualname__", ""), None) is not function:
        raise TypeError(
            "A pass is kept by its function, so the function may capture nothing. "
            f"Received: {function!r}. Accepted: a function at the top of its module."
        )


@cache
def _compiled(reduced: Callable[..., Any]) -> Callable[..., Any]:
    require_at_the_top(reduced)
    compiled: Callable[..., Any] = tf.function(reduced, jit_compile=_xla_compiles(), autograph=False)
    return compiled


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
    sums: list[tf.Tensor] = xla.variadic_reduce(
        terms,
        [tf.zeros((), dtype)] * len(terms),
        dimensions_to_reduce=[terms[0].shape.rank - 1],
        reducer=added.get_concrete_function(),
    )
    return sums


def _added(*numbers: tf.Tensor) -> list[tf.Tensor]:
    """The sums so far, and what comes to each of them."""
    so_far, coming = numbers[: len(numbers) // 2], numbers[len(numbers) // 2 :]
    return [one + other for one, other in zip(so_far, coming, strict=True)]
