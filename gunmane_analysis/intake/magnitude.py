"""Slips of unit or digits: a figure held against the same area's figure of the nearest other year.

The rule, by the delivered unit. Zero and missing are never compared, nor years more than five
apart.

- A cell is a slip where the larger of the two figures is at least 300 times the smaller *and*
  at least 1,000: a thousandfold figure is at least 1,000, so that 1 complaint and then 350 pass.
- A column of one year is a slip where three or more areas can be compared and the median of
  their ratios is at least 300, or at most 1/300, however small the figures are; for measures
  and rates (kind ``number``) already at 50, since percent and ratio lie a hundredfold apart.

In the official files that are shared for testing (SSDSE-A 2014-2024, fiscal indices
2005-2020, the municipal panel) the greatest genuine changes are 62-fold for counts (葛尾村, one
worker in construction and later 62), 37-fold for money (渡名喜村, 土木費) and
196-fold for rates, which are judged by the column only.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gunmane_analysis.intake.forms import Form
from gunmane_analysis.intake.layout import ColumnMatch, Layout
from gunmane_analysis.intake.placing import ReferencePeriod
from gunmane_analysis.intake.reading.issues import Issue
from gunmane_analysis.intake.rows import Row

CELL_RATIO = 300.0
COLUMN_RATIO = 300.0
MEASURE_COLUMN_RATIO = 50.0
LARGE_FROM = 1_000.0
YEARS_APART = 5
PAIRS_FOR_A_COLUMN = 3

Key = tuple[object, ...]
Filed = Mapping[tuple[Key, str], Mapping[int, float]]


@dataclass(frozen=True, slots=True)
class Pair:
    """A figure of the file and the one that it is held against, both in the delivered unit.

    ``other_row`` is None where the other figure is already filed.
    """

    row: Row
    binding: ColumnMatch
    year: int
    value: float
    other_year: int
    other: float
    other_row: int | None = None

    @property
    def ratio(self) -> float:
        """The figure over the earlier one."""
        return self.value / self.other


def magnitude_issues(
    rows: Sequence[Row],
    layout: Layout,
    form: Form,
    times: ReferencePeriod,
    filed: Filed | None = None,
    confirmed: frozenset[str] = frozenset(),
) -> list[Issue]:
    """Report figures that are hundreds of times another year's figure of the same area.

    Parameters
    ----------
    rows : sequence of Row
    layout : Layout
    form : Form
    times : ReferencePeriod
    filed : mapping, optional
        Figures already filed, in stored units, by key and column, then by year. Without it the
        years of the file are held against each other.
    confirmed : frozenset of str
        Codes whose change somebody has looked into; their magnitude_issues are warnings.

    Returns
    -------
    list of Issue
    """
    groups: dict[tuple[str, int, int], list[Pair]] = {}
    for pair in _pairs(rows, layout, form, times, filed):
        groups.setdefault((pair.binding.field.name, pair.other_year, pair.year), []).append(pair)
    issues: list[Issue] = []
    for pairs in groups.values():
        kind = pairs[0].binding.field.kind
        limit = MEASURE_COLUMN_RATIO if kind == "number" else COLUMN_RATIO
        middle = statistics.median(pair.ratio for pair in pairs)
        if len(pairs) >= PAIRS_FOR_A_COLUMN and not 1 / limit < middle < limit:
            issues.append(_of_column(pairs, middle, layout))
            continue
        issues += [
            _of_cell(pair, layout, is_confirmed=bool({pair.row.code, _delivered(pair)} & confirmed))
            for pair in pairs
            if _is_slip(pair)
        ]
    return sorted(issues, key=lambda issue: issue.row or 0)


def _is_slip(pair: Pair) -> bool:
    small, large = sorted((abs(pair.value), abs(pair.other)))
    return (
        large >= LARGE_FROM
        and large >= CELL_RATIO * small
        and (pair.binding.field.kind != "number" or bool(pair.binding.field.unit))
    )


def key_of(row: Row, form: Form) -> Key:
    """Return what a row is about, its time left out."""
    return tuple(
        row.code if name == "municipality_code" else row.values.get(name)
        for name in form.key_columns
        if name not in ("fiscal_year", "as_of_on")
    )


def _pairs(
    rows: Sequence[Row], layout: Layout, form: Form, times: ReferencePeriod, filed: Filed | None
) -> Iterator[Pair]:
    """Yield each positive figure beside the nearest one of another year."""
    numeric = [binding for binding in layout.bindings if binding.field.is_numeric]
    courses: dict[tuple[Key, str, str], dict[int, tuple[Row, ColumnMatch, float]]] = {}
    for row in rows:
        if row.is_total or row.level in ("absorbed", "former", "nation") or not form.key_columns:
            continue
        key = key_of(row, form)
        for binding in numeric:
            value, year = row.values.get(binding.key), _year(row, binding, times)
            if isinstance(value, float) and value > 0 and year is not None:
                course = courses.setdefault((key, row.level, binding.field.name), {})
                course[year] = (row, binding, value)
    for (key, _, name), course in courses.items():
        if filed is None:
            yield from _within(course)
            continue
        known = filed.get((key, name), {})
        for year, (row, binding, value) in course.items():
            near = [
                (abs(year - other), other)
                for other, figure in known.items()
                if other != year and figure > 0 and abs(year - other) <= YEARS_APART
            ]
            if near:
                other = min(near)[1]
                scale = binding.scale
                yield Pair(row, binding, year, value / scale, other, known[other] / scale)


def _within(course: Mapping[int, tuple[Row, ColumnMatch, float]]) -> Iterable[Pair]:
    for earlier, later in pairwise(sorted(course)):
        (old_row, old_binding, old), (row, binding, new) = course[earlier], course[later]
        if later - earlier <= YEARS_APART:
            yield Pair(
                row, binding, later, new / binding.scale,
                earlier, old / old_binding.scale, old_row.number,
            )  # fmt: skip


def _year(row: Row, binding: ColumnMatch, times: ReferencePeriod) -> int | None:
    if binding.year is not None:
        return binding.year
    stated = row.values.get("fiscal_year")
    return int(stated) if isinstance(stated, float) else times.fiscal_year


def _delivered(pair: Pair) -> str:
    return pair.row.delivered_code or pair.row.code


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value.is_integer() else f"{value:,.3g}"


def _fold(ratio: float) -> str:
    """Word a ratio roughly.

    Examples
    --------
    >>> _fold(987.0), _fold(0.001)
    ('約990倍', '約1,000分の1')
    """
    times = max(ratio, 1 / ratio)
    rounded = float(f"{times:.2g}")
    return f"約{rounded:,.0f}倍" if ratio >= 1 else f"約{rounded:,.0f}分の1"


def _figures(pair: Pair) -> str:
    where = "登録済み" if pair.other_row is None else f"{pair.other_row}行目"
    unit = pair.binding.field.unit
    return (
        f"{pair.row.name or pair.row.code}は {pair.other_year}年度 "
        f"{_number(pair.other)}{unit}（{where}）、{pair.year}年度 {_number(pair.value)}{unit}"
    )


_LOOK = (
    "見出しの単位（円・千円・百万円、人・千人、％と小数）と桁を、元の資料と照らし合わせてください。"
)


def _of_column(pairs: Sequence[Pair], middle: float, layout: Layout) -> Issue:
    first = min(pairs, key=lambda pair: abs(pair.ratio / middle - 1))
    field = first.binding.field
    unit = f"（{field.unit}）" if field.unit else ""
    return Issue(
        "fault",
        f"「{field.label}」の列全体（比べられる {len(pairs):,} 行の中央値）が、"
        f"{first.other_year}年度の{_fold(middle)}です。例: {_figures(first)}。",
        sheet=layout.sheet.name,
        row=first.row.number,
        column=first.binding.heading,
        cell=f"{first.binding.letters}{first.row.number}",
        value=_number(first.value),
        expected=f"{first.other_year}年度と同じ単位{unit}の値",
        advice=_LOOK,
    )


def _of_cell(pair: Pair, layout: Layout, *, is_confirmed: bool) -> Issue:
    field = pair.binding.field
    code = _delivered(pair)
    escape = f"本当に変わったのなら、--confirmed {code} を付けて登録してください。" if code else ""
    return Issue(
        "warning" if is_confirmed else "fault",
        f"「{field.label}」が、ほかの年度の{_fold(pair.ratio)}です。{_figures(pair)}。",
        sheet=layout.sheet.name,
        row=pair.row.number,
        column=pair.binding.heading,
        cell=f"{pair.binding.letters}{pair.row.number}",
        value=_number(pair.value),
        expected=f"{_number(pair.other)}{field.unit} に近い桁の値",
        advice="" if is_confirmed else f"{_LOOK}{escape}",
    )
