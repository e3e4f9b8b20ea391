"""Any Keras model as one flat list of operations.

Keras runs a model node by node, a node being one call of an operation (`Function._run_through_graph`). The list here
is those nodes in the order they run: models inside the model are opened up to any depth, a layer called twice is two
nodes, and what acts in training only is left out, its readers reading what it read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import keras
from keras import KerasTensor, tree
from keras.src.models.functional import Functional  # what `keras.Model(inputs, outputs)` is; not exported

from resnet_demo.errors import ArchitectureError

OPEN_SIDE = 224  # of the photo, where a model leaves its input size open

# Layers that hand on what they are given when not in training (RandomCrop too, although its output shape is noted as
# that of the crop).
TRAINING_ONLY = (
    *(getattr(keras.layers, n) for n in dir(keras.layers) if n.startswith("Rand")),
    keras.layers.AugMix,
    keras.layers.CutMix,
    keras.layers.MixUp,
    keras.layers.Dropout,
    keras.layers.SpatialDropout2D,
    keras.layers.AlphaDropout,
    keras.layers.GaussianDropout,
    keras.layers.GaussianNoise,
    keras.layers.ActivityRegularization,
    keras.layers.Identity,
)


@dataclass(frozen=True)
class Ref:
    """Stands for a tensor among an operation's arguments: which node gives it, and which of its outputs it is."""

    node: str
    index: int = 0


@dataclass(frozen=True)
class Node:
    """One call of one operation.

    Attributes:
        name: unique in the graph: the operation's own; where several nodes would bear it, with the names of the
            models around it before it ("resnet50/conv1_conv"), and numbered from the second call on ("conv#2").
        op: a layer, or an operation of `keras.ops`.
        args, kwargs: what it is called with, a `Ref` in the place of every tensor.
        shapes: of each output, (N, …) with None for N.
    """

    name: str
    op: keras.Operation
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    shapes: tuple[tuple[int | None, ...], ...]

    @property
    def refs(self) -> tuple[Ref, ...]:
        """The tensors it reads, in the order of its arguments."""
        return tuple(x for x in tree.flatten((self.args, self.kwargs)) if isinstance(x, Ref))

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the nodes it reads."""
        return tuple(ref.node for ref in self.refs)

    @property
    def shape(self) -> tuple[int, ...]:
        """Its first output's shape, without N."""
        return tuple(self.shapes[0][1:])  # type: ignore[arg-type]

    @property
    def is_input(self) -> bool:
        """Whether it is where the photo comes in."""
        return isinstance(self.op, keras.layers.InputLayer)

    def call(self, values: Mapping[str, Any]) -> Any:
        """Run it, not in training, on its inputs' outputs by name."""
        args, kwargs = tree.map_structure(
            lambda x: _output(values[x.node], x.index) if isinstance(x, Ref) else x, (self.args, self.kwargs)
        )
        return self.op(*args, **kwargs)


@dataclass(frozen=True)
class FlatGraph:
    """A model's nodes in the order they run, its inputs first; iterates over them.

    Attributes:
        name: the model's.
        nodes: every node on a way from an input to an output.
        outputs: what the model gives.
    """

    name: str
    nodes: tuple[Node, ...]
    outputs: tuple[Ref, ...]

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __getitem__(self, name: str) -> Node:
        return self._by_name[name]

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    @cached_property
    def _by_name(self) -> dict[str, Node]:
        return {node.name: node for node in self.nodes}

    @cached_property
    def readers(self) -> dict[str, tuple[str, ...]]:
        """Each node's name with the names of the nodes that read it."""
        found: dict[str, list[str]] = {node.name: [] for node in self.nodes}
        for node in self.nodes:
            for name in dict.fromkeys(node.inputs):
                found[name].append(node.name)
        return {name: tuple(readers) for name, readers in found.items()}

    @property
    def inputs(self) -> tuple[Node, ...]:
        """Where the model takes something in; for a network of photos there is one."""
        return tuple(node for node in self.nodes if node.is_input)

    def values(self, *batches: Any) -> dict[str, Any]:
        """What every node gives for one batch an input, run by Keras, by name."""
        found = {node.name: batch for node, batch in zip(self.inputs, batches, strict=True)}
        for node in self.nodes:
            if not node.is_input:
                found[node.name] = node.call(found)
        return found

    def run(self, *batches: Any) -> Any:
        """What the model itself gives for one batch an input, `model(batch, training=False)`: bit for bit."""
        values = self.values(*batches)
        found = [_output(values[ref.node], ref.index) for ref in self.outputs]
        return found[0] if len(found) == 1 else found


