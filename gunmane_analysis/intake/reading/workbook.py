"""A delivered file as sheets of text cells, parsed in a child that cannot harm its caller."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gunmane_analysis
from gunmane_analysis.errors import SourceError
from gunmane_analysis.intake.reading.issues import Issue
from gunmane_analysis.intake.reading.preflight import check_plain_file

SECONDS_AT_MOST = 8
MEGABYTES_AT_MOST = 900
_ANSWER_BYTES_AT_MOST = 400 * 1024 * 1024


@dataclass(frozen=True)
class Sheet:
    """One sheet of text cells; rows and columns are counted from 0.

    Attributes
    ----------
    rows : list of list of str
        Trailing empty cells are left out for Excel, kept for CSV.
    kinds : list of str
        One letter per cell: ``s`` text, ``n`` number, ``d`` date, ``b`` yes/no, ``e`` error.
        Empty for CSV, where everything is text.
    lines : list of int
        For CSV the physical line of each row; empty for Excel, where it is the row's number.
    """

    name: str
    rows: list[list[str]]
    kinds: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    is_hidden: bool = False
    has_objects: bool = False
    merged: list[list[int]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    uncached: list[list[Any]] = field(default_factory=list)
    formats: dict[str, list[list[int]]] = field(default_factory=dict)
    formula_count: int = 0
    is_filtered: bool = False
    uses_1904: bool = False

    @property
    def is_csv(self) -> bool:
        """Whether rows are lines of a delimited file."""
        return bool(self.lines)

    def text(self, row: int, column: int) -> str:
        """Return a cell's text, empty where there is none."""
        cells = self.rows[row]
        return cells[column] if column < len(cells) else ""

    def kind(self, row: int, column: int) -> str:
        """Return a cell's kind; text for every cell of a CSV file."""
        if not self.kinds:
            return "s"
        kinds = self.kinds[row]
        return kinds[column] if column < len(kinds) else " "

    def number_of(self, row: int) -> int:
        """Return a row's number as the reader of the file counts it."""
        return self.lines[row] if self.lines else row + 1


@dataclass(frozen=True)
class Workbook:
    """A delivered file's sheets, or its JSON document, or why it was not parsed."""

    path: Path
    kind: str
    sheets: tuple[Sheet, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    document: Any = None
    refusal: Issue | None = None

    @property
    def delivered_delimiter(self) -> str:
        """The Japanese name of a delimiter other than the comma; empty otherwise."""
        return {"\t": "タブ", ";": "セミコロン"}.get(self.delimiter, "")


def read_workbook(path: Path) -> Workbook:
    """Parse a delivered file in a child process of limited time and memory.

    Parameters
    ----------
    path : Path
        .xlsx, .xlsm, .xls, CSV, tab-separated text or JSON, told by content.

    Returns
    -------
    Workbook
        With ``refusal`` set where the content could not be parsed.

    Raises
    ------
    SourceError
        If the path is no plain readable file.
    """
    check_plain_file(path)
    package = Path(gunmane_analysis.__file__).resolve().parents[1]
    environment = {**os.environ, "PYTHONPATH": str(package), "PYTHONIOENCODING": "utf-8"}
    command = [
        sys.executable,
        "-P",
        "-m",
        "gunmane_analysis.intake.reading.child",
        str(path.absolute()),
        str(SECONDS_AT_MOST),
        str(MEGABYTES_AT_MOST),
    ]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=SECONDS_AT_MOST, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        return _refused(
            path, "読み取りが時間内に終わりません。", "壊れているか、異常に複雑なファイルです。"
        )
    if done.returncode != 0 or len(done.stdout) > _ANSWER_BYTES_AT_MOST:
        return _refused(
            path,
            f"読み取りの途中で止まりました（終了状態 {done.returncode}）。",
            "壊れているか、時間か記憶域の上限を超えるファイルです。",
        )
    return _workbook(path, json.loads(done.stdout))


def _refused(path: Path, message: str, advice: str) -> Workbook:
    issue = Issue(
        "fault",
        message,
        expected=f"{SECONDS_AT_MOST}秒・{MEGABYTES_AT_MOST}MB 以内に読めるファイル",
        advice=f"{advice}必要な表だけを新しいブックに写して保存してください。",
    )
    return Workbook(path, "unreadable", refusal=issue)


def _workbook(path: Path, answer: dict[str, Any]) -> Workbook:
    if "refused" in answer:
        return Workbook(path, "unreadable", refusal=Issue("fault", **answer["refused"]))
    return Workbook(
        path,
        kind=answer["kind"],
        sheets=tuple(Sheet(**sheet) for sheet in answer.get("sheets", ())),
        encoding=answer.get("encoding", ""),
        delimiter=answer.get("delimiter", ""),
        document=answer.get("json"),
    )


def refused_error(workbook: Workbook) -> SourceError:
    """Return the error that tells why a file was not parsed."""
    issue = workbook.refusal
    assert issue is not None  # asked only of a refused workbook
    return SourceError(
        f"ファイル「{workbook.path}」: {issue.place()} {issue.message}".replace("  ", " "),
        expected=issue.expected,
        advice=issue.advice,
    )
