"""Remarks on a row or cell of one sheet, with the place filled in."""

from __future__ import annotations

from dataclasses import dataclass

from gunmane_analysis.intake.layout import Binding
from gunmane_analysis.intake.reading.remarks import Level, Remark, Remarks
from gunmane_analysis.intake.reading.workbook import Sheet

_VALUE_CHARACTERS = 200


@dataclass(frozen=True)
class Teller:
    """Adds remarks on one sheet."""

    sheet: Sheet
    remarks: Remarks

    def say(
        self,
        level: Level,
        position: int,
        binding: Binding | None,
        message: str,
        *,
        value: str = "",
        expected: str = "",
        advice: str = "",
        rule: str = "",
    ) -> None:
        """Add a remark on a row, or on the cell of one of its columns."""
        row = self.sheet.number_of(position)
        self.remarks.add(
            Remark(
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
