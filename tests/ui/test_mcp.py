"""The endpoints as tools, by MCP's own client, and the file gate before them."""

import asyncio
import base64
import json
import re

import httpx
import pytest
from jsonschema import Draft202012Validator
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from resnet_demo.results.analysis_json import schema

ENDPOINTS = {
    "classify",
    "gradcam",
    "feature_maps",
    "residual_profile",
    "analyze",
    "double_lesion",
    "lesion",
    "gradients",
    "ledger",
    "as_it_forms",
    "belief",
    "split_gradcam",
    "compare",
}


FOREIGN = "file_not_admitted: A photo is read only if it was uploaded"


@pytest.fixture(scope="module")
def ask(server):
    """Ask the server for something, in a session of its own: `ask(lambda session: session.list_tools())`."""

    async def asked(question, headers):
        address = f"{server.url}/gradio_api/mcp/"
        async with (
            httpx.AsyncClient(headers=headers, timeout=60) as client,
            streamable_http_client(address, http_client=client) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return await question(session)

    return lambda question, **headers: asyncio.run(asked(question, headers))


@pytest.fixture(scope="module")
def upload(server, ball):
    answer = httpx.post(f"{server.url}/gradio_api/upload", files={"files": ("ball.jpg", ball.read_bytes())})
    return answer.json()[0]


def data_uri(content: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(content).decode()}"


def test_each_endpoint_is_a_tool_that_says_how_to_use_it(ask):
    tools = {tool.name: tool for tool in ask(lambda session: session.list_tools()).tools}
    assert set(tools) == ENDPOINTS
    for name, tool in tools.items():
        assert "data: URI" in tool.description, name
        assert "/gradio_api/upload" in tool.description, name
        photo = tool.inputSchema["properties"]["photo"]
        assert photo["type"] == "string"
        assert photo["description"], name
        assert tool.inputSchema["required"] == ["photo"], name


@pytest.mark.parametrize("form", ["data", "path", "address"])
def test_a_tool_takes_a_picture(ask, server, upload, ball, form):
    photo = {
        "data": data_uri(ball.read_bytes()),
        "path": upload,
        "address": f"{server.url}/gradio_api/file={upload}",
    }[form]
    answer = ask(lambda session: session.call_tool("classify", {"photo": photo, "top": 3}))
    assert not answer.isError, answer.content
    classes = json.loads(answer.content[0].text)
    assert len(classes) == 3
    assert classes[0]["label"] == "golf ball"


def test_pictures_come_back_as_pictures_and_numbers_as_json(ask, upload):
    answer = ask(lambda session: session.call_tool("gradcam", {"photo": upload, "at": "conv3_block2"}))
    picture, *_, numbers = answer.content
    assert picture.type == "image"
    assert picture.mimeType == "image/jpeg"
    assert base64.b64decode(picture.data).startswith(b"\xff\xd8")
    assert json.loads(numbers.text)["layer"].startswith("conv3_block2")
    answer = ask(lambda session: session.call_tool("feature_maps", {"photo": upload, "channels": 3}))
    assert [part.type for part in answer.content].count("image") == 3
    assert len(json.loads(answer.content[-1].text)["channels"]) == 3


def test_a_tools_analysis_is_analysis_json(ask, upload):
    answer = ask(lambda session: session.call_tool("analyze", {"photo": upload, "target": "church"}))
    numbers = json.loads(answer.content[0].text)
    Draft202012Validator(schema()).validate(numbers)
    assert numbers["target"]["label"] == "church"


@pytest.mark.parametrize(
    ("photo", "said"),
    [
        ("/etc/passwd", FOREIGN),
        ("http://127.0.0.1:9/a.png", FOREIGN),
        (
            "https://example.org/gradio_api/file=/etc/passwd",
            FOREIGN,
        ),
        ("file:///etc/passwd", FOREIGN),
        ({"path": "/etc/passwd"}, "Input validation error"),
        ("data:image/png;base64,@@@@", "not_an_image: The photo is no data: URI"),
        ("data:image/png,abc", "not_an_image: The photo is no data: URI"),
        (data_uri(b"these are words"), "not_an_image: This is not a picture"),
    ],
    ids=[
        "path",
        "elsewhere",
        "path elsewhere",
        "file",
        "object",
        "no base64",
        "not base64",
        "words",
    ],
)
def test_the_gate_holds_for_tools(ask, photo, said):
    answer = ask(lambda session: session.call_tool("classify", {"photo": photo}))
    assert answer.isError
    assert said in answer.content[0].text
    assert "Traceback" not in answer.content[0].text


async def on_progress(progress, total, message):
    """A client that wants to be told has its tools called another way."""


@pytest.mark.parametrize("progress", [None, on_progress], ids=["", "with progress"])
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ({"target": "unicorn"}, "unknown_class", r"没有这个类别.*'unicorn'"),
        ({"at": "conv9_block9"}, "unknown_layer", r"'conv9_block9'"),
        ({"target": "a" * 300}, "argument", r"`target`"),
        ({"photo": "words"}, "not_an_image", r"无法读取"),
    ],
    ids=["class", "layer", "argument", "photo"],
)
def test_a_tools_errors_are_the_endpoints_codes_and_sentences(
    ask, server, upload, arguments, code, said, progress
):
    if "photo" in arguments:  # refused once it was decoded, the others at the door
        words = httpx.post(f"{server.url}/gradio_api/upload", files={"files": ("words.jpg", b"words")})
        arguments = {"photo": words.json()[0]}
    answer = ask(
        lambda session: session.call_tool(
            "gradcam", {"photo": upload, **arguments}, progress_callback=progress
        ),
        **{"Accept-Language": "zh"},
    )
    assert answer.isError
    assert re.match(f"{code}: .*{said}", answer.content[0].text)


def test_a_message_that_is_too_large_is_refused_before_it_is_read(server):
    call = {"name": "classify", "arguments": {"photo": data_uri(bytes(4_000_000))}}
    answer = httpx.post(
        f"{server.url}/gradio_api/mcp/",
        json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call},
        headers={"Accept": "application/json, text/event-stream"},
    )
    assert answer.status_code == 413


def test_a_tools_call_counts_as_its_callers(ask, server, upload):
    """Each caller by its own address, which a proxy tells; who has used up its minute cannot be somebody else."""

    def classify(**headers):
        return ask(lambda session: session.call_tool("classify", {"photo": upload}), **headers)

    greedy = {"X-Forwarded-For": "10.88.0.1"}
    with httpx.Client(base_url=server.url, headers=greedy) as client:
        asked = [client.post("/gradio_api/call/classify", content=b"?").status_code for _ in range(601)]
    assert (asked[0], asked[-1]) == (422, 429)
    for forged in (
        {},
        {"X-Resnet-Demo-Caller": f"{'0' * 64} 10.88.0.2"},
        {"X-Resnet-Demo-Caller": "10.88.0.2"},
    ):
        refused = classify(**greedy, **forged)
        assert refused.isError
        assert refused.content[0].text.startswith(
            "too_many_requests: There are too many requests from this address"
        )
    assert not classify(**{"X-Forwarded-For": "10.88.0.2"}).isError
    assert not classify().isError
