"""Slips of unit or digits: a figure compared with the same area's figure of the nearest year.

The rule, by the delivered unit. Zero and missing are never compared, nor years more than five
apart.

- A cell is a slip where the larger of the two figures is at least 300 times the smaller *and*
  at least 1,000: a thousandfold figure is at least 1,000, so that 1 complaint and then 350 pass.
- A column of one year is a slip where three or more areas can be compared and the median of
  their ratios is at least 300, or at most 1/300, however small the figures are; for measures
  and rates (kind ``number``) already at 50, since percent and ratio lie a hundredfold apart.
- A column that names its own ratio (``watch_fold``; counts of staff: 3) draws a warning from
  there on, where the larger figure is at least 100.

In the official files that are shared for testing (SSDSE-A 2014-2024, fiscal indices
2005-2020, the municipal panel) the greatest genuine changes are 62-fold for counts (葛尾村, one
worker in construction and later 62), 37-fold for money (渡名喜村, 土木費) and
196-fold for rates, which are judged by the column only.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any

from gunmane_analysis.intake.forms import Form
from gunmane_analysis.intake.layout import Layout
from gunmane_analysis.intake.period import ReferencePeriod
from gunmane_analysis.intake.reading.issues import Issue, issue
from gunmane_analysis.intake.rows import Row
from gunmane_analysis.tables import ColumnDescription

CELL_RATIO = 300.0
COLUMN_RATIO = 300.0
MEASURE_COLUMN_RATIO = 50.0
LARGE_FROM = 1_000.0
WATCHED_FROM = 100.0
YEARS_APART = 5
PAIRS_FOR_A_COLUMN = 3

Key = tuple[object, ...]
Filed = Mapping[tuple[Key, str], Mapping[int, float]]


@dataclass(frozen=True, slots=True)
class _Figure:
    """One figure in its delivered unit, its place worded where something is said of it."""

    field: ColumnDescription
    area: str
    codes: frozenset[str]
    year: int
    value: float
    place: Callable[[], dict[str, Any]]
    row: int = 0
    scale: float = 1.0
    is_filed: bool = False

    @property
    def where(self) -> str:
        """Where else than in the issue's own place it is found."""
        return "（登録済み）" if self.is_filed else f"（{self.row}行目）" * bool(self.row)

    @property
    def amount(self) -> str:
        """The figure and its unit."""
        return f"{_number(self.value)}{self.field.unit}"


_Pair = tuple[_Figure, _Figure]  # the one that is compared with, then the one that is judged


def magnitude_issues(
    rows: Sequence[Row],
    layout: Layout,
    form: Form,
    period: ReferencePeriod,
    filed: Filed | None = None,
    confirmed: frozenset[str] = frozenset(),
) -> list[Issue]:
    """Report figures far from another year's figure of the same area.

    Parameters
    ----------
    rows : sequence of Row
    layout : Layout
    form : Form
    period : ReferencePeriod
    filed : mapping, optional
        Figures already filed, in stored units, by key and column, then by year. Without it the
        years of the file are compared with each other.
    confirmed : frozenset of str
        Codes whose change somebody has looked into; theirs are warnings.
    """
    names = [binding.field.name for binding in layout.numeric]
    if filed is None and layout.of_kind("fiscal_year") is None and len(set(names)) == len(names):
        return []  # one year for every figure
    courses: dict[tuple[Key, str, str], dict[int, _Figure]] = defaultdict(dict)
    for row in rows:
        if not row.is_total and row.level not in ("absorbed", "former", "nation"):
            for figure in _figures_of(row, layout, period) if form.key_columns else ():
                courses[_key_of(row, form), row.level, figure.field.name][figure.year] = figure
    pairs: list[_Pair] = []
    for (key, _, name), course in courses.items():
        if filed is None:
            pairs += _neighbours(course.values())
            continue
        known = filed.get((key, name), {})
        for year, figure in course.items():
            years = [other for other, value in known.items() if other != year and value > 0]
            near = min(years, key=lambda other: (abs(year - other), other), default=year)
            if 0 < abs(year - near) <= YEARS_APART:
                value = known[near] / figure.scale
                pairs.append((replace(figure, year=near, value=value, is_filed=True), figure))
    return sorted(_judged(pairs, confirmed), key=lambda found: found.row or 0)


