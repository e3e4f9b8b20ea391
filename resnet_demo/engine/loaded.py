"""The networks in memory: few at a time, each loaded when it is first asked for."""

from __future__ import annotations

import gc
import threading
from collections import OrderedDict
from collections.abc import Sequence

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import UnknownNameError
from resnet_demo.networks import weights
from resnet_demo.networks.choices import Choice, choices
from resnet_demo.networks.download import Progress

MOST = 2  # networks in memory; a ResNet-152 with its compiled passes takes about 1 GB


class LoadedNetworks:
    """Networks by name; at most `most` in memory, the longest unused go first. For many threads.

    What is being computed with a network that goes is finished, and then it is freed.

    Attributes:
        names: of all there are; the first is the default.
    """

    def __init__(
        self, choices: Sequence[Choice], most: int = MOST, first: InstrumentedModel | None = None
    ) -> None:
        self._choices = {choice.name: choice for choice in choices}
        self.names = tuple(self._choices)
        self.most = most
        self._kept: OrderedDict[str, InstrumentedModel] = OrderedDict()  # the longest unused first
        if first is not None:
            self._kept[self.names[0]] = first
        self._lock, self._loading = threading.Lock(), threading.Lock()
        self._fetching = {name: threading.Lock() for name in self.names}

    @property
    def default(self) -> str:
        """The name of the network that is used where none is named."""
        return self.names[0]

    def is_loaded(self, name: str | None) -> bool:
        """Whether `get` would answer at once."""
        return (name or self.default) in self._kept

    def get(self, name: str | None = None, progress: Progress | None = None) -> InstrumentedModel:
        """The network of this name, loaded where it is not in memory; None or "" is the default.

        Two that ask for the same at once have it loaded once. What must be downloaded is downloaded while the others
        stay in memory, so that a download that fails costs nothing.

        Args:
            progress: called during a download with (bytes done, bytes in all or None).

        Raises:
            UnknownNameError: no such network; the message lists them.
            DownloadError, WeightsError, ArchitectureError: as `weights.load`.
        """
        name = name or self.default
        if name not in self._choices:
            raise UnknownNameError(
                "There is no such network. Received: {name!r}. Accepted: {networks}.",
                name=name,
                networks=", ".join(self.names),
            )
        if (found := self._find(name)) is not None:
            return found
        with self._fetching[name]:
            if (found := self._find(name)) is not None:
                return found
            self._choices[name].fetch(progress)
            with self._loading:
                self._make_room()
                model = InstrumentedModel(self._choices[name].load())
                with self._lock:
                    self._kept[name] = model
        return model

    def _find(self, name: str) -> InstrumentedModel | None:
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
            return self._kept.get(name)

    def _make_room(self) -> None:
        gone = []
        with self._lock:
            while len(self._kept) >= self.most:
                gone.append(self._kept.popitem(last=False))
        if gone:
            gone.clear()
            gc.unfreeze()  # a server has frozen what there was when it had started, the first network too
            gc.collect()  # a Keras model and its compiled passes are in reference cycles


def load_networks(
    weights_named: str | None = "auto",
    labels: str | None = None,
    preprocessing: str | None = None,
    size: tuple[int, int] | None = None,
    activation: str | None = None,
) -> LoadedNetworks:
    """The networks of a server: the one that these arguments of `weights.load` name is loaded, the others are not yet.

    Of several that RESNET_DEMO_WEIGHTS names, the first is loaded.

    Raises:
        WeightsError, ArchitectureError, OptionError: as `weights.load`.
    """
    environment = weights.named_by_environment() if weights_named in (None, "auto") else ()

    def load_first() -> weights.Network:
        return weights.load(weights_named, labels, None, preprocessing, size, activation)

    network = load_first()
    return LoadedNetworks(choices(network, load_first, environment[1:]), first=InstrumentedModel(network))
