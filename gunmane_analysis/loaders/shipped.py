"""The figures shipped with the project as rows of the municipal tables, the least trusted source.

What the secretariat files wins for every row and column that it gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import pandas as pd

from gunmane_analysis.tables import describe

Load = Callable[[str], pd.DataFrame]
_KEY = ["municipality_code", "fiscal_year"]
_JPY_PER_UNIT = 1000.0
_METRES_PER_KM = 1000.0
_PERCENT = 100.0
# Five inspection years put together, which ones is not printed: a figure of the last year only.
BRIDGES_FISCAL_YEAR = 2024
CENSUS_YEARS = (2015, 2020)
CONSTRUCTION_YEARS = (2016, 2021)  # 2014 also counts public establishments
_CENSUS = {"population_count": "census_population"}
_CONSTRUCTION = {
    "construction_establishment_count": "construction_establishments",
    "construction_worker_count": "construction_workers",
}
# Half of the last digit that the shipped figures give, where they are rounded.
HALF_DIGIT: Mapping[str, float] = MappingProxyType(
    {
        "current_balance_ratio": 0.5,
        "debt_service_ratio": 0.5,
        "future_burden_ratio": 0.5,
        "fiscal_strength_index": 0.005,
    }
)


def shipped_rows(table_id: str, load: Load) -> pd.DataFrame:
    """Return the shipped figures in the columns and types of a table.

    Parameters
    ----------
    table_id : str
        A table that is filled from shipped ones.
    load : callable
        Returns a shipped table by its id.

    Raises
    ------
    SourceError, TableError
        If a shipped file is missing, altered, or breaks its description.
    """
    table = describe(table_id)
    rows = table.typed(_SHAPES[table_id](load))
    return rows.sort_values(list(table.key), ignore_index=True)


def _panel(load: Load) -> pd.DataFrame:
    series, base = load("municipal_series"), load("municipal_base").set_index("municipality_code")
    codes, is_last = series["municipality_code"], series["fiscal_year"] == BRIDGES_FISCAL_YEAR
    return series.assign(
        population_count=series["resident_population"],
        civil_engineering_expenditure_jpy=_jpy(series["civil_engineering_expenditure_1000jpy"]),
        area_km2=codes.map(base["area_km2"]),
        road_length_m=(series["municipal_road_length_km"] * _METRES_PER_KM).round(),
        bridges_inspected_count=codes.map(base["bridges_inspected_count"]).where(is_last),
        bridges_needing_repair_count=codes.map(base["bridges_grade_3_4_count"]).where(is_last),
    )


def _indicators(load: Load) -> pd.DataFrame:
    series, base = load("municipal_series"), load("municipal_base").set_index("municipality_code")
    given = series[[*_KEY, "general_staff_count"]].assign(
        civil_engineering_expenditure_jpy=_jpy(series["civil_engineering_expenditure_1000jpy"]),
        total_expenditure_jpy=_jpy(series["total_expenditure_1000jpy"]),
    )
    years = [
        pd.DataFrame({name: base[f"{source}_{year}"] for name, source in columns.items()})
        .assign(fiscal_year=year)
        .reset_index()
        for columns, of in ((_CENSUS, CENSUS_YEARS), (_CONSTRUCTION, CONSTRUCTION_YEARS))
        for year in of
    ]
    return pd.concat([given, *years]).groupby(_KEY, as_index=False).first()


def _fiscal_index(load: Load) -> pd.DataFrame:
    series = load("municipal_series").dropna(subset=["fiscal_strength_index"])
    burden = series["future_burden_ratio"]
    return series.assign(
        current_balance_ratio=(series["ordinary_balance_ratio"] * _PERCENT).round(),
        debt_service_ratio=(series["real_debt_service_ratio"] * _PERCENT).round(),
        future_burden_ratio=(burden * _PERCENT).round(),
        future_burden_ratio_status=burden.isna().map({True: "not_applicable"}),
    )


def _population(load: Load) -> pd.DataFrame:
    series = load("municipal_series").dropna(subset=["resident_population"])
    return series.assign(
        as_of_on=(series["fiscal_year"] + 1).astype("str") + "-01-01",
        population_count=series["resident_population"],
    )


def _projection(load: Load) -> pd.DataFrame:
    outlook = load("municipal_population_outlook")
    long = outlook.melt("municipality_code", var_name="year", value_name="population_count")
    return long.assign(year=long["year"].str.removeprefix("population_").astype("int64"))


def _adjacency(load: Load) -> pd.DataFrame:
    pairs = load("municipal_adjacency")
    return pairs.rename(columns={"neighbour_code": "neighbour_municipality_code"})


def _jpy(thousands: pd.Series) -> pd.Series:
    return thousands * _JPY_PER_UNIT


_SHAPES: Mapping[str, Callable[[Load], pd.DataFrame]] = MappingProxyType(
    {
        "municipal_panel": _panel,
        "municipal_indicators": _indicators,
        "municipal_fiscal_index": _fiscal_index,
        "municipal_population": _population,
        "population_projection": _projection,
        "adjacency": _adjacency,
    }
)
