"""SSDSE-A: item codes in the first row, years in the second, labels in the third."""

from __future__ import annotations

import re

from gunmane_analysis.intake.forms import Field, Form
from gunmane_analysis.intake.layout import ColumnMatch, Layout, LayoutMatch
from gunmane_analysis.intake.reading.issues import Issue
from gunmane_analysis.intake.reading.plain_text import half_width, heading_key
from gunmane_analysis.intake.reading.workbook import Sheet

_ITEM = re.compile(r"[A-Z][0-9]{4,7}")
_YEAR = re.compile(r"(19|20)[0-9]{2}")
_ROWS_SEARCHED = 6


def find_ssdse_layout(sheet: Sheet, form: Form) -> LayoutMatch:
    """Find the rows of item codes, years and labels, and the columns of the items wanted.

    Columns are bound by item code, because labels change between editions (half-width and
    full-width, 「（民営）」 added); a label is used only where no edition's code is there.
    """
    top = next(
        (
            row
            for row in range(min(len(sheet.rows), _ROWS_SEARCHED))
            if sum(bool(_ITEM.fullmatch(cell.strip())) for cell in sheet.rows[row]) >= 3
        ),
        None,
    )
    if top is None or len(sheet.rows) < top + 3:
        return LayoutMatch(None, form.required, (), 0, 0)
    items, years, labels = (sheet.rows[top + step] for step in range(3))
    bindings = [
        ColumnMatch(entry, column, labels[column], entry.scale, None)
        for entry in form.fields.values()
        if not entry.items and (column := _labelled(entry, labels)) is not None
    ]
    faults: list[Issue] = []
    for entry in form.fields.values():
        column = _item_column(entry, items, labels)
        if column is None:
            continue
        year = half_width(years[column]) if column < len(years) else ""
        if not _YEAR.fullmatch(year):
            faults.append(
                Issue(
                    "fault",
                    f"項目「{entry.label}」の年度がありません。",
                    sheet=sheet.name,
                    row=sheet.number_of(top + 1),
                    column=labels[column],
                    value=year,
                    expected="項目コードの下の行に西暦4桁",
                    advice="配布元から取り直してください。",
                )
            )
            continue
        bindings.append(ColumnMatch(entry, column, labels[column], entry.scale, int(year)))
    named = {binding.field.name for binding in bindings}
    missing = tuple(entry for entry in form.required if entry.name not in named)
    layout = Layout(
        sheet, top, top + 3, tuple(sorted(bindings, key=lambda b: b.column)), len(labels)
    )
    return LayoutMatch(
        None if missing else layout, missing, tuple(labels), top, len(named), tuple(faults)
    )


def _labelled(entry: Field, labels: list[str]) -> int | None:
    wanted = {path[-1] for path in entry.headings}
    return next((i for i, label in enumerate(labels) if heading_key(label) in wanted), None)


def _item_column(entry: Field, items: list[str], labels: list[str]) -> int | None:
    for item in entry.items:
        for column, found in enumerate(items):
            if found.strip() == item:
                return column
    if not entry.items:
        return None
    wanted = heading_key(entry.label)
    return next((i for i, label in enumerate(labels) if heading_key(label) == wanted), None)
