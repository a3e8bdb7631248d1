"""One cell to a number, a date or a fiscal year, or to the mark or the error in its place.

Eras are five rows here rather than a library: jeraconv and japanera read a wider range of
texts than a table may hold, and neither refuses 昭和64年1月8日 or 平成31年5月1日 with a reason.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from gunmane_analysis.intake.reading.issues import CellError
from gunmane_analysis.intake.reading.plain_text import half_width, plain_minus

_PLAIN = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?")
_DOT_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+")
_KANJI = "一二三四五六七八九〇零十百千万億兆"
_WITH_TAIL = re.compile(r"([+-]?[0-9][0-9,]*(?:\.[0-9]+)?)\s*(\S.*)")
_MOST_DIGITS = 15
# What is no number, by the first pattern that it fits.
_NO_NUMBER = {
    "number-percent": re.compile(".*(?:[%％]|パーセント).*", re.DOTALL),
    "number-kanji": re.compile(f"[0-9.,]*[{_KANJI}][{_KANJI}0-9]*"),
    "number-grouping": re.compile(r"[+-]?[0-9]+(?:,[0-9]*)+(?:\.[0-9]*)?"),
    "number-exponent": re.compile(r"[+-]?[0-9](?:\.[0-9]+)?[Ee][+-]?[0-9]{1,3}"),
    "number-tail": _WITH_TAIL,
    "number-mark-unknown": re.compile(r"[-…‥*xX×?？・.]+"),
}


@dataclass(frozen=True, slots=True)
class Number:
    """A number as read; ``note`` is the code of what had to be changed to read it."""

    value: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A declared mark in place of a number; never counted as 0."""

    status: str


def read_number(
    text: str,
    marks: Mapping[str, str],
    *,
    is_stored_number: bool = False,
    is_percent: bool = False,
    is_whole: bool = False,
    is_negative_in_parentheses: bool = True,
) -> Number | Mark | CellError:
    """Read one cell of a numeric column.

    Parameters
    ----------
    text : str
        The cell as it stands.
    marks : mapping of str to str
        The marks that the source declares, as half-width text, and their status.
    is_stored_number : bool
        The cell is stored as a number, so that its text needs no reading.
    is_percent : bool
        The column is declared in percent, so that a percent sign is no fault.
    is_whole : bool
        The column is one of whole numbers, where ``15.000`` may mean 15,000.
    is_negative_in_parentheses : bool
        Whether ``(123)`` is a negative number; else it is a positive one with a note.

    Examples
    --------
    >>> read_number("１５，０００", {}).value, read_number("△1,200", {}).value
    (15000.0, -1200.0)
    >>> read_number("15,00", {}).reason
    '桁区切りの位置が正しくありません。'
    >>> read_number("-", {"-": "none"})
    Mark(status='none')
    """
    if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS:
        return Number(float(text))
    if is_stored_number:
        return _checked(text, "")
    plain = plain_minus(half_width(text))
    if plain in marks:
        return Mark(marks[plain])
    if not plain:
        return Mark("empty")
    if is_percent:
        plain = plain.removesuffix("%").removesuffix("％").strip()
    signed, note = _signed(plain, is_negative=is_negative_in_parentheses)
    if is_whole and _DOT_GROUPED.fullmatch(signed):
        whole = int(signed.replace(".", ""))
        decimal = float(signed) if signed.count(".") == 1 else whole
        return CellError("number-dot-grouping", {"whole": whole, "decimal": decimal})
    if _PLAIN.fullmatch(signed):
        return _checked(signed.replace(",", ""), note)
    for code, pattern in _NO_NUMBER.items():
        if match := pattern.fullmatch(signed):
            tail = match[2][:20] if code == "number-tail" else ""
            return CellError(code, {"tail": tail, "mark": signed[:20]})
    return CellError("number-none")


def _checked(digits: str, note: str) -> Number | CellError:
    """Return a number of no more digits than are kept; Excel may store one with an exponent."""
    significant = digits.lstrip("+-").replace(".", "").lstrip("0")
    if "e" not in digits.lower() and len(significant) > _MOST_DIGITS:
        return CellError("number-too-long", {"digits": _MOST_DIGITS})
    value = float(digits)
    return Number(value, note) if math.isfinite(value) else CellError("number-not-finite")


