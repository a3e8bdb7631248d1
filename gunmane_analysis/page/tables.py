"""A finding's table for machines: plain values, units in headings, markers in their own column."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence

from gunmane_analysis.findings import Column, Finding
from gunmane_analysis.wording import MARKERS, MISSING, is_missing

_OPENS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_OPENS_FORMULA_WIDE = ("＝", "＋", "－", "＠")
_PLAIN_NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?%?")
# Roman numerals, circled and squared signs: the marks that Japanese machines disagree upon.
_MACHINE_DEPENDENT = re.compile("[Ⅰ-ⅿ①-⓿㈀-㏿№℡]")
_CIRCLED = re.compile("[①-⓪⓵-⓿❶-➓㉈-㉏㉑-㉟㊱-㊿]")
_PERCENT_DECIMALS = 10

Cell = str | int | float | None


def csv_bytes(finding: Finding) -> bytes:
    """Return a finding's table as CSV that Excel opens without mojibake (UTF-8 with BOM)."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\r\n").writerows(plain_rows(finding))
    return stream.getvalue().encode("utf-8-sig")


def plain_rows(finding: Finding) -> list[tuple[Cell, ...]]:
    """Return a finding's headings and rows for machines: numbers are numbers, codes are text.

    A column of numbers in which a value is wanting is followed by one of markers; rates and
    changes are in percent, as their headings say.
    """
    if not finding.columns:  # nothing could be worked out: the sentence that says so is the table
        return [("内容",), (safe_text(finding.headline),)]
    headings: list[str] = []
    columns: list[list[Cell]] = []
    rows = finding.rows()
    for place, column in enumerate(finding.columns):
        values = [row[place] for row in rows]
        headings.append(safe_text(column.heading))
        if not column.is_number:
            columns.append(["" if is_missing(value) else safe_text(str(value)) for value in values])
            continue
        columns.append([_number(column, value) for value in values])
        markers = [_marker(value) for value in values]
        if any(markers):
            headings.append(safe_text(f"{column.label}の記号"))
            columns.append([*markers])
    return [tuple(_numbered(headings)), *zip(*columns, strict=True)]


def _numbered(headings: Sequence[str]) -> Iterator[str]:
    """Yield headings, with a number where one is repeated: a machine knows a column by it."""
    seen: Counter[str] = Counter()
    for heading in headings:
        seen[heading] += 1
        yield heading if seen[heading] == 1 else f"{heading}_{seen[heading]}"


def _number(column: Column, value: object) -> Cell:
    if _marker(value):
        return None
    if not isinstance(value, int | float):
        return safe_text(str(value))
    if column.kind == "year":
        return int(value)
    if column.kind in ("rate", "change"):
        return round(float(value) * 100.0, _PERCENT_DECIMALS)
    is_whole = column.decimals == 0 and float(value).is_integer()
    return int(value) if is_whole else value


def _marker(value: object) -> str:
    if is_missing(value):
        return MISSING
    return str(value) if value in MARKERS else ""


def safe_text(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula, in marks that every machine has.

    Examples
    --------
    >>> safe_text("=1+1"), safe_text("-3.5"), safe_text("判定区分Ⅲ・Ⅳ"), safe_text("①㎡")
    ("'=1+1", '-3.5', '判定区分III・IV', '(1)m2')
    """
    common = _MACHINE_DEPENDENT.sub(_common, text)
    opens = common.startswith(_OPENS_FORMULA) or (
        len(common) > 1 and common.startswith(_OPENS_FORMULA_WIDE)
    )
    if opens and not _PLAIN_NUMBER.fullmatch(common):
        return f"'{common}"
    return common


def _common(match: re.Match[str]) -> str:
    plain = unicodedata.normalize("NFKC", match[0])
    return f"({plain})" if _CIRCLED.fullmatch(match[0]) else plain
