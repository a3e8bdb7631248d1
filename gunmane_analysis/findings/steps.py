"""Findings of the theme ``steps``: what to do next, and where the municipalities stand."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.grammar import plot_bars
from gunmane_analysis.findings.described import absent_finding, described_finding
from gunmane_analysis.findings.finding import Finding, KeyFigure, mark_synthetic
from gunmane_analysis.metrics.people.steps import StepStanding
from gunmane_analysis.metrics.people.support import NextStep
from gunmane_analysis.tables import choices
from gunmane_analysis.wording import percent

_TOPICS = {
    "task": "取り組む作業",
    "desk": "相談窓口",
    "case": "公表された事例",
    "course": "技術者の養成",
    "model_region": "モデル地域",
}


def next_step_finding(step: NextStep) -> Finding:
    """Show the 「次の一歩」 box: tasks, desk, cases, courses, model region.

    Examples
    --------
    >>> from gunmane_analysis.metrics.people.support import next_step
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_standard_steps, load_step_positions
    >>> from gunmane_analysis.metrics.people.steps import step_standing
    >>> asked = (load_standard_steps(), load_step_positions(), find_area("05"), 2024)
    >>> standing = step_standing(*asked)
    >>> from gunmane_analysis.loaders.tables import load_contract_cases
    >>> from gunmane_analysis.loaders.tables import load_model_regions
    >>> from gunmane_analysis.loaders.tables import load_consultation_desks, load_me_courses
    >>> from gunmane_analysis.metrics.contracts.cases import nearest_cases
    >>> from gunmane_analysis.metrics.people.support import desks_of
    >>> nearest = nearest_cases(load_contract_cases(), standing.area, 2024)
    >>> desks = desks_of(load_consultation_desks(), standing.area)
    >>> step = next_step(standing, nearest, desks, load_me_courses(), load_model_regions())
    >>> next_step_finding(step).finding_id
    'steps.next'
    """
    area, topics = step.area, step.table["topic"]
    offices = step.table.loc[topics == "desk", "name"]
    desks = "、".join(offices) if len(offices) <= 2 else "地方整備局等の窓口"
    if step.step_no is not None:
        reason = (
            f"（進まない理由は「{choices('obstacle')[step.obstacle]}」）" if step.obstacle else ""
        )
        headline = (
            f"{area.name}はSTEP{step.step_no}「{step.step_name}」にある{reason}。"
            f"相談先は{desks}である。"
        )
    elif area.kind == "municipality":
        headline = (
            f"{area.name}がどの段階にあるかは届いていない。"
            f"これから始める場合はSTEP0「{step.step_name}」からで、相談先は{desks}である。"
        )
    else:
        headline = f"{area.name}の自治体が次に進むときの相談先は{desks}である。"
    return described_finding(
        "steps.next",
        step.table.assign(topic_ja=topics.map(_TOPICS)),
        headline,
        source_ids=tuple(step.table["source_id"].unique()),
        caveats=[
            "事例は資料が選んだもので、全国を代表しない。"
            if "case" in set(topics)
            else "この地域に公表された包括的民間委託の事例はない。"
        ],
    )


def step_standing_finding(standing: StepStanding) -> Finding:
    """Show the path with how many municipalities stand where, how long, and what delays them.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_standard_steps, load_step_positions
    >>> from gunmane_analysis.metrics.people.steps import step_standing
    >>> asked = (load_standard_steps(), load_step_positions(), find_area("05"), 2024)
    >>> standing = step_standing(*asked)
    >>> step_standing_finding(standing).theme
    'steps'
    """
    area, table = standing.area, standing.table
    if not standing.is_filed:
        return described_finding(
            "steps.standing",
            table,
            f"{area.name}の市区町村がどの段階にあるかは公表されておらず、"
            "台帳も届いていない。標準的な流れだけを示す。",
            words={"title": "群マネの標準的な7段階"},
            columns=["step_no", "step_name", "tasks"],
            caveats=["資料に、各段階にかかる期間の記載はない。"],
            is_empty=True,
            source_ids=("standard_steps",),
        )
    known = standing.reported_count
    top = table.sort_values("municipality_count", ascending=False, kind="stable").iloc[0]
    started = int(table.loc[table["step_no"] >= 1, "municipality_count"].sum())
    headline = (
        f"{area.name}の{standing.area_municipality_count:,}市区町村のうち段階の分かる{known:,}では、"
        f"STEP{top['step_no']}「{top['step_name']}」が{top['municipality_count']}と最も多く、"
        f"STEP1以上は{started}（{percent(started / known)}）である。"
    )
    bars = pd.DataFrame(
        {
            "label": "STEP" + table["step_no"].astype("str") + " " + table["step_name"],
            "value": table["municipality_count"],
            "words": table["municipality_count"],
        }
    )
    finding = described_finding(
        "steps.standing",
        table,
        headline,
        words={"title": f"{area.name}の市区町村の段階"},
        columns=[
            "step_no", "step_name", "municipality_count", "completed_count", "returned_count",
            "median_days", "median_low_days", "median_high_days",
        ],
        caveats=_obstacle_caveat(standing.obstacles),
        chart=draw(lambda: plot_bars(bars, "市区町村"), f"横棒図。{headline}"),
        key_figures=(
            KeyFigure(
                "steps.started_count",
                "STEP1以上の市区町村",
                float(started),
                unit="市区町村",
                area_id=area.area_id,
                note=f"段階の分かる{known}のうち",
            ),
        ),
        summary=headline,
    )  # fmt: skip
    return mark_synthetic(finding) if standing.has_synthetic else finding


def steps_by_area_finding(by_area: pd.DataFrame, standing: StepStanding) -> Finding:
    """Compare the areas inside on the path; absent where there are none or nothing is filed.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> empty = StepStanding(find_area("05"), "", pd.DataFrame(), pd.DataFrame(), 0, 25)
    >>> steps_by_area_finding(pd.DataFrame(), empty).placement
    'absent'
    """
    if by_area.empty:
        return absent_finding("steps.by_area")
    named = by_area.dropna(subset=["obstacle"])
    kind = "ブロック" if standing.area.kind == "nation" else "都道府県"
    most = named.groupby("obstacle").size().sort_values(ascending=False, kind="stable")
    headline = (
        f"{standing.area.name}の{len(by_area)}{kind}のうち、進まない理由の届いた{len(named)}では、"
        f"「{choices('obstacle')[str(most.index[0])]}」を最も多く挙げたものが{most.iloc[0]}ある。"
        if len(named)
        else f"{standing.area.name}の{len(by_area)}{kind}から、進まない理由は届いていない。"
    )
    finding = described_finding(
        "steps.by_area",
        by_area.assign(obstacle_ja=by_area["obstacle"].map(choices("obstacle"))),
        headline,
        words={"kind": kind},
    )
    return mark_synthetic(finding) if standing.has_synthetic else finding


def _obstacle_caveat(obstacles: pd.DataFrame) -> list[str]:
    if obstacles.empty:
        return []
    counts = obstacles.groupby("obstacle")["municipality_count"].sum()
    counts = counts.sort_values(ascending=False, kind="stable")
    words = "、".join(f"{choices('obstacle')[str(name)]} {count}" for name, count in counts.items())
    return [f"進まない理由として届いたもの: {words}（市区町村）。"]
