"""Smoothness sensitivity against what Rambachan and Roth's interval is where it has a formula."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.effects.bundling import bundling_effect
from gunmane_analysis.metrics.effects.checks import honest_did
from gunmane_analysis.metrics.effects.estimators import NAMES, callaway_santanna
from gunmane_analysis.metrics.effects.simulation import simulate_adoption

MPDTA = {"outcome": "lemp", "unit": "countyreal", "time": "year", "adopted": "first_treat"}
MADE = {
    "outcome": "outcome",
    "unit": "unit",
    "time": "fiscal_year",
    "adopted": "adopted_fiscal_year",
}


@pytest.mark.parametrize("bend", [0.0, 0.5, 2.0])
def test_with_one_period_to_extrapolate_the_interval_is_worked_by_hand(bend: float) -> None:
    # Two years before adoption, one after: only the second difference y3 - 2 y2 + y1 is free of
    # straight trends, and its bias is at most the bend. The shortest interval of fixed length
    # reaches to the 95 % point of |N(bend / error, 1)| times the error.
    made = simulate_adoption(
        units=40, adopters=12, first_fiscal_year=2016, years=3, adoption_years=(2018,), seed=1
    ).panel
    wide = made.pivot(index="unit", columns="fiscal_year", values="outcome")
    second = wide[2018] - 2.0 * wide[2017] + wide[2016]
    adopts = made.groupby("unit")["adopted_fiscal_year"].first().notna()
    parts = [second[adopts], second[~adopts]]
    middle = parts[0].mean() - parts[1].mean()
    error = np.sqrt(sum(part.var(ddof=0) / len(part) for part in parts))
    reach = error * np.sqrt(stats.ncx2.ppf(0.95, 1, max((bend / error) ** 2, 1e-12)))
    found = honest_did(bundling_effect(made, **MADE), bends=[bend]).table.iloc[0]
    assert (found["low"], found["high"]) == pytest.approx(
        (middle - reach, middle + reach), rel=1e-5
    )


def test_without_bends_it_is_the_best_estimate_free_of_straight_trends(mpdta: pd.DataFrame) -> None:
    # Of all sums of the seven event-time effects that average the four after adoption and give
    # any straight line zero, the one with the least variance (a Lagrange multiplier).
    effect = bundling_effect(mpdta, **MPDTA)
    table = effect.panel.table
    fit = callaway_santanna(effect.panel, "never", 0.95, "universal").fit(table, **NAMES)
    events = fit.aggregate("event_study")
    estimated = ~np.asarray(events.is_reference)
    time = np.asarray(events.event_time)[estimated] + 1.0
    before = time < 0
    after = (~before) / (~before).sum()
    covariance = np.asarray(events.vcov)
    inverse = np.linalg.inv(covariance[np.ix_(before, before)])
    shared = covariance[before] @ after
    line = time[before]
    needed = -(after @ time) + line @ inverse @ shared
    weights = after.copy()
    weights[before] = inverse @ (line * needed / (line @ inverse @ line) - shared)
    assert weights @ time == pytest.approx(0.0, abs=1e-12)
    middle = weights @ np.asarray(events.att)[estimated]
    reach = stats.norm.ppf(0.975) * np.sqrt(weights @ covariance @ weights)
    found = honest_did(effect, bends=[0.0]).table.iloc[0]
    assert (found["low"], found["high"]) == pytest.approx(
        (middle - reach, middle + reach), rel=1e-6
    )


def test_the_interval_widens_with_the_bend_and_breaks_down_once(mpdta: pd.DataFrame) -> None:
    found = honest_did(bundling_effect(mpdta, **MPDTA), bends=[0.0, 0.005, 0.01])
    widths = (found.table["high"] - found.table["low"]).to_numpy()
    assert (np.diff(widths) > 0).all()
    assert found.table.loc[0, "high"] < 0
    assert found.breakdown == 0.005


def test_with_few_adopters_it_is_refused() -> None:
    few = bundling_effect(simulate_adoption(adopters=3, seed=1).panel, **MADE)
    with pytest.raises(DesignError, match="感度分析ができません"):
        honest_did(few)
