"""The table of limits is the README's; a host can set it; beyond a limit there is one sentence and the right status."""

import asyncio
import json
from contextlib import nullcontext
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from resnet_demo.errors import OptionError
from resnet_demo.ui import limits as table
from resnet_demo.ui.admission import Admission
from resnet_demo.ui.limits import Limits

README = (Path(__file__).resolve().parents[2] / "README.md").read_text("utf-8")


def test_the_readme_has_this_very_table():
    assert Limits().table() in README


def test_a_host_sets_a_limit_by_its_name():
    found = Limits.from_environment({"RESNET_DEMO_HEAVY_QUEUE": "3"})
    assert found.heavy_queue == 3
    assert [f.name for f in fields(found) if getattr(found, f.name) != f.default] == ["heavy_queue"]


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", "٣"])
def test_a_limit_that_is_none_is_refused(text):
    with pytest.raises(OptionError, match=f"Received: RESNET_DEMO_CHANNELS={text}"):
        Limits.from_environment({"RESNET_DEMO_CHANNELS": text})


@pytest.fixture
def few(monkeypatch):
    """Low limits, and the door before a server that says yes to everything."""
    low = Limits(requests_a_minute=3, body_bytes=200, upload_bytes=1000)
    for module in ("admission", "arguments", "gate"):
        monkeypatch.setattr(f"resnet_demo.ui.{module}.limits", lambda: low)
    table.limits.cache_clear()

    async def yes(scope, receive, send):
        size, more = 0, True
        while more:
            message = await receive()
            size += len(message.get("body", b""))
            more = message.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(size).encode()})

    function = SimpleNamespace(
        inputs=[], fn=print, api_name="go", api_visibility="private", collects_event_data=False
    )
    page = SimpleNamespace(
        fns={0: function}, checks={}, choices={}, answering=lambda _inputs, _values: nullcontext(True)
    )
    return Admission(yes, page)


def post(door, path, address="10.0.0.1", language="en", **options) -> httpx.Response:
    async def send():
        transport = httpx.ASGITransport(door, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
            return await client.post(path, headers={"Accept-Language": language}, **options)

    return asyncio.run(send())


def test_each_address_has_so_many_requests_a_minute(few):
    ask = {"path": "/gradio_api/call/go", "json": {"data": []}}
    assert [post(few, **ask).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = post(few, **ask, language="zh-CN")
    assert refused.json()["error"] == "这个地址一分钟内的请求太多，请稍后再试。收到：4。接受：≤ 3。"
    assert int(refused.headers["Retry-After"]) >= 1
    assert post(few, **ask, address="10.0.0.2").status_code == 200  # another's


def test_a_body_is_not_read_beyond_its_limit(few):
    answer = post(few, "/gradio_api/queue/join", json={"fn_index": 0, "data": ["a" * 300]})
    assert answer.status_code == 413
    assert answer.json()["error"].startswith("The request is too large. Received: > 200 bytes.")

    async def endless():
        while True:
            yield b"a" * 100

    assert post(few, "/gradio_api/queue/join", content=endless()).status_code == 413


def test_an_upload_says_its_length_before_it_is_read(few):
    assert post(few, "/gradio_api/upload", files={"files": bytes(900)}).status_code == 200
    large = post(few, "/gradio_api/upload", files={"files": bytes(200_000)})
    assert large.headers["X-Error-Code"] == "request_too_large"
    assert (large.status_code, large.text) == (
        413,
        "The upload is too large. Received: 0.2 MB. Accepted: ≤ 0.001 MB.",
    )

    async def unknown():
        yield b"a"

    assert post(few, "/gradio_api/upload", content=unknown()).status_code == 413


def test_what_is_handed_on_is_what_came(few):
    body = json.dumps({"data": [], "fn_index": 0}).encode()
    assert post(few, "/gradio_api/queue/join", content=body).text == str(len(body))
    assert post(few, "/elsewhere", content=b"a" * 5000).text == "5000"  # not the door's business
