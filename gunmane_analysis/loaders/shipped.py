"""The figures shipped with the project as rows of the municipal tables, the least trusted source.

What the secretariat files wins for every row and column that it gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import pandas as pd

from gunmane_analysis.loaders.keyed import read_keyed_table
from gunmane_analysis.sources import read_register
from gunmane_analysis.tables.groups import Adjacency
from gunmane_analysis.tables.municipal import (
    MunicipalFiscalIndex,
    MunicipalIndicators,
    MunicipalPanel,
    MunicipalPopulation,
    PopulationProjection,
)
from gunmane_analysis.tables.shipped import (
    MunicipalAdjacency,
    MunicipalBase,
    MunicipalPopulationOutlook,
    MunicipalSeries,
)
from gunmane_analysis.tables.table import Table

_KEY = ["municipality_code", "fiscal_year"]
_JPY_PER_UNIT = 1000.0
_METRES_PER_KM = 1000.0
_PERCENT = 100.0
# Five inspection years put together, which ones is not printed: a figure of the last year only.
BRIDGES_FISCAL_YEAR = 2024
CENSUS_YEARS = (2015, 2020)
CONSTRUCTION_YEARS = (2016, 2021)  # 2014 also counts public establishments


def _series() -> pd.DataFrame:
    return MunicipalSeries.check(read_keyed_table(MunicipalSeries), "municipal_series")


def _base() -> pd.DataFrame:
    return MunicipalBase.check(read_keyed_table(MunicipalBase), "municipal_base")


def _panel() -> pd.DataFrame:
    series, base = _series(), _base().set_index("municipality_code")
    codes, is_last = series["municipality_code"], series["fiscal_year"] == BRIDGES_FISCAL_YEAR
    return series[_KEY].assign(
        population_count=series["resident_population"],
        civil_engineering_expenditure_jpy=_jpy(series["civil_engineering_expenditure_1000jpy"]),
        fiscal_strength_index=series["fiscal_strength_index"],
        area_km2=codes.map(base["area_km2"]),
        road_length_m=(series["municipal_road_length_km"] * _METRES_PER_KM).round(),
        bridges_inspected_count=codes.map(base["bridges_inspected_count"]).where(is_last),
        bridges_needing_repair_count=codes.map(base["bridges_grade_3_4_count"]).where(is_last),
    )


def _indicators() -> pd.DataFrame:
    series, base = _series(), _base()
    years = [
        *(_of_year(base, year, population_count="census_population") for year in CENSUS_YEARS),
        *(
            _of_year(
                base,
                year,
                construction_establishment_count="construction_establishments",
                construction_worker_count="construction_workers",
            )
            for year in CONSTRUCTION_YEARS
        ),
    ]
    given = series[_KEY].assign(
        general_staff_count=series["general_staff_count"],
        civil_engineering_expenditure_jpy=_jpy(series["civil_engineering_expenditure_1000jpy"]),
        total_expenditure_jpy=_jpy(series["total_expenditure_1000jpy"]),
    )
    return pd.concat([given, *years]).groupby(_KEY, as_index=False).first()


def _of_year(base: pd.DataFrame, year: int, **columns: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "municipality_code": base["municipality_code"],
            "fiscal_year": year,
            **{name: base[f"{source}_{year}"] for name, source in columns.items()},
        }
    )


def _fiscal_index() -> pd.DataFrame:
    series = _series().dropna(subset=["fiscal_strength_index"])
    return series[[*_KEY, "fiscal_strength_index"]].assign(
        current_balance_ratio=(series["ordinary_balance_ratio"] * _PERCENT).round(),
        debt_service_ratio=(series["real_debt_service_ratio"] * _PERCENT).round(),
        future_burden_ratio=(series["future_burden_ratio"] * _PERCENT).round(),
        future_burden_ratio_status=series["future_burden_ratio"]
        .isna()
        .map({True: "not_applicable"}),
    )


def _population() -> pd.DataFrame:
    series = _series().dropna(subset=["resident_population"])
    return pd.DataFrame(
        {
            "municipality_code": series["municipality_code"],
            "as_of_on": (series["fiscal_year"] + 1).astype("str") + "-01-01",
            "population_count": series["resident_population"],
        }
    )


def _projection() -> pd.DataFrame:
    outlook = read_keyed_table(MunicipalPopulationOutlook)
    outlook = MunicipalPopulationOutlook.check(outlook, "municipal_population_outlook")
    long = outlook.melt("municipality_code", var_name="year", value_name="population_count")
    return long.assign(year=long["year"].str.removeprefix("population_").astype("int64"))


def _adjacency() -> pd.DataFrame:
    pairs = MunicipalAdjacency.check(read_keyed_table(MunicipalAdjacency), "municipal_adjacency")
    return pairs.rename(columns={"neighbour_code": "neighbour_municipality_code"})


def _jpy(thousands: pd.Series) -> pd.Series:
    return thousands * _JPY_PER_UNIT


# Which shipped sources fill a table, and how.
SHIPPED: Mapping[type[Table], tuple[tuple[str, ...], Callable[[], pd.DataFrame]]] = (
    MappingProxyType(
        {
            MunicipalPanel: (("municipal_series", "municipal_base"), _panel),
            MunicipalIndicators: (("municipal_series", "municipal_base"), _indicators),
            MunicipalFiscalIndex: (("municipal_series",), _fiscal_index),
            MunicipalPopulation: (("municipal_series",), _population),
            PopulationProjection: (("municipal_population_outlook",), _projection),
            Adjacency: (("municipal_adjacency",), _adjacency),
        }
    )
)


def shipped_sources(model: type[Table]) -> tuple[str, ...]:
    """Return the shipped sources that fill a table; none where one of them is not registered."""
    names = SHIPPED[model][0] if model in SHIPPED else ()
    return names if set(names) <= set(read_register()) else ()


def shipped_rows(model: type[Table]) -> pd.DataFrame:
    """Return the shipped figures in the columns and types of a table.

    Raises
    ------
    SourceError, SchemaError
        If a shipped file is missing, altered, or breaks its description.
    """
    columns = model.to_schema().columns
    rows = SHIPPED[model][1]().reindex(columns=list(columns))
    statuses = {name: "" for name in columns if name.endswith("_status")}
    kinds = {name: str(column.dtype) for name, column in columns.items()}
    rows = rows.fillna(statuses).astype(kinds)
    return rows.sort_values(list(model.to_schema().unique or []), ignore_index=True)


def filled(filed: pd.DataFrame, model: type[Table]) -> pd.DataFrame:
    """Return filed rows with what they lack taken from the shipped figures.

    A value that a filed row marks as none, unknown or suppressed stays missing.
    """
    key = list(model.to_schema().unique or [])
    own = filed.set_index(key)
    both = own.combine_first(shipped_rows(model).set_index(key))
    for status in (name for name in own if str(name).endswith("_status")):
        marked = own.index[own[status] != ""]
        both.loc[marked, str(status).removesuffix("_status")] = float("nan")
        unmarked = own.index[own[str(status).removesuffix("_status")].notna()]
        both.loc[unmarked, status] = ""
    return both.reset_index()[list(filed.columns)].astype(filed.dtypes.to_dict())
