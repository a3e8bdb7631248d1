"""Matching: the registers of experts and requests, and the weights in force."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.loaders.filed import load_filed_table
from gunmane_analysis.sources import assumed_value
from gunmane_analysis.tables.matching import Advisors, MatchingWeights, SupportRequests


def load_advisors() -> pd.DataFrame:
    """Load ``advisors``: experts who can be sent; no rows until they are filed.

    Examples
    --------
    >>> "available_days" in load_advisors().columns
    True
    """
    return load_filed_table(Advisors)


def load_support_requests() -> pd.DataFrame:
    """Load ``support_requests``: what municipalities ask advice on; no rows until filed.

    Examples
    --------
    >>> "stage" in load_support_requests().columns
    True
    """
    return load_filed_table(SupportRequests)


def load_matching_weights(fiscal_year: int) -> MatchingWeights:
    """Load the weights in force on 1 April of a fiscal year.

    Raises
    ------
    SourceError
        If a weight had no value yet.

    Examples
    --------
    >>> weights = load_matching_weights(2024)
    >>> weights.field > weights.limit  # an expert of another field is never assigned
    True
    """
    day = f"{fiscal_year}-04-01"
    return MatchingWeights(
        field=assumed_value("matching_weight_field", day).value,
        stage=assumed_value("matching_weight_stage", day).value,
        size=assumed_value("matching_weight_size", day).value,
        distance=assumed_value("matching_weight_distance", day).value,
        limit=assumed_value("matching_limit", day).value,
        days_per_request=assumed_value("matching_days_per_request", day).value,
    )
