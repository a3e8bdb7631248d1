"""The effect-estimation tool: outsourcing and direct work before and after bundling.

Two things are kept apart throughout. **Cash** is what the budget pays: outsourcing and
start-up costs. **Released hours** are working hours of staff who stay on the payroll; they
are valued at a unit labour cost for comparison, and become cash only if posts go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.results import Result
from gunmane_analysis.tables import describe
from gunmane_analysis.tables.estimate import EstimateInput, EstimateSettings, Uncertain

# What is entered by year and item, and the setting that multiplies it.
FACTORS: Mapping[str, str] = MappingProxyType(
    {
        "outsourcing_before_jpy": "outsourcing_before_factor",
        "outsourcing_after_jpy": "outsourcing_after_factor",
        "direct_hours_before": "hours_before_factor",
        "direct_hours_after": "hours_after_factor",
    }
)


@dataclass(frozen=True, eq=False, repr=False)
class CostComparison(Result):
    """Direct and outsourced cost before and after, at prices of the base year (yen).

    Attributes
    ----------
    yearly : DataFrame
        One row per fiscal year: ``outsourcing_before_jpy``, ``outsourcing_after_jpy``,
        ``direct_cost_before_jpy``, ``direct_cost_after_jpy``, ``startup_cost_jpy``,
        ``total_before_jpy``, ``total_after_jpy``, ``cash_saving_jpy`` (outsourcing and
        start-up only), ``released_hours``, ``released_value_jpy``, ``total_saving_jpy``
        and ``discount_factor``. Savings are positive.
    total_saving_npv_jpy, cash_saving_npv_jpy, released_value_npv_jpy : float
        Present values at the discount rate, the first year undiscounted;
        total = cash + released value.
    released_hours : float
        Hours over the whole term, undiscounted.
    """

    given: EstimateInput
    yearly: pd.DataFrame
    total_saving_npv_jpy: float
    cash_saving_npv_jpy: float
    released_value_npv_jpy: float
    released_hours: float


@dataclass(frozen=True, eq=False, repr=False)
class Tornado(Result):
    """How the present value of the saving moves when one input goes to its ends."""

    base_jpy: float
    swings: pd.DataFrame


def cost_comparison(given: EstimateInput) -> CostComparison:
    """Compare direct plus outsourced cost before and after bundling.

    Parameters
    ----------
    given : EstimateInput
        Items by fiscal year and settings; ranges are ignored, the values themselves count.

    Returns
    -------
    CostComparison

    Raises
    ------
    TableError
        If an amount or a number of hours is negative or missing.
    DesignError
        If there are no items, years are missing within the term, or deflators are given but
        not for every year and the base year.

    References
    ----------
    国土交通省「群マネの手引きVer.1」Q2-7: 現状と束ねた後の委託金額・直営対応時間を、人件費単価で
    合算して比べる考え方。

    Examples
    --------
    >>> items = pd.DataFrame({"fiscal_year": [2024], "item": ["道路維持"],
    ...     "outsourcing_before_jpy": [100.0e6], "outsourcing_after_jpy": [105.0e6],
    ...     "direct_hours_before": [6000.0], "direct_hours_after": [3600.0]})
    >>> settings = EstimateSettings(Uncertain.certain(3500.0), Uncertain.certain(0.0),
    ...     Uncertain.certain(0.0), 2024, "included")
    >>> result = cost_comparison(EstimateInput("例", items, settings))
    >>> result.cash_saving_npv_jpy, result.released_hours, result.total_saving_npv_jpy
    (-5000000.0, 2400.0, 3400000.0)
    """
    items, settings = _checked(given), given.settings
    prices = _to_base_prices(items["fiscal_year"], settings)
    real = items.assign(
        **{
            name: items[name]
            * settings.uncertain[factor].value
            * (prices if name.endswith("_jpy") else 1.0)
            for name, factor in FACTORS.items()
        }
    )
    sums = real.groupby("fiscal_year")[list(FACTORS)].sum().reset_index()
    elapsed = sums["fiscal_year"] - sums["fiscal_year"].min()
    startup = (elapsed == 0) * settings.startup_cost_jpy.value
    before, after = (sums[f"outsourcing_{side}_jpy"] for side in ("before", "after"))
    rate = settings.unit_labour_cost_jpy_per_hour.value
    own_before, own_after = (sums[f"direct_hours_{side}"] * rate for side in ("before", "after"))
    yearly = sums.assign(
        direct_cost_before_jpy=own_before,
        direct_cost_after_jpy=own_after,
        startup_cost_jpy=startup,
        total_before_jpy=before + own_before,
        total_after_jpy=after + own_after + startup,
        cash_saving_jpy=before - after - startup,
        released_hours=sums["direct_hours_before"] - sums["direct_hours_after"],
        released_value_jpy=own_before - own_after,
        total_saving_jpy=before - after + own_before - own_after - startup,
        discount_factor=(1.0 + settings.discount_rate.value) ** -elapsed,
    )
    return CostComparison(
        given=given,
        yearly=yearly,
        total_saving_npv_jpy=_present_value(yearly, "total_saving_jpy"),
        cash_saving_npv_jpy=_present_value(yearly, "cash_saving_jpy"),
        released_value_npv_jpy=_present_value(yearly, "released_value_jpy"),
        released_hours=float(yearly["released_hours"].sum()),
    )


def _checked(given: EstimateInput) -> pd.DataFrame:
    refuse_if(given.items.empty, "estimate-no-items")
    whole = given.items.reindex(columns=list(FACTORS)).select_dtypes("integer").columns
    items = describe("estimate_items").check(
        given.items.reset_index(drop=True).astype(dict.fromkeys(whole, "float64")),
        f"試算「{given.title}」",
    )
    refuse_if(not np.isfinite(items[list(FACTORS)].to_numpy()).all(), "estimate-infinite")
    years = given.fiscal_years
    gaps = sorted(set(range(years[0], years[-1] + 1)) - set(years))
    refuse_if(gaps, "estimate-years", years="、".join(map(str, gaps)))
    return items


def _to_base_prices(years: pd.Series, settings: EstimateSettings) -> pd.Series | float:
    if not settings.deflators:
        return 1.0
    needed = {*map(int, years), settings.price_base_fiscal_year}
    missing = sorted(needed - set(settings.deflators))
    refuse_if(missing, "estimate-deflators", years="、".join(map(str, missing)))
    return settings.deflators[settings.price_base_fiscal_year] / years.map(settings.deflators)


def _present_value(yearly: pd.DataFrame, name: str) -> float:
    return float((yearly[name] * yearly["discount_factor"]).sum())


def break_even_unit_labour_cost(comparison: CostComparison) -> float:
    """Return the unit labour cost at which cash paid more equals the value of hours released.

    Returns
    -------
    float
        Yen per hour. Above it bundling costs less in total (if hours are released).

    Raises
    ------
    DesignError
        If no hours are released, or cash alone already decides (no positive break-even).
    """
    rate = comparison.given.settings.unit_labour_cost_jpy_per_hour.value
    hours = _present_value(comparison.yearly, "released_hours")
    refuse_if(hours <= 0, "estimate-no-hours")
    level = -comparison.cash_saving_npv_jpy / hours
    refuse_if(level < 0, "estimate-cash-alone", rate=rate)
    return level


def break_even_outsourcing_factor(comparison: CostComparison) -> float:
    """Return the factor on outsourcing after bundling at which the total saving is zero.

    Returns
    -------
    float
        1.10 = outsourcing after bundling may be 10 % above the amounts entered.

    Raises
    ------
    DesignError
        If nothing is outsourced after bundling.
    """
    yearly = comparison.yearly
    after = _present_value(yearly, "outsourcing_after_jpy")
    refuse_if(after <= 0, "estimate-no-outsourcing")
    factor = comparison.given.settings.outsourcing_after_factor.value
    return factor * (after + comparison.total_saving_npv_jpy) / after


def break_even_curve(given: EstimateInput, points: int = 41) -> pd.DataFrame:
    """Trace the break-even of outsourcing after bundling over unit labour costs.

    Parameters
    ----------
    given : EstimateInput
    points : int
        Number of unit labour costs, evenly from zero to twice the value entered (or its
        upper end, if that is more).

    Returns
    -------
    DataFrame
        One row per unit labour cost: ``unit_labour_cost_jpy_per_hour`` and
        ``outsourcing_after_factor`` at which the present value of the total saving is zero.

    Examples
    --------
    >>> from gunmane_analysis.loaders.assumed import load_cost_illustration
    >>> given = load_cost_illustration(2024, years=3, with_ranges=True)
    >>> len(break_even_curve(given, points=5)) >= 5
    True
    """
    name = "unit_labour_cost_jpy_per_hour"
    cost = given.settings.uncertain[name]
    levels = np.linspace(0.0, max(2.0 * cost.value, cost.high), points)
    factors = [
        break_even_outsourcing_factor(cost_comparison(with_setting(given, name, float(level))))
        for level in levels
    ]
    return pd.DataFrame({name: levels, "outsourcing_after_factor": factors})


def with_setting(given: EstimateInput, name: str, value: float) -> EstimateInput:
    """Return the same estimate with one uncertain setting fixed at a value."""
    return replace(
        given,
        settings=replace(given.settings, **{name: Uncertain.certain(value)}),  # type: ignore[arg-type]
    )


def tornado(given: EstimateInput) -> Tornado:
    """Move one uncertain setting at a time to the ends of its range, the others held.

    Returns
    -------
    Tornado
        ``swings``: one row per setting with a range, the widest first: ``setting``, ``low``,
        ``high``, ``saving_at_low_jpy``, ``saving_at_high_jpy``, ``swing_jpy`` (present values
        of the total saving).

    Raises
    ------
    DesignError
        If no setting has a range.

    Examples
    --------
    >>> from gunmane_analysis.loaders.assumed import load_cost_illustration
    >>> given = load_cost_illustration(2024, years=3, with_ranges=True)
    >>> tornado(given).swings.empty
    False
    """
    rows = []
    for name, one in ranged_settings(given).items():
        low, high = (
            cost_comparison(with_setting(given, name, end)).total_saving_npv_jpy
            for end in (one.low, one.high)
        )
        rows.append((name, one.low, one.high, low, high, abs(high - low)))
    columns = [
        "setting", "low", "high", "saving_at_low_jpy", "saving_at_high_jpy", "swing_jpy"
    ]  # fmt: skip
    swings = pd.DataFrame(rows, columns=columns)
    return Tornado(
        cost_comparison(given).total_saving_npv_jpy,
        swings.sort_values("swing_jpy", ascending=False, kind="stable", ignore_index=True),
    )


def ranged_settings(given: EstimateInput) -> dict[str, Uncertain]:
    """Return the settings that have a range, refusing an estimate without any."""
    ranged = {name: one for name, one in given.settings.uncertain.items() if not one.is_certain}
    refuse_if(not ranged, "estimate-no-range")
    return ranged
