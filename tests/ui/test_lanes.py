"""Whose turn it is, and who is told "busy" at once: the queue alone, without a server."""

import asyncio
from collections import defaultdict
from contextlib import nullcontext
from dataclasses import fields
from types import SimpleNamespace

import pytest
from gradio.queueing import Event
from starlette.requests import Request

from resnet_demo.errors import BusyError, TooManyWaitingError
from resnet_demo.ui import lanes
from resnet_demo.ui.lanes import HEAVY, LANES, LIGHT, TRAINING, Lanes, lane_of
from resnet_demo.ui.limits import Limits


class Function(SimpleNamespace):
    """What the queue knows of one of Gradio's functions; each is another, whatever it holds."""

    __hash__ = object.__hash__
    __eq__ = object.__eq__


def function(lane=LIGHT, elem_id=None, visibility="public", outputs=()):
    return Function(
        fn=lambda: None,
        inputs=[SimpleNamespace(elem_id=elem_id)],
        api_name="go",
        api_visibility=visibility,
        outputs=outputs,
        batch=False,
        connection="sse",
        validator=None,
        **lane,
    )


CLASSIFY, LESION, TRAIN = function(), function(HEAVY), function(TRAINING)


def request(address="10.0.0.1", language="en"):
    headers = [(b"accept-language", language.encode())]
    return Request({"type": "http", "client": (address, 1), "headers": headers})


@pytest.fixture
def queue(monkeypatch):
    low = Limits(light_queue=4, heavy_queue=2, waiting_a_session=3, waiting_an_address=6)
    monkeypatch.setattr(lanes, "limits", lambda: low)
    page = SimpleNamespace(
        max_threads=40, fns={0: CLASSIFY, 1: LESION, 2: TRAIN}, answering=lambda *_: nullcontext(True)
    )
    page.state_holder = defaultdict(lambda: SimpleNamespace(blocks_config=page))
    with asyncio.Runner() as runner:

        async def make():
            return Lanes(page)

        found = runner.run(make())
        found.active_jobs = [None] * 40
        found.test_runner = runner
        yield found


def push(queue, number=0, address="10.0.0.1", session="s", language="en"):
    """Send one request, as Gradio's routes do."""
    body = SimpleNamespace(fn_index=number, data=[None], session_hash=session, event_id=None, request=None)
    return queue.test_runner.run(queue.push(body, request(address, language), None))


def wait(queue, function, address, session, name, language="en"):
    event = Event(session, function, request(address, language), None)
    event._id = name
    queue.event_queue_per_concurrency_id[function.concurrency_id].queue.append(event)


def served(queue, count):
    """Who comes next, when each is done before the next begins."""
    order = []
    for _ in range(count):
        events, batch, _ = queue.get_events()
        assert not batch
        order += [event._id for event in events]
    return order


def test_the_turn_goes_round_the_clients(queue):
    for name in ("a1", "a2", "a3", "a4", "b1", "b2", "c1"):
        wait(queue, LESION, f"10.0.0.{name[0]}", name[0], name)
    assert served(queue, 7) == ["a1", "b1", "c1", "a2", "b2", "a3", "a4"]


def test_first_over_the_addresses_then_over_the_sessions_of_one(queue):
    for name in ("x1", "x2", "y1", "y2"):
        wait(queue, LESION, "10.0.0.1", name[0], name)
    for name in ("z1", "z2", "z3", "z4"):
        wait(queue, LESION, "10.0.0.2", "z", name)
    assert served(queue, 8) == ["x1", "z1", "y1", "z2", "x2", "z3", "y2", "z4"]


def test_who_has_just_been_served_waits_for_the_others(queue):
    wait(queue, CLASSIFY, "10.0.0.1", "a", "a1")
    assert served(queue, 1) == ["a1"]
    wait(queue, CLASSIFY, "10.0.0.1", "a", "a2")
    wait(queue, CLASSIFY, "10.0.0.2", "b", "b1")
    assert served(queue, 2) == ["b1", "a2"]


def test_a_lane_runs_so_many_at_once_and_the_other_goes_on(queue):
    for number in range(3):
        wait(queue, LESION, "10.0.0.1", "a", f"lesion{number}")
    queue.event_queue_per_concurrency_id["heavy"].current_concurrency = HEAVY["concurrency_limit"]
    assert queue.get_events() is None
    wait(queue, CLASSIFY, "10.0.0.2", "b", "classify")
    assert served(queue, 1) == ["classify"]


def component(number, *classes):
    return SimpleNamespace(_id=number, elem_classes=list(classes))


PROBLEM_COMPONENT = component(0, lanes.PROBLEM_CLASS)
SLOW = function(HEAVY, visibility="private", outputs=[PROBLEM_COMPONENT, component(1), component(2)])
QUICK = function(visibility="private", outputs=[PROBLEM_COMPONENT, component(2), component(3)])
ELSEWHERE = function(visibility="private", outputs=[PROBLEM_COMPONENT, component(4)])


