"""One real server and one real browser for all tests of the page."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "resnet_demo" / "assets" / "examples"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TABS = {
    "overview": ("Overview", "总览"),
    "learn": ("Learn", "学习"),
    "stages": ("Stages", "各阶段"),
    "lab": ("Laboratory", "实验室"),
    "compare": ("Compare", "对比"),
    "atlas": ("Atlas", "图谱"),
    "networks": ("Networks", "网络"),
    "about": ("How to read it", "如何阅读"),
}


# For a quarter of a second nothing on the page changed and no sign of work was seen. Both are watched by the page
# itself, so that on a busy machine the quarter does not go by while the page is waiting to be drawn.
QUIET = """() => new Promise((resolve) => {
  const working = () => [...document.querySelectorAll('.wrap.full:not(.hide), .wrap.generating')]
    .some((e) => e.checkVisibility());
  let timer;
  const again = () => { clearTimeout(timer); timer = setTimeout(() => working() ? again() : done(), 250); };
  const watch = new MutationObserver(again);
  const done = () => { watch.disconnect(); resolve(true); };
  watch.observe(document.documentElement, { childList: true, subtree: true, attributes: true, characterData: true });
  again();
})"""


@dataclass(frozen=True)
class Server:
    """A served page: where it is, and the file its output goes to."""

    url: str
    log: Path

    def output(self) -> str:
        return self.log.read_text("utf-8", "replace")


@contextmanager
def serve(folder: Path, log: Path, command: list[str] | None = None, **environment: str) -> Iterator[Server]:
    """`app.py` of a checkout, as its own process on a free port, from its "ready" to the end of the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"HOST": "127.0.0.1", "PORT": str(port), "PYTHONFAULTHANDLER": "1", **environment}
    with log.open("w") as out:
        process = subprocess.Popen(
            [*(command or []), sys.executable, str(folder / "app.py")],
            cwd=folder,
            env={k: v for k, v in os.environ.items() if k != "RESNET_DEMO_WEIGHTS"} | settings,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    server = Server(f"http://127.0.0.1:{port}", log)
    try:
        deadline = time.monotonic() + 240
        while f"ready at {server.url}" not in server.output():
            assert process.poll() is None, f"the server stopped:\n{server.output()}"
            assert time.monotonic() < deadline, f"the server is not ready:\n{server.output()}"
            time.sleep(0.2)
        yield server
        assert process.poll() is None, f"the server stopped:\n{server.output()}"
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Server]:
    """The page with the bundled weights. Whatever the tests did to it, its output holds no traceback."""
    folder = tmp_path_factory.mktemp("server")
    with serve(
        ROOT, folder / "output.txt", RESNET_DEMO_WEIGHTS="bundled", GRADIO_TEMP_DIR=str(folder / "uploads")
    ) as running:
        yield running
        assert "Traceback" not in running.output(), running.output()


@pytest.fixture(scope="session")
def served() -> Callable[..., Any]:
    """`serve`, for tests that want a server of their own."""
    return serve


@pytest.fixture(scope="session")
def client(server) -> Iterator[Any]:
    """The API, by Gradio's own client."""
    from gradio_client import Client

    connected = Client(server.url, verbose=False)
    yield connected
    connected.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium, an installed one or Playwright's. It ends with its file: a process has one Playwright."""
    from playwright.sync_api import sync_playwright

    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=next((path for path in found if path), None), args=FLAGS
        )
        yield running
        running.close()


@dataclass
class Visit:
    """One visitor's page."""

    page: Any
    chinese: bool = False
    problems: list[str] = field(default_factory=list)
    open_questions: set[Any] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("console", lambda m: self.problems.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        # Gradio keeps the stream of answers open until the last question is answered.
        self.page.on("request", lambda r: self.open_questions.add(r) if "/queue/" in r.url else None)
        self.page.on("requestfinished", lambda r: self.open_questions.discard(r))
        self.page.on("requestfailed", lambda r: self.open_questions.discard(r))

    def photo(self, path: Path, into: str = "#photo") -> None:
        """Upload a photo and wait until the overview shows it."""
        self.page.set_input_files(f"{into} input[type=file]", path)
        if into == "#photo":
            self.page.get_by_text(path.name).first.wait_for(state="attached")  # whichever tab is open
            self.settled()

    def tab(self, name: str, ready: str = "") -> None:
        """Open a tab; each stands in the row, on a phone too."""
        self.page.get_by_role("tab", name=TABS[name][self.chinese], exact=True).click()
        if ready:
            self.page.locator(ready).first.wait_for()
        self.settled()

    def settled(self) -> None:
        """Wait until the page waits for nobody: no question is open at the server, and the page is not being drawn."""
        for _ in range(20):
            self.page.wait_for_function(QUIET, timeout=60_000)
            if not self.open_questions:
                return
        # Quiet for five seconds: Gradio's client sometimes leaves its stream open after the last answer.
        self.open_questions.clear()

    def changes(self, what: str, action: Callable[[], Any], attribute: str = "src") -> None:
        """Do something and wait until an element's attribute is another one."""
        before = self.page.locator(what).first.get_attribute(attribute)
        action()
        self.page.wait_for_function(
            "([what, name, before]) => { const e = document.querySelector(what);"
            " return e && e.getAttribute(name) !== before; }",
            arg=[what, attribute, before],
        )
        self.settled()

    def text(self, selector: str) -> str:
        return self.page.locator(selector).first.inner_text()


@contextmanager
def visits(browser: Any, server: Server) -> Iterator[Callable[..., Visit]]:
    """Open the page as a visitor; `chinese`, `dark` and `width` say which. No visit may end with a console error."""
    opened: list[tuple[Any, Visit]] = []

    def open_page(chinese: bool = False, dark: bool = False, width: int = 1280) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            locale="zh-CN" if chinese else "en-US",
            color_scheme="dark" if dark else "light",
        )
        page = context.new_page()
        page.set_default_timeout(30_000)
        visitor = Visit(page, chinese)
        page.goto(server.url)
        page.wait_for_selector("#photo input[type=file]", state="attached")
        page.get_by_text("放入一张照片即可开始" if chinese else "Drop a photo to begin").wait_for()
        visitor.settled()
        opened.append((context, visitor))
        return visitor

    yield open_page
    for context, _ in opened:
        context.close()
    assert [visitor.problems for _, visitor in opened] == [[] for _ in opened]


@pytest.fixture(scope="module")
def visits_of(browser) -> Callable[..., Any]:
    """`visits` of a server of one's own."""
    return partial(visits, browser)


@pytest.fixture
def visit(browser, server) -> Iterator[Callable[..., Visit]]:
    """`visits` of one test."""
    with visits(browser, server) as open_page:
        yield open_page


@pytest.fixture(scope="module")
def shared_visit(browser, server) -> Iterator[Callable[..., Visit]]:
    """`visits` of all tests of a file."""
    with visits(browser, server) as open_page:
        yield open_page


@pytest.fixture(scope="session")
def ball() -> Path:
    return EXAMPLES / "golf-ball-in-grass.jpg"


@pytest.fixture(scope="session")
def church() -> Path:
    return EXAMPLES / "cathedral-at-night.jpg"
