"""The API, by Gradio's own client: each endpoint with the photo alone and with its options."""

import json
import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import httpx
import numpy as np
import pytest
from gradio_client import handle_file
from gradio_client.exceptions import AppError, ValidationError
from jsonschema import Draft202012Validator
from PIL import Image

from resnet_demo.results.analysis_json import schema

ROOT = Path(__file__).resolve().parents[2]
API = (ROOT / "docs" / "api.md").read_text("utf-8")
BLOCKS = [f"conv{stage}_block{b}" for stage, n in ((2, 3), (3, 4), (4, 6), (5, 3)) for b in range(1, n + 1)]
OPTIONS = {
    "/classify": {"top": 3},
    "/gradcam": {"target": "church", "at": "conv4_block2"},
    "/feature_maps": {"stage": "conv4", "channels": 5},
    "/residual_profile": {},
    "/analyze": {"target": "church", "at": "conv3"},
    "/double_lesion": {"target": "church"},
    "/lesion": {"target": "church"},
    "/gradients": {"target": "church"},
    "/ledger": {"target": "church"},
    "/as_it_forms": {"target": "church"},
    "/belief": {"target": "church", "at": "conv4_block2"},
    "/split_gradcam": {"target": "church", "at": "conv3_block1"},
    "/compare": {"target": "church", "other": "tench", "other_photo": None},
}


def documented(endpoint: str) -> set[str]:
    """The keys that the last column of docs/api.md names."""
    (holds,) = re.findall(rf"^\| `{endpoint}` \| .* \| (.*) \|$", API, re.M)
    return set(re.findall(r"`(\w+)`", holds))


def keys_of(numbers) -> set[str]:
    """Every key at any depth."""
    if isinstance(numbers, dict):
        return set(numbers).union(*map(keys_of, numbers.values()))
    return set().union(*map(keys_of, numbers)) if isinstance(numbers, list) else set()


@pytest.fixture(scope="module")
def ask(client, ball):
    """Ask an endpoint about the golf ball; its JSON holds what docs/api.md says."""

    def asked(endpoint, **options):
        answer = client.predict(handle_file(ball), api_name=endpoint, **options)
        if endpoint not in ("/analyze", "/residual_profile"):  # these are held to the schema
            numbers = answer[-1] if isinstance(answer, tuple) else answer
            keys = set(numbers[0] if isinstance(numbers, list) else numbers)
            assert keys <= documented(endpoint) <= keys_of(numbers), endpoint
        return answer

    return asked


def test_these_are_the_endpoints_and_these_their_options(client):
    described = client.view_api(return_format="dict", print_info=False)
    assert not described["unnamed_endpoints"]
    accepted = {
        name: {p["parameter_name"]: p["parameter_has_default"] for p in endpoint["parameters"]}
        for name, endpoint in described["named_endpoints"].items()
    }
    assert accepted == {
        name: {"photo": False} | dict.fromkeys([*options, "network", "preprocessing"], True)
        for name, options in OPTIONS.items()
    }


def test_classify(ask):
    ranked = ask("/classify")
    assert [p["label"] for p in ranked][:1] == ["golf ball"]
    assert len(ranked) == 5
    assert len(ask("/classify", top=3)) == 3
    every = ask("/classify", top=10)
    logits = np.array([p["logit"] for p in every])
    softmax = np.exp(logits) / np.exp(logits).sum()
    assert [p["probability"] for p in every] == pytest.approx(softmax, abs=1e-6)


def test_what_a_network_is_fed_is_told_for_one_call(ask):
    as_found, fed, otherwise = (
        ask("/classify", network="bundled", preprocessing=how)[0]["logit"] for how in (None, "caffe", "torch")
    )
    assert as_found == fed
    assert abs(otherwise - as_found) > 0.1
    preprocessing = ask("/analyze", preprocessing="torch")["network"]["preprocessing"]
    assert (preprocessing["value"]["name"], preprocessing["source"]) == ("torch", "told")
    assert len(preprocessing["warnings"]) == 1


@pytest.mark.parametrize("argument", ["network", "preprocessing"])
def test_an_unknown_network_or_preprocessing_lists_the_known_ones(ask, argument):
    with pytest.raises(
        ValidationError, match=f"`{argument}` is one of its choices. Received: 'x'. Accepted: "
    ) as caught:
        ask("/classify", **{argument: "x"})
    known = {
        "network": ("bundled, resnet50, ", "resnet152v2"),
        "preprocessing": ("caffe, torch, tf, unit, raw",),
    }
    assert all(names in str(caught.value) for names in known[argument])


def test_gradcam(ask, ball):
    picture, facts = ask("/gradcam")
    assert facts["target"]["label"] == "golf ball"
    assert np.shape(facts["gradcam"]) == (7, 7)
    with Image.open(picture) as drawn, Image.open(ball) as photo:
        assert drawn.size == photo.size
        assert np.abs(np.asarray(drawn.convert("RGB"), float) - np.asarray(photo, float)).mean() > 2
    _, other = ask("/gradcam", **OPTIONS["/gradcam"])
    assert other["target"]["label"] == "church"
    assert np.shape(other["gradcam"]) == (14, 14)