def test_a_page_has_its_answers_about_a_picture_in_the_order_of_its_questions(queue):
    """Whether the first of them is being answered or waits in another lane; not those about other pictures."""
    heavy = queue.event_queue_per_concurrency_id["heavy"]
    heavy.current_concurrency = HEAVY["concurrency_limit"]
    wait(queue, SLOW, "10.0.0.1", "a", "a1")
    wait(queue, QUICK, "10.0.0.1", "a", "a2")
    wait(queue, QUICK, "10.0.0.1", "a", "a3")
    wait(queue, QUICK, "10.0.0.2", "b", "b1")
    wait(queue, ELSEWHERE, "10.0.0.3", "a", "a4")
    assert served(queue, 2) == ["b1", "a4"]
    assert queue.get_events() is None

    heavy.current_concurrency = 0
    for name in ("a1", "a2", "a3"):
        queue.active_jobs[0] = queue.get_events()[0]
        assert [event._id for event in queue.active_jobs[0]] == [name]
        assert queue.get_events() is None
        queue.active_jobs[0] = None


def test_a_long_training_keeps_no_picture_waiting(queue):
    queue.active_jobs[0] = [Event("a", function(TRAINING, None, "private", [component(2)]), request(), None)]
    wait(queue, QUICK, "10.0.0.1", "a", "a1")
    assert served(queue, 1) == ["a1"]


def test_endpoints_run_side_by_side(queue):
    for name in ("a1", "a2"):
        wait(queue, CLASSIFY, "10.0.0.1", "a", name)
    queue.active_jobs[0] = queue.get_events()[0]
    assert served(queue, 1) == ["a2"]


def test_a_full_queue_says_busy_at_once(queue):
    for number in range(2):
        assert push(queue, 1, f"10.0.0.{number}", f"s{number}")[0]
    with pytest.raises(BusyError, match="The server is busy") as refused:
        push(queue, 1, "10.0.0.9", "s9")
    assert refused.value.retry_after >= 1
    assert push(queue, 0, "10.0.0.9", "s9")[0]  # light work has a queue of its own


def test_one_training_waits_and_the_next_is_told_at_once(queue):
    push(queue, 2, "10.0.0.1", "a")
    assert queue.get_events()[2] == "training"  # the one that runs
    queue.event_queue_per_concurrency_id["training"].current_concurrency = 1
    push(queue, 2, "10.0.0.2", "b")
    with pytest.raises(BusyError):
        push(queue, 2, "10.0.0.3", "c")
    assert push(queue, 1, "10.0.0.3", "c")[0]  # photos have lanes of their own


def test_every_lanes_queue_has_a_bound():
    assert set(LANES.values()) <= {limit.name for limit in fields(Limits)}


def test_a_queue_that_takes_too_long_is_full(queue):
    heavy = queue.event_queue_per_concurrency_id["heavy"]
    heavy.current_concurrency = HEAVY["concurrency_limit"]
    push(queue, 1, "10.0.0.1", "a")
    queue.process_time_per_fn[LESION].add(9)
    assert queue.seconds_of_waiting("heavy") == pytest.approx(9 / HEAVY["concurrency_limit"])
    push(queue, 1, "10.0.0.2", "b")
    heavy.queue.pop()
    for _ in range(40):
        queue.process_time_per_fn[LESION].add(90)  # of late it takes ten times as long
    with pytest.raises(BusyError) as refused:
        push(queue, 1, "10.0.0.3", "c")
    assert refused.value.retry_after > 10


def test_nobody_may_have_many_waiting(queue):
    for _ in range(3):
        push(queue)
    with pytest.raises(TooManyWaitingError, match=r"Received: 4\. Accepted: ≤ 3\."):
        push(queue)
    push(queue, 1, session=None)
    push(queue, 1, session="u")
    push(queue, session="t")
    with pytest.raises(TooManyWaitingError, match=r"Received: 7\. Accepted: ≤ 6\."):
        push(queue, session="v")


def test_who_has_waited_too_long_after_all_is_told_so(queue):
    wait(queue, LESION, "10.0.0.1", "a", "late", "zh")
    event = queue.event_queue_per_concurrency_id["heavy"].queue[0]
    queue.pending_messages_per_session["a"] = asyncio.Queue()
    event.enqueue_time -= 100
    assert queue.get_events() is None
    message = queue.pending_messages_per_session["a"].get_nowait()
    assert not message.success
    assert message.output["error"].startswith("服务器正忙")
    assert message.output["title"] == "busy"


def test_a_heatmap_of_many_passes_is_heavy_work():
    chooser = function(elem_id="method")
    assert lane_of(chooser, ["gradcam"]) == "light"
    assert lane_of(chooser, ["faster-scorecam"]) == "heavy"
    lab = function(HEAVY)
    lab.fn.tab = "lab"
    assert lane_of(lab, ["lab"]) == "heavy"
    assert lane_of(lab, ["overview"]) == "light"  # nobody looks at it, so nothing is done
