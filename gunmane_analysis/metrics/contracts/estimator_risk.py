"""How sure a saving is: the estimate drawn many times from the ranges of its settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from gunmane_analysis.metrics.contracts.estimator import (
    FACTORS,
    cost_comparison,
    ranged_settings,
    with_setting,
)
from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.results import Result
from gunmane_analysis.tables.estimate import EstimateInput, Uncertain

Shape = Literal["pert", "triangular"]
_LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
_PERT_WEIGHT = 4.0
FEWEST_DRAWS = 50


@dataclass(frozen=True, eq=False, repr=False)
class SimulatedSaving(Result):
    """The saving over the draws.

    Attributes
    ----------
    quantiles : DataFrame
        One row per ``measure`` (``total_saving_npv_jpy``, ``cash_saving_npv_jpy``,
        ``released_hours``): ``mean`` and the quantiles ``q05``, ``q25``, ``q50``, ``q75``,
        ``q95``.
    probability_of_saving, probability_of_cash_saving : float
        Share of the draws in which total cost, and cash alone, fall.
    monte_carlo_error : float
        The standard error that the number of draws leaves in the first of the two.
    draws : ndarray
        The total saving's present value in each draw (yen).
    """

    shape: Shape
    seed: int
    draw_count: int
    quantiles: pd.DataFrame
    probability_of_saving: float
    probability_of_cash_saving: float
    monte_carlo_error: float
    draws: np.ndarray


def simulate_saving(
    given: EstimateInput, *, seed: int, draws: int = 10_000, shape: Shape = "pert"
) -> SimulatedSaving:
    """Draw every setting with a range, independently of the others, and compare costs each time.

    Parameters
    ----------
    given : EstimateInput
    seed : int
    draws : int
    shape : {"pert", "triangular"}
        PERT is a beta distribution between the ends with its mode at the value and weight 4
        on it; triangular gives the ends more weight.

    Returns
    -------
    SimulatedSaving

    Raises
    ------
    DesignError
        If no setting has a range, there are fewer than 50 draws, or the seed is negative.

    References
    ----------
    Malcolm, D. G. et al. (1959). Operations Research 7(5), 646-669 (PERT).

    Examples
    --------
    >>> from gunmane_analysis.loaders.assumed import load_cost_illustration
    >>> given = load_cost_illustration(2024, years=3, with_ranges=True)
    >>> simulated = simulate_saving(given, seed=1, draws=200)
    >>> 0.0 <= simulated.probability_of_saving <= 1.0
    True
    """
    ranged = ranged_settings(given)
    is_impossible = draws < FEWEST_DRAWS or seed < 0
    refuse_if(is_impossible, "estimate-draws", draws=draws, seed=seed, fewest=FEWEST_DRAWS)
    refuse_if(shape not in ("pert", "triangular"), "estimate-shape", shape=shape)
    random = np.random.default_rng(seed)
    drawn = {
        name: _draw(random, one, draws, shape) if name in ranged else np.full(draws, one.value)
        for name, one in given.settings.uncertain.items()
    }
    measures = _measures(given, drawn)
    table = pd.DataFrame(measures).agg(["mean"]).T
    table[[f"q{level * 100:02.0f}" for level in _LEVELS]] = np.quantile(
        list(measures.values()), _LEVELS, axis=1
    ).T
    probability = float((measures["total_saving_npv_jpy"] > 0).mean())
    return SimulatedSaving(
        shape=shape,
        seed=seed,
        draw_count=draws,
        quantiles=table.rename_axis("measure").reset_index(),
        probability_of_saving=probability,
        probability_of_cash_saving=float((measures["cash_saving_npv_jpy"] > 0).mean()),
        monte_carlo_error=float(np.sqrt(probability * (1.0 - probability) / draws)),
        draws=measures["total_saving_npv_jpy"],
    )


def _draw(random: np.random.Generator, one: Uncertain, draws: int, shape: Shape) -> np.ndarray:
    if shape == "triangular":
        return random.triangular(one.low, one.value, one.high, draws)
    width = one.high - one.low
    first = 1.0 + _PERT_WEIGHT * (one.value - one.low) / width
    second = 1.0 + _PERT_WEIGHT * (one.high - one.value) / width
    return one.low + width * random.beta(first, second, draws)


def _measures(given: EstimateInput, drawn: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Cost each draw at once: the comparison is linear in all settings but the discount rate."""
    for factor in FACTORS.values():
        given = with_setting(given, factor, 1.0)
    central = cost_comparison(given).yearly
    elapsed = (central["fiscal_year"] - central["fiscal_year"].min()).to_numpy()
    discount = (1.0 + drawn["discount_rate"])[:, None] ** -elapsed
    scaled = {
        name: drawn[factor][:, None] * central[name].to_numpy() for name, factor in FACTORS.items()
    }
    cash = scaled["outsourcing_before_jpy"] - scaled["outsourcing_after_jpy"]
    hours = scaled["direct_hours_before"] - scaled["direct_hours_after"]
    cash_value = (cash * discount).sum(axis=1) - drawn["startup_cost_jpy"]
    released = (hours * discount).sum(axis=1) * drawn["unit_labour_cost_jpy_per_hour"]
    return {
        "total_saving_npv_jpy": cash_value + released,
        "cash_saving_npv_jpy": cash_value,
        "released_hours": hours.sum(axis=1),
    }
