"""The pages as a reader meets them, in a real browser."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.timeout(900)  # the first test waits for the report

PAGES = ("05/index.html", "japan/index.html", "index.html")
AREA_PAGES = PAGES[:2]
A4_TEXT_WIDTH = 673  # 178 mm at 96 dpi: A4 less its margins
RULES = {
    "runOnly": [
        "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice",
    ],
    "resultTypes": ["violations"],  # all that is read: no list of the nodes that are right
}  # fmt: skip
WIDER_SPACING = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important; }
p { margin-bottom: 2em !important; }
"""


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest, browser: Browser, report_folder: Path) -> Iterator[Page]:
    with browser.new_context(bypass_csp=True, viewport={"width": 1280, "height": 900}) as context:
        opened = context.new_page()
        opened.goto((report_folder / request.param).as_uri())
        yield opened


@pytest.fixture(scope="module", params=PAGES)
def read_page(
    request: pytest.FixtureRequest, browser: Browser, report_folder: Path
) -> Iterator[Page]:
    """Open a page once for the tests that change nothing of it but open its details."""
    with browser.new_context(bypass_csp=True, viewport={"width": 1280, "height": 900}) as context:
        opened = context.new_page()
        opened.goto((report_folder / request.param).as_uri())
        yield opened


@pytest.fixture(params=AREA_PAGES)
def area_page(
    request: pytest.FixtureRequest, browser: Browser, report_folder: Path
) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        opened = context.new_page()
        opened.goto((report_folder / request.param).as_uri())
        yield opened


def open_details(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true; })")


