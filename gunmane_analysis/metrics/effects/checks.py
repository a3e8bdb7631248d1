"""Whether an effect can be believed: before adoption, without one adopter, if trends bend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy

from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.effects.bundling import BundlingEffect
from gunmane_analysis.metrics.effects.estimators import (
    METHODS,
    Effect,
    callaway_santanna,
    estimate,
    fitted,
    library,
    library_messages,
)
from gunmane_analysis.metrics.effects.panel import NEVER
from gunmane_analysis.metrics.effects.placebo import group_time_cells, placebo_test
from gunmane_analysis.refusals import caution, refuse_if
from gunmane_analysis.results import Result

_ADOPTERS_AT_MOST = 30
_ADOPTERS_PER_TIME = 20


@dataclass(frozen=True, eq=False, repr=False)
class PreTrend(Result):
    """Effects before adoption, which should be none.

    ``table`` has the event times before adoption. With 20 adopters in every group for each of its
    times before adoption, ``statistic`` (chi-square with ``freedom`` degrees) and ``p_value`` are
    of all group-time effects before adoption being zero. With fewer, where that test rejects too
    often (docs/benchmarks.md), the statistic is missing and the p-value is of the averaged event
    times, among those of other assignments of adoption. With covariates, another method or holes,
    or few adopters in clusters, it is missing. ``note`` says which, in Japanese. Not rejecting is
    no proof: with little data a bent trend passes, too.
    """

    table: pd.DataFrame
    statistic: float
    freedom: int
    p_value: float
    note: str


@dataclass(frozen=True, eq=False, repr=False)
class Sensitivity(Result):
    """Intervals of the average over event times if trends may bend by ``bend`` per period.

    Every event time after adoption counts alike, whatever the number of adopters in it.

    ``table`` has one row per ``bend`` (in units of the outcome) with ``low`` and ``high``;
    ``breakdown`` is the smallest bend at which the interval contains zero, missing if none
    of those tried does (or if the first already does: then it is 0).
    """

    table: pd.DataFrame
    breakdown: float


@dataclass(frozen=True)
class WildBootstrap(Effect):
    """The two-way estimate with the interval and p-value of the wild cluster bootstrap."""

    p_value: float
    cluster_count: int


def pre_trend(effect: BundlingEffect) -> PreTrend:
    """Test that adopters and the units compared moved alike before adoption.

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
    Callaway and Sant'Anna (2021); as ``att_gt`` of the R package did (Wald). Fisher, R. A. (1935).
    The Design of Experiments (exchange).

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
    events = effect.by_event_time
    is_before = (events["event_time"] < 0) & np.isfinite(events["estimate"])
    before = events[is_before].reset_index(drop=True)
    refuse_if(before.empty, "check-no-time-before")
    panel, none = effect.panel, float("nan")
    if effect.method != "callaway_santanna" or not panel.is_balanced or panel.covariates:
        return PreTrend(before, none, 0, none, caution("pre-trend-unknown"))
    cells = group_time_cells(panel)
    needed = cells[cells["time"] < cells["group"]].value_counts("group") * _ADOPTERS_PER_TIME
    if (panel.group_sizes.reindex(needed.index) >= needed).all():
        estimates, covariance = _effects_before(effect)
        statistic = float(estimates @ np.linalg.pinv(covariance) @ estimates)
        freedom = int(np.linalg.matrix_rank(covariance))
        p_value = float(scipy.stats.chi2.sf(statistic, freedom))
        return PreTrend(before, statistic, freedom, p_value, caution("pre-trend-wald"))
    if panel.has_cluster:
        return PreTrend(before, none, 0, none, caution("pre-trend-unknown"))
    placebo = effect.placebo or placebo_test(panel, effect.control)
    note = caution("pre-trend-exchange", count=placebo.assignment_count)
    return PreTrend(before, none, 0, placebo.pre_trend_p_value, note)


