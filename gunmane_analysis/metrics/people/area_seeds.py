"""What the filed needs and technologies, and the published trials, say for one area."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from gunmane_analysis.areas import Area, list_areas
from gunmane_analysis.cache import get_or_compute
from gunmane_analysis.metrics.people.seeds import (
    published_seeds,
    rank_seeds,
    ranking_quality,
    shared_terms,
)
from gunmane_analysis.metrics.people.steps import in_area, last_day

_SHOWN_TECHNOLOGIES = 3
_K = (1, 3, 5)


def area_technologies(
    needs: pd.DataFrame, seeds: pd.DataFrame, area: Area, fiscal_year: int
) -> pd.DataFrame:
    """Rank the filed technologies for an area's needs, with the terms that they share.

    Parameters
    ----------
    needs, seeds : DataFrame
        The registers as loaded, with their ``text``. A need without municipality code is its
        prefecture's, which ``body_name`` names.
    area : Area
    fiscal_year : int
        Needs and technologies of a later day are left out.

    Returns
    -------
    DataFrame
        One row per need and technology (three at most, the most alike first): ``need_id``,
        ``technology_theme``, ``body_name``, ``rank``, ``score``, ``seed_id``,
        ``technology_name``, ``terms``. A need that shares nothing with any technology has one
        row without. No rows while either register is empty.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_technology_needs, load_technology_seeds
    >>> asked = (load_technology_needs(), load_technology_seeds(), find_area("05"), 2024)
    >>> "score" in area_technologies(*asked).columns
    True
    """
    columns = ["need_id", "technology_theme", "body_name", "rank", "score", "seed_id"]
    columns.append("technology_name")
    day = last_day(fiscal_year)
    is_here = in_area(_places(needs), area) | (area.kind == "nation")
    asked = needs[(needs["as_of_on"] <= day) & is_here]
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


def _places(needs: pd.DataFrame) -> pd.Series:
    """Return municipality codes, prefecture codes for needs of prefectures, else blank."""
    prefectures = {place.name: place.area_id for place in list_areas("prefecture")}
    own = needs["body_name"].map(prefectures).astype("str").where(needs["body_name"].notna(), "")
    return needs["municipality_code"].fillna(own).fillna("").astype("str")


@dataclass(frozen=True)
class RankingQuality:
    """How well the ranking finds the pairs that people judged to fit.

    ``table`` has one row per k: ``k``, ``precision_at_k`` (0-1); ``mean_reciprocal_rank`` is
    over the ``need_count`` needs with a pair judged to fit.
    """

    table: pd.DataFrame
    need_count: int
    pair_count: int
    mean_reciprocal_rank: float
    is_made_up_of: pd.Series


def register_quality(
    needs: pd.DataFrame, seeds: pd.DataFrame, judged: pd.DataFrame, fiscal_year: int
) -> RankingQuality | None:
    """Judge the ranking of all filed technologies by the filed pairs.

    Parameters
    ----------
    needs, seeds, judged : DataFrame
        The registers as loaded.
    fiscal_year : int
        Needs and technologies of a later day are left out.

    Returns
    -------
    RankingQuality or None
        None while a register is empty or no judged pair fits.

    Examples
    --------
    >>> needs = pd.DataFrame({"need_id": ["n1"], "text": "橋梁の点検", "as_of_on": "2024-05-01"})
    >>> seeds = pd.DataFrame({"seed_id": ["s1"], "text": "橋梁点検", "as_of_on": "2024-05-01"})
    >>> judged = pd.DataFrame({"need_id": ["n1"], "seed_id": ["s1"], "is_relevant": [True]})
    >>> register_quality(needs, seeds, judged, 2024).mean_reciprocal_rank
    1.0
    """
    day = last_day(fiscal_year)
    asked, offered = needs[needs["as_of_on"] <= day], seeds[seeds["as_of_on"] <= day]
    fitting = judged[
        judged["is_relevant"]
        & judged["need_id"].isin(asked["need_id"])
        & judged["seed_id"].isin(offered["seed_id"])
    ]
    if fitting.empty:
        return None
    wanted = asked[asked["need_id"].isin(fitting["need_id"])]
    ranking = get_or_compute(
        ("rank_seeds", wanted, offered), lambda: rank_seeds(wanted, offered, top=len(offered))
    )
    measured = {k: ranking_quality(ranking, fitting, k) for k in _K}
    return RankingQuality(
        table=pd.DataFrame(
            {"k": k, "precision_at_k": one["precision_at_k"]} for k, one in measured.items()
        ),
        need_count=int(measured[1]["need_count"]),
        pair_count=len(fitting),
        mean_reciprocal_rank=measured[1]["mean_reciprocal_rank"],
        is_made_up_of=fitting["need_id"],
    )


def published_trials(activity_plan: pd.DataFrame, area: Area) -> pd.DataFrame:
    """Return the technologies of the published trials in an area, or in the block around it.

    Returns
    -------
    DataFrame
        One row per trial: the columns of
        :func:`gunmane_analysis.metrics.people.seeds.published_seeds`.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_activity_plan
    >>> len(published_trials(load_activity_plan(), find_area("chugoku")))
    4
    """
    trials = published_seeds(activity_plan)
    if area.kind == "nation":
        return trials
    block = area.ancestor("block").area_id
    return trials[trials["seed_id"].str.startswith(f"{block}_")].reset_index(drop=True)
