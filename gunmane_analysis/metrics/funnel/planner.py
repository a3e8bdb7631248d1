"""How many cases the matching funnel needs, and which of its steps to better.

Every answer rests on two assumptions that the reader must know of: the rates stay what they
were, and cases succeed independently of each other.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from gunmane_analysis.cache import cached
from gunmane_analysis.metrics.funnel.rates import is_count
from gunmane_analysis.metrics.funnel.readings import FunnelReadings
from gunmane_analysis.metrics.validation import check_confidence, check_seed
from gunmane_analysis.refusals import refuse_if

TARGETS = (1, 3, 5, 10, 20)
_PRIOR = 0.5
_MOST_CASES = 10_000_000


def cases_needed(
    implemented_count: int,
    considered_count: int,
    targets: Sequence[int] = TARGETS,
    probability: float = 0.9,
) -> pd.DataFrame:
    """How many cases to consider for at least so many implementations.

    Parameters
    ----------
    implemented_count, considered_count : int
        Cases implemented, of cases considered, so far.
    targets : sequence of int
        Implementations wanted.
    probability : float
        With what probability they are to be reached (0-1).

    Returns
    -------
    DataFrame
        One row per target: ``target_count``; ``expected_case_count``, the cases at which the
        expected number of implementations is the target (reached only about every second
        time); ``case_count``, the smallest n with P(X >= target) >= ``probability`` for
        X ~ Binomial(n, implemented / considered), the rate taken as known exactly; and
        ``predictive_case_count``, the same for the beta-binomial that the Jeffreys prior
        Beta(1/2, 1/2) and the counts give, the rate's own uncertainty included.

    Raises
    ------
    DesignError
        If nothing has been implemented (no finite number follows from a rate of 0), or the
        counts or the probability are impossible.

    References
    ----------
    Brown, L. D., Cai, T. T., DasGupta, A. (2001). Statistical Science 16, 101-133 (Jeffreys
    prior for a proportion).

    Examples
    --------
    >>> cases_needed(5, 98)["case_count"].tolist()
    [44, 103, 155, 276, 505]
    >>> cases_needed(5, 98)["predictive_case_count"].tolist()
    [50, 126, 198, 375, 724]
    """
    is_wrong = not (is_count(implemented_count) and is_count(considered_count))
    is_wrong = is_wrong or not 0 < implemented_count <= considered_count
    refuse_if(
        is_wrong, "plan-no-counts", considered=considered_count, implemented=implemented_count
    )
    refuse_if(not 0.0 < probability < 1.0, "plan-probability", probability=probability)
    rate = implemented_count / considered_count
    prior = implemented_count + _PRIOR, considered_count - implemented_count + _PRIOR
    rows = []
    for target in targets:
        refuse_if(target < 1 or target != int(target), "plan-target", target=target)
        rows.append(
            {
                "target_count": int(target),
                "expected_case_count": int(np.ceil(round(target / rate, 9))),
                # the cases until the last success wanted are negative binomial
                "case_count": target + int(scipy.stats.nbinom.ppf(probability, target, rate)),
                "predictive_case_count": _predictive_count(*prior, target, probability),
            }
        )
    return pd.DataFrame(rows)


def _predictive_count(alpha: float, beta: float, target: int, probability: float) -> int:
    """Return the fewest cases that a beta-binomial number of successes needs for a target."""

    def is_short(cases: int) -> bool:
        return bool(scipy.stats.betabinom.sf(target - 1, cases, alpha, beta) < probability)

    high = target
    while is_short(high):
        refuse_if(high > _MOST_CASES, "plan-too-many", cases=_MOST_CASES)
        high *= 2
    searched = range(max(target, high // 2), high)
    return searched.start + bisect.bisect_left(searched, True, key=lambda n: not is_short(n))


def _by_reading(
    readings: FunnelReadings, plan: Callable[[pd.DataFrame], pd.DataFrame]
) -> pd.DataFrame:
    """Return a plan for each reading under which anything was implemented."""
    parts = [
        plan(rates).assign(reading=reading)
        for reading, rates in readings.rates.items()
        if rates["reached_count"].iloc[-1] > 0
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


@cached
def plan_cases(
    readings: FunnelReadings, targets: Sequence[int] = TARGETS, probability: float = 0.9
) -> pd.DataFrame:
    """Return :func:`cases_needed` for every reading of the counts.

    Returns
    -------
    DataFrame
        One row per reading and target: ``reading``, ``implemented_count``,
        ``considered_count`` and the columns of :func:`cases_needed`; no rows if no counts are
        known or nothing has been implemented.

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_kpi
    >>> from gunmane_analysis.metrics.funnel.readings import funnel_readings, published_counts
    >>> plan_cases(funnel_readings(published_counts(load_kpi(), 2024)), [1])["case_count"].tolist()
    [44, 84]
    """

    def plan(rates: pd.DataFrame) -> pd.DataFrame:
        considered, *_, implemented = rates["reached_count"].astype("int64").tolist()
        needed = cases_needed(implemented, considered, targets, probability)
        return needed.assign(implemented_count=implemented, considered_count=considered)

    return _by_reading(readings, plan)


_DRAWS = 4000
Floats = NDArray[np.float64]


def steps_needed(
    rates: pd.DataFrame, target_count: int, probability: float = 0.9, from_stage: str = "considered"
) -> pd.DataFrame:
    """Return what one step's rate would have to become for a target, the others unchanged.

    Parameters
    ----------
    rates : DataFrame
        From :func:`gunmane_analysis.metrics.funnel.readings.conversion_rates`.
    target_count : int
        Implementations wanted from as many cases as reached ``from_stage``.
    probability : float
        With what probability they are to be reached (0-1).
    from_stage : str
        The stage whose number of cases is taken as given; every step after it is left to
        chance. From "considered", 98 cases are given; from "trialled", 31 trials are.

    Returns
    -------
    DataFrame
        One row per step after ``from_stage``, named by the stage it leads to: ``stage``,
        ``rate_now``, ``rate_for_expectation`` (the expected number is the target) and
        ``rate_for_probability`` (the target is reached or passed with ``probability``, the
        number implemented being binomial over the given cases). Missing where even a rate
        of 1 would not do.

    Raises
    ------
    DesignError
        If more implementations are wanted than there are cases.

    Examples
    --------
    >>> from gunmane_analysis.metrics.funnel.readings import conversion_rates
    >>> from gunmane_analysis.tables.funnel import STAGES
    >>> counts = pd.DataFrame({"stage": STAGES, "case_count": [98, 50, 31, 5]})
    >>> last = steps_needed(conversion_rates(counts), 20).iloc[-1]
    >>> last[["rate_for_expectation", "rate_for_probability"]].astype(float).round(3).tolist()
    [0.645, 0.805]
    """
    stages = list(rates["stage"])
    known = "、".join(stages[:-1])
    refuse_if(from_stage not in stages[:-1], "plan-no-stage", stage=from_stage, known=known)
    start = stages.index(from_stage)
    cases = int(rates["reached_count"].iloc[start])
    check_confidence(probability)
    is_wrong = not 0 < target_count <= cases or target_count != int(target_count)
    refuse_if(is_wrong, "plan-more-than-cases", cases=cases, target=target_count)
    steps = rates.iloc[start + 1 :]
    now = _step_rates(steps)
    others = np.array([np.delete(now, place).prod() for place in range(len(now))])
    overall = {
        "rate_for_expectation": target_count / cases,
        # P(X >= target) at rate r is the beta distribution function at r
        "rate_for_probability": scipy.stats.beta.ppf(
            probability, target_count, cases - target_count + 1
        ),
    }
    needed = {name: rate / others for name, rate in overall.items()}
    return pd.DataFrame({"stage": steps["stage"].to_numpy(), "rate_now": now}).assign(
        **{name: np.where(rate <= 1.0, rate, np.nan) for name, rate in needed.items()}
    )


def _step_rates(steps: pd.DataFrame) -> Floats:
    now: Floats = steps["rate_from_previous"].to_numpy("float64")
    refuse_if(not np.isfinite(now).all() or (now == 0).any(), "plan-empty-stage")
    return now


def marginal_gains(
    rates: pd.DataFrame, points: float | Mapping[str, float] = 0.10, seed: int = 0
) -> pd.DataFrame:
    """Return what each step would give if it alone became so many points better.

    The expected number of implementations is the number of cases times the product of the
    step rates; one factor is raised, the others stay. With the same points at every step the
    gain is inversely proportional to the step's rate, so that the lowest rate comes out
    first; with the points that are really within reach at each step (a mapping) it need not.

    Parameters
    ----------
    rates : DataFrame
        From :func:`gunmane_analysis.metrics.funnel.readings.conversion_rates`.
    points : float or mapping of stage to float
        How much is added to the rate of the step that leads to the stage (0.10 = ten points).
    seed : int
        Of the draws behind ``largest_gain_probability``.

    Returns
    -------
    DataFrame
        One row per step, named by the stage it leads to: ``stage``, ``rate_now``,
        ``rate_raised`` (at most 1; ``is_capped`` where that binds), ``implemented_count``
        (expected, as it is), ``raised_implemented_count`` (expected, the step raised),
        ``gain_count`` (their difference) and ``largest_gain_probability`` (how often the
        step has the largest gain when all rates are drawn from their Jeffreys posteriors).

    Examples
    --------
    >>> from gunmane_analysis.metrics.funnel.readings import conversion_rates
    >>> from gunmane_analysis.tables.funnel import STAGES
    >>> counts = pd.DataFrame({"stage": STAGES, "case_count": [98, 50, 31, 5]})
    >>> marginal_gains(conversion_rates(counts))["raised_implemented_count"].round(2).tolist()
    [5.98, 5.81, 8.1]
    """
    steps = rates.iloc[1:]
    stages = list(steps["stage"])
    now = _step_rates(steps)
    added = np.array(
        [points.get(stage, 0.0) if isinstance(points, Mapping) else points for stage in stages]
    )
    unknown = sorted(set(points) - set(stages)) if isinstance(points, Mapping) else []
    names = "」「".join(unknown)
    refuse_if(unknown, "plan-unknown-stage", names=names, known="、".join(stages))
    check_seed(seed)
    refuse_if((added < 0).any() or (added > 1).any(), "plan-points")
    cases = float(rates["reached_count"].iloc[0])
    raised = np.minimum(now + added, 1.0)
    then = cases * np.prod(now) / now * raised
    return pd.DataFrame(
        {
            "stage": stages,
            "rate_now": now,
            "rate_raised": raised,
            "is_capped": now + added > 1.0,
            "implemented_count": cases * np.prod(now),
            "raised_implemented_count": then,
            "gain_count": then - cases * np.prod(now),
            "largest_gain_probability": _largest_gain(rates, added, seed),
        }
    )


def _largest_gain(rates: pd.DataFrame, added: Floats, seed: int) -> Floats:
    reached = rates["reached_count"].to_numpy("float64")
    randomness = np.random.default_rng(seed)
    drawn = np.column_stack(
        [
            randomness.beta(after + _PRIOR, before - after + _PRIOR, _DRAWS)
            for before, after in pairwise(reached)
        ]
    )
    gains = np.prod(drawn, axis=1, keepdims=True) / drawn * (np.minimum(drawn + added, 1.0) - drawn)
    return np.bincount(gains.argmax(axis=1), minlength=len(added)) / _DRAWS


@cached
def plan_steps(
    readings: FunnelReadings,
    target_count: int = 20,
    probability: float = 0.9,
    points: float | Mapping[str, float] = 0.10,
) -> pd.DataFrame:
    """Return :func:`marginal_gains` and :func:`steps_needed` for every reading of the counts.

    Returns
    -------
    DataFrame
        One row per reading and step: ``reading``, the columns of :func:`marginal_gains`, and
        ``rate_for_expectation``, ``rate_for_probability``; no rows if no counts are known or
        nothing has been implemented.

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_kpi
    >>> from gunmane_analysis.metrics.funnel.readings import funnel_readings, published_counts
    >>> steps = plan_steps(funnel_readings(published_counts(load_kpi(), 2024)))
    >>> steps.groupby("reading")["gain_count"].max().round(2).to_dict()
    {'nested': 3.1, 'status': 3.6}
    """

    def plan(rates: pd.DataFrame) -> pd.DataFrame:
        needed = steps_needed(rates, target_count, probability).drop(columns="rate_now")
        return marginal_gains(rates, points).merge(needed, on="stage", validate="one_to_one")

    return _by_reading(readings, plan)
