"""The effect-estimation tool on cases worked by hand, and everything it refuses."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from gunmane_analysis.errors import DesignError, TableError
from gunmane_analysis.metrics.contracts.estimator import (
    break_even_curve,
    break_even_outsourcing_factor,
    break_even_unit_labour_cost,
    cost_comparison,
    tornado,
    with_setting,
)
from gunmane_analysis.tables.estimate import EstimateInput, EstimateSettings, Uncertain


def two_years(**changes: object) -> EstimateInput:
    """Two years of one item: outsourcing 100 → 106, hours 6,000 → 3,600, 4,000 yen an hour."""
    items = pd.DataFrame(
        {
            "fiscal_year": [2024, 2025],
            "item": ["維持", "維持"],
            "outsourcing_before_jpy": [100e6, 100e6],
            "outsourcing_after_jpy": [106e6, 106e6],
            "direct_hours_before": [6000.0, 6000.0],
            "direct_hours_after": [3600.0, 3600.0],
        }
    )
    settings = EstimateSettings(
        unit_labour_cost_jpy_per_hour=Uncertain.certain(4000.0),
        startup_cost_jpy=Uncertain.certain(1e6),
        discount_rate=Uncertain.certain(0.04),
        price_base_fiscal_year=2024,
        tax="included",
    )
    return EstimateInput("手計算", items, replace(settings, **changes))  # type: ignore[arg-type]


def test_cash_and_hours_are_kept_apart() -> None:
    result = cost_comparison(two_years())
    # A year: cash 100 − 106 = −6, hours 2,400 × 4,000 = 9.6, together 3.6; start-up 1 at once.
    assert result.yearly["cash_saving_jpy"].tolist() == pytest.approx([-7e6, -6e6])
    assert result.yearly["released_value_jpy"].tolist() == pytest.approx([9.6e6, 9.6e6])
    assert result.released_hours == 4800
    assert result.total_saving_npv_jpy == pytest.approx(2.6e6 + 3.6e6 / 1.04)
    assert result.total_saving_npv_jpy == pytest.approx(
        result.cash_saving_npv_jpy + result.released_value_npv_jpy
    )


def test_yearly_totals_are_outsourced_plus_direct() -> None:
    row = cost_comparison(two_years()).yearly.iloc[0]
    assert row["total_before_jpy"] == pytest.approx(100e6 + 24e6)
    assert row["total_after_jpy"] == pytest.approx(106e6 + 14.4e6 + 1e6)
    assert row["total_before_jpy"] - row["total_after_jpy"] == pytest.approx(
        row["total_saving_jpy"]
    )


def test_break_evens_make_the_saving_zero() -> None:
    given = two_years()
    result = cost_comparison(given)
    cost = break_even_unit_labour_cost(result)
    at_cost = cost_comparison(with_setting(given, "unit_labour_cost_jpy_per_hour", cost))
    assert at_cost.total_saving_npv_jpy == pytest.approx(0, abs=1e-3)
    factor = break_even_outsourcing_factor(result)
    at_factor = cost_comparison(with_setting(given, "outsourcing_after_factor", factor))
    assert at_factor.total_saving_npv_jpy == pytest.approx(0, abs=1e-3)


def test_break_even_unit_labour_cost_by_hand() -> None:
    given = two_years(startup_cost_jpy=Uncertain.certain(0.0), discount_rate=Uncertain.certain(0.0))
    assert break_even_unit_labour_cost(cost_comparison(given)) == pytest.approx(6e6 / 2400)
    # 100 of 106 is paid now; 9.6 of hours may be paid for: (100 + 9.6) / 106.
    assert break_even_outsourcing_factor(cost_comparison(given)) == pytest.approx(109.6 / 106)


def test_break_even_curve_rises_with_the_value_of_an_hour() -> None:
    curve = break_even_curve(two_years(), points=5)
    assert curve["unit_labour_cost_jpy_per_hour"].tolist() == [0, 2000, 4000, 6000, 8000]
    assert curve["outsourcing_after_factor"].is_monotonic_increasing


def test_deflators_bring_amounts_to_base_prices() -> None:
    given = two_years(
        deflators={2024: 100.0, 2025: 110.0},
        discount_rate=Uncertain.certain(0.0),
        startup_cost_jpy=Uncertain.certain(0.0),
    )
    yearly = cost_comparison(given).yearly
    assert yearly["outsourcing_before_jpy"].tolist() == pytest.approx([100e6, 100e6 / 1.1])
    assert yearly["direct_cost_before_jpy"].tolist() == pytest.approx([24e6, 24e6])


def test_items_add_up_to_years() -> None:
    given = two_years()
    more = given.items.assign(item="別の業務")
    both = replace(given, items=pd.concat([given.items, more], ignore_index=True))
    one, two = cost_comparison(given), cost_comparison(both)
    assert two.released_hours == 2.0 * one.released_hours
    startup = one.yearly["startup_cost_jpy"].sum()
    assert two.total_saving_npv_jpy == pytest.approx(2.0 * one.total_saving_npv_jpy + startup)


def test_the_tornado_puts_the_widest_first() -> None:
    given = two_years(
        unit_labour_cost_jpy_per_hour=Uncertain(4000.0, 3000.0, 5000.0),
        outsourcing_after_factor=Uncertain(1.0, 0.99, 1.01),
        discount_rate=Uncertain.certain(0.0),
    )
    swings = tornado(given).swings
    # Labour: 4,800 h × 2,000 yen = 9.6 million. Outsourcing: 212 million × 2 % = 4.24 million.
    assert swings["setting"].tolist() == [
        "unit_labour_cost_jpy_per_hour",
        "outsourcing_after_factor",
    ]
    assert swings["swing_jpy"].tolist() == pytest.approx([9.6e6, 4.24e6])


def test_a_tornado_without_ranges_is_refused() -> None:
    with pytest.raises(DesignError, match="幅のある設定が一つもありません"):
        tornado(two_years())


def test_negative_or_missing_amounts_are_refused() -> None:
    given = two_years()
    for wrong in (-1.0, float("nan")):
        items = given.items.assign(direct_hours_after=wrong)
        with pytest.raises(TableError, match="direct_hours_after"):
            cost_comparison(replace(given, items=items))


def test_whole_numbers_and_a_repeated_row_number_are_no_obstacle() -> None:
    given = two_years()
    whole = given.items.astype({"direct_hours_after": "int64"}).set_axis([0, 0])
    expected = cost_comparison(given).total_saving_npv_jpy
    assert cost_comparison(replace(given, items=whole)).total_saving_npv_jpy == expected


def test_infinite_amounts_and_impossible_settings_are_refused() -> None:
    given = two_years()
    endless = given.items.assign(direct_hours_after=float("inf"))
    with pytest.raises(DesignError, match="無限大"):
        cost_comparison(replace(given, items=endless))
    with pytest.raises(DesignError, match="数値でない値または無限大"):
        Uncertain.certain(float("inf"))
    with pytest.raises(DesignError, match=r"4%なら0\.04"):
        replace(given.settings, discount_rate=Uncertain.certain(4.0))
    with pytest.raises(DesignError, match="税の扱い「maybe」"):
        replace(given.settings, tax="maybe")


def test_a_year_without_a_line_is_refused() -> None:
    given = two_years()
    items = given.items.assign(fiscal_year=[2024, 2026])
    with pytest.raises(DesignError, match="2025"):
        cost_comparison(replace(given, items=items))


def test_deflators_that_miss_a_year_are_refused() -> None:
    with pytest.raises(DesignError, match="2025年度がありません"):
        cost_comparison(two_years(deflators={2024: 100.0}))


def test_a_range_that_misses_its_value_is_refused() -> None:
    with pytest.raises(DesignError, match="幅が値を含んでいません"):
        Uncertain(5.0, 1.0, 4.0)


def test_break_evens_that_do_not_exist_are_refused() -> None:
    given = two_years()
    same = replace(given, items=given.items.assign(direct_hours_after=6000.0))
    with pytest.raises(DesignError, match="直営対応時間が減らない"):
        break_even_unit_labour_cost(cost_comparison(same))
    cheaper = replace(given, items=given.items.assign(outsourcing_after_jpy=50e6))
    with pytest.raises(DesignError, match="人件費単価によらず"):
        break_even_unit_labour_cost(cost_comparison(cheaper))
