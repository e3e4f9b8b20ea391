"""Step 4 against the Keras model with a BatchNorm silenced."""

import numpy as np
import pytest

from resnet_demo.learn.claims import identity as step
from resnet_demo.measures.classification import softmax


def test_which_blocks_are_the_identity(small_instrumented, small_batch, at, taped):
    check = step.compute(at(small_instrumented, small_batch[:1], 2, "conv2_block2"))

    values = check.values
    assert check.verdict == "holds_only_where"
    # conv3_block3 takes what no ReLU has seen, and a ReLU follows its sum.
    assert [b["largest"] == 0 for b in check.data["blocks"]] == [False, True, False, True, False]
    assert (values["same"], values["projection"], values["bent"]) == (2, 2, 1)
    lowest = taped(small_instrumented, small_batch[:1]).values["d_sum"].numpy().min()
    assert lowest < 0
    assert check.data["blocks"][4]["largest"] == pytest.approx(-lowest, rel=1e-5)
    assert [b["largest"] is None for b in check.data["blocks"]] == [True, False, True, False, False]


@pytest.mark.parametrize("name", ["conv2_block1", "conv2_block2", "conv3_block3"])
def test_a_gate_of_0_is_a_silent_batch_norm(name, small_instrumented, small_batch, at, without, taped):
    block = small_instrumented.engine.architecture.block(name)

    check = step.compute(at(small_instrumented, small_batch[:1], 2, name))

    whole = taped(small_instrumented, small_batch[:1]).logits.numpy()[0]
    with without(small_instrumented, block):
        found = taped(small_instrumented, small_batch[:1])
        logits, output = found.logits.numpy()[0], found.values[block.output].numpy()[0]
    gates = check.data["gates"]
    assert [gate["gate"] for gate in gates] == list(step.GATES)
    assert gates[0]["logit"] == pytest.approx(logits[2], abs=1e-4)
    assert gates[-1]["logit"] == pytest.approx(whole[2], abs=1e-4)
    assert gates[0]["probability"] == pytest.approx(softmax(logits)[2], abs=1e-4)
    assert gates[0]["top1"] == small_instrumented.labels[logits.argmax()]
    assert (check.values["trained"], check.values["off"]) == (gates[-1]["logit"], gates[0]["logit"])
    np.testing.assert_allclose(
        check.data["outputs"][0], output[:, :, check.data["channel"]], rtol=1e-4, atol=1e-5
    )
    assert len({gate["logit"] for gate in gates}) == len(gates), "every gate says something else"


def test_a_projection_has_no_input_to_compare_with(small_instrumented, small_batch, at):
    check = step.compute(at(small_instrumented, small_batch[:1], block="conv3_block1"))

    assert check.data["input"] is None
    assert check.data["input_shape"] == (8, 12, 12)


def test_the_bundled_weights(instrumented, example_batch, at, without, taped):
    block = instrumented.engine.architecture.block("conv5_block3")

    check = step.compute(at(instrumented, example_batch[:1], block=block.name))

    with without(instrumented, block):
        logits = taped(instrumented, example_batch[:1]).logits.numpy()[0]
    assert (check.values["same"], check.values["projection"], check.values["bent"]) == (12, 4, 0)
    top = int(instrumented.engine.logits(example_batch[:1]).argmax())
    assert check.data["target"] == instrumented.labels[top]
    assert check.values["off"] == pytest.approx(float(logits[top]), abs=1e-3)
    assert check.data["input"] == check.data["outputs"][0]
    assert check.data["input"] != check.data["outputs"][-1]
