"""Seeds: which technologies fit a need, ranked by the characters their texts share.

Character n-grams need no dictionary of Japanese words and catch compounds that a dictionary
would cut differently.

References
----------
Manning, C. D., Raghavan, P., Schuetze, H. (2008). Introduction to Information Retrieval,
chapters 6 (tf-idf) and 8 (precision at k, mean reciprocal rank).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gunmane_analysis.areas import AreaLike, find_area, list_areas
from gunmane_analysis.cache import cached
from gunmane_analysis.metrics.people.steps import in_area
from gunmane_analysis.metrics.validation import known_until
from gunmane_analysis.refusals import Unanswered, refuse_if, unanswered
from gunmane_analysis.results import Result

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer

_MEGABYTES_AT_MOST = 200
_TERMS_SHOWN = 5
_MARKS = frozenset("。、，．・,.;:「」（）()")


def ngram_scorer(shortest: int = 2, longest: int = 3) -> TfidfVectorizer:
    """Return the scorer: TF-IDF of character n-grams, cosine."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(
        analyzer="char",
        ngram_range=(shortest, longest),
        preprocessor=plain_text,
        sublinear_tf=True,
        dtype=np.float32,
    )


def plain_text(text: str) -> str:
    """Return a text in one form: NFKC, lower case, without spaces.

    Examples
    --------
    >>> plain_text("ＳＡＲ 衛星")
    'sar衛星'
    """
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


@cached
def rank_seeds(needs: pd.DataFrame, seeds: pd.DataFrame, top: int = 10) -> pd.DataFrame:
    """Rank technologies for every need.

    Parameters
    ----------
    needs, seeds : DataFrame
        One row per text: ``need_id`` or ``seed_id``, and ``text``.
    top : int
        Technologies kept per need.

    Returns
    -------
    DataFrame
        One row per need and technology that shares anything with it: ``need_id``,
        ``seed_id``, ``rank`` (1 = most alike), ``score`` (0-1). A need that shares nothing
        with any technology has no row.

    Raises
    ------
    DesignError
        If a text is empty, an id stands twice, or ``top`` is not positive.

    Examples
    --------
    >>> needs = pd.DataFrame({"need_id": ["n1", "n2"],
    ...                       "text": ["橋梁の点検を省力化したい", "舗装のひび割れを見つけたい"]})
    >>> seeds = pd.DataFrame({"seed_id": ["s1", "s2"],
    ...                       "text": ["ドローンで橋梁の点検", "車載カメラで舗装のひび割れ検知"]})
    >>> ranking = rank_seeds(needs, seeds, top=1)
    >>> ranking["seed_id"].tolist()
    ['s1', 's2']
    """
    _check_texts(needs, "need_id")
    _check_texts(seeds, "seed_id")
    refuse_if(top < 1, "seeds-top")
    from sklearn import config_context
    from sklearn.neighbors import NearestNeighbors

    vectors = ngram_scorer().fit([*seeds["text"], *needs["text"]])
    nearest = NearestNeighbors(n_neighbors=min(top, len(seeds)), metric="cosine")
    nearest.fit(vectors.transform(seeds["text"]))
    with config_context(working_memory=_MEGABYTES_AT_MOST):  # needs are taken in blocks
        far, place = nearest.kneighbors(vectors.transform(needs["text"]))
    ranked = pd.DataFrame(
        {
            "need_id": np.repeat(needs["need_id"].to_numpy(), place.shape[1]),
            "seed_id": seeds["seed_id"].to_numpy()[place.ravel()],
            "rank": np.tile(np.arange(1, place.shape[1] + 1), len(needs)),
            "score": 1.0 - far.ravel().astype("float64"),
        }
    )
    return ranked[ranked["score"] > 0].reset_index(drop=True)


def _check_texts(table: pd.DataFrame, name: str) -> None:
    blank = table.loc[~table["text"].fillna("").map(plain_text).astype("bool"), name]
    twice = table.loc[table[name].duplicated(), name]
    shown = "、".join(map(str, [*blank, *twice][:10]))
    is_wrong = table.empty or len(blank) or len(twice)
    refuse_if(is_wrong, "seeds-texts", name=name, shown=shown)


