"""What period a file is about: from its title, from what the user says, or from its name."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gunmane_analysis.intake.forms import Form
from gunmane_analysis.intake.layout import Layout, Reporter
from gunmane_analysis.intake.reading.issues import Issue
from gunmane_analysis.intake.reading.plain_text import half_width
from gunmane_analysis.intake.reading.values import era_year, fiscal_year_of, read_date

_ERA_YEAR = r"(明治|大正|昭和|平成|令和)\s*(元|[0-9]{1,2})\s*年"
_FISCAL = re.compile(rf"(?:{_ERA_YEAR}|((?:19|20)[0-9]{{2}})\s*年)\s*度")
_DAY = re.compile(
    rf"(?:{_ERA_YEAR}|((?:19|20)[0-9]{{2}})\s*年)\s*([0-9]{{1,2}})\s*月\s*([0-9]{{1,2}})\s*日"
)
_IN_NAME = re.compile(r"(?<![A-Za-z0-9])(?:([HRhr])([0-9]{1,2})|((?:19|20)[0-9]{2}))(?![0-9])")


@dataclass(frozen=True)
class ReferencePeriod:
    """What is known of a file's time before its rows are read."""

    fiscal_year: int | None = None
    as_of_on: str | None = None

    @property
    def day(self) -> str | None:
        """The ISO date of the figures, by which codes must be in force."""
        if self.as_of_on is not None:
            return self.as_of_on
        return None if self.fiscal_year is None else f"{self.fiscal_year}-04-01"


def find_period(
    layout: Layout, form: Form, path: Path, given: int | None, reporter: Reporter
) -> ReferencePeriod:
    """Return the period of a file's figures, saying where it was taken from.

    Parameters
    ----------
    layout : Layout
    form : Form
    path : Path
        Its name is used only where the source says so, and the use is reported.
    given : int or None
        The fiscal year that the user said; a title that contradicts it is a fault.
    """
    if form.period == "year_columns":
        return ReferencePeriod(as_of_on=form.codes_as_of_on or None)
    if form.period == "item_years":
        years = [binding.year for binding in layout.bindings if binding.year is not None]
        return ReferencePeriod(as_of_on=f"{max(years)}-04-01" if years else None)
    if form.period == "none":
        return ReferencePeriod()
    above = layout.sheet.rows[: layout.first_heading_row]
    cells = (cell for row in above for cell in row if cell.strip())
    title = f"{half_width('　'.join(cells))} {half_width(layout.sheet.name)}"
    if form.period == "date_in_title":
        day = _day_in(title)
        if day is None:
            reporter.add("title-date-missing", 0)
            return ReferencePeriod()
        return ReferencePeriod(fiscal_year=fiscal_year_of(day), as_of_on=day.isoformat())
    if layout.of_kind("fiscal_year") is not None:
        return ReferencePeriod()
    stated = _stated_year(title, form)
    if None not in (given, stated) and given != stated:
        facts = {"value": title.strip()[:60], "stated": stated, "given": given}
        reporter.add("year-contradicts-title", 0, **facts)
    year = given if stated is None else stated
    if year is None and (form.year_in_file_name or form.as_of_in_title):
        year = year_in_name(path.name)
        if year is not None:
            reporter.add("year-from-name", 0, value=path.name, year=year)
    if year is None:
        reporter.add("year-unknown", layout.first_heading_row)
    return ReferencePeriod(fiscal_year=year)


def _day_in(title: str) -> datetime.date | None:
    match = _DAY.search(title)
    day = read_date(match[0]) if match else None
    return day if isinstance(day, datetime.date) else None


def _stated_year(title: str, form: Form) -> int | None:
    if match := _FISCAL.search(title):
        return _year_of(match)
    day = _day_in(title) if form.as_of_in_title else None
    return fiscal_year_of(day) if day else None


def year_in_name(name: str) -> int | None:
    """Return the one fiscal year that a file's name gives, or None.

    Examples
    --------
    >>> year_in_name("H24.xls"), year_in_name("R2.xlsx"), year_in_name("表3.xlsx")
    (2012, 2020, None)
    """
    years = set(map(_year_of, _IN_NAME.finditer(half_width(name))))
    found = {year for year in years if year and year <= datetime.date.today().year + 1}
    return found.pop() if len(found) == 1 else None


def _year_of(match: re.Match[str]) -> int | None:
    """Return the year of a match: an era and its year, or a year of the calendar."""
    year = int(match[3]) if match[3] else era_year(match[1].upper(), match[2])
    return year if isinstance(year, int) else None


def period_issues(
    stated: Iterable[tuple[int, object]], layout: Layout, period: ReferencePeriod, given: int | None
) -> Iterator[Issue]:
    """Yield a warning on a year to come, and a fault where the given year is not the column's.

    Parameters
    ----------
    stated : iterable of (int, object)
        The number and the stated fiscal year of each row.
    layout, period
        Of the table.
    given : int or None
        The fiscal year that the user said.
    """
    today, column = fiscal_year_of(datetime.date.today()), layout.of_kind("fiscal_year")
    codes: set[str] = set()
    for row, said in stated:
        year = int(said if isinstance(said, float) else period.fiscal_year or 0)
        is_other = given is not None and column is not None and year not in (0, given)
        found = {"year-in-future": year > today, "year-contradicts-column": is_other}
        for code in (code for code, is_wrong in found.items() if is_wrong and code not in codes):
            codes.add(code)
            facts = {"year": year, "stated": year, "given": given}
            yield layout.issue(code, row, column, value=str(year), **facts)
