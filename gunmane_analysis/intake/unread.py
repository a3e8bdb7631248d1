"""Columns of a form that are none of its own: said, so that nothing is left out in silence."""

from __future__ import annotations

from collections.abc import Iterator

from gunmane_analysis.intake.forms import Form
from gunmane_analysis.intake.layout import Layout
from gunmane_analysis.intake.reading.issues import Issue, shortened
from gunmane_analysis.intake.reading.xlsx_parts import column_letters


def unread_columns(layout: Layout, form: Form) -> Iterator[Issue]:
    """Yield a warning for each headed column that a form of ours does not know.

    Official files have many columns that no table uses; only forms are looked at.
    """
    if not form.is_form:
        return
    read = {binding.column for binding in layout.bindings}
    row = layout.first_row - 1
    for column, cell in enumerate(layout.sheet.rows[row] if row >= 0 else ()):
        if cell.strip() and column not in read:
            number = layout.sheet.number_of(row)
            yield Issue(
                "warning",
                f"様式にない列「{shortened(cell.strip())}」は読みませんでした。",
                sheet=layout.sheet.name,
                row=number,
                column=shortened(cell.strip()),
                cell=f"{column_letters(column + 1)}{number}",
                advice="要る列なら、様式の見出しと同じ書き方にしてください。",
            )
