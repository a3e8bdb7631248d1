"""The keyed-in funnel tables against the figures printed in the documents."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from gunmane_analysis.errors import SourceMismatchError
from gunmane_analysis.loaders.store import build_table
from gunmane_analysis.loaders.tables import load_activity_plan, load_kpi, load_membership
from gunmane_analysis.sources import sha256_of

# 令和6年度インフラメンテナンス国民会議事業計画書「令和5年度 KPI 結果」
PRINTED_STAGES = {"total": [98, 50, 31, 5], "national": [15, 0, 2, 0], "regional": [83, 50, 29, 5]}
PRINTED_TOTALS = {"total": 184, "national": 17, "regional": 167}
# Lines of the activity plan per regional forum, counted on the printed pages.
PRINTED_LINES = {
    "hokkaido": 3, "tohoku": 6, "kanto": 3, "hokuriku": 1, "chubu": 4,
    "kinki": 16, "chugoku": 13, "shikoku": 3, "kyushu": 7, "okinawa": 2,
}  # fmt: skip


@pytest.mark.parametrize("level", PRINTED_STAGES)
def test_stage_counts_are_the_printed_ones(level: str) -> None:
    kpi = load_kpi()
    rows = kpi[(kpi["forum_level"] == level) & (kpi["fiscal_year"] == 2023)]
    item = rows[rows["item_id"] == "matching_trial_implementation_count"]
    assert item["result"].dropna().tolist() == [PRINTED_TOTALS[level], *PRINTED_STAGES[level]]


def test_targets_of_2024_are_the_printed_ones() -> None:
    kpi = load_kpi()
    targets = kpi[kpi["fiscal_year"] == 2024].set_index("item_id")["target"]
    assert targets.tolist() == [300, 50, 200, 0.7, 10, 5]


def test_plan_holds_every_printed_line() -> None:
    plan = load_activity_plan()
    assert plan.groupby("block_id").size().to_dict() == PRINTED_LINES
    assert plan["is_date_fixed"].sum() == (plan["date_precision"] == "day").sum()


def test_membership_kinds_of_april_2025() -> None:
    members = load_membership().set_index(["as_of_on", "member_kind"])["member_count"]
    at = members["2025-04-01"]
    assert at.to_dict() == {
        "total": 3162, "government": 1481, "company": 1102, "organisation": 187, "individual": 392,
    }  # fmt: skip


SPOILT = {
    "levels": ("kpi", {",considered,,83,": ",considered,,82,"}, "82"),
    "stages": ("kpi", {",considered,,15,": ",considered,,16,", ",,98,": ",,99,"}, "和18、印字17"),
    "kinds": ("membership", {"行政会員,73,": "行政会員,74,"}, "2016-11-28"),
    "increase": ("membership", {"計,3162,2963": "計,3163,2963", "1481,": "1482,"}, "2025-04-01"),
    "rate": ("participation", {"1088,1741,0.62": "1188,1741,0.62"}, "2024-03-18"),
}


@pytest.mark.parametrize("fault", SPOILT)
def test_a_figure_that_contradicts_another_stops_the_build(own_project: Path, fault: str) -> None:
    source, edits, told = SPOILT[fault]
    build_table(source)
    _rewrite(own_project, source, edits)
    with pytest.raises(SourceMismatchError, match=told):
        build_table(source)


def _rewrite(project: Path, source: str, edits: dict[str, str]) -> None:
    path = project / "data" / "raw" / source / f"{source}.csv"
    text = path.read_text(encoding="utf-8")
    for before, after in edits.items():
        assert before in text
        text = text.replace(before, after)
    path.write_text(text, encoding="utf-8")
    register = project / "data" / "raw" / "sources.yml"
    content = yaml.safe_load(register.read_text(encoding="utf-8"))
    content["sources"][source]["files"][f"{source}/{source}.csv"]["sha256"] = sha256_of(path)
    register.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def test_a_trial_that_names_its_pitch_event_repeats_no_other_date() -> None:
    plan = build_table("activity_plan")[0]
    trials = plan[plan["pitch_event_no"].notna()]
    assert trials["event_no"].tolist() == [13, 14, 15, 16, 17, 18, 19]
    undated = trials["pitch_on"].isna()
    assert trials.loc[undated, "pitch_event_no"].unique().tolist() == [12]
    assert pd.to_datetime(trials.loc[~undated, "pitch_on"]).lt("2024-03-31").all()
