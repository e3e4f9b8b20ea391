"""Step 5 against one tape over the Keras model."""

import numpy as np
import pytest

from resnet_demo.learn.claims import gradient_split as step

TARGET = 3


def _expected(run, block, target):
    """By how much each form misses, by Keras' own gradients."""
    g = run.gradient(block.input, target)
    output = run.gradient(block.output, target)
    masked = output * run.mask(block)

    def missed(form):
        return float(np.linalg.norm(form - g) / np.linalg.norm(g))

    off = {"corrected": missed(run.back(block, "shortcut", masked) + run.back(block, "residual", masked))}
    for name, at_y in (("output", output), ("sum", run.gradient(block.sum, target))):
        fits = at_y.shape == g.shape
        off[name] = missed(at_y + run.back(block, "residual", at_y)) if fits else None
    return off


def _check(check, run, target, tolerance, every=1):
    rows = list(zip(check.data["blocks"], run.blocks, strict=True))
    for row, block in rows[::every]:
        expected = _expected(run, block, target)
        assert row["name"] == block.name
        for form in step.FORMS:
            if expected[form] is None:
                assert row[form] is None
            else:
                assert row[form] == pytest.approx(expected[form], abs=tolerance), (block.name, form)
        masked = run.gradient(block.output, target) * run.mask(block)
        by = {name: run.back(block, name, masked).numpy() for name in ("shortcut", "residual")}
        for name, gradient in by.items():
            assert row[name] == pytest.approx(float(np.sqrt(np.mean(gradient**2))), rel=1e-3)
        cosine = np.vdot(by["shortcut"], by["residual"]) / np.prod([np.linalg.norm(g) for g in by.values()])
        assert row["cosine"] == pytest.approx(float(cosine), abs=1e-3)


def test_every_form_in_every_block(exact_instrumented, small_batch, at, taped):
    check = step.compute(at(exact_instrumented, small_batch[:1], TARGET))

    _check(check, taped(exact_instrumented, small_batch[:1]), TARGET, 1e-6)
    rows = {row["name"]: row for row in check.data["blocks"]}
    assert rows["conv3_block2"]["output"] <= 1e-12, "no ReLU follows: the output is the sum"
    assert rows["conv2_block2"]["output"] > 0.05
    assert [row["output"] is None for row in rows.values()] == [True, False, True, False, False]
    assert check.verdict == "holds_only_where"
    assert (check.values["as_output"], check.values["as_sum"], check.values["as_corrected"]) == (1, 3, 5)
    assert check.values["least"] <= 1e-12 < check.values["most"]


def test_without_projections_and_relus_it_holds(make_instrumented, small_batch, at):
    import keras
    from keras import layers

    photo = keras.Input((32, 48, 3))
    x = layers.MaxPooling2D(3)(layers.Conv2D(5, 3, activation="relu")(photo))
    for _ in range(2):
        f = layers.Conv2D(5, 3, padding="same")(layers.ReLU()(layers.BatchNormalization()(x)))
        x = layers.Add()([x, f])
    model = keras.Model(photo, layers.Dense(7)(layers.GlobalAveragePooling2D()(x)))

    check = step.compute(at(make_instrumented(model), small_batch[:1], TARGET))

    assert check.verdict == "holds"
    assert (check.values["as_output"], check.values["projection"]) == (2, 0)


def test_where_every_shortcut_is_a_projection_it_does_not(tutorial_instrumented, small_batch, at):
    """Of the tutorial's two blocks, the projection alone: the other is an identity block."""
    check = step.compute(at(tutorial_instrumented, small_batch[:1], TARGET))

    assert check.data["blocks"][0]["output"] is None
    assert check.data["blocks"][1]["output"] <= 1e-5


def test_the_bundled_weights(instrumented, example_batch, at, taped):
    check = step.compute(at(instrumented, example_batch[:1], TARGET))

    _check(check, taped(instrumented, example_batch[:1]), TARGET, 1e-3, every=5)
    assert (check.values["as_output"], check.values["as_sum"], check.values["as_corrected"]) == (0, 12, 16)
    assert check.values["corrected"] <= 1e-4
    assert check.values["least"] > 0.1
