import os
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from resnet_demo.engine import sweep


def _sums(a, b):
    return tf.stack(sweep.summed([a, a * b, tf.abs(a), tf.cast(a < b, a.dtype)]), axis=1)


@pytest.fixture(params=["one loop", "one by one"])
def swept(request, monkeypatch):
    """`swept`, by XLA and as a TensorFlow without XLA does it."""
    if request.param == "one by one":
        monkeypatch.setattr(sweep, "_xla_compiles", lambda: False)
    sweep._compiled.cache_clear()
    yield sweep.swept
    sweep._compiled.cache_clear()


@pytest.mark.parametrize("shape", [(1, 3, 5, 7), (3, 4, 2, 33)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sums_are_those_of_numpy(swept, shape, dtype):
    rng = np.random.default_rng(1)
    a, b = (rng.normal(shift, 2, shape).astype(dtype) for shift in (0.5, -0.3))

    found = swept(_sums, tf.constant(a), tf.constant(b))

    exact = [t.astype(np.float64).sum(axis=-1) for t in (a, a * b, np.abs(a), a < b)]
    assert found.dtype == dtype
    np.testing.assert_allclose(
        found, np.stack(exact, axis=1), rtol=0, atol=1e-4 if dtype == "float32" else 1e-12
    )


def test_what_is_not_finite_stays_so(swept):
    a = np.ones((1, 2, 2, 40), np.float32)
    a[0, 0, 1, 7], a[0, 1, 0, 39], a[0, 1, 1, 0] = np.nan, np.inf, -np.inf

    found = swept(_sums, tf.constant(a), tf.ones_like(a))[0].numpy()

    assert found[0, 0, 0] == 40
    assert np.isnan(found[:3, 0, 1]).all()
    assert np.isinf(found[:3, 1]).all()
    np.testing.assert_array_equal(np.sign(found[0, 1]), [1, -1])


def test_what_could_capture_something_is_refused():
    with pytest.raises(TypeError, match="a function at the top of its module"):
        sweep.swept(lambda a: a + 1, tf.ones(3))


@pytest.mark.parametrize(
    ("said", "flags"),
    [
        (None, "--xla_cpu_enable_fast_math=true --xla_cpu_prefer_vector_width=512"),
        (
            "--xla_foo=1",
            "--xla_foo=1 --xla_cpu_enable_fast_math=true --xla_cpu_prefer_vector_width=512",
        ),
        (
            "--xla_cpu_enable_fast_math=false",
            "--xla_cpu_enable_fast_math=false --xla_cpu_prefer_vector_width=512",
        ),
        (
            "--xla_cpu_prefer_vector_width=256 --xla_cpu_enable_fast_math=false",
            "--xla_cpu_prefer_vector_width=256 --xla_cpu_enable_fast_math=false",
        ),
    ],
)
def test_the_users_own_flags_for_xla_stay(said, flags):
    code = (
        "import os, sys, types\n"
        "sys.modules['tensorflow'] = types.ModuleType('tensorflow')\n"
        "import resnet_demo.engine.sweep; print(os.environ['XLA_FLAGS'])"
    )
    environment = {name: value for name, value in os.environ.items() if name != "XLA_FLAGS"}
    if said is not None:
        environment["XLA_FLAGS"] = said
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60
    )
    assert result.stdout == f"{flags}\n", result.stderr
