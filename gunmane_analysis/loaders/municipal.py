"""Tables by municipality: official files and forms, empty until they are registered."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from gunmane_analysis.loaders.delivered import read_every_file
from gunmane_analysis.loaders.filed import is_filed
from gunmane_analysis.loaders.former import changes_source
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

# The sources of each table, the most trusted last.
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
_REVISED: frozenset[type[Table]] = frozenset({MunicipalIndicators, PrefectureItems})


def load_municipal(model: type[Table]) -> pd.DataFrame:
    """Load a table built from delivered files; no rows while none of its sources is filed.

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
    if not filed:
        return model.check(model.empty(), "届いていない表")

    def build() -> pd.DataFrame:
        return read_every_file(model, filed, newest_wins=model in _REVISED)

    return load_processed(model, build, list(dict.fromkeys([*filed, *changes_source()])))


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
