"""What year a file is about: from its title, from what the user says, or from its name."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

from gunmane_analysis.intake.forms import Form
from gunmane_analysis.intake.layout import Layout
from gunmane_analysis.intake.placing import ReferencePeriod
from gunmane_analysis.intake.reading.dates import era_year, fiscal_year_of, read_date
from gunmane_analysis.intake.reading.issues import Issue, Issues
from gunmane_analysis.intake.reading.plain_text import half_width

_ERA_YEAR = r"(明治|大正|昭和|平成|令和)\s*(元|[0-9]{1,2})\s*年"
_FISCAL = re.compile(rf"(?:{_ERA_YEAR}|((?:19|20)[0-9]{{2}})\s*年)\s*度")
_DAY = re.compile(
    rf"(?:{_ERA_YEAR}|((?:19|20)[0-9]{{2}})\s*年)\s*([0-9]{{1,2}})\s*月\s*([0-9]{{1,2}})\s*日"
)
_IN_NAME = re.compile(r"(?<![A-Za-z0-9])(?:([HRhr])([0-9]{1,2})|((?:19|20)[0-9]{2}))(?![0-9])")


def find_period(
    layout: Layout, form: Form, path: Path, fiscal_year: int | None, issues: Issues
) -> ReferencePeriod:
    """Return the time of a file's figures, saying where it was taken from.

    Parameters
    ----------
    layout : Layout
    form : Form
    path : Path
        Its name is used only where the source says so, and the use is reported.
    fiscal_year : int or None
        What the user said; a title that contradicts it is a fault.
    """
    if form.period == "year_columns":
        return ReferencePeriod(as_of_on=form.codes_as_of_on or None)
    if form.period == "item_years":
        years = [binding.year for binding in layout.bindings if binding.year is not None]
        return ReferencePeriod(as_of_on=f"{max(years)}-04-01" if years else None)
    if form.period == "none":
        return ReferencePeriod()
    title = (
        half_width(
            "　".join(
                cell for row in layout.title_rows for cell in layout.sheet.rows[row] if cell.strip()
            )
        )
        + " "
        + half_width(layout.sheet.name)
    )
    if form.period == "date_in_title":
        return _dated(title, layout, issues)
    if layout.of_kind("fiscal_year") is not None:
        return ReferencePeriod(fiscal_year=None)
    return _yearly(title, form, path, fiscal_year, layout, issues)


def _dated(title: str, layout: Layout, issues: Issues) -> ReferencePeriod:
    match = _DAY.search(title)
    day = read_date(match[0]) if match else None
    if isinstance(day, datetime.date):
        return ReferencePeriod(fiscal_year=fiscal_year_of(day), as_of_on=day.isoformat())
    issues.add(
        Issue(
            "fault",
            "表題に、いつ現在の数値かが見つかりません。",
            sheet=layout.sheet.name,
            row=1,
            expected="表題に「令和6年1月1日」のような日付",
            advice="配布されたままのファイルを使ってください。",
        )
    )
    return ReferencePeriod()


def _yearly(
    title: str, form: Form, path: Path, told: int | None, layout: Layout, issues: Issues
) -> ReferencePeriod:
    stated = _stated_year(title, form)
    if told is not None and stated is not None and told != stated:
        issues.add(
            Issue(
                "fault",
                f"表題は{stated}年度ですが、{told}年度と指定されました。",
                sheet=layout.sheet.name,
                row=1,
                value=title.strip()[:60],
                expected=f"--fiscal-year {stated}",
                advice="年度の指定か、ファイルの取り違えを確かめてください。",
            )
        )
    year = stated if stated is not None else told
    if year is None and (form.year_in_file_name or form.as_of_in_title):
        year = year_in_name(path.name)
        if year is not None:
            issues.add(
                Issue(
                    "repair",
                    f"年度がファイルの中にないため、名前から{year}年度と読みました。",
                    sheet=layout.sheet.name,
                    value=path.name,
                    advice="違う場合は --fiscal-year で指定してください。",
                )
            )
    if year is None:
        issues.add(
            Issue(
                "fault",
                "年度が分かりません。",
                sheet=layout.sheet.name,
                row=layout.sheet.number_of(layout.first_heading_row),
                column="年度",
                expected="「年度」の列、表題の「令和6年度」、または --fiscal-year",
                advice="--fiscal-year 2024 のように指定してください。",
            )
        )
    return ReferencePeriod(fiscal_year=year)


def _stated_year(title: str, form: Form) -> int | None:
    if match := _FISCAL.search(title):
        year = int(match[3]) if match[3] else era_year(match[1], match[2])
        return year if isinstance(year, int) else None
    if form.as_of_in_title and (match := _DAY.search(title)):
        day = read_date(match[0])
        return fiscal_year_of(day) if isinstance(day, datetime.date) else None
    return None


def year_in_name(name: str) -> int | None:
    """Return the one fiscal year that a file's name gives, or None.

    Examples
    --------
    >>> year_in_name("H24.xls"), year_in_name("R2.xlsx"), year_in_name("表3.xlsx")
    (2012, 2020, None)
    """
    found = set()
    for match in _IN_NAME.finditer(half_width(name)):
        year = int(match[3]) if match[3] else era_year(match[1].upper(), match[2])
        if isinstance(year, int):
            found.add(year)
    return found.pop() if len(found) == 1 else None
