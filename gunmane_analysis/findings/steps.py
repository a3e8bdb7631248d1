"""Findings of the theme ``steps``: what to do next, and where the municipalities stand."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.charts.grammar import plot_bars
from gunmane_analysis.findings.described import absent_finding, described_finding, sentences
from gunmane_analysis.findings.finding import Finding
from gunmane_analysis.metrics.people.steps import StepStanding
from gunmane_analysis.metrics.people.support import NextStep


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
    topics, is_town = step.table["topic"], step.area.kind == "municipality"
    offices = step.table.loc[topics == "desk", "name"]
    return described_finding(
        "steps.next",
        step.table,
        words={
            "area": step.area.name,
            "step": step,
            "first_name": step.step_name if is_town else None,
            "desks": list(offices) if len(offices) <= 2 else ["地方整備局等の窓口"],
        },
        source_ids=tuple(step.table["source_id"].unique()),
        caveats=["chosen_by_documents" if "case" in set(topics) else "no_case_here"],
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
            table[["step_no", "step_name", "tasks"]],
            words={"area": area.name, "standing": None},
            caveats=["no_step_spans"],
            is_empty=True,
            source_ids=("standard_steps",),
        )
    counts = table.set_index("step_no")["municipality_count"]
    obstacles = standing.obstacles.groupby("obstacle")[["municipality_count"]].sum()
    obstacles = obstacles.sort_values("municipality_count", ascending=False, kind="stable")
    started = counts.loc[1:].sum()
    bars = pd.DataFrame(
        {
            "label": "STEP" + table["step_no"].astype("str") + " " + table["step_name"],
            "value": table["municipality_count"],
            "words": table["municipality_count"],
        }
    )
    return described_finding(
        "steps.standing",
        table.drop(columns="tasks"),
        words={
            "standing": standing,
            "top": table.loc[[counts.argmax()]].iloc[0],
            "started": started,
            "share": started / standing.reported_count,
            "obstacles": sentences("steps.standing", "obstacle", obstacles.reset_index()),
        },
        plot=lambda: plot_bars(bars, "市区町村"),
        is_synthetic=standing.has_synthetic,
    )


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
    named = by_area["obstacle"].dropna()
    obstacle = named.mode().get(0)
    return described_finding(
        "steps.by_area",
        by_area,
        words={
            "area": standing.area.name,
            "kind": "ブロック" if standing.area.kind == "nation" else "都道府県",
            "named": len(named),
            "obstacle": obstacle,
            "most": (named == obstacle).sum(),
        },
        is_synthetic=standing.has_synthetic,
    )