def test_feature_maps(ask):
    pictures, facts = ask("/feature_maps")
    assert len(pictures) == len(facts["channels"]) == len(facts["means"]) == 16
    assert facts["shape"] == [56, 56, 256]
    assert facts["means"] == sorted(facts["means"], reverse=True)
    pictures, facts = ask("/feature_maps", **OPTIONS["/feature_maps"])
    assert len(pictures) == 5
    assert facts["shape"] == [14, 14, 1024]


def test_residual_profile(ask):
    blocks = ask("/residual_profile")
    assert [b["name"] for b in blocks] == BLOCKS
    for block in blocks:
        assert sum(block["energy"].values()) == pytest.approx(1, abs=1e-5)
        assert block["ratio"] == pytest.approx(block["residual"]["rms"] / block["shortcut"]["rms"])


def test_analyze(ask):
    whole = ask("/analyze")
    Draft202012Validator(schema()).validate(whole)
    assert whole.pop("schema_version") == "1.0"
    parts = {"image", "weights", "network", "predictions", "target", "gradcam", "stages", "blocks"}
    assert set(whole) == parts
    assert whole["predictions"] == ask("/classify")
    assert whole["blocks"] == ask("/residual_profile")
    assert whole["target"]["label"] == "golf ball"
    assert whole["gradcam"]["layer"] == "conv5_block3_out"
    church, elsewhere = (ask("/analyze", target="church", at=at) for at in ("", "conv3"))
    assert church["target"]["label"] == elsewhere["target"]["label"] == "church"
    assert elsewhere["gradcam"]["layer"] == "conv3_block4_out"
    assert elsewhere["gradcam"]["maximum"] != church["gradcam"]["maximum"]


def test_lesion(ask):
    found = ask("/lesion")
    assert [x["block"] for x in found] == BLOCKS
    other = ask("/lesion", target="church")
    assert [x["top1"] for x in other] == [
        x["top1"] for x in found
    ]  # what is left does not hang on the class asked for
    assert [x["logit_change"] for x in other] != [x["logit_change"] for x in found]


def test_double_lesion(ask):
    alone = {x["block"]: x for x in ask("/lesion")}
    found = ask("/double_lesion")
    assert [tuple(x["blocks"]) for x in found] == list(combinations(BLOCKS, 2))
    assert all(-1 <= x["probability_change"] <= 1 and 0 <= x["top1"] < 10 for x in found)
    both = [x["logit_change"] - sum(alone[name]["logit_change"] for name in x["blocks"]) for x in found]
    assert max(map(abs, both)) > 0.05  # two at once are not the sum of each


def test_gradients(ask):
    for found in (ask("/gradients"), ask("/gradients", target="church")):
        assert [x["block"] for x in found] == BLOCKS
        assert max(x["error"] for x in found) < 1e-4  # g_S + g_F = ∂L/∂x
        for x in found:
            cross = 2 * x["cosine"] * x["shortcut_rms"] * x["residual_rms"]
            total = x["shortcut_rms"] ** 2 + x["residual_rms"] ** 2 + cross
            assert x["total_rms"] == pytest.approx(total**0.5, rel=1e-3)


def test_ledger(ask):
    logits = {p["label"]: p["logit"] for p in ask("/classify", top=10)}
    for label, options in (("golf ball", {}), ("church", {"target": "church"})):
        found = ask("/ledger", **options)
        parts = [found["class_bias"], found["stem"], found["projection_biases"], *found["blocks"]]
        assert len(parts) == 19
        assert sum(parts) == pytest.approx(logits[label], abs=1e-4)
        assert found["logit"] == pytest.approx(logits[label], abs=1e-4)


def test_belief(ask):
    found = ask("/belief")
    assert (found["method"], found["layer"]) == ("gradcam", "conv5_block3")
    assert found["passes"] <= 40
    probability = next(p["probability"] for p in ask("/classify") if p["index"] == found["target"])
    for curves in (found, found["centre"]):
        assert curves["deletion"]["probabilities"][0] == pytest.approx(probability, abs=1e-4)
        assert curves["insertion"]["probabilities"][-1] == pytest.approx(probability, abs=1e-4)
        assert 0 < curves["deletion"]["area"] < 1
    assert ask("/belief", **OPTIONS["/belief"])["layer"] == "conv4_block2"


def test_as_it_forms(ask):
    predictions = {p["label"]: p for p in ask("/classify", top=10)}
    for label, options in (("golf ball", {}), ("church", {"target": "church"})):
        found = ask("/as_it_forms", **options)
        assert [step["blocks"] for step in found] == list(range(17))
        assert found[-1]["logit"] == pytest.approx(predictions[label]["logit"], abs=1e-4)
        assert found[-1]["probability"] == pytest.approx(predictions[label]["probability"], abs=1e-4)
        assert found[-1]["top1"] == predictions["golf ball"]["index"]


