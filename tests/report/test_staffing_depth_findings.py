"""What the findings on courses, projections and parts of a decline say."""

from __future__ import annotations

import warnings

import pandas as pd
import pytest

from gunmane_analysis.areas import find_area
from gunmane_analysis.findings.finding import Finding
from gunmane_analysis.findings.pages.nation import (
    decline_decomposition_finding,
    technician_thresholds_finding,
)
from gunmane_analysis.findings.staffing import staffing_breaks_finding, staffing_projection_finding
from gunmane_analysis.loaders.tables import load_national_points, load_staffing
from gunmane_analysis.metrics.staffing.breaks import staffing_breaks
from gunmane_analysis.metrics.staffing.decline_decomposition import decline_decomposition
from gunmane_analysis.metrics.staffing.projection import staffing_projection
from gunmane_analysis.metrics.staffing.thresholds import technician_thresholds
from gunmane_analysis.page.tables import plain_rows


@pytest.fixture(scope="module")
def staffing() -> pd.DataFrame:
    return load_staffing()


def _findings(staffing: pd.DataFrame, area_id: str, year: int) -> list[Finding]:
    area, points = find_area(area_id), load_national_points()
    return [
        technician_thresholds_finding(technician_thresholds(points, 1741, year)),
        staffing_breaks_finding(staffing_breaks(staffing, area.lineage, year), area),
        staffing_projection_finding(staffing_projection(staffing, area, year)),
    ]


@pytest.mark.parametrize(
    ("area_id", "year"),
    [("japan", 2024), ("hokkaido", 2024), ("13", 2023), ("47", 2009), ("05", 2005), ("01", 1998)],
)
def test_every_area_and_year_is_answered(staffing: pd.DataFrame, area_id: str, year: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        findings = _findings(staffing, area_id, year)
    for finding in findings:
        assert "nan" not in finding.headline + finding.certainty + finding.method
        again = Finding.from_record(finding.to_record())
        assert again.headline == finding.headline
        assert "土木部門職員の減少" not in finding.title


def test_the_split_is_told_as_a_range_on_the_nations_page_only() -> None:
    split = decline_decomposition(load_national_points(), 2024)
    finding = decline_decomposition_finding(split, find_area("japan"))
    for figure in ("26%減", "約6割（55〜61%）", "約16%減"):
        assert figure in finding.headline
    assert "57.9" not in finding.headline
    assert decline_decomposition_finding(split, find_area("05")).placement == "absent"
    assert decline_decomposition_finding(None, find_area("japan")).placement == "absent"


def test_causes_that_the_series_cannot_tell_are_named(staffing: pd.DataFrame) -> None:
    breaks, projection = (_findings(staffing, "tohoku", 2024)[place] for place in (1, 2))
    for finding in (breaks, projection):
        assert any("合併" in caveat and "区別できない" in caveat for caveat in finding.caveats)
        assert "全数調査" in finding.certainty


def test_block_and_nation_stand_beside_the_prefecture(staffing: pd.DataFrame) -> None:
    finding = _findings(staffing, "05", 2024)[1]
    assert finding.table["area_name"].tolist() == ["秋田県", "東北", "全国"]
    assert "東北は" in finding.headline
    assert "全国は" in finding.headline


def test_empirical_coverage_stands_beside_the_range(staffing: pd.DataFrame) -> None:
    finding = _findings(staffing, "japan", 2024)[2]
    calibration = staffing_projection(staffing, find_area("japan"), 2024).calibration
    assert calibration is not None
    trial = calibration.coverage().iloc[-1]
    covered, trials = int(trial["covered_count"]), int(trial["trial_count"])
    assert f"{trials}回のうち{covered}回" in finding.headline
    assert finding.table["covered"].iloc[-1] == f"{trials}回中{covered}回"
    assert "選び方は一定していない" in finding.method
    assert "95%の範囲" not in finding.headline
    assert finding.status_label == "見通し（実績ではない）"
    assert finding.summary == ""


def test_short_series_are_scenarios_and_say_so(staffing: pd.DataFrame) -> None:
    finding = _findings(staffing, "05", 2005)[2]
    assert finding.title.endswith("年度までの試算（仮定による）")
    assert "予測はせず" in finding.caveats[0]
    assert [column.name for column in finding.columns] == [
        "fiscal_year",
        "level",
        "long_run",
        "recent",
    ]


def test_printed_share_is_a_range_of_municipalities(staffing: pd.DataFrame) -> None:
    finding = _findings(staffing, "japan", 2024)[0]
    assert "1,741市区町村のうち427〜443" in finding.headline
    assert "数にできない" in finding.headline


def test_a_finding_without_rows_still_makes_its_files(staffing: pd.DataFrame) -> None:
    finding = _findings(staffing, "01", 2009)[0]
    assert finding.table.empty
    (headings,) = plain_rows(finding)
    assert len(headings) == len(finding.columns)
