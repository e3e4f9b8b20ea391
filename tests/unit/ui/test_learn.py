"""The walk's handlers: what is computed when, once, and what a network cannot be asked."""

from types import SimpleNamespace

import pytest

from resnet_demo.assets import EXAMPLES
from resnet_demo.errors import BusyError
from resnet_demo.learn.steps import STEPS, Step
from resnet_demo.measures.recorder import Recorder
from resnet_demo.results.check import Check
from resnet_demo.ui import learn
from resnet_demo.ui.learn import LearnHandlers, number_of, within_time
from resnet_demo.ui.on_show import NetworkOnShow
from resnet_demo.views.learn import DRAWINGS
from resnet_demo.views.markup import Html
from resnet_demo.views.messages.words import Words


@pytest.fixture
def handlers(small_instrumented) -> LearnHandlers:
    return LearnHandlers(NetworkOnShow(Recorder(small_instrumented)))


@pytest.fixture
def asked(monkeypatch) -> list:
    """What a check is computed on, one a time; its picture is empty."""
    monkeypatch.setitem(DRAWINGS, "bottleneck", lambda check, words: Html(""))
    return []


def step(asked: list, **options) -> Step:
    def compute(at):
        asked.append(at)
        return Check(
            "bottleneck", "does_not_hold", {"width": 256, "narrow": 64, "factor": 1.5, "ratio": 2.25}
        )

    return Step("bottleneck", compute, **options)


def answer(handlers, of, path=None, target=None, layer="", progress=None):
    """[whether the button is there, result]."""
    button, result = handlers._answer(of, Words("en"), path, target, layer, progress)
    return button["visible"], result


@pytest.fixture(autouse=True)
def only_verdict(monkeypatch):
    """The sentences of these steps are filled in with what the test's check has."""
    monkeypatch.setattr(learn.walk, "background", lambda key, check, words: Html(""))


def test_a_cheap_step_is_computed_when_it_opens_and_once(handlers, asked):
    for _ in range(2):
        button, result = answer(handlers, step(asked))
        assert not button
        assert "does not hold" in result
        assert "1.5 times" in result
    assert len(asked) == 1


def test_a_costly_step_waits_to_be_asked_and_is_then_known(handlers, asked):
    costly = step(asked, costly=True)
    assert answer(handlers, costly)[0]
    assert not asked
    assert not answer(handlers, costly, progress=lambda done, total: None)[0]
    button, result = answer(handlers, costly)  # back at the step
    assert not button
    assert "does not hold" in result
    assert len(asked) == 1


def test_a_photo_step_is_computed_again_for_another_class_or_block_and_only_then(handlers, asked):
    blocks, first = handlers.shown.blocks, min(EXAMPLES.glob("*.jpg"))
    of_photo = step(asked, needs="photo", of_block=True)
    for path, target, layer in (
        (None, None, "conv1"),  # the first example, and the last block
        (None, None, blocks[-1]),
        (None, 1, blocks[-1]),
        (None, 1, blocks[0]),
        (str(first), 1, blocks[0]),  # which is the first example
    ):
        button, result = answer(handlers, of_photo, path, target, layer)
        assert not button
        assert "Measured on" in result
    assert [(at.target, at.block) for at in asked] == [(None, blocks[-1]), (1, blocks[-1]), (1, blocks[0])]
    assert asked[0].batch.shape[0] == 1
    assert asked[0].photo.name == first.name


def test_a_network_that_lacks_what_a_step_is_about_is_told_so(plain_instrumented, asked):
    handlers = LearnHandlers(NetworkOnShow(Recorder(plain_instrumented)))
    of_blocks = step(asked, needs="network", requires=frozenset({"residual"}), costly=True)
    button, result = answer(handlers, of_blocks)
    assert not button
    assert "cannot be checked on the network on screen" in result
    assert "without shortcuts" in result
    assert not asked


def test_what_takes_too_long_is_ended(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(learn.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(learn, "limits", lambda: SimpleNamespace(run_seconds=30))
    reported = []
    tell = within_time(lambda *done: reported.append(done))
    tell(1, 10)
    now[0] = 31.0
    with pytest.raises(BusyError, match="2 of 10 parts in 30 s"):
        tell(2, 10)
    assert reported == [(1, 10)]


def test_an_address_asks_by_number_or_key():
    assert [number_of(str(i)) for i in range(1, 11)] == list(range(1, 11))
    assert [number_of(s.key) for s in STEPS] == list(range(1, 11))
    assert [number_of(text) for text in ("", "0", "11", "-1", "٣", "1" * 400, "none")] == [1] * 7
