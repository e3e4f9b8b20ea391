"""Gates and lesions against Keras models whose residual branches were scaled by hand."""

import keras
import numpy as np
import pytest

from resnet_demo.errors import ArchitectureError, OptionError, UnknownClassError
from resnet_demo.measures.classification import softmax
from resnet_demo.measures.gates import classify_with_gates, gated_logits
from resnet_demo.measures.lesion import lesion_all, lesion_logits

BLOCKS = 5


def _keras_logits(instrumented, batch, gates):
    """Logits of a copy of the Keras model in which each residual branch's last BatchNorm is scaled by its gate."""
    model = keras.models.clone_model(instrumented.network.model)
    model.set_weights(instrumented.network.model.get_weights())
    for block, gate in zip(instrumented.engine.architecture.blocks, gates, strict=True):
        last = model.get_layer(block.residual)
        last.gamma.assign(last.gamma * gate)
        last.beta.assign(last.beta * gate)
    return model(batch, training=False).numpy()


def test_gates_of_one_change_nothing_bit_for_bit(small_instrumented, small_batch):
    engine = small_instrumented.engine

    found = gated_logits(engine, small_batch, np.ones((3, BLOCKS)))

    np.testing.assert_array_equal(found, engine.logits(small_batch))


@pytest.mark.parametrize("kind", ["option_a_instrumented", "tutorial_instrumented"])
def test_gates_of_one_change_nothing_in_other_networks(kind, request, small_batch):
    engine = request.getfixturevalue(kind).engine

    found = gated_logits(engine, small_batch, np.ones((3, len(engine.architecture.blocks))))

    np.testing.assert_array_equal(found, engine.logits(small_batch))


def test_gates_scale_residual_branches(small_instrumented, small_batch):
    gates = np.array([[1, 0.5, 0, 0.25, 1], [0, 0, 0, 0, 0], [0.1, 1, 1, 0.7, 0.3]])

    found = gated_logits(small_instrumented.engine, small_batch, gates)

    expected = [_keras_logits(small_instrumented, small_batch, g)[i] for i, g in enumerate(gates)]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * np.abs(expected).max())


def test_classify_with_gates_ranks_what_the_gated_network_says(small_instrumented, small_batch):
    gates = np.array([0, 1, 1, 0.5, 1])

    found = classify_with_gates(small_instrumented, small_batch[1:2], gates, top=3)

    logits = _keras_logits(small_instrumented, small_batch[1:2], gates)[0]
    assert [p.index for p in found] == list(np.argsort(-logits)[:3])
    np.testing.assert_allclose([p.logit for p in found], np.sort(logits)[::-1][:3], rtol=1e-4)


def test_the_growing_batch_equals_separate_runs(small_instrumented, small_batch):
    engine = small_instrumented.engine

    found = lesion_logits(engine, small_batch)

    assert found.shape == (1 + BLOCKS, 3, 7)
    np.testing.assert_allclose(found[0], engine.logits(small_batch), rtol=0, atol=1e-4)
    for i in range(BLOCKS):
        gates = np.ones((3, BLOCKS))
        gates[:, i] = 0
        np.testing.assert_allclose(found[1 + i], gated_logits(engine, small_batch, gates), rtol=0, atol=1e-4)
        np.testing.assert_allclose(
            found[1 + i], _keras_logits(small_instrumented, small_batch, gates[0]), rtol=0, atol=1e-3
        )


@pytest.mark.parametrize("kind", ["option_a_instrumented", "tutorial_instrumented"])
def test_the_growing_batch_equals_separate_runs_in_other_networks(kind, request, small_batch):
    engine = request.getfixturevalue(kind).engine
    count = len(engine.architecture.blocks)
    gates = 1 - np.eye(count)

    found = lesion_logits(engine, small_batch[:1])[1:, 0]

    separate = gated_logits(engine, np.repeat(small_batch[:1], count, axis=0), gates)
    np.testing.assert_allclose(found, separate, rtol=0, atol=1e-4 * max(1, np.abs(separate).max()))


@pytest.mark.parametrize("target", [None, 2])
def test_a_lesion_tells_what_changed(small_instrumented, small_batch, target):
    batch = small_batch[2:]
    clean = _keras_logits(small_instrumented, batch, np.ones(BLOCKS))[0]
    index = int(clean.argmax()) if target is None else target

    lesions = lesion_all(small_instrumented, batch, target)

    assert [lesion.block for lesion in lesions] == [
        block.name for block in small_instrumented.engine.architecture.blocks
    ]
    for i, lesion in enumerate(lesions):
        gates = np.ones(BLOCKS)
        gates[i] = 0
        logits = _keras_logits(small_instrumented, batch, gates)[0]
        assert lesion.logit_change == pytest.approx(logits[index] - clean[index], abs=1e-3)
        assert lesion.probability_change == pytest.approx(
            softmax(logits)[index] - softmax(clean)[index], abs=1e-4
        )
        assert lesion.top1.index == logits.argmax()
        assert lesion.top1.probability == pytest.approx(softmax(logits).max(), abs=1e-4)
        assert lesion.changed == (logits.argmax() != clean.argmax())
    assert {lesion.changed for lesion in lesions} == {True, False}  # the pictures tell them apart


@pytest.mark.parametrize("gate", [-0.1, 1.5, np.nan])
def test_a_gate_outside_0_to_1_is_refused(small_instrumented, small_batch, gate):
    with pytest.raises(OptionError, match=r"Accepted: 0 \(off\) to 1"):
        classify_with_gates(small_instrumented, small_batch[:1], np.array([1, 1, gate, 1, 1]))


def test_another_number_of_gates_is_refused(small_instrumented, small_batch):
    with pytest.raises(OptionError, match=r"Received: shape \(1, 4\). Accepted: \(1, 5\)"):
        classify_with_gates(small_instrumented, small_batch[:1], np.ones(4))


def test_an_unknown_class_is_refused(small_instrumented, small_batch):
    with pytest.raises(UnknownClassError):
        lesion_all(small_instrumented, small_batch[:1], 7)


def test_a_network_without_shortcuts_is_refused(plain_instrumented, small_batch):
    with pytest.raises(ArchitectureError, match="without shortcuts"):
        lesion_all(plain_instrumented, small_batch[:1])
    with pytest.raises(ArchitectureError, match="without shortcuts"):
        classify_with_gates(plain_instrumented, small_batch[:1], np.ones(0))
