"""Findings of the theme ``matching``: which expert could help, and what kind is missing."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import find_area
from gunmane_analysis.findings.finding import Column, Finding
from gunmane_analysis.findings.synthetic import marked
from gunmane_analysis.metrics.people.matching import AreaSupport
from gunmane_analysis.tables import choices
from gunmane_analysis.tables.people import LIST_MARK

_SOURCES = ("support_requests", "advisors")
_REASONS = {"no_expert": "合う助言者がいない", "all_busy": "合う助言者が手一杯"}
_ROWS_SHOWN = 60
_EXPERTS_SHOWN = 30
_PROPOSAL = (
    "届いた相談すべてについて、隔たりの合計が最も小さくなるように割り当てた案であり、"
    "実際の派遣ではない。隔たりの重みは当方が置いた仮定である。"
)


def support_gaps_finding(found: AreaSupport | None) -> Finding | None:
    """Word how many requests find an expert, and what kind of expert is missing where.

    Examples
    --------
    >>> support_gaps_finding(None)
    """
    if found is None:
        return None
    asked, gaps = found.table, found.gaps
    missing = gaps[gaps["open_count"] > 0]
    lacking = "、".join(
        f"{choices('field')[str(field)]}{count}件"
        for field, count in missing.groupby("field", sort=False)["open_count"].sum().items()
    )
    headline = (
        f"{found.area.name}の相談{len(asked)}件のうち{int(asked['advisor_id'].notna().sum())}件に"
        "助言者を割り当てられる。" + (f"割り当てられないのは{lacking}である。" if lacking else "")
    )
    finding = Finding(
        finding_id="matching.gaps",
        title="分野ごとの相談と助言者の不足",
        headline=headline,
        table=_gap_table(found),
        columns=(
            Column("block_name", "地域"),
            Column("field_ja", "分野"),
            Column("request_count", "相談", "件", "count"),
            Column("open_count", "割り当てられない", "件", "count"),
            Column("no_expert_count", "うち合う助言者がいない", "件", "count"),
            Column("busy_count", "うち助言者が手一杯", "件", "count"),
            Column("free_count", "その分野の助言者の空き（全国）", "件", "count"),
        ),
        source_ids=_SOURCES,
        caveats=(
            _PROPOSAL,
            *(
                ["全国の分野ごとの行に続けて、割り当てられない相談のあるブロックの行を示す。"]
                if found.area.kind == "nation"
                else []
            ),
            "複数の分野を持つ助言者の空きは、それぞれの分野に数えた。",
            f"割当より互いに近い相談と助言者の組は{found.blocking_count}である"
            "（多いほど、割当に納得されにくい）。",
        ),
        summary=headline,
        summary_rank=70,
    )
    return marked(finding, asked["request_id"], asked["advisor_id"])


def _gap_table(found: AreaSupport) -> pd.DataFrame:
    """Return the gaps; for the nation by field, then the blocks where something is open."""
    gaps = found.gaps
    if found.area.kind == "nation":
        counts = {name: (name, "sum") for name in gaps.columns if name.endswith("_count")}
        counts["free_count"] = ("free_count", "first")  # the nation's in every row
        whole = gaps.groupby("field", as_index=False).agg(**counts)
        whole = whole.sort_values("open_count", ascending=False, kind="stable")
        parts = [whole.assign(block_name=found.area.name), gaps[gaps["open_count"] > 0]]
        gaps = pd.concat(parts, ignore_index=True)
    return gaps.assign(
        field_ja=gaps["field"].map(choices("field")),
        busy_count=gaps["open_count"] - gaps["no_expert_count"],
    )


def area_support_finding(found: AreaSupport | None) -> Finding | None:
    """List the requests of a prefecture or municipality with their experts, part by part.

    A block's or the nation's requests are counted by field (:func:`support_gaps_finding`), not
    listed.

    Examples
    --------
    >>> area_support_finding(None)
    """
    if found is None or found.area.kind in ("nation", "block"):
        return None
    table = found.table.assign(
        place=[find_area(code).name for code in found.table["municipality_code"]],
        field_ja=found.table["field"].map(choices("field")),
        stage_ja=found.table["stage"].map(choices("advice_stage")),
        reason_ja=found.table["reason"].map(_REASONS),
    )
    shown = table.sort_values("reason", kind="stable").head(_ROWS_SHOWN)
    left_out = len(table) - len(shown)
    finding = Finding(
        finding_id="matching.assignment",
        title="相談と助言者の割当の案",
        headline=(
            f"{found.area.name}の相談の割当の案は次のとおり"
            + (f"（割り当てられないものから{_ROWS_SHOWN}件、ほか{left_out}件）" if left_out else "")
            + "。隔たりの小さい組ほど合っている。"
        ),
        table=shown,
        columns=(
            Column("request_id", "相談"),
            Column("place", "市区町村"),
            Column("field_ja", "分野"),
            Column("stage_ja", "段階"),
            Column("advisor_id", "助言者"),
            Column("stage_cost", "段階の隔たり", "点", "number", 2),
            Column("size_cost", "規模の隔たり", "点", "number", 2),
            Column("distance_cost", "距離の隔たり", "点", "number", 2),
            Column("reason_ja", "割り当てられない理由"),
        ),
        source_ids=_SOURCES,
        caveats=(
            "規模の隔たりは、助言者の得意な人口の幅から2倍外れるごとに加わる。"
            "小さな自治体が担いきれない助言を避けるための項である。",
        ),
    )
    return marked(finding, table["request_id"], table["advisor_id"])


def advisors_finding(found: AreaSupport | None) -> Finding | None:
    """List an area's experts: their places, who is idle, what changes when one leaves.

    Examples
    --------
    >>> advisors_finding(None)
    """
    if found is None or found.advisors.empty:
        return None
    experts = found.advisors
    idle = int((experts["free_count"] > 0).sum())
    headline = (
        f"{found.area.name}に拠点があるか、その相談に割り当てられる助言者は{len(experts)}人で、"
        f"うち{idle}人にまだ空きがある。{_leaving_words(experts)}"
    )
    shown = experts.head(_EXPERTS_SHOWN)
    finding = Finding(
        finding_id="matching.advisors",
        title="助言者の空きと、抜けた場合の変化",
        headline=headline,
        table=shown.assign(
            organisation=[
                f"{choices('expert_organisation')[str(kind)]}（{find_area(str(code)).name}）"
                for kind, code in zip(
                    shown["organisation_kind"], shown["base_municipality_code"], strict=True
                )
            ],
            fields_ja=[
                "、".join(choices("field")[name] for name in str(listed).split(LIST_MARK))
                for listed in shown["fields"]
            ],
        ),
        columns=(
            Column("advisor_id", "助言者"),
            Column("organisation", "所属（拠点）"),
            Column("fields_ja", "分野"),
            Column("capacity", "枠", "件", "count"),
            Column("area_count", "割当", "件", "count"),
            Column("free_count", "空き", "件", "count"),
            Column("moved_count", "替わる", "件", "count"),
            Column("opened_count", "残る", "件", "count"),
        ),
        source_ids=_SOURCES,
        caveats=(
            "枠は派遣できる日数から求めた受けられる数、割当はこの地域の相談。割当の多い順、"
            f"空きの多い順に{_EXPERTS_SHOWN}人まで示す。",
            "替わる・残るは、その人が抜けて全国を割り当て直したときに助言者の替わる相談と、"
            "いなくなる相談。割当の多い3人だけ求めた。",
        ),
    )
    return marked(finding, experts["advisor_id"])


def _leaving_words(experts: pd.DataFrame) -> str:
    tried = experts.dropna(subset=["opened_count"])
    if tried.empty:
        return ""
    worst = tried.sort_values(["opened_count", "moved_count"], ascending=False, kind="stable").iloc[
        0
    ]
    return (
        f"{worst['advisor_id']}が抜けると、{worst['moved_count']:.0f}件の助言者が替わり、"
        f"{worst['opened_count']:.0f}件に助言者がいなくなる。"
    )
