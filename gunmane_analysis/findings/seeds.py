"""Findings of the theme ``seeds``: published trials, technologies for needs, how well ranked."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.findings.finding import Column, Finding
from gunmane_analysis.findings.synthetic import marked
from gunmane_analysis.metrics.people.seeds import RankingQuality

_SOURCES = ("technology_needs", "technology_seeds")
_NEEDS_SHOWN = 40


def published_trials_finding(trials: pd.DataFrame, area: Area) -> Finding:
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
    place = area.name if area.kind == "nation" else area.ancestor("block").name
    headline = (
        f"公表資料で、ピッチイベントの日と試す技術が分かる現場試験は、{place}に{len(trials)}件ある。"
        if len(trials)
        else f"公表資料に、ピッチイベントの日と試す技術が分かる{place}の現場試験はない。"
    )
    return Finding(
        finding_id="seeds.published",
        title="公表された、ニーズと技術の実際の組",
        headline=headline,
        table=trials,
        columns=(
            Column("organisation_name", "試験の場を持つ団体"),
            Column("text", "技術（要約）"),
            Column("pitch_on", "ピッチイベント"),
            Column("trial_planned_month", "予定された試験の月"),
        ),
        source_ids=("activity_plan",),
        caveats=("計画であり、実施や効果を示さない。技術が応えるニーズの文は公表されていない。",),
        status="planned",
    )


def area_technologies_finding(ranked: pd.DataFrame, area: Area) -> Finding | None:
    """Word which needs have a technology that resembles them, and which have none.

    Prefectures and municipalities list up to three technologies a need; blocks and the nation
    one, the needs without any first.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> area_technologies_finding(pd.DataFrame(), find_area("05"))
    """
    if ranked.empty:
        return None
    answered = int(ranked.loc[ranked["technology_name"].notna(), "need_id"].nunique())
    needs = int(ranked["need_id"].nunique())
    is_wide = area.kind in ("nation", "block")
    rows = ranked[ranked["rank"].isna() | (ranked["rank"] == 1)] if is_wide else ranked
    if is_wide or needs > _NEEDS_SHOWN:
        rows = rows.sort_values("score", na_position="first", kind="stable")
    kept = rows["need_id"].drop_duplicates().head(_NEEDS_SHOWN)
    left_out = needs - len(kept)
    finding = Finding(
        finding_id="seeds.technologies",
        title="ニーズに似た技術",
        headline=f"{area.name}の自治体が求める技術{needs}件のうち、登録された技術と言葉の重なる"
        f"ものがあるのは{answered}件で、ないのは{needs - answered}件である。",
        table=rows[rows["need_id"].isin(kept)],
        columns=(
            Column("body_name", "自治体"),
            Column("technology_theme", "求める技術"),
            Column("rank", "順", kind="count"),
            Column("technology_name", "技術"),
            Column("score", "似ている度合い（0〜1）", "", "number", 2),
            Column("terms", "重なる言葉"),
        ),
        source_ids=_SOURCES,
        caveats=(
            "文の言葉の重なりだけで並べたもので、技術の性能や適否を示さない。"
            "合うと判断した組は gunmane matched で案件の台帳の様式に書き出せる。",
            *(
                [f"似た技術のないニーズから{len(kept)}件を示す（ほか{left_out}件）。"]
                if left_out
                else []
            ),
        ),
    )
    return marked(finding, ranked["need_id"], ranked["seed_id"])


def ranking_quality_finding(quality: RankingQuality | None) -> Finding | None:
    """Word how often the ranking finds what people judged to fit; None while nothing is judged.

    Examples
    --------
    >>> ranking_quality_finding(None)
    """
    if quality is None:
        return None
    finding = Finding(
        finding_id="seeds.quality",
        title="順位の当たり方",
        headline=(
            f"合うと判断された{quality.pair_count}組（ニーズ{quality.need_count}件）で確かめると、"
            f"合う技術の順位の逆数の平均（MRR）は{quality.mean_reciprocal_rank:.2f}である"
            "（1なら、いつも1番）。"
        ),
        table=quality.table,
        columns=(
            Column("k", "上からの数", "件", "count"),
            Column("precision_at_k", "そのうち合う技術の割合（平均）", "%", "rate", 1),
        ),
        source_ids=(*_SOURCES, "judged_pairs"),
        caveats=(
            "全国の台帳で計算した。判断のない技術は合わないものとして数えるため、低めに出る。"
            "合う技術が1件なら、上から5件の割合は高くても20%である。",
        ),
    )
    return marked(finding, quality.is_made_up_of)
