"""Plain and residual twins: the same parameters, the same start, and a shortcut that is what the paper says."""

import numpy as np
import pytest

from resnet_demo.errors import OptionError
from resnet_demo.learn.twins import twin


@pytest.mark.parametrize("depth", [8, 20])
def test_depth_counts_the_layers_with_weights_and_twins_have_the_same(depth):
    plain, residual = (twin(depth, residual=residual, seed=3) for residual in (False, True))
    kernels = [[w for w in m.weights if w.name == "kernel"] for m in (plain, residual)]
    assert len(kernels[0]) == len(kernels[1]) == depth
    assert plain.count_params() == residual.count_params()
    for one, other in zip(*kernels, strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(kernels[0][1], twin(depth, residual=False, seed=4).weights[4])


@pytest.mark.parametrize("depth", [7, 2, 0, 21])
def test_another_depth_is_refused(depth):
    with pytest.raises(OptionError, match=r"6n \+ 2"):
        twin(depth, residual=True)


def test_with_every_branch_silenced_the_shortcuts_alone_are_left():
    """Kernels of every branch's second convolution at 0: what comes out is option A's subsampling and zero channels."""
    model = twin(8, residual=True, batch_norm=False)
    convolutions = [layer for layer in model.layers if layer.name.startswith("conv")]
    for layer in convolutions[2::2]:
        layer.kernel.assign(np.zeros(layer.kernel.shape))
    picture = np.random.default_rng(0).normal(size=(1, 16, 16, 1)).astype(np.float32)
    import keras

    first = np.asarray(
        keras.Model(model.input, model.layers[2].output)(picture)
    )  # (1, 16, 16, 8), after its ReLU
    pooled = np.asarray(keras.Model(model.input, model.get_layer("logits").input)(picture))
    expected = np.concatenate([first[:, ::4, ::4].mean((1, 2)), np.zeros((1, 24))], axis=1)
    np.testing.assert_allclose(pooled, expected, atol=1e-6)
