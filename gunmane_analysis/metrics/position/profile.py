"""Profile: one municipality's staff, money, roads and bridges beside similar municipalities.

Every figure is the last one published up to the reported year, and carries that year. A
numerator and its denominator always belong to the same year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from gunmane_analysis.areas import Area, list_areas
from gunmane_analysis.errors import DesignError
from gunmane_analysis.memory import remembered
from gunmane_analysis.tables.people import technician_counts

SIMILAR_COUNT = 20
_RESIDENTS_PER_UNIT = 1000.0
_METRES_PER_KM = 1000.0
_HA_PER_KM2 = 100.0
# The measure of likeness: each standardised over all municipalities, sizes in logarithms.
LIKENESS: Mapping[str, bool] = MappingProxyType(
    {
        "population_count": True,
        "area_km2": True,
        "road_length_km": True,
        "fiscal_strength_index": False,
    }
)
MEASURES: tuple[str, ...] = (
    "population_count",
    "fiscal_strength_index",
    "expenditure_per_resident_jpy",
    "expenditure_per_km_jpy",
    "general_staff_per_1000_residents",
    "staff_count",
    "civil_staff_count",
    "technician_count",
    "road_length_km",
    "bridges_inspected_count",
    "bridges_needing_repair_count",
    "repair_share",
    "construction_worker_count",
)


@dataclass(frozen=True)
class Standing:
    """One area's measures beside similar municipalities, its block and the nation.

    Attributes
    ----------
    table : DataFrame
        One row per measure that is known for any municipality: ``measure``, ``fiscal_year``,
        ``value`` (the municipality's; the median of an area's municipalities), ``similar``,
        ``block`` and ``nation`` (medians), ``place`` (share of all municipalities with a
        lower value, 0-1) and ``known_count``.
    similar : DataFrame
        One row per similar municipality: ``municipality_code``, ``area_name``, ``distance``.
    """

    area: Area
    fiscal_year: int
    table: pd.DataFrame
    similar: pd.DataFrame

    def value_of(self, measure: str) -> float | None:
        """Return the area's value of a measure, or None where it is not known."""
        row = self.table[self.table["measure"] == measure]
        if row.empty or pd.isna(row["value"].iloc[0]):
            return None
        return float(row["value"].iloc[0])


@remembered
def municipal_profile(
    panel: pd.DataFrame,
    indicators: pd.DataFrame,
    fiscal_index: pd.DataFrame,
    staffing: pd.DataFrame,
    fiscal_year: int,
) -> pd.DataFrame:
    """Put together the last known figures of every municipality.

    Parameters
    ----------
    panel, indicators, fiscal_index, staffing : DataFrame
        The tables ``municipal_panel``, ``municipal_indicators``, ``municipal_fiscal_index``
        and ``municipal_staffing``; any of them may have no rows.
    fiscal_year : int
        Later figures are left out.

    Returns
    -------
    DataFrame
        One row per municipality in force, in code order: ``municipality_code``,
        ``area_name``, ``block_id``, each of :data:`MEASURES`, ``area_km2``, and for each
        the year it belongs to (``<measure>_fiscal_year``). What is not known is missing.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.tables import empty_table
    >>> panel = empty_table("municipal_panel").reindex(range(3)).assign(
    ...     municipality_code=["05201", "05202", "05204"], fiscal_year=2023,
    ...     population_count=[300e3, 50e3, 68e3],
    ...     civil_engineering_expenditure_jpy=[30e9, 4e9, 3.4e9],
    ...     fiscal_strength_index=[0.7, 0.3, 0.4], area_km2=[906.0, 427.0, 913.0],
    ...     road_length_m=[2.1e6, 0.9e6, 1.0e6])
    >>> profile = municipal_profile(panel, empty_table("municipal_indicators"),
    ...     empty_table("municipal_fiscal_index"), empty_table("municipal_staffing"), 2024)
    >>> profile.set_index("municipality_code").loc["05204", "expenditure_per_resident_jpy"]
    np.float64(50000.0)
    """
    areas = list_areas("municipality")
    profile = pd.DataFrame(
        {
            "municipality_code": area.area_id,
            "area_name": area.name,
            "prefecture_code": area.prefecture_codes[0],
            "block_id": area.ancestor("block").area_id,
        }
        for area in areas
    )
    for source in (
        _from_panel(panel),
        _from_indicators(indicators),
        fiscal_index[["municipality_code", "fiscal_year", "fiscal_strength_index"]],
        _from_staffing(staffing),
    ):
        profile = _with_last_known(profile, source, fiscal_year)
    names = [*MEASURES, "area_km2"]
    return profile.reindex(
        columns=[
            "municipality_code",
            "area_name",
            "prefecture_code",
            "block_id",
            *names,
            *(f"{name}_fiscal_year" for name in names),
        ]
    )


