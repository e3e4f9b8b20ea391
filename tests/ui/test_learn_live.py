"""The walk's live steps in a real browser, against the Keras model by itself."""

import json
import re

import numpy as np
import pytest

from resnet_demo.learn.steps import STEPS

pytestmark = pytest.mark.browser

NUMBER = {step.key: str(number) for number, step in enumerate(STEPS, start=1)}
BLOCK = "conv5_block3"  # the one at hand when nothing was chosen


def open_step(visitor, key: str) -> str:
    """Open a step by its number in the address, have it checked, and read what its verdict says."""
    page = visitor.page
    page.goto(f"{page.url.split('?')[0]}?learn={NUMBER[key]}")
    page.locator("#learn-idea h2").wait_for()
    visitor.settled()
    if page.locator("#learn-check").is_visible():
        page.locator("#learn-check").click()
    page.locator("#learn-result .rx-outcome").wait_for(timeout=90_000)
    visitor.settled()
    assert "golf-ball-in-grass.jpg" in visitor.text("#learn-result")
    return visitor.text("#learn-result .rx-outcome").replace("−", "-")


@pytest.fixture(scope="module")
def walk(shared_visit):
    return shared_visit()


@pytest.fixture(scope="module")
def keras_model(instrumented):
    return instrumented.network.model


@pytest.fixture(scope="module")
def photo(instrumented, ball):
    from resnet_demo.photos.decoding import read_photo

    return instrumented.batch(read_photo(ball))


def layers_of(model, photo, *names):
    import keras

    outputs = {name: model.get_layer(name).output for name in names}
    found = keras.Model(model.input, outputs)(photo, training=False)
    return [np.asarray(found[name])[0] for name in names]


def logits(model, photo):
    """The scores before the softmax, of the last dense layer's input."""
    head = model.layers[-1]
    (features,) = layers_of(model, photo, head.input._keras_history.operation.name)
    kernel, bias = head.get_weights()
    return features @ kernel + bias


def without(model, photo, block):
    """Those with a block's last BatchNorm silenced."""
    norm = model.get_layer(f"{block}_3_bn")
    gamma, beta, *rest = norm.get_weights()
    norm.set_weights([0 * gamma, 0 * beta, *rest])
    try:
        return logits(model, photo)
    finally:
        norm.set_weights([gamma, beta, *rest])


def test_the_numbers_are_those_of_the_walk():
    assert [NUMBER[key] for key in ("sum", "identity", "gradient_split", "paths")] == ["3", "4", "5", "9"]


