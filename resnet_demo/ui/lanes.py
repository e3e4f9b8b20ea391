"""Who is answered next: light work does not wait behind heavy work, and no client before another.

Two lanes, each with a queue and a number of requests that run at once. Light: one pass or two, answered in a tenth of
a second. Heavy: a lesion of every block, the laboratory, a heatmap of many masks. Within a lane the turn goes round,
first over the addresses, then over the sessions of one address: who was served longest ago is next. A page has its
answers about a picture in the order in which it asked.

What takes no photo has lanes beside these: what the page does by itself, which costs next to nothing, and three that
take long and keep no photo waiting: a network is loaded, or built, or trained.

A queue is short. What would have to wait longer than `wait_seconds` is told "busy" when it comes, not after its wait.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from itertools import count
from math import ceil
from typing import Any

import gradio as gr
from gradio.queueing import Event, EventQueue, ProcessTime, Queue
from gradio.server_messages import ProcessCompletedMessage
from gradio.utils import error_payload
from starlette.requests import Request

from resnet_demo.errors import BusyError, RequestError, TooManyWaitingError
from resnet_demo.ui.hosting.callers import address_of
from resnet_demo.ui.limits import limits
from resnet_demo.ui.refusals import as_gradio_error

# What runs at once: a pass uses every core, so that more of them only lets decoding and encoding overlap with it.
LIGHT: dict[str, Any] = {"concurrency_limit": 3, "concurrency_id": "light"}
HEAVY: dict[str, Any] = {"concurrency_limit": 2, "concurrency_id": "heavy"}
PAGE: dict[str, Any] = {"concurrency_limit": 3, "concurrency_id": "page"}
LOADING: dict[str, Any] = {"concurrency_limit": 2, "concurrency_id": "loading"}
BUILDING: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "building"}
TRAINING: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "training"}
LANES = {  # each with the limit of its queue
    "light": "light_queue",
    "heavy": "heavy_queue",
    "page": "light_queue",
    "loading": "network_queue",
    "building": "network_queue",
    "training": "training_queue",
}

# The CSS class of what says in a tab what is wrong, which all the tab's answers clear.
PROBLEM_CLASS = "re-problem"
LOOKS = 0.005  # seconds between two looks at whether somebody's turn has come
REMEMBERED = 10_000  # clients of whom it is known when they were served
FORGETS = 0.2  # the part of a new duration in the running mean
FIRST_GUESS = {"light": 0.3, "heavy": 1.0}  # seconds, before anything was measured


class RecentTime(ProcessTime):
    """How long a function takes of late, in seconds."""

    def add(self, time: float) -> None:
        """Take one more duration into the running mean."""
        self.count += 1
        part = FORGETS if self.count > 1 else 1
        self.avg_time += (time - self.avg_time) * part  # type: ignore[assignment]


class Lanes(Queue):
    """Gradio's queue with bounds, two lanes and fair turns."""

    def __init__(self, page: gr.Blocks) -> None:
        super().__init__(
            live_updates=False,  # who waits hears once a second, not each time that somebody's turn comes
            concurrency_count=page.max_threads,
            update_intervals=1,
            max_size=None,
            blocks=page,
            default_concurrency_limit=LIGHT["concurrency_limit"],
        )
        self.sleep_when_free = LOOKS  # Gradio looks a thousand times a second, busy or not
        self.process_time_per_fn.default_factory = RecentTime
        self._turns = count(1)
        self._served: dict[Any, int] = {}  # the last turn of an address, and of a session
        for lane in (LIGHT, HEAVY, PAGE, LOADING, BUILDING, TRAINING):
            name = lane["concurrency_id"]
            self.event_queue_per_concurrency_id[name] = EventQueue(name, lane["concurrency_limit"])

    async def push(self, body: Any, request: Any, username: str | None) -> Any:
        """As Gradio's, if there is room.

        Raises:
            TooManyWaitingError, BusyError: there is not. The door (`ui/admission.py`) answers with their status.
        """
        function = self.blocks.fns[body.fn_index]
        lane = lane_of(function, body.data)
        page: Any = self.blocks
        with page.answering(function.inputs, body.data) as at_hand:
            if lane == LIGHT["concurrency_id"] and not at_hand:  # a network has to be loaded first
                lane = HEAVY["concurrency_id"]
        try:
            self._require_room(lane, request, body.session_hash)
        except RequestError as error:
            error.retry_after = self._retry_after(lane)
            raise
        answer = await super().push(body, request, username)
        event = self.event_ids_to_events.get(str(answer[1])) if answer[0] else None
        if event is not None and event.concurrency_id != lane:  # heavy by its arguments alone
            self.event_queue_per_concurrency_id[event.concurrency_id].queue.remove(event)
            event.concurrency_id = lane
            self.event_queue_per_concurrency_id[lane].queue.append(event)
        return answer

    def get_events(self) -> tuple[list[Event], bool, str] | None:
        """The next event that may run, of the client that was served longest ago."""
        waiting = any(lane.queue for lane in self.event_queue_per_concurrency_id.values())
        in_order = self._in_order() if waiting else set()
        for name, lane in self.event_queue_per_concurrency_id.items():
            self._drop_overdue(lane)
            may_run = [event for event in lane.queue if event in in_order]
            if may_run and (
                lane.concurrency_limit is None or lane.current_concurrency < lane.concurrency_limit
            ):
                event = min(may_run, key=self._last_turn)  # the first to come, of several
                lane.queue.remove(event)
                self._note_turn(event)
                return [event], False, name
        return None

    def seconds_of_waiting(self, lane: str) -> float:
        """How long a request that came now would have to wait, by what the requests before it took of late."""
        ahead = self.event_queue_per_concurrency_id[lane]
        if ahead.concurrency_limit is None or ahead.current_concurrency < ahead.concurrency_limit:
            return 0.0
        work = sum(self._seconds(event) for event in ahead.queue)
        return work / ahead.concurrency_limit

    def compute_analytics_summary(self, records: Any) -> Any:  # noqa: ARG002
        """Nothing: Gradio would make a data frame of the last 10,000 requests after each of them."""
        return self.cached_event_analytics_summary

    def _seconds(self, event: Event) -> float:
        known = self.process_time_per_fn.get(event.fn)
        return known.avg_time if known and known.count else FIRST_GUESS.get(event.concurrency_id, 0.0)

    def _require_room(self, lane: str, request: Request, session: str | None) -> None:
        table = limits()
        address = address_of(request)
        open_events = [e for e in self._open_events() if address_of(e.request) == address]
        of_session = sum(e.session_hash == session for e in open_events) if session else 0
        for found, most in (
            (of_session, table.waiting_a_session),
            (len(open_events), table.waiting_an_address),
        ):
            if found >= most:
                raise TooManyWaitingError(
                    "There are too many requests of yours that wait. Received: {found}. Accepted: ≤ {most}.",
                    found=found + 1,
                    most=most,
                )
        waiting = len(self.event_queue_per_concurrency_id[lane].queue)
        if waiting >= getattr(table, LANES[lane]) or self.seconds_of_waiting(lane) > table.wait_seconds:
            raise _busy(waiting)

    def _in_order(self) -> set[Event]:
        """What may run: whose page waits for no earlier answer about one of the same pictures.

        Else what is chosen first may be answered last, and stay: where it takes longer than what is chosen next, or
        where two choices come within a few milliseconds, of which Gradio's page sends both.
        """
        found, awaited = set(), defaultdict[str, set[int]](set)
        for event in sorted(self._open_events(), key=lambda event: event.enqueue_time):
            drawn = _drawn_by(event)
            if not drawn & awaited[event.session_hash]:
                found.add(event)
            awaited[event.session_hash] |= drawn
        return found

    def _open_events(self) -> Sequence[Event]:
        waiting = [event for lane in self.event_queue_per_concurrency_id.values() for event in lane.queue]
        running = [event for job in self.active_jobs if job for event in job]
        return [*waiting, *running]

    def _retry_after(self, lane: str) -> int:
        return min(30, max(1, ceil(self.seconds_of_waiting(lane) / 2)))

    def _last_turn(self, event: Event) -> tuple[int, int]:
        address, session = _client_of(event)
        return self._served.get(address, 0), self._served.get((address, session), 0)

    def _note_turn(self, event: Event) -> None:
        address, session = _client_of(event)
        turn = next(self._turns)
        for client in (address, (address, session)):
            self._served.pop(client, None)
            self._served[client] = turn
        while len(self._served) > REMEMBERED:
            self._served.pop(next(iter(self._served)))

    def _drop_overdue(self, lane: EventQueue) -> None:
        """Tell "busy" to whom the estimate failed, before they have waited half as long again."""
        latest = time.monotonic() - 1.5 * limits().wait_seconds
        while lane.queue and lane.queue[0].enqueue_time < latest:  # they stand as they came
            event = lane.queue.pop(0)
            self.event_ids_to_events.pop(event._id, None)
            error = as_gradio_error(_busy(len(lane.queue)), event.fn, event.request)
            message = ProcessCompletedMessage(
                output=error_payload(error, False), success=False, title=error.title
            )
            self.send_message(event, message)


