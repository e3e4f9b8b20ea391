import os
import subprocess
import sys

import pytest

from resnet_demo.engine.importing import _hidden, _without_notes

NOTE = "I0000 00:00:1.0 1 port.cc:153] a processor"


def test_tensorflows_notes_are_dropped_and_all_else_is_passed_on(capfd):
    with _without_notes():
        os.write(2, f"{NOTE}\nW0000 a warning\n".encode())  # as C++ does
    assert capfd.readouterr().err == "W0000 a warning\n"


def test_an_error_meanwhile_loses_nothing(capfd):
    def failing_import():
        with _without_notes():
            os.write(2, b"libfoo is missing\n")
            raise ImportError

    with pytest.raises(ImportError):
        failing_import()
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err == "libfoo is missing\nafterwards\n"


def test_the_users_own_log_level_stays_and_its_notes_are_shown():
    code = (
        "import os, sys, types\n"
        "sys.modules.update({name: types.ModuleType(name) for name in ('tensorflow', 'keras')})\n"
        "from resnet_demo.engine.importing import import_tensorflow\n"
        "import_tensorflow(); print(os.environ['TF_CPP_MIN_LOG_LEVEL'])"
    )
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "0"}
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60
    )
    assert result.stdout == "0\n"


def test_what_is_hidden_is_missing_in_the_body_and_there_afterwards():
    sys.modules.pop("wave", None)
    with _hidden("wave", "json"):
        import json  # imported before: not taken away from those who use it

        with pytest.raises(ImportError):
            import wave
    import wave

    assert wave.open
    assert json.loads


@pytest.mark.slow
def test_a_server_starts_without_what_it_does_not_need():
    code = (
        "import sys\n"
        "from resnet_demo.ui.hosting.lean import start_lean\n"
        "start_lean()\n"
        "import gradio, tensorflow\n"
        "print(*(name for name in ('sklearn', 'matplotlib', 'pyarrow') if name in sys.modules))\n"
        "import sklearn, matplotlib.pyplot"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (result.returncode, result.stdout) == (0, "\n"), result.stderr
