"""A visitor chooses a network, and what it is fed; another visitor's stays. Two networks are compared."""

from pathlib import Path

import keras
import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from keras import layers

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),  # as Keras 3 saves
]
ROOT = Path(__file__).resolve().parents[2]


def save_small(path: Path, units: int) -> None:
    """Three residual blocks in two stages, its own activation; without a head where `units` is 0."""
    keras.utils.set_random_seed(5)
    photo = x = keras.Input((64, 64, 3))
    x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(8, 3, strides=2, padding="same")(x)))
    for stage, filters in enumerate((8, 8, 12), start=2):
        stride = 2 if filters == 12 else 1
        f = layers.ReLU()(layers.Conv2D(filters, 3, strides=stride, padding="same")(x))
        f = layers.Conv2D(filters, 3, padding="same")(f)
        s = x if stride == 1 else layers.Conv2D(filters, 1, strides=2)(x)
        x = layers.ReLU(name=f"out_{stage}")(layers.Add(name=f"sum_{stage}")([s, f]))
    if units:
        x = layers.Dense(units, activation="softmax")(layers.GlobalAveragePooling2D()(x))
    keras.Model(photo, x).save(path)


@pytest.fixture(scope="module")
def server(served, tmp_path_factory):
    """The bundled network, a small one of three classes and a backbone; Keras' own cannot be downloaded."""
    folder = tmp_path_factory.mktemp("networks")
    save_small(folder / "small.keras", 3)
    save_small(folder / "backbone.keras", 0)
    (folder / "small.json").write_text('{"label_names": ["kite", "golf ball", "boat"]}')
    with served(
        ROOT,
        folder / "output.txt",
        RESNET_DEMO_WEIGHTS=f"bundled, {folder / 'small.keras'}, {folder / 'backbone.keras'}",
        RESNET_DEMO_WEIGHTS_URL="http://127.0.0.1:9",
        KERAS_HOME=str(folder / "keras"),
        HF_HUB_CACHE=str(folder / "hub"),
        GRADIO_TEMP_DIR=str(folder / "uploads"),
    ) as running:
        yield running
        assert "Traceback" not in running.output(), running.output()


@pytest.fixture
def visit(visits_of, server):
    with visits_of(server) as open_page:
        yield open_page


def choose(visitor, chooser: str, option: str) -> None:
    visitor.page.locator(f"#{chooser} input").click()
    visitor.page.get_by_role("option", name=option).first.click()
    visitor.settled()


def options(visitor, chooser: str) -> list[str]:
    visitor.page.locator(f"#{chooser} input").click()
    found = visitor.page.get_by_role("option").all_inner_texts()
    visitor.page.locator("h1").click()  # which closes the list
    visitor.page.get_by_role("option").first.wait_for(state="detached")
    visitor.settled()
    return [text.replace("✓", "").strip() for text in found]


def test_a_network_is_chosen_and_all_that_is_shown_is_of_it(visit, ball):
    visitor, other = visit(), visit(chinese=True)
    for one in (visitor, other):
        one.photo(ball)
    before = other.text("#headline h2")
    assert options(visitor, "network")[:2] == ["bundled Imagenette", "small.keras"]
    choose(visitor, "network", "small.keras")
    assert visitor.text("#network-panel summary") == "Weights: small.keras, 3 classes"
    assert options(visitor, "target") == ["kite", "golf ball", "boat"]
    assert options(visitor, "layer")[-1] == "stage2_block1"
    assert visitor.page.locator(".rx-prediction").count() == 3
    visitor.tab("stages", "#grid .re-card")
    assert visitor.page.locator("#stage label").all_inner_texts() == ["stem", "stage1", "stage2"]
    visitor.tab("lab", "#ledger .re-card")
    assert visitor.page.locator("#gates label").count() == 3
    # The other visitor's network is still theirs.
    other.page.get_by_label("English").click()
    other.settled()
    assert other.text("#network-panel summary") == "Weights: bundled Imagenette, 10 classes"
    assert before.split("，")[1] == other.text("#headline h2").split(", ")[1]


def test_what_cannot_be_had_is_one_sentence_and_the_network_stays(visit, ball):
    visitor = visit()
    visitor.photo(ball)
    shown = visitor.text("#headline h2")
    choose(visitor, "preprocessing", "torch")
    fed = visitor.text("#headline h2")
    assert fed != shown
    choose(visitor, "network", "ResNet101V2")
    assert "could not be downloaded" in visitor.text("#network-problem")
    assert visitor.page.locator("#network input").input_value() == "bundled Imagenette"
    assert visitor.text("#headline h2") == fed
    warning = visitor.page.locator(".re-warning:visible")
    assert warning.count() == 1  # once, however many places could say it
    assert all(part in warning.inner_text() for part in ("torch", "caffe", "3.7", "0.0"))
    choose(visitor, "preprocessing", "as found")
    assert visitor.text("#headline h2") == shown
    assert warning.count() == 0


def test_a_backbone_shows_its_blocks_and_says_that_it_has_no_classes(visit, ball):
    visitor = visit()
    visitor.photo(ball)
    choose(visitor, "network", "backbone.keras")
    assert visitor.text("#network-panel summary") == "Weights: backbone.keras, no classes"
    assert "no classes" in visitor.text("#headline")
    assert visitor.page.locator("#headline .re-error").count() == 0
    assert visitor.page.locator("[data-block='stage2_block1']").count() > 0
    visitor.tab("stages", "#grid .re-card")
    visitor.tab("lab", "[role=tabpanel]:visible .re-error")


def test_two_networks_are_compared(visit, ball):
    visitor = visit()
    visitor.photo(ball)
    visitor.tab("compare", "#by-class .re-card")
    choose(visitor, "other-network", "small.keras")
    text = visitor.text("#two-networks")
    assert "bundled Imagenette says golf ball, 91.3%; small.keras says" in text
    assert "Both are explained for golf ball" in text
    assert "bundled Imagenette has 16 residual blocks, small.keras has 3" in text
    pairs = visitor.page.locator(".re-networks-pair")
    assert pairs.count() == 4
    for pair in pairs.all():
        assert pair.locator("h4").first.inner_text() == "bundled Imagenette"
        assert pair.locator(".re-card").count() == 2
    choose(visitor, "other-network", "backbone.keras")
    assert "needs a network that scores classes" in visitor.text("#two-networks")


def test_the_api_answers_with_the_network_it_is_told(server, ball):
    client = Client(server.url, verbose=False)

    def classify(**options):
        return client.predict(handle_file(ball), api_name="/classify", **options)

    assert [p["label"] for p in classify()] != [p["label"] for p in classify(network="small.keras")]
    assert {p["label"] for p in classify(network="small.keras")} == {"kite", "golf ball", "boat"}
    fed = [classify(network="small.keras", preprocessing=how)[0]["logit"] for how in ("unit", "tf")]
    assert not np.isclose(*fed)
    with pytest.raises(AppError, match="could not be downloaded"):
        classify(network="resnet50v2")
    client.close()


def test_where_no_class_is_probable_the_official_network_is_one_click_away(visit):
    visitor = visit()
    visitor.photo(ROOT / "assets/examples/asian-elephant-and-calf.jpg")
    assert visitor.text("#headline h2") == "None of the ten classes it knows is probable"
    visitor.page.get_by_role("button", name="Ask the official ResNet50").click()
    visitor.settled()
    assert "could not be downloaded" in visitor.text("#network-problem")  # this server has no way to it
    assert visitor.page.locator("#network input").input_value() == "bundled Imagenette"
