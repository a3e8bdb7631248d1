"""Delimited text to rows of cells, strictly, with the physical line of every row."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass

from gunmane_analysis.intake.reading.refusal import Refusal

_DELIMITERS = {",": "コンマ", "\t": "タブ", ";": "セミコロン"}
_RECORDS_TRIED = 60
_LONGEST_CELL = 32_767  # what a cell of Excel holds


@dataclass(frozen=True, slots=True)
class Records:
    """The rows of a delimited file.

    Attributes
    ----------
    rows : list of list of str
        Cells as they stand, quotes removed.
    lines : list of int
        The physical line on which each row begins.
    delimiter : str
    """

    rows: list[list[str]]
    lines: list[int]
    delimiter: str

    @property
    def delimiter_name(self) -> str:
        """The delimiter's Japanese name."""
        return _DELIMITERS[self.delimiter]


def split_records(text: str) -> Records:
    r"""Split a text into rows of cells by the delimiter that divides it most evenly.

    Raises
    ------
    Refusal
        Naming the line on which an unclosed or misplaced quotation mark begins.

    Examples
    --------
    >>> split_records('a,b\n1,"x\ny"\n2,z\n').lines
    [1, 2, 4]
    """
    delimiter = _find_delimiter(text)
    rows: list[list[str]] = []
    lines: list[int] = []
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return Records(rows, lines, delimiter)
        except csv.Error as fault:
            raise Refusal(_quote_fault(str(fault), start), row=start, **_QUOTE_ADVICE) from fault
        rows.append(row)
        lines.append(start)
        start = reader.line_num + 1


_QUOTE_ADVICE = {
    "expected": '" で始めた項目は " で閉じ、中の " は "" と重ねる',
    "advice": 'その行の引用符（"）を元の資料と照らし合わせ、表計算ソフトで保存し直してください。',
}


def _quote_fault(reason: str, start: int) -> str:
    if "field larger" in reason or "end of data" in reason:
        return f'{start}行目から始まる項目の引用符（"）が閉じられていません。'
    return f'{start}行目の引用符（"）の位置が正しくありません。'


def _find_delimiter(text: str) -> str:
    """Return the delimiter under which most rows have the same number of cells."""
    best, best_score = ",", (0.0, 0)
    head = text[:200_000]
    for delimiter in _DELIMITERS:
        if delimiter not in head:
            continue
        widths = _widths(head, delimiter)
        if not widths:
            continue
        width, count = Counter(widths).most_common(1)[0]
        score = (count / len(widths), width)
        if width > 1 and score > best_score:
            best, best_score = delimiter, score
    return best


def _widths(text: str, delimiter: str) -> list[int]:
    widths: list[int] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                widths.append(len(row))
            if len(widths) >= _RECORDS_TRIED:
                break
    except csv.Error:  # told, with its line, by the strict reading that follows
        return widths
    return widths
