"""Pages as PDF: A4, tagged, with an outline, and a clear word where there is no browser."""

from __future__ import annotations

import re
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
