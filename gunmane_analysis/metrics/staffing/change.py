"""Staffing: how many staff, how that changed, and what they look after.

Every count here is of general administration staff (一般行政部門職員) of municipalities,
not of civil-engineering staff; the latter is published for the nation only
(:func:`rounding_ranges`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from gunmane_analysis.areas import Area, AreaLike, find_area, find_areas
from gunmane_analysis.cache import cached
from gunmane_analysis.metrics.validation import known_until
from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.results import Result

STAFF = "general_staff_count"
_RESIDENTS_PER_UNIT = 1000.0
_KM_PER_UNIT = 100.0
DENSITIES = ("staff_per_1000_residents", "staff_per_100km", "expenditure_per_staff_jpy")


@dataclass(frozen=True)
class YearValue:
    """A value and the fiscal year it belongs to."""

    fiscal_year: int
    value: float


@dataclass(frozen=True, eq=False, repr=False)
class StaffingTrend(Result):
    """Staff of one area over the years, with the years that matter (persons; shares 0-1)."""

    area: Area
    series: pd.DataFrame
    first: YearValue
    trough: YearValue
    latest: YearValue
    change_since_first: float
    change_first_to_trough: float
    change_since_trough: float
    annual_growth_rate: float

    @property
    def is_at_lowest(self) -> bool:
        """Whether the latest year is itself the lowest of the series."""
        return self.trough.fiscal_year == self.latest.fiscal_year


@cached
def staffing_by_area(
    staffing: pd.DataFrame, areas: Sequence[Area], fiscal_year: int
) -> pd.DataFrame:
    """Sum the prefecture table over areas, for every year up to ``fiscal_year``.

    Parameters
    ----------
    staffing : DataFrame
        One row per prefecture and fiscal year (the table ``staffing``).
    areas : sequence of Area
        Nation, blocks or prefectures.
    fiscal_year : int
        The last year to show; later figures are left out.

    Returns
    -------
    DataFrame
        One row per area and fiscal year: ``area_id``, ``area_name``, ``fiscal_year`` and the
        summed columns. A sum with a prefecture missing is missing.

    Raises
    ------
    DesignError
        If an area is smaller than a prefecture, or no year is left.
    """
    known = known_until(staffing, fiscal_year, "fiscal_year")
    refuse_if(staffing.empty, "staffing-no-rows")
    since = staffing["fiscal_year"].min()
    refuse_if(known.empty, "staffing-no-year", year=fiscal_year, since=since)
    for area in areas:
        refuse_if(area.kind == "municipality", "staffing-municipality", area=area.name)
    values = [name for name in staffing.columns if name not in ("prefecture_code", "fiscal_year")]
    names = pd.DataFrame(
        [(place, area.area_id, area.name) for place, area in enumerate(areas)],
        columns=["place", "area_id", "area_name"],
    )
    members = pd.DataFrame(
        [(place, code) for place, area in enumerate(areas) for code in area.prefecture_codes],
        columns=["place", "prefecture_code"],
    )
    grouped = members.merge(known, on="prefecture_code").groupby(["place", "fiscal_year"])[values]
    sizes = members["place"].value_counts()
    summed = grouped.sum()
    is_whole = grouped.count().ge(
        summed.index.get_level_values("place").map(sizes.to_dict()), axis=0
    )
    by_area = summed.where(is_whole).reset_index().merge(names, on="place")
    return by_area[["area_id", "area_name", "fiscal_year", *values]]


def staffing_trend(staffing: pd.DataFrame, area: AreaLike, fiscal_year: int) -> StaffingTrend:
    """Level and change of municipal general administration staff in one area.

    Parameters
    ----------
    staffing : DataFrame
        One row per prefecture and fiscal year.
    area : Area or str
        Nation, block or prefecture.
    fiscal_year : int
        The year reported; it must have a figure.

    Returns
    -------
    StaffingTrend
        Changes are shares of the earlier value (-0.217 = 21.7 % fewer); the annual growth
        rate is the compound rate between the first and the latest year. Trough is the first
        year in which the lowest count stands.

    Raises
    ------
    DesignError
        If the reported year has no figure.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_staffing
    >>> trend = staffing_trend(load_staffing(), find_area("tohoku"), 2024)
    >>> round(trend.change_since_first, 3)
    -0.217
    """
    area = find_area(area)
    by_area = staffing_by_area(staffing, [area], fiscal_year)
    series = by_area[["fiscal_year", STAFF]].dropna().reset_index(drop=True)
    counted = staffing.dropna(subset=[STAFF])["fiscal_year"]
    refuse_if(
        series.empty or int(series["fiscal_year"].iloc[-1]) != fiscal_year, "staffing-no-figure",
        area=area.name, year=fiscal_year, first=counted.min(), last=counted.max(),
    )  # fmt: skip
    first, latest = _year_value(series, 0), _year_value(series, len(series) - 1)
    trough = _year_value(series, int(series[STAFF].to_numpy().argmin()))
    return StaffingTrend(
        area=area,
        series=series,
        first=first,
        trough=trough,
        latest=latest,
        change_since_first=change_rate(first.value, latest.value),
        change_first_to_trough=change_rate(first.value, trough.value),
        change_since_trough=change_rate(trough.value, latest.value),
        annual_growth_rate=annual_growth_rate(first, latest),
    )


def _year_value(series: pd.DataFrame, position: int) -> YearValue:
    row = series.iloc[position]
    return YearValue(int(row["fiscal_year"]), float(row[STAFF]))


def change_rate(earlier: float, later: float) -> float:
    """Return the change as a share of the earlier value.

    Examples
    --------
    >>> round(change_rate(847_382, 709_421), 4)
    -0.1628
    """
    refuse_if(earlier == 0, "change-from-zero")
    return later / earlier - 1.0


def annual_growth_rate(first: YearValue, latest: YearValue) -> float:
    """Return the compound annual growth rate between two years (0 for a single year)."""
    years = latest.fiscal_year - first.fiscal_year
    if years == 0:
        return 0.0
    return float((1.0 + change_rate(first.value, latest.value)) ** (1.0 / years) - 1.0)


def staffing_index(
    staffing: pd.DataFrame, areas: Iterable[AreaLike], fiscal_year: int
) -> pd.DataFrame:
    """Staff as an index, each area's first year = 100.

    Returns
    -------
    DataFrame
        One row per area and fiscal year: ``area_id``, ``area_name``, ``fiscal_year``,
        ``general_staff_count``, ``base_fiscal_year`` and ``staff_index``.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_staffing
    >>> index = staffing_index(load_staffing(), [find_area("japan")], 2024)
    >>> round(float(index["staff_index"].iloc[-1]), 1)
    83.7
    """
    areas = find_areas(areas)
    by_area = staffing_by_area(staffing, areas, fiscal_year)
    counted = by_area.dropna(subset=[STAFF])
    grouped = counted.groupby("area_id", sort=False)
    return counted[["area_id", "area_name", "fiscal_year", STAFF]].assign(
        base_fiscal_year=grouped["fiscal_year"].transform("first"),
        staff_index=counted[STAFF] / grouped[STAFF].transform("first") * 100.0,
    )


def staffing_density(
    staffing: pd.DataFrame, areas: Iterable[AreaLike], fiscal_year: int
) -> pd.DataFrame:
    """Staff against residents, municipal roads and civil-engineering expenditure.

    Numerator and denominator always belong to the same fiscal year, so each measure ends in
    the last year in which both are published.

    Returns
    -------
    DataFrame
        One row per area and fiscal year: ``staff_per_1000_residents`` (staff on 1 April per
        1,000 residents on 1 October), ``staff_per_100km`` (per 100 km of municipal road),
        ``expenditure_per_staff_jpy`` (municipal civil-engineering expenditure per general
        administration staff member, yen).

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_staffing
    >>> density = staffing_density(load_staffing(), [find_area("japan")], 2024)
    >>> round(float(density["staff_per_1000_residents"].iloc[-1]), 2)
    5.73
    """
    areas = find_areas(areas)
    by_area = staffing_by_area(staffing, areas, fiscal_year)
    staff = by_area[STAFF]
    return by_area[["area_id", "area_name", "fiscal_year"]].assign(
        staff_per_1000_residents=staff / by_area["population_count"] * _RESIDENTS_PER_UNIT,
        staff_per_100km=staff / by_area["municipal_road_length_km"] * _KM_PER_UNIT,
        expenditure_per_staff_jpy=by_area["civil_engineering_expenditure_jpy"] / staff,
    )


def latest_density(density: pd.DataFrame) -> pd.DataFrame:
    """Return each area's last published value of each density, with its year.

    Parameters
    ----------
    density : DataFrame
        From :func:`staffing_density`.

    Returns
    -------
    DataFrame
        One row per area: each density and its ``<density>_fiscal_year``. The year is the
        same for all areas: the last in which every area has the figure.
    """
    latest = density[["area_id", "area_name"]].drop_duplicates().reset_index(drop=True)
    for name in DENSITIES:
        by_year = density.pivot(index="fiscal_year", columns="area_id", values=name)
        complete = by_year.dropna(how="any")
        if complete.empty:
            latest[name], latest[f"{name}_fiscal_year"] = float("nan"), pd.NA
        else:
            latest[name] = latest["area_id"].map(complete.iloc[-1])
            latest[f"{name}_fiscal_year"] = int(complete.index[-1])
    return latest


@cached
def staffing_comparison(
    staffing: pd.DataFrame, areas: Iterable[AreaLike], fiscal_year: int
) -> pd.DataFrame:
    """Put areas side by side: level, changes, and densities.

    Returns
    -------
    DataFrame
        One row per area in the given order: ``area_id``, ``area_name``, ``area_kind``,
        ``general_staff_count`` in the reported year, ``first_fiscal_year``,
        ``trough_fiscal_year``, ``change_since_first``, ``change_since_trough``,
        ``annual_growth_rate``, and the densities with their years.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_staffing
    >>> compared = staffing_comparison(load_staffing(), find_area("tohoku").lineage, 2024)
    >>> compared[["area_id", "general_staff_count"]].values.tolist()
    [['tohoku', 56663.0], ['japan', 709421.0]]
    """
    areas = find_areas(areas)
    trends = [staffing_trend(staffing, area, fiscal_year) for area in areas]
    rows = pd.DataFrame(
        {
            "area_id": trend.area.area_id,
            "area_kind": trend.area.kind,
            STAFF: trend.latest.value,
            "first_fiscal_year": trend.first.fiscal_year,
            "trough_fiscal_year": trend.trough.fiscal_year,
            "change_since_first": trend.change_since_first,
            "change_since_trough": trend.change_since_trough,
            "annual_growth_rate": trend.annual_growth_rate,
        }
        for trend in trends
    )
    density = latest_density(staffing_density(staffing, areas, fiscal_year))
    return density.merge(rows, on="area_id", validate="one_to_one")


def newest_points(points: pd.DataFrame) -> pd.DataFrame:
    """Return one edition of each published national figure: of the latest period, the most precise.

    If several documents publish a figure for the same period, the one with the narrowest rounding
    is used ("26%" rather than "about 26%"); if these are equally precise, the last one known.

    Parameters
    ----------
    points : DataFrame
        One row per document and figure (the table ``national_points``).

    Returns
    -------
    DataFrame
        The rows taken, the latest period first.

    Examples
    --------
    >>> printed = pd.DataFrame({"point_id": "fall", "value": [-0.26, -0.26, -0.28],
    ...     "from_year": 1996, "to_year": [2024, 2024, 2025],
    ...     "precision": [None, 0.01, None], "known_fiscal_year": [2024, 2024, 2025]})
    >>> newest_points(printed)["value"].tolist(), newest_points(printed[:2]).index.tolist()
    ([-0.28], [1])
    """
    order = {"to_year": False, "from_year": True, "precision": True, "known_fiscal_year": False}
    return points.sort_values([*order], ascending=[*order.values()]).drop_duplicates("point_id")


def rounding_ranges(points: pd.DataFrame, fiscal_year: int) -> pd.DataFrame:
    """Give each printed national figure the range that its rounding leaves open.

    Parameters
    ----------
    points : DataFrame
        One row per document and figure (the table ``national_points``).
    fiscal_year : int
        Figures dated after this year are left out.

    Returns
    -------
    DataFrame
        The figures known by then with ``value_low`` and ``value_high``: half a rounding unit
        to either side (-26 % printed = -26.5 % to -25.5 %); missing where the document says
        "about".

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_national_points
    >>> ranges = rounding_ranges(load_national_points(), 2024).dropna(subset=["precision"])
    >>> ranges.loc[ranges["value"] == -0.26, ["value_low", "value_high"]].round(3).values.tolist()
    [[-0.265, -0.255]]
    """
    known = known_until(points, fiscal_year)
    half = known["precision"] / 2.0
    return known.assign(
        value_low=known["value"] - half, value_high=known["value"] + half
    ).reset_index(drop=True)