def test_split_gradcam(ask):
    for options, size, block in (({}, 7, "conv5_block3"), (OPTIONS["/split_gradcam"], 28, "conv3_block1")):
        found = ask("/split_gradcam", **options)
        shortcut, residual, total = (np.array(found[k]) for k in ("shortcut", "residual", "total"))
        assert found["block"] == block
        assert total.shape == (size, size)
        np.testing.assert_allclose(shortcut + residual, total, atol=1e-4 * np.abs(total).max())
    # Where it is positive, the whole is Grad-CAM.
    whole = np.array(ask("/split_gradcam")["total"])
    np.testing.assert_allclose(np.maximum(whole, 0), ask("/gradcam")[1]["gradcam"], atol=1e-4 * whole.max())


def test_compare(ask, church):
    logits = {p["index"]: p["logit"] for p in ask("/classify", top=10)}
    for options in ({}, {"target": "church", "other": "tench"}):
        found = ask("/compare", **options)
        first, second = found["first"], found["second"]
        assert first["index"] != second["index"]
        for side in (first, second):
            assert side["logit"] == pytest.approx(logits[side["index"]], abs=1e-4)
        total = sum(d["difference"] for d in found["differences"])
        assert total == pytest.approx(first["logit"] - second["logit"], abs=1e-4)
    same = ask("/compare", target="church", other="church")  # is compared with the most probable other one
    assert same["second"]["index"] == max(logits, key=lambda i: logits[i])
    photos = ask("/compare", target="church", other_photo=handle_file(church))
    assert photos["first"]["index"] == photos["second"]["index"]
    assert photos["second"]["logit"] > photos["first"]["logit"]  # a church, not a golf ball


@pytest.mark.parametrize("endpoint", OPTIONS)
def test_bad_input_gets_the_sentence_and_its_code(client, tmp_path, endpoint):
    (tmp_path / "words.txt").write_text("these are words")
    with pytest.raises(
        AppError, match=r"This is not a picture we can read\. Received: .*words\.txt"
    ) as caught:
        client.predict(handle_file(tmp_path / "words.txt"), api_name=endpoint)
    assert caught.value.title == "not_an_image"


def test_a_bad_option_gets_the_sentence(ask):
    with pytest.raises(ValidationError, match=r"Received: 'unicorn'"):
        ask("/lesion", target="unicorn")
    with pytest.raises(ValidationError, match=r"Received: 'conv9_block9'"):
        ask("/split_gradcam", at="conv9_block9")
    with pytest.raises(
        ValidationError, match=r"`channels` is a whole number\. Received: 0\. Accepted: 1–64\."
    ):
        ask("/feature_maps", channels=0)
    with pytest.raises(ValidationError, match=r"`channels` is a whole number\. Received: None"):
        ask("/feature_maps", channels=None)
    with pytest.raises(ValidationError, match=r"`top` is a whole number\. Received: None"):
        ask("/classify", top=None)


def heic() -> bytes:
    """The first box of a HEIC file, and nothing after it."""
    return b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + bytes(64)


def vast() -> bytes:
    """A PPM of 20,000 by 20,000 pixels by its header."""
    return b"P6 20000 20000 255\n" + bytes(64)


@pytest.mark.parametrize(
    ("endpoint", "photo", "options", "code"),
    [
        ("classify", None, [3], "not_an_image"),
        ("classify", b"words", [3], "not_an_image"),
        ("classify", heic(), [3], "heic"),
        ("classify", vast(), [3], "image_too_large"),
        ("classify", "/etc/passwd", [3], "file_not_admitted"),
        ("classify", "ball", [0], "argument"),
        ("classify", "ball", ["a" * 2_000_000], "request_too_large"),
        ("nowhere", "ball", [], "argument"),
        ("lesion", "ball", ["unicorn"], "unknown_class"),
        ("gradcam", "ball", ["", "conv9_block9"], "unknown_layer"),
        ("classify", "ball", [3, "no such network", "auto"], "argument"),
    ],
)
def test_each_kind_of_error_has_its_code(server, ball, endpoint, photo, options, code):
    """Whether it is found at the door, which answers the call, or while it is answered, which is the last event."""
    content = ball.read_bytes() if photo == "ball" else photo
    with httpx.Client(base_url=f"{server.url}/gradio_api", headers={"Accept-Language": "zh"}) as http:
        if isinstance(content, bytes):
            photo = http.post("/upload", files={"files": ("photo", content)}).json()[0]
        asked = http.post(f"/call/{endpoint}", json={"data": [photo and {"path": photo}, *options]}).json()
        if "event_id" in asked:
            answer = http.get(f"/call/{endpoint}/{asked['event_id']}").text
            assert answer.startswith("event: error\n")
            event = json.loads(answer.split("data: ")[-1])
            asked = {"code": event["title"], "error": event["error"]}
    assert asked["code"] == code
    assert "收到：" in asked["error"]
    assert "Received" not in asked["error"]


def test_of_an_events_listeners_only_one_is_called_again(server):
    """Of two that are "always_last", each would have Gradio call both again after it, without end."""
    listeners = Counter(
        tuple(target)
        for dependency in httpx.get(f"{server.url}/config").json()["dependencies"]
        for target in dependency["targets"]
        if dependency["trigger_mode"] == "always_last" and target[1] != "then"
    )
    assert len(listeners) > 15
    assert set(listeners.values()) == {1}
