"""A photo dropped in a real browser until every result of the overview is drawn; needs playwright and a Chromium."""

from __future__ import annotations

import importlib.util
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
DRAWN = """() => ['.rx-predictions', '.rx-compare', '.rx-river', '.rx-maps'].every(s => document.querySelector(s))
    && [...document.querySelectorAll('.rx-compare img, .rx-maps img')].every(i => i.complete && i.naturalWidth)"""


FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
    "--no-first-run",
]


def available() -> bool:
    """Whether playwright and a Chromium that it can start are there."""
    if importlib.util.find_spec("playwright") is None:
        return False
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        try:
            launch(playwright).close()
        except Error:
            return False
    return True


def drop_to_drawn_seconds(url: str, examples: list[Path], rounds: int = 7) -> float:
    """Median seconds from handing the file to the page until all of the overview's pictures are decoded."""
    from playwright.sync_api import sync_playwright

    seconds = []
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for i in range(rounds + 1):
            page = browser.new_page(viewport={"width": 1440, "height": 1000})
            page.goto(url)
            page.wait_for_selector("#photo input[type=file]", state="attached")
            page.wait_for_timeout(
                1500
            )  # until the page's own scripts are at rest; it is never idle, it listens
            started = time.perf_counter()
            page.set_input_files("#photo input[type=file]", examples[i % len(examples)])
            page.wait_for_function(DRAWN)
            seconds.append(time.perf_counter() - started)
            page.close()
        browser.close()
    return float(np.median(seconds[1:]))  # the first page also fills the browser's caches


def launch(playwright: Playwright) -> Browser:
    """An installed Chromium, else Playwright's own."""
    installed = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    return playwright.chromium.launch(executable_path=installed, args=FLAGS)
