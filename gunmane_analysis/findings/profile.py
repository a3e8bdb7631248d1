"""Findings of the theme ``profile``: an area among its peers, municipalities side by side."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import Area, AreaLike, children, find_area
from gunmane_analysis.findings.described import absent_finding, described_finding, listed, sentences
from gunmane_analysis.findings.finding import Finding
from gunmane_analysis.findings.pages.area import indicator_columns, indicator_sources
from gunmane_analysis.metrics.position.context import WHOLE_FROM
from gunmane_analysis.metrics.staffing.panel import StaffRegression
from gunmane_analysis.refusals import Unanswered
from gunmane_analysis.sources import sources_in_use
from gunmane_analysis.tables.indicators import indicators


def municipalities_finding(
    municipalities: pd.DataFrame, area: AreaLike, neighbours: pd.DataFrame | None = None
) -> Finding:
    """Put municipalities side by side: all of a prefecture, or one and its land neighbours.

    For a block or the nation, whose municipalities are too many, the medians of those of each
    prefecture or block.

    Parameters
    ----------
    municipalities : DataFrame
        From :func:`gunmane_analysis.loaders.indicators.load_municipalities`.
    area : Area or str
    neighbours : DataFrame, optional
        The neighbours' rows of a municipality
        (:func:`gunmane_analysis.metrics.position.context.neighbour_profile`).

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_municipalities
    >>> len(municipalities_finding(load_municipalities(2024), find_area("05")).table)
    25
    """
    area = find_area(area)
    inside = municipalities[municipalities["prefecture_code"].isin(area.prefecture_codes)]
    finding_id, rows, near = "profile.municipalities", inside, inside.iloc[:0]
    if area.kind == "municipality":
        codes = () if neighbours is None else neighbours["municipality_code"]
        near = municipalities[municipalities["municipality_code"].isin(codes)]
        own = municipalities[municipalities["municipality_code"] == area.area_id]
        finding_id, rows = "profile.neighbours", pd.concat([own, near])
    elif area.kind != "prefecture":
        finding_id, rows = "profile.medians", _medians(inside, area)
    names = listed("profile.municipalities", "indicators")
    known = [name for name in names if rows[name].notna().any()]
    known = known or listed("profile.municipalities", "before_2020")
    ranked = [name for name in listed(finding_id, "ranked") if name in known]
    placed = municipalities[ranked].rank(method="min", ascending=False)
    rows = rows.join(placed.add_suffix("_rank")).reset_index(drop=True)
    density = inside.set_index("area_name")["staff_per_1000_residents"].dropna().sort_values()
    is_town = area.kind == "municipality"
    is_alone = is_town and near.empty  # a sentence, and no table of itself
    return described_finding(
        finding_id,
        rows,
        words={
            "area": area.name,
            "count": len(inside),
            "ranked": len(municipalities) if ranked else None,
            "near": list(near["area_name"]),
            "near_count": len(near),
            "known": len(density),
            "ends": list(density.iloc[[0, -1]].items()) if len(density) else None,
            "median": density.median(),
            "answers": _answers(inside[known]),
        },
        columns=() if is_alone else ("area_name", *indicator_columns(known, rows)),
        source_ids=indicator_sources(known, "municipality", *["adjacency"] * is_town),
        case="alone" if is_alone else "",
    )


def _answers(known: pd.DataFrame) -> list[str]:
    """Word how many answered, of each indicator that too few have for a median of all."""
    counts = known.notna().sum()
    few = counts[counts < WHOLE_FROM * len(known)].rename_axis("indicator_id")
    labels = {name: indicators()[name].label for name in few.index}
    rows = few.rename("count").reset_index().replace({"indicator_id": labels})
    return sentences("profile.medians", "answer", rows)


def _medians(inside: pd.DataFrame, area: Area) -> pd.DataFrame:
    """Return the medians of the municipalities of each prefecture or block of an area."""
    rows = []
    for place in children(area):
        members = inside[inside["prefecture_code"].isin(place.prefecture_codes)]
        named = {"area_name": f"{place.name}（{len(members):,}）"}
        rows.append(named | members.select_dtypes("float64").median().to_dict())
    return pd.DataFrame(rows)


def by_year_finding(values: pd.DataFrame, area: AreaLike, fiscal_year: int) -> Finding:
    """Put a municipality's own figures in one table, a row a year; absent for other areas.

    Parameters
    ----------
    values : DataFrame
        :func:`gunmane_analysis.load_municipal_values`.
    area : Area or str
    fiscal_year : int
        Later years are left out.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_municipal_values
    >>> len(by_year_finding(load_municipal_values(), find_area("05204"), 2024).table)
    10
    """
    area = find_area(area)
    own = values[(values["area_id"] == area.area_id) & (values["year"] <= fiscal_year)]
    shown = listed("profile.by_year", "indicators")
    own = own[own["indicator_id"].isin(shown)].dropna(subset=["value"])
    if area.kind != "municipality" or own.empty:
        return absent_finding("profile.by_year")
    table = own.astype({"indicator_id": "str"}).pivot(
        index="year", columns="indicator_id", values="value"
    )
    known = [name for name in shown if name in table]
    money = table.get("civil_engineering_expenditure_jpy", pd.Series(dtype="float64")).dropna()
    years = [(year, money[year]) for year in (money.index[[0, -1]] if len(money) > 1 else ())]
    return described_finding(
        "profile.by_year",
        table.reset_index(),
        words={
            "area": area.name,
            "first": table.index.min(),
            "last": table.index.max(),
            "years": years or None,
            "most": (money.idxmax(), money.max()) if years else None,
            "least": (money.idxmin(), money.min()) if years else None,
        },
        source_ids=indicator_sources(known, "municipality"),
        columns=("year", *indicator_columns(known)),
    )


_REGRESSORS = {"population_count": "人口", "civil_engineering_expenditure_jpy": "土木費（名目）"}


def staff_regression_finding(found: StaffRegression | Unanswered) -> Finding:
    """Word the elasticities with their intervals, or what is missing; absent for small areas.

    Examples
    --------
    >>> staff_regression_finding(Unanswered("")).placement
    'absent'
    """
    if not found:
        return absent_finding("profile.staff_regression")
    words = {"area": found.area.name, "found": found, "years": "・".join(map(str, found.years))}
    if found.result is None:
        return described_finding(
            "profile.staff_regression", pd.DataFrame(), case="not_computed", words=words, columns=()
        )
    result = found.result
    table = result.coefficients.assign(label=result.coefficients["regressor"].map(_REGRESSORS))
    return described_finding(
        "profile.staff_regression",
        table,
        words=words
        | {
            "result": result,
            "effects": sentences("profile.staff_regression", "effect", table),
            "dropped": found.dropped_count or None,
        },
        source_ids=sources_in_use("ssdse_a", "municipal_panel"),
        caveats=result.warnings,
    )
