"""Staffing against the figures printed in the mission, and against cases worked by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from gunmane_analysis.areas import find_area, peers
from gunmane_analysis.errors import DesignError
from gunmane_analysis.loaders.tables import load_national_points, load_staffing
from gunmane_analysis.metrics.staffing.change import (
    annual_growth_rate,
    change_rate,
    latest_density,
    rounding_ranges,
    staffing_by_area,
    staffing_comparison,
    staffing_density,
    staffing_index,
    staffing_trend,
)

# Municipal general administration staff (D1202), 1998, 2014 and 2024, and the change
# 1998 -> 2024 in percent, as stated in the mission for each block.
PRINTED = {
    "japan": (847_382, 677_220, 709_421, None),
    "hokkaido": (44_701, 33_064, 34_176, -23.5),
    "tohoku": (72_357, 55_665, 56_663, -21.7),
    "kanto": (265_676, 226_306, 242_414, -8.8),
    "hokuriku": (36_662, 27_537, 26_388, -28.0),
    "chubu": (93_758, 76_554, 83_011, -11.5),
    "kinki": (144_565, 109_248, 113_453, -21.5),
    "chugoku": (55_595, 43_709, 44_301, -20.3),
    "shikoku": (34_006, 24_964, 25_664, -24.5),
    "kyushu": (90_996, 72_523, 74_692, -17.9),
    "okinawa": (9_066, 7_650, 8_659, -4.5),
}


@pytest.fixture(scope="module")
def staffing() -> pd.DataFrame:
    return load_staffing()


@pytest.mark.parametrize("area_id", PRINTED)
def test_counts_and_changes_are_those_printed(staffing: pd.DataFrame, area_id: str) -> None:
    trend = staffing_trend(staffing, find_area(area_id), 2024)
    by_year = trend.series.set_index("fiscal_year")["general_staff_count"]
    first, middle, last, change = PRINTED[area_id]
    assert (by_year[1998], by_year[2014], by_year[2024]) == (first, middle, last)
    if change is not None:
        assert round(trend.change_since_first * 100, 1) == change


def test_blocks_add_up_to_the_nation(staffing: pd.DataFrame) -> None:
    nation = find_area("japan")
    by_area = staffing_by_area(staffing, peers(nation), 2024)
    of_blocks = by_area.groupby("fiscal_year")["general_staff_count"].sum(min_count=10)
    of_nation = staffing_by_area(staffing, [nation], 2024).set_index("fiscal_year")
    pd.testing.assert_series_equal(of_blocks, of_nation["general_staff_count"])


def test_the_fall_and_the_rise_since_are_both_told(staffing: pd.DataFrame) -> None:
    nation = staffing_trend(staffing, find_area("japan"), 2024)
    assert nation.trough.fiscal_year == 2014
    assert nation.change_first_to_trough == pytest.approx(677_220 / 847_382 - 1)
    assert nation.change_since_trough == pytest.approx(709_421 / 677_220 - 1)
    assert not nation.is_at_lowest


def test_hokuriku_is_still_falling_after_the_national_trough(staffing: pd.DataFrame) -> None:
    hokuriku = staffing_trend(staffing, find_area("hokuriku"), 2024)
    assert hokuriku.trough.value <= 26_388 < 27_537
    assert hokuriku.trough.fiscal_year > 2014


def test_an_earlier_year_uses_figures_up_to_that_year(staffing: pd.DataFrame) -> None:
    trend = staffing_trend(staffing, find_area("tohoku"), 2019)
    assert int(trend.series["fiscal_year"].max()) == trend.latest.fiscal_year == 2019


def _made(counts: dict[int, float], **others: list[float]) -> pd.DataFrame:
    """Return a made-up table of one prefecture (05)."""
    years = list(counts)
    blank = [float("nan")] * len(years)
    return pd.DataFrame(
        {
            "prefecture_code": "05",
            "fiscal_year": years,
            "general_staff_count": list(counts.values()),
            "population_count": others.get("population", blank),
            "municipal_road_length_km": others.get("road", blank),
            "civil_engineering_expenditure_jpy": others.get("expenditure", blank),
        }
    )


def test_trend_by_hand() -> None:
    trend = staffing_trend(_made({2000: 100, 2001: 120, 2002: 60, 2003: 90}), find_area("05"), 2003)
    assert trend.trough.fiscal_year == 2002
    assert trend.change_since_first == pytest.approx(-0.10)
    assert trend.change_first_to_trough == pytest.approx(-0.40)
    assert trend.change_since_trough == pytest.approx(0.50)
    assert trend.annual_growth_rate == pytest.approx(0.9 ** (1 / 3) - 1)


def test_growth_over_a_single_year_is_nothing() -> None:
    trend = staffing_trend(_made({2000: 100}), find_area("05"), 2000)
    assert annual_growth_rate(trend.first, trend.latest) == 0.0


def test_index_starts_at_one_hundred_in_every_area(staffing: pd.DataFrame) -> None:
    index = staffing_index(staffing, find_area("05").lineage, 2024)
    firsts = index.groupby("area_id")["staff_index"].first()
    assert firsts.eq(100.0).all()
    tohoku = index[(index["area_id"] == "tohoku") & (index["fiscal_year"] == 2024)]
    assert tohoku["staff_index"].item() == pytest.approx(56_663 / 72_357 * 100)


def test_density_by_hand_takes_both_sides_from_one_year() -> None:
    made = _made(
        {2022: 50, 2023: 60},
        population=[10_000, 12_000],
        road=[200, float("nan")],
        expenditure=[1_000_000, float("nan")],
    )
    latest = latest_density(staffing_density(made, [find_area("05")], 2023)).iloc[0]
    assert (latest["staff_per_1000_residents"], latest["staff_per_1000_residents_fiscal_year"]) == (
        5.0,
        2023,
    )
    assert (latest["staff_per_100km"], latest["staff_per_100km_fiscal_year"]) == (25.0, 2022)
    assert latest["expenditure_per_staff_jpy"] == 20_000.0


def test_a_density_never_published_is_missing_not_zero() -> None:
    latest = latest_density(staffing_density(_made({2023: 60}), [find_area("05")], 2023)).iloc[0]
    assert pd.isna(latest["staff_per_100km"])


def test_comparison_keeps_the_order_asked_for(staffing: pd.DataFrame) -> None:
    areas = [find_area(name) for name in ("05", "tohoku", "japan", "02")]
    comparison = staffing_comparison(staffing, areas, 2024)
    assert list(comparison["area_id"]) == ["05", "tohoku", "japan", "02"]
    assert comparison["general_staff_count"].iloc[1] == 56_663


def test_a_missing_prefecture_makes_the_sum_missing(staffing: pd.DataFrame) -> None:
    without = staffing[staffing["prefecture_code"] != "05"]
    by_area = staffing_by_area(without, [find_area("tohoku")], 2024)
    assert by_area["general_staff_count"].isna().all()


def test_rounding_range_of_the_published_fall() -> None:
    ranges = rounding_ranges(load_national_points(), 2024)
    printed = ranges[
        (ranges["point_id"] == "civil_staff_change_rate") & (ranges["value_text"] == "26%減少")
    ]
    assert printed["value_low"].item() == pytest.approx(-0.265)
    assert printed["value_high"].item() == pytest.approx(-0.255)


def test_about_leaves_no_range() -> None:
    ranges = rounding_ranges(load_national_points(), 2024)
    about = ranges[ranges["value_text"] == "約半数"]
    assert len(about) == 2
    assert about["value_low"].isna().all()


def test_points_dated_later_are_not_known_earlier() -> None:
    assert rounding_ranges(load_national_points(), 2019).empty


def test_a_year_without_a_figure_is_refused(staffing: pd.DataFrame) -> None:
    with pytest.raises(DesignError, match="2025年度の職員数がありません") as refusal:
        staffing_trend(staffing, find_area("japan"), 2025)
    assert "1998〜2024年度" in refusal.value.expected


def test_before_any_figure_is_refused(staffing: pd.DataFrame) -> None:
    with pytest.raises(DesignError, match="1990年度以前"):
        staffing_by_area(staffing, [find_area("japan")], 1990)


def test_a_change_from_nothing_is_refused() -> None:
    with pytest.raises(DesignError, match="起点の値が0"):
        change_rate(0, 5)


def test_the_callers_table_is_left_as_it_was(staffing: pd.DataFrame) -> None:
    before = staffing.copy()
    staffing_comparison(staffing, [find_area("japan")], 2024)
    pd.testing.assert_frame_equal(staffing, before)
