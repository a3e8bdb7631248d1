"""Forms to fill in: an .xlsx with headings, lists to choose from, instructions, an example."""

from __future__ import annotations

import datetime
from typing import Any

from gunmane_analysis.intake.forms import Field, Form, words
from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.sheets import Book

ROWS_PREPARED = 2_000
_WIDTH = 18
_WRITTEN_ON = datetime.datetime(2020, 1, 1)  # fixed, so that the same form is the same file
_NUMBER_FORMATS = {"date": "yyyy-mm-dd", "code": "@", "text": "@", "name": "@", "prefecture": "@"}


def template_bytes(form: Form) -> bytes:
    """Return the form of a source that the secretariat collects, an .xlsx file.

    Sheet 記入 takes the rows; sheet 説明 says how, with an example.

    Raises
    ------
    SourceError
        If the source is an official file, for which there is no form to fill in.
    """
    facts = {"source_id": form.source_id, "producer": form.producer}
    refuse_if(not form.is_form, "form-official", **facts)
    book = Book(form.title, _WRITTEN_ON)
    _add_entries(book, form)
    _add_instructions(book, form)
    return book.content()


def heading(field: Field) -> str:
    """Return a column's heading with its unit.

    Examples
    --------
    >>> from gunmane_analysis.intake.forms import read_form
    >>> heading(read_form("municipal_staffing").fields["staff_count"])
    '職員数（人）'
    """
    label, unit = field.label.replace("/", "・"), field.unit.replace("/", "・")
    return f"{label}（{unit}）" if unit else label


def _add_entries(book: Book, form: Form) -> None:
    sheet = book.add_sheet("記入", [_WIDTH] * len(form.fields))
    sheet.freeze_panes(1, 0)
    for column, field in enumerate(form.fields.values()):
        number_format = _NUMBER_FORMATS.get(field.kind)
        style = book.style(num_format=number_format) if number_format else None
        sheet.set_column(column, column, _WIDTH, style)
        sheet.write_string(0, column, heading(field), book.head)
        sheet.data_validation(1, column, ROWS_PREPARED, column, _validation(field))


def _validation(field: Field) -> dict[str, Any]:
    how = words()["kinds"][field.kind]["how"]
    listed = ["有", "無"] if field.kind == "flag" else list(field.words.values())
    rule: dict[str, Any] = {"validate": "any"}
    if field.kind in ("choice", "flag") and sum(map(len, listed)) + len(listed) < 250:
        rule = {"validate": "list", "source": listed}
    elif field.kind in ("count", "fiscal_year"):
        low, high = (1990, 2100) if field.kind == "fiscal_year" else (0, int(field.high or 2e9))
        rule = {"validate": "integer", "criteria": "between", "minimum": low, "maximum": high}
    elif field.kind in ("number", "money"):
        rule = {"validate": "decimal", "criteria": ">=", "value": field.low or 0}
    if field.is_numeric:  # 「…」「-」「x」 must not be stopped
        rule["error_type"] = "warning"
    shown = {"input_title": field.label[:32], "input_message": (field.note or how)[:250]}
    return {**rule, **shown, "error_title": "値を確かめてください", "error_message": how[:250]}


def _add_instructions(book: Book, form: Form) -> None:
    sheet = book.add_sheet("説明", (24, 8, 8, 48, 48))
    lines = [line.format(source_id=form.source_id) for line in words()["instructions"]]
    described, examples = [], []
    for each in form.fields.values():
        how = each.note or words()["kinds"][each.kind]["how"]
        required, chosen = "必須" if each.is_required else "", "、".join(each.words.values())
        described.append((f"・{each.label}", required, each.unit, how, chosen))
        shown = "" if each.example is None else str(each.example)
        examples.append((f"例・{each.label}", "", "", shown))
    bold, plain, wrapped = book.style(bold=True), book.style(), book.style(text_wrap=True)
    rows: list[tuple[Any, tuple[str, ...]]] = [
        (bold, (form.title,)),
        *((plain, (f"{n}. {line}",)) for n, line in enumerate([*lines, form.caveat], start=1)),
        (plain, ()),
        (book.head, words()["columns"]),
        *((wrapped, cells) for cells in described),
        (plain, ()),
        (bold, ("記入例（1行分）",)),
        *((wrapped, cells) for cells in examples),
    ]
    for number, (style, cells) in enumerate(rows):
        for column, text in enumerate(cells):
            sheet.write_string(number, column, text, style)
