"""Slips of unit or digits in series of e-Stat: the rule of ``magnitude_issues``, area by area.

Also stops an item that is delivered in two units.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from gunmane_analysis.intake.magnitude import (
    CELL_RATIO,
    COLUMN_RATIO,
    LARGE_FROM,
    PAIRS_FOR_A_COLUMN,
    YEARS_APART,
)
from gunmane_analysis.intake.reading.issues import Issue

Value = Mapping[str, Any]
_LOOK = "単位と桁を、配布元の表と照らし合わせてください。"


def series_slips(
    values: Sequence[Value], confirmed: frozenset[str] = frozenset()
) -> Iterator[Issue]:
    """Yield what is hundreds of times another year's figure of the same item and area.

    Parameters
    ----------
    values : sequence of mapping
        From :func:`gunmane_analysis.intake.ssds.read_ssds`.
    confirmed : frozenset of str
        Area codes whose change has been looked into; theirs are warnings.

    Examples
    --------
    >>> cell = {"item_code": "A1", "item_name": "人口", "unit": "人", "area_code": "05"}
    >>> years = [{**cell, "fiscal_year": 2023, "value": 9e5}, {**cell, "fiscal_year": 2024,
    ...          "value": 9e8}]
    >>> [issue.level for issue in series_slips(years)]
    ['fault']
    """
    yield from _two_units(values)
    courses: dict[tuple[str, str], list[Value]] = {}
    for value in values:
        if value["value"] is not None and value["value"] > 0:
            courses.setdefault((value["item_code"], value["area_code"]), []).append(value)
    pairs = [
        (earlier, later)
        for course in courses.values()
        for earlier, later in pairwise(sorted(course, key=lambda each: each["fiscal_year"]))
        if later["fiscal_year"] - earlier["fiscal_year"] <= YEARS_APART
    ]
    columns: dict[tuple[str, int], list[tuple[Value, Value]]] = {}
    for pair in pairs:
        columns.setdefault((pair[1]["item_code"], pair[1]["fiscal_year"]), []).append(pair)
    whole = {
        key: middle
        for key, found in columns.items()
        if len(found) >= PAIRS_FOR_A_COLUMN
        and _is_far(middle := statistics.median(map(_ratio, found)), COLUMN_RATIO)
    }
    for key, middle in whole.items():
        yield _of_column(columns[key], middle)
    for pair in pairs:
        large = max(pair[0]["value"], pair[1]["value"])
        is_told = (pair[1]["item_code"], pair[1]["fiscal_year"]) in whole
        if not is_told and large >= LARGE_FROM and _is_far(_ratio(pair), CELL_RATIO):
            yield _of_cell(*pair, is_confirmed=pair[1]["area_code"] in confirmed)


def _ratio(pair: tuple[Value, Value]) -> float:
    return float(pair[1]["value"] / pair[0]["value"])


def _is_far(ratio: float, limit: float) -> bool:
    return ratio >= limit or ratio <= 1 / limit


def _two_units(values: Sequence[Value]) -> Iterator[Issue]:
    units: dict[str, set[str]] = {}
    for value in values:
        units.setdefault(value["item_code"], set()).add(value["unit"])
    for item, found in units.items():
        if len(found - {""}) > 1:
            yield Issue(
                "fault",
                f"項目 {item} の単位が二通りあります（{'、'.join(sorted(found))}）。",
                column=item,
                expected="一つの項目には一つの単位",
                advice="配布元から、同じ表の同じ単位で取り直してください。",
            )


def _words(value: Value) -> str:
    return f"{value['fiscal_year']}年度 {value['value']:,.10g}{value['unit']}"


def _of_column(pairs: Sequence[tuple[Value, Value]], middle: float) -> Issue:
    earlier, later = min(pairs, key=lambda pair: abs(_ratio(pair) / middle - 1))
    return Issue(
        "fault",
        f"項目 {later['item_code']} の{later['fiscal_year']}年度の値（比べられる "
        f"{len(pairs):,} 地域の中央値）が、前の年の{middle:,.3g}倍です。"
        f"例: 地域 {later['area_code']} は {_words(earlier)}、{_words(later)}。",
        column=later["item_code"],
        value=f"{later['value']:,.10g}",
        expected="前の年と同じ単位の値",
        advice=_LOOK,
    )


def _of_cell(earlier: Value, later: Value, *, is_confirmed: bool) -> Issue:
    area = later["area_code"]
    return Issue(
        "warning" if is_confirmed else "fault",
        f"項目 {later['item_code']}、地域 {area} の値が、近い年と桁が違います: "
        f"{_words(earlier)}、{_words(later)}。",
        column=later["item_code"],
        value=f"{later['value']:,.10g}",
        expected=f"{earlier['value']:,.10g}{earlier['unit']} に近い桁の値",
        advice=""
        if is_confirmed
        else f"{_LOOK}本当に変わったのなら、--confirmed {area} を付けて登録してください。",
    )
