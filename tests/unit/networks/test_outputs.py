"""What outputs mean, by whoever tells."""

import pytest

from resnet_demo.errors import OptionError
from resnet_demo.networks.outputs import ACTIVATIONS, settle_outputs


@pytest.mark.parametrize(
    ("units", "in_file", "override", "problem", "activation", "source", "kind"),
    [
        (5, None, None, None, "softmax", "assumed", "softmax"),
        (1, None, None, None, "sigmoid", "assumed", "question"),
        (5, "softmax", None, "regression", "softmax", "model", "softmax"),
        (5, "sigmoid", None, None, "sigmoid", "model", "several"),
        (1, "sigmoid", None, None, "sigmoid", "model", "question"),
        (5, None, None, "multi_label_classification", "sigmoid", "metadata", "several"),
        (1, None, None, "regression", "none", "metadata", "none"),
        (5, None, None, "odd", "softmax", "assumed", "softmax"),
        (5, "sigmoid", ("softmax", "--activation"), None, "softmax", "told", "softmax"),
        (1, None, ("none", "--activation"), None, "none", "told", "none"),
    ],
)
def test_who_tells(units, in_file, override, problem, activation, source, kind):
    found = settle_outputs(units, in_file, override, problem)
    assert (found.activation, found.source, found.kind) == (activation, source, kind)
    assert found.is_question == (kind == "question")
    assert found.warnings == ()
    assert activation in str(found.reason)


def test_a_softmax_over_one_unit_is_said_to_tell_nothing():
    (warning,) = settle_outputs(1, "softmax").warnings
    assert "over one unit is 1 for every photo" in str(warning)


def test_another_activation_makes_no_probabilities_and_is_named():
    found = settle_outputs(3, "tanh")
    assert (found.activation, found.source) == ("none", "model")
    (warning,) = found.warnings
    assert "tanh" in str(warning)


def test_an_activation_that_there_is_not():
    with pytest.raises(OptionError, match=r"Received: 'relu'\. Accepted: softmax, sigmoid, none"):
        settle_outputs(3, None, ("relu", "--activation"))
    assert ACTIVATIONS == ("softmax", "sigmoid", "none")
