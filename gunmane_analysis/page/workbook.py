"""An area's Excel file: contents, main figures, one exhibit a sheet, sources."""

from __future__ import annotations

from datetime import datetime

from gunmane_analysis.findings import Column
from gunmane_analysis.page.exhibits import Exhibit
from gunmane_analysis.page.page import AreaPage
from gunmane_analysis.page.sheets import HEAD_LINE, StatisticsBook, TextCell


def workbook_bytes(page: AreaPage) -> bytes:
    """Return the area's workbook; the same page gives the same bytes."""
    # the clock stays out of the file: the year's last day stands for the year
    book = StatisticsBook(page.title, datetime(page.fiscal_year + 1, 3, 31))
    _add_contents(book, page)
    _add_figures(book, page)
    for exhibit in page.exhibits:
        source = "、".join(page.source_by_id[n].citation for n in exhibit.finding.source_ids)
        heading = f"{exhibit.label}　{exhibit.finding.title}".strip()
        book.add_finding(exhibit.sheet_name, exhibit.finding, heading, source)
    heads = ("番号", "資料の名前", "出典", "単位", "利用条件", "限界")
    rows = [
        (str(number), s.title, s.citation, s.unit, s.licence, s.caveat)
        for number, s in enumerate(page.source_by_id.values(), start=1)
    ]
    book.add_text_sheet("出典", "用いた資料", [heads, *rows], (6, 40, 60, 20, 30, 60))
    return book.content()


def _add_contents(book: StatisticsBook, page: AreaPage) -> None:
    heads = ("シート", "題", "読み取れること", "数値の性格")
    rows = [(e.sheet_name, e.finding.title, e.finding.headline, _nature(e)) for e in page.exhibits]
    sheet = book.add_text_sheet("目次", page.title, [heads, *rows], (30, 40, 80, 26))
    link = book.style(font_color="#0017C1", underline=1)
    for line, (name, *_) in enumerate(rows, start=HEAD_LINE + 1):
        sheet.write_url(line, 0, f"internal:'{name}'!A1", link, name)


def _nature(exhibit: Exhibit) -> str:
    return exhibit.finding.status_label or "公表値又は登録値から計算"


def _add_figures(book: StatisticsBook, page: AreaPage) -> None:
    rows: list[tuple[TextCell, ...]] = [("指標", page.area.name, "全国", "単位", "備考")]
    for each in page.key_figures:
        column = Column(each.key, each.label, each.unit, each.kind, each.decimals)
        values = ((column, each.value), (column, each.nation))
        rows.append((page.card_label(each), *values, each.unit, each.note))
    title = f"{page.area.name}の主な指標（{page.fiscal_year}年度）"
    book.add_text_sheet("主な指標", title, rows, (34, 16, 16, 8, 60))
