"""What a visitor takes along of the photo on screen: a report, or everything in one zip."""

from __future__ import annotations

import io
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import gradio as gr
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder

from resnet_demo.errors import ResNetDemoError
from resnet_demo.measures.dossier import dossier
from resnet_demo.photos.decoding import read_photo
from resnet_demo.results.dossier import Dossier
from resnet_demo.ui.hosting.monitoring import MonitoredBlocks
from resnet_demo.ui.lanes import HEAVY
from resnet_demo.ui.on_show import NetworkOnShow
from resnet_demo.ui.page_parts import PageParts, private
from resnet_demo.views.cards import error_card
from resnet_demo.views.markup import Html, element
from resnet_demo.views.messages.words import Words
from resnet_demo.views.pictures import photo_uri
from resnet_demo.views.report import report

TAKE = "() => { document.querySelector('#kept a')?.click(); }"


@dataclass(frozen=True)
class KeepHandlers:
    """A link to a new file of the upload folder, which goes with the visitor's session."""

    shown: NetworkOnShow
    page: MonitoredBlocks

    def report(
        self, path: str | None, target: int | None, layer: str, language: str, request: gr.Request
    ) -> Html:
        """report.html."""
        return self._link("report.html", path, target, layer, language, request)

    def everything(
        self, path: str | None, target: int | None, layer: str, language: str, request: gr.Request
    ) -> Html:
        """results.zip: the report, the numbers, the maps and the charts."""
        return self._link("results.zip", path, target, layer, language, request)

    def _link(
        self, name: str, path: str | None, target: int | None, layer: str, language: str, request: gr.Request
    ) -> Html:
        words = Words(language)
        if path is None:
            return Html("")
        try:
            found = dossier(self.shown.recorder, read_photo(path), target, layer, atlas=self.shown.atlas)
        except ResNetDemoError as error:
            return error_card(error, words)
        page = report(found, photo_uri(found.photo)).encode()
        data = page if name.endswith(".html") else _zipped(found, page)
        kept = save_bytes_to_cache(data, name, get_upload_folder())
        self.page.files.note(str(request.session_hash), {"path": kept})
        size = words("keep_size", name=name, size=f"{len(data) / 1e6:.1f} MB")
        return element("a", size, href=f"gradio_api/file={quote(kept)}", download=name)


def _zipped(found: Dossier, page: bytes) -> bytes:
    """Everything in one file; of the figures the charts, for maps take many seconds to draw on paper."""
    from resnet_demo.views.figures.files import CHARTS, write_files  # matplotlib, which the page does without

    kept = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        names = write_files(Path(folder), found, only=("heatmap.png", *CHARTS))
        archive.writestr("report.html", page)
        for name in names:
            archive.write(Path(folder) / name, name)
    return kept.getvalue()


def create_keep(parts: PageParts, page: MonitoredBlocks) -> None:
    """Lay out the buttons, which are there while a photo is (page.css), and wire them."""
    handlers = KeepHandlers(parts.shown, page)
    with gr.Row(elem_classes="re-keep"):
        one = parts.texts.make(gr.Button, {"value": "keep_report"}, elem_id="keep-report", size="sm")
        all_ = parts.texts.make(gr.Button, {"value": "keep_all"}, elem_id="keep-all", size="sm")
    kept = gr.HTML(elem_classes="re-flush", elem_id="kept")
    inputs: list[Any] = [parts.photo, parts.target, parts.layer, parts.language]
    for button, answer in ((one, handlers.report), (all_, handlers.everything)):
        made = button.click(answer, inputs, kept, **private(kept, HEAVY))
        made.then(None, None, None, js=TAKE, api_visibility="private")
    parts.photo.clear(lambda: "", None, kept, queue=False, api_visibility="private", show_progress="hidden")
