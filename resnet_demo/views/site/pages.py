"""The pages of a site. Each says the same in every language, links relatively, and works from a disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from resnet_demo.results.classes import Label
from resnet_demo.results.dossier import Dossier
from resnet_demo.results.network import NetworkFacts
from resnet_demo.views import sortable_table
from resnet_demo.views.cards import card, figure_of
from resnet_demo.views.chart import table
from resnet_demo.views.markup import Html, element, join
from resnet_demo.views.messages.words import LANGUAGES, Words
from resnet_demo.views.number_format import chance
from resnet_demo.views.report.page import contents, document
from resnet_demo.views.report.sections import SECTIONS, Look
from resnet_demo.views.sections.laboratory import TONES
from resnet_demo.views.sections.network import network_panel
from resnet_demo.views.site.entry import BLOCK_COLUMNS, Entry, SiteBlock, slug_of_class

PHOTO = "photo.jpg"
THUMBNAIL = "thumbnail.jpg"
# All but the grids of channels, which would weigh more than all else, and bars whose numbers the table has.
SHOWN = tuple(name for name in SECTIONS if name not in ("feature_maps", "gradients"))
COLUMN_TONES: dict[str, sortable_table.Tone] = {**TONES, "closed_gates": "plain"}


@dataclass(frozen=True)
class Site:
    """What every page of a site knows.

    Attributes:
        name: the data set's.
        network: what looked.
        blocks: its blocks, in order.
        labels: its classes, by index.
        entries: the photos, in order.
        unreadable: the names of the files that could not be read.
    """

    name: str
    network: NetworkFacts
    blocks: tuple[SiteBlock, ...]
    labels: Sequence[Label]
    entries: tuple[Entry, ...]
    unreadable: tuple[str, ...] = ()


def photo_page(found: Dossier, slug: str) -> str:
    """The page of one photo, at photos/SLUG.html; its pictures are still in it."""
    top = found.ranked[0]
    said = {}
    for code in LANGUAGES:
        words = Words(code)
        seen = element(
            "a",
            words("site_same_class", label=words.class_of(top)),
            href=f"../{class_file(top.label, top.index)}",
        )
        blocks = [
            element("a", block.name, href=f"../blocks/{block.name}.html") for block in found.analysis.blocks
        ]
        rows = [
            _home("../", words),
            contents(Look(found, f"{slug}/{PHOTO}", words, brief=True), SHOWN, blocks=False),
        ]
        rows.append(card(words("site_elsewhere"), element("p", seen), _list(blocks)))
        said[code] = join(rows)
    return document(found.analysis.image.name, said, head=_head("../"), blocks="../blocks/")


def index_page(site: Site) -> str:
    """index.html: every photo, block and class."""
    said = {code: _index(site, Words(code)) for code in LANGUAGES}
    return document(site.name, said, head=_head(""))


def block_page(site: Site, number: int) -> str:
    """blocks/NAME.html: one block on every photo."""
    said = {code: _block(site, number, Words(code)) for code in LANGUAGES}
    return document(site.blocks[number].name, said, head=_head("../"), blocks="../photos/")


def class_page(site: Site, index: int) -> str:
    """classes/NAME.html: the photos seen as one class, and those of that class seen as another."""
    said = {code: _seen_as(site, index, Words(code)) for code in LANGUAGES}
    return document(site.labels[index].english, said, head=_head("../"))


def classes_of(site: Site) -> list[int]:
    """The classes that have a page: those that a photo shows or is seen as."""
    return sorted({e.index for e in site.entries} | {e.own for e in site.entries if e.own is not None})


def class_file(label: Label, index: int) -> str:
    """Where a class's page stands in the site."""
    return f"classes/{index}-{slug_of_class(label.english) or label.wnid or 'class'}.html"


def _index(site: Site, words: Words) -> Html:
    right = [e.own == e.index for e in site.entries if e.own is not None]
    facts = [words("site_photos", photos=len(site.entries), network=words.weights(site.network.weights.name))]
    if right:
        facts.append(words("site_right", right=sum(right), known=len(right)))
    if site.unreadable:
        facts.append(words("site_unreadable", count=len(site.unreadable), names=", ".join(site.unreadable)))
    classes = [
        element("a", words.label(site.labels[i]), href=class_file(site.labels[i], i))
        for i in classes_of(site)
    ]
    blocks = [element("a", block.name, href=f"blocks/{block.name}.html") for block in site.blocks]
    return join(
        [
            element("header", element("h2", site.name), element("p", " ".join(facts)), class_="re-headline"),
            _thumbnails(site, site.entries, "", words),
            card(words("site_classes"), _list(classes)),
            card(words("site_blocks"), _list(blocks)) if blocks else "",
            card(words("report_network"), network_panel(site.network, words, unfolded=True)),
        ]
    )


