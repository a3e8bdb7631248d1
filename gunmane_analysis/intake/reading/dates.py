"""Dates and fiscal years as Japanese tables write them, with the boundaries of the eras.

Eras are five rows here rather than a library: jeraconv and japanera read a wider range of
texts than a table may hold, and neither refuses 昭和64年1月8日 or 平成31年5月1日 with a reason.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from gunmane_analysis.intake.reading.plain_text import half_width


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
_MONTH_ONLY = re.compile(rf"(?:{_ERA}|[0-9]{{4}})\s*(?:年|[./-])\s*[0-9]{{1,2}}\s*月?")
_SERIAL = re.compile(r"[0-9]{5}(?:\.0+)?")
_EPOCH = datetime.date(1899, 12, 30)
_EPOCH_1904 = datetime.date(1904, 1, 1)
_FIRST_SERIAL, _LAST_SERIAL = 18_264, 62_093  # 1950-01-01 to 2069-12-31
_DATE_FORMS = "2024-04-01、2024年4月1日、令和6年4月1日、R6.4.1 のいずれか"
_YEAR_FORMS = "2024、2024年度、令和6年度、R6年度 のいずれか"


@dataclass(frozen=True, slots=True)
class NoDate:
    """Why a cell is no date or fiscal year, what would be right, and what to do."""

    reason: str
    expected: str
    advice: str


def fiscal_year_of(day: datetime.date) -> int:
    """Return the fiscal year, which begins on 1 April.

    Examples
    --------
    >>> fiscal_year_of(datetime.date(2024, 3, 31)), fiscal_year_of(datetime.date(2024, 4, 1))
    (2023, 2024)
    """
    return day.year if day.month >= 4 else day.year - 1


def era_year(name: str, year_text: str) -> int | NoDate:
    """Return the western year of a year of an era.

    Examples
    --------
    >>> era_year("令和", "元"), era_year("H", "31")
    (2019, 2019)
    """
    era = _era(name)
    number = 1 if year_text == "元" else int(year_text)
    western = era.first_on.year + number - 1
    if number < 1 or western > min(era.last_on.year, 2100):
        last = era.last_on.year - era.first_on.year + 1
        return NoDate(
            f"{era.name}{number}年はありません",
            f"{era.name}は{last}年まで" if era.last_on.year < 9999 else "2100年まで",
            "元号と年を元の資料で確かめてください。",
        )
    return western


def _era(name: str) -> Era:
    return next(
        era for era in ERAS if name == era.name or name == era.sign or name.upper() == era.letter
    )


def read_date(
    text: str, *, is_stored_number: bool = False, uses_1904: bool = False
) -> datetime.date | NoDate:
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
    '年・月・日の並びが一つに決まりません'
    """
    plain = _MIDNIGHT.sub("", half_width(text))
    if is_stored_number and _SERIAL.fullmatch(plain):
        return _from_serial(int(plain.partition(".")[0]), uses_1904)
    if match := _ERA_DATE.fullmatch(plain):
        return _era_date(match)
    for pattern in (_WESTERN_DATE, _EIGHT_DIGITS):
        if match := pattern.fullmatch(plain):
            return _western_date(int(match["year"]), match)
    return _refused_date(plain)


def _from_serial(days: int, uses_1904: bool) -> datetime.date | NoDate:
    if not _FIRST_SERIAL <= days + (1462 if uses_1904 else 0) <= _LAST_SERIAL:
        return NoDate("日付の通し番号として範囲の外です", _DATE_FORMS, "日付に直してください。")
    return (_EPOCH_1904 if uses_1904 else _EPOCH) + datetime.timedelta(days=days)


def _era_date(match: re.Match[str]) -> datetime.date | NoDate:
    era = _era(match["era"])
    western = era_year(match["era"], match["year"])
    if isinstance(western, NoDate):
        return western
    day = _western_date(western, match)
    if isinstance(day, datetime.date) and not era.first_on <= day <= era.last_on:
        return NoDate(
            f"{era.name}は{era.first_on.isoformat()}から"
            + (f"{era.last_on.isoformat()}まで" if era.last_on.year < 9999 else "")
            + "で、この日を含みません",
            _DATE_FORMS,
            "元号と年を元の資料で確かめてください。",
        )
    return day


def _western_date(year: int, match: re.Match[str]) -> datetime.date | NoDate:
    try:
        return datetime.date(year, int(match["month"]), int(match["day"]))
    except ValueError:
        return NoDate("暦にない日です", _DATE_FORMS, "月と日を元の資料で確かめてください。")


def _refused_date(plain: str) -> NoDate:
    if re.fullmatch(r"[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{1,4}", plain):
        return NoDate(
            "年・月・日の並びが一つに決まりません", _DATE_FORMS, "西暦4桁で書き直してください。"
        )
    if _SERIAL.fullmatch(plain):
        return NoDate(
            "日付の通し番号のようですが、文字列です",
            _DATE_FORMS,
            "Excel で日付の表示に直して保存し直してください。",
        )
    if _MONTH_ONLY.fullmatch(plain):
        return NoDate("日がありません", _DATE_FORMS, "日まで書いてください。")
    if _FISCAL_YEAR.fullmatch(plain):
        return NoDate("年だけで、月日がありません", _DATE_FORMS, "月日まで書いてください。")
    return NoDate("日付ではありません", _DATE_FORMS, "元の資料と照らし合わせてください。")


def read_fiscal_year(text: str) -> int | NoDate:
    """Read one cell of a column headed 年度.

    Examples
    --------
    >>> read_fiscal_year("令和6年度"), read_fiscal_year("2024"), read_fiscal_year("Ｒ５年度")
    (2024, 2024, 2023)
    >>> read_fiscal_year("2024年").reason
    '暦年か年度かが分かりません'
    """
    plain = half_width(text)
    match = _FISCAL_YEAR.fullmatch(re.sub(r"\.0+$", "", plain))
    if match is None:
        day = read_date(text)
        if isinstance(day, datetime.date):
            return NoDate(
                f"年度ではなく日付です（{day.isoformat()} は{fiscal_year_of(day)}年度）",
                _YEAR_FORMS,
                f"年度の列には {fiscal_year_of(day)} と書いてください。",
            )
        return NoDate("年度ではありません", _YEAR_FORMS, "元の資料と照らし合わせてください。")
    if match["kind"] == "年":
        return NoDate(
            "暦年か年度かが分かりません", _YEAR_FORMS, "年度なら「年度」と書いてください。"
        )
    if match["western"] is None and match["kind"] is None:
        return NoDate(
            "年度かどうかが分かりません", _YEAR_FORMS, "「令和6年度」のように書いてください。"
        )
    year = int(match["western"]) if match["western"] else era_year(match["era"], match["year"])
    if isinstance(year, int) and not 1868 <= year <= 2100:
        return NoDate("年度として範囲の外です", _YEAR_FORMS, "元の資料と照らし合わせてください。")
    return year
