"""The whole page of a report, in both languages, which a switch at its top tells apart.

It asks nobody for anything: styles and the few lines of script stand in it, and its pictures are `data:` addresses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from resnet_demo.results import blocks_table
from resnet_demo.results.dossier import Dossier
from resnet_demo.views.cards import card
from resnet_demo.views.chart import table
from resnet_demo.views.markup import Html, element, join
from resnet_demo.views.messages.words import LANGUAGES, Words
from resnet_demo.views.number_format import number
from resnet_demo.views.report.sections import SECTIONS, Look, each_block
from resnet_demo.views.sections.network import network_panel
from resnet_demo.views.sections.overview import headline

LANG = {"en": "en", "zh": "zh-Hans"}  # as HTML calls the languages

# The columns of the table of blocks: what is written over each, a formula or the key of words.
FORMULAS = {"shortcut_rms": "rms(S)", "residual_rms": "rms(F)", "cosine": "cos(S, F)"}
SAID = {
    "ratio": "column_ratio",
    "novelty": "column_novelty",
    "closed_gates": "closed_gates",
    "change": "change",
    "lesion_logit_change": "column_lesion",
    "ledger": "column_ledger",
}

# Nothing is loaded from anywhere, whoever opens the file.
ALONE = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def report(found: Dossier, photo: str) -> str:
    """The report as the text of an HTML file.

    Args:
        photo: the photo's address, as a `data:` URI.
    """
    said = {code: contents(Look(found, photo, Words(code))) for code in LANGUAGES}
    numbers = json.dumps(found.numbers, ensure_ascii=False).replace("<", "\\u003c")
    kept = element("script", Html(numbers), type="application/json", id="analysis")
    return document(found.analysis.image.name, said, join([kept]), policy=ALONE)


def contents(at: Look, measures: Iterable[str] = tuple(SECTIONS), *, blocks: bool = True) -> Html:
    """What a report says in one language.

    Args:
        measures: whose sections are shown, by name.
        blocks: whether every block can be opened.
    """
    shown = [part for name in SECTIONS if name in set(measures) for part in SECTIONS[name](at)]
    return join(
        [
            headline(at.found.analysis, at.words),
            element("div", join(shown), class_="re-report-cards"),
            *_numbers(at),
            *(each_block(at) if blocks else ()),
            _network(at),
        ]
    )


def _numbers(at: Look) -> list[Html]:
    """Every block's numbers in one table."""
    rows = blocks_table.rows(at.found)
    if not rows:
        return []
    titles = FORMULAS | {name: at.words(key) for name, key in SAID.items()}
    columns = [name for name in titles if any(row[name] is not None for row in rows)]
    head = [at.words("block"), at.words("kind"), *(titles[name] for name in columns)]
    body = [
        [
            row["block"],
            at.words(row["kind"]),
            *("–" if row[c] is None else number(row[c], 4) for c in columns),
        ]
        for row in rows
    ]
    return [card(at.words("report_numbers"), table(head, body, "re-numbers"))]


def _network(at: Look) -> Html:
    """Which network looked, and what it cannot be asked."""
    left = [element("li", f"{name}: {at.words.error(reason)}") for name, reason in at.found.left_out.items()]
    missing = [element("h4", at.words("report_left_out")), element("ul", join(left))] if left else []
    panel = network_panel(at.found.network, at.words, unfolded=True)
    return card(at.words("report_network"), panel, *missing)


def document(
    title: str,
    said: dict[str, Html],
    more: str = "",
    *,
    policy: str = "",
    head: str = "",
    blocks: str | None = None,
) -> str:
    """An HTML document that says the same in each language.

    Args:
        title: its name.
        said: the content by language code.
        more: what stands behind it, of no language.
        policy: the Content-Security-Policy, if any.
        head: what else its head holds, in place of styles and script.
        blocks: the folder of the pages that a pressed block leads to, if there are any.
    """
    switches = [
        part
        for i, (code, name) in enumerate(LANGUAGES.items())
        for part in _switch(code, name, chosen=i == 0)
    ]
    bodies = [
        element("main", content, lang=LANG[code], class_=f"re-report re-report-{code}")
        for code, content in said.items()
    ]
    metas = [
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=policy) if policy else "",
        element("title", f"{title} · {Words('en')('title')}"),
        head or join([element("style", Html(styles())), element("script", Html(script()))]),
    ]
    body = element("body", *switches, *bodies, more, data_blocks=blocks)
    return f"<!DOCTYPE html>\n{element('html', element('head', join(metas)), body, lang='en')}\n"


def _switch(code: str, name: str, *, chosen: bool) -> tuple[Html, Html]:
    """The button of one language, and its label."""
    button = element(
        "input",
        type="radio",
        name="language",
        id=f"say-{code}",
        value=LANG[code],
        checked="" if chosen else None,
    )
    return button, element("label", name, for_=f"say-{code}", lang=LANG[code])


def styles() -> str:
    """All styles of a report: the charts', the sections', its own; dark where the reader's system is."""
    charts = _file("charts.css")
    dark = re.search(r"^\.dark (\{.*?^\})", charts, re.S | re.M)
    assert dark, "charts.css has its dark colours in a rule of their own"
    night = f"@media screen and (prefers-color-scheme: dark) {{ :root {dark[1]} }}"
    return "\n".join([charts, night, _file("sections", "sections.css"), _file("report", "report.css")])


def script() -> str:
    """What happens in the browser: tables are sorted, a block opens where it is pressed, the language is remembered."""
    return _file("charts.js") + _file("report", "report.js")


def _file(*path: str) -> str:
    found: Any = files("resnet_demo.views")
    for part in path:
        found = found / part
    return str(found.read_text("utf-8"))