def _from_panel(panel: pd.DataFrame) -> pd.DataFrame:
    road_km = panel["road_length_m"] / _METRES_PER_KM
    inspected = panel["bridges_inspected_count"]
    return panel[["municipality_code", "fiscal_year"]].assign(
        population_count=panel["population_count"],
        fiscal_strength_index=panel["fiscal_strength_index"],
        area_km2=panel["area_km2"],
        road_length_km=road_km,
        expenditure_per_resident_jpy=_ratio(
            panel["civil_engineering_expenditure_jpy"], panel["population_count"]
        ),
        expenditure_per_km_jpy=_ratio(panel["civil_engineering_expenditure_jpy"], road_km),
        bridges_inspected_count=inspected,
        bridges_needing_repair_count=panel["bridges_needing_repair_count"],
        repair_share=_ratio(panel["bridges_needing_repair_count"], inspected),
    )


def _from_indicators(indicators: pd.DataFrame) -> pd.DataFrame:
    # staff are counted on 1 April, the census stands in another year: its last count before
    residents = (
        indicators.sort_values("fiscal_year")
        .groupby("municipality_code")["population_count"]
        .ffill()
        .reindex(indicators.index)
    )
    return indicators[["municipality_code", "fiscal_year"]].assign(
        population_count=indicators["population_count"],
        area_km2=indicators["area_ha"] / _HA_PER_KM2,
        general_staff_per_1000_residents=_ratio(indicators["general_staff_count"], residents)
        * _RESIDENTS_PER_UNIT,
        construction_worker_count=indicators["construction_worker_count"],
    )


def _from_staffing(staffing: pd.DataFrame) -> pd.DataFrame:
    return staffing[
        ["municipality_code", "fiscal_year", "staff_count", "civil_staff_count"]
    ].assign(technician_count=technician_counts(staffing))


def _ratio(numerator: pd.Series, denominator: pd.Series) -> pd.Series:
    return numerator / denominator.where(denominator > 0)


def _with_last_known(profile: pd.DataFrame, source: pd.DataFrame, fiscal_year: int) -> pd.DataFrame:
    """Add each column of a source in its last year up to the reported one.

    A column that an earlier source has given is filled in only where that lacks it entirely.
    """
    known = source[source["fiscal_year"] <= fiscal_year]
    added = profile
    for name in [n for n in source.columns if n not in ("municipality_code", "fiscal_year")]:
        if name in added and added[name].notna().any():
            continue
        counted = known.dropna(subset=[name])
        if counted.empty:
            continue
        year = int(counted["fiscal_year"].max())
        values = counted[counted["fiscal_year"] == year].set_index("municipality_code")[name]
        added = added.assign(**{name: added["municipality_code"].map(values)})
        added = added.assign(**{f"{name}_fiscal_year": year})
    return added


