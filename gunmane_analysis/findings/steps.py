"""Findings of the theme ``steps``: what to do next, and where the municipalities stand."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.charts.grammar import plot_bars
from gunmane_analysis.findings.described import (
    absent_finding,
    described_finding,
    sentence,
    sentences,
)
from gunmane_analysis.findings.finding import Finding, KeyFigure, mark_synthetic
from gunmane_analysis.metrics.people.steps import StepStanding
from gunmane_analysis.metrics.people.support import NextStep
from gunmane_analysis.tables import choices


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
    words = {
        "area": area.name,
        "desks": list(offices) if len(offices) <= 2 else ["地方整備局等の窓口"],
        "step_name": None
        if area.kind != "municipality" and step.step_no is None
        else step.step_name,
        "step_no": step.step_no,
        "reason": choices("obstacle").get(step.obstacle or ""),
    }
    return described_finding(
        "steps.next",
        step.table,
        words=words,
        source_ids=tuple(step.table["source_id"].unique()),
        caveats=[sentence("steps.next", "cases" if "case" in set(topics) else "no_cases")],
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
            sentence("steps.standing", "not_filed", area=area.name),
            words={"title": "群マネの標準的な7段階"},
            columns=["step_no", "step_name", "tasks"],
            caveats=[sentence("steps.standing", "no_spans")],
            is_empty=True,
            source_ids=("standard_steps",),
        )
    top = table.sort_values("municipality_count", ascending=False, kind="stable").iloc[0]
    started = int(table.loc[table["step_no"] >= 1, "municipality_count"].sum())
    counts = pd.DataFrame(columns=["obstacle", "municipality_count"])
    if len(standing.obstacles):
        counts = standing.obstacles.groupby("obstacle")[["municipality_count"]].sum()
        counts = counts.sort_values("municipality_count", ascending=False, kind="stable")
        counts = counts.reset_index().assign(name=counts.index.map(choices("obstacle")))
    words = {
        "title": f"{area.name}の市区町村の段階",
        "standing": standing,
        "top": top,
        "started": started,
        "share": started / standing.reported_count,
        "obstacles": sentences("steps.standing", "obstacle", counts),
    }
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
        words=words,
        columns=[
            "step_no", "step_name", "municipality_count", "completed_count", "returned_count",
            "median_days", "median_low_days", "median_high_days",
        ],
        plot=lambda: plot_bars(bars, "市区町村"),
        key_figures=(
            KeyFigure(
                "steps.started_count",
                "STEP1以上の市区町村",
                float(started),
                unit="市区町村",
                area_id=area.area_id,
                note=f"段階の分かる{standing.reported_count}のうち",
            ),
        ),
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
    finding = described_finding(
        "steps.by_area",
        by_area,
        words={
            "area": standing.area.name,
            "kind": kind,
            "count": len(by_area),
            "named": len(named),
            "obstacle": choices("obstacle")[str(most.index[0])] if len(named) else None,
            "most": most.max(),
        },
    )
    return mark_synthetic(finding) if standing.has_synthetic else finding
