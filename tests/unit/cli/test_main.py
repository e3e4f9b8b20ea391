"""Exit statuses, streams and start-up, as a shell sees them."""

import os
import signal
import subprocess
import sys

import pytest

from resnet_demo import __version__, cli

# `predict` replaced by something that is slow to end, so that the reader or the user can end it first.
ENDLESS = """
import signal, sys, time
# A shell starts its background jobs with SIGINT ignored, and so their children.
signal.signal(signal.SIGINT, signal.default_int_handler)
from resnet_demo import cli
def run(options, out):
    while True:
        print("result", file=out, flush=True)
        time.sleep(0.01)
cli.predict.run = run
sys.exit(cli.main(["predict", "photo.jpg"]))
"""


def python(*arguments, **options):
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=120, **options
    )


@pytest.mark.parametrize("arguments", [["--help"], ["analyze", "--help"], ["predict", "--top", "0", "x"], []])
def test_help_and_mistyped_options_are_answered_without_tensorflow(arguments):
    code = (
        "import sys\nfrom resnet_demo.cli import main\n"
        f"try: main({arguments})\nexcept SystemExit as end: status = end.code\n"
        "slow = {'tensorflow', 'keras', 'matplotlib', 'gradio'} & set(sys.modules)\n"
        "sys.exit(f'imported: {slow}' if slow else status)"
    )
    result = python("-c", code)
    assert "imported" not in result.stderr
    assert result.returncode == (0 if "--help" in arguments else 2)
    assert "usage: python -m resnet_demo" in (result.stdout if "--help" in arguments else result.stderr)


def test_version(capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"resnet_demo {__version__}\n"


@pytest.mark.parametrize("command", ["predict", "analyze", "info", "networks", "convert", "serve"])
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main([command, "--help"])
    assert f"usage: python -m resnet_demo {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["draw"],
        ["predict"],
        ["predict", "a.jpg", "--top", "none"],
        ["predict", "a.jpg", "--batch-size", "0"],
        ["predict", "a.jpg", "--js"],
        ["analyze", "a.jpg", "--top", "0"],
        ["convert", "a.h5"],
    ],
)
def test_usage_errors_are_status_2_and_print_nothing_on_stdout(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(arguments)
    out, err = capsys.readouterr()
    assert out == ""
    assert "error: " in err


@pytest.mark.slow
def test_the_whole_command_as_a_shell_runs_it(tmp_path, examples):
    (tmp_path / "not.jpg").write_text("hello")
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    result = python(
        *("-m", "resnet_demo", "predict", tmp_path / "not.jpg", examples / "golf-ball-in-grass.jpg"),
        *("--weights", "bundled", "--top", "2"),
        env=environment,
    )
    file, shape, first, _ = result.stdout.splitlines()
    assert file == str(examples / "golf-ball-in-grass.jpg")
    assert shape == "Input image shape: (1, 224, 224, 3)"
    assert first.split()[:3] == ["n03445777", "golf", "ball"]
    assert result.returncode == 1
    # Our two notes, and none of TensorFlow's.
    assert [line.split(".")[0] for line in result.stderr.splitlines()] == [
        "Bundled Imagenette weights, as asked for",
        "This is not a picture we can read",
    ]
    assert str(tmp_path / "not.jpg") in result.stderr


def test_a_closed_pipe_is_quiet():
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "result\n"
        process.stdout.close()
        assert process.wait(60) == cli.CLOSED_PIPE
        assert process.stderr.read() == ""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
def test_an_interrupt_is_quiet():
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "result\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == cli.INTERRUPTED
        assert process.stderr.read() == ""


def test_what_a_library_prints_is_not_a_result(monkeypatch, capsys):
    def chatty(options, out):
        print("loading…")
        print("result", file=out)
        return 0

    monkeypatch.setattr(cli.info, "run", chatty)
    assert cli.main(["info"]) == 0
    assert capsys.readouterr() == ("result\n", "loading…\n")
