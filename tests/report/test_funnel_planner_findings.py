"""Findings of the planner, of filed counts and of a filed ledger. Filed data are 合成データ."""

import numpy as np
import pandas as pd
import pytest

from gunmane_analysis.areas import find_area, list_areas
from gunmane_analysis.findings.funnel import (
    planner_finding,
    region_comparison_finding,
    step_gain_finding,
    time_to_stage_finding,
)
from gunmane_analysis.loaders.tables import load_kpi
from gunmane_analysis.metrics.funnel.ledger import cases_of_area, ledger_until, stage_curves
from gunmane_analysis.metrics.funnel.planner import plan_cases, plan_steps
from gunmane_analysis.metrics.funnel.readings import (
    counts_of_area,
    funnel_readings,
    published_counts,
)
from gunmane_analysis.metrics.funnel.regions import comparable_regions
from gunmane_analysis.refusals import Unanswered
from gunmane_analysis.tables import describe, empty_table
from gunmane_analysis.tables.funnel import STAGES


def _readings(year: int = 2024):  # type: ignore[no-untyped-def]
    return funnel_readings(published_counts(load_kpi(), year))


def test_planner_sentence_has_the_reference_figures_and_their_basis() -> None:
    finding = planner_finding(plan_cases(_readings()), 2024)
    assert "検討に対する比（5件／98件）" in finding.headline
    assert "内訳の計に対する割合（5件／184件）" in finding.headline
    assert "一致しない" in finding.headline
    assert (
        "1件以上に44件（50件）、5件以上に155件（198件）、20件以上に505件（724件）"
        in finding.headline
    )
    assert any("見込みではない" in caveat for caveat in finding.caveats)
    assert len(finding.table) == 10


def test_step_sentence_names_the_gains_and_what_twenty_would_ask() -> None:
    finding = step_gain_finding(plan_steps(_readings()), 2024)
    assert "検討→成立で5.98件、成立→現場試行で5.81件、現場試行→社会実装で8.10件" in finding.headline
    assert "どちらの読み方でも現場試行→社会実装で、一致する" in finding.headline
    assert "16.1%から64.5%（90%の確率なら80.5%）" in finding.caveats[-2]
    assert "13.9%から55.6%（90%の確率なら70.6%）" in finding.caveats[-1]
    assert "届かない" in finding.table["expectation_words"].tolist()
    assert finding.chart is not None


@pytest.mark.parametrize("year", [2015, 2019])
def test_an_early_year_has_nothing_to_plan_with(year: int) -> None:
    readings = _readings(year)
    for finding in (
        planner_finding(plan_cases(readings), year),
        step_gain_finding(plan_steps(readings), year),
    ):
        assert finding.headline.startswith(f"{year}年度の時点で知られていた")
        assert len(finding.table) == 0


def _filed(implemented: list[int], rule: str = "nested", year: int = 2023) -> pd.DataFrame:
    rows = [
        (year, block.area_id, stage, count, rule, "2024-03-31", "合成データ", True)
        for block, last in zip(list_areas("block"), implemented, strict=True)
        for stage, count in zip(STAGES, (30, 20, 15, last), strict=True)
    ]
    return pd.DataFrame(rows, columns=list(describe("funnel_counts").columns))


def test_nothing_filed_shows_nothing() -> None:
    assert not comparable_regions(empty_table("funnel_counts"), 2024)
    assert not comparable_regions(_filed([1] * 10), 2022)
    assert region_comparison_finding(Unanswered("")).placement == "absent"
    assert (
        time_to_stage_finding(
            stage_curves(empty_table("funnel_cases")), find_area("japan")
        ).placement
        == "absent"
    )


def test_forums_within_chance_are_told_so_and_not_ranked() -> None:
    finding = region_comparison_finding(comparable_regions(_filed([3, 2, 1, 4] + [2] * 6), 2024))
    assert "偶然の範囲を外れるフォーラムはない" in finding.headline
    assert "7.3%（22件／300件）" in finding.headline
    assert finding.table["block_id"].tolist() == [block.area_id for block in list_areas("block")]
    assert any("順位ではない" in caveat for caveat in finding.caveats)
    assert finding.chart is not None


def test_one_forum_that_files_first_does_not_end_the_comparison() -> None:
    """合成データ: all filed for 2023, and one, or one without a case, for 2024."""
    both, later = _filed([3, 2, 1, 4] + [2] * 6), _filed([9] * 10, year=2024)
    first = later[later["block_id"] == "tohoku"]
    for newer in (first, first.assign(case_count=0)):
        counts = pd.concat([both, newer], ignore_index=True)
        found = comparable_regions(counts, 2024)
        assert found.table["considered_count"].sum() == 300
        of_nation = counts_of_area(counts, find_area("japan"), 2024)
        assert (set(of_nation["fiscal_year"]), len(of_nation)) == ({2023}, 10 * len(STAGES))
        assert set(counts_of_area(counts, find_area("tohoku"), 2024)["fiscal_year"]) == {2024}
    two = later[later["block_id"].isin(["tohoku", "kinki"])]
    found = comparable_regions(pd.concat([both, two]), 2024)
    assert found.table["block_id"].tolist() == ["tohoku", "kinki"]


def test_a_forum_outside_chance_is_named() -> None:
    finding = region_comparison_finding(comparable_regions(_filed([1] * 6 + [14] + [1] * 3), 2024))
    assert "外れるのは中国である" in finding.headline


def test_where_nothing_was_implemented_an_earlier_stage_is_compared() -> None:
    found = comparable_regions(_filed([0] * 10, rule="unknown"), 2024)
    assert found is not None
    assert (found.stage, found.reading) == ("trialled", "status")


def test_a_ledger_is_told_as_it_stood_in_the_year() -> None:
    randomness = np.random.default_rng(4)
    begun = pd.Timestamp("2022-04-01") + pd.to_timedelta(randomness.integers(0, 360, 40), "D")
    cases = pd.DataFrame(
        {
            "case_id": [f"合成データ{number}" for number in range(40)],
            "block_id": "kinki", "prefecture_code": "27", "municipality_code": None,
            "field": "road", "considered_on": begun.strftime("%Y-%m-%d"),
            "established_on": (begun + pd.Timedelta(days=90)).strftime("%Y-%m-%d"),
            "trialled_on": None,
            "implemented_on": ["2025-01-01"] * 10 + [None] * 30,
            "closed_on": None, "as_of_on": "2025-03-31", "remark": "合成データ",
        }
    )  # fmt: skip
    area = find_area("27")
    ledger = ledger_until(cases_of_area(cases, area), 2023)
    curves = stage_curves(ledger)
    assert list(curves) == ["established"]
    finding = time_to_stage_finding(curves, area)
    assert "大阪府の案件40件では、検討から12か月までに、マッチング成立に100.0%" in finding.headline
    some_open = ledger.assign(established_on=ledger["established_on"].where(ledger.index > 0))
    told = time_to_stage_finding(stage_curves(some_open), area)
    assert told is not None
    assert "検討から12か月までに" in told.headline
    later = stage_curves(ledger_until(cases_of_area(cases, area), 2024))
    assert list(later) == ["established", "trialled", "implemented"]
    assert cases_of_area(cases, find_area("28")).empty
