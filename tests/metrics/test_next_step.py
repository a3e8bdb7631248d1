"""The box: whose desk, whose course, which case, which model region."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import find_area
from gunmane_analysis.loaders.tables import (
    load_consultation_desks,
    load_contract_cases,
    load_me_courses,
    load_standard_steps,
    load_step_positions,
)
from gunmane_analysis.metrics.contracts.cases import nearest_cases
from gunmane_analysis.metrics.people.steps import step_standing
from gunmane_analysis.metrics.people.support import NextStep, desks_of, next_step

REGIONS = pd.DataFrame(
    {
        "group_no": [1, 1],
        "pattern": ["広域連携"] * 2,
        "municipality_code": ["21201", "21202"],
        "body_name": ["甲市", "乙市"],
        "is_representative": [True, False],
    }
)


def box(area_id: str, positions: pd.DataFrame | None = None) -> NextStep:
    area = find_area(area_id)
    filed = load_step_positions() if positions is None else positions
    return next_step(
        step_standing(load_standard_steps(), filed, area, 2024),
        nearest_cases(load_contract_cases(), area, 2024),
        desks_of(load_consultation_desks(), area),
        load_me_courses(),
        REGIONS,
    )


def topics(step: NextStep) -> dict[str, list[str]]:
    return {topic: rows["name"].tolist() for topic, rows in step.table.groupby("topic")}


def test_gifu_city_has_its_own_course_and_region() -> None:
    step = box("21201")
    found = topics(step)
    assert found["desk"] == ["中部地方整備局"]
    assert step.table.loc[step.table["topic"] == "course", "detail"].tolist() == [
        "岐阜県（岐阜大学）"
    ]
    assert found["model_region"] == ["モデル地域（広域連携）"]
    assert step.step_no is None


def test_a_filed_position_gives_the_tasks_of_that_step() -> None:
    positions = pd.DataFrame(
        {
            "municipality_code": ["05204"],
            "step_no": [3],
            "entered_on": ["2024-04-01"],
            "as_of_on": ["2025-03-01"],
            "obstacle": ["contractors"],
            "remark": [None],
        }
    ).astype({"remark": "str"})
    step = box("05204", positions)
    assert (step.step_no, step.obstacle) == (3, "contractors")
    task = step.table[step.table["topic"] == "task"].iloc[0]
    assert task["name"] == "STEP3 事業者とのコミュニケーション"
    assert "サウンディング" in task["detail"]
    assert topics(step)["case"] == ["三条市", "明和町"]  # not 大館市 itself


def test_a_prefecture_without_course_is_shown_its_blocks() -> None:
    step = box("24")
    assert step.table.loc[step.table["topic"] == "course", "detail"].tolist() == [
        "岐阜県（岐阜大学）"
    ]
    assert topics(step)["case"] == ["四日市市", "明和町"]
    assert "task" not in topics(step)
