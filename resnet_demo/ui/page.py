"""The page: one photo at left, answers at right, tabs for depth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from resnet_demo.assets import EXAMPLES
from resnet_demo.engine.loaded import LoadedNetworks
from resnet_demo.ui.about import create_about_tab
from resnet_demo.ui.admission import Admission
from resnet_demo.ui.api import create_api
from resnet_demo.ui.atlas_tab import create_atlas_tab
from resnet_demo.ui.choosers import NetworkDropdown
from resnet_demo.ui.compare import create_compare_tab
from resnet_demo.ui.examples import create_examples
from resnet_demo.ui.first_paint import FirstPaint, SpokenBlocks
from resnet_demo.ui.hosting.doors import Doors
from resnet_demo.ui.hosting.headers import SecurityHeaders
from resnet_demo.ui.hosting.mcp import add_tools
from resnet_demo.ui.hosting.monitoring import Monitoring
from resnet_demo.ui.hosting.uploads import DAY, Storage, prepare_upload_folder
from resnet_demo.ui.keep import create_keep
from resnet_demo.ui.laboratory import create_laboratory_tab
from resnet_demo.ui.lanes import PAGE, Lanes
from resnet_demo.ui.language import Texts
from resnet_demo.ui.learn import ASKED, START, create_learn_tab
from resnet_demo.ui.limits import limits
from resnet_demo.ui.links import open_links
from resnet_demo.ui.network_chooser import create_network_chooser
from resnet_demo.ui.networks import create_networks_tab
from resnet_demo.ui.on_show import NetworkOnShow
from resnet_demo.ui.overview import create_overview_tab
from resnet_demo.ui.page_parts import PageParts, every_class
from resnet_demo.ui.photo_input import PhotoInput
from resnet_demo.ui.stages import create_stages_tab
from resnet_demo.ui.visitors import Visitors
from resnet_demo.views import markup
from resnet_demo.views.messages.words import LANGUAGES, Words

# The tabs after the overview, in their order.
TABS = {
    "learn": create_learn_tab,
    "stages": create_stages_tab,
    "lab": create_laboratory_tab,
    "compare": create_compare_tab,
    "atlas": create_atlas_tab,
    "networks": create_networks_tab,
    "about": create_about_tab,
}

# Uploaded photos are deleted when they are a day old; they are looked through every hour. In seconds.
DELETE_CACHE = (3600, int(DAY))

HERE = Path(__file__).parent
CHARTS = HERE.parent / "views"


def build(networks: LoadedNetworks) -> SpokenBlocks:
    """The whole page, for whichever of these networks a visitor chooses."""
    prepare_upload_folder()
    words, visitors = Words("en"), Visitors(networks)
    shown = NetworkOnShow(visitors.recorder, visitors.has_chosen)
    page = SpokenBlocks(
        title=words("title"), analytics_enabled=False, fill_width=True, delete_cache=DELETE_CACHE
    )
    with page:
        texts = Texts()
        header, language = _top(texts)
        with gr.Row(equal_height=False):
            with gr.Column(scale=3, min_width=300, elem_classes="re-left") as left:
                photo = texts.make(
                    PhotoInput,
                    {"label": "photo", "placeholder": "drop_photo"},
                    type="filepath",
                    sources=["upload", "clipboard", "webcam"],
                    height=300,
                    elem_id="photo",
                )
                create_examples(shown, photo, texts)
                target, layer = _choosers(shown, texts)
                chooser = create_network_chooser(visitors, shown, texts)
            with gr.Column(scale=9, min_width=320):
                tabs = gr.Tabs(elem_id="tabs", overflow_behavior="wrap")  # on a phone, too, each is seen
                open_tab = gr.Textbox("overview", label="open_tab", visible="hidden")
                linked = gr.Textbox("", label="linked", visible="hidden")
                parts = PageParts(
                    shown, visitors, chooser, photo, target, layer, language, tabs, open_tab, texts, linked
                )
                with tabs:
                    with _tab(parts, "overview"):
                        create_overview_tab(parts)
                    for name, create in TABS.items():
                        with _tab(parts, name) as tab, gr.Column(elem_classes="re-body"):
                            create(parts, tab)
            with left:
                create_keep(parts, page)
        texts.make(gr.HTML, {"value": _footer}, elem_classes="re-flush")
        named = create_api(visitors, page)
        parts.wire()
        open_links(page, parts, parts.headline)

        def forget(request: gr.Request) -> None:
            page.files.end(str(request.session_hash))

        page.unload(forget)
        for listen in (page.load, header.click):  # an address or a link asks for a step of the walk
            listen(None, None, tabs, js=ASKED, api_visibility="private")
        page.speak(texts, language)
        page.choices, page.answering = texts.choices, visitors.answering_request
        visitors.attach(page, (chooser.network, chooser.preprocessing), named)
    _guard(page)
    return page


def _guard(page: SpokenBlocks) -> None:
    """Have everything wait for its turn in a lane, and tell strangers no name of what is private."""
    page.queue(api_open=False)  # nothing runs that did not wait for its turn
    page._queue = Lanes(page)
    for function in page.fns.values():
        if (
            function.concurrency_limit == "default"
        ):  # else Gradio gives it a queue of its own, without a bound
            function.concurrency_limit = PAGE["concurrency_limit"]
            function.concurrency_id = PAGE["concurrency_id"]
        if function.api_visibility == "private":
            function.api_name = str(function._id)  # strangers see the page's wiring, not its names


def _top(texts: Texts) -> tuple[gr.HTML, gr.Radio]:
    """The page's title, with the way to the walk, and its languages."""
    with gr.Row(elem_classes="re-top"):
        header = texts.make(gr.HTML, {"value": _header}, elem_classes="re-flush", scale=6, js_on_load=START)
        language = texts.make(
            gr.Radio,
            {"label": "language"},
            choices=[(name, code) for code, name in LANGUAGES.items()],
            value="en",
            show_label=False,
            container=False,
            elem_id="language",
            scale=1,
            min_width=220,
        )
    return header, language