# What the page is asked for at once, by the chooser that asks; anything else takes passes of its own.
DEAR = {"method": ("gradcam",), "branches": ("river", "bars")}


def lane_of(function: Any, data: Sequence[Any]) -> str:
    """The lane of one request: the function's own; heavy where the page asks for a heatmap of many passes."""
    tab = getattr(function.fn, "tab", None)
    if tab and data and data[0] != tab:  # of a tab that is not open: there is nothing to do
        return str(LIGHT["concurrency_id"])
    for component, value in zip(function.inputs, data, strict=False):
        if component.elem_id in DEAR and value not in DEAR[component.elem_id]:
            return str(HEAVY["concurrency_id"])
    return str(function.concurrency_id)


def _drawn_by(event: Event) -> set[int]:
    """Where an open page shows the answer to its question about a photo; nothing for an endpoint's question."""
    about_a_photo = event.concurrency_id in (LIGHT["concurrency_id"], HEAVY["concurrency_id"])
    if not about_a_photo or event.fn.api_visibility != "private":
        return set()
    return {o._id for o in event.fn.outputs if PROBLEM_CLASS not in (getattr(o, "elem_classes", None) or ())}


def _client_of(event: Event) -> tuple[str, str]:
    """Address and session; requests of one address that name no session are of one client."""
    session = event.session_hash
    return address_of(event.request), "" if session == event._id else session


def _busy(waiting: int) -> BusyError:
    return BusyError(
        "The server is busy; please try again a little later. Received: {waiting}. Accepted: {waiting2}.",
        waiting=waiting + 1,
        waiting2=waiting,
    )
