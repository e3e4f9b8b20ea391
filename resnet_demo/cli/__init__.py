"""The command line: one file per command, each with `add`, which tells its options, and `run`.

Results go to stdout, everything else to stderr. TensorFlow is imported by `run`, never before: help and mistyped
options are answered at once.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Sequence
from typing import TextIO

from resnet_demo import __version__
from resnet_demo.cli import (
    analyze,
    atlas,
    convert,
    degradation,
    evaluate,
    info,
    networks,
    predict,
    serve,
    site,
)
from resnet_demo.errors import ResNetDemoError

COMMANDS = (predict, analyze, info, networks, convert, serve, evaluate, atlas, site, degradation)

INTERRUPTED = 130  # the exit statuses a shell reports for a command ended by SIGINT,
CLOSED_PIPE = 141  # and by SIGPIPE


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: those of the command line by default.

    Returns:
        The exit status: 0 when everything asked for was done, 1 when something was not and stderr tells what.

    Raises:
        SystemExit: 2 for options that cannot be understood, 0 after `--help` and `--version`.
    """
    out = sys.stdout
    if isinstance(out, io.TextIOWrapper):
        out.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter is no reason to stop
    try:
        try:
            return _run(arguments, out)
        finally:
            out.flush()
    except BrokenPipeError:
        # The reader has gone, as `head` does. Python flushes once more at its exit; let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        return CLOSED_PIPE
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(arguments: Sequence[str] | None, out: TextIO) -> int:
    options = build_parser().parse_args(arguments)
    try:
        # Whatever a library prints is no result.
        with contextlib.redirect_stdout(sys.stderr):
            status: int = options.run(options, out)
    except ResNetDemoError as error:
        print(error, file=sys.stderr)
        return 1
    return status


def build_parser() -> argparse.ArgumentParser:
    """The parser with every command; `run` of the parsed options is the command's function."""
    parser = argparse.ArgumentParser(
        prog="python -m resnet_demo",
        description="See what a ResNet does with a photo, and what each of its residual blocks adds.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"resnet_demo {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add(commands)
    return parser
