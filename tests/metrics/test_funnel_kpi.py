"""KPI, membership and participation against the printed figures."""

import pytest

from gunmane_analysis.loaders.tables import load_kpi, load_membership, load_participation
from gunmane_analysis.metrics.funnel.kpi import kpi_progress, membership_trend, participation_rates


def test_results_against_targets_of_2023() -> None:
    progress = kpi_progress(load_kpi(), 2024).set_index("item_id")
    # Printed: 252 of 100, 33 of 50, 184 of 150, 62 % of 50 %, 12 of 10, 12 of 5.
    expected = [2.52, 0.66, 184 / 150, 1.24, 1.2, 2.4]
    assert progress["achievement_rate"].tolist() == pytest.approx(expected)
    assert progress["next_target"].tolist() == [300, 50, 200, 0.7, 10, 5]


def test_targets_of_2024_are_not_known_in_2023() -> None:
    progress = kpi_progress(load_kpi(), 2023)
    assert progress["next_target"].isna().all()
    assert len(progress) == 6
    assert kpi_progress(load_kpi(), 2022).empty


def test_membership_of_july_2025_is_computed_and_said_so() -> None:
    trend = membership_trend(load_membership(), 2025).set_index("as_of_on")
    # Founding 199, 73, 95, 27, 4 and printed increases 3032, 1434, 1028, 162, 408.
    latest = trend.loc["2025-07-01"]
    assert latest[["total", "government", "company", "organisation", "individual"]].tolist() == [
        3231, 1507, 1123, 189, 412,
    ]  # fmt: skip
    assert latest["is_computed"]
    assert not trend["is_computed"].iloc[:-1].any()


@pytest.mark.parametrize(("year", "rows"), [(2015, 0), (2016, 1), (2023, 2), (2024, 2), (2025, 4)])
def test_membership_knows_only_what_was_known(year: int, rows: int) -> None:
    assert len(membership_trend(load_membership(), year)) == rows


def test_participation_is_the_printed_62_and_78_percent() -> None:
    rates = participation_rates(load_participation(), 2025)
    assert rates["participation_rate"].round(2).dropna().tolist() == [0.62, 0.78]
    assert rates["participation_rate"].isna().tolist() == [True, False, False, True]
