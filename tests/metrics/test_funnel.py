"""The funnel in both readings, its refusals, and the forums side by side."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunmane_analysis.errors import DesignError
from gunmane_analysis.loaders.tables import load_kpi
from gunmane_analysis.metrics.funnel.ledger import counts_of_cases
from gunmane_analysis.metrics.funnel.readings import (
    compare_forums,
    compare_groups,
    conversion_rates,
    funnel_readings,
    published_counts,
    reached_counts,
)
from gunmane_analysis.tables.funnel import STAGES


def _counts(*counts: float) -> pd.DataFrame:
    return pd.DataFrame({"stage": STAGES, "case_count": counts})


def test_nested_rates_of_2023_by_hand() -> None:
    rates = conversion_rates(published_counts(load_kpi(), 2024), "nested")
    assert rates["reached_count"].tolist() == [98, 50, 31, 5]
    assert rates["rate_from_previous"].tolist()[1:] == [50 / 98, 31 / 50, 5 / 31]
    assert rates["rate_from_first"].tolist()[1:] == [50 / 98, 31 / 98, 5 / 98]
    # Wilson by hand for 5 of 98: centre (p + z²/2n) / (1 + z²/n) = 0.0680, half-width 0.0460.
    assert rates["first_low"].iloc[-1] == pytest.approx(0.0220, abs=5e-5)
    assert rates["first_high"].iloc[-1] == pytest.approx(0.1139, abs=5e-5)


def test_status_reading_of_2023_is_the_issues() -> None:
    rates = conversion_rates(published_counts(load_kpi(), 2024), "status")
    assert rates["reached_count"].tolist() == [184, 86, 36, 5]
    assert rates["rate_from_previous"].tolist()[1:] == [86 / 184, 36 / 86, 5 / 36]


def test_status_reading_adds_up_to_the_kpi() -> None:
    kpi = load_kpi()
    for level, total in {"total": 184, "national": 17, "regional": 167}.items():
        reached = reached_counts(published_counts(kpi, 2024, level), "status")
        assert reached["reached_count"].iloc[0] == total


def test_national_forums_cannot_be_nested() -> None:
    national = published_counts(load_kpi(), 2024, "national")
    with pytest.raises(DesignError, match="現場試行の2件が、マッチング成立の0件より多い"):
        conversion_rates(national, "nested")
    readings = funnel_readings(national)
    assert list(readings.rates) == ["status"]
    assert "現場試行の2件" in readings.refused["nested"]


def test_a_stage_that_nothing_reached_has_no_rate_after_it() -> None:
    rates = conversion_rates(_counts(10, 0, 0, 0))
    assert rates["rate_from_previous"].isna().tolist() == [True, False, True, True]
    assert rates["rate_from_first"].tolist()[1:] == [0.0, 0.0, 0.0]
    assert rates["first_high"].iloc[-1] > 0.2


@pytest.mark.parametrize(("year", "known"), [(2015, 0), (2019, 0), (2022, 0), (2023, 4), (2025, 4)])
def test_a_year_knows_only_what_was_known(year: int, known: int) -> None:
    counts = published_counts(load_kpi(), year)
    assert len(counts) == known
    assert funnel_readings(counts).is_known == bool(known)
    assert bool(compare_forums(load_kpi(), year).differences) == bool(known)


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        (_counts(98, 50, 31, 5).iloc[:3], "そろいません"),
        (_counts(98, 50, -1, 5), "件数でない"),
        (_counts(98, 50, 31.5, 5), "件数でない"),
        (_counts(98, 50, float("nan"), 5), "件数でない.*空欄"),
        (_counts(98, 50, 31, 5).assign(case_count=["98", "50", "三十", "5"]), "三十"),
        (_counts(98, 50, 31, 5).astype({"case_count": "Int64"}).replace(31, pd.NA), "空欄"),
        (_counts(98, 50, 31, 5).drop(columns="case_count"), "列「case_count」がありません"),
        (_counts(0, 0, 0, 0), "0件"),
    ],
)
def test_counts_that_are_no_funnel_are_refused(counts: pd.DataFrame, told: str) -> None:
    with pytest.raises(DesignError, match=told):
        conversion_rates(counts)


def test_unknown_reading_is_refused() -> None:
    with pytest.raises(DesignError, match="cumulative"):
        reached_counts(_counts(4, 3, 2, 1), "cumulative")  # type: ignore[arg-type]


@given(st.lists(st.integers(0, 400), min_size=4, max_size=4).map(sorted))
def test_step_rates_multiply_to_the_cumulative_rate(ascending: list[int]) -> None:
    counts = _counts(*ascending[::-1])
    if ascending[-1] == 0:
        return
    for reading in ("nested", "status"):
        rates = conversion_rates(counts, reading)  # type: ignore[arg-type]
        assert rates["reached_count"].is_monotonic_decreasing
        product = rates["rate_from_previous"].iloc[1:].prod(skipna=False)
        if product == product:
            assert product == pytest.approx(rates["rate_from_first"].iloc[-1])
        later = rates.iloc[1:]
        assert (later["first_low"] <= later["rate_from_first"]).all()
        assert (later["first_high"] >= later["rate_from_first"]).all()


def test_the_callers_table_is_left_as_it_was() -> None:
    counts = _counts(98, 50, 31, 5).sample(frac=1.0, random_state=1)
    before = counts.copy()
    conversion_rates(counts, "status")
    pd.testing.assert_frame_equal(counts, before)


def test_forums_compared_stage_by_stage() -> None:
    compared = compare_forums(load_kpi(), 2024)
    pairs = {
        stage: (found.first.success_count, found.second.success_count)
        for stage, found in compared.differences.items()
    }
    assert pairs == {"established": (84, 2), "trialled": (34, 2), "implemented": (5, 0)}
    assert round(compared.differences["established"].p_value, 4) == 0.0021


def test_a_group_without_cases_is_refused() -> None:
    with pytest.raises(DesignError):
        compare_groups(_counts(5, 2, 1, 0), _counts(0, 0, 0, 0))


def test_ledger_counts_by_hand_with_a_skipped_stage() -> None:
    cases = pd.DataFrame(
        {
            "considered_on": ["2023-04-01", "2023-05-01", "2023-06-01", "2024-05-01"],
            "established_on": ["2023-06-01", None, None, None],
            "trialled_on": [None, "2024-03-31", None, None],
            "implemented_on": ["2024-04-01", None, None, None],
            "closed_on": [None, None, "2023-07-01", None],
            "as_of_on": "2024-10-01",
        }
    )
    assert counts_of_cases(cases, 2023)["case_count"].tolist() == [3, 2, 1, 0]
    assert counts_of_cases(cases, 2024)["case_count"].tolist() == [4, 2, 2, 1]
    assert counts_of_cases(cases, 2022).empty
