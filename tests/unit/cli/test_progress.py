"""The bar, on a terminal that remembers what was written to it."""

import io
import sys

import pytest

from resnet_demo.cli.progress import tracked


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("stream", "hidden"), [(Terminal, False), (Terminal, True), (io.StringIO, False)])
def test_a_bar_is_for_a_terminal_and_for_nothing_else(monkeypatch, stream, hidden):
    monkeypatch.setattr(sys, "stderr", stream())
    monkeypatch.setenv("TERM", "xterm")
    written = sys.stderr
    done = []
    for item in tracked(iter("ab"), "letters", 2, hidden=hidden):
        done.append(item)
        print(f"complaint {item}", file=sys.stderr)
    assert done == ["a", "b"]
    assert "complaint a" in written.getvalue()
    assert "complaint b" in written.getvalue()
    assert ("letters" in written.getvalue()) == (stream is Terminal and not hidden)
