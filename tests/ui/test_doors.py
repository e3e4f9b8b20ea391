"""Which addresses answer, under which headers, and what their answers give away."""

import json
import os
import re
import sys
from pathlib import Path

import gradio.routes
import httpx
import pytest
from gradio.route_utils import API_PREFIX

ROOT = Path(__file__).resolve().parents[2]

# Of Gradio's routes, those that may answer. A route that a new Gradio brings along is closed until it is named here.
OPEN = {
    "GET": {
        "/",
        "/config",
        "/config/",
        "/assets/{path:path}",
        "/static/{path:path}",
        "/svelte/{path:path}",
        "/theme.css",
        "/favicon.ico",
        "/manifest.json",
        "/robots.txt",
        *(
            f"/gradio_api{path}"
            for path in (
                "/theme.css",
                "/info",
                "/info/",
                "/file={path_or_url:path}",
                "/queue/data",
                "/call/{api_name}/{event_id}",
                "/call/v2/{api_name}/{event_id}",
                "/heartbeat/{session_hash}",
                "/upload_progress",
                "/app_id",
                "/startup-events",
            )
        ),
    },
    "POST": {
        f"/gradio_api{path}"
        for path in (
            "/upload",
            "/queue/join",
            "/cancel",
            "/call/{api_name}",
            "/call/{api_name}/",
            "/call/v2/{api_name}",
            "/call/v2/{api_name}/",
            "/run/{api_name}",
            "/run/{api_name}/",
        )
    },
}


def gradio_routes() -> list[tuple[str, str]]:
    """Every (method, path) in Gradio's source, and FastAPI's own three."""
    source = Path(gradio.routes.__file__).read_text("utf-8")
    found = re.findall(r'@(router|app)\.(get|post|head)\(\s*"([^"]+)"', source)
    routes = [
        (method.upper(), path if owner == "app" else API_PREFIX + path) for owner, method, path in found
    ]
    assert len(routes) > 80
    return [*routes, ("GET", "/openapi.json"), ("GET", "/docs"), ("GET", "/redoc")]


def test_every_other_route_of_gradio_is_not_found(server):
    routes = gradio_routes()
    closed = [(m, p) for m, p in routes if p not in OPEN.get("GET" if m == "HEAD" else m, ())]
    assert len(closed) > 40
    assert {"/openapi.json", "/docs", "/monitoring/summary", "/gradio_api/openapi.json"} <= {
        p for _, p in closed
    }
    with httpx.Client(base_url=server.url) as asker:
        for method, path in closed:
            answer = asker.request(method, re.sub(r"\{[^}]*\}", "1", path))
            assert answer.status_code == 404, (method, path)
            if method != "HEAD":
                assert answer.json() == {"detail": "Not Found"}, (method, path)


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=http://127.0.0.1:9/a.png",
        "/gradio_api/file=/etc/passwd",
        f"/gradio_api/file={ROOT / 'app.py'}",
        f"/gradio_api/file={ROOT / 'resnet_demo/assets/weights/imagenette.json'}",
        f"/gradio_api/file={ROOT / 'resnet_demo/assets/examples/../weights/imagenette.json'}",
        "/gradio_api/file/etc/passwd",
        "/gradio_api/proxy=https://a.hf.space/config",
        "/gradio_api/vibe-code",
        "/gradio_api/mcp/other",
        "/gradio_api//config",
        "//config",
        "/%2e%2e/etc/passwd",
    ],
)
def test_these_are_not_found_either(server, path):
    assert httpx.get(f"{server.url}{path}").status_code == 404


def test_every_answer_bears_the_headers(server):
    for path in (
        "/",
        "/config",
        "/theme.css",
        "/gradio_api/info",
        "/openapi.json",
        "/gradio_api/file=/etc/passwd",
    ):
        headers = httpx.get(server.url + path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "same-origin", path
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        assert policy["default-src"] == "'self'"
        assert policy["frame-ancestors"].split()[1:] == [
            "https://huggingface.co",
            "https://*.huggingface.co",
            "https://*.hf.space",
        ]
        assert not [s for k, v in policy.items() if k != "frame-ancestors" for s in v.split() if "//" in s]
        assert "x-frame-options" not in headers  # it can only say yes or no, and would overrule the list


def test_nothing_tells_where_the_server_lives(server, client, ball, tmp_path):
    """No folder of the machine in any answer, but for the addresses of a caller's own files in the upload folder."""
    from gradio_client import handle_file

    damaged = tmp_path / "damaged.jpg"
    damaged.write_bytes(ball.read_bytes()[:100])
    uploads = str(server.log.parent / "uploads")
    said = {
        path: httpx.get(server.url + path).text for path in ("/", "/config", "/gradio_api/info", "/nothing")
    }
    for name in ("/classify", "/gradcam", "/feature_maps", "/compare"):
        said[name] = json.dumps(client.predict(handle_file(ball), api_name=name), default=str)
        with pytest.raises(Exception, match="Received") as error:
            client.predict(handle_file(damaged), api_name=name)
        said[f"{name} refuses"] = str(error.value)
        asked = httpx.post(f"{server.url}/gradio_api/call{name}", json={"data": [{"path": "/etc/passwd"}]})
        event = asked.json().get("event_id", "")
        said[f"{name} refuses a path"] = (
            asked.text + httpx.get(f"{server.url}/gradio_api/call{name}/{event}").text
        )
    folders = {str(ROOT), str(Path.home()), sys.prefix, os.getcwd(), str(Path(gradio.__file__).parent)} - {
        "/"
    }
    for what, text in said.items():
        assert not [folder for folder in folders if folder in text.replace(uploads, "")], what
        assert "/gradio/" not in text or what.startswith("/"), what
    assert uploads not in said["/"] + said["/config"] + said["/gradio_api/info"]


def test_the_pages_own_functions_have_numbers_and_no_names(server):
    dependencies = httpx.get(f"{server.url}/config").json()["dependencies"]
    private = [d for d in dependencies if d["api_visibility"] == "private"]
    assert len(private) > 20
    assert [d["api_name"] for d in private] == [str(d["id"]) for d in private]
    assert not {d["api_description"] for d in private} - {None}
    assert set(httpx.get(f"{server.url}/gradio_api/info?all_endpoints=True").json()["named_endpoints"]) == {
        f"/{d['api_name']}" for d in dependencies if d["api_visibility"] == "public"
    }


def test_the_queue_is_not_passed_by(server, ball):
    answer = httpx.post(f"{server.url}/gradio_api/run/classify", json={"data": [{"path": str(ball)}, 5]})
    assert answer.status_code == 404
    assert "queue" in answer.json()["detail"]


@pytest.mark.browser
def test_nothing_is_loaded_from_other_hosts(server, browser, visits_of, ball):
    """Every request of a visit to each tab."""
    asked = []
    with visits_of(server) as visits:
        visitor = visits()
        visitor.page.on("request", lambda request: asked.append(request.url))
        visitor.page.reload()
        visitor.page.wait_for_selector("#photo input[type=file]", state="attached")
        visitor.settled()
        visitor.photo(ball)
        for tab in ("stages", "lab", "compare", "networks", "about"):
            visitor.tab(tab)
    assert len(asked) > 50
    strangers = {url for url in asked if not url.startswith((f"{server.url}/", "data:", "blob:"))}
    assert not strangers
