"""Pages as PDF: A4, tagged, with an outline, and a clear word where there is no browser."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gunmane_analysis.errors import ReportError
from gunmane_analysis.page import pdf
from gunmane_analysis.page.pdf import BROWSER_VARIABLE, find_browser, write_pdfs

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.timeout(900)  # the first test waits for the report

A4_POINTS = (595, 842)
TEXT_TOP, TEXT_BOTTOM = 793.7, 42.5  # points above the foot of A4: print.css's margins
PARTS = ["h2", "h3", "caption", "figure", ".foot", "tbody tr", "p", "li", "dd"]
KEPT_WITH_NEXT, UNBROKEN = ("h2", "h3", "caption"), ("figure", ".foot", "tbody tr")
MARK_EACH = """parts => {
  const shown = [...document.querySelectorAll("main " + parts.join(", main "))]
    .filter(item => item.checkVisibility());
  for (const [place, item] of shown.entries()) {
    const mark = document.createElement("a"), part = parts.findIndex(each => item.matches(each));
    mark.href = `https://mark.invalid/${part}/${place}`;
    mark.style.cssText = "position: absolute; inset: 0; min-height: 0; padding: 0";
    item.style.position = "relative";
    item.append(mark);
  }
}"""


NUMBERED = """() => [...document.querySelectorAll("ol")].map(list => {
  const style = getComputedStyle(list), pen = document.createElement("canvas").getContext("2d");
  pen.font = style.font;
  const count = list.children.length;
  return [count, pen.measureText(`${count}. `).width, parseFloat(style.paddingLeft)];
})"""


def printed_parts(browser: Browser, page: Path) -> list[tuple[str, list[tuple[int, float]]]]:
    """Return the parts of a page in order, with the sheets that each is on and where it ends.

    Each part is covered by a link, which changes no layout; a PDF lists the links of each sheet.
    """
    tab = browser.new_page(viewport={"width": 673, "height": 990})
    tab.goto(page.as_uri())
    tab.emulate_media(media="print")
    tab.evaluate(MARK_EACH, PARTS)
    content = tab.pdf(prefer_css_page_size=True).decode("latin-1")
    tab.close()
    sheets = re.findall(r"/Type /Page\n.*?/Annots \[([^]]*)\]", content, re.DOTALL)
    sheet_of = {
        link: sheet
        for sheet, links in enumerate(sheets)
        for link in re.findall(r"(\d+) 0 R", links)
    }
    one_link = r"(\d+) 0 obj\n<</Type /Annot\n[^>]*?/Rect \[\S+ (\S+)[^>]*?invalid/(\d+)/(\d+)\)"
    found: dict[int, tuple[str, list[tuple[int, float]]]] = {}
    for link, bottom, part, place in re.findall(one_link, content):
        places = found.setdefault(int(place), (PARTS[int(part)], []))[1]
        places.append((sheet_of[link], float(bottom)))
    return [found[place] for place in sorted(found)]


def test_pages_become_tagged_a4(
    browser: Browser, report_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Opened:  # playwright runs once a process, and the fixture has it running
        def __enter__(self) -> Browser:
            return browser

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(pdf, "open_browser", Opened)
    written = write_pdfs(report_folder, ["05"])
    assert written == (report_folder / "05/05.pdf", report_folder / "index.pdf")
    content = written[0].read_bytes()
    sizes = {
        tuple(round(float(size)) for size in box.split()[2:])
        for box in re.findall(rb"/MediaBox \[([\d. ]+)\]", content)
    }
    assert sizes == {A4_POINTS}
    for mark in (rb"/MarkInfo", rb"/StructTreeRoot", rb"/Outlines", rb"/Lang \(ja\)"):
        assert re.search(mark, content), mark
    assert write_pdfs(report_folder, ["05"]) == ()  # younger than the pages: left as they are


@pytest.mark.parametrize(("area_id", "most"), [("05204", 3), ("05", 7), ("japan", 16)])
def test_no_sheet_tears_what_belongs_together(
    browser: Browser, report_folder: Path, area_id: str, most: int
) -> None:
    parts = printed_parts(browser, report_folder / area_id / "index.html")
    assert {"h3", "figure", "caption", ".foot", "tbody tr"} <= {part for part, _ in parts}
    for (part, places), (after, following) in itertools.pairwise(parts):
        may_part = part not in KEPT_WITH_NEXT and after != ".foot"
        assert may_part or max(places)[0] == min(following)[0], (part, after, places)
        assert len(dict(places)) == 1 or part not in UNBROKEN, (part, places)
    ends = [(sheet, bottom) for _, places in parts for sheet, bottom in places]
    lowest = {sheet: min(end for at, end in ends if at == sheet) for sheet, _ in ends}
    full = [(TEXT_TOP - lowest[at]) / (TEXT_TOP - TEXT_BOTTOM) for at in sorted(lowest)]
    assert len(full) <= most and min(full[:-1]) >= 1 / 3, full
    for is_row, run in itertools.groupby(parts, lambda part: part[0] == "tbody tr"):
        rows = Counter(min(places)[0] for _, places in run)
        assert not is_row or len(rows) == 1 or min(rows.values()) > 1, rows  # no row on its own


def test_the_number_of_every_item_is_printed_whole(browser: Browser, report_folder: Path) -> None:
    tab = browser.new_page()
    tab.goto((report_folder / "japan/index.html").as_uri())
    tab.emulate_media(media="print")
    lists = tab.evaluate(NUMBERED)
    tab.close()
    assert max(count for count, _, _ in lists) > 9
    assert all(number <= indent for _, number, indent in lists), lists


def test_no_browser_is_said_clearly(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(BROWSER_VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setattr(pdf, "_ON_MACOS", ())
    with pytest.raises(ReportError, match="ブラウザーが見つかりません"):
        find_browser()


def test_a_named_browser_must_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(BROWSER_VARIABLE, str(tmp_path / "nowhere"))
    with pytest.raises(ReportError, match="nowhere"):
        find_browser()
