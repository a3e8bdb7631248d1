"""Why a file cannot be turned into cells at all."""

from __future__ import annotations

from typing import Any

CELLS_AT_MOST = 2_000_000


class Refusal(Exception):
    """A file that is not parsed any further; travels from the child process as plain text."""

    def __init__(
        self,
        found: str,
        *,
        expected: str = "",
        advice: str = "",
        sheet: str = "",
        row: int | None = None,
        cell: str = "",
        value: str = "",
    ) -> None:
        super().__init__(found)
        self.record: dict[str, Any] = {
            "message": found,
            "expected": expected,
            "advice": advice,
            "sheet": sheet,
            "row": row,
            "cell": cell,
            "value": value,
        }


BROKEN = "配布元から取り直すか、Excel で開いて「名前を付けて保存」で .xlsx に保存し直してください。"
