"""Tables by municipality: shipped figures, and before them official files and forms once filed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from gunmane_analysis.loaders.delivered import read_every_file
from gunmane_analysis.loaders.filed import is_filed
from gunmane_analysis.loaders.former import changes_source
from gunmane_analysis.loaders.shipped import SHIPPED, filled, shipped_rows, shipped_sources
from gunmane_analysis.loaders.store import load_processed
from gunmane_analysis.tables.municipal import (
    Boundaries,
    ContractOutcomes,
    Contracts,
    MunicipalChanges,
    MunicipalFiscalIndex,
    MunicipalIndicators,
    MunicipalPanel,
    MunicipalPopulation,
    MunicipalStaffing,
    PopulationProjection,
    PrefectureItems,
)
from gunmane_analysis.tables.table import Table

# The sources of each table, the most trusted last; before them all come the shipped figures
# (loaders/shipped.py), which a filed value replaces.
SOURCES: Mapping[type[Table], tuple[str, ...]] = MappingProxyType(
    {
        MunicipalIndicators: ("ssdse_a",),
        MunicipalFiscalIndex: ("mic_fiscal_index",),
        MunicipalPopulation: ("mic_population",),
        PopulationProjection: ("ipss_population",),
        MunicipalPanel: ("municipal_panel",),
        MunicipalStaffing: ("municipal_staffing", "teiin"),
        Contracts: ("contracts",),
        ContractOutcomes: ("contract_outcomes",),
        PrefectureItems: ("ssds",),
        MunicipalChanges: ("municipal_changes",),
        Boundaries: ("boundaries",),
    }
)
# Half of the last digit that the shipped figures give, where they are rounded.
_HALF_DIGIT: Mapping[str, float] = MappingProxyType(
    {
        "current_balance_ratio": 0.5,
        "debt_service_ratio": 0.5,
        "future_burden_ratio": 0.5,
        "fiscal_strength_index": 0.005,
    }
)
_DIFFERENCES = (
    "table_id", "column", "year", "compared_count", "different_count", "municipality_code",
    "filed_value", "shipped_value",
)  # fmt: skip
_REVISED: frozenset[type[Table]] = frozenset({MunicipalIndicators, PrefectureItems})


def load_municipal(model: type[Table]) -> pd.DataFrame:
    """Load a table built from the shipped figures and the delivered files.

    It has no rows where nothing is shipped and none of its sources is filed.

    Parameters
    ----------
    model : Table
        A key of :data:`SOURCES`.

    Returns
    -------
    DataFrame
        Checked against ``model``.

    Raises
    ------
    SourceError, SchemaError
        If a registered file is missing, altered or faulty.

    Examples
    --------
    >>> "road_length_m" in load_municipal(MunicipalPanel).columns
    True
    """
    filed = [source_id for source_id in SOURCES[model] if is_filed(source_id)]
    shipped = shipped_sources(model)
    if not filed and not shipped:
        return model.check(model.empty(), "届いていない表")

    def build() -> pd.DataFrame:
        if not filed:
            return shipped_rows(model)
        table = read_every_file(model, filed, newest_wins=model in _REVISED)
        return filled(table, model) if shipped else table

    sources = [*shipped, *filed, *(changes_source() if filed else ())]
    return load_processed(model, build, list(dict.fromkeys(sources)))


def load_source_differences() -> pd.DataFrame:
    """Compare what is filed with the shipped figures that it replaces.

    Returns
    -------
    DataFrame
        One row per table, column and year in which at least one value differs by more than
        the shipped figure's rounding: ``table_id``, ``column``, ``year``, ``compared_count``,
        ``different_count``, and of the largest difference ``municipality_code``,
        ``filed_value`` and ``shipped_value``. No rows while nothing is filed.

    Examples
    --------
    >>> load_source_differences().columns[:3].tolist()
    ['table_id', 'column', 'year']
    """
    rows = []
    for model, source_ids in SOURCES.items():
        if not (model in SHIPPED and shipped_sources(model) and any(map(is_filed, source_ids))):
            continue
        key = list(model.to_schema().unique or [])
        used = load_municipal(model).set_index(key)
        shipped = shipped_rows(model).set_index(key).reindex(used.index)
        for column in map(str, shipped.select_dtypes("float64")):
            half_digit = _HALF_DIGIT.get(column, 0.0)
            both = pd.DataFrame({"filed_value": used[column], "shipped_value": shipped[column]})
            both = both.dropna().reset_index()
            gap = (both["filed_value"] - both["shipped_value"]).abs()
            differs = gap > half_digit + 1e-6
            year = both[key[1]].astype("str").str[:4]
            for one in sorted(set(year[differs])):
                largest = both.loc[gap[year == one].idxmax()]
                rows.append(
                    {
                        "table_id": model.table_id(),
                        "column": column,
                        "year": one,
                        "compared_count": int((year == one).sum()),
                        "different_count": int((differs & (year == one)).sum()),
                        **{name: largest[name] for name in _DIFFERENCES[-3:]},
                    }
                )
    return pd.DataFrame(rows, columns=_DIFFERENCES)


def load_municipal_staffing() -> pd.DataFrame:
    """Load ``municipal_staffing``: staff, civil staff and technicians by municipality and year.

    Examples
    --------
    >>> "civil_engineer_count" in load_municipal_staffing().columns
    True
    """
    return load_municipal(MunicipalStaffing)


def load_municipal_panel() -> pd.DataFrame:
    """Load ``municipal_panel``: expenditure, roads and bridges by municipality and year.

    Examples
    --------
    >>> "road_length_m" in load_municipal_panel().columns
    True
    """
    return load_municipal(MunicipalPanel)


def load_municipal_population() -> pd.DataFrame:
    """Load ``municipal_population``: residents in the basic resident register by day.

    Examples
    --------
    >>> "as_of_on" in load_municipal_population().columns
    True
    """
    return load_municipal(MunicipalPopulation)


def load_contract_outcomes() -> pd.DataFrame:
    """Load ``contract_outcomes``: yearly outcomes of maintenance by municipality.

    Examples
    --------
    >>> "response_days" in load_contract_outcomes().columns
    True
    """
    return load_municipal(ContractOutcomes)


def load_contracts() -> pd.DataFrame:
    """Load ``contracts``: the register of bundled contracts, one row per contract.

    Examples
    --------
    >>> "start_on" in load_contracts().columns
    True
    """
    return load_municipal(Contracts)


def load_boundaries() -> pd.DataFrame:
    """Load ``boundaries``: rings of outlines, longitudes and latitudes in degrees.

    Examples
    --------
    >>> "longitudes" in load_boundaries().columns
    True
    """
    return load_municipal(Boundaries)
