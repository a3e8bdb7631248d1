"""The Excel files of the effect-estimation tool: the form to fill in, and the results."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from gunmane_analysis.findings.finding import Finding
from gunmane_analysis.loaders.estimate import (
    BASE_YEAR_LABEL,
    DEFLATORS_SHEET,
    INDEX_HEADING,
    ITEM_HEADING,
    ITEMS_SHEET,
    KIND_CHOICES,
    KIND_LABEL,
    SETTINGS_HEADINGS,
    SETTINGS_SHEET,
    TAX_CHOICES,
    TAX_LABEL,
    TITLE_LABEL,
    YEAR_HEADING,
    item_columns,
    setting_rows,
)
from gunmane_analysis.page.sheets import StatisticsBook
from gunmane_analysis.page.tables import safe_text
from gunmane_analysis.tables.estimate import TAX_WORDS, EstimateInput, Uncertain

RESULTS_SHEET = "結果"
_WIDTHS = (26, 18, 18, 18, 14, 44)
_LAST_ROW = 500


def form_bytes(given: EstimateInput) -> bytes:
    """Return the form filled with one estimate: what ``--template`` hands out.

    Units stand in a column of their own, or under the headings; their cells offer a list.
    """
    stream = io.BytesIO()
    with StatisticsBook.open(stream, given.title, _first_day(given)) as book:
        _write_inputs(book, given)
    return stream.getvalue()


def results_bytes(given: EstimateInput, findings: Sequence[Finding]) -> bytes:
    """Return a workbook with what was found, one table a sheet, and what was entered."""
    stream = io.BytesIO()
    with StatisticsBook.open(stream, given.title, _first_day(given)) as book:
        lines = [("区分", "結果"), ("試算の名前", given.title)]
        for finding in findings:
            lines.append((finding.title, finding.headline))
            lines += [("　確かさ", finding.certainty)] if finding.certainty else []
            lines += [("　注", caveat) for caveat in finding.caveats]
            lines += [("　値の性質", finding.status_label)] if finding.status_label else []
        book.add_text_sheet(RESULTS_SHEET, given.title, lines, (30, 100))
        for number, finding in enumerate(findings, start=1):
            book.add_finding(f"表{number}", finding, f"表{number}　{finding.title}")
        _write_inputs(book, given)
    return stream.getvalue()


def _first_day(given: EstimateInput) -> datetime:
    # The clock stays out of the file: the same estimate gives the same bytes.
    return datetime(given.fiscal_years[0], 4, 1)


def _write_inputs(book: StatisticsBook, given: EstimateInput) -> None:
    bold, text = book.head, book.style(text_wrap=True)
    number, whole = book.style(num_format="#,##0.####"), book.style(num_format="0")
    formats = (bold, text, number, whole)
    _write_settings(book.add_sheet(SETTINGS_SHEET, _WIDTHS), given, formats)
    widths = (8, 30, *[22] * len(item_columns()))
    _write_items(book.add_sheet(ITEMS_SHEET, widths), given, formats)
    sheet = book.add_sheet(DEFLATORS_SHEET, (14, 14))
    sheet.write_row(0, 0, (YEAR_HEADING, INDEX_HEADING), bold)
    for row, (year, index) in enumerate(sorted(given.settings.deflators.items()), start=1):
        sheet.write_number(row, 0, year, whole)
        sheet.write_number(row, 1, index, number)


def _write_settings(sheet: Any, given: EstimateInput, formats: tuple[Any, ...]) -> None:
    bold, text, number, whole = formats
    settings = given.settings
    sheet.write_row(0, 0, SETTINGS_HEADINGS, bold)
    kinds = {flag: word for word, flag in KIND_CHOICES.items()}
    plain = (
        (TITLE_LABEL, given.title, None, "結果の題に使う名前"),
        (KIND_LABEL, kinds[given.is_illustrative], KIND_CHOICES, "実際の見込みか、例示の値か"),
        (TAX_LABEL, TAX_WORDS[settings.tax], TAX_CHOICES, "金額に消費税を含むか"),
        (BASE_YEAR_LABEL, settings.price_base_fiscal_year, None, "結果を示す価格の年度"),
    )
    for row, (label, value, choices, note) in enumerate(plain, start=1):
        sheet.write_string(row, 0, label, text)
        sheet.write(row, 1, safe_text(value) if isinstance(value, str) else value, whole)
        if choices is not None:
            sheet.data_validation(row, 1, row, 1, {"validate": "list", "source": list(choices)})
        sheet.write_string(row, 5, note, text)
    for row, setting in enumerate(setting_rows(), start=len(plain) + 1):
        uncertain: Uncertain = getattr(settings, setting.name)
        unit, scale = next(iter(setting.units.items()))
        sheet.write_string(row, 0, setting.label, text)
        for column, value in enumerate((uncertain.value, uncertain.low, uncertain.high), start=1):
            sheet.write_number(row, column, round(value / scale, 10), number)
        sheet.write_string(row, 4, unit, text)
        sheet.data_validation(row, 4, row, 4, {"validate": "list", "source": list(setting.units)})
        sheet.write_string(row, 5, setting.note, text)


def _write_items(sheet: Any, given: EstimateInput, formats: tuple[Any, ...]) -> None:
    bold, text, number, whole = formats
    sheet.freeze_panes(2, 2)
    sheet.write_row(0, 0, (YEAR_HEADING, ITEM_HEADING), bold)
    sheet.write_string(1, 1, "単位（一覧から選ぶ）", text)
    for column, described in enumerate(item_columns(), start=2):
        sheet.write_string(0, column, described.label, bold)
        sheet.write_string(1, column, next(iter(described.units)), text)
        choices = {"validate": "list", "source": list(described.units)}
        sheet.data_validation(1, column, 1, column, choices)
        least = {
            "validate": "decimal",
            "criteria": ">=",
            "value": 0,
            "error_message": "0以上の数値を入力してください。",
        }
        sheet.data_validation(2, column, _LAST_ROW, column, least)
    for row, values in enumerate(given.items.to_dict("records"), start=2):
        sheet.write_number(row, 0, values["fiscal_year"], whole)
        sheet.write_string(row, 1, safe_text(str(values["item"])), text)
        for column, described in enumerate(item_columns(), start=2):
            sheet.write_number(row, column, values[described.name], number)
