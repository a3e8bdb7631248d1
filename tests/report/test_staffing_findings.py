"""What the staffing findings say, held against the figures they must carry."""

from __future__ import annotations

import warnings

import pandas as pd
import pytest

from gunmane_analysis.areas import Area, comparison_areas, find_area, peers
from gunmane_analysis.findings.finding import Finding
from gunmane_analysis.findings.pages.area_parts import panels_finding
from gunmane_analysis.findings.pages.nation import national_points_finding
from gunmane_analysis.findings.staffing import (
    staffing_comparison_finding,
    staffing_density_finding,
    staffing_index_finding,
    staffing_trend_finding,
)
from gunmane_analysis.loaders.tables import load_national_points, load_staffing
from gunmane_analysis.metrics.staffing.change import (
    rounding_ranges,
    staffing_comparison,
    staffing_density,
    staffing_index,
    staffing_trend,
)


@pytest.fixture(scope="module")
def staffing() -> pd.DataFrame:
    return load_staffing()


def _findings(staffing: pd.DataFrame, area: Area, year: int) -> list[Finding]:
    group, nation = peers(area), find_area("japan")
    return [
        staffing_comparison_finding(
            staffing_comparison(staffing, comparison_areas(area), year), area
        ),
        national_points_finding(rounding_ranges(load_national_points(), year)),
        staffing_trend_finding(staffing_trend(staffing, area, year)),
        staffing_index_finding(staffing_index(staffing, area.lineage, year), area),
        staffing_density_finding(staffing_density(staffing, area.lineage, year), area),
        panels_finding(staffing_index(staffing, (*group, nation), year), group, area),
    ]


def test_trend_tells_fall_and_rise_with_their_years(staffing: pd.DataFrame) -> None:
    headline = staffing_trend_finding(staffing_trend(staffing, find_area("japan"), 2024)).headline
    for figure in (
        "1998年度の847,382人",
        "2024年度の709,421人",
        "16.3%減",
        "2014年度の677,220人",
        "4.8%増",
    ):
        assert figure in headline


@pytest.mark.parametrize("area_id", ["japan", "tohoku", "hokkaido", "okinawa", "05", "01", "47"])
def test_every_staffing_figure_says_it_is_not_civil_engineering(
    staffing: pd.DataFrame, area_id: str
) -> None:
    for finding in _findings(staffing, find_area(area_id), 2024):
        if "prefecture_series" in finding.source_ids:
            assert any("土木部門職員の数ではない" in caveat for caveat in finding.caveats)


def test_national_points_give_the_rounding_range() -> None:
    finding = national_points_finding(rounding_ranges(load_national_points(), 2024))
    assert "26%減少" in finding.headline
    assert "25.5〜26.5%" in finding.certainty


@pytest.mark.parametrize(("year", "other_points"), [(2019, 0), (2022, 1), (2023, 2)])
def test_civil_staff_before_they_were_published(year: int, other_points: int) -> None:
    finding = national_points_finding(rounding_ranges(load_national_points(), year))
    assert "用いた資料にない" in finding.headline
    assert finding.chart is None
    assert len(finding.rows()) == other_points


@pytest.mark.parametrize(("area_id", "year"), [("japan", 2024), ("tohoku", 2019), ("05", 1999)])
def test_findings_travel_through_their_record_unchanged(
    staffing: pd.DataFrame, area_id: str, year: int
) -> None:
    for finding in _findings(staffing, find_area(area_id), year):
        again = Finding.from_record(finding.to_record())
        assert again.to_record() == finding.to_record()


def test_charts_hold_every_glyph_and_are_the_same_each_time(staffing: pd.DataFrame) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first = _findings(staffing, find_area("18"), 2024)
        second = _findings(staffing, find_area("18"), 2024)
    drawn = [[each.chart and each.chart.content for each in found] for found in (first, second)]
    assert drawn[0] == drawn[1]


def test_cards_put_block_and_nation_beside_the_area(staffing: pd.DataFrame) -> None:
    area = find_area("05")
    comparison = staffing_comparison(staffing, comparison_areas(area), 2024)
    figure = staffing_comparison_finding(comparison, area).key_figures[0]
    assert figure.block == 56_663
    assert figure.nation == 709_421


def test_the_nation_has_nothing_beside_it(staffing: pd.DataFrame) -> None:
    nation = find_area("japan")
    comparison = staffing_comparison(staffing, comparison_areas(nation), 2024)
    figure = staffing_comparison_finding(comparison, nation).key_figures[0]
    assert (figure.block, figure.nation) == (None, None)
