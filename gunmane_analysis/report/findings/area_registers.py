"""Findings on the filed registers: which expert could help, which technology could answer."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from gunmane_analysis.areas import Area, find_area
from gunmane_analysis.metrics.area_registers import AreaSupport
from gunmane_analysis.report.findings.finding import Column, Finding
from gunmane_analysis.schemas.matching import FIELD_NAMES, STAGES

_REASONS = {"no_expert": "合う助言者がいない", "all_busy": "合う助言者が手一杯"}
_SYNTHETIC = "合成"


def area_support_finding(found: AreaSupport | None) -> Finding | None:
    """Word how many requests find an expert, and what kind of expert is missing.

    Examples
    --------
    >>> area_support_finding(None)
    """
    if found is None:
        return None
    table = found.table.assign(
        place=[find_area(code).name for code in found.table["municipality_code"]],
        field_ja=found.table["field"].map(FIELD_NAMES),
        stage_ja=found.table["stage"].map(STAGES),
        reason_ja=found.table["reason"].map(_REASONS),
    )
    served = int(table["advisor_id"].notna().sum())
    missing = found.gaps[found.gaps["open_count"] > 0]
    lacking = "、".join(
        f"{FIELD_NAMES[str(field)]}{count}件"
        for field, count in missing.groupby("field", sort=False)["open_count"].sum().items()
    )
    headline = (
        f"{found.area.name}の相談{len(table)}件のうち{served}件に助言者を割り当てられる。"
        + (f"割り当てられないのは{lacking}である。" if lacking else "")
    )
    finding = Finding(
        finding_id="steps.support",
        title="相談と助言者の割当の案",
        headline=headline,
        table=table,
        columns=(
            Column("request_id", "相談"),
            Column("place", "市区町村"),
            Column("field_ja", "分野"),
            Column("stage_ja", "段階"),
            Column("advisor_id", "助言者"),
            Column("stage_cost", "段階の隔たり", "", "number", 2),
            Column("size_cost", "規模の隔たり", "", "number", 2),
            Column("distance_cost", "距離の隔たり", "", "number", 2),
            Column("reason_ja", "割り当てられない理由"),
        ),
        source_ids=("support_requests", "advisors"),
        caveats=(
            "届いた相談すべてについて、隔たりの合計が最も小さくなるように割り当てた案であり、"
            "実際の派遣ではない。隔たりの重みは当方が置いた仮定である。",
            f"割当より互いに近い相談と助言者の組は{found.blocking_count}である"
            "（多いほど、割当に納得されにくい）。",
        ),
    )
    return _marked(finding, table["request_id"], table["advisor_id"])


def area_technologies_finding(ranked: pd.DataFrame, area: Area) -> Finding | None:
    """Word which needs have a technology that resembles them, and which have none.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> area_technologies_finding(pd.DataFrame(), find_area("05"))
    """
    if ranked.empty:
        return None
    answered = int(ranked.loc[ranked["technology_name"].notna(), "need_id"].nunique())
    needs = int(ranked["need_id"].nunique())
    finding = Finding(
        finding_id="steps.technologies",
        title="ニーズに似た技術",
        headline=f"{area.name}の市区町村が求める技術{needs}件のうち、登録された技術と言葉の重なる"
        f"ものがあるのは{answered}件である。",
        table=ranked,
        columns=(
            Column("body_name", "市区町村"),
            Column("technology_theme", "求める技術"),
            Column("rank", "順", kind="count"),
            Column("technology_name", "技術"),
            Column("score", "似ている度合い（0〜1）", "", "number", 2),
            Column("terms", "重なる言葉"),
        ),
        source_ids=("technology_needs", "technology_seeds"),
        caveats=(
            "文の言葉の重なりだけで並べたもので、技術の性能や適否を示さない。"
            "合うと判断した組は gunmane matched で案件の台帳の様式に書き出せる。",
        ),
    )
    return _marked(finding, ranked["need_id"], ranked["technology_name"])


def _marked(finding: Finding, *ids: pd.Series) -> Finding:
    """Mark a finding as synthetic where its records say that they are."""
    is_made = any(column.dropna().astype("str").str.contains(_SYNTHETIC).any() for column in ids)
    if not is_made:
        return finding
    return replace(finding, status="synthetic", headline=f"合成データでは、{finding.headline}")
