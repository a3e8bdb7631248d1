"""What the filed registers of experts and technologies say for one area's municipalities."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.metrics.matching import PARTS, match_advisors, support_gaps
from gunmane_analysis.metrics.seeds import rank_seeds, shared_terms
from gunmane_analysis.metrics.steps import in_area, last_day
from gunmane_analysis.schemas.matching import MatchingWeights

_SHOWN_TECHNOLOGIES = 3


@dataclass(frozen=True)
class AreaSupport:
    """Requests of an area with the expert that the assignment over all requests gives each.

    ``table`` has one row per request of the area: ``request_id``, ``municipality_code``,
    ``field``, ``stage``, ``advisor_id`` and the parts of the pair's cost (missing while
    open), ``reason`` (why it is open). ``gaps`` counts the area's requests by field.
    """

    area: Area
    table: pd.DataFrame
    gaps: pd.DataFrame
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
        Requests made later are left out.

    Returns
    -------
    AreaSupport or None
        None while either register is empty or the area has no request.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.matching import load_matching_weights
    >>> from gunmane_analysis.metrics.simulated_registers import (
    ...     simulate_advisors, simulate_requests)
    >>> requests = simulate_requests(["05201", "05204"], 6, seed=1)
    >>> advisors = simulate_advisors(["05201", "05204"], 4, seed=1)
    >>> asked = (requests, advisors, load_matching_weights(2024))
    >>> len(area_support(*asked, find_area("05"), 2030).table)
    6
    """
    known = requests[requests["requested_on"] <= last_day(fiscal_year)]
    if known.empty or advisors.empty:
        return None
    own = known[in_area(known["municipality_code"], area)]
    if own.empty:
        return None
    matching = match_advisors(known, advisors, weights)
    names = ["request_id", "municipality_code", "field", "stage"]
    table = (
        own[names]
        .merge(matching.pairs[["request_id", "advisor_id", *PARTS]], on="request_id", how="left")
        .merge(matching.open_requests[["request_id", "reason"]], on="request_id", how="left")
    )
    scheme_id = area.lineage[-1].scheme_id
    # gaps are counted on the area's own requests, after everybody's have been weighed
    gaps = support_gaps(matching, own, scheme_id)
    blocking = matching.blocking["request_id"].isin(own["request_id"])
    return AreaSupport(area, table, gaps, int(blocking.sum()))


def area_technologies(
    needs: pd.DataFrame, seeds: pd.DataFrame, area: Area, fiscal_year: int
) -> pd.DataFrame:
    """Rank the filed technologies for an area's needs, with the terms that they share.

    Parameters
    ----------
    needs, seeds : DataFrame
        The registers as loaded, with their ``text``.
    area : Area
    fiscal_year : int
        Needs and technologies of a later day are left out.

    Returns
    -------
    DataFrame
        One row per need and technology (three at most, the most alike first): ``need_id``,
        ``technology_theme``, ``body_name``, ``rank``, ``score``, ``technology_name``,
        ``terms``. A need that shares nothing with any technology has one row without. No rows
        while either register is empty.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.seeds import load_technology_needs, load_technology_seeds
    >>> asked = (load_technology_needs(), load_technology_seeds(), find_area("05"), 2024)
    >>> "score" in area_technologies(*asked).columns
    True
    """
    columns = ["need_id", "technology_theme", "body_name", "rank", "score", "technology_name"]
    day = last_day(fiscal_year)
    asked = needs[(needs["as_of_on"] <= day) & in_area(needs["municipality_code"].fillna(""), area)]
    offered = seeds[seeds["as_of_on"] <= day]
    if asked.empty or offered.empty:
        return pd.DataFrame(columns=[*columns, "terms"])
    ranking = rank_seeds(asked, offered, top=_SHOWN_TECHNOLOGIES)
    found = (
        asked[["need_id", "technology_theme", "body_name", "text"]]
        .merge(ranking, on="need_id", how="left")
        .merge(
            offered[["seed_id", "technology_name", "text"]].rename(columns={"text": "seed_text"}),
            on="seed_id",
            how="left",
        )
    )
    terms = [
        "、".join(shared_terms(text, seed)[:3]) if isinstance(seed, str) else ""
        for text, seed in zip(found["text"], found["seed_text"], strict=True)
    ]
    return found[columns].assign(terms=terms)
