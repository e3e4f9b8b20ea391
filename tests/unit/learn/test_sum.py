"""Step 3 against the Keras model's own tensors."""

import numpy as np
import pytest

from resnet_demo.learn.claims import sum as step


def test_the_maps_are_one_channel_of_the_keras_model(small_instrumented, small_batch, at, taped):
    for block in small_instrumented.engine.architecture.blocks:
        check = step.compute(at(small_instrumented, small_batch[:1], block=block.name))
        channel = check.data["channel"]
        values = taped(small_instrumented, small_batch[:1]).values
        for part in ("shortcut", "residual", "sum", "output"):
            expected = values[getattr(block, part)].numpy()[0, :, :, channel]
            np.testing.assert_allclose(check.data[part], expected, rtol=1e-4, atol=1e-5)
        total = np.add(check.data["shortcut"], check.data["residual"])
        np.testing.assert_allclose(check.data["sum"], total, rtol=1e-6, atol=1e-6)
        assert (check.data["block"], check.data["kind"]) == (block.name, block.kind)
        assert check.data["relu"] == block.has_relu


def test_it_holds_where_the_shortcut_is_the_input(small_instrumented, small_batch, at):
    check = step.compute(at(small_instrumented, small_batch[:1], block="conv2_block1"))

    assert check.verdict == "holds_only_where"
    values = check.values
    assert (values["blocks"], values["adds_up"], values["identity"], values["projection"]) == (5, 5, 3, 2)
    assert 0 < values["worst"] <= 1e-5
    assert values["sums"] == f"{2 * 8 * 12 * 12 + 3 * 4 * 6 * 16:,}"


def test_a_wrong_branch_is_found(small_instrumented, small_batch, at, monkeypatch):
    honest = step.branches

    def wrong(engine, batch):
        return [(x, s, f * (1.01 if i == 3 else 1)) for i, (x, s, f) in enumerate(honest(engine, batch))]

    monkeypatch.setattr(step, "branches", wrong)

    check = step.compute(at(small_instrumented, small_batch[:1], block="conv2_block1"))

    assert check.verdict == "does_not_hold"
    assert check.values["worst_block"] == "conv3_block2"
    assert check.values["adds_up"] == 4


def test_a_network_of_identity_blocks_alone(make_instrumented, small_batch, at):
    import keras
    from keras import layers

    photo = keras.Input((32, 48, 3))
    x = layers.MaxPooling2D(3)(layers.Conv2D(5, 3, activation="relu")(photo))
    f = layers.Conv2D(5, 3, padding="same")(x)
    x = layers.ReLU()(layers.Add()([f, x]))
    model = keras.Model(photo, layers.Dense(7)(layers.GlobalAveragePooling2D()(x)))

    check = step.compute(at(make_instrumented(model), small_batch[:1], block="conv2_block1"))

    assert check.verdict == "holds"
    assert check.data["step"] == 2  # 10×15 positions


def test_the_bundled_weights(instrumented, example_batch, at, taped):
    check = step.compute(at(instrumented, example_batch[:1], block="conv4_block4"))

    values = taped(instrumented, example_batch[:1]).values
    assert (check.verdict, check.values["identity"], check.values["projection"]) == (
        "holds_only_where",
        12,
        4,
    )
    assert check.values["worst"] <= 1e-5
    block = instrumented.engine.architecture.block("conv4_block4")
    expected = values[block.sum].numpy()[0, :, :, check.data["channel"]]
    np.testing.assert_allclose(check.data["sum"], expected, rtol=0, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize("side", [1, 14, 15, 56, 7])
def test_no_more_than_fourteen_positions_a_side(side):
    from resnet_demo.learn.claims.branches import SIDE, described, drawn

    rows = np.asarray(drawn(np.arange(side * side * 2.0).reshape(side, side, 2), 1))

    assert max(rows.shape) <= SIDE
    assert rows[0, 0] == 1
    assert described(np.zeros((side, side, 2)), 1)["step"] == -(-side // SIDE)
