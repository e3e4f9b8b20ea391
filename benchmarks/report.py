"""The whole measurement as one object, and as a table."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks import browser, folder, machine, page, peers
from benchmarks.passes import passes
from benchmarks.timing import Median, medians
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import OptionError
from resnet_demo.networks.complexity import complexity_of
from resnet_demo.networks.weights import BUNDLE
from resnet_demo.ui.examples import examples_for

# figure: (how it is to be read, its bound)
BOUNDS = {
    "analysis / forward": ("≤", 1.25),
    "overview / forward": ("≤", 4.0),
    "tf_keras_vis / analysis": ("≥", 6.0),
    "pytorch_grad_cam / analysis": ("≥", 2.5),
    "forward / floor": ("≤", 2.0),
    "lesion_all / forward": ("≤", 7.0),
    "as_it_forms / forward": ("≤", 7.0),
    "gradients / forward": ("≤", 4.0),
    "ledger / forward": ("≤", 4.0),
    "gradcam_stem / forward": ("≤", 2.2),
    "gradcam_first / forward": ("≤", 2.2),
    "split_gradcam_last / forward": ("≤", 3.0),
    "split_gradcam_first / forward": ("≤", 3.0),
    "browser / forward": ("≤", 14.0),
    "browser, s": ("≤", 1.5),
    "first_answer / import": ("≤", 2.0),
    "users max / median": ("≤", 3.0),
    "users at once / one by one": ("≥", 0.8),
    "folder / batch forward": ("≥", 0.85),
    "resident memory, GB": ("≤", 1.2),
}


def measure(model: InstrumentedModel, *, with_peers: bool = False, rounds: int = 49) -> dict[str, Any]:
    """Measure everything; a few minutes.

    Returns:
        {"machine", "floor_ms", "median_ms", "ratios", "cpu_ratios", "start", "memory_mb", "users", "folder",
        "left_out"}: what could not be measured is named in "left_out" with the reason.

    Raises:
        OptionError: the network has no residual blocks, or knows none of the example images' classes.
    """
    examples = [example.path for example in examples_for(model)]
    _require_measurable(model, examples)
    left_out: dict[str, str] = {}
    facts = machine.facts()
    found = _medians(model, examples[0], rounds, facts["cores"] if with_peers else 0, left_out)
    # The matrix multiplies that a forward pass is worth.
    multiplies = complexity_of(model.network.model).multiply_adds / machine.SIDE**3
    seconds = {name: median.wall for name, median in found.items()} | {
        "floor": found["multiply"].wall * multiplies
    }
    worked = {name: median.cpu for name, median in found.items() if name != "pytorch_grad_cam"} | {
        "floor": found["multiply"].cpu * multiplies
    }
    rates = folder.images_per_second(model, examples)
    imports = page.import_seconds()
    with page.running(weights_of(model)) as server:
        memory = page.memory_after_photos(server, examples)
        users = page.many_users(server, examples)
        if browser.available():
            seconds["browser"] = browser.drop_to_drawn_seconds(server.url, examples)
        else:
            left_out["browser"] = "playwright or a Chromium is not installed"
    ratios = _ratios(seconds) | {
        "folder / batch forward": rates["folder_over_forward"],
        "first_answer / import": server.first_answer / imports,
        "users max / median": users["max_over_median"],
        "users at once / one by one": users["throughput_over_one_by_one"],
    }
    return {
        "machine": facts,
        "floor_ms": 1000 * seconds["floor"],
        "median_ms": {
            name: 1000 * value for name, value in seconds.items() if name not in ("floor", "multiply")
        },
        "ratios": ratios,
        "cpu_ratios": _ratios(worked),
        "start": {"import_s": imports, "first_answer_s": server.first_answer, "warm_s": server.warm},
        "memory_mb": memory,
        "users": users,
        "folder": rates,
        "left_out": left_out,
    }


def _medians(
    model: InstrumentedModel, photo: Path, rounds: int, peer_threads: int, left_out: dict[str, str]
) -> dict[str, Median]:
    """Of what is timed in turn; with peers where they get threads. What cannot be timed goes to `left_out`."""
    tasks = passes(model, photo) | {"multiply": machine.multiply()}
    with ExitStack() as running:
        if peer_threads:
            if absent := peers.missing():
                left_out["pytorch_grad_cam"] = f"not installed: {', '.join(absent)}"
            else:
                tasks["pytorch_grad_cam"] = running.enter_context(peers.pytorch_grad_cam(peer_threads))
        return medians(tasks, rounds)


def _ratios(seconds: dict[str, float]) -> dict[str, float]:
    """Every contestant to the forward pass, the other libraries' heatmaps to our analysis."""
    forward = seconds["forward"]
    contestants = [name for name in seconds if name not in ("forward", "floor", "multiply")]
    ratios = {f"{name} / forward": seconds[name] / forward for name in contestants}
    for peer in ("tf_keras_vis", "pytorch_grad_cam"):
        if peer in seconds:
            ratios[f"{peer} / analysis"] = seconds[peer] / seconds["analysis"]
    return ratios | {"forward / floor": forward / seconds["floor"]}


def _require_measurable(model: InstrumentedModel, examples: list[Path]) -> None:
    lacks = []
    if not model.engine.architecture.blocks:
        lacks.append("without residual blocks")
    if not examples:
        lacks.append("without example images of its classes")
    if lacks:
        raise OptionError(
            "The bench measures residual blocks on the example images. "
            f"Received: {model.network.provenance.name}, a network {' and '.join(lacks)}. "
            "Accepted: a ResNet of the bundled or of ImageNet's classes."
        )


def weights_of(model: InstrumentedModel) -> str:
    """The weights at hand as RESNET_DEMO_WEIGHTS names them, so that the page serves the same."""
    path = model.network.provenance.path
    assert path is not None  # `weights.load` tells it
    return "bundled" if Path(path) == BUNDLE else str(Path(path).absolute())


def as_table(measured: dict[str, Any]) -> str:
    """The measurement for reading: the machine, the medians, the ratios beside their bounds."""
    lines = [", ".join(f"{name} {value}" for name, value in measured["machine"].items()), ""]
    lines += [f"{'floor':28} {measured['floor_ms']:9.1f} ms   multiply-adds × 2 / matrix-multiply rate"]
    lines += [f"{name:28} {value:9.1f} ms" for name, value in measured["median_ms"].items()]
    lines.append("")
    for name, value in (measured["ratios"] | _absolute(measured)).items():
        sign, bound = BOUNDS.get(name, ("", None))
        met = bound is None or (value <= bound if sign == "≤" else value >= bound)
        within = "" if bound is None else f"   bound {sign} {bound:g}{'' if met else '   NOT MET'}"
        worked = measured["cpu_ratios"].get(name)
        lines.append(f"{name:28} {value:9.2f}{'' if worked is None else f'   CPU {worked:.2f}'}{within}")
    lines.append("")
    for part in ("start", "memory_mb", "users", "folder", "left_out"):
        lines += [f"{part} {name}: {value}" for name, value in measured[part].items()]
    return "\n".join(lines)


def _absolute(measured: dict[str, Any]) -> dict[str, float]:
    """The figures that are no ratios, where they were measured."""
    figures = {
        "browser, s": measured["median_ms"].get("browser"),
        "resident memory, GB": measured["memory_mb"].get("resident_mb"),
        "after every layer, GB": measured["memory_mb"].get("resident_after_layers_mb"),
    }
    return {name: value / 1000 for name, value in figures.items() if value is not None}
