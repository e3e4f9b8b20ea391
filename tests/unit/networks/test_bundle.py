"""int8 with a scale per output channel, cut into parts; every part checked before it is used."""

import hashlib
import json
import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from resnet_demo.errors import CheckpointError, HashMismatchError, WeightsNotFoundError
from resnet_demo.networks import bundle
from resnet_demo.networks.weights import BUNDLE

CLASSES = [("n1", "first_class"), ("", "second")]


def a_network(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Kernels of 4.8 and 6 MB as int8, which do not fit into one part, and small variables."""
    return {
        "a_conv/kernel": rng.normal(size=(3, 3, 533, 1000)).astype(np.float32),
        "a_conv/bias": rng.normal(size=1000).astype(np.float32),
        "b_conv/kernel": rng.normal(size=(1, 1, 6000, 1000)).astype(np.float16),
        "b_bn/moving_variance": rng.random(1000).astype(np.float32),
        "predictions/kernel": rng.normal(size=(1000, 2)).astype(np.float32),
        "predictions/bias": np.array([0.25, -8], np.float32),
    }


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    tensors = a_network(np.random.default_rng(0))
    folder = tmp_path_factory.mktemp("bundle")
    return folder, tensors, bundle.pack(tensors, CLASSES, folder, name="small", depth=34, variant="v1.5")


@pytest.fixture
def copy(packed, tmp_path):
    shutil.copytree(packed[0], tmp_path, dirs_exist_ok=True)
    return tmp_path / "small.json"


def test_quantize_by_hand():
    kernel = np.array(
        [[[127.0, -1.0, 0.0], [-63.4, 0.26, 0.0]]], np.float32
    )  # (1, 2, 3): three output channels
    int8, scale = bundle.quantize(kernel)
    np.testing.assert_array_equal(int8, [[[127, -127, 0], [-63, 33, 0]]])  # 0.26 · 127 = 33.02
    np.testing.assert_allclose(scale, [1, 1 / 127, 1])
    assert (int8.dtype, scale.dtype) == (np.int8, np.float32)
    np.testing.assert_allclose(
        bundle.dequantize(int8, scale), [[[127, -1, 0], [-63, 33 / 127, 0]]], rtol=1e-6
    )


@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=2, max_dims=4, max_side=5),
        elements=st.floats(-(2.0**100), 2.0**100, width=32),
    )
)
def test_rounding_is_off_by_half_a_step_at_most(kernel):
    int8, scale = bundle.quantize(kernel)
    assert int8.min() >= -127
    back = bundle.dequantize(int8, scale)
    assert back.dtype == np.float32
    # Half a step, and a little for float32's own rounding of the scale and the products.
    assert (np.abs(back.astype(np.float64) - kernel) <= scale * 0.5001 + 1e-37).all()


def test_round_trip(packed):
    folder, tensors, manifest = packed
    read, unpacked = bundle.unpack(folder / "small.json")
    assert read == manifest
    assert (read.depth, read.variant, read.preprocessing) == (34, "v1.5", "caffe")
    assert read.classes == (("n1", "first_class"), ("", "second"))
    assert unpacked.keys() == tensors.keys()
    for key, tensor in tensors.items():
        assert unpacked[key].dtype == np.float32
        if key.endswith("/kernel"):
            step = np.abs(tensor.astype(np.float64)).reshape(-1, tensor.shape[-1]).max(axis=0) / 127
            assert (np.abs(unpacked[key] - tensor.astype(np.float64)) <= 0.5001 * step).all()
        else:
            np.testing.assert_array_equal(unpacked[key], tensor)


def test_parts_are_small_and_hashed(packed):
    folder, _, manifest = packed
    assert [part.file for part in manifest.parts] == ["small-1-of-2.safetensors", "small-2-of-2.safetensors"]
    for part in manifest.parts:
        blob = (folder / part.file).read_bytes()
        assert len(blob) == part.bytes < 10_000_000
        assert hashlib.sha256(blob).hexdigest() == part.sha256


def test_one_hash_names_the_bundle(packed):
    _, _, manifest = packed
    listing = "".join(part.sha256 + "\n" for part in manifest.parts)
    assert manifest.sha256 == hashlib.sha256(listing.encode()).hexdigest()


def test_the_same_tensors_give_the_same_bytes(packed, tmp_path):
    _, tensors, manifest = packed
    (tmp_path / "small-1-of-9.safetensors").write_bytes(b"of an older bundle")
    assert bundle.pack(tensors, CLASSES, tmp_path, name="small", depth=34, variant="v1.5") == manifest
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "small-1-of-2.safetensors",
        "small-2-of-2.safetensors",
        "small.json",
    ]


def test_a_changed_part_is_refused_by_name(copy):
    part = copy.parent / "small-2-of-2.safetensors"
    blob = bytearray(part.read_bytes())
    blob[-1] ^= 1
    part.write_bytes(blob)
    with pytest.raises(HashMismatchError, match=r"small-2-of-2\.safetensors"):
        bundle.unpack(copy)


def test_a_cut_off_part_is_refused_by_name(copy):
    part = copy.parent / "small-1-of-2.safetensors"
    part.write_bytes(part.read_bytes()[:1000])
    with pytest.raises(HashMismatchError, match=r"small-1-of-2\.safetensors' of 1000 bytes"):
        bundle.unpack(copy)


def test_a_missing_part_is_named(copy):
    (copy.parent / "small-2-of-2.safetensors").unlink()
    with pytest.raises(WeightsNotFoundError, match=r"without 'small-2-of-2\.safetensors'"):
        bundle.unpack(copy)


def test_a_missing_manifest_is_named(tmp_path):
    with pytest.raises(WeightsNotFoundError, match=r"gone\.json"):
        bundle.unpack(tmp_path / "gone.json")


@pytest.mark.parametrize("text", ["", "[]", '{"name": "x"}', '{"classes": [], "parts": [], "surplus": 1}'])
def test_what_is_no_manifest_is_refused(tmp_path, text):
    path = tmp_path / "small.json"
    path.write_text(text)
    with pytest.raises(CheckpointError, match=r"small\.json"):
        bundle.unpack(path)


def test_values_that_are_not_finite_are_refused(tmp_path):
    with pytest.raises(CheckpointError, match="'a/kernel'"):
        bundle.pack({"a/kernel": np.array([[1, np.nan]], np.float32)}, CLASSES, tmp_path, name="x")


def test_a_tensor_larger_than_a_part_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match="'a/kernel' of 10000000 bytes"):
        bundle.pack({"a/kernel": np.ones((10_000, 1000), np.float32)}, CLASSES, tmp_path, name="x")


def test_the_bundle_in_assets_is_whole():
    manifest, tensors = bundle.unpack(BUNDLE)
    assert len(manifest.classes) == 10
    assert manifest.classes[9] == ("n03888257", "parachute")
    assert sum(tensor.size for tensor in tensors.values()) == 23_608_202
    assert max(part.bytes for part in manifest.parts) < 10_000_000
    card = (BUNDLE.parent / "README.md").read_text("utf-8")
    for part in manifest.parts:
        assert f"`{part.file}`" in card
        assert part.sha256 in card
    assert manifest.sha256 in card
    assert {file["file"] for file in json.loads(BUNDLE.read_text())["parts"]} == {
        path.name for path in BUNDLE.parent.glob("*.safetensors")
    }


@pytest.mark.shared
def test_the_bundle_is_the_shared_file_within_half_a_step(shared):
    from safetensors.numpy import load_file

    original = load_file(shared / "weights" / "resnet50_imagenette.safetensors")
    _, tensors = bundle.unpack(BUNDLE)
    assert tensors.keys() == original.keys()
    for key, tensor in original.items():
        peak = np.abs(tensor.astype(np.float32)).reshape(-1, tensor.shape[-1]).max(axis=0)
        step = peak / 127 if key.endswith("/kernel") else np.float32(0)
        assert (np.abs(tensors[key] - tensor.astype(np.float32)) <= 0.5001 * step).all(), key
