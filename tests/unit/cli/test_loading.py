import os
import subprocess
import sys

import pytest

from resnet_demo.cli.loading import _without_notes

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
        "import os, sys, types; sys.modules['tensorflow'] = types.ModuleType('tensorflow')\n"
        "from resnet_demo.cli.loading import import_tensorflow\n"
        "import_tensorflow(); print(os.environ['TF_CPP_MIN_LOG_LEVEL'])"
    )
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "0"}
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60
    )
    assert result.stdout == "0\n"
