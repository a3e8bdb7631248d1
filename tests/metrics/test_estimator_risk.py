"""The Monte Carlo of the effect-estimation tool against moments and probabilities by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.contracts.estimator import cost_comparison, with_setting
from gunmane_analysis.metrics.contracts.estimator_risk import simulate_saving
from gunmane_analysis.tables.estimate import EstimateInput, EstimateSettings, Uncertain

CERTAIN = Uncertain.certain


def one_year(**changes: Uncertain) -> EstimateInput:
    """Outsourcing 100 → 100, hours 1,000 → 0, 4,000 yen an hour, nothing else."""
    items = pd.DataFrame(
        {
            "fiscal_year": [2025],
            "item": ["維持"],
            "outsourcing_before_jpy": [100e6],
            "outsourcing_after_jpy": [100e6],
            "direct_hours_before": [1000.0],
            "direct_hours_after": [0.0],
        }
    )
    settings = EstimateSettings(CERTAIN(4000.0), CERTAIN(0.0), CERTAIN(0.0), 2025, "included")
    return EstimateInput("手計算", items, replace(settings, **changes))


def test_a_triangular_range_has_the_mean_of_its_corners() -> None:
    given = one_year(startup_cost_jpy=Uncertain(2e6, 1e6, 6e6))
    found = simulate_saving(given, seed=1, draws=40_000, shape="triangular")
    # 4 million of hours less a start-up of (1 + 2 + 6) / 3 = 3 million on average.
    assert found.draws.mean() == pytest.approx(1e6, abs=4 * found.draws.std() / 200)
    # Startup above 4: the right tail of the triangle, (6 - 4)² / ((6 - 1) (6 - 2)) = 0.2.
    assert found.probability_of_saving == pytest.approx(0.8, abs=4 * found.monte_carlo_error)
    assert found.probability_of_cash_saving == 0.0


def test_a_pert_range_has_its_textbook_mean_and_spread() -> None:
    given = one_year(startup_cost_jpy=Uncertain(2e6, 1e6, 6e6))
    found = simulate_saving(given, seed=1, draws=40_000)
    mean = (1 + 4 * 2 + 6) / 6  # million yen
    variance = (mean - 1) * (6 - mean) / 7
    assert found.draws.mean() / 1e6 == pytest.approx(4 - mean, abs=0.02)
    assert found.draws.std() / 1e6 == pytest.approx(np.sqrt(variance), abs=0.02)


def test_every_draw_is_the_comparison_at_the_drawn_settings() -> None:
    given = one_year(
        discount_rate=Uncertain(0.04, 0.0, 0.1),
        outsourcing_before_factor=CERTAIN(1.1),
        hours_after_factor=CERTAIN(0.0),
    )
    two = replace(given, items=pd.concat([given.items, given.items.assign(fiscal_year=2026)]))
    found = simulate_saving(two, seed=3, draws=500)
    ends = [
        cost_comparison(with_setting(two, "discount_rate", rate)).total_saving_npv_jpy
        for rate in (0.1, 0.0)
    ]
    assert ends[0] <= found.draws.min()
    assert found.draws.max() <= ends[1]


def test_the_seed_decides_the_draws() -> None:
    given = one_year(startup_cost_jpy=Uncertain(2e6, 1e6, 6e6))
    first, again, other = (simulate_saving(given, seed=seed, draws=50) for seed in (1, 1, 2))
    assert first.draws.tolist() == again.draws.tolist()
    assert first.draws.tolist() != other.draws.tolist()


@pytest.mark.parametrize(("seed", "draws"), [(0, 0), (0, 49), (-1, 1000)])
def test_too_few_draws_and_a_negative_seed_are_refused(seed: int, draws: int) -> None:
    given = one_year(startup_cost_jpy=Uncertain(2e6, 1e6, 6e6))
    with pytest.raises(DesignError, match=f"回数{draws}・乱数の種{seed}"):
        simulate_saving(given, seed=seed, draws=draws)


def test_without_ranges_there_is_nothing_to_draw() -> None:
    with pytest.raises(DesignError, match="幅のある設定が一つもありません"):
        simulate_saving(one_year(), seed=0)
    with pytest.raises(DesignError, match="分布の形"):
        simulate_saving(
            one_year(startup_cost_jpy=Uncertain(2.0, 1.0, 3.0)),
            seed=0,
            shape="normal",  # type: ignore[arg-type]
        )
