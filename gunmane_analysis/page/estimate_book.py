"""The Excel files of the effect-estimation tool: the form to fill in, and the results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from xlsxwriter.worksheet import Worksheet

from gunmane_analysis.findings.finding import Finding
from gunmane_analysis.loaders import estimate as form
from gunmane_analysis.page.sheets import StatisticsBook
from gunmane_analysis.page.tables import safe_text
from gunmane_analysis.tables.estimate import TAX_WORDS, EstimateInput, Uncertain

RESULTS_SHEET = "結果"
_WIDTHS = (26, 18, 18, 18, 14, 44)
_LAST_ROW = 500
_AT_LEAST_0 = {
    "validate": "decimal", "criteria": ">=", "value": 0,
    "error_message": "0以上の数値を入力してください。",
}  # fmt: skip
_Row = Sequence[str | float | None]


def estimate_bytes(given: EstimateInput, findings: Sequence[Finding] = ()) -> bytes:
    """Return the form filled with one estimate, after the sheets of what was found.

    Units stand in a column of their own, or under the headings; their cells offer a list.
    """
    # the clock stays out of the file: the same estimate gives the same bytes
    book = StatisticsBook(given.title, datetime(given.fiscal_years[0], 4, 1))
    if findings:
        lines = [("区分", "結果"), ("試算の名前", given.title)]
        for finding in findings:
            lines.append((finding.title, finding.headline))
            lines += [("　確かさ", finding.certainty)] if finding.certainty else []
            lines += [("　注", caveat) for caveat in finding.caveats]
            lines += [("　値の性質", finding.status_label)] if finding.status_label else []
        book.add_text_sheet(RESULTS_SHEET, given.title, lines, (30, 100))
    for number, finding in enumerate(findings, start=1):
        book.add_finding(f"表{number}", finding, f"表{number}　{finding.title}")
    _add_settings(book, given)
    _add_items(book, given)
    deflators: list[_Row] = [
        (form.YEAR_HEADING, form.INDEX_HEADING),
        *sorted(given.settings.deflators.items()),
    ]
    _fill(book, book.add_sheet(form.DEFLATORS_SHEET, (14, 14)), deflators)
    return book.content()


def _fill(book: StatisticsBook, sheet: Worksheet, rows: Iterable[_Row]) -> None:
    """Write rows, the first of them headings, each cell in the format of its kind."""
    for line, row in enumerate(rows):
        for place, value in enumerate(row):
            if isinstance(value, str):
                style = book.head if line == 0 else book.style(text_wrap=True)
                sheet.write_string(line, place, safe_text(value), style)
            elif value is not None:
                digits = "0" if isinstance(value, int) else "#,##0.####"
                sheet.write_number(line, place, value, book.style(num_format=digits))


def _offer(sheet: Worksheet, line: int, place: int, choices: Iterable[str]) -> None:
    sheet.data_validation(line, place, line, place, {"validate": "list", "source": [*choices]})


def _add_settings(book: StatisticsBook, given: EstimateInput) -> None:
    settings = given.settings
    kinds = {flag: word for word, flag in form.form_words()["is_illustrative"].items()}
    plain: list[tuple[str, str | float, str]] = [
        (form.TITLE_LABEL, given.title, "結果の題に使う名前"),
        (form.KIND_LABEL, kinds[given.is_illustrative], "実際の見込みか、例示の値か"),
        (form.TAX_LABEL, TAX_WORDS[settings.tax], "金額に消費税を含むか"),
        (form.BASE_YEAR_LABEL, settings.price_base_fiscal_year, "結果を示す価格の年度"),
    ]
    rows: list[_Row] = [(label, value, None, None, None, note) for label, value, note in plain]
    fields = form.setting_rows()
    for field in fields:
        one: Uncertain = getattr(settings, field.name)
        unit, scale = next(iter(field.units.items()))
        ends = (round(value / scale, 10) for value in (one.value, one.low, one.high))
        rows.append((field.label, *ends, unit, field.note))
    sheet = book.add_sheet(form.SETTINGS_SHEET, _WIDTHS)
    _fill(book, sheet, [form.SETTINGS_HEADINGS, *rows])
    _offer(sheet, 2, 1, kinds.values())
    _offer(sheet, 3, 1, form.form_words()["tax"])
    for line, field in enumerate(fields, start=len(plain) + 1):
        _offer(sheet, line, 4, field.units)


def _add_items(book: StatisticsBook, given: EstimateInput) -> None:
    fields = form.item_columns()
    sheet = book.add_sheet(form.ITEMS_SHEET, (8, 30, *[22] * len(fields)))
    sheet.freeze_panes(2, 2)
    heads = (form.YEAR_HEADING, form.ITEM_HEADING, *(field.label for field in fields))
    units = (None, "単位（一覧から選ぶ）", *(next(iter(field.units)) for field in fields))
    items = given.items[["fiscal_year", "item", *(field.name for field in fields)]]
    _fill(book, sheet, [heads, units, *items.itertuples(index=False, name=None)])
    for place, field in enumerate(fields, start=2):
        _offer(sheet, 1, place, field.units)
        sheet.data_validation(2, place, _LAST_ROW, place, _AT_LEAST_0)
