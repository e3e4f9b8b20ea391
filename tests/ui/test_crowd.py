"""Many clients at once: each gets its own answers, and a flood of one keeps nobody else waiting."""

import io
import json
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import httpx
import numpy as np
import pytest
from PIL import Image

CLIENTS = 30


@pytest.fixture(scope="module")
def http(server):
    limits = httpx.Limits(max_connections=CLIENTS * 3)
    with httpx.Client(base_url=server.url, timeout=120, limits=limits) as client:
        yield client


def upload(http, number: int, source) -> str:
    """A part of a photo that no other number has."""
    with Image.open(source) as picture:
        part = picture.convert("RGB").crop((number, 2 * number, picture.width - number, picture.height))
    file = io.BytesIO()
    part.save(file, "PNG")
    return http.post("/gradio_api/upload", files={"files": (f"{number}.png", file.getvalue())}).json()[0]


def join(http, number: int, endpoint: str, data: list) -> httpx.Response:
    headers = {"X-Forwarded-For": f"10.77.0.{number + 1}"}
    return http.post(f"/gradio_api/call/{endpoint}", json={"data": data}, headers=headers)


def answer(http, endpoint: str, joined: httpx.Response):
    lines = http.get(f"/gradio_api/call/{endpoint}/{joined.json()['event_id']}").text.split("\n")
    return next(json.loads(b[6:]) for a, b in pairwise(lines) if a == "event: complete")


def ask(http, number: int, endpoint: str, data: list):
    """Ask until it is not busy."""
    while (joined := join(http, number, endpoint, data)).status_code == 503:
        time.sleep(int(joined.headers["Retry-After"]))
    assert joined.status_code == 200, joined.text
    return answer(http, endpoint, joined)


def test_each_of_many_clients_gets_exactly_its_own_answers(http, ball, church):
    paths = [upload(http, number, (ball, church)[number % 2]) for number in range(CLIENTS)]

    def questions(number: int) -> list:
        photo, target = {"path": paths[number]}, str(number % 10)
        return [
            ask(http, number, endpoint, [photo, *rest])
            for endpoint, rest in (("classify", [10]), ("ledger", [target]))[: 2 - number % 2]
        ]

    with ThreadPoolExecutor(CLIENTS) as pool:
        together = list(pool.map(questions, range(CLIENTS)))
    for number, (ranked, *rest) in enumerate(together):
        logits = {p["index"]: p["logit"] for p in ranked[0]}
        for taken_apart in rest:  # of a class of its own
            assert taken_apart[0]["logit"] == pytest.approx(logits[number % 10], abs=1e-4)
    logits = np.array([[p["logit"] for p in sorted(t[0][0], key=lambda p: p["index"])] for t in together])
    apart = np.abs(logits[:, np.newaxis] - logits).max(axis=-1) + np.eye(CLIENTS)
    assert apart.min() > 1e-3  # the photos differ, so an answer can be told from another's
    for number in range(0, CLIENTS, 5):
        alone = questions(number)
        np.testing.assert_allclose(_numbers(alone), _numbers(together[number]), rtol=0, atol=1e-5)


def _numbers(value) -> list[float]:
    if isinstance(value, dict):
        return [n for key in sorted(value) for n in _numbers(value[key])]
    if isinstance(value, list):
        return [n for item in value for n in _numbers(item)]
    return [value] if isinstance(value, (int, float)) else []


def test_a_flood_of_one_client_is_told_busy_and_delays_nobody(http, ball):
    path = upload(http, 40, ball)
    photo = {"path": path}
    joined = [join(http, 100, "lesion", [photo, ""]) for _ in range(50)]
    taken = [j for j in joined if j.status_code == 200]
    refused = [j for j in joined if j.status_code != 200]
    assert len(taken) < 37  # what runs (2) and what may wait (24), and some that are answered meanwhile
    assert {j.status_code for j in refused} <= {429, 503}
    assert all(j.json()["error"] and int(j.headers["Retry-After"]) >= 1 for j in refused)
    done: list[str] = []
    with ThreadPoolExecutor(2) as pool:
        last = pool.submit(lambda: (answer(http, "lesion", taken[-1]), done.append("lesion")))
        ranked = ask(http, 101, "classify", [photo, 1])
        done.append("classify")
        assert ranked[0][0]["label"] == "golf ball"
        last.result()
    assert done == ["classify", "lesion"]
