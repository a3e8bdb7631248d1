"""The figures shipped with the project as rows of the municipal tables, the least trusted source.

What the secretariat files wins for every row and column that it gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from gunmane_analysis.tables import describe

Load = Callable[[str], pd.DataFrame]
_KEY = ["municipality_code", "fiscal_year"]
_JPY = 1000.0  # per unit of the shipped figures
_METRES_PER_KM = 1000.0
_PERCENT = 100.0
# Five inspection years put together, which ones is not printed: a figure of the last year only.
BRIDGES_FISCAL_YEAR = 2024
_OTHERS_COUNTED = 2014  # public establishments, too
_BY_YEAR = {
    "census_population": "population_count",
    "construction_establishments": "construction_establishment_count",
    "construction_workers": "construction_worker_count",
}
# Half of the last digit that the shipped figures give, where they are rounded.
HALF_DIGIT: Mapping[str, float] = {
    "current_balance_ratio": 0.5,
    "debt_service_ratio": 0.5,
    "future_burden_ratio": 0.5,
    "fiscal_strength_index": 0.005,
}


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
        civil_engineering_expenditure_jpy=series["civil_engineering_expenditure_1000jpy"] * _JPY,
        area_km2=codes.map(base["area_km2"]),
        road_length_m=(series["municipal_road_length_km"] * _METRES_PER_KM).round(),
        bridges_inspected_count=codes.map(base["bridges_inspected_count"]).where(is_last),
        bridges_needing_repair_count=codes.map(base["bridges_grade_3_4_count"]).where(is_last),
    )


def _indicators(load: Load) -> pd.DataFrame:
    series, base = load("municipal_series"), load("municipal_base")
    given = series[[*_KEY, "general_staff_count"]].assign(
        civil_engineering_expenditure_jpy=series["civil_engineering_expenditure_1000jpy"] * _JPY,
        total_expenditure_jpy=series["total_expenditure_1000jpy"] * _JPY,
    )
    long = pd.wide_to_long(base, list(_BY_YEAR), i=_KEY[0], j=_KEY[1], sep="_")
    years = long[list(_BY_YEAR)].rename(columns=_BY_YEAR).drop(_OTHERS_COUNTED, level=_KEY[1])
    return pd.concat([given, years.reset_index()]).groupby(_KEY, as_index=False).first()


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


_SHAPES: Mapping[str, Callable[[Load], pd.DataFrame]] = {
    "municipal_panel": _panel,
    "municipal_indicators": _indicators,
    "municipal_fiscal_index": _fiscal_index,
    "municipal_population": _population,
    "population_projection": _projection,
    "adjacency": _adjacency,
}
