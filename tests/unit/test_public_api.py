"""The five lines of the README: `from resnet_demo import load, analyze`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import resnet_demo
from resnet_demo.errors import NotAnImageError, UnknownClassError
from resnet_demo.measures import overview
from resnet_demo.photos.decoding import read_photo

README = Path(__file__).resolve().parents[2] / "README.md"
EXAMPLE = Path(resnet_demo.__file__).parent / "assets/examples/golf-ball-in-grass.jpg"


def test_the_package_alone_is_cheap():
    code = (
        "import sys; from resnet_demo import load, analyze\n"
        "sys.exit(', '.join({'tensorflow', 'keras', 'numpy', 'gradio'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr.strip() == ""


def test_the_readmes_lines_run(capsys):
    """As they stand there, on a photo of ours."""
    lines = README.read_text("utf-8").split("\n## In Python\n\n")[1].split("\n\n")[0]
    code = "\n".join(line.removeprefix("    ") for line in lines.splitlines())
    code = code.replace("load()", "load('bundled')").replace('"elephant.jpg"', repr(str(EXAMPLE)))
    names = {}
    exec(compile(code, "README.md", "exec"), names)
    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in printed] == [block.name for block in names["analysis"].blocks]
    assert len(printed) == 16


def test_it_is_the_commands_analysis(instrumented):
    mine = resnet_demo.analyze(instrumented, EXAMPLE.read_bytes(), "church", "conv4_block6", 3)
    theirs = overview.analyze(
        instrumented, read_photo(EXAMPLE.read_bytes()), mine.target.index, "conv4_block6", 3
    )
    assert mine.target.label.english == "church"
    assert json.dumps(mine.numbers()) == json.dumps(theirs.numbers())


def test_what_does_not_fit_is_refused(instrumented):
    with pytest.raises(UnknownClassError):
        resnet_demo.analyze(instrumented, EXAMPLE, "no such class")
    with pytest.raises(NotAnImageError):
        resnet_demo.analyze(instrumented, b"no picture")
