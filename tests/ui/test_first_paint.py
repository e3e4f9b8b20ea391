"""What the server answers before any script has run: the page in its visitor's language."""

import json
import re
from typing import Any

import httpx
import pytest

from resnet_demo.views.messages.words import CATALOGUES

PAIRS = [(en, CATALOGUES["zh"][key]) for key, en in CATALOGUES["en"].items() if en != CATALOGUES["zh"][key]]
# What is said as a whole, and what is found within more: two words at least, up to the first number filled in.
WHOLE = {en.removeprefix("# ") for en, _ in PAIRS}
PARTS = {en.split("{")[0].split("\n")[0].removeprefix("# ").strip() for en, _ in PAIRS}
PARTS = {text for text in PARTS if re.search(r"[A-Za-z]{3,} [a-z]{2,}", text)}


def asked(server, path="/", **headers) -> httpx.Response:
    answer = httpx.get(server.url + path, headers=headers, timeout=30)
    assert answer.status_code == 200
    return answer


def config_of(page: str) -> dict[str, Any]:
    return json.loads(re.search(r"window\.gradio_config = (\{.*?\});</script>", page, re.S)[1])


def said(config: dict[str, Any]) -> list[str]:
    """Every text that is seen; the components of the API's endpoints are not."""
    components = {one["id"]: one for one in config["components"]}

    def seen(node: dict[str, Any]) -> list[int]:
        inside = [one for child in node.get("children", []) for one in seen(child)]
        own = components.get(node["id"], {"props": {}})["props"]  # the page itself is no component
        return [node["id"], *inside] if own.get("visible", True) is True else []

    def texts(type: str, props: dict[str, Any]) -> list[Any]:
        written = [props.get(name) for name in ("label", "placeholder", "info")]
        written += [
            name for name, _ in props.get("choices") or []
        ]  # the other is what the page's code calls it
        return [*written, props.get("value") if type in ("html", "markdown", "button") else None]

    found = [components[one] for one in seen(config["layout"]) if one in components]
    return [text for one in found for text in texts(one["type"], one["props"]) if text]


def language_of(page: str) -> str:
    return re.search(r"<html\s+lang=\"([^\"]+)\"", page)[1]


def test_the_words_looked_for_are_said_in_english(server):
    """Else the next test could not fail."""
    texts = said(config_of(asked(server, **{"Accept-Language": "en-GB,en;q=0.8"}).text))
    assert len(WHOLE.intersection(texts)) > 25
    assert len([part for part in PARTS if any(part in text for text in texts)]) > 25


def test_a_chinese_browser_gets_a_chinese_page_at_once(server):
    answer = asked(server, **{"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"})
    assert language_of(answer.text) == answer.headers["content-language"] == "zh-Hans"
    assert "Accept-Language" in answer.headers["vary"]
    config = config_of(answer.text)
    texts = said(config)
    assert not WHOLE.intersection(texts)
    assert not [(part, text[:200]) for part in PARTS for text in texts if part in text]
    assert config["title"] == "ResNet 探索器"
    (chooser,) = (c["props"] for c in config["components"] if c["props"].get("elem_id") == "language")
    assert chooser["value"] == "zh"


@pytest.mark.parametrize(
    ("path", "browser", "language"),
    [
        ("/", "fr-FR", "en"),
        ("/?lang=zh", "en", "zh-Hans"),
        ("/?lang=en", "zh-CN", "en"),
        ("/?lang=tlh", "zh-CN", "zh-Hans"),
    ],
)
def test_the_address_decides_before_the_browser(server, path, browser, language):
    page = asked(server, path, **{"Accept-Language": browser}).text
    assert language_of(page) == language
    title = {"en": "Drop a photo to begin", "zh-Hans": "放入一张照片即可开始"}[language]
    assert any(title in text for text in said(config_of(page)))


def test_gradios_clients_get_the_same(server):
    chinese, english = (asked(server, "/config", **{"Accept-Language": code}).json() for code in ("zh", "en"))
    assert chinese["title"] == "ResNet 探索器"
    assert english["title"] == "ResNet Explorer"
    assert len(said(chinese)) == len(said(english))


def test_a_head_request_has_no_body(server):
    answer = httpx.head(server.url, timeout=30)
    assert answer.status_code == 200
    assert not answer.content
