"""Findings of the theme ``seeds``: published trials, technologies for needs, how well ranked."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import AreaLike, find_area
from gunmane_analysis.findings.described import absent_finding, described_finding
from gunmane_analysis.findings.finding import Finding, mark_if_synthetic
from gunmane_analysis.metrics.people.seeds import RankingQuality

_SOURCES = ("technology_needs", "technology_seeds")
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
    headline = (
        f"公表資料で、ピッチイベントの日と試す技術が分かる現場試験は、{place}に{len(trials)}件ある。"
        if len(trials)
        else f"公表資料に、ピッチイベントの日と試す技術が分かる{place}の現場試験はない。"
    )
    return described_finding(
        "seeds.published",
        trials,
        headline,
    )


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
    answered = int(ranked.loc[ranked["technology_name"].notna(), "need_id"].nunique())
    needs = int(ranked["need_id"].nunique())
    is_wide = area.kind in ("nation", "block")
    rows = ranked[ranked["rank"].isna() | (ranked["rank"] == 1)] if is_wide else ranked
    if is_wide or needs > _NEEDS_SHOWN:
        rows = rows.sort_values("score", na_position="first", kind="stable")
    kept = rows["need_id"].drop_duplicates().head(_NEEDS_SHOWN)
    left_out = needs - len(kept)
    finding = described_finding(
        "seeds.technologies",
        rows[rows["need_id"].isin(kept)],
        f"{area.name}の自治体が求める技術{needs}件のうち、登録された技術と言葉の重なる"
        f"ものがあるのは{answered}件で、ないのは{needs - answered}件である。",
        source_ids=_SOURCES,
        caveats=(
            *(
                [f"似た技術のないニーズから{len(kept)}件を示す（ほか{left_out}件）。"]
                if left_out
                else []
            ),
        ),
    )
    return mark_if_synthetic(finding, ranked["need_id"], ranked["seed_id"])


def ranking_quality_finding(quality: RankingQuality | None) -> Finding:
    """Word how often the ranking finds what people judged to fit; absent while nothing is judged.

    Examples
    --------
    >>> ranking_quality_finding(None).placement
    'absent'
    """
    if quality is None:
        return absent_finding("seeds.quality")
    finding = described_finding(
        "seeds.quality",
        quality.table,
        f"合うと判断された{quality.pair_count}組（ニーズ{quality.need_count}件）で確かめると、"
        f"合う技術の順位の逆数の平均（MRR）は{quality.mean_reciprocal_rank:.2f}である"
        "（1なら、いつも1番）。",
        source_ids=(*_SOURCES, "judged_pairs"),
    )
    return mark_if_synthetic(finding, quality.has_synthetic_of)