def flatten(model: keras.Model, size: tuple[int, int] | None = None) -> FlatGraph:
    """The flat list of a built model.

    Args:
        model: functional or Sequential, with models of those kinds inside, to any depth. Not modified.
        size: (height, width) of the photo where the model leaves them open; `OPEN_SIDE` without it.

    Raises:
        ArchitectureError: the model is no graph of operations, or takes no photo of that size.
    """
    functional = _functional(model)
    if functional is None:
        raise ArchitectureError(
            "A network is analysed when it is a built graph of layers. Received: {model!r}, a {kind}, "
            "whose layers are called in its own code. Accepted: functional and Sequential models, with "
            "others of those kinds inside.",
            model=model.name,
            kind=type(model).__name__,
        )
    walk = _Walk()
    for tensor in functional.inputs:
        shape = tensor.shape
        if len(shape) == 4:
            height, width = size or (OPEN_SIDE, OPEN_SIDE)
            shape = (None, shape[1] or height, shape[2] or width, shape[3])
        given = KerasTensor(shape, tensor.dtype)
        walk.add(tensor._keras_history.operation, (), (), {}, [tensor], [given])
    walk.through(functional, ())
    return FlatGraph(model.name, *walk.named([walk.refs[id(tensor)] for tensor in functional.outputs]))


