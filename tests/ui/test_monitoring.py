"""/healthz and /metrics, and to whom the metrics are shown."""

import httpx
import pytest
from gradio_client import handle_file
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.testclient import TestClient

from resnet_demo.ui.hosting.monitoring import TOKEN, Monitor, Monitoring, State


def metrics(url: str) -> dict:
    """Each sample's value by its name and labels."""
    text = httpx.get(f"{url}/metrics").raise_for_status().text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_calls_are_counted_and_timed_by_endpoint(server, client, ball, tmp_path):
    before = metrics(server.url)
    client.predict(handle_file(ball), api_name="/residual_profile")
    (tmp_path / "words.jpg").write_text("these are words")
    with pytest.raises(Exception, match="words"):
        client.predict(handle_file(tmp_path / "words.jpg"), api_name="/gradients")
    after = metrics(server.url)

    def grown(*name):
        return after[name] - before.get(name, 0)

    assert grown("resnet_demo_requests_total", "residual_profile") == 1
    assert grown("resnet_demo_seconds_count", "residual_profile") == 1
    assert 0 < grown("resnet_demo_seconds_sum", "residual_profile") < 60
    assert "resnet_demo_errors_total", "residual_profile" not in after
    assert grown("resnet_demo_errors_total", "gradients") == 1
    assert grown("resnet_demo_http_answers_total", "200") > 3
    assert after["resnet_demo_queue_length",] == 0
    assert 2e8 < after["process_resident_memory_bytes",] < 1e10
    endpoints = {name[1] for name in after if name[0] == "resnet_demo_requests_total"}
    assert not [name for name in endpoints if "show" in name or name.isdecimal()]  # the page's own are "page"


def test_it_says_that_it_is_ready(server):
    answer = httpx.get(f"{server.url}/healthz")
    assert (answer.status_code, answer.json()) == (200, {"state": "ready"})


@pytest.fixture
def monitor():
    return Monitor()


@pytest.fixture
def ask(monitor):
    def ask(path, method="GET", caller="127.0.0.1", **headers):
        app = Monitoring(Starlette(), monitor)
        return TestClient(app, client=(caller, 1)).request(method, path, headers=headers)

    return ask


def test_it_is_ready_neither_before_nor_after(ask, monitor):
    answer = ask("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"state": "starting"})
    monitor.state = State.STOPPING
    answer = ask("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"state": "stopping"})
    for path in (
        "/gradio_api/queue/join",
        "/gradio_api/call/classify",
        "/gradio_api/upload",
        "/gradio_api/mcp/",
    ):
        answer = ask(path, "POST")
        assert answer.status_code == 503
        assert "being stopped" in answer.text
        assert answer.headers["retry-after"]
    refused = ask("/gradio_api/queue/join", "POST", **{"Accept-Language": "zh"}).json()
    assert (refused["code"], refused["error"]) == ("stopping", "服务器正在停止，不再接受新的请求。")
    assert ask("/gradio_api/queue/data").status_code == 404  # answers are still fetched


def test_metrics_are_for_this_machine_or_for_who_has_the_token(ask, monkeypatch):
    monkeypatch.delenv(TOKEN, raising=False)
    assert ask("/metrics").status_code == 200
    assert ask("/metrics", caller="::1").status_code == 200
    assert ask("/metrics", caller="203.0.113.5").status_code == 404
    assert ask("/metrics", caller="nobody").status_code == 404
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Host"):
        assert ask("/metrics", **{header: "127.0.0.1"}).status_code == 404, header
    monkeypatch.setenv(TOKEN, "letmein")
    assert ask("/metrics").status_code == 404
    assert ask("/metrics", Authorization="Bearer letmeim").status_code == 404
    assert ask("/metrics", Authorization="letmein").status_code == 404
    assert ask("/metrics", caller="203.0.113.5", Authorization="Bearer letmein").status_code == 200
