"""Seeds: needs, technologies and judged pairs of the platform's record form."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.loaders.filed import load_filed_table
from gunmane_analysis.tables.seeds import JudgedPairs, TechnologyNeeds, TechnologySeeds


def load_technology_needs() -> pd.DataFrame:
    """Load ``technology_needs`` with their ``text`` (theme and requirement); none until filed.

    Examples
    --------
    >>> "text" in load_technology_needs().columns
    True
    """
    needs = load_filed_table(TechnologyNeeds)
    return needs.assign(text=needs["technology_theme"] + "。" + needs["requirement"])


def load_technology_seeds() -> pd.DataFrame:
    """Load ``technology_seeds`` with their ``text`` (name and summary); none until filed.

    Examples
    --------
    >>> "text" in load_technology_seeds().columns
    True
    """
    seeds = load_filed_table(TechnologySeeds)
    return seeds.assign(text=seeds["technology_name"] + "。" + seeds["technology_summary"])


def load_judged_pairs() -> pd.DataFrame:
    """Load ``judged_pairs``: needs and technologies judged by people; none until filed.

    Examples
    --------
    >>> "is_relevant" in load_judged_pairs().columns
    True
    """
    return load_filed_table(JudgedPairs)
