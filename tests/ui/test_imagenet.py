"""The page with a thousand classes: a v1.5 ImageNet checkpoint in a server of its own."""

from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.shared]

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def imagenet(served, tmp_path_factory, shared):
    """The page with that checkpoint, as RESNET_DEMO_WEIGHTS names it."""
    folder = tmp_path_factory.mktemp("imagenet")
    weights = shared / "weights" / "resnet50_v1.5_imagenet1k.safetensors"
    with served(
        ROOT, folder / "output.txt", RESNET_DEMO_WEIGHTS=str(weights), GRADIO_TEMP_DIR=str(folder / "uploads")
    ) as running:
        yield running


@pytest.fixture
def visit(visits_of, imagenet):
    with visits_of(imagenet) as open_page:
        yield open_page


def test_an_example_is_recognised_and_any_class_can_be_searched(visit):
    visitor = visit()
    page = visitor.page
    assert page.locator(".re-example").count() == 6  # those of ImageNet's classes
    page.locator('.re-example[data-example="koala-climbing-a-tree.jpg"]').click()
    page.get_by_text("koala-climbing-a-tree.jpg").first.wait_for()
    visitor.settled()
    assert visitor.text(".re-headline h2").startswith("koala, ")
    assert page.locator(".rx-prediction").count() == 5

    page.click("#target input")
    page.keyboard.type("goldf")
    page.get_by_role("option", name="goldfish").click()
    page.locator(".rx-prediction[aria-pressed=true]", has_text="goldfish").wait_for()
    visitor.settled()
    assert page.locator(".rx-prediction").count() == 6  # the chosen class is added below the top five
    assert page.locator(".re-finding", has_text="goldfish").first.is_visible()


def test_the_classes_and_the_reasons_are_told_in_chinese(visit, shared):
    visitor = visit(chinese=True)
    page = visitor.page
    visitor.photo(shared / "data" / "imagenet_val" / "ILSVRC2012_val_00000097.JPEG")
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
