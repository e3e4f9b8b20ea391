"""What an error says in the reader's language."""

from __future__ import annotations

import json
from importlib.resources import files

from resnet_demo.errors import Phrase, ResNetDemoError

# The English sentence of each error, and each English phrase in one -> the same in Chinese.
CHINESE: dict[str, str] = json.loads(
    (files("resnet_demo.views") / "messages" / "errors.zh.json").read_text("utf-8")
)


def worded(error: ResNetDemoError, language: str) -> str:
    """The error's sentence in "en" or "zh"; what it quotes of others, an operating system say, stays as it is.

    An error that is not in the catalogue, as code outside this package may raise, gets a frame around what it received.
    """
    if language == "en":
        return str(error)
    if error.template not in CHINESE:
        return f"请求无法完成。收到：{error.received or error}。"
    values = {name: _worded(value, language) for name, value in error.values.items()}
    return CHINESE[error.template].format(**values) if values else CHINESE[error.template]


def _worded(value: object, language: str) -> object:
    if isinstance(value, ResNetDemoError):
        return worded(value, language)
    return CHINESE[value] if isinstance(value, Phrase) else value
