"""Findings of the theme ``seeds``: published trials, technologies for needs, how well ranked."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import AreaLike, find_area
from gunmane_analysis.findings.described import absent_finding, described_finding
from gunmane_analysis.findings.finding import Finding, has_synthetic
from gunmane_analysis.metrics.people.seeds import RankingQuality

_NEEDS_SHOWN = 40


def published_trials_finding(trials: pd.DataFrame, area: AreaLike) -> Finding:
    """Show the technologies that published pitches led to a planned trial of.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_activity_plan
    >>> from gunmane_analysis.metrics.people.seeds import published_trials
    >>> area = find_area("chugoku")
    >>> published_trials_finding(published_trials(load_activity_plan(), area), area).finding_id
    'seeds.published'
    """
    area = find_area(area)
    place = area.name if area.kind == "nation" else area.ancestor("block").name
    words = {"place": place, "trial_count": len(trials) or None}
    return described_finding("seeds.published", trials, words=words)


def area_technologies_finding(ranked: pd.DataFrame, area: AreaLike) -> Finding:
    """Word which needs have a technology that resembles them, and which have none.

    Prefectures and municipalities list up to three technologies a need; blocks and the nation
    one, the needs without any first.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> area_technologies_finding(pd.DataFrame(), find_area("05")).placement
    'absent'
    """
    area = find_area(area)
    if ranked.empty:
        return absent_finding("seeds.technologies")
    is_answered = ranked.groupby("need_id")["technology_name"].any()
    is_wide = area.kind in ("nation", "block")
    rows = ranked[ranked["rank"].isna() | (ranked["rank"] == 1)] if is_wide else ranked
    if is_wide or len(is_answered) > _NEEDS_SHOWN:
        rows = rows.sort_values("score", na_position="first", kind="stable")
    kept = rows["need_id"].drop_duplicates().head(_NEEDS_SHOWN)
    return described_finding(
        "seeds.technologies",
        rows[rows["need_id"].isin(kept)],
        words={
            "area": area.name,
            "need_count": len(is_answered),
            "answered_count": is_answered.sum(),
            "open_count": (~is_answered).sum(),
            "shown_count": len(kept),
            "left_out": len(is_answered) - len(kept) or None,
        },
        is_synthetic=has_synthetic(ranked["need_id"], ranked["seed_id"]),
    )


def ranking_quality_finding(quality: RankingQuality | None) -> Finding:
    """Word how often the ranking finds what people judged to fit; absent while nothing is judged.

    Examples
    --------
    >>> ranking_quality_finding(None).placement
    'absent'
    """
    if quality is None:
        return absent_finding("seeds.quality")
    return described_finding(
        "seeds.quality",
        quality.table,
        words={"quality": quality},
        is_synthetic=has_synthetic(quality.has_synthetic_of),
    )