def series_issues(
    values: Sequence[Mapping[str, Any]], confirmed: frozenset[str] = frozenset()
) -> Iterator[Issue]:
    """Yield the same of series of e-Stat, area by area, and items delivered in two units.

    Examples
    --------
    >>> cell = {"item_code": "A1", "item_name": "人口", "unit": "人", "area_code": "05"}
    >>> years = [{**cell, "fiscal_year": 2023, "value": 9e5}, {**cell, "fiscal_year": 2024,
    ...          "value": 9e8}]
    >>> [found.code for found in series_issues(years)]
    ['magnitude-cell']
    """
    units: dict[str, set[str]] = defaultdict(set)
    courses: dict[tuple[str, str], list[_Figure]] = defaultdict(list)
    for each in values:
        item, area, unit = each["item_code"], each["area_code"], each["unit"]
        units[item].add(unit)
        if each["value"] is not None and each["value"] > 0:
            column = ColumnDescription(item, "count", f"項目 {item}", unit)
            whose = (f"地域 {area}", frozenset({area}))
            year, place = each["fiscal_year"], partial(dict[str, Any], column=item)
            courses[item, area].append(_Figure(column, *whose, year, each["value"], place))
    for item, found in units.items():
        if len(found - {""}) > 1:
            yield issue("unit-twofold", item=item, units="、".join(sorted(found)), column=item)
    yield from _judged([p for course in courses.values() for p in _neighbours(course)], confirmed)


def _key_of(row: Row, form: Form) -> Key:
    """Return what a row is about, its time left out."""
    return tuple(
        row.code if name == "municipality_code" else row.values.get(name)
        for name in form.key_columns
        if name not in ("fiscal_year", "as_of_on")
    )


def _figures_of(row: Row, layout: Layout, period: ReferencePeriod) -> Iterator[_Figure]:
    """Yield the positive figures of a row whose year is known."""
    stated = row.values.get("fiscal_year")
    common = int(stated) if isinstance(stated, float) else period.fiscal_year
    whose = (row.name or row.code, frozenset({row.delivered_code or row.code, row.code}))
    for binding in layout.numeric:
        value = row.values.get(binding.key)
        year = common if binding.year is None else binding.year
        if isinstance(value, float) and value > 0 and year is not None:
            place, scale = partial(layout.place, row.number, binding), binding.scale
            yield _Figure(binding.field, *whose, year, value / scale, place, row.number, scale)


def _neighbours(course: Iterable[_Figure]) -> list[_Pair]:
    figures = sorted(course, key=lambda figure: figure.year)
    return [pair for pair in pairwise(figures) if pair[1].year - pair[0].year <= YEARS_APART]


def _judged(pairs: Sequence[_Pair], confirmed: frozenset[str]) -> Iterator[Issue]:
    groups: dict[tuple[str, int, int], list[_Pair]] = defaultdict(list)
    for other, figure in pairs:
        groups[figure.field.name, other.year, figure.year].append((other, figure))
    for members in groups.values():
        is_measure = members[0][1].field.kind == "number"
        limit = MEASURE_COLUMN_RATIO if is_measure else COLUMN_RATIO
        middle = statistics.median(map(_ratio, members))
        if len(members) >= PAIRS_FOR_A_COLUMN and not 1 / limit < middle < limit:
            first = min(members, key=lambda pair: abs(_ratio(pair) / middle - 1))
            yield _worded("magnitude-column", first, middle, count=len(members))
            continue
        codes = ((_code_of_cell(*pair, confirmed), pair) for pair in members)
        yield from (_worded(code, pair, _ratio(pair)) for code, pair in codes if code)


def _code_of_cell(other: _Figure, figure: _Figure, confirmed: frozenset[str]) -> str:
    """Return the code of what there is to say of one figure, or an empty text."""
    small, large = sorted((other.value, figure.value))
    field, is_confirmed = figure.field, not figure.codes.isdisjoint(confirmed)
    is_slip = large >= LARGE_FROM and large >= CELL_RATIO * small
    if is_slip and (field.kind != "number" or field.unit):
        return "magnitude-cell-confirmed" if is_confirmed else "magnitude-cell"
    is_watched = field.watch_fold and large >= max(WATCHED_FROM, field.watch_fold * small)
    return "magnitude-watch" if is_watched and not is_confirmed else ""


def _ratio(pair: _Pair) -> float:
    return pair[1].value / pair[0].value


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.3g}"


def _fold(ratio: float) -> str:
    """Word a ratio roughly.

    Examples
    --------
    >>> _fold(987.0), _fold(0.001)
    ('約990倍', '約1,000分の1')
    """
    times = max(ratio, 1 / ratio)
    rounded = f"{float(f'{times:.2g}'):,.0f}" if times >= 10 else f"{times:.1f}"
    return f"約{rounded}倍" if ratio >= 1 else f"約{rounded}分の1"


def _worded(code: str, pair: _Pair, ratio: float, **facts: Any) -> Issue:
    other, figure = pair
    named = min(figure.codes - {""}, default="", key=len)
    escape = f"本当に変わったのなら、--confirmed {named} を付けて登録してください。"
    facts |= {"figure": figure, "other": other, "fold": _fold(ratio)}
    facts |= {"unit": f"（{figure.field.unit}）" if figure.field.unit else ""}
    facts |= {"value": _number(figure.value), "escape": escape if named else ""}
    return issue(code, **facts, **figure.place())
