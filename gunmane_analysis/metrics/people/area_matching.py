"""What the filed registers of experts and requests say for one area's municipalities."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.cache import get_or_compute
from gunmane_analysis.metrics.people.matching import (
    PARTS,
    Matching,
    capacities,
    change_without,
    match_advisors,
    support_gaps,
)
from gunmane_analysis.metrics.people.steps import in_area, last_day
from gunmane_analysis.tables.people import LIST_MARK, MatchingWeights

_LEAVERS_TRIED = 3  # each asks for an assignment of the whole country


@dataclass(frozen=True)
class AreaSupport:
    """Requests of an area with the expert that the assignment over all requests gives each.

    Attributes
    ----------
    area : Area
    table : DataFrame
        One row per request of the area: ``request_id``, ``municipality_code``, ``field``,
        ``stage``, ``advisor_id`` and the parts of the pair's cost (missing while open),
        ``reason`` (why it is open).
    gaps : DataFrame
        One row per block and field with a request of the area: ``block_id``, ``block_name``,
        ``field``, ``request_count``, ``open_count``, ``no_expert_count``, ``free_count``
        (requests that experts of the field, anywhere, could still take).
    advisors : DataFrame
        One row per expert based in the area or serving it, who serves most of it first:
        ``advisor_id``, ``organisation_kind``, ``fields``, ``base_municipality_code``,
        ``capacity``, ``free_count``, ``area_count`` (requests of the area served), and for
        the three who serve most ``moved_count``, ``opened_count`` and ``cost_change`` of the
        whole country if they left (missing for the others).
    blocking_count : int
    """

    area: Area
    table: pd.DataFrame
    gaps: pd.DataFrame
    advisors: pd.DataFrame
    blocking_count: int


def area_support(
    requests: pd.DataFrame,
    advisors: pd.DataFrame,
    weights: MatchingWeights,
    area: Area,
    fiscal_year: int,
) -> AreaSupport | None:
    """Assign experts to all requests of the country and return those of an area.

    Parameters
    ----------
    requests, advisors : DataFrame
        The registers as filed.
    weights : MatchingWeights
        In force in the year; assumptions.
    area : Area
    fiscal_year : int
        Requests made and experts told later are left out.

    Returns
    -------
    AreaSupport or None
        None while either register is empty or the area has no request.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.assumed import load_matching_weights
    >>> from gunmane_analysis.metrics.people.simulated_registers import (
    ...     simulate_advisors, simulate_requests)
    >>> requests = simulate_requests(["05201", "05204"], 6, seed=1)
    >>> advisors = simulate_advisors(["05201", "05204"], 4, seed=1)
    >>> asked = (requests, advisors, load_matching_weights(2024))
    >>> len(area_support(*asked, find_area("05"), 2030).table)
    6
    """
    day = last_day(fiscal_year)
    known = requests[requests["requested_on"] <= day]
    offered = advisors[advisors["as_of_on"] <= day]
    if known.empty or offered.empty:
        return None
    own = known[in_area(known["municipality_code"], area)]
    if own.empty:
        return None
    asked = ("match_advisors", known, offered, weights)
    matching = get_or_compute(asked, lambda: match_advisors(known, offered, weights))
    names = ["request_id", "municipality_code", "field", "stage"]
    table = (
        own[names]
        .merge(matching.pairs[["request_id", "advisor_id", *PARTS]], on="request_id", how="left")
        .merge(matching.open_requests[["request_id", "reason"]], on="request_id", how="left")
    )
    # gaps are counted on the area's own requests, after everybody's have been weighed
    gaps = support_gaps(matching, own, area.lineage[-1].scheme_id)
    free = _free_by_field(matching, offered)
    blocking = matching.blocking["request_id"].isin(own["request_id"])
    experts = _experts(matching, offered, table, area, weights)
    serving = experts.loc[experts["area_count"] > 0, "advisor_id"].head(_LEAVERS_TRIED)
    changes = [
        get_or_compute(
            (*asked, name), functools.partial(_left, matching, known, offered, weights, name)
        )
        for name in serving
    ]
    left = pd.DataFrame(
        changes, columns=["advisor_id", "moved_count", "opened_count", "cost_change"]
    )
    return AreaSupport(
        area,
        table,
        gaps.assign(free_count=gaps["field"].map(free).fillna(0).astype("int64")),
        experts.merge(left, on="advisor_id", how="left"),
        int(blocking.sum()),
    )


def _free_by_field(matching: Matching, advisors: pd.DataFrame) -> pd.Series:
    """Return how many more requests the experts of each field could take."""
    idle = matching.idle_advisors.merge(advisors[["advisor_id", "fields"]], on="advisor_id")
    each = idle.assign(field=idle["fields"].str.split(LIST_MARK)).explode("field")
    return each.groupby("field")["free_count"].sum()


def _experts(
    matching: Matching,
    advisors: pd.DataFrame,
    table: pd.DataFrame,
    area: Area,
    weights: MatchingWeights,
) -> pd.DataFrame:
    own = table["advisor_id"].value_counts()
    free = matching.idle_advisors.set_index("advisor_id")["free_count"]
    told = advisors[["advisor_id", "organisation_kind", "fields", "base_municipality_code"]].assign(
        capacity=capacities(advisors, weights),
        free_count=advisors["advisor_id"].map(free).fillna(0).astype("int64"),
        area_count=advisors["advisor_id"].map(own).fillna(0).astype("int64"),
    )
    near = in_area(told["base_municipality_code"], area) | (told["area_count"] > 0)
    return told[near].sort_values(
        ["area_count", "free_count", "advisor_id"], ascending=[False, False, True], kind="stable"
    )


def _left(
    matching: Matching,
    requests: pd.DataFrame,
    advisors: pd.DataFrame,
    weights: MatchingWeights,
    advisor_id: str,
) -> tuple[str, int, int, float]:
    changed = change_without(matching, requests, advisors, weights, advisor_id)
    is_open = changed["advisor_after"].isna()
    return (
        advisor_id,
        int((~is_open).sum()),
        int((is_open & changed["advisor_before"].notna()).sum()),
        float(changed["cost_change"].sum()),
    )
