"""The page with a thousand classes, in a server of its own: a v1.5 ImageNet checkpoint, or, without ../shared, a
ResNet-18 whose weights are random, which names no photo rightly."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from resnet_demo.networks.checkpoints.variables import variable_shapes
from resnet_demo.networks.geometry import standard

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]


def random_numbers(path: Path) -> Path:
    """A ResNet-18 of random weights in Keras' layout, and no names of its thousand classes."""
    rng = np.random.default_rng(1)
    shapes = variable_shapes(standard(18), 1000, conv_bias=True)
    save_file(
        {
            name: rng.normal(0, (2 / np.prod(shape[:-1])) ** 0.5, shape).astype(np.float32)
            if name.endswith("/kernel")
            else np.full(shape, name.endswith(("gamma", "variance")), np.float32)
            for name, shape in shapes.items()
        },
        path,
    )
    return path


@pytest.fixture(scope="module")
def imagenet(served, tmp_path_factory, shared):
    """The page with that checkpoint, as RESNET_DEMO_WEIGHTS names it."""
    folder = tmp_path_factory.mktemp("imagenet")
    weights = shared / "weights" / "resnet50_v1.5_imagenet1k.safetensors"
    if not weights.is_file():
        weights = random_numbers(folder / "random.safetensors")
    with served(
        ROOT, folder / "output.txt", RESNET_DEMO_WEIGHTS=str(weights), GRADIO_TEMP_DIR=str(folder / "uploads")
    ) as running:
        yield running


@pytest.fixture
def visit(visits_of, imagenet):
    with visits_of(imagenet) as open_page:
        yield open_page


def test_an_example_is_recognised_and_any_class_can_be_searched(visit, shared):
    visitor = visit()
    page = visitor.page
    assert page.locator(".re-example").count() == 6  # those of ImageNet's classes
    page.locator('.re-example[data-example="koala-climbing-a-tree.jpg"]').click()
    page.get_by_text("koala-climbing-a-tree.jpg").first.wait_for()
    visitor.settled()
    if shared.is_dir():
        assert visitor.text(".re-headline h2").startswith("koala, ")
    assert page.locator(".rx-prediction").count() == 5

    page.click("#target input")
    page.keyboard.type("goldf")
    page.get_by_role("option", name="goldfish").click()
    page.locator(".rx-prediction[aria-pressed=true]", has_text="goldfish").wait_for()
    visitor.settled()
    assert page.locator(".rx-prediction").count() == 6  # the chosen class is added below the top five
    assert page.locator(".re-finding", has_text="goldfish").first.is_visible()


def test_the_classes_and_the_reasons_are_told_in_chinese(visit, ball):
    visitor = visit(chinese=True)
    page = visitor.page
    visitor.photo(ball)
    assert page.locator(".rx-prediction-name").count() == 5
    page.click("#target input")
    page.keyboard.type("金鱼")
    page.get_by_role("option", name="金鱼").first.click()
    page.locator(".rx-prediction[aria-pressed=true]", has_text="金鱼").wait_for()
    page.locator(".re-weights summary").click()
    panel = visitor.text(".re-weights")
    assert "按 RESNET_DEMO_WEIGHTS 的设置" in panel
    assert "假定是 ImageNet 的类别" in panel
    assert "assumed" not in panel