class _Walk:
    """Collects nodes, called by number until all are known."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.paths: list[tuple[str, ...]] = []  # the models around each node, and its operation's name
        self.refs: dict[int, Ref] = {}  # what stands for a symbolic tensor of the model, by id
        self.given: dict[Ref, KerasTensor] = {}  # shape and dtype of what a reference stands for

    def add(
        self,
        op: keras.Operation,
        path: tuple[str, ...],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        symbolic: Sequence[KerasTensor],
        outputs: Sequence[KerasTensor],
    ) -> None:
        """Note a node whose outputs are `symbolic` in the model, and of `outputs`' shape and dtype here."""
        name = str(len(self.nodes))
        self.nodes.append(Node(name, op, args, kwargs, tuple(tuple(t.shape) for t in outputs)))
        self.paths.append((*path, op.name))
        for index, (tensor, output) in enumerate(zip(symbolic, outputs, strict=True)):
            self.refs[id(tensor)] = Ref(name, index)
            self.given[Ref(name, index)] = output

    def through(self, functional: Any, path: tuple[str, ...]) -> None:
        """Follow a functional model's nodes, whose inputs are known."""
        for depth in sorted(functional._nodes_by_depth, reverse=True):
            for node in functional._nodes_by_depth[depth]:
                if not node.is_input:
                    self.follow(node, path)

    def follow(self, node: Any, path: tuple[str, ...]) -> None:
        args, kwargs = tree.map_structure(
            lambda x: self.refs[id(x)] if isinstance(x, KerasTensor) else x,
            (tuple(node.arguments.args), dict(node.arguments.kwargs)),
        )
        op = node.operation
        if isinstance(op, TRAINING_ONLY) and len(node.outputs) == 1:
            self.refs[id(node.outputs[0])] = self.refs[id(node.input_tensors[0])]
        elif (inner := _functional(op)) is not None:
            self.enter(inner, (*path, op.name), node)
        else:
            if getattr(op, "_call_has_training_arg", False):
                kwargs["training"] = False
            self.add(op, path, args, kwargs, node.outputs, self.specs(node, args, kwargs))

    def enter(self, inner: Any, path: tuple[str, ...], node: Any) -> None:
        """Follow a model inside the model, at one of its calls."""
        outside = self.refs
        given = tree.flatten(
            node.arguments.args[0] if node.arguments.args else node.arguments.kwargs["inputs"]
        )
        for own, tensor in zip(inner.inputs, given, strict=True):
            shape = tuple(self.given[outside[id(tensor)]].shape)
            if any(a not in (None, b) for a, b in zip(own.shape[1:], shape[1:], strict=True)):
                raise _misfit(path[-1], [shape])
        # Its own tensors: at another call of the same model they stand for others.
        self.refs = {id(own): outside[id(tensor)] for own, tensor in zip(inner.inputs, given, strict=True)}
        self.through(inner, path)
        for tensor, own in zip(node.outputs, inner.outputs, strict=True):
            outside[id(tensor)] = self.refs[id(own)]
        self.refs = outside

    def specs(self, node: Any, args: Any, kwargs: Any) -> list[KerasTensor]:
        """Shape and dtype of a node's outputs: as Keras noted them, anew where sizes were open or others."""
        inputs = [self.given[self.refs[id(tensor)]] for tensor in node.input_tensors]
        as_noted = all(
            tuple(a.shape) == tuple(b.shape) for a, b in zip(inputs, node.input_tensors, strict=True)
        )
        if as_noted and all(None not in tensor.shape[1:] for tensor in node.outputs):
            return list(node.outputs)
        args, kwargs = tree.map_structure(
            lambda x: self.given[x] if isinstance(x, Ref) else x, (args, kwargs)
        )
        try:
            outputs: list[KerasTensor] = tree.flatten(node.operation.compute_output_spec(*args, **kwargs))
        except (ValueError, TypeError) as error:
            raise _misfit(node.operation.name, [tuple(tensor.shape) for tensor in inputs]) from error
        return outputs

    def named(self, outputs: list[Ref]) -> tuple[tuple[Node, ...], tuple[Ref, ...]]:
        """The nodes that lead to `outputs`, and the inputs, under their names; and the outputs."""
        needed = {ref.node for ref in outputs}
        for node in reversed(self.nodes):
            if node.name in needed:
                needed.update(node.inputs)
        kept = [
            (n, path)
            for n, path in zip(self.nodes, self.paths, strict=True)
            if n.name in needed or n.is_input
        ]
        names = dict(zip((node.name for node, _ in kept), _unique([path for _, path in kept]), strict=True))

        def renamed(x: Any) -> Any:
            return replace(x, node=names[x.node]) if isinstance(x, Ref) else x

        nodes = tuple(
            replace(
                node,
                name=names[node.name],
                args=tree.map_structure(renamed, node.args),
                kwargs=tree.map_structure(renamed, node.kwargs),
            )
            for node, _ in kept
        )
        return nodes, tuple(renamed(ref) for ref in outputs)


def _misfit(layer: str, shapes: list[tuple[int | None, ...]]) -> ArchitectureError:
    return ArchitectureError(
        "Every layer must take what the one before it gives. Received: {layer!r} with {sizes}. "
        "Accepted: an input size that the network was made for.",
        layer=layer,
        sizes=", ".join(str(shape[1:]) for shape in shapes),
    )


def _unique(paths: list[tuple[str, ...]]) -> list[str]:
    """A name for each path: its last part, the whole where several would bear it, numbered where that is not enough."""
    own = Counter(path[-1] for path in paths)
    calls: Counter[str] = Counter()
    names = []
    for path in paths:
        name = path[-1] if own[path[-1]] == 1 else "/".join(path)
        calls[name] += 1
        names.append(name if calls[name] == 1 else f"{name}#{calls[name]}")
    return names


def _functional(op: Any) -> Functional | None:
    """The graph that a model is; None for what is no model, or one that runs code of its own."""
    if isinstance(op, keras.Sequential) and type(op).call is keras.Sequential.call:
        return op._functional
    return op if isinstance(op, Functional) and type(op).call is Functional.call else None


def _output(value: Any, index: int) -> Any:
    """One output of an operation that may have several."""
    return tree.flatten(value)[index] if isinstance(value, (list, tuple, dict)) else value
