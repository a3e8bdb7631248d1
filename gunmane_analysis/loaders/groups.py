"""Groups: model regions and conditions on groups, once the secretariat files them."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.loaders.filed import load_filed_table
from gunmane_analysis.schemas.groups import GroupConditions, ModelRegions


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