def _block(site: Site, number: int, words: Words) -> Html:
    block = site.blocks[number]
    columns = [
        (i, name)
        for i, name in enumerate(BLOCK_COLUMNS)
        if any(e.blocks[number][i] is not None for e in site.entries)
    ]
    titles = {name: words(name if name == "closed_gates" else f"column_{name}") for _, name in columns}
    rows = [
        sortable_table.TableRow(
            e.slug,
            "identity",
            {name: e.blocks[number][i] for i, name in columns} | {"top1": words.label(e.label)},
        )
        for e in site.entries
    ]
    heads = [sortable_table.TableColumn(name, titles[name], COLUMN_TONES[name]) for _, name in columns]
    heads.append(sortable_table.TableColumn("top1", words("classes_title"), "text"))
    caption = words("site_block_caption", block=block.name, photos=len(rows))
    photo_words = sortable_table.TableWords(words("before"), "", words("sort_by"), words("none"))
    return join(
        [
            _home("../", words),
            element("header", element("h2", block.name), _kind(block, words), class_="re-headline"),
            _extremes(site, number, columns, titles, words),
            card(
                words("site_block_photos"),
                sortable_table.sortable_table(rows, heads, photo_words, caption=caption),
            ),
            _thumbnails(site, site.entries, "../", words),
            _neighbours(site, number),
        ]
    )


def _kind(block: SiteBlock, words: Words) -> Html:
    return element("p", f"{words(block.kind)} · {' × '.join(map(str, block.shape))}")


def _extremes(
    site: Site, number: int, columns: Iterable[tuple[int, str]], titles: Mapping[str, str], words: Words
) -> Html:
    """Of each number its mean, and the photos where it is smallest and largest."""
    rows = []
    for i, name in columns:
        known = [(value, e) for e in site.entries if (value := e.blocks[number][i]) is not None]
        low, high = (choose(known, key=lambda pair: pair[0]) for choose in (min, max))
        mean = sum(value for value, _ in known) / len(known)
        rows.append([titles[name], figure_of(mean), *(_at(*pair) for pair in (low, high))])
    head = [words(key) for key in ("quantity", "site_mean", "site_smallest", "site_largest")]
    return card(words("site_block_extremes"), table(head, rows))


def _at(value: float, entry: Entry) -> Html:
    return join([figure_of(value), " · ", element("a", entry.name, href=f"../photos/{entry.slug}.html")])


def _neighbours(site: Site, number: int) -> Html:
    others = [b.name for i, b in enumerate(site.blocks) if abs(i - number) == 1]
    return element("p", join([element("a", name, href=f"{name}.html") for name in others]), class_="re-links")


def _seen_as(site: Site, index: int, words: Words) -> Html:
    label = words.label(site.labels[index])
    seen = [e for e in site.entries if e.index == index]
    missed = [e for e in site.entries if e.own == index and e.index != index]
    rows = [_home("../", words), element("header", element("h2", label), class_="re-headline")]
    for key, entries in (("site_seen", seen), ("site_missed", missed)):
        if entries:
            rows.append(element("h3", words(key, label=label, count=len(entries))))
            rows.append(_thumbnails(site, entries, "../", words))
    return join(rows)


def _thumbnails(site: Site, entries: Iterable[Entry], base: str, words: Words) -> Html:
    """The photos, each a link to its page; a class that is not its own is marked."""
    tiles = []
    for e in entries:
        said = f"{words.label(e.label)} {chance(e.probability)}"
        wrong = e.own is not None and e.own != e.index
        own = words("site_own", label=words.label(site.labels[e.own])) if wrong and e.own is not None else ""
        picture = element(
            "img", src=f"{base}photos/{e.slug}/{THUMBNAIL}", alt=e.name, width=160, height=160, loading="lazy"
        )
        text = [element("b", said), element("span", own or e.name)]
        class_ = "re-thumb re-thumb-wrong" if wrong else "re-thumb"
        tiles.append(element("a", picture, *text, href=f"{base}photos/{e.slug}.html", class_=class_))
    return element("div", join(tiles), class_="re-thumbs")


def _home(base: str, words: Words) -> Html:
    return element("p", element("a", words("site_home"), href=f"{base}index.html"), class_="re-links")


def _list(links: Iterable[Html]) -> Html:
    return element("p", join(links), class_="re-links")


def _head(base: str) -> Html:
    return join(
        [
            element("link", rel="stylesheet", href=f"{base}style.css"),
            element("script", src=f"{base}script.js"),
        ]
    )
