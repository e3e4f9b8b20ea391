"""The same work on many processes or machines, by Ray Data: actors that each hold the compiled network.

`pip install resnet-demo[cluster]`. Chunks come back in any order and are counted as they come; counting does not
depend on the order but for rounding. An actor that dies is started again by Ray, and its chunk done once more: what
is counted is what came back, so nothing is lost and nothing counts twice.

Ray notes that a restart fails should the actor's arguments go out of scope. They do not: Ray Data itself keeps them in
its store, and holds on to them, until the last chunk is done.
"""

from __future__ import annotations

import logging
import pickle
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

from resnet_demo.atlas.local import SavedProgress, chunks, counted
from resnet_demo.atlas.work import Findings, Tally, Work
from resnet_demo.errors import OptionError, ResNetDemoError

Loading = dict[str, Any]  # the arguments of `networks.weights.load`, which every worker calls for itself


class ChunkActor:
    """One worker: loads the network once, then does the chunks it is given."""

    def __init__(self, work: Work, loading: Loading, threads: int) -> None:
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        from resnet_demo.atlas.work import Worker
        from resnet_demo.engine.instrumented_model import InstrumentedModel
        from resnet_demo.networks import weights

        self.refused = ""
        try:
            self.worker = Worker(work, InstrumentedModel(weights.load(**loading)))
        except ResNetDemoError as error:  # raised here, Ray would tell of it at length
            self.refused = str(error)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Do the chunks of these photos, pickled; what came out of each, or why nothing can, pickled too."""
        found = [self.refused or self.worker.measure(pickle.loads(items)) for items in batch["items"]]
        return {"number": batch["number"], "found": [pickle.dumps(one) for one in found]}


def go_through_on_ray(
    work: Work,
    loading: Loading,
    saved: SavedProgress,
    *,
    address: str | None = None,
    workers: int = 2,
    threads: int = 1,
) -> Iterator[tuple[int, Tally]]:
    """As `local.go_through`, on a Ray cluster.

    Args:
        loading: how each worker loads the network.
        address: of a running cluster, "ray://head:10001" or "auto"; None starts Ray on this machine.
        workers: how many actors.
        threads: of each actor's network.

    Raises:
        OptionError: Ray is not installed, nothing answers at the address, or a worker cannot do its work.
    """
    try:
        import ray
    except ImportError as error:
        raise OptionError(
            "The engine needs Ray. Received: --engine ray, which is not installed. "
            "Accepted: `pip install resnet-demo[cluster]` first, or --engine local."
        ) from error
    done, state = saved.read()
    whole = work.restore(state) if state is not None else work.nothing()
    count = len(work.items)
    numbers = [number for number in range(len(chunks(count))) if number not in done]
    found = _chunks_on_ray(ray, work, loading, numbers, address, workers, threads) if numbers else ()
    yield from counted(found, count, done, whole, saved)


def _chunks_on_ray(
    ray: Any,
    work: Work,
    loading: Loading,
    numbers: list[int],
    address: str | None,
    workers: int,
    threads: int,
) -> Iterator[tuple[int, Findings]]:
    """The chunks of these numbers, in the order in which they are done."""
    started = _connect(ray, address, workers * threads)
    try:
        ray.data.DataContext.get_current().enable_progress_bars = False
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        rows = [{"number": number, "items": pickle.dumps(work.chunk(number))} for number in numbers]
        plan = ray.data.from_items(rows, override_num_blocks=len(numbers))
        results = plan.map_batches(
            ChunkActor,
            fn_constructor_args=(replace(work, items=()), loading, threads),
            batch_size=1,
            num_cpus=threads,
            compute=ray.data.ActorPoolStrategy(size=min(workers, len(numbers))),
        )
        with closing(iter(results.iter_rows())) as done:  # before Ray is, also where the run is broken off
            for row in done:
                found = pickle.loads(row["found"])
                if isinstance(found, str):
                    raise _no_work(found)
                yield int(row["number"]), found
    except ray.exceptions.RayError as error:
        raise _no_work(str(error).strip().splitlines()[-1]) from error
    finally:
        if started:
            ray.shutdown()


def _no_work(reason: str) -> OptionError:
    return OptionError(
        "A worker cannot do its work ({reason}). Received: --engine ray. Accepted: machines that have the "
        "package and see the data and the weights under the same paths.",
        reason=reason,
    )


def _connect(ray: Any, address: str | None, cpus: int) -> bool:
    """Whether Ray was not connected before."""
    if ray.is_initialized():
        return False
    options = {"address": address} if address else {"num_cpus": cpus, "include_dashboard": False}
    try:
        ray.init(log_to_driver=False, logging_level="ERROR", **options)
    except (ConnectionError, ValueError) as error:
        raise OptionError(
            "No Ray cluster answers there ({reason}). Received: --address {address}. Accepted: the "
            "address of a running cluster, or none, to start Ray on this machine.",
            reason=str(error).splitlines()[0],
            address=address,
        ) from error
    return True