def faults(page: Page) -> list[str]:
    """Return what axe finds, one line a fault."""
    results = Axe().run(page, options=RULES)
    return [
        f"{rule['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for rule in results.response["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize(
    "media",
    [{"media": "screen"}, {"media": "print"}, {"forced_colors": "active"}],
    ids=["screen", "print", "forced colours"],
)
def test_axe_finds_nothing(read_page: Page, media: dict[str, Any]) -> None:
    read_page.emulate_media(**media)
    open_details(read_page)
    found = faults(read_page)
    read_page.emulate_media(media="null", forced_colors="null")  # as it was opened
    assert found == []


def test_no_request_leaves_the_file(browser: Browser, report_folder: Path) -> None:
    for name in PAGES:
        asked: list[str] = []
        refused: list[str] = []
        tab = browser.new_page()
        tab.on("request", lambda request, asked=asked: asked.append(request.url))
        tab.on("console", lambda message, refused=refused: refused.append(message.text))
        tab.goto((report_folder / name).as_uri())
        open_details(tab)
        tab.close()
        assert asked == [(report_folder / name).as_uri()]
        assert refused == []  # nothing of ours is against our own content policy


def test_headings_go_down_one_step_at_a_time(read_page: Page) -> None:
    levels = read_page.eval_on_selector_all(
        "h1,h2,h3,h4,h5,h6", "items => items.map(item => Number(item.tagName[1]))"
    )
    assert read_page.get_attribute("html", "lang") == "ja"
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_figure_says_what_it_shows(area_page: Page) -> None:
    alts = area_page.eval_on_selector_all(
        "figure svg, figure img",
        """items => items.map(
             item => item.getAttribute('alt') || item.querySelector('desc').textContent)""",
    )
    titles = area_page.eval_on_selector_all(
        "figure svg[role=img] > title", "items => items.map(item => item.textContent)"
    )
    assert len(alts) >= 3
    assert len(set(alts)) == len(alts)
    assert len(titles) == area_page.locator("figure svg").count()
    assert all(any(mark.isdigit() for mark in alt) and len(alt) > 20 for alt in alts)


def test_every_table_has_caption_and_scoped_headers(read_page: Page) -> None:
    open_details(read_page)
    captions = read_page.locator("table > caption").all_inner_texts()
    assert len(captions) == read_page.locator("table").count() > 0
    assert len(set(captions)) == len(captions)
    assert read_page.locator("th:not([scope])").count() == 0


def test_ids_are_unique_and_links_inside_lead_somewhere(read_page: Page) -> None:
    ids = read_page.eval_on_selector_all("[id]", "items => items.map(item => item.id)")
    inside = read_page.eval_on_selector_all(
        "a[href^='#']", "items => items.map(item => item.getAttribute('href').slice(1))"
    )
    shown = read_page.eval_on_selector_all(
        "use", "items => items.map(item => item.getAttribute('href').slice(1))"
    )
    assert len(set(ids)) == len(ids)
    assert set(inside) | set(shown) <= set(ids)


def test_links_to_files_lead_to_files(report_folder: Path, read_page: Page) -> None:
    hrefs = read_page.eval_on_selector_all(
        "a[href]:not([href^='#'])", "items => items.map(item => item.href)"
    )
    places = {url2pathname(urlsplit(href).path) for href in hrefs}
    assert places
    assert [place for place in places if not Path(place).is_file()] == []


def test_keyboard_alone_reaches_text_and_sorting(area_page: Page) -> None:
    area_page.keyboard.press("Tab")
    assert area_page.evaluate("document.activeElement.className") == "skip"
    area_page.keyboard.press("Enter")
    assert area_page.evaluate("document.activeElement.id") == "main"
    exhibit = area_page.locator("article:has(table.sortable)").first
    head = exhibit.locator("thead th:nth-child(2)")
    head.locator(".sort").focus()
    area_page.keyboard.press("Enter")
    cells = exhibit.locator("tbody td:nth-child(2)")
    values = [float(cell.inner_text().replace(",", "")) for cell in cells.all()]
    assert head.get_attribute("aria-sort") == "descending"
    assert values == sorted(values, reverse=True)
    assert "大きい順" in exhibit.locator(".sort-status").inner_text()
    area_page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    area_page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") is None
    assert "もとの順" in exhibit.locator(".sort-status").inner_text()


def test_every_stop_of_the_tab_key_is_seen_and_in_reading_order(page: Page) -> None:
    expected = page.evaluate(
        """[...document.querySelectorAll('a[href], button, summary, input, [tabindex="0"]')]
             .filter(item => item.checkVisibility() && !(item.type === 'radio' && !item.checked))
             .length"""
    )
    places: list[int] = []
    for _ in range(expected):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => {
                 const item = document.activeElement, style = getComputedStyle(item);
                 return {
                   place: [...document.querySelectorAll('*')].indexOf(item),
                   outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
                   html: item.outerHTML.slice(0, 120),
                   onScreen: item.getBoundingClientRect().bottom > 0
                     && item.getBoundingClientRect().top < innerHeight,
                 };
               }"""
        )
        assert stop["onScreen"] and (stop["outline"] >= 2 or "skip" in stop["html"]), stop
        places.append(stop["place"])
    assert len(set(places)) == expected > 20
    assert places == sorted(places)


def test_figures_keep_a_readable_size_on_a_narrow_screen(area_page: Page) -> None:
    area_page.set_viewport_size({"width": 320, "height": 640})
    shown = area_page.eval_on_selector_all(
        "figure",
        """items => items.map(item => {
             const drawn = item.querySelector('svg, img').getBoundingClientRect();
             return {width: drawn.width, reached: item.tabIndex === 0};
           })""",
    )
    assert shown and all(figure["width"] >= 540 and figure["reached"] for figure in shown)
    assert area_page.evaluate("document.documentElement.scrollWidth") <= 320
    area_page.set_viewport_size({"width": 1280, "height": 900})
    area_page.wait_for_function("document.querySelector('figure').tabIndex !== 0")


def test_printed_headings_of_the_index_break_between_words(
    browser: Browser, report_folder: Path
) -> None:
    tab = browser.new_page(viewport={"width": 1001, "height": 673})  # A4 landscape less margins
    tab.goto((report_folder / "index.html").as_uri())
    tab.emulate_media(media="print")
    assert tab.eval_on_selector("#areas", "item => getComputedStyle(item).page") == "wide"
    widths = tab.eval_on_selector_all(
        "#areas thead th.n",
        "items => items.map(i => i.clientWidth / parseFloat(getComputedStyle(i).fontSize))",
    )
    assert widths and min(widths) >= 3.6  # never one letter a line
    tab.close()


def test_missing_values_sort_last(browser: Browser, report_folder: Path) -> None:
    tab = browser.new_page()
    tab.goto((report_folder / "index.html").as_uri())
    for column in range(3, tab.locator("#areas thead th").count()):
        button = tab.locator(f"#areas thead th:nth-child({column}) .sort")
        for _ in range(2):
            button.click()
            shown = tab.eval_on_selector_all(
                f"#areas tbody td:nth-child({column})",
                "items => items.map(item => item.dataset.v !== undefined)",
            )
            assert shown == sorted(shown, reverse=True)
    tab.close()


def test_reflow_at_320_pixels(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    open_details(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_wider_text_spacing_hides_nothing(page: Page) -> None:
    page.add_style_tag(content=WIDER_SPACING)
    open_details(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    clipped = page.evaluate(
        """[...document.querySelectorAll('main *:not(.h):not(svg *)')].filter(item =>
             getComputedStyle(item).overflowX === 'hidden'
               && item.scrollWidth > item.clientWidth + 1
           ).map(item => item.outerHTML.slice(0, 120))"""
    )
    assert clipped == []


def test_targets_are_24_pixels(read_page: Page) -> None:
    open_details(read_page)
    small = read_page.evaluate(
        """[...document.querySelectorAll('a, button, summary, input')].filter(item => {
             const box = item.getBoundingClientRect();
             if (box.width === 0 || item.className === 'skip') return false;
             const inSentence = getComputedStyle(item).display === 'inline'
               && item.parentElement.textContent.length > item.textContent.length;
             return !inSentence && (box.width < 24 || box.height < 24);
           }).map(item => item.outerHTML.slice(0, 160))"""
    )
    assert small == []


def test_print_shows_words_where_the_screen_has_buttons(area_page: Page) -> None:
    area_page.emulate_media(media="print")
    area_page.set_viewport_size({"width": A4_TEXT_WIDTH, "height": 990})
    assert area_page.locator("thead .head").first.is_visible()
    assert not area_page.locator("thead .sort").first.is_visible()
    assert not area_page.locator("nav.contents").is_visible()
    assert area_page.eval_on_selector("article thead", "e => getComputedStyle(e).display") == (
        "table-header-group"
    )
    too_wide = area_page.evaluate(
        """[...document.querySelectorAll('table, figure svg')].filter(item =>
             item.getBoundingClientRect().right > document.documentElement.clientWidth + 1
           ).map(item => item.textContent.slice(0, 80))"""
    )
    assert too_wide == []


def test_exhibits_are_numbered_and_referred_to_as_printed(area_page: Page) -> None:
    area_page.emulate_media(media="print")
    captions = area_page.locator("figcaption, caption").all()
    printed = [each.inner_text().split()[0] for each in captions if each.is_visible()]
    for kind in "図表":
        numbers = [int(label[1:]) for label in printed if re.fullmatch(rf"{kind}\d+", label)]
        assert numbers == list(range(1, len(numbers) + 1)) != []
    assert set(re.findall(r"[図表]\d+", area_page.inner_text("main"))) == {
        label for label in printed if label[1:].isdigit()
    }


def test_figures_can_be_chosen_on_the_map(browser: Browser, report_folder: Path) -> None:
    tab = browser.new_page()
    tab.goto((report_folder / "index.html").as_uri())
    akita = tab.locator(".tiles .t05 a")
    before = akita.inner_text()
    tab.locator("#figure-0").check()
    after = akita.inner_text()
    assert "秋田" in before and "秋田" in after
    assert before != after
    assert (akita.get_attribute("href") or "") == "05/index.html"
    assert tab.locator(".tiles li").count() == 47
    tab.close()


@pytest.fixture(scope="module")
def searched(browser: Browser, report_folder: Path) -> Iterator[Page]:
    """Open the index for the searches, each of which begins with what is typed."""
    tab = browser.new_page()
    tab.goto((report_folder / "index.html").as_uri())
    yield tab
    tab.close()


@pytest.mark.parametrize(
    ("typed", "first", "count"),
    [
        *[("秋田", "秋田県", 26), ("05", "秋田県", 26)],  # the prefecture and its 25
        *[("おおだて", "大館市", 1), ("オオダテ", "大館市", 1), ("052043", "大館市", 1)],
    ],
)
def test_search_by_name_kana_or_code(searched: Page, typed: str, first: str, count: int) -> None:
    searched.locator("#query").fill("")
    assert searched.locator("#areas tbody tr:visible").count() > count
    searched.locator("#query").fill(typed)
    shown = searched.locator("#areas tbody tr:visible th").all_inner_texts()
    assert (shown[0], len(shown)) == (first, count)
    assert f"{count}地域を表示" in searched.locator("#found").inner_text()


def test_filter_by_prefecture_and_level(browser: Browser, report_folder: Path) -> None:
    tab = browser.new_page()
    tab.goto((report_folder / "index.html").as_uri())
    tab.locator("#prefecture").select_option("05")
    tab.locator("#level").select_option("municipality")
    assert tab.locator("#areas tbody tr").count() == 25
    tab.locator("#prefecture").select_option("")
    tab.locator("#more").click()
    assert tab.locator("#areas tbody tr").count() == 1741
    tab.close()


def test_index_is_a_list_on_narrow_screens(browser: Browser, report_folder: Path) -> None:
    tab = browser.new_page(viewport={"width": 360, "height": 700})
    tab.goto((report_folder / "index.html").as_uri())
    lefts = tab.eval_on_selector_all(
        ".tiles li", "items => items.map(item => item.getBoundingClientRect().left)"
    )
    assert len(set(lefts)) == 1
    tab.close()


def test_sizes(report_folder: Path) -> None:
    for name in AREA_PAGES:
        assert (report_folder / name).stat().st_size <= 250_000
    assert (report_folder / "index.html").stat().st_size <= 450_000
