"""Which network answers a visitor: the one that the request names.

Every request of the page, and every call of the API, carries two values more than its function takes: the network's
name and what it is to be fed. `answering` takes them off and answers with that network; what is asked during the answer
(`Visitors.model`, `VisitorsRecorder`) is asked of it. A server remembers no choice of anyone's.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.engine.loaded import LoadedNetworks
from resnet_demo.measures.record_cache import RecordCache
from resnet_demo.measures.recorder import Recorder
from resnet_demo.networks.settled import CHOSEN


class _Asked:
    """The network that a request names; loaded when it is first needed, and held until the request is answered."""

    def __init__(self, networks: LoadedNetworks, network: str | None, preprocessing: str | None) -> None:
        self.networks, self.network, self.preprocessing = networks, network, preprocessing
        self._model: InstrumentedModel | None = None

    @property
    def model(self) -> InstrumentedModel:
        if self._model is None:
            self._model = self.networks.get(self.network).fed(self.preprocessing, CHOSEN)
        return self._model


class Visitors:
    """The networks of a server, each request answered by its own.

    Attributes:
        networks: all there are.
        recorder: measures with the network of the request that is being answered.
    """

    def __init__(self, networks: LoadedNetworks) -> None:
        self.networks = networks
        self._asked: ContextVar[_Asked | None] = ContextVar("asked", default=None)
        self.recorder = VisitorsRecorder(self)

    @property
    def model(self) -> InstrumentedModel:
        """The network of the request that is being answered; outside any, the default."""
        asked = self._asked.get()
        return self.networks.get() if asked is None else asked.model

    @contextmanager
    def using(self, network: str | None, preprocessing: str | None) -> Iterator[None]:
        """Answer what is asked within by this network, fed so; None or "" is the default, and as it was found."""
        token = self._asked.set(_Asked(self.networks, network, preprocessing))
        try:
            yield
        finally:
            self._asked.reset(token)

    def answering(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function with two values more behind its own: the network and the preprocessing that it answers with."""
        if inspect.isgeneratorfunction(function):

            @wraps(function)
            def generate(*values: Any) -> Iterator[Any]:
                *own, network, preprocessing = values
                steps = function(*own)
                while True:
                    with self.using(network, preprocessing):
                        step = next(steps, self)
                    if step is self:
                        return
                    yield step

            return generate

        @wraps(function)
        def answer(*values: Any) -> Any:
            *own, network, preprocessing = values
            with self.using(network, preprocessing):
                return function(*own)

        return answer


class VisitorsRecorder(Recorder):
    """Measures photos with the network of the request that is being answered; the records of all are kept together."""

    def __init__(self, visitors: Visitors) -> None:
        self._visitors, self.records = visitors, RecordCache()

    @property
    def model(self) -> InstrumentedModel:  # type: ignore[override]
        """The network that measures."""
        return self._visitors.model
