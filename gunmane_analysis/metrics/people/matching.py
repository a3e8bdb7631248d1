"""Matching: which expert advises which municipality, why, and what is missing where.

The least total cost over all requests at once (linear sum assignment; an expert of capacity
k stands in k columns). Each pair's cost is a sum of parts that can be read one by one; a
request that only pairs above the limit could serve stays open.

References
----------
Crouse, D. F. (2016). On implementing 2D rectangular assignment algorithms. IEEE Transactions
on Aerospace and Electronic Systems 52(4), 1679-1696 (as in SciPy).
Gale, D., Shapley, L. S. (1962). College admissions and the stability of marriage. American
Mathematical Monthly 69(1): blocking pairs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gunmane_analysis.areas import Area, AreaLike, distances_km, find_area, town_hall
from gunmane_analysis.cache import cached
from gunmane_analysis.metrics.people.steps import in_area
from gunmane_analysis.metrics.validation import known_until
from gunmane_analysis.refusals import Unanswered, refuse_if, unanswered
from gunmane_analysis.results import Result
from gunmane_analysis.tables.people import LIST_MARK, MatchingWeights

Floats = NDArray[np.float64]
PARTS = ("field_cost", "stage_cost", "size_cost", "distance_cost")
_KM_PER_UNIT = 100.0


@dataclass(frozen=True, eq=False, repr=False)
class Matching(Result):
    """Who is sent where, and what stays open.

    Attributes
    ----------
    pairs : DataFrame
        One row per request served: ``request_id``, ``advisor_id``, ``cost`` and its parts
        ``field_cost``, ``stage_cost``, ``size_cost``, ``distance_cost``, ``distance_km``.
    open_requests : DataFrame
        One row per request without expert: ``request_id``, ``municipality_code``, ``field``,
        ``stage``, ``reason`` (``no_expert``: no expert below the limit at all;
        ``all_busy``: those there are serve others).
    idle_advisors : DataFrame
        One row per expert with free places: ``advisor_id``, ``capacity``, ``free_count``.
    blocking : DataFrame
        One row per request and expert that both do better with each other than as matched:
        ``request_id``, ``advisor_id``, ``cost``. Empty = stable.
    total_cost : float
        Sum over pairs plus the limit for every open request: what the assignment minimises.
    """

    pairs: pd.DataFrame
    open_requests: pd.DataFrame
    idle_advisors: pd.DataFrame
    blocking: pd.DataFrame
    total_cost: float


@cached
def match_advisors(
    requests: pd.DataFrame, advisors: pd.DataFrame, weights: MatchingWeights
) -> Matching:
    """Assign experts to requests at the least total cost.

    Parameters
    ----------
    requests : DataFrame
        One row per request (the table ``support_requests``).
    advisors : DataFrame
        One row per expert (the table ``advisors``); capacity =
        available days / days per request, rounded down.
    weights : MatchingWeights

    Raises
    ------
    DesignError
        If there are no requests, an id stands twice, or a weight is negative.

    Examples
    --------
    >>> from gunmane_analysis.loaders.assumed import load_matching_weights
    >>> requests = pd.DataFrame([["R1", "05204", "road", "issues", 7e4]], columns=[
    ...     "request_id", "municipality_code", "field", "stage", "population_count"])
    >>> advisors = pd.DataFrame([["A1", "road;park", "issues", "05201", 6.0, 1e4, 1e5]], columns=[
    ...     "advisor_id", "fields", "stages", "base_municipality_code", "available_days",
    ...     "suited_population_low", "suited_population_high"])
    >>> weights = load_matching_weights(2024)
    >>> matching = match_advisors(requests, advisors, weights)
    >>> matching.pairs["advisor_id"].tolist(), len(matching.open_requests)
    (['A1'], 0)
    """
    from scipy.optimize import linear_sum_assignment

    _check(requests, advisors, weights)
    requests, advisors = requests.reset_index(drop=True), advisors.reset_index(drop=True)
    capacity, limit = capacities(advisors, weights), weights.limit
    parts = pair_costs(requests, advisors, weights)
    cost = np.sum([parts[name] for name in PARTS], axis=0)
    columns = np.repeat(np.arange(len(advisors)), np.minimum(capacity, len(requests)))
    # costs are cut at the limit, so that a request left open may stand in any free column;
    # columns of the limit are added only where there are fewer places than requests
    shape = (len(requests), max(len(columns), len(requests)))
    padded = np.full(shape, limit, dtype="float64")
    padded[:, : len(columns)] = np.minimum(cost[:, columns], limit)
    rows, chosen = linear_sum_assignment(padded)
    served = (chosen < len(columns)) & (padded[rows, chosen] < limit)
    at = rows[served], columns[chosen[served]]
    left = np.setdiff1d(np.arange(len(requests)), at[0])
    free = capacity - np.bincount(at[1], minlength=len(advisors))
    # a pair blocks where both do better with each other than as matched
    own = np.full(len(requests), limit, dtype="float64")
    own[at[0]] = cost[at]
    worst = np.zeros(len(advisors))
    np.maximum.at(worst, at[1], cost[at])
    worst = np.where(free > 0, limit, np.where(capacity > 0, worst, -np.inf))
    better = np.nonzero((cost < own[:, None] - 1e-9) & (cost < worst[None, :] - 1e-9))

    def pairs_at(place: tuple[NDArray[np.int64], ...]) -> pd.DataFrame:
        ids = {
            "request_id": requests["request_id"].to_numpy()[place[0]],
            "advisor_id": advisors["advisor_id"].to_numpy()[place[1]],
        }
        return pd.DataFrame({**ids, "cost": cost[place]})

    usable = (cost[left][:, capacity > 0] < limit).any(axis=1)
    idle = advisors[["advisor_id"]].assign(capacity=capacity, free_count=free)
    return Matching(
        pairs=pairs_at(at).assign(**{name: values[at] for name, values in parts.items()}),
        open_requests=requests.loc[left, ["request_id", "municipality_code", "field", "stage"]]
        .assign(reason=np.where(usable, "all_busy", "no_expert"))
        .reset_index(drop=True),
        idle_advisors=idle[free > 0].reset_index(drop=True),
        blocking=pairs_at(better),
        total_cost=float(cost[at].sum() + limit * len(left)),
    )


def capacities(advisors: pd.DataFrame, weights: MatchingWeights) -> NDArray[np.int64]:
    """Return how many requests each expert can take."""
    days = advisors["available_days"].to_numpy(dtype="float64")
    return np.floor(days / weights.days_per_request).astype("int64")


def pair_costs(
    requests: pd.DataFrame, advisors: pd.DataFrame, weights: MatchingWeights
) -> Mapping[str, Floats]:
    """Return the parts of every pair's cost, requests by experts.

    Returns
    -------
    mapping of str to array
        ``field_cost`` and ``stage_cost`` (weight or 0), ``size_cost`` (weight per doubling
        by which the population lies outside the suited range: what a small town cannot
        carry), ``distance_cost`` (weight per 100 km between the town halls) and
        ``distance_km``. Unknown populations and ranges cost nothing.
    """
    far = distances_km(
        [town_hall(code) for code in requests["municipality_code"]],
        [town_hall(code) for code in advisors["base_municipality_code"]],
    )
    return {
        "field_cost": weights.field * _absent(requests["field"], advisors["fields"]),
        "stage_cost": weights.stage * _absent(requests["stage"], advisors["stages"]),
        "size_cost": weights.size * _doublings_outside(requests, advisors),
        "distance_cost": weights.distance * far / _KM_PER_UNIT,
        "distance_km": far,
    }


def _check(requests: pd.DataFrame, advisors: pd.DataFrame, weights: MatchingWeights) -> None:
    refuse_if(requests.empty, "matching-no-requests")
    for table, name in ((requests, "request_id"), (advisors, "advisor_id")):
        twice = table.loc[table[name].duplicated(), name]
        refuse_if(len(twice), "matching-twice", names="、".join(map(str, twice)))
    costs = min(weights.field, weights.stage, weights.size, weights.distance)
    is_wrong = costs < 0 or weights.limit <= 0 or weights.days_per_request <= 0
    refuse_if(is_wrong, "matching-weights")


def _absent(wanted: pd.Series, lists: pd.Series) -> Floats:
    """1 where a wanted word is not in a list, else 0; wanted words by lists."""
    offered = lists.astype("str").str.get_dummies(LIST_MARK).reindex(columns=sorted(set(wanted)))
    absent: Floats = 1.0 - offered.fillna(0.0)[wanted].to_numpy(dtype="float64").T
    return absent


def _doublings_outside(requests: pd.DataFrame, advisors: pd.DataFrame) -> Floats:
    population = requests["population_count"].to_numpy(dtype="float64")[:, None]
    low, high = (
        advisors[f"suited_population_{end}"].to_numpy(dtype="float64") for end in ("low", "high")
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        outside = [np.nan_to_num(np.log2(share)) for share in (low / population, population / high)]
    doublings: Floats = np.maximum.reduce([*outside, np.zeros_like(outside[0])])
    return doublings


def without_advisor(
    requests: pd.DataFrame, advisors: pd.DataFrame, weights: MatchingWeights, advisor_id: str
) -> pd.DataFrame:
    """Show what changes when one expert leaves.

    Parameters
    ----------
    requests, advisors, weights
        As for :func:`match_advisors`.
    advisor_id : str

    Returns
    -------
    DataFrame
        One row per request whose expert changes: ``request_id``, ``advisor_before``,
        ``advisor_after`` (missing = open), ``cost_change`` (an open request counts as the
        limit).

    Raises
    ------
    DesignError
        If no expert has this id.

    Examples
    --------
    >>> from gunmane_analysis.loaders.assumed import load_matching_weights
    >>> requests = pd.DataFrame([["R1", "05204", "road", "issues", 7e4]], columns=[
    ...     "request_id", "municipality_code", "field", "stage", "population_count"])
    >>> advisors = pd.DataFrame([["A1", "road;park", "issues", "05201", 6.0, 1e4, 1e5]], columns=[
    ...     "advisor_id", "fields", "stages", "base_municipality_code", "available_days",
    ...     "suited_population_low", "suited_population_high"])
    >>> weights = load_matching_weights(2024)
    >>> without_advisor(requests, advisors, weights, "A1")["request_id"].tolist()
    ['R1']
    """
    is_known = advisor_id in set(advisors["advisor_id"])
    refuse_if(not is_known, "matching-no-advisor", advisor=advisor_id)
    rest = advisors[advisors["advisor_id"] != advisor_id]
    compared = requests[["request_id"]].copy()
    for side, experts in (("before", advisors), ("after", rest)):
        pairs = match_advisors(requests, experts, weights).pairs.set_index("request_id")
        compared[f"advisor_{side}"] = compared["request_id"].map(pairs["advisor_id"])
        compared[side] = compared["request_id"].map(pairs["cost"]).fillna(weights.limit)
    compared["cost_change"] = compared.pop("after") - compared.pop("before")
    known = compared[["advisor_before", "advisor_after"]].astype("object").fillna("")
    return compared[known.nunique(axis=1) > 1].reset_index(drop=True)


def support_gaps(matching: Matching, requests: pd.DataFrame, scheme_id: str) -> pd.DataFrame:
    """Count open requests by field and block: what kind of expert is missing where.

    Returns
    -------
    DataFrame
        One row per block and field with a request: ``block_id``, ``block_name``, ``field``,
        ``request_count``, ``open_count``, ``no_expert_count``; most open first.

    Examples
    --------
    >>> from gunmane_analysis.loaders.assumed import load_matching_weights
    >>> requests = pd.DataFrame([["R1", "05204", "road", "issues", 7e4]], columns=[
    ...     "request_id", "municipality_code", "field", "stage", "population_count"])
    >>> advisors = pd.DataFrame([["A1", "road;park", "issues", "05201", 6.0, 1e4, 1e5]], columns=[
    ...     "advisor_id", "fields", "stages", "base_municipality_code", "available_days",
    ...     "suited_population_low", "suited_population_high"])
    >>> weights = load_matching_weights(2024)
    >>> matching = match_advisors(requests, advisors, weights)
    >>> support_gaps(matching, requests, "regional_bureaus")[["field", "open_count"]].to_numpy()
    array([['road', 0]], dtype=object)
    """
    codes = requests["municipality_code"].unique()
    blocks = {code: find_area(code, scheme_id).ancestor("block") for code in codes}
    block = requests["municipality_code"].map(blocks)
    reason = requests[["request_id"]].merge(matching.open_requests, how="left")["reason"]
    counted = (
        requests[["request_id", "field"]]
        .assign(
            block_id=block.map(lambda place: place.area_id),
            block_name=block.map(lambda place: place.name),
            is_open=reason.notna().to_numpy(),
            has_none=(reason == "no_expert").to_numpy(),
        )
        .groupby(["block_id", "block_name", "field"], as_index=False)
        .agg(
            request_count=("request_id", "size"),
            open_count=("is_open", "sum"),
            no_expert_count=("has_none", "sum"),
        )
    )
    return counted.sort_values(
        ["open_count", "block_id", "field"], ascending=[False, True, True], kind="stable"
    ).reset_index(drop=True)


_LEAVERS_TRIED = 3  # each asks for an assignment of the whole country


@dataclass(frozen=True, eq=False, repr=False)
class AreaSupport(Result):
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
    area: AreaLike,
    fiscal_year: int,
) -> AreaSupport | Unanswered:
    """Assign experts to all requests of the country and return those of an area.

    Parameters
    ----------
    requests, advisors : DataFrame
        The registers as filed.
    weights : MatchingWeights
        In force in the year; assumptions.
    area : Area or str
    fiscal_year : int
        Requests made and experts registered later are left out.

    Returns
    -------
    AreaSupport or Unanswered
        Unanswered while either register is empty or the area has no request.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.assumed import load_matching_weights
    >>> requests = pd.DataFrame([["R1", "05204", "road", "issues", 7e4, "2024-06-01"]], columns=[
    ...     "request_id", "municipality_code", "field", "stage", "population_count",
    ...     "requested_on"])
    >>> advisors = pd.DataFrame(
    ...     [["A1", "me", "road;park", "issues", "05201", 6.0, 1e4, 1e5, "2024-04-01"]], columns=[
    ...     "advisor_id", "organisation_kind", "fields", "stages", "base_municipality_code",
    ...     "available_days", "suited_population_low", "suited_population_high", "as_of_on"])
    >>> asked = (requests, advisors, load_matching_weights(2024))
    >>> area_support(*asked, find_area("05"), 2030).table["advisor_id"].tolist()
    ['A1']
    """
    area = find_area(area)
    known = known_until(requests, fiscal_year, "requested_on")
    offered = known_until(advisors, fiscal_year, "as_of_on")
    own = known[in_area(known["municipality_code"], area)]
    if offered.empty or own.empty:
        return unanswered("no-request-or-advisor", area=area.name, fiscal_year=fiscal_year)
    matching = match_advisors(known, offered, weights)
    table = (
        own[["request_id", "municipality_code", "field", "stage"]]
        .merge(matching.pairs[["request_id", "advisor_id", *PARTS]], on="request_id", how="left")
        .merge(matching.open_requests[["request_id", "reason"]], on="request_id", how="left")
    )
    # gaps are counted on the area's own requests, after everybody's have been weighed
    gaps = support_gaps(matching, own, area.lineage[-1].scheme_id)
    idle = matching.idle_advisors.set_index("advisor_id")["free_count"]
    experts = offered[["advisor_id", "organisation_kind", "fields", "base_municipality_code"]]
    experts = experts.assign(
        capacity=capacities(offered, weights),
        free_count=_counts(experts["advisor_id"], idle),
        area_count=_counts(experts["advisor_id"], table["advisor_id"].value_counts()),
    )
    by_field = experts.assign(field=experts["fields"].str.split(LIST_MARK)).explode("field")
    free = by_field.groupby("field")["free_count"].sum()
    near = in_area(experts["base_municipality_code"], area) | (experts["area_count"] > 0)
    experts = experts[near].sort_values(
        ["area_count", "free_count", "advisor_id"], ascending=[False, False, True], kind="stable"
    )
    left = []
    for name in experts.loc[experts["area_count"] > 0, "advisor_id"].head(_LEAVERS_TRIED):
        changed = without_advisor(known, offered, weights, name)
        is_open = changed["advisor_after"].isna()
        opened = is_open & changed["advisor_before"].notna()
        left.append((name, (~is_open).sum(), opened.sum(), changed["cost_change"].sum()))
    columns = ["advisor_id", "moved_count", "opened_count", "cost_change"]
    return AreaSupport(
        area,
        table,
        gaps.assign(free_count=_counts(gaps["field"], free)),
        experts.merge(pd.DataFrame(left, columns=columns), on="advisor_id", how="left"),
        int(matching.blocking["request_id"].isin(own["request_id"]).sum()),
    )


def _counts(names: pd.Series, counts: pd.Series) -> pd.Series:
    """Return the count of each name, 0 where there is none."""
    return names.map(counts).fillna(0).astype("int64")
