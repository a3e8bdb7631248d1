"""検算: national figures as the documents print them, and what other figures give for them.

Each kind of claim has its words in ``claims.yml``; here are only the figures that fill them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gunmane_analysis.areas import AreaLike, find_area
from gunmane_analysis.metrics.funnel.readings import FORUM_NAMES, FUNNEL_ITEM
from gunmane_analysis.metrics.staffing.change import newest_points
from gunmane_analysis.metrics.validation import known_until
from gunmane_analysis.paths import read_yaml

VERDICTS = AGREES, DIFFERS, NOT_COMPARABLE = ["合う", "合わない", "比べられない"]
COLUMNS = [
    "claim_id", "label", "printed_text", "printed", "recomputed", "half_digit", "unit",
    "computation", "source_ids", "reason", "obstacle", "verdict",
]  # fmt: skip
_MAN, _OKU = 1e4, 1e8
_CASE_POPULATION_YEAR = 2023  # the register of 1 January 2024; the document prints no date
_MUNICIPALITY_COUNT = 1741
_UNGROUPED_COUNT = 1729  # the outlook takes 13 municipalities of 浜通り as one

# Kind, recomputed figure, whether the kind's reason applies, and what fills the words, among it
# the printed figure as ``value``.
_Row = Mapping[Any, Any]
_Claim = tuple[str, float, bool, _Row]


def check_claims(
    points: pd.DataFrame,
    participation: pd.DataFrame,
    membership: pd.DataFrame,
    kpi: pd.DataFrame,
    cases: pd.DataFrame,
    facts: pd.DataFrame,
    staffing: pd.DataFrame,
    municipal: pd.DataFrame,
    fiscal_year: int,
    area: AreaLike | None = None,
) -> pd.DataFrame:
    """Recompute every national figure of the documents that other figures can check.

    Parameters
    ----------
    points, participation, membership, kpi, cases, facts : DataFrame
        What is printed: ``national_points``, ``participation``, ``membership``, ``kpi``,
        ``contract_cases``, ``national_facts_public``.
    staffing, municipal : DataFrame
        ``staffing`` and :func:`gunmane_analysis.load_municipal_values`.
    fiscal_year : int
        Claims that became known later are left out.
    area : Area or str, optional
        Whose page asks; nothing is computed for any but the nation's.

    Returns
    -------
    DataFrame
        One row per claim: ``claim_id``, ``label``, ``printed_text``, ``printed`` and
        ``recomputed`` (in ``unit``; missing where there is none to compute), ``half_digit``
        (half of the last printed digit, up to which they agree), ``unit``, ``computation``
        (both numbers of a rate), ``source_ids``, ``reason`` (a note), ``obstacle`` (why two
        figures must not be compared) and ``verdict`` (「合う」「合わない」「比べられない」).

    Examples
    --------
    >>> import gunmane_analysis as g
    >>> claims = check_claims(g.load_national_points(), g.load_participation(),
    ...     g.load_membership(), g.load_kpi(), g.load_contract_cases(), g.load_national_facts(),
    ...     g.load_staffing(), g.load_municipal_values(), 2024)
    >>> claims.set_index("claim_id").loc["municipalities_losing_30pct_share", "computation"]
    '1,047／1,729市区町村'
    """
    area = None if area is None else find_area(area)
    if area is not None and area.kind != "nation":
        return pd.DataFrame(columns=COLUMNS)
    points, participation, membership, kpi, cases = (
        known_until(table, fiscal_year) for table in (points, participation, membership, kpi, cases)
    )
    values = known_until(municipal, fiscal_year, "year")
    staff = staffing.groupby("fiscal_year")["general_staff_count"].sum(min_count=1).dropna()
    claims = [
        *_of_points(points, facts, staff[staff.index <= fiscal_year], values),
        *_of_series(staff, values[values["year"] == fiscal_year], fiscal_year),
        *_of_participation(participation),
        *_of_membership(membership),
        *_of_kpi(kpi),
        *_of_cases(cases, values),
        *(_of_facts(facts) if fiscal_year >= facts["as_of"].str[:4].astype("int64").max() else ()),
    ]
    words = read_yaml(Path(__file__).with_suffix(".yml"))
    rows = [_worded(words[claim[0]], claim) for claim in claims]
    return with_verdict(pd.DataFrame(rows, columns=COLUMNS[:-1]))


def with_verdict(claims: pd.DataFrame) -> pd.DataFrame:
    """Add whether printed and recomputed figures agree to half of the last printed digit."""
    agree = (claims["printed"] - claims["recomputed"]).abs() <= claims["half_digit"] + 1e-9
    verdict = np.where(agree, AGREES, DIFFERS)
    return claims.assign(verdict=np.where(claims["obstacle"] != "", NOT_COMPARABLE, verdict))


def _worded(words: Mapping[str, Any], claim: _Claim) -> dict[str, object]:
    _, recomputed, has_reason, row = claim
    texts = {"obstacle": "", **words, "reason": words.get("reason", "") if has_reason else ""}
    found = {key: text.format(**row) for key, text in texts.items() if isinstance(text, str)}
    return {
        **found,
        "printed": float(row["value"]),
        "recomputed": float(recomputed),
        "half_digit": words["half_digit"],
        "source_ids": tuple(words["sources"]),
    }


def _sum(kind: str, parts: pd.Series, total: float, row: _Row) -> _Claim:
    shown = "＋".join(f"{part:,.0f}" for part in parts)
    return kind, parts.sum(), True, {**row, "value": total, "parts": shown}


def _of_points(
    points: pd.DataFrame, facts: pd.DataFrame, staff: pd.Series, values: pd.DataFrame
) -> Iterator[_Claim]:
    printed = {row["point_id"]: row for row in newest_points(points).to_dict("records")}
    share, later = (
        values.loc[values["indicator_id"] == f"population_2050_{name}", "value"]
        for name in ("share", "count")
    )
    for name, is_counted in (("losing_30pct", share <= 0.7), ("under_10000", later < _MAN)):
        row = printed.get(f"municipalities_{name}_share")
        if row and len(is_counted):
            count, total = int(is_counted.sum()), len(is_counted)
            is_noted = total == _UNGROUPED_COUNT
            yield "outlook", count / total, is_noted, {**row, "count": count, "total": total}
    if row := printed.get("no_technician_municipality_share"):
        none = facts["what"].str.startswith("土木・建築の技師数が0人")
        is_same_year = facts["as_of"].str.startswith(f"{row['to_year']:.0f}")
        parts = facts.loc[none & is_same_year, "value"].astype("int64")
        claim = _sum("technicians", parts, row["value"], row)
        filled = {**claim[3], "count": parts.sum(), "total": _MUNICIPALITY_COUNT}
        if len(parts):
            yield "technicians", parts.sum() / _MUNICIPALITY_COUNT, True, filled
    civil, whole = (printed.get(f"{name}_staff_change_rate") for name in ("civil", "total"))
    if civil and whole:
        first, last = _civil_staff(facts)
        yield "civil_staff", last / first - 1.0, True, {**civil, "count": last, "total": first}
        years, ends = (staff.index.min(), staff.index.max()), staff.iloc[[0, -1]].to_list()
        row = {**whole, "count": ends[1], "total": ends[0], "start": years[0], "end": years[1]}
        yield "total_staff", ends[1] / ends[0] - 1.0, True, row
        gap = printed.get("civil_minus_total_rate_gap")
        if gap and civil["to_year"] == whole["to_year"] == gap["to_year"]:
            shown = {"civil": -civil["value"], "whole": -whole["value"]}
            yield "staff_gap", civil["value"] - whole["value"], True, {**gap, **shown}


def _civil_staff(facts: pd.DataFrame) -> tuple[float, float]:
    """Return the first and the last count of civil-engineering staff of all bodies."""
    rows = facts[facts["what"] == "土木部門職員数(地方公共団体計)"].sort_values("as_of")
    first, last = rows["value"].astype("float64").iloc[[0, -1]]
    return first, last


def _of_series(staff: pd.Series, values: pd.DataFrame, fiscal_year: int) -> Iterator[_Claim]:
    """Compare the staff of the prefecture series with the sum over municipalities."""
    own = values.loc[values["indicator_id"] == "general_staff_count", "value"]
    if len(own) and fiscal_year in staff.index:
        row = {"year": fiscal_year, "value": staff[fiscal_year], "total": len(own)}
        yield "series", own.sum(), True, row


def _of_participation(participation: pd.DataFrame) -> Iterator[_Claim]:
    known = participation.dropna(subset=["municipality_count", "rate_printed"])
    for row in known.rename(columns={"rate_printed": "value"}).to_dict("records"):
        is_given = not pd.isna(row["municipality_total"])
        total = row["municipality_total"] if is_given else _MUNICIPALITY_COUNT
        filled = {**row, "count": row["municipality_count"], "total": total}
        yield row["programme"], filled["count"] / total, not is_given, filled


def _of_membership(membership: pd.DataFrame) -> Iterator[_Claim]:
    for kind in ("member_count", "increase_printed"):
        for day, rows in membership.dropna(subset=[kind]).groupby("as_of_on"):
            is_total = rows["member_kind"] == "total"
            if not is_total.all():
                total = rows.loc[is_total, kind].iloc[0]
                yield _sum(kind, rows.loc[~is_total, kind], total, {"as_of_on": day})
    counts = membership.dropna(subset=["member_count"])
    first = counts.sort_values("as_of_on").groupby("member_kind")["member_count"].first()
    known = counts.dropna(subset=["increase_printed"])
    known = known.assign(before=known["member_kind"].map(first), value=known["increase_printed"])
    for row in known.to_dict("records"):
        yield "increase", row["member_count"] - row["before"], True, row


def _of_kpi(kpi: pd.DataFrame) -> Iterator[_Claim]:
    levels = {"total": "全体", **FORUM_NAMES}
    results = kpi.dropna(subset=["result"])
    by_level = results[results["item_id"] == FUNNEL_ITEM].groupby(
        ["fiscal_year", "forum_level"], sort=False
    )
    for (_, level), rows in by_level:
        is_part = rows["stage"].notna()
        if is_part.any() and not is_part.all():
            row = {**rows[~is_part].iloc[0].to_dict(), "level": levels[str(level)]}
            yield _sum("stages", rows.loc[is_part, "result"], row["result"], row)
    results = results.assign(stage=results["stage"].fillna(""))
    for _, rows in results.groupby(["fiscal_year", "item_id", "stage"], sort=False):
        parts = rows.set_index("forum_level")
        if set(levels) <= set(parts.index):
            row = rows[rows["forum_level"] == "total"].iloc[0].to_dict()
            yield _sum("levels", parts.loc[list(FORUM_NAMES), "result"], row["result"], row)


def _of_cases(cases: pd.DataFrame, values: pd.DataFrame) -> Iterator[_Claim]:
    for row in cases.dropna(subset=["annual_printed_jpy"]).to_dict("records"):
        years = row["term_months"] / 12.0
        annual = row["amount_low_jpy"] / years
        filled = {**row, "years": years, "value": row["annual_printed_jpy"] / _OKU}
        yield "annual", annual / _OKU, bool(annual % 1e7), filled
    is_used = values["indicator_id"] == "population_count"
    here = values[is_used & (values["year"] == _CASE_POPULATION_YEAR)]
    residents = here.astype({"area_id": "str"}).set_index("area_id")["value"]
    placed = cases.assign(residents=cases["municipality_code"].map(residents))
    for row in placed.dropna(subset=["residents"]).to_dict("records"):
        kind = "population" if row["population_count"] % _MAN else "population_whole"
        filled = {**row, "value": row["population_count"] / _MAN}
        yield kind, row["residents"] / _MAN, True, filled


def _of_facts(facts: pd.DataFrame) -> Iterator[_Claim]:
    is_staff = facts["what"].str.startswith("土木部門職員数(") & (facts["as_of"].str.len() == 10)
    for day, rows in facts[is_staff].groupby("as_of"):
        by_body = rows.set_index("what")["value"].astype("float64")
        if "土木部門職員数(全団体)" in by_body:
            total = by_body.pop("土木部門職員数(全団体)")
            yield _sum("civil_staff_sum", by_body, total, {"as_of": day})
    rate = facts.loc[facts["what"] == "土木部門職員数の増減(地方公共団体計)", "value"]
    if len(rate):
        (first, last), printed = _civil_staff(facts), float(rate.iloc[0])
        row = {"value": printed / 100.0, "size": abs(printed), "count": last, "total": first}
        yield "civil_staff_all", last / first - 1.0, True, row