def shared_terms(need: str, seed: str, shortest: int = 2) -> list[str]:
    """Return the longest character strings that two texts share: why they were ranked alike.

    Examples
    --------
    >>> shared_terms("河道・堤防の効率的な点検", "堤防の点検を効率的に行う")
    ['効率的', '堤防の', '点検']
    """
    for text in (need, seed):
        refuse_if(not isinstance(text, str), "text-form", given=text)
    one, other = plain_text(need), plain_text(seed)
    found: list[str] = []
    for length in range(min(len(one), len(other)), shortest - 1, -1):
        for start in range(len(one) - length + 1):
            term = one[start : start + length]
            if _MARKS & set(term):
                continue  # a full stop between theme and text is no word
            if term in other and not any(term in longer for longer in found):
                found.append(term)
    return sorted(found, key=lambda term: (-len(term), term))[:_TERMS_SHOWN]


def ranking_quality(ranking: pd.DataFrame, judged: pd.DataFrame, k: int = 5) -> dict[str, float]:
    """Judge a ranking by pairs that people have labelled.

    Parameters
    ----------
    ranking : DataFrame
        From :func:`rank_seeds`.
    judged : DataFrame
        ``need_id``, ``seed_id``, ``is_relevant``; needs without a relevant technology are
        left out, unlabelled technologies count as not relevant.
    k : int

    Returns
    -------
    dict
        ``need_count``, ``precision_at_k`` (relevant among the first k, divided by k) and
        ``mean_reciprocal_rank`` (0 for a need whose relevant technologies are not ranked).

    Raises
    ------
    DesignError
        If no pair is labelled relevant.

    Examples
    --------
    >>> needs = pd.DataFrame({"need_id": ["n1", "n2"],
    ...                       "text": ["橋梁の点検を省力化したい", "舗装のひび割れを見つけたい"]})
    >>> seeds = pd.DataFrame({"seed_id": ["s1", "s2"],
    ...                       "text": ["ドローンで橋梁の点検", "車載カメラで舗装のひび割れ検知"]})
    >>> ranking = rank_seeds(needs, seeds, top=1)
    >>> judged = pd.DataFrame({"need_id": ["n1"], "seed_id": ["s1"], "is_relevant": [True]})
    >>> ranking_quality(ranking, judged, k=1)["mean_reciprocal_rank"]
    1.0
    """
    relevant = judged[judged["is_relevant"]][["need_id", "seed_id"]]
    refuse_if(relevant.empty, "seeds-none-judged")
    hits = ranking.merge(relevant, on=["need_id", "seed_id"], how="inner")
    needs = relevant["need_id"].drop_duplicates()
    first = hits.groupby("need_id")["rank"].min()
    inside = hits[hits["rank"] <= k].groupby("need_id").size()
    return {
        "need_count": float(len(needs)),
        "precision_at_k": float((needs.map(inside).fillna(0) / k).mean()),
        "mean_reciprocal_rank": float((1.0 / needs.map(first)).fillna(0.0).mean()),
    }


def published_seeds(activity_plan: pd.DataFrame) -> pd.DataFrame:
    """Return the technologies of the published trials, with the pitch and trial behind each.

    Parameters
    ----------
    activity_plan : DataFrame
        One row per printed line; trials whose technology is not printed are left out.

    Returns
    -------
    DataFrame
        One row per trial: ``seed_id``, ``text`` (own words of the plan's summary),
        ``organisation_name``, ``pitch_event_no``, ``pitch_on``, ``trial_planned_month``. The
        needs behind them are not printed.

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_activity_plan
    >>> published_seeds(load_activity_plan()).empty
    False
    """
    trials = activity_plan[
        (activity_plan["activity_kind"] == "field_trial") & activity_plan["pitch_on"].notna()
    ]
    ids = trials["block_id"] + "_trial_" + trials["event_no"].astype("int64").astype("str")
    names = ["organisation_name", "pitch_event_no", "pitch_on", "trial_planned_month"]
    texts = trials["description"].str.replace("の現場試験", "", regex=False)
    tried = trials[names].assign(seed_id=ids, text=texts)
    return tried[["seed_id", "text", *names]].reset_index(drop=True)


