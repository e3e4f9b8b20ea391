"""Where a figure or a sentence comes from, as a link."""

from __future__ import annotations

import re

from resnet_demo.views.markup import Html, element, join

_ARXIV = re.compile(r"arXiv:(\d{4}\.\d{4,5})")


def source_link(source: str) -> Html:
    """A paper, "arXiv:1512.03385", as it is; of a page's address, given without its "https://", the host."""
    paper = _ARXIV.fullmatch(source)
    address = f"https://arxiv.org/abs/{paper[1]}" if paper else f"https://{source}"
    name = source if paper else source.partition("/")[0]
    return element("a", name, href=address, target="_blank", rel="noopener")


def linked(sentence: str) -> Html:
    """The sentence, with each "arXiv:1512.03385" a link to the paper."""
    parts = _ARXIV.split(sentence)
    return join(source_link(f"arXiv:{part}") if i % 2 else part for i, part in enumerate(parts))
