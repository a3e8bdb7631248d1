"""Findings of the theme ``groups``: candidate groups, how sure, and the real model regions."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import find_area
from gunmane_analysis.metrics.group_question import AreaGroups
from gunmane_analysis.report.charts.chart import draw
from gunmane_analysis.report.charts.groups import plot_groups
from gunmane_analysis.report.findings.finding import Column, Definition, Finding, KeyFigure
from gunmane_analysis.report.wording import percent, yen

UNITS = "group_units"
ADJACENCY = "adjacency"
STEPS = "standard_steps"
MEASURES = {
    "technician_count": ("技術系職員", "人"),
    "general_staff_count": ("一般行政部門職員（土木部門職員ではない）", "人"),
    "civil_engineering_expenditure_jpy": ("土木費", "円"),
}
_OBSTACLES = {
    "not_filed": (
        "{name}の群の候補は求められない。市区町村別の値（group_units）と"
        "隣り合う市区町村の組（adjacency）が届いていないためである。"
    ),
    "too_large": "群の候補は都道府県ごとに求める。{name}については、各都道府県の頁に示す。",
    "below": "{name}では、地続きの市区町村をすべて合わせても、どこも基準に届かない。",
}
_NEEDED = pd.DataFrame(
    {"need": ["市区町村別の値", "隣り合う市区町村の組"], "form": [UNITS, ADJACENCY]}
)
_GROUP = Definition(
    "群の候補",
    "隣り合う市区町村を、合わせた値が基準に届くようにまとめた組。"
    "組の数が最も多く、役所どうしが最も近いものを探した（max-p地域化）。",
)


def area_groups_finding(found: AreaGroups, adjacency: pd.DataFrame) -> Finding:
    """Show the candidate groups of a prefecture with how sure each is, or what is missing."""
    name = found.area.name
    if found.obstacle or found.proposals is None or found.score is None:
        return Finding(
            finding_id="groups.proposal",
            title="群の候補",
            headline=_OBSTACLES[found.obstacle].format(name=name),
            table=_NEEDED,
            columns=(Column("need", "用いる資料"), Column("form", "様式の名")),
            source_ids=(STEPS,),
            caveats=(
                "様式は gunmane data template に様式の名を付けて作り、"
                "gunmane data add で登録する。",
            ),
        )  # fmt: skip
    label, unit = MEASURES[found.measure]
    score, proposals = found.score, found.proposals
    prefecture = found.area.ancestor("prefecture").name
    alone = int((score.table["municipality_count"] == 1).sum())
    headline = (
        f"{prefecture}の{len(proposals.best)}市区町村は、"
        f"{label}を{_words(found.threshold, unit)}以上とする"
        f"{score.group_count}の群の候補にまとめられる"
        f"（うち1市区町村だけで届くもの{alone}、最も少ない群で"
        f"{_words(score.worst_amount, unit)}、"
        f"どの群にも入らないもの{score.ungrouped_count}市区町村）。"
    )
    return Finding(
        finding_id="groups.proposal",
        title=f"{prefecture}の群の候補",
        headline=headline,
        table=_member_table(found),
        columns=(
            Column("group_no", "群", kind="year"),
            Column("members", "市区町村"),
            Column("municipality_count", "数", "市区町村", "count"),
            Column("amount", label, unit, "count"),
            Column("population_count", "人口", "人", "count"),
            Column("span_km", "役所間の最大の距離", "km", "number", 1),
            Column("firmness", "一緒になる割合（最も低い組）", "%", "rate", 0),
        ),
        source_ids=(UNITS, ADJACENCY),
        caveats=(
            f"計算による候補であり、各自治体の意向や実際の連携を示さない。基準の"
            f"{_words(found.threshold, unit)}は例示で、公表された基準ではない。",
            f"{proposals.seed_count}通りの乱数で探し、群の数が最多か一つ少ない"
            f"{len(proposals.solutions)}通りの分け方のうち、同じ群に入る割合を示した。"
            "最適であることは保証されない。",
            "距離は役所の間の直線距離。海を隔てる市区町村は隣り合うとみなさない。"
            "条件（一緒・別・流域）は届いたものだけを用いる。",
            *_region_caveat(found.model_regions),
        ),
        chart=draw(lambda: plot_groups(proposals.best, adjacency), f"群の候補の図。{headline}"),
        key_figures=(
            KeyFigure("groups.group_count", "群の候補", float(score.group_count), unit="群"),
        ),
        definitions=(_GROUP,),
        summary=headline,
        summary_rank=55,
    )


def _words(amount: float, unit: str) -> str:
    return yen(amount) if unit == "円" else f"{amount:,.0f}{unit}"


def _member_table(found: AreaGroups) -> pd.DataFrame:
    assert found.proposals is not None and found.score is not None
    best = found.proposals.best.dropna(subset=["group_no"])
    shares = found.proposals.together.set_index(["municipality_code", "other_municipality_code"])[
        "together_share"
    ]
    members, firmness = {}, {}
    for number, rows in best.astype({"group_no": "int64"}).groupby("group_no"):
        codes = sorted(rows["municipality_code"])
        members[number] = "、".join(find_area(code).name for code in codes)
        pairs = [(a, b) for place, a in enumerate(codes) for b in codes[place + 1 :]]
        firmness[number] = min((float(shares[pair]) for pair in pairs), default=1.0)
    table = found.score.table
    return table.assign(
        members=table["group_no"].map(members), firmness=table["group_no"].map(firmness)
    )


def _region_caveat(regions: pd.DataFrame | None) -> tuple[str, ...]:
    if regions is None or regions.empty:
        return ()
    told = "、".join(
        f"モデル地域{row['group_no']}（{row['municipality_count']}市区町村、"
        f"{'基準に届く' if row['reaches_threshold'] else '基準に届かない'}）は候補との重なり"
        f"{percent(row['overlap'], 0)}"
        for row in regions.to_dict("records")
    )
    return (f"実際のモデル地域と比べると、{told}である。",)
