"""Take the README's pictures of the page as it is: `make screenshots`.

The first tab at 1440 × 900 pixels, and all of TABS side by side, small, as one strip.
"""

from __future__ import annotations

import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from benchmarks.page import running

FOLDER = Path(__file__).resolve().parents[1] / "assets" / "screenshots"
TABS = ("Overview", "Learn", "Laboratory")
WIDTH, HEIGHT = 1440, 900
STRIP = (720, 450)  # of one picture in it


def main() -> None:
    """Serve the page with the bundled weights, open an example, and photograph it."""
    with running("bundled") as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(f"{server.url}/?example=golf-ball-in-grass")
        page.get_by_text("golf ball").first.wait_for(timeout=60_000)
        pictures = [photograph(page, tab) for tab in TABS]
        browser.close()
    strip = Image.new("RGB", (STRIP[0] * len(pictures), STRIP[1]))
    pictures[0].save(FOLDER / "overview.jpg", quality=85)  # a Space's thumbnail
    for i, picture in enumerate(pictures):
        strip.paste(picture.resize(STRIP, Image.Resampling.LANCZOS), (STRIP[0] * i, 0))
    strip.save(FOLDER / "strip.webp", quality=85, method=6)


def photograph(page: Page, tab: str) -> Image.Image:
    """One tab, when nothing on it moves any more."""
    page.get_by_role("tab", name=tab, exact=True).click()
    before = b""
    while (now := page.screenshot()) != before:
        before = now
        page.wait_for_timeout(1500)
    return Image.open(io.BytesIO(now)).convert("RGB")


if __name__ == "__main__":
    main()
