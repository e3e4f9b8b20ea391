"""The networks: what each one costs beside the paper's table, and one block of each kind drawn."""

from __future__ import annotations

from typing import Any

from resnet_demo.views.block_drawing import DrawnBlock, block_drawing
from resnet_demo.views.cards import card
from resnet_demo.views.markup import Html, element, join
from resnet_demo.views.messages.words import Words


def networks_table_view(rows: list[dict[str, Any]], words: Words) -> Html:
    """The networks as a table, with the difference to the paper explained.

    Args:
        rows: of each network what `complexity.row` counts, and under "difference" what `complexity.difference` says.
    """
    head = [
        element("th", words(key), scope="col")
        for key in ("network", "layers", "parameters", "multiply_adds", "paper")
    ] + [
        element("th", words(key), scope="col", class_="rx-cell-text")
        for key in ("output_sizes", "difference")
    ]
    body = [
        element(
            "tr",
            element("th", row["name"], scope="row"),
            element("td", str(row["layers"])),
            element("td", f"{row['parameters']:,}"),
            element("td", f"{row['multiply_adds'] / 1e9:.3f} ×10⁹"),
            element(
                "td", f"{row['paper_multiply_adds'] / 1e9:.1f} ×10⁹" if row["paper_multiply_adds"] else "–"
            ),
            element("td", " → ".join(f"{h}×{w}×{c}" for h, w, c in row["stages"]), class_="rx-cell-text"),
            element("td", _difference(row, words), class_="rx-cell-text re-note"),
        )
        for row in rows
    ]
    table = element(
        "table",
        element("thead", element("tr", join(head))),
        element("tbody", join(body)),
        class_="rx-table re-networks",
    )
    return card(
        words("tab_networks"),
        element("div", table, class_="rx-scroll", tabindex="0"),
        finding=words("networks_intro"),
    )


def progress_view(name: str, done: int, count: int, words: Words) -> Html:
    """How many networks are built, and which one is being built."""
    label = words("networks_building", name=name, done=done + 1, count=count)
    return element("label", label, element("progress", max=count, value=done), class_="re-progress")


def _difference(row: dict[str, Any], words: Words) -> str:
    """Why the count is another than the paper's; nothing where it is the same."""
    if row["difference"] is None:
        return ""
    key, values = row["difference"]
    return words(f"difference_{key}", **values)


def drawings_view(drawn: dict[str, tuple[str, str, DrawnBlock]], words: Words) -> Html:
    """Blocks by their kind, each with its network's name and its own, as they were read off the built graphs."""
    figures = []
    for kind, (network, name, block) in drawn.items():
        title = words(f"drawing_{kind}")
        alt = words("drawing_alt", kind=title, name=name, network=network, residual=len(block.residual))
        caption = element("figcaption", element("b", title), element("span", f"{network} · {name}"))
        picture = block_drawing(block, words.for_drawing(), alt=alt)
        figures.append(element("figure", caption, picture, class_="re-drawing"))
    return card(words("drawings_title"), element("div", join(figures), class_="re-drawings"))
