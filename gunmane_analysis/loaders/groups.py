"""Groups: what municipalities bring, their neighbours, model regions and conditions, once filed."""

from __future__ import annotations

import functools

import pandas as pd

from gunmane_analysis.loaders.filed import is_filed, load_filed_table
from gunmane_analysis.loaders.municipal import (
    load_municipal,
    load_municipal_panel,
    load_municipal_staffing,
)
from gunmane_analysis.loaders.shipped import shipped_rows, shipped_sources
from gunmane_analysis.loaders.store import load_processed
from gunmane_analysis.sources import assumed_value
from gunmane_analysis.tables.groups import Adjacency, GroupConditions, GroupUnits, ModelRegions
from gunmane_analysis.tables.municipal import MunicipalIndicators, technician_counts

_KEY = ["municipality_code", "fiscal_year"]


def load_model_regions() -> pd.DataFrame:
    """Load ``model_regions``: bodies of the model regions; no rows until they are filed.

    Examples
    --------
    >>> "group_no" in load_model_regions().columns
    True
    """
    return load_filed_table(ModelRegions)


def load_group_conditions() -> pd.DataFrame:
    """Load ``group_conditions``: what proposed groups must respect; no rows until filed.

    Examples
    --------
    >>> "condition" in load_group_conditions().columns
    True
    """
    return load_filed_table(GroupConditions)


def load_adjacency() -> pd.DataFrame:
    """Load ``adjacency``: pairs of municipalities with a common land border.

    A filed table replaces the shipped pairs (N03, 2021-01-01) as a whole.

    Examples
    --------
    >>> load_adjacency().columns.tolist()
    ['municipality_code', 'neighbour_municipality_code']
    """
    shipped = shipped_sources(Adjacency)
    if is_filed(Adjacency.table_id()) or not shipped:
        return load_filed_table(Adjacency)
    return load_processed(Adjacency, _build_adjacency, shipped)


def _build_adjacency() -> pd.DataFrame:
    return shipped_rows(Adjacency)


def load_group_units() -> pd.DataFrame:
    """Load ``group_units``: what each municipality would bring into a group, year by year.

    Technicians are civil engineers plus architects (定員管理調査 or the form
    ``municipal_staffing``), general staff those of SSDSE-A, 土木費 and population those of the
    municipal panel and, where it has none, of SSDSE-A. What the secretariat filed as
    ``group_units`` itself goes before all of them.

    Returns
    -------
    DataFrame
        One row per municipality and fiscal year for which any of these is filed; no rows
        while none is. An amount that no source gives for a year is missing.

    Examples
    --------
    >>> "technician_count" in load_group_units().columns
    True
    """
    staffing = load_municipal_staffing()
    indicators = load_municipal(MunicipalIndicators)
    panel = load_municipal_panel().rename(columns={"fiscal_strength_index": "fiscal_index"})
    filed = load_filed_table(GroupUnits)
    if all(part.empty for part in (filed, staffing, panel, indicators)):
        return filed
    parts = [
        filed,
        staffing.assign(technician_count=technician_counts(staffing)),
        panel,
        indicators,
    ]
    columns = list(GroupUnits.to_schema().columns)
    units = functools.reduce(pd.DataFrame.combine_first, [_keyed(part, columns) for part in parts])
    units = units.reindex(columns=columns[len(_KEY) :])
    return GroupUnits.check(units.reset_index()[columns], "群の算定に用いる表")


def _keyed(part: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    return part.set_index(_KEY)[[name for name in columns[len(_KEY) :] if name in part]]


def load_group_thresholds(fiscal_year: int) -> dict[str, float]:
    """Load the thresholds in force on 1 April of a fiscal year, by measure (illustrative).

    Examples
    --------
    >>> load_group_thresholds(2024)["technician_count"]
    10.0
    """
    names = {
        "technician_count": "group_technician_threshold",
        "general_staff_count": "group_general_staff_threshold",
        "civil_engineering_expenditure_jpy": "group_expenditure_threshold",
    }
    day = f"{fiscal_year}-04-01"
    return {measure: assumed_value(name, day).value for measure, name in names.items()}
