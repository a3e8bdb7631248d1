"""What a reader is shown: no word of the program on a page, in a workbook, in the pack."""

from __future__ import annotations

import html
import io
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest

from gunmane_analysis import area_values, load_municipal_values, load_staffing
from gunmane_analysis.page.pack import prefecture_pack
from gunmane_analysis.page.records import read_records

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.timeout(900)  # the first test waits for the report
# the program's name, snake_case (columns, table ids, finding ids), paths
PROGRAM_WORD = re.compile(
    r"gunmane|[a-z][a-z0-9]*_[a-z0-9_]+|\b(?:data|reports|notebooks)/|\.ipynb"
)
PLACES = re.compile(r"https?://\S+|\S+@\S+")  # addresses that documents print
NO_TEXT = re.compile(r"<(script|style)\b.*?</\1>|<[^>]+>", re.DOTALL)


def words_of_page(page: str) -> str:
    return html.unescape(NO_TEXT.sub(" ", page))


def words_of_book(content: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    cells = (cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    return "\n".join([*book.sheetnames, *(cell for cell in cells if isinstance(cell, str))])


def program_words(text: str) -> set[str]:
    return set(PROGRAM_WORD.findall(PLACES.sub(" ", text)))


def every_text(files: dict[str, bytes]) -> dict[str, str]:
    """Return all that a reader of some files is shown, zips with what they hold."""
    texts = {"names": "\n".join(re.sub(r"\.\w+$|_csv", "", name) for name in files)}
    for name, content in files.items():
        if name.endswith(".html"):
            texts[name] = words_of_page(content.decode("utf-8"))
        elif name.endswith(".xlsx"):
            texts[name] = words_of_book(content)
        elif name.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(content)) as inner:
                texts |= every_text({f"{name}:{n}": inner.read(n) for n in inner.namelist()})
        elif name.endswith((".csv", ".txt")):
            texts[name] = content.decode("utf-8-sig")
    return texts


def test_no_word_of_the_program_is_shown(report_folder: Path) -> None:
    files = {
        path.relative_to(report_folder).as_posix(): path.read_bytes()
        for path in report_folder.rglob("*")
        if path.suffix in (".html", ".xlsx", ".zip", ".csv")
    }
    assert {"05/index.html", "05204/05204.xlsx", "japan/japan_csv.zip", "index.html"} <= set(files)
    texts = every_text(files)
    assert {name: found for name, text in texts.items() if (found := program_words(text))} == {}


def test_amounts_in_sentences_have_three_significant_figures(report_folder: Path) -> None:
    amounts = []
    for area_id in ("05", "05204", "japan"):
        page = (report_folder / area_id / "index.html").read_text("utf-8")
        sentences = re.findall(r"<p class=(?:said|foot)>.*?</p>|<li>.*?</li>", page, re.DOTALL)
        amounts += re.findall(r"([\d,.]*\d)(?:億|百?万|千)?円", words_of_page("\n".join(sentences)))
    figures = [amount.replace(",", "").replace(".", "").strip("0") for amount in amounts]
    assert figures and [each for each in figures if len(each) > 3] == []


def test_no_word_of_the_program_is_in_the_pack_and_names_are_utf_8(report_folder: Path) -> None:
    records = [r for code, r in read_records(report_folder).items() if code in ("05", "05204")]
    values = area_values(load_municipal_values(), load_staffing())
    content = prefecture_pack(report_folder, "05", 2024, records, values)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        texts = every_text({entry.filename: archive.read(entry) for entry in entries})
    of_areas = sum(e.compress_size for e in entries if e.filename.startswith("05"))
    assert len(content) - of_areas + of_areas * 26 / 2 < 15_000_000  # all 26 areas, PDF or not
    assert all(e.flag_bits & 0x800 for e in entries if not e.filename.isascii())
    assert {name: found for name, text in texts.items() if (found := program_words(text))} == {}


def test_a_municipality_has_at_most_30_stops_of_the_tab_key(
    browser: Browser, report_folder: Path
) -> None:
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.goto((report_folder / "05204/index.html").as_uri())
    stops = tab.evaluate(
        """() => [...document.querySelectorAll("a[href], button, summary, input, [tabindex='0']")]
          .filter(item => item.offsetParent !== null || item.classList.contains("skip")).length"""
    )
    tab.close()
    assert 0 < stops <= 30


def test_each_file_is_linked_once_by_a_name_of_its_own(report_folder: Path) -> None:
    page = (report_folder / "05204/index.html").read_text("utf-8")
    links = re.findall(r'<a href="(05204_csv\.zip|05204\.xlsx)">(.*?)</a>', page)
    assert dict(links) == {"05204.xlsx": "Excel の表", "05204_csv.zip": "CSV の zip"}
    assert len(links) == 2
    # whoever gets the page alone by mail reads why they do not open, and what to ask for
    assert "このページだけを送ると開けない（フォルダーごと渡す）" in page


def test_no_heading_has_brackets_in_or_after_brackets(report_folder: Path) -> None:
    for area_id in ("05", "05204", "japan"):
        page = (report_folder / area_id / "index.html").read_text("utf-8")
        heads = [
            words_of_page(head)
            for head in re.findall(r"<th scope=col.*?(?=<th|\n<tbody)", page, re.DOTALL)
        ]
        assert heads
        assert [head for head in heads if head.count("（") > 1] == []
