"""The scores on a real ImageNet network are what a plain loop over 300 photos gave, within the noise of forty."""

import json

import numpy as np
import pytest

from resnet_demo.cli import main

pytestmark = pytest.mark.shared

# Grad-CAM for each photo's own class: pointing game and energy inside the boxes, as measured by the loop.
LOOP = {
    "conv5_block3": (0.907, 0.704),
    "conv5_block2": (0.890, 0.726),
    "conv5_block1": (0.410, 0.451),
    "conv4_block6": (0.600, 0.520),
    "conv3_block4": (0.567, 0.526),
    "conv2_block3": (0.610, 0.548),
}
CENTRE, AREA = 0.843, 0.505
ENERGY_NOISE = 0.04  # of a mean over forty photos


def noise(share: float) -> float:
    """The standard error of a share of forty photos."""
    return float(np.sqrt(share * (1 - share) / 40))


def test_pointing_and_energy_at_every_layer(shared, capsys):
    weights = shared / "weights" / "resnet50_v1.5_imagenet1k.safetensors"
    arguments = ["--weights", str(weights), "--scores", "gradcam,pointing,energy", "--json"]
    assert main(["evaluate", str(shared / "data" / "imagenet_val"), *arguments]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["images"] == found["boxed"] == 40
    layers = found["scores"]["gradcam"]
    assert list(layers) == list(LOOP)
    for layer, (pointing, energy) in LOOP.items():
        assert layers[layer]["pointing"] == pytest.approx(pointing, abs=2 * noise(pointing)), layer
        assert layers[layer]["energy"] == pytest.approx(energy, abs=2 * ENERGY_NOISE), layer
    assert found["centre"]["pointing"] == pytest.approx(CENTRE, abs=2 * noise(CENTRE))
    assert found["boxes_area"] == pytest.approx(AREA, abs=2 * ENERGY_NOISE)
    assert found["top1"] == pytest.approx(0.731, abs=2 * noise(0.731))  # as the weights' card has it
    assert found["top5"] == pytest.approx(0.909, abs=2 * noise(0.909))
