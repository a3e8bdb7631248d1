"""Issues on a row or cell of one sheet, with the place filled in."""

from __future__ import annotations

from dataclasses import dataclass

from gunmane_analysis.intake.layout import ColumnMatch
from gunmane_analysis.intake.reading.issues import Issue, Issues, Level
from gunmane_analysis.intake.reading.workbook import Sheet

_VALUE_CHARACTERS = 200


@dataclass(frozen=True)
class Reporter:
    """Adds issues on one sheet."""

    sheet: Sheet
    issues: Issues

    def add(
        self,
        level: Level,
        position: int,
        binding: ColumnMatch | None,
        message: str,
        *,
        value: str = "",
        expected: str = "",
        advice: str = "",
        rule: str = "",
    ) -> None:
        """Add a issue on a row, or on the cell of one of its columns."""
        row = self.sheet.number_of(position)
        self.issues.add(
            Issue(
                level,
                message,
                sheet=self.sheet.name,
                row=row,
                column=binding.heading if binding else "",
                cell=f"{binding.letters}{row}" if binding else "",
                value=value[:_VALUE_CHARACTERS],
                expected=expected,
                advice=advice,
                rule=rule,
            )
        )
