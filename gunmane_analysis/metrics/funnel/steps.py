"""Which step of the matching funnel to better: what each would give, and would have to give.

As in :mod:`gunmane_analysis.metrics.funnel.planner`, the other rates stay what they were and
cases succeed independently of each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats

from gunmane_analysis.cache import cached
from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.funnel.readings import FunnelReadings
from gunmane_analysis.metrics.validation import check_confidence, check_seed

_PRIOR = 0.5
_DRAWS = 4000
Floats = NDArray[np.float64]


def steps_needed(
    rates: pd.DataFrame,
    target_count: int,
    probability: float = 0.9,
    from_stage: str = "considered",
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
    if from_stage not in stages[:-1]:
        raise DesignError(
            f"段階「{from_stage}」からの計画はできません。", expected="、".join(stages[:-1])
        )
    start = stages.index(from_stage)
    cases = int(rates["reached_count"].iloc[start])
    check_confidence(probability)
    if not 0 < target_count <= cases or target_count != int(target_count):
        raise DesignError(f"{cases}件の案件から{target_count:g}件の実装は計画できません。")
    steps = rates.iloc[start + 1 :]
    now = _step_rates(steps)
    overall = _overall_rate_needed(cases, target_count, probability)
    rows = []
    for position, stage in enumerate(steps["stage"]):
        others = float(np.prod(np.delete(now, position)))
        rows.append(
            {
                "stage": stage,
                "rate_now": now[position],
                "rate_for_expectation": _reachable(target_count / cases, others),
                "rate_for_probability": _reachable(overall, others),
            }
        )
    return pd.DataFrame(rows)


def _step_rates(steps: pd.DataFrame) -> Floats:
    now: Floats = steps["rate_from_previous"].to_numpy("float64")
    if not np.isfinite(now).all() or (now == 0).any():
        raise DesignError(
            "進んだ案件のない段階があるため、ほかの段階の効き目を求められません。",
            advice="案件が積み上がってから計画してください。",
        )
    return now


def _overall_rate_needed(cases: int, target_count: int, probability: float) -> float:
    if target_count == cases:
        return float(probability ** (1.0 / cases))
    return float(
        optimize.brentq(
            lambda rate: stats.binom.sf(target_count - 1, cases, rate) - probability, 1e-12, 1.0
        )
    )


def _reachable(overall: float, others: float) -> float:
    needed = overall / others
    return needed if needed <= 1.0 else float("nan")


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
    if unknown:
        raise DesignError(
            f"段階「{'」「'.join(unknown)}」へ進む率は上げられません。", expected="、".join(stages)
        )
    check_seed(seed)
    if (added < 0).any() or (added > 1).any():
        raise DesignError("上げる幅は0から1までの割合で指定してください（10ポイント＝0.10）。")
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
    parts = []
    for reading, rates in readings.rates.items():
        if rates["reached_count"].iloc[-1] == 0:
            continue
        needed = steps_needed(rates, target_count, probability).drop(columns="rate_now")
        gains = marginal_gains(rates, points)
        parts.append(gains.merge(needed, on="stage", validate="one_to_one").assign(reading=reading))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
