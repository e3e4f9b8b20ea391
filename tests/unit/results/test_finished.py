"""The finished example that the page shows before there is a photo is what the bundled weights say today."""

import json

import numpy as np
import pytest

from resnet_demo.assets import EXAMPLES, FINISHED
from resnet_demo.measures.overview import analyze
from resnet_demo.photos.decoding import read_photo
from resnet_demo.results.finished import from_json, to_json


def test_it_is_small_and_comes_back_as_it_went_in():
    kept = json.loads(FINISHED.read_text("utf-8"))
    assert FINISHED.stat().st_size < 60_000
    found = from_json(kept)
    assert len(found.blocks) == 16
    assert (EXAMPLES / found.file).is_file()


def test_it_is_measured_not_written(instrumented):
    found = from_json(json.loads(FINISHED.read_text("utf-8")))
    fresh = analyze(instrumented, read_photo(EXAMPLES / found.file))
    again = from_json(to_json(fresh))
    assert found.weights == fresh.weights
    assert [p.index for p in found.predictions] == [p.index for p in fresh.predictions]
    for one, other in ((found, fresh), (again, fresh)):
        assert [p.probability for p in one.predictions] == pytest.approx(
            [p.probability for p in other.predictions], rel=1e-3
        )
        np.testing.assert_allclose(
            one.cam.gradcam, fresh.gradcam.gradcam, atol=1e-3 * fresh.gradcam.gradcam.max()
        )
        for kept, block in zip(one.blocks, fresh.blocks, strict=True):
            assert (kept.name, kept.stage, kept.kind, kept.shape) == (
                block.name,
                block.stage,
                block.kind,
                block.shape,
            )
            for name in ("shortcut", "residual", "sum", "output"):
                assert getattr(kept, name).rms == pytest.approx(getattr(block, name).rms, rel=1e-3)
            assert kept.energy.cross == pytest.approx(block.energy.cross, abs=1e-3)
