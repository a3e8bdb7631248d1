"""Findings of the theme ``profile``: an area among its peers, municipalities side by side."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import Area, AreaLike, children, find_area
from gunmane_analysis.findings.described import absent_finding, described_finding
from gunmane_analysis.findings.finding import Column, Finding
from gunmane_analysis.findings.pages.area import indicator_columns, indicator_sources
from gunmane_analysis.metrics.staffing.panel import PanelResult, StaffRegression
from gunmane_analysis.sources import sources_in_use
from gunmane_analysis.wording import signed_words, yen

_NOT_CIVIL = "一般行政部門職員は土木部門の職員ではない。"
SIDE_BY_SIDE = (
    "general_staff_count",
    "staff_per_1000_residents",
    "staff_per_100km",
    "staff_change_since_2021",
    "expenditure_per_resident_jpy",
    "fiscal_strength_index",
    "repair_share",
    "population_2050_share",
    "technician_count",
)
_RANKED = ("staff_per_100km", "repair_share")
_YEARS = "各列の年度は見出しのとおりで、列により異なる。"
_BEFORE_2020 = ("civil_engineering_expenditure_jpy", "expenditure_change_since_2015")
_BY_YEAR = (
    "general_staff_count",
    "population_count",
    "civil_engineering_expenditure_jpy",
    "expenditure_per_resident_jpy",
    "road_length_km",
    "fiscal_strength_index",
    "current_balance_ratio",
    "debt_service_ratio",
    "future_burden_ratio",
)


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
    placed = municipalities[list(_RANKED)].rank(method="min", ascending=False)
    municipalities = municipalities.join(placed.add_suffix("_rank"))
    own = municipalities[municipalities["municipality_code"] == area.area_id]
    inside = municipalities[municipalities["prefecture_code"].isin(area.prefecture_codes)]
    borders: tuple[str, ...] = ()
    caveats = [_NOT_CIVIL, _YEARS]
    if area.kind == "municipality":
        codes = () if neighbours is None else tuple(neighbours["municipality_code"])
        near = municipalities[municipalities["municipality_code"].isin(codes)]
        rows, finding_id = pd.concat([own, near]), "profile.neighbours"
        title = f"{area.name}と陸続きの市区町村"
        names = "、".join(map(str, near["area_name"]))
        headline = (
            f"{area.name}と陸続きの市区町村は{len(near)}（{names}）である。"
            if len(near)
            else f"{area.name}と陸続きの市区町村はない。"
        )
        borders = ("adjacency",)
        caveats.append("境界線を共有する市区町村。橋やトンネルだけでつながる島は数えない。")
    elif area.kind == "prefecture":
        rows, finding_id = inside, "profile.municipalities"
        title, headline = f"{area.name}の{len(rows)}市区町村", _range_words(rows, area)
    else:
        rows, finding_id = _medians(inside, area), "profile.municipalities"
        title = f"{area.name}の{len(inside):,}市区町村の中央値"
        headline = _range_words(inside, area)
        caveats.append("各行は、その区域の市区町村の中央値。括弧内は市区町村の数。")
    known = [name for name in SIDE_BY_SIDE if rows[name].notna().any()] or list(_BEFORE_2020)
    counted = _RANKED if "municipality_code" in rows else ()
    ranked = [name for name in counted if name in known]
    if ranked:
        title += f"（順位は全国の{len(municipalities):,}の中の、大きい順）"
    is_alone = finding_id == "profile.neighbours" and len(rows) == 1
    columns = (
        Column("area_name", "市区町村" if len(own) or rows is inside else "区域"),
        *indicator_columns(
            known, {name: rows[f"{name}_year"].max() for name in known}, ranked=ranked
        ),
    )
    return Finding(
        finding_id=finding_id,
        title=title,
        headline=headline,
        table=rows.reset_index(drop=True),
        columns=() if is_alone else columns,
        source_ids=indicator_sources(known, "municipality", *borders),
        caveats=tuple(caveats[-1:] if is_alone else caveats),
    )


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
    own = own[own["indicator_id"].isin(_BY_YEAR)].dropna(subset=["value"])
    if area.kind != "municipality" or own.empty:
        return absent_finding("profile.by_year")
    table = own.astype({"indicator_id": "str"}).pivot(
        index="year", columns="indicator_id", values="value"
    )
    known = [name for name in _BY_YEAR if name in table]
    money = table.get("civil_engineering_expenditure_jpy", pd.Series(dtype="float64")).dropna()
    headline = f"{area.name}の{table.index.min()}〜{table.index.max()}年度の数値を示す。"
    if len(money) > 1:
        headline += (
            f"土木費は{money.index[0]}年度の{yen(money.iloc[0])}から{money.index[-1]}年度の"
            f"{yen(money.iloc[-1])}となった（最も多い年は{money.idxmax()}年度の"
            f"{yen(money.max())}、最も少ない年は{money.idxmin()}年度の{yen(money.min())}）。"
        )
    return described_finding(
        "profile.by_year",
        table.reset_index(),
        headline,
        words={"area": area.name},
        source_ids=indicator_sources(known, "municipality"),
        columns=("year", *indicator_columns(known)),
    )


def _range_words(rows: pd.DataFrame, area: Area) -> str:
    """Word the smallest, the median and the largest staff per resident of a prefecture."""
    name = "staff_per_1000_residents"
    known = rows.dropna(subset=[name])
    if known.empty:
        return f"{area.name}の{len(rows)}市区町村の数値を示す。"
    by_value = known.sort_values(name).to_dict("records")
    low, high = by_value[0], by_value[-1]
    return (
        f"{area.name}の{len(known):,}市区町村で、人口千人当たりの一般行政部門職員は"
        f"{low['area_name']}の{low[name]:.1f}人から{high['area_name']}の{high[name]:.1f}人まで"
        f"（中央値{known[name].median():.1f}人）である。"
    )


_REGRESSORS = {"population_count": "人口", "civil_engineering_expenditure_jpy": "土木費（名目）"}


def staff_regression_finding(found: StaffRegression | None) -> Finding:
    """Word the elasticities with their intervals, or what is missing; absent for small areas.

    Examples
    --------
    >>> staff_regression_finding(None).placement
    'absent'
    """
    if found is None:
        return absent_finding("profile.staff_regression")
    if found.result is None:
        return described_finding(
            "profile.staff_regression",
            pd.DataFrame(),
            f"{found.area.name}の市区町村について、職員数と人口・土木費の動きは"
            f"求められない。{found.reason}",
            columns=(),
            is_empty=True,
            source_ids=("prefecture_series",),
        )
    result = found.result
    table = result.coefficients.assign(label=result.coefficients["regressor"].map(_REGRESSORS))
    years = "・".join(map(str, found.years))
    return described_finding(
        "profile.staff_regression",
        table,
        _elasticity_words(found, result, years),
        source_ids=sources_in_use("ssdse_a", "municipal_panel"),
        caveats=(
            "ともに動いたことを示すもので、人口や土木費が職員数を変えたことを示さない。"
            f"用いたのは{years}の{result.year_count}年度だけで、その間の動きは小さい。",
            f"区間の計算では、同じ市区町村の年ごとのずれが互いに関わることを許した"
            f"（{result.cluster_count:,}市区町村）。"
            + (f"値がそろわない{found.dropped_count}件は除いた。" if found.dropped_count else ""),
            *result.warnings,
        ),
        certainty=f"市区町村{result.unit_count:,}、年度{result.year_count}、"
        f"観測{result.observation_count:,}。水準と年を除いた残りの動きのうち"
        f"{result.within_r_squared:.1%}を説明する。",
    )


def _elasticity_words(found: StaffRegression, result: PanelResult, years: str) -> str:
    effects = "、".join(
        f"{_REGRESSORS[str(row['regressor'])]}が1%多いと{signed_words(row['estimate'], 2)}%"
        f"（95%の区間 {signed_words(row['low'], 2)}〜{signed_words(row['high'], 2)}%）"
        for row in result.coefficients.to_dict("records")
    )
    return (
        f"{found.area.name}の{result.unit_count:,}市区町村の一般行政部門職員数"
        f"（土木部門職員数ではない、{years}年度）は、市区町村と年度の違いを除くと、{effects}である。"
    )