def similar_municipalities(
    profile: pd.DataFrame, area: Area, count: int = SIMILAR_COUNT
) -> pd.DataFrame:
    """Return the municipalities most like one, nearest first.

    Parameters
    ----------
    profile : DataFrame
        From :func:`municipal_profile`.
    area : Area
        A municipality.
    count : int
        How many to return.

    Returns
    -------
    DataFrame
        ``municipality_code``, ``area_name``, ``block_id`` and ``distance``: the Euclidean
        distance over log population, log area, log road length and fiscal strength index,
        each standardised (mean 0, standard deviation 1) over all municipalities that have
        all four.

    Raises
    ------
    DesignError
        If the area is no municipality, or one of the four is not known for it.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.tables import empty_table
    >>> panel = empty_table("municipal_panel").reindex(range(3)).assign(
    ...     municipality_code=["05201", "05202", "05204"], fiscal_year=2023,
    ...     population_count=[300e3, 50e3, 68e3],
    ...     civil_engineering_expenditure_jpy=[30e9, 4e9, 3.4e9],
    ...     fiscal_strength_index=[0.7, 0.3, 0.4], area_km2=[906.0, 427.0, 913.0],
    ...     road_length_m=[2.1e6, 0.9e6, 1.0e6])
    >>> profile = municipal_profile(panel, empty_table("municipal_indicators"),
    ...     empty_table("municipal_fiscal_index"), empty_table("municipal_staffing"), 2024)
    >>> similar_municipalities(profile, find_area("05204"), 1)["area_name"].tolist()
    ['能代市']
    """
    if area.kind != "municipality":
        raise DesignError(f"{area.name}は市区町村ではないため、似た市区町村を選べません。")
    features = pd.DataFrame(
        {
            name: np.log(profile[name].where(profile[name] > 0)) if is_size else profile[name]
            for name, is_size in LIKENESS.items()
        }
    ).astype("float64")
    whole = features.dropna()
    own = profile.index[profile["municipality_code"] == area.area_id]
    if len(own) == 0 or own[0] not in whole.index:
        raise DesignError(
            f"{area.name}の人口・面積・道路延長・財政力指数がそろわず、似た市区町村を選べません。",
            advice="municipal_panel などの資料を登録してください。",
        )
    spread = whole.std(ddof=0)
    standard = (whole - whole.mean()) / spread.where(spread > 0, 1.0)
    distance = np.sqrt(((standard - standard.loc[own[0]]) ** 2).sum(axis=1))
    nearest = distance.drop(own[0]).sort_values(kind="stable").head(count)
    found: pd.DataFrame = profile.loc[
        nearest.index, ["municipality_code", "area_name", "block_id"]
    ].assign(distance=nearest)
    return found.reset_index(drop=True)


def profile_standing(profile: pd.DataFrame, area: Area, fiscal_year: int) -> Standing:
    """Put an area's measures beside similar municipalities, its block and the nation.

    For a prefecture, a block or the nation, ``value`` is the median of its municipalities.

    Returns
    -------
    Standing
        Without rows where nothing is filed; without similar municipalities where the measure
        of likeness cannot be taken.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.tables import empty_table
    >>> panel = empty_table("municipal_panel").reindex(range(3)).assign(
    ...     municipality_code=["05201", "05202", "05204"], fiscal_year=2023,
    ...     population_count=[300e3, 50e3, 68e3],
    ...     civil_engineering_expenditure_jpy=[30e9, 4e9, 3.4e9],
    ...     fiscal_strength_index=[0.7, 0.3, 0.4], area_km2=[906.0, 427.0, 913.0],
    ...     road_length_m=[2.1e6, 0.9e6, 1.0e6])
    >>> profile = municipal_profile(panel, empty_table("municipal_indicators"),
    ...     empty_table("municipal_fiscal_index"), empty_table("municipal_staffing"), 2024)
    >>> profile_standing(profile, find_area("05204"), 2024).value_of("road_length_km")
    1000.0
    """
    members = profile[profile["municipality_code"].isin(_codes_in(area))]
    block = _block_of(area)
    in_block = profile[profile["block_id"] == block.area_id] if block else profile.iloc[0:0]
    try:
        similar = similar_municipalities(profile, area)
    except DesignError:
        similar = pd.DataFrame(
            {"municipality_code": [], "area_name": [], "block_id": [], "distance": []}
        )
    alike = profile[profile["municipality_code"].isin(similar["municipality_code"])]
    rows = []
    for name in MEASURES:
        known = profile[name].dropna()
        if known.empty:
            continue
        value = float(members[name].median())
        rows.append(
            {
                "measure": name,
                "fiscal_year": int(profile[f"{name}_fiscal_year"].max()),
                "value": value,
                "similar": float(alike[name].median()),
                "block": float(in_block[name].median()),
                "nation": float(known.median()),
                "place": float((known < value).mean()) if not np.isnan(value) else np.nan,
                "known_count": len(known),
            }
        )
    columns = ["measure", "fiscal_year", "value", "similar", "block", "nation", "place"]
    table = pd.DataFrame(rows, columns=[*columns, "known_count"])
    return Standing(area, fiscal_year, table, similar)


def _codes_in(area: Area) -> list[str]:
    if area.kind == "municipality":
        return [area.area_id]
    return [
        other.area_id
        for other in list_areas("municipality", area.scheme_id)
        if other.prefecture_codes[0] in area.prefecture_codes
    ]


def _block_of(area: Area) -> Area | None:
    return None if area.kind == "nation" else area.ancestor("block")