def test_a_sum_is_added_position_by_position(walk, keras_model, photo):
    said, page = open_step(walk, "sum"), walk.page

    names = [layer.name for layer in keras_model.layers]
    blocks = [name for name in names if name.endswith("_add")]
    projections = [name for name in names if name.endswith("_0_conv")]
    assert said.startswith("◐ holds only where")
    assert f"In all {len(blocks)} blocks" in said
    assert f"only in the {len(blocks) - len(projections)} identity blocks" in said
    assert f"in the {len(projections)} projection blocks" in said
    picture = page.locator(".rx-addition")
    numbers = json.loads(picture.get_attribute("data-numbers").replace("−", "-"))
    channel = int(re.search(r"channel (\d+)", picture.inner_text())[1])
    x, f, y = layers_of(keras_model, photo, "conv5_block2_out", f"{BLOCK}_3_bn", f"{BLOCK}_add")
    parts = (x, f, y, np.maximum(y, 0))
    expected = [[part[i // 7, i % 7, channel] for part in parts] for i in range(49)]
    np.testing.assert_allclose(np.array(numbers, float), expected, atol=1e-3)

    slider = picture.locator("input[type=range]")
    slider.focus()
    page.keyboard.press("Home")
    for _ in range(9):  # one row and two positions
        page.keyboard.press("ArrowRight")
    assert slider.input_value() == "9"
    assert page.url.endswith(f"learn={NUMBER['sum']}"), "the arrows move the slider and not the walk"
    assert page.locator("#learn-idea h2").inner_text().startswith("A block adds")
    terms = [t.replace("−", "-") for t in picture.locator("[data-term]").all_inner_texts()]
    assert terms == numbers[8]
    assert picture.locator("[data-where]").inner_text() == "(2, 2)"
    assert "Row 2, column 2" in slider.get_attribute("aria-valuetext")
    covers = picture.locator(".rx-not-yet").evaluate_all("all => all.map((path) => path.getAttribute('d'))")
    assert covers == ["M2 1H7V7H0V2H2Z"] * 2

    play = picture.locator(".rx-play")
    play.click()
    page.wait_for_function("+document.querySelector('.rx-addition input').value > 12")
    assert play.inner_text() == "Pause"
    play.click()
    held = slider.input_value()
    page.wait_for_timeout(400)
    assert 12 < int(slider.input_value()) == int(held) < 49
    page.emulate_media(reduced_motion="reduce")
    play.click()
    assert slider.input_value() == "49"
    page.emulate_media(reduced_motion="no-preference")


def test_another_block_is_a_click_away(walk, keras_model, photo):
    open_step(walk, "sum")
    page = walk.page

    page.locator(".rx-blocks [data-block=conv4_block2]").click()
    page.locator("#learn-result", has_text="conv4_block2, channel").wait_for()
    walk.settled()

    picture = page.locator(".rx-addition")
    assert page.locator(".rx-blocks [aria-pressed=true]").get_attribute("data-block") == "conv4_block2"
    channel = int(re.search(r"channel (\d+)", picture.inner_text())[1])
    (y,) = layers_of(keras_model, photo, "conv4_block2_add")
    numbers = json.loads(picture.get_attribute("data-numbers").replace("−", "-"))
    np.testing.assert_allclose(
        np.array(numbers, float)[:, 2].reshape(14, 14), y[:, :, channel], atol=2e-3 * np.abs(y).max()
    )


def test_a_gate_of_0_makes_a_block_the_identity(walk, keras_model, photo):
    said, page = open_step(walk, "identity"), walk.page

    assert said.startswith("◐ holds only where")
    assert "bit for bit in 12 of 16 blocks. Exceptions: 4 projection blocks" in said
    assert page.locator(".rx-chip-same").count() == 12
    trained, off = logits(keras_model, photo), without(keras_model, photo, BLOCK)
    target = int(trained.argmax())
    gate = page.locator(".rx-gate")
    for key, expected in (("Home", off), ("End", trained)):
        gate.focus()
        page.keyboard.press(key)
        shown = page.locator("[data-at]:not([hidden])")
        assert shown.count() == 1
        text = shown.inner_text().replace("−", "-")
        assert float(re.search(r"logit (-?[\d.]+)", text)[1]) == pytest.approx(
            float(expected[target]), abs=6e-3
        )
        chances = np.exp(expected - expected.max()) / np.exp(expected - expected.max()).sum()
        assert f"{100 * chances[target]:.1f}%" in text
    measured = walk.text("#learn-result .rx-background")
    assert f"goes from {trained[target]:.3g} to {off[target]:.3g}" in measured


def test_the_gradients_form_misses_by_what_keras_says(walk, keras_model, photo):
    import keras
    import tensorflow as tf

    said, page = open_step(walk, "gradient_split"), walk.page

    assert said.startswith("◐ holds only where")
    assert "it holds in 0 of 16 blocks" in said
    assert "in the 12 blocks whose shortcut is the input itself" in said
    head = keras_model.layers[-1]
    names = ["conv5_block2_out", f"{BLOCK}_3_bn", f"{BLOCK}_out"]
    watched = keras.Model(keras_model.input, [keras_model.get_layer(name).output for name in names])
    with tf.GradientTape(persistent=True) as tape:
        x, f, output = watched(tf.constant(photo), training=False)
        scores = tf.reduce_mean(output, axis=(1, 2)) @ head.kernel.value + head.bias.value
        logit = tf.reduce_max(scores)
    at_output, at_input = tape.gradient(logit, [output, x])
    form = at_output + tape.gradient(f, x, output_gradients=at_output)
    missed = float(tf.norm(form - at_input) / tf.norm(at_input))
    assert page.locator(f'#learn-result [aria-label^="{BLOCK}: {100 * missed:.1f}%"]').count() == 1


def test_paths_and_lesions(walk, keras_model, photo):
    said, page = open_step(walk, "paths"), walk.page

    whole = int(logits(keras_model, photo).argmax())
    blocks = [layer.name.removesuffix("_add") for layer in keras_model.layers if layer.name.endswith("_add")]
    kept = sum(int(without(keras_model, photo, block).argmax()) == whole for block in blocks)
    assert f"Of {2 ** len(blocks):,} paths the 2,517 that pass at most 4" in said  # C(16, 0) + … + C(16, 4)
    if said.startswith("✓ holds"):
        assert kept == len(blocks)
    else:
        assert f"only without {kept} of the {len(blocks)} blocks" in said
    share = float(re.search(r"bring ([\d.]+)%", said)[1])
    length, drawn = map(
        float, re.search(r"length of ([\d.]+) by the exact sum and ([\d.]+) by", said).groups()
    )
    assert 80 < share < 110
    assert 0.5 < length < drawn < 4  # single paths do not cancel each other, which would shorten them
    # A share of lengths whose every path was walked has a spread too: that of the whole it is a share of.
    assert page.locator("#learn-result .rx-whisker").count() == 17
    assert page.locator(".rx-dot").count() == 16 + 13 + 8
    assert page.locator("#learn-result table tbody tr").count() == 17
