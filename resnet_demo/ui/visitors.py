"""Which network answers a visitor: the one that the request names.

Every request of the page, and every call of the API, carries two values more than its function takes: the network's
name and what it is to be fed. `answering` takes them off and answers with that network; what is asked during the answer
(`Visitors.model`, `VisitorsRecorder`) is asked of it. A server remembers no choice of anyone's.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

import gradio as gr

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.engine.loaded import LoadedNetworks
from resnet_demo.measures.record_cache import RecordCache
from resnet_demo.measures.recorder import Recorder
from resnet_demo.networks.preprocessing import NAMED
from resnet_demo.networks.settled import CHOSEN

OF_NETWORK = ("network", "preprocessing")

# What every endpoint is told besides its own arguments, for its docstring.
ARGUMENTS = """    network: the network that answers, one of {names}; empty for the first.
    preprocessing: what it is fed, one of {fed}; empty for what is known of it.
"""


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
        self._named_by: set[tuple[int, ...]] = set()  # ids of the components for network and preprocessing

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

    def has_chosen(self) -> bool:
        """Whether the request at hand names another network than the default, or how it is to be fed."""
        asked = self._asked.get()
        return asked is not None and (
            bool(asked.preprocessing) or asked.network not in (None, "", self.networks.default)
        )

    def is_at_hand(self, network: str | None) -> bool:
        """Whether this network would answer at once, without being loaded first."""
        return self.networks.is_loaded(network)

    def attach(self, page: gr.Blocks, choosers: Sequence[Any], arguments: Sequence[Any]) -> None:
        """Have each of the page's functions answer with the network that its request names.

        Args:
            choosers: the page's own components for the network and the preprocessing.
            arguments: the same two of the API.
        """
        for function in page.fns.values():
            if function.fn is None or any(event == "unload" for _, event in function.targets):
                continue
            public = function.api_visibility == "public"
            function.fn = self.answering(function.fn)
            if public:
                self._describe(function.fn)
                function.input_parameter_names = [*function.input_parameter_names, *OF_NETWORK]
            function.inputs = [*function.inputs, *(arguments if public else choosers)]
        self._named_by = {tuple(c._id for c in pair) for pair in (choosers, arguments)}

    @contextmanager
    def answering_request(self, inputs: Sequence[Any], values: Sequence[Any]) -> Iterator[bool]:
        """Ask within of the network that a request of these values names; False where it is not at hand."""
        by_id = {block._id: value for block, value in zip(inputs, values, strict=False)}
        pair = next((pair for pair in self._named_by if pair[0] in by_id), None)
        network, preprocessing = (by_id.get(i) for i in pair) if pair else (None, None)
        # What is neither is refused by its own component, in a sentence.
        known = network in (None, "") or (isinstance(network, str) and network in self.networks.names)
        fed = preprocessing if isinstance(preprocessing, str) and preprocessing in NAMED else None
        with self.using(network if known else None, fed):
            yield known and self.is_at_hand(network)

    def _describe(self, function: Callable[..., Any]) -> None:
        """Tell the two arguments in an endpoint's signature and docstring, where Gradio and MCP read them."""
        signature = inspect.signature(function)
        own = [
            inspect.Parameter(
                name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=str | None
            )
            for name in OF_NETWORK
        ]
        function.__signature__ = signature.replace(parameters=[*signature.parameters.values(), *own])  # type: ignore[attr-defined]
        about = ARGUMENTS.format(names=", ".join(self.networks.names), fed=", ".join(NAMED))
        before, after, rest = inspect.cleandoc(function.__doc__ or "").partition("\n\nReturns:")
        function.__doc__ = f"{before}\n{about.rstrip()}{after}{rest}"

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
