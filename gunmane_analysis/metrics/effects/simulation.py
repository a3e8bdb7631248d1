"""合成データ: a seeded panel of municipalities in which the effect of adoption is known.

Nothing here is real. It exists to test estimators and to teach what they can find.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gunmane_analysis.metrics.validation import seeded
from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.results import Result

SYNTHETIC_LABEL = "合成データ"


@dataclass(frozen=True, eq=False, repr=False)
class SimulatedPanel(Result):
    """A made-up panel and the truth behind it.

    Attributes
    ----------
    panel : DataFrame
        One row per ``unit`` and ``fiscal_year``: ``outcome``, ``adopted_fiscal_year`` (blank
        for units that never adopt), ``untreated_outcome``, ``true_effect`` and ``data_kind``
        (always 合成データ).
    average_effect : float
        Mean true effect over the treated rows: what estimators aim at.
    """

    panel: pd.DataFrame
    average_effect: float
    label: str = SYNTHETIC_LABEL


def simulate_adoption(
    *,
    units: int = 60,
    adopters: int = 20,
    first_fiscal_year: int = 2014,
    years: int = 10,
    adoption_years: Sequence[int] = (2018, 2020, 2022),
    effect: float = -5.0,
    effect_growth: float = 0.0,
    noise: float = 1.0,
    persistence: float = 0.0,
    pre_trend: float = 0.0,
    seed: int,
) -> SimulatedPanel:
    """Make a panel in which adopters' outcome changes by a known amount.

    Parameters
    ----------
    units, adopters : int
        Number of units, and how many of them adopt (spread evenly over the years).
    first_fiscal_year, years : int
        The span.
    adoption_years : sequence of int
        First treated fiscal years.
    effect : float
        Change of the outcome in the first treated year.
    effect_growth : float
        What each further year adds to it.
    noise : float
        Standard deviation of the yearly shocks.
    persistence : float
        How much of last year's shock stays (0 to below 1).
    pre_trend : float
        How much more adopters' outcome grows each year without adoption: a breach of the
        assumption, for teaching.
    seed : int

    Returns
    -------
    SimulatedPanel

    Raises
    ------
    DesignError
        If there are more adopters than units, or an adoption year lies outside the span.

    Examples
    --------
    >>> made = simulate_adoption(units=10, adopters=3, effect=-2.0, seed=0)
    >>> made.label, made.average_effect, len(made.panel)
    ('合成データ', -2.0, 100)
    """
    random = seeded(seed)
    span = np.arange(first_fiscal_year, first_fiscal_year + years)
    outside = [year for year in adoption_years if not span[0] < year <= span[-1]]
    is_wrong = outside or not 0 < adopters <= units
    refuse_if(is_wrong, "simulation-settings", units=units, first=span[0] + 1, last=span[-1])
    chosen = random.permutation(units)[:adopters]
    adopted = np.full(units, np.nan)
    adopted[chosen] = [adoption_years[i % len(adoption_years)] for i in range(adopters)]
    is_adopter = ~np.isnan(adopted)
    level = random.normal(100.0, 15.0, units)
    year_shock = np.cumsum(random.normal(0.0, 1.0, years))
    fresh = random.normal(0.0, noise, (units, years))
    for year in range(1, years):
        fresh[:, year] += persistence * fresh[:, year - 1]
    untreated = (
        level[:, None]
        + year_shock[None, :]
        + pre_trend * is_adopter[:, None] * np.arange(years)[None, :]
        + fresh
    )
    since = span[None, :] - adopted[:, None]
    true = np.where(since >= 0, effect + effect_growth * np.nan_to_num(since), 0.0)
    panel = pd.DataFrame(
        {
            "unit": np.repeat([f"合成{number:03d}" for number in range(units)], years),
            "fiscal_year": np.tile(span, units),
            "outcome": (untreated + true).ravel(),
            "adopted_fiscal_year": np.repeat(adopted, years),
            "untreated_outcome": untreated.ravel(),
            "true_effect": true.ravel(),
            "data_kind": SYNTHETIC_LABEL,
        }
    )
    return SimulatedPanel(panel, float(true[since >= 0].mean()))