_SHOWN_TECHNOLOGIES = 3
_K = (1, 3, 5)


def area_technologies(
    needs: pd.DataFrame, seeds: pd.DataFrame, area: AreaLike, fiscal_year: int
) -> pd.DataFrame:
    """Rank the filed technologies for an area's needs, with the terms that they share.

    Parameters
    ----------
    needs, seeds : DataFrame
        The registers as loaded, with their ``text``. A need without municipality code is its
        prefecture's, which ``body_name`` names.
    area : Area or str
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
    area = find_area(area)
    columns = ["need_id", "technology_theme", "body_name", "rank", "score", "seed_id"]
    columns.append("technology_name")
    asked = known_until(needs, fiscal_year, "as_of_on")
    asked = asked[in_area(_places(asked), area) | (area.kind == "nation")]
    offered = known_until(seeds, fiscal_year, "as_of_on")
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


@dataclass(frozen=True, eq=False, repr=False)
class RankingQuality(Result):
    """How well the ranking finds the pairs that people judged to fit.

    ``table`` has one row per k: ``k``, ``precision_at_k`` (0-1); ``mean_reciprocal_rank`` is
    over the ``need_count`` needs with a pair judged to fit.
    """

    table: pd.DataFrame
    need_count: int
    pair_count: int
    mean_reciprocal_rank: float
    has_synthetic_of: pd.Series


def register_quality(
    needs: pd.DataFrame, seeds: pd.DataFrame, judged: pd.DataFrame, fiscal_year: int
) -> RankingQuality | Unanswered:
    """Judge the ranking of all filed technologies by the filed pairs.

    Parameters
    ----------
    needs, seeds, judged : DataFrame
        The registers as loaded.
    fiscal_year : int
        Needs and technologies of a later day are left out.

    Returns
    -------
    RankingQuality or Unanswered
        Unanswered while a register is empty or no judged pair fits.

    Examples
    --------
    >>> needs = pd.DataFrame({"need_id": ["n1"], "text": "橋梁の点検", "as_of_on": "2024-05-01"})
    >>> seeds = pd.DataFrame({"seed_id": ["s1"], "text": "橋梁点検", "as_of_on": "2024-05-01"})
    >>> judged = pd.DataFrame({"need_id": ["n1"], "seed_id": ["s1"], "is_relevant": [True]})
    >>> register_quality(needs, seeds, judged, 2024).mean_reciprocal_rank
    1.0
    """
    asked, offered = (known_until(each, fiscal_year, "as_of_on") for each in (needs, seeds))
    fitting = judged[
        judged["is_relevant"]
        & judged["need_id"].isin(asked["need_id"])
        & judged["seed_id"].isin(offered["seed_id"])
    ]
    if fitting.empty:
        return unanswered("no-judged-pair")
    wanted = asked[asked["need_id"].isin(fitting["need_id"])]
    ranking = rank_seeds(wanted, offered, top=len(offered))
    measured = {k: ranking_quality(ranking, fitting, k) for k in _K}
    return RankingQuality(
        table=pd.DataFrame(
            {"k": k, "precision_at_k": one["precision_at_k"]} for k, one in measured.items()
        ),
        need_count=int(measured[1]["need_count"]),
        pair_count=len(fitting),
        mean_reciprocal_rank=measured[1]["mean_reciprocal_rank"],
        has_synthetic_of=fitting["need_id"],
    )


def published_trials(activity_plan: pd.DataFrame, area: AreaLike) -> pd.DataFrame:
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
    area = find_area(area)
    trials = published_seeds(activity_plan)
    if area.kind == "nation":
        return trials
    block = area.ancestor("block").area_id
    return trials[trials["seed_id"].str.startswith(f"{block}_")].reset_index(drop=True)
