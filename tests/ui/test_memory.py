"""What a session costs, and that a server's memory comes to rest. `python -m benchmarks.soak` is the long version."""

import json
import subprocess
import sys
from types import SimpleNamespace

import httpx
import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from benchmarks import soak
from benchmarks.page import Visitor

# In a process of its own, for Gradio leaves event loops open.
SESSIONS = """
import json, tracemalloc
import gradio as gr
from gradio.state_holder import SessionState
from resnet_demo.ui.hosting.sessions import SESSIONS, LeanSession, LeanSessions

with gr.Blocks(analytics_enabled=False) as page:
    state = gr.State("overview")
    box = gr.Textbox("x")
    for i in range(100):
        gr.HTML("answer")

def cost(kind):
    tracemalloc.start()
    kept = []
    for i in range(20):
        kept.append(kind(page))
        kept[-1]._update_value_in_config(box._id, "a long answer" * 1000)
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return used / 20

sessions = LeanSessions(page)
first = sessions["first"]
first[state._id] = "stages"
first[box._id] = gr.Textbox("y")  # as an update does
for i in range(SESSIONS - 1):
    sessions[str(i)]
kept = sessions["first"][state._id], sessions["first"][box._id].value, len(sessions.session_data)
sessions["one more"]
sessions.forget("1"), sessions.forget("never was")
print(json.dumps({
    "lean": cost(LeanSession), "gradio": cost(SessionState), "kept": kept, "left": len(sessions.session_data),
    "used": len(sessions.time_last_used), "oldest": "0" in sessions, "first": "first" in sessions,
}))
"""


def test_a_session_keeps_its_state_and_no_copy_of_the_page():
    ended = subprocess.run([sys.executable, "-c", SESSIONS], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout.splitlines()[-1])
    assert found["lean"] < found["gradio"] / 5
    assert found["kept"] == ["stages", "y", 1000]
    assert (found["left"], found["used"]) == (999, 999)
    assert not found["oldest"]  # the longest unused went
    assert found["first"]


def resident_mb(url: str) -> float:
    families = text_string_to_metric_families(httpx.get(f"{url}/metrics").text)
    (value,) = (s.value for f in families for s in f.samples if s.name == "process_resident_memory_bytes")
    return value / 1e6


def test_memory_comes_to_rest(server, tmp_path):
    visitor = Visitor(server.url)
    visitor.layers = visitor.layers[-2:]
    resident = []
    for i in range(50):
        small = len(soak.SIZES) * i + i % 3  # sizes 0, 1, 2
        visitor.analyze(soak.write_photo(small, tmp_path), visitor.layers[i % 2])
        resident.append(resident_mb(server.url))
    visitor.close()
    assert soak.growth(np.array(resident)[20:]) < 1.03


def test_what_the_soak_tells(tmp_path):
    assert soak.growth(np.repeat(np.arange(10.0), 100)) == 9
    assert soak.growth(np.full(30, 7.0)) == 1
    table = soak.as_table(np.arange(20.0)).splitlines()
    assert [line.split() for line in table[1:3]] == [["2", "0", "1"], ["4", "2", "3"]]


def test_no_two_photos_of_the_soak_are_alike(tmp_path):
    photos = [soak.write_photo(i, tmp_path) for i in (0, 1, 8)]
    assert [path.stem for path in photos] == ["32x32", "90x200", "32x32"]
    first = soak.write_photo(0, tmp_path).read_bytes()
    assert soak.write_photo(8, tmp_path).read_bytes() != first


def test_memory_is_told_by_kind():
    from os import getpid

    mb = soak.contents(getpid())
    kinds = {kind: mb[kind] for kind in ("heap", "arenas", "other", "files")}
    assert sum(kinds.values()) == pytest.approx(soak.resident_mb(getpid()), rel=0.05)
    assert mb["threads"] >= 1
    assert "threads" in soak.as_line(mb)


def test_a_crowd_is_counted(server):
    assert soak.crowd(SimpleNamespace(url=server.url), 3) == (3, 0)