def _effects_before(effect: BundlingEffect) -> tuple[np.ndarray, np.ndarray]:
    """Return the group-time effects before adoption, as differences of means, with covariance."""
    panel, adoption = effect.panel, effect.panel.adoption.to_numpy()
    wide = panel.table.pivot(index="unit", columns="time", values="outcome")
    cells = group_time_cells(panel)
    estimates, influence = [], []
    for group, time, base in cells[cells["time"] < cells["group"]].itertuples(index=False):
        change, adopts = (wide[time] - wide[base]).to_numpy(), adoption == group
        waits = (adoption > time) & (effect.control == "notyet")
        compared = ((adoption == NEVER) | waits) & ~adopts
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
    refuse_if(len(panel.adopters) < 2, "check-one-adopter")
    if len(panel.adopters) <= _ADOPTERS_AT_MOST:
        kind = "unit"
        parts = {str(panel.labels[unit]): [int(unit)] for unit in panel.adopters}
    else:
        kind = "group"
        parts = {str(date): adoption.index[adoption == date].tolist() for date in panel.cohorts}
    rows = []
    for name, units in parts.items():
        rest = panel.without(units)
        if len(rest.adopters):
            found = estimate(effect.method, rest, effect.control, effect.confidence).overall
            rows.append((name, kind, found.estimate, found.estimate - effect.overall.estimate))
    return pd.DataFrame(rows, columns=["left_out", "kind", "estimate", "change"])


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
    does not reproduce the published intervals and overstates significance (ARCHITECTURE.md).

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
    has_error = np.isfinite(effect.overall.standard_error)
    refuse_if(effect.method != "callaway_santanna" or not has_error, "check-no-sensitivity")
    tried = np.linspace(0.0, 2.0 * effect.overall.standard_error, 9) if bends is None else bends
    level = {"alpha": 1.0 - effect.confidence}
    estimator = callaway_santanna(effect.panel, effect.control, effect.confidence, "universal")
    with library_messages():
        events = fitted(estimator, effect.panel).aggregate("event_study")
        found = [
            library().HonestDiD(method="smoothness", M=float(bend), **level).fit(events)
            for bend in tried
        ]
    rows = [
        (float(bend), float(each.ci_lb), float(each.ci_ub))
        for bend, each in zip(tried, found, strict=True)
    ]
    table = pd.DataFrame(rows, columns=["bend", "low", "high"])
    has_zero = table.loc[(table["low"] <= 0) & (table["high"] >= 0), "bend"]
    return Sensitivity(table, float(has_zero.iloc[0]) if len(has_zero) else float("nan"))


def method_comparison(effect: BundlingEffect) -> pd.DataFrame:
    """Put the three estimators side by side on the same panel.

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
    rows: list[dict[str, object]] = []
    has_errors = np.isfinite(effect.overall.standard_error)
    for method in METHODS:
        try:
            found = estimate(method, effect.panel, effect.control, effect.confidence).overall
        except DesignError as fault:
            rows.append({"method": method, "reason": fault.found})
            continue
        shown = vars(found) if has_errors else {"estimate": found.estimate}
        rows.append({"method": method, **shown, "reason": ""})
    columns = ["method", "estimate", "standard_error", "low", "high", "reason"]
    return pd.DataFrame(rows, columns=columns)


def wild_cluster_bootstrap(
    effect: BundlingEffect, *, seed: int = 0, draws: int = 9999
) -> WildBootstrap:
    """Estimate with unit and time effects; interval and p by restricted wild cluster bootstrap.

    For few clusters (that of the panel, else each unit). It does not help where few clusters
    adopt, nor where effects differ between times of adoption (see ``bacon_weights``).

    Parameters
    ----------
    effect : BundlingEffect
        Its panel, clusters and confidence are used; a few hundred units at most, since each
        unit is a column.
    seed, draws : int
        For the signs of the clusters (Rademacher); where there are fewer sign vectors than
        ``draws`` all are gone through.

    Returns
    -------
    WildBootstrap

    References
    ----------
    Cameron, A. C., Gelbach, J. B. and Miller, D. L. (2008). Review of Economics and Statistics
    90(3), 414-427; Roodman, D. et al. (2019). Stata Journal 19(1), 4-60.

    Examples
    --------
    >>> from gunmane_analysis.metrics.effects.bundling import bundling_effect
    >>> from gunmane_analysis.metrics.effects.simulation import simulate_adoption
    >>> made = simulate_adoption(units=40, adopters=12, effect=-5.0, seed=1)
    >>> panel = made.panel.assign(block=made.panel["unit"].str[-1])
    >>> effect = bundling_effect(panel, outcome="outcome", unit="unit", time="fiscal_year",
    ...                          adopted="adopted_fiscal_year", cluster="block")
    >>> found = wild_cluster_bootstrap(effect)
    >>> found.cluster_count, found.low < -5.0 < found.high
    (10, True)
    """
    table = effect.panel.table
    treated = (table["first_treat"] != NEVER) & (table["time"] >= table["first_treat"])
    effects = [pd.get_dummies(table[name]).iloc[:, 1:] for name in ("unit", "time")]
    design = np.column_stack([treated, np.ones(len(table)), *effects]).astype("float64")
    outcome = table["outcome"].to_numpy()
    clusters = pd.factorize(table["cluster" if effect.panel.has_cluster else "unit"])[0]
    with library_messages():
        found = library().wild_bootstrap_se(
            design, outcome, np.zeros_like(outcome), clusters, 0,
            n_bootstrap=draws, alpha=1.0 - effect.confidence, seed=seed,
        )  # fmt: skip
    middle, error = float(found.se * found.t_stat_original), float(found.se)
    low, high, p_value = map(float, (found.ci_lower, found.ci_upper, found.p_value))
    return WildBootstrap(middle, error, low, high, p_value, int(found.n_clusters))
