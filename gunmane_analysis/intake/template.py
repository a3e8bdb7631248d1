"""Forms to fill in: an .xlsx with headings, lists to choose from, instructions, an example."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from gunmane_analysis.errors import SourceError
from gunmane_analysis.intake.forms import Field, Form, kinds

ROWS_PREPARED = 2_000
_WIDTH = 18
_WRITTEN_ON = datetime.datetime(2020, 1, 1)  # fixed, so that the same form is the same file


def write_template(form: Form, target: Path) -> None:
    """Write the form of a source that the secretariat collects.

    Parameters
    ----------
    form : Form
    target : Path
        An .xlsx file; sheet 記入 takes the rows, sheet 説明 tells how, with an example.

    Raises
    ------
    SourceError
        If the source is an official file, for which there is no form to fill in.
    """
    if not form.is_form:
        raise SourceError(
            f"「{form.source_id}」は公表されたファイルで、記入の様式はありません。",
            advice=f"配布元（{form.producer}）のファイルを、"
            "そのまま gunmane data add で登録してください。",
        )
    book = xlsxwriter.Workbook(str(target), {"in_memory": True, "strings_to_formulas": False})
    try:
        book.set_properties({"title": form.title, "created": _WRITTEN_ON})
        styles = {
            "head": book.add_format(
                {"bold": True, "bg_color": "#E8EAF6", "text_wrap": True, "border": 1}
            ),
            "text": book.add_format({"num_format": "@"}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "plain": book.add_format({"text_wrap": True, "valign": "top"}),
            "bold": book.add_format({"bold": True}),
        }
        _entry_sheet(book, form, styles)
        _instruction_sheet(book, form, styles)
    finally:
        book.close()


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


def _entry_sheet(book: Any, form: Form, styles: dict[str, Any]) -> None:
    sheet = book.add_worksheet("記入")
    sheet.freeze_panes(1, 0)
    for column, field in enumerate(form.fields.values()):
        is_text = field.kind in ("code", "text", "name", "prefecture")
        style = styles.get("date" if field.kind == "date" else "text" if is_text else "")
        sheet.set_column(column, column, _WIDTH, style)
        sheet.write_string(0, column, heading(field), styles["head"])
        sheet.data_validation(1, column, ROWS_PREPARED, column, _validation(field))


def _validation(field: Field) -> dict[str, Any]:
    how = kinds()[field.kind]["how"]
    words = ["有", "無"] if field.kind == "flag" else list(field.words.values())
    rule: dict[str, Any] = {"validate": "any"}
    if field.kind in ("choice", "flag") and sum(map(len, words)) + len(words) < 250:
        rule = {"validate": "list", "source": words}
    elif field.kind in ("count", "fiscal_year"):
        low, high = (1990, 2100) if field.kind == "fiscal_year" else (0, int(field.high or 2e9))
        rule = {"validate": "integer", "criteria": "between", "minimum": low, "maximum": high}
    elif field.kind in ("number", "money"):
        rule = {"validate": "decimal", "criteria": ">=", "value": field.low or 0}
    if field.is_numeric:  # 「…」「-」「x」 must not be stopped
        rule["error_type"] = "warning"
    told = {"input_title": field.label[:32], "input_message": (field.note or how)[:250]}
    return {**rule, **told, "error_title": "値を確かめてください", "error_message": how[:250]}


def _instruction_sheet(book: Any, form: Form, styles: dict[str, Any]) -> None:
    sheet = book.add_worksheet("説明")
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 2, 8)
    sheet.set_column(3, 4, 48, styles["plain"])
    sheet.write_string(0, 0, form.title, styles["bold"])
    lines = [
        "シート「記入」の2行目から、1行に1件を書いてください。見出しは変えないでください。",
        "分からない数は「…」、無い数は「-」、公表できない数は「x」と書き、0 と書き分けてください。",
        "計や小計の行、単位、注釈は入れないでください。",
        "記入したら、次の命令で確かめてから登録してください: "
        f"gunmane data check ファイル名 --source {form.source_id}",
        form.caveat,
    ]
    for number, line in enumerate(lines, start=1):
        sheet.write_string(number, 0, f"{number}. {line}")
    top = len(lines) + 2
    for column, word in enumerate(("項目名", "必須", "単位", "書き方", "選べる言葉")):
        sheet.write_string(top, column, word, styles["head"])
    for number, field in enumerate(form.fields.values(), start=top + 1):
        sheet.write_string(number, 0, f"・{field.label}")
        sheet.write_string(number, 1, "必須" if field.is_required else "")
        sheet.write_string(number, 2, field.unit)
        sheet.write_string(number, 3, field.note or kinds()[field.kind]["how"])
        sheet.write_string(number, 4, "、".join(field.words.values()))
    below = top + len(form.fields) + 3
    sheet.write_string(below - 1, 0, "記入例（1行分）", styles["bold"])
    for number, field in enumerate(form.fields.values()):
        sheet.write_string(below + number, 0, f"例・{field.label}")
        sheet.write_string(below + number, 3, "" if field.example is None else str(field.example))
