"""The counted steps against counts worked out by hand, and on networks that break the rules they check."""

import math

import keras
import numpy as np
import pytest

from resnet_demo.errors import ArchitectureError
from resnet_demo.learn.claims import bottleneck, depths, projection, shapes
from resnet_demo.learn.steps import STEPS
from resnet_demo.learn.subject import Subject
from resnet_demo.measures.requirements import lacking
from resnet_demo.networks import complexity
from resnet_demo.networks.resnet import resnet

pytestmark = pytest.mark.slow


def test_a_bottleneck_is_counted_by_hand():
    check = bottleneck.compute(Subject(None))
    wide, bottle, narrow = 2 * 9 * 256 * 256, 256 * 64 + 9 * 64 * 64 + 64 * 256, 2 * 9 * 64 * 64
    assert [check.values[f"{b}_parameters"] for b in ("wide", "bottleneck", "narrow")] == [
        wide,
        bottle,
        narrow,
    ]
    assert check.values["bottleneck_cost"] * 1e6 == bottle * 56 * 56
    assert check.values["factor"] == pytest.approx(wide / bottle)
    assert check.values["ratio"] == pytest.approx(bottle / narrow)
    assert check.verdict == "holds"


def test_a_bottleneck_that_saves_nothing_does_not_hold(monkeypatch):
    counted = bottleneck.counted
    monkeypatch.setattr(bottleneck, "counted", lambda _, width: counted("basic", width))
    assert bottleneck.compute(Subject(None)).verdict == "does_not_hold"


def test_zero_padding_leaves_half_the_channels_without_a_shortcut():
    assert shapes.channels_without_shortcut(projection=False) == list(range(64, 128))
    assert shapes.channels_without_shortcut(projection=True) == []


def test_the_options_cost_what_their_projections_have():
    reported = []
    check = shapes.compute(Subject(None, progress=lambda *done: reported.append(done)))
    assert reported == [(i, 4) for i in range(4)]
    # A projection: a 1×1 kernel, its bias, four numbers a channel of BatchNorm.
    changing = [(64, 128), (128, 256), (256, 512)]
    added_b = sum(a * b + 5 * b for a, b in changing)
    keeping = [(64, 3), (128, 3), (256, 5), (512, 2)]  # blocks that keep their shape, a stage
    added_c = added_b + sum(blocks * (c * c + 5 * c) for c, blocks in keeping)
    assert [check.values[f"added_{o}"] for o in "abc"] == [0, added_b, added_c]
    assert check.verdict == "does_not_hold"


def test_the_five_depths_are_counted_as_keras_builds_them():
    check = depths.compute(Subject(None))
    rows = {row["depth"]: row for row in check.data["depths"]}
    assert list(rows) == [18, 34, 50, 101, 152]
    assert all(row["layers"] == depth for depth, row in rows.items())
    published = {50: 25_636_712, 101: 44_707_176, 152: 60_419_944}  # of keras.applications
    assert {depth: rows[depth]["parameters"] for depth in published} == published
    assert all(abs(r["multiply_adds"] / r["paper_multiply_adds"] - 1) < 0.03 for r in rows.values())
    assert check.verdict == "holds"


def test_a_depth_that_is_no_better_holds_by_half(monkeypatch):
    monkeypatch.setitem(depths.RESNET_TOP1, 152, 21.80)
    assert depths.compute(Subject(None)).verdict == "holds_only_where"


def test_projections_are_where_shapes_change_in_keras_resnet50(make_instrumented):
    model = make_instrumented(resnet(50, classes=3, input_shape=(64, 96, 3)))
    check = projection.compute(Subject(model))
    assert (check.values["blocks"], check.values["projections"], check.values["exceptions"]) == (16, 4, 0)
    assert check.verdict == "holds"
    assert [row["name"] for row in check.data["blocks"] if row["kind"] == "projection"] == [
        f"conv{stage}_block1" for stage in (2, 3, 4, 5)
    ]
    # conv2 … conv5 of 64×96 pixels are 16×24, 8×12, 4×6 and 2×3.
    counted = [(64, 256, 16 * 24), (256, 512, 8 * 12), (512, 1024, 4 * 6), (1024, 2048, 2 * 3)]
    parameters = sum(a * b + 5 * b for a, b, _ in counted)
    cost = sum(a * b * positions for a, b, positions in counted)
    assert check.values["parameters"] == parameters
    assert check.values["cost"] == pytest.approx(cost / 1e6)
    whole = model.network.model
    assert check.values["parameter_share"] == pytest.approx(parameters / whole.count_params())
    counted = complexity.complexity_of(whole)
    assert counted.shortcut_multiply_adds == cost
    assert check.values["cost_share"] == pytest.approx(cost / counted.multiply_adds)
    for row in check.data["blocks"]:
        branch = [layer for layer in whole.layers if layer.name.startswith(f"{row['name']}_")]
        kernels = [layer.count_params() for layer in branch if not layer.name.startswith(f"{row['name']}_0")]
        assert row["residual"]["parameters"] == sum(kernels)


@pytest.mark.parametrize(("option", "exceptions"), [("A", 3), ("C", 5)])
def test_other_options_break_the_rule_and_are_named(make_instrumented, option, exceptions):
    model = make_instrumented(resnet(18, shortcut_option=option, classes=3, input_shape=(32, 64, 3)))
    check = projection.compute(Subject(model))
    assert check.verdict == "holds_only_where"
    assert check.values["exceptions"] == exceptions
    assert len(check.values["which"].split(", ")) == exceptions


def test_a_network_without_shortcuts_is_told_so(plain_instrumented):
    (step,) = [step for step in STEPS if step.key == "projection"]
    reason = lacking(plain_instrumented.engine, step.requires)
    assert isinstance(reason, ArchitectureError)
    assert "without shortcuts" in str(reason)


def test_a_depthwise_kernel_is_counted_too():
    x = keras.Input((8, 8, 6))
    layer = keras.layers.DepthwiseConv2D(3, padding="same", use_bias=False)
    from resnet_demo.graph.flat import flatten

    graph = flatten(keras.Model(x, layer(x)))
    cost = projection._cost(graph, {node.name for node in graph})
    assert cost == {"parameters": 54, "multiply_adds": math.prod((54, 8, 8))}
    assert np.prod(layer.output.shape[1:]) * 9 == cost["multiply_adds"]
