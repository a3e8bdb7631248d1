"""Whether an effect can be believed: before adoption, without one adopter, if trends bend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2

from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.effects.bundling import BundlingEffect
from gunmane_analysis.metrics.effects.estimators import (
    callaway_santanna,
    callaway_santanna_estimator,
    imputation,
    library,
    library_messages,
    sun_abraham,
)
from gunmane_analysis.metrics.effects.panel import NEVER
from gunmane_analysis.metrics.effects.placebo import group_time_cells

_ADOPTERS_AT_MOST = 30
_ESTIMATORS = {
    "callaway_santanna": callaway_santanna,
    "sun_abraham": sun_abraham,
    "imputation": imputation,
}


@dataclass(frozen=True)
class PreTrend:
    """Effects before adoption, which should be none.

    ``table`` has the event times before adoption; ``statistic`` (chi-square with ``freedom``
    degrees) and ``p_value`` are of all group-time effects before adoption being zero (of the
    averaged event times with covariates, another method or an unbalanced panel), missing with
    few adopters. Not rejecting is no proof: with little data a bent trend passes, too.
    """

    table: pd.DataFrame
    statistic: float
    freedom: int
    p_value: float


@dataclass(frozen=True)
class Sensitivity:
    """Intervals of the average over event times if trends may bend by ``bend`` per period.

    Every event time after adoption counts alike, whatever the number of adopters in it.

    ``table`` has one row per ``bend`` (in units of the outcome) with ``low`` and ``high``;
    ``breakdown`` is the smallest bend at which the interval contains zero, missing if none
    of those tried does (or if the first already does: then it is 0).
    """

    table: pd.DataFrame
    breakdown: float


def pre_trend(effect: BundlingEffect) -> PreTrend:
    """Test that adopters and the units compared moved alike before adoption (Wald).

    Parameters
    ----------
    effect : BundlingEffect
        With a method that estimates event times before adoption.

    Returns
    -------
    PreTrend

    Raises
    ------
    DesignError
        If no event time before adoption was estimated.

    References
    ----------
    Callaway and Sant'Anna (2021); as ``att_gt`` of the R package did.

    Examples
    --------
    >>> from gunmane_analysis.metrics.effects.bundling import bundling_effect
    >>> from gunmane_analysis.metrics.effects.simulation import simulate_adoption
    >>> made = simulate_adoption(units=40, adopters=12, effect=-5.0, seed=1)
    >>> effect = bundling_effect(made.panel, outcome="outcome", unit="unit",
    ...                          time="fiscal_year", adopted="adopted_fiscal_year")
    >>> 0.0 <= pre_trend(effect).p_value <= 1.0
    True
    """
    before = effect.by_event_time[effect.by_event_time["event_time"] < 0]
    before = before[np.isfinite(before["estimate"])].reset_index(drop=True)
    if before.empty:
        raise DesignError(
            "導入前の動きを確かめられる時点がありません。",
            expected="導入前に2時点以上ある群と、導入前の時点も推定する方法（callaway_santanna）",
        )
    if effect.interval_kind == "placebo":
        return PreTrend(before, float("nan"), len(before), float("nan"))
    panel = effect.panel
    if effect.method == "callaway_santanna" and panel.is_balanced and not panel.covariates:
        return _wald(before, *_effects_before(effect))
    if effect.event_covariance is None:
        return PreTrend(before, float("nan"), len(before), float("nan"))
    events = effect.by_event_time["event_time"].to_numpy()
    positions = np.flatnonzero(np.isin(events, before["event_time"]))
    covariance = effect.event_covariance[np.ix_(positions, positions)]
    estimates = before["estimate"].to_numpy()
    return _wald(before, estimates, covariance)


def _wald(table: pd.DataFrame, estimates: np.ndarray, covariance: np.ndarray) -> PreTrend:
    statistic = float(estimates @ np.linalg.pinv(covariance) @ estimates)
    freedom = int(np.linalg.matrix_rank(covariance))
    return PreTrend(table, statistic, freedom, float(chi2.sf(statistic, freedom)))


def _effects_before(effect: BundlingEffect) -> tuple[np.ndarray, np.ndarray]:
    """Return the group-time effects before adoption, as differences of means, with covariance."""
    panel, adoption = effect.panel, effect.panel.adoption.to_numpy()
    wide = panel.table.pivot(index="unit", columns="time", values="outcome")
    cells = group_time_cells(panel, adoption[adoption != NEVER])
    estimates, influence = [], []
    for group, time, base in zip(cells.group, cells.time, cells.base, strict=True):
        if time >= group:
            continue
        change = (wide[time] - wide[base]).to_numpy()
        adopts = adoption == group
        waits = (adoption > max(time, base)) & ~adopts if effect.control == "notyet" else False
        compared = (adoption == NEVER) | waits
        means = change[adopts].mean(), change[compared].mean()
        estimates.append(means[0] - means[1])
        influence.append(
            adopts * (change - means[0]) / adopts.sum()
            - compared * (change - means[1]) / compared.sum()
        )
    parts = pd.DataFrame(np.column_stack(influence))
    if panel.has_cluster:
        parts = parts.groupby(panel.table.groupby("unit")["cluster"].first().to_numpy()).sum()
    return np.array(estimates), parts.to_numpy().T @ parts.to_numpy()


def leave_one_out(effect: BundlingEffect) -> pd.DataFrame:
    """Estimate again without each adopter (each adoption group, if adopters are many).

    Returns
    -------
    DataFrame
        One row per adopter or group left out: ``left_out``, ``kind`` ("unit" or "group"),
        ``estimate``, and ``change`` against the estimate with all.

    Raises
    ------
    DesignError
        If there is only one adopter.

    Examples
    --------
    >>> from gunmane_analysis.metrics.effects.bundling import bundling_effect
    >>> from gunmane_analysis.metrics.effects.simulation import simulate_adoption
    >>> made = simulate_adoption(units=40, adopters=12, effect=-5.0, seed=1)
    >>> effect = bundling_effect(made.panel, outcome="outcome", unit="unit",
    ...                          time="fiscal_year", adopted="adopted_fiscal_year")
    >>> len(leave_one_out(effect)) == effect.adopter_count
    True
    """
    panel, adoption = effect.panel, effect.panel.adoption
    if len(panel.adopters) < 2:
        raise DesignError("導入した単位が1件だけのため、1件ずつ除いた推定はできません。")
    if len(panel.adopters) <= _ADOPTERS_AT_MOST:
        kind = "unit"
        parts = {str(panel.labels[unit]): [int(unit)] for unit in panel.adopters}
    else:
        kind = "group"
        parts = {
            str(cohort): adoption.index[adoption == cohort].tolist() for cohort in panel.cohorts
        }
    rows = []
    for name, units in parts.items():
        rest = panel.without(units)
        if not len(rest.adopters):
            continue
        tables = _ESTIMATORS[effect.method](rest, effect.control, effect.confidence)
        rows.append((name, kind, tables.overall.estimate))
    table = pd.DataFrame(rows, columns=["left_out", "kind", "estimate"])
    return table.assign(change=table["estimate"] - effect.overall.estimate)


def honest_did(effect: BundlingEffect, bends: Sequence[float] | None = None) -> Sensitivity:
    """Widen the interval for trends that may bend (smoothness restriction only).

    Parameters
    ----------
    effect : BundlingEffect
        By Callaway and Sant'Anna, with more than five adopters.
    bends : sequence of float, optional
        Largest change of the difference in trends from one period to the next, in units of
        the outcome; by default 0 to twice the standard error of the average effect.

    Returns
    -------
    Sensitivity

    Raises
    ------
    DesignError
        If there are too few adopters or fewer than two periods before adoption.

    Notes
    -----
    Only the smoothness restriction is offered: the relative-magnitude one of diff-diff 3.13
    does not reproduce the reference implementation and overstates significance.

    References
    ----------
    Rambachan, A. and Roth, J. (2023). Review of Economic Studies 90(5), 2555-2591.

    Examples
    --------
    >>> from gunmane_analysis.metrics.effects.bundling import bundling_effect
    >>> from gunmane_analysis.metrics.effects.simulation import simulate_adoption
    >>> made = simulate_adoption(units=40, adopters=12, effect=-5.0, seed=1)
    >>> effect = bundling_effect(made.panel, outcome="outcome", unit="unit",
    ...                          time="fiscal_year", adopted="adopted_fiscal_year")
    >>> sensitivity = honest_did(effect, bends=[0.0])
    >>> len(sensitivity.table)
    1
    """
    if effect.method != "callaway_santanna" or effect.interval_kind == "placebo":
        raise DesignError(
            "この推定には、傾向の曲がりに対する感度分析ができません。",
            expected="callaway_santanna による、区間が標準誤差から求まる推定",
        )
    tried = np.linspace(0.0, 2.0 * effect.overall.standard_error, 9) if bends is None else bends
    with library_messages():
        estimator = callaway_santanna_estimator(
            effect.panel, effect.control, effect.confidence, base_period="universal"
        )
        events = estimator.fit(
            effect.panel.table,
            outcome="outcome",
            unit="unit",
            time="time",
            first_treat="first_treat",
            covariates=list(effect.panel.covariates) or None,
        ).aggregate("event_study")
        rows = []
        for bend in tried:
            honest = library().HonestDiD(
                method="smoothness", M=float(bend), alpha=1.0 - effect.confidence
            )
            found = honest.fit(events)
            rows.append((float(bend), float(found.ci_lb), float(found.ci_ub)))
    table = pd.DataFrame(rows, columns=["bend", "low", "high"])
    holds_zero = table[(table["low"] <= 0) & (table["high"] >= 0)]
    breakdown = float(holds_zero["bend"].iloc[0]) if len(holds_zero) else float("nan")
    return Sensitivity(table, breakdown)


def method_comparison(effect: BundlingEffect) -> pd.DataFrame:
    """Put the three estimators beside each other on the same panel.

    Returns
    -------
    DataFrame
        One row per method: ``method``, ``estimate``, ``standard_error``, ``low``, ``high``
        (missing with few adopters, whose standard errors are worthless) and ``reason`` where
        a method cannot answer.

    Examples
    --------
    >>> from gunmane_analysis.metrics.effects.bundling import bundling_effect
    >>> from gunmane_analysis.metrics.effects.simulation import simulate_adoption
    >>> made = simulate_adoption(units=40, adopters=12, effect=-5.0, seed=1)
    >>> effect = bundling_effect(made.panel, outcome="outcome", unit="unit",
    ...                          time="fiscal_year", adopted="adopted_fiscal_year")
    >>> "callaway_santanna" in set(method_comparison(effect)["method"])
    True
    """
    is_few = effect.interval_kind == "placebo"
    rows = []
    for method, estimator in _ESTIMATORS.items():
        try:
            found = estimator(effect.panel, effect.control, effect.confidence).overall
        except DesignError as fault:
            rows.append((method, *[float("nan")] * 4, fault.found))
            continue
        errors = [float("nan")] * 3 if is_few else [found.standard_error, found.low, found.high]
        rows.append((method, found.estimate, *errors, ""))
    columns = ["method", "estimate", "standard_error", "low", "high", "reason"]
    return pd.DataFrame(rows, columns=columns)