def _signed(plain: str, *, is_negative: bool) -> tuple[str, str]:
    """Return a text with an ASCII minus for △, ▲ and enclosing parentheses, and a note."""
    if plain[:1] in ("△", "▲"):
        return f"-{plain[1:].strip()}", ""
    inner = plain[1:-1].strip() if plain[:1] == "(" and plain[-1:] == ")" else ""
    if not inner[:1].isdigit():
        return plain, ""
    if is_negative:
        return f"-{inner}", "number-parentheses"
    return inner, "number-parentheses-note"


@dataclass(frozen=True, slots=True)
class Era:
    """A Japanese era; its last day is also the first of the next until 昭和."""

    name: str
    letter: str
    sign: str
    first_on: datetime.date
    last_on: datetime.date


ERAS = (
    Era("明治", "M", "㍾", datetime.date(1868, 10, 23), datetime.date(1912, 7, 30)),
    Era("大正", "T", "㍽", datetime.date(1912, 7, 30), datetime.date(1926, 12, 25)),
    Era("昭和", "S", "㍼", datetime.date(1926, 12, 25), datetime.date(1989, 1, 7)),
    Era("平成", "H", "㍻", datetime.date(1989, 1, 8), datetime.date(2019, 4, 30)),
    Era("令和", "R", "\u32ff", datetime.date(2019, 5, 1), datetime.date.max),
)
_ERA = r"(?P<era>明治|大正|昭和|平成|令和|[㍾㍽㍼㍻\u32ff]|[MTSHRmtshr])\s*(?P<year>元|[0-9]{1,2})"
_PARTS = r"\s*(?:年|[./-])\s*(?P<month>[0-9]{1,2})\s*(?:月|[./-])\s*(?P<day>[0-9]{1,2})\s*日?"
_ERA_DATE = re.compile(_ERA + _PARTS)
_WESTERN_DATE = re.compile(r"(?P<year>[0-9]{4})" + _PARTS)
_EIGHT_DIGITS = re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})")
_MIDNIGHT = re.compile(r"[ T]0{1,2}:00(?::00)?$")
_FISCAL_YEAR = re.compile(rf"(?:{_ERA}|(?P<western>[0-9]{{4}}))\s*(?P<kind>年度|年)?")
_SERIAL = re.compile(r"[0-9]{5}(?:\.0+)?")
# What is no date, by the first pattern that it fits.
_NO_DATE = {
    "date-order-unclear": re.compile(r"[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{1,4}"),
    "date-serial-as-text": _SERIAL,
    "date-day-missing": re.compile(rf"(?:{_ERA}|[0-9]{{4}})\s*(?:年|[./-])\s*[0-9]{{1,2}}\s*月?"),
    "date-year-only": _FISCAL_YEAR,
}
_EPOCH = datetime.date(1899, 12, 30)
_EPOCH_1904 = datetime.date(1904, 1, 1)
_FIRST_SERIAL, _LAST_SERIAL = 18_264, 62_093  # 1950-01-01 to 2069-12-31


def fiscal_year_of(day: datetime.date) -> int:
    """Return the fiscal year, which begins on 1 April.

    Examples
    --------
    >>> fiscal_year_of(datetime.date(2024, 3, 31)), fiscal_year_of(datetime.date(2024, 4, 1))
    (2023, 2024)
    """
    return day.year if day.month >= 4 else day.year - 1


def era_year(name: str, year_text: str) -> int | CellError:
    """Return the western year of a year of an era.

    Examples
    --------
    >>> era_year("令和", "元"), era_year("H", "31")
    (2019, 2019)
    """
    era = _era(name)
    number = 1 if year_text == "元" else int(year_text)
    last = min(era.last_on.year, 2100) - era.first_on.year + 1
    if not 1 <= number <= last:
        return CellError("era-year-impossible", {"era": era.name, "number": number, "last": last})
    return era.first_on.year + number - 1


