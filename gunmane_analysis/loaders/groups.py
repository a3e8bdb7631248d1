"""Groups: model regions and conditions on groups, once the secretariat files them."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.loaders.filed import load_filed_table
from gunmane_analysis.schemas.groups import Adjacency, GroupConditions, GroupUnits, ModelRegions
from gunmane_analysis.sources import assumed_value


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
    """Load ``adjacency``: pairs of municipalities with a common land border; no rows until filed.

    Examples
    --------
    >>> load_adjacency().columns.tolist()
    ['municipality_code', 'neighbour_municipality_code']
    """
    return load_filed_table(Adjacency)


def load_group_units() -> pd.DataFrame:
    """Load ``group_units``: what each municipality would bring into a group; no rows until filed.

    Examples
    --------
    >>> "technician_count" in load_group_units().columns
    True
    """
    return load_filed_table(GroupUnits)


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
