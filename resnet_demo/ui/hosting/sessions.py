"""What the server remembers of a session: what it needs to answer the next request, and no more.

Gradio keeps for each of up to 10,000 sessions a copy of the whole page's configuration, with every value that the
session was shown, so that it could be opened again by a "deep link", which this server has not: half a megabyte a
session. A call by name is a session of its own, so the server grew with each.
"""

from __future__ import annotations

from copy import copy
from typing import Any

import gradio as gr
from gradio.state_holder import SessionState, StateHolder

SESSIONS = 1000  # remembered at most; the longest unused goes first


class LeanSession(SessionState):
    """A session without a copy of what it was shown."""

    def __init__(self, page: gr.Blocks) -> None:  # instead of Gradio's, whose whole work is that copy
        self.blocks_config = copy(page.default_config)
        self.config_values = _Nothing()
        self.state_data: dict[int, Any] = {}
        self._state_ttl: dict[int, Any] = {}
        self.is_closed = False
        self.STATE_TTL_WHEN_CLOSED = 3600

    def _update_config(self, key: int) -> None:
        pass

    def _update_value_in_config(self, key: int, value: Any) -> None:
        pass


class LeanSessions(StateHolder):
    """The sessions of a page, at most `SESSIONS` of them."""

    def __init__(self, page: gr.Blocks) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Gradio's own has no types
        self.set_blocks(page)
        self.capacity = SESSIONS

    def __getitem__(self, session_id: str) -> SessionState:
        if session_id not in self.session_data:
            self.session_data[session_id] = LeanSession(self.blocks)
        return super().__getitem__(session_id)

    def forget(self, session_id: str) -> None:
        """Nothing more will be asked in this session."""
        with self.lock:
            self.session_data.pop(session_id, None)
            self.time_last_used.pop(session_id, None)


class _Nothing(dict[Any, Any]):
    def __setitem__(self, key: Any, value: Any) -> None:
        pass