def _era(name: str) -> Era:
    return next(e for e in ERAS if name in (e.name, e.sign) or name.upper() == e.letter)


def read_date(
    text: str, *, is_stored_number: bool = False, uses_1904: bool = False
) -> datetime.date | CellError:
    """Read one cell of a date column.

    Parameters
    ----------
    text : str
        The cell as it stands; a cell stored as a date comes as ISO text.
    is_stored_number : bool
        The cell holds a bare number, which is then Excel's count of days.
    uses_1904 : bool
        The workbook counts days from 1904.

    Examples
    --------
    >>> read_date("㋿6年4月1日"), read_date("R06/04/01")
    (datetime.date(2024, 4, 1), datetime.date(2024, 4, 1))
    >>> read_date("6/4/1").reason
    '年・月・日の並びが一つに決まりません。'
    """
    plain = _MIDNIGHT.sub("", half_width(text))
    if is_stored_number and _SERIAL.fullmatch(plain):
        days = int(plain.partition(".")[0])
        if not _FIRST_SERIAL <= days + (1462 if uses_1904 else 0) <= _LAST_SERIAL:
            return CellError("date-serial-outside")
        return (_EPOCH_1904 if uses_1904 else _EPOCH) + datetime.timedelta(days=days)
    if match := _ERA_DATE.fullmatch(plain):
        return _era_date(match)
    if match := _WESTERN_DATE.fullmatch(plain) or _EIGHT_DIGITS.fullmatch(plain):
        return _western_date(int(match["year"]), match)
    for code, pattern in _NO_DATE.items():
        if pattern.fullmatch(plain):
            return CellError(code)
    return CellError("date-none")


def _era_date(match: re.Match[str]) -> datetime.date | CellError:
    era = _era(match["era"])
    western = era_year(match["era"], match["year"])
    if isinstance(western, CellError):
        return western
    day = _western_date(western, match)
    if isinstance(day, datetime.date) and not era.first_on <= day <= era.last_on:
        last = era.last_on.isoformat() if era.last_on.year < 9999 else "今日"
        facts = {"era": era.name, "first": era.first_on.isoformat(), "last": last}
        return CellError("era-day-outside", facts)
    return day


def _western_date(year: int, match: re.Match[str]) -> datetime.date | CellError:
    try:
        return datetime.date(year, int(match["month"]), int(match["day"]))
    except ValueError:
        return CellError("date-not-in-calendar")


def read_fiscal_year(text: str) -> int | CellError:
    """Read one cell of a column headed 年度; an era and a number alone (R6) mean its fiscal year.

    Examples
    --------
    >>> read_fiscal_year("令和6年度"), read_fiscal_year("R6"), read_fiscal_year("Ｒ５年度")
    (2024, 2024, 2023)
    >>> read_fiscal_year("2024年").reason
    '暦年か年度かが分かりません。'
    """
    match = _FISCAL_YEAR.fullmatch(re.sub(r"\.0+$", "", half_width(text)))
    if match is None:
        day = read_date(text)
        if isinstance(day, datetime.date):
            facts = {"day": day.isoformat(), "year": fiscal_year_of(day)}
            return CellError("year-is-date", facts)
        return CellError("year-none")
    if match["kind"] == "年":
        return CellError("year-calendar")
    year = int(match["western"]) if match["western"] else era_year(match["era"], match["year"])
    if isinstance(year, int) and not 1990 <= year <= 2100:
        return CellError("year-outside")
    return year


def shown_era(serial: str, number_format: str) -> str:
    """Return a serial number of days as Excel shows it under an era format, else empty.

    Examples
    --------
    >>> shown_era("45383", '[$-411]ggge"年"'), shown_era("45383", "0.0")
    ('令和6年', '')
    """
    if "e" not in re.sub(r'"[^"]*"|\[[^\]]*\]', "", number_format) or not _SERIAL.fullmatch(serial):
        return ""
    day = _EPOCH + datetime.timedelta(days=int(serial.partition(".")[0]))
    era = next((each for each in reversed(ERAS) if each.first_on <= day), None)
    return f"{era.name}{day.year - era.first_on.year + 1}年" if era else ""
