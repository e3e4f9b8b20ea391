"""README.md of a site, with the front matter by which Hugging Face knows a static Space."""

from __future__ import annotations

import json

from resnet_demo.views.site.pages import Site


def space_card(site: Site) -> str:
    """The text of README.md."""
    weights = site.network.weights
    lines = [
        "---",
        f"title: {json.dumps(f'ResNet Explorer: {site.name}', ensure_ascii=False)}",
        "emoji: 🔬",
        "colorFrom: blue",
        "colorTo: yellow",
        "sdk: static",
        "app_file: index.html",
        "pinned: false",
        "---",
        "",
        f"# {site.name}",
        "",
        f"{len(site.entries)} photos as {weights.name} sees them (SHA-256 {weights.sha256}): what each residual block",
        "adds, photo by photo, block by block, class by class. Open `index.html`; no server is needed.",
        "",
        "Written by `python -m resnet_demo site`.",
    ]
    return "\n".join(lines) + "\n"
