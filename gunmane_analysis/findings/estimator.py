"""Findings of the effect-estimation tool: costs, cash apart from hours, and how sure it is."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd

from gunmane_analysis.charts.estimator import (
    plot_break_even,
    plot_cost_comparison,
    plot_saving_draws,
    plot_tornado,
)
from gunmane_analysis.errors import DesignError
from gunmane_analysis.findings.described import described_finding, listed, sentence
from gunmane_analysis.findings.finding import Finding
from gunmane_analysis.metrics.contracts.estimator import (
    CostComparison,
    Tornado,
    break_even_outsourcing_factor,
    break_even_unit_labour_cost,
)
from gunmane_analysis.metrics.contracts.estimator_risk import SimulatedSaving
from gunmane_analysis.tables.estimate import TAX_WORDS, EstimateInput

_LEVELS = {
    "equal_labour_cost": break_even_unit_labour_cost,
    "equal_factor": break_even_outsourcing_factor,
}


def _estimate_finding(
    finding_id: str, table: pd.DataFrame, given: EstimateInput, **fields: Any
) -> Finding:
    status = "illustrative" if given.is_illustrative else "planned"
    return described_finding(finding_id, table, status=status, **fields)


def cost_comparison_finding(comparison: CostComparison) -> Finding:
    """Word direct plus outsourced cost before and after, with cash and hours kept apart.

    Examples
    --------
    >>> from gunmane_analysis.loaders.assumed import load_cost_illustration
    >>> from gunmane_analysis.metrics.contracts.estimator import cost_comparison
    >>> cost_comparison_finding(cost_comparison(load_cost_illustration(2024))).status
    'illustrative'
    """
    given, sums = comparison.given, comparison.yearly.sum(numeric_only=True)
    settings, is_example, years = given.settings, given.is_illustrative, given.fiscal_years
    first, last, count = years[0], years[-1], len(years)
    table = pd.DataFrame(listed("contracts.cost_comparison", "rows"))
    for side in ("before", "after"):
        table[side] = table[side].map(sums).fillna(0.0)
    return _estimate_finding(
        "contracts.cost_comparison",
        table.assign(difference=table["after"] - table["before"]),
        given,
        example="例示" if is_example else None,
        title=None if is_example else given.title,
        span=f"{first}年度" if first == last else f"{first}〜{last}年度の{count}年間",
        sums=sums,
        hours=abs(comparison.released_hours),
        direction="縮減" if comparison.released_hours >= 0 else "増加",
        equal=_break_even_words(comparison),
        settings=settings,
        deflated="物価指数で換算した" if settings.deflators else "入力の",
        tax=TAX_WORDS[settings.tax],
        source_ids=("stated_effects",) if is_example else (),
        plot=partial(plot_cost_comparison, sums),
    )


def _break_even_words(comparison: CostComparison) -> str:
    """Word where the sign of the total saving turns, as far as it turns at all."""
    found = []
    for name, level in _LEVELS.items():
        try:
            found.append(sentence("contracts.cost_comparison", name, level=level(comparison)))
        except DesignError as fault:
            found.append(f"{fault.found.rstrip('。')}。")
    return "".join(found)


def cost_years_finding(comparison: CostComparison) -> Finding:
    """Word the present values of cash and of released hours, year by year in the table.

    Examples
    --------
    >>> from gunmane_analysis import cost_comparison
    >>> from gunmane_analysis.loaders.assumed import load_cost_illustration
    >>> given = load_cost_illustration(2024, years=3, with_ranges=True)
    >>> cost_years_finding(cost_comparison(given)).status
    'illustrative'
    """
    given = comparison.given
    return _estimate_finding("estimate.years", comparison.yearly, given, comparison=comparison)


def break_even_finding(comparison: CostComparison, curve: pd.DataFrame) -> Finding:
    """Word how far outsourcing after bundling may rise, over unit labour costs.

    Examples
    --------
    >>> from gunmane_analysis import break_even_curve, cost_comparison
    >>> from gunmane_analysis.loaders.assumed import load_cost_illustration
    >>> given = load_cost_illustration(2024, years=3, with_ranges=True)
    >>> break_even_finding(cost_comparison(given), break_even_curve(given)).status
    'illustrative'
    """
    settings = comparison.given.settings
    cost = settings.unit_labour_cost_jpy_per_hour.value
    return _estimate_finding(
        "estimate.break_even",
        curve,
        comparison.given,
        cost=cost,
        factor=break_even_outsourcing_factor(comparison),
        plot=partial(plot_break_even, curve, cost, settings.outsourcing_after_factor.value),
    )


def tornado_finding(tornado: Tornado, given: EstimateInput) -> Finding:
    """Word which setting moves the saving most.

    Examples
    --------
    >>> from gunmane_analysis import tornado
    >>> from gunmane_analysis.loaders.assumed import load_cost_illustration
    >>> given = load_cost_illustration(2024, years=3, with_ranges=True)
    >>> tornado_finding(tornado(given), given).status
    'illustrative'
    """
    swings = tornado.swings
    ends = swings[["saving_at_low_jpy", "saving_at_high_jpy"]]
    is_crossing = (ends.min(axis=1) < 0) & (ends.max(axis=1) > 0)
    return _estimate_finding(
        "estimate.tornado",
        swings,
        given,
        crossing=swings.loc[is_crossing, "setting"].tolist(),
        plot=partial(plot_tornado, tornado),
    )


def saving_probability_finding(simulated: SimulatedSaving, given: EstimateInput) -> Finding:
    """Word the probability that total cost, and that cash alone, falls.

    Examples
    --------
    >>> from gunmane_analysis.metrics.contracts.estimator_risk import simulate_saving
    >>> from gunmane_analysis.loaders.assumed import load_cost_illustration
    >>> given = load_cost_illustration(2024, years=3, with_ranges=True)
    >>> saving_probability_finding(simulate_saving(given, seed=1, draws=200), given).status
    'illustrative'
    """
    count = simulated.draw_count
    return _estimate_finding(
        "estimate.probability",
        simulated.quantiles,
        given,
        simulated=simulated,
        saving_count=simulated.probability_of_saving * count,
        cash_count=simulated.probability_of_cash_saving * count,
        total=simulated.quantiles.set_index("measure").T["total_saving_npv_jpy"],
        error=1.96 * simulated.monte_carlo_error,
        plot=partial(plot_saving_draws, simulated),
    )