def _choosers(shown: NetworkOnShow, texts: Texts) -> tuple[gr.Dropdown, gr.Dropdown]:
    """The class to explain, of all there are, and the block to look at; every tab answers to them."""

    def layers(words: Words) -> list[tuple[str, str]]:
        stem = [(f"{words('stem')} · {p.name}", p.name) for p in shown.spec.stem]
        return stem + [(name, name) for name in shown.layers]

    with gr.Row(elem_classes="re-choose"):
        target = texts.of_network(
            NetworkDropdown,
            {"label": "target", "choices": every_class(shown)},
            lambda: None,
            elem_id="target",
            min_width=140,
        )
        layer = texts.of_network(
            NetworkDropdown,
            {"label": "layer", "choices": layers},
            lambda: shown.layers[-1],
            elem_id="layer",
            min_width=140,
        )
    return target, layer


def _tab(parts: PageParts, name: str) -> gr.Tab:
    """A tab that notes when it is opened."""
    tab = parts.texts.make(gr.Tab, {"label": f"tab_{name}"}, id=name)
    tab.select(
        None, None, parts.open_tab, js=f"() => '{name}'", api_visibility="private", show_progress="hidden"
    )
    return tab


def theme() -> gr.themes.Base:
    """Gradio's components in the colours of charts.css."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.teal,
        neutral_hue=gr.themes.colors.slate,
        font=["system-ui", "-apple-system", "Segoe UI", "Noto Sans", "Noto Sans CJK SC", "sans-serif"],
        font_mono=["ui-monospace", "SFMono-Regular", "Menlo", "monospace"],
    ).set(
        body_background_fill_dark="#0d0f13",
        background_fill_primary_dark="#14171c",
        background_fill_secondary_dark="#1b1f26",
        block_background_fill_dark="#14171c",
        block_label_background_fill_dark="#14171c",
        border_color_primary="#e1e4e9",
        border_color_primary_dark="#2c323b",
        block_border_color_dark="#2c323b",
        block_radius="12px",
        input_background_fill="#f5f6f8",
        input_background_fill_dark="#1b1f26",
        checkbox_label_background_fill="#f5f6f8",
        checkbox_label_background_fill_dark="#1b1f26",
        checkbox_label_background_fill_selected="#e3eff0",
        checkbox_label_background_fill_selected_dark="#1f3438",
        checkbox_label_padding="5px 11px",
        # Gradio's are too pale to be read.
        body_text_color_subdued="#5b6470",
        body_text_color_subdued_dark="#a2abb8",
        input_placeholder_color="#5b6470",
        input_placeholder_color_dark="#a2abb8",
    )


def launch_options(page: SpokenBlocks) -> dict[str, Any]:
    """What `launch` needs for the page to look as designed, and to be safe in public."""
    return {
        "theme": theme(),
        "css_paths": [
            CHARTS / "charts.css",
            CHARTS / "sections" / "sections.css",
            CHARTS / "learn" / "learn.css",
            HERE / "page.css",
        ],
        "head": "".join(
            f"<script>{p.read_text('utf-8')}</script>"
            for p in (
                CHARTS / "charts.js",
                CHARTS / "learn" / "stepping.js",
                HERE / "page.js",
                HERE / "learn.js",
            )
        ),
        "footer_links": [],  # ours stands below the page, in the page's language
        "allowed_paths": [str(EXAMPLES)],
        "max_file_size": limits().upload_bytes,
        "ssr_mode": False,
        "run_history": False,  # photos stay out of the browser's storage
        # The first is the outermost.
        "app_kwargs": {
            "middleware": [
                Middleware(SecurityHeaders),
                Middleware(Monitoring, monitor=page.monitor),
                Middleware(Storage),
                Middleware(Doors),
                Middleware(FirstPaint),
                Middleware(Admission, page=page),
            ],
            "lifespan": add_tools(page).lifespan,
        },
        "mcp_server": False,  # Gradio's own: `add_tools` brings ours
    }


def _header(words: Words) -> markup.Html:
    return markup.element(
        "div",
        markup.element("h1", words("title")),
        markup.element(
            "p", words("tagline"), " ", markup.element("a", words("learn_start"), href="?learn=1")
        ),
        class_="re-header",
    )


def _footer(words: Words) -> markup.Html:
    link = markup.element("a", words("api_link"), href="gradio_api/info", target="_blank")
    return markup.element("p", link, class_="re-footer")
