"""Each request is answered by the network that it names, whatever others ask meanwhile."""

import inspect
import threading
import typing
from types import SimpleNamespace

import gradio as gr
import pytest

from resnet_demo.errors import UnknownNameError
from resnet_demo.ui.visitors import Visitors


class Networks:
    """Names in place of networks."""

    def __init__(self):
        self.asked = []

    def get(self, name=None):
        if name == "unknown":
            raise UnknownNameError("There is no such network.")
        self.asked.append(name)
        return SimpleNamespace(fed=lambda how, _: (name or "first", how))


@pytest.fixture
def visitors():
    return Visitors(Networks())


def test_an_answer_is_given_by_the_network_that_the_request_names(visitors):
    answer = visitors.answering(lambda photo: (photo, visitors.model, visitors.recorder.model))
    assert answer("x", "b", "torch") == ("x", ("b", "torch"), ("b", "torch"))
    assert answer("x", None, None) == ("x", ("first", None), ("first", None))


def test_a_network_is_asked_for_once_a_request_and_only_if_it_is_needed(visitors):
    visitors.answering(lambda: (visitors.model, visitors.model))("b", None)
    visitors.answering(lambda: None)("c", None)
    assert visitors.networks.asked == ["b"]


def test_what_an_unknown_name_gives_is_an_error_and_the_next_request_is_not_touched(visitors):
    answer = visitors.answering(lambda: visitors.model)
    with pytest.raises(UnknownNameError):
        answer("unknown", None)
    assert answer("", "") == ("first", "")


def test_steps_of_one_answer_stay_with_their_network_in_whichever_thread_they_run(visitors):
    def steps():
        yield visitors.model
        yield visitors.model

    one, other = (visitors.answering(steps)(name, None) for name in "bc")
    assert [next(one), next(other), next(one), next(other)] == [(name, None) for name in "bcbc"]
    assert list(one) == []


def test_requests_at_once_do_not_see_each_others_network(visitors):
    both = threading.Barrier(2)

    def function():
        both.wait(10)
        found = visitors.model[0]
        both.wait(10)
        return found, visitors.model[0]

    found = {}
    threads = [
        threading.Thread(target=lambda n=name: found.update({n: visitors.answering(function)(n, None)}))
        for name in "bc"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found == {"b": ("b", "b"), "c": ("c", "c")}


def test_gradio_still_sees_what_a_function_asks_for_besides_its_inputs(visitors):
    def pick(path: str, event: gr.EventData, progress: gr.Progress = gr.Progress()):  # noqa: B008
        """Pick."""

    wrapped = visitors.answering(pick)
    assert inspect.signature(wrapped) == inspect.signature(pick)
    assert typing.get_type_hints(wrapped)["event"] is gr.EventData
