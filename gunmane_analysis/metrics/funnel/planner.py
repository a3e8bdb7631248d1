"""How many cases the matching funnel needs for a number of implementations.

Every answer rests on two assumptions that the reader must be told: the rates stay what they
were, and cases succeed independently of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd
from scipy import stats

from gunmane_analysis.cache import cached
from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.funnel.rates import is_count
from gunmane_analysis.metrics.funnel.readings import FunnelReadings

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
    _check_plan(implemented_count, considered_count, probability)
    rate = implemented_count / considered_count
    alpha, beta = implemented_count + _PRIOR, considered_count - implemented_count + _PRIOR
    rows = []
    for target in targets:
        if target < 1 or target != int(target):
            raise DesignError(f"実装の目標「{target:g}」は使えません。", expected="1以上の整数")
        rows.append(
            {
                "target_count": int(target),
                "expected_case_count": int(np.ceil(round(target / rate, 9))),
                "case_count": _smallest(partial(_chance, rate, target), target, probability),
                "predictive_case_count": _smallest(
                    partial(_predictive_chance, alpha, beta, target), target, probability
                ),
            }
        )
    return pd.DataFrame(rows)


def _check_plan(implemented_count: int, considered_count: int, probability: float) -> None:
    are_counts = is_count(implemented_count) and is_count(considered_count)
    if not are_counts or not 0 < implemented_count <= considered_count:
        raise DesignError(
            f"検討{considered_count}件・実装{implemented_count}件からは、"
            "必要な検討の件数を求められません。",
            expected="1以上の整数の実装の件数と、それ以上の検討の件数",
            advice="実装が0件の間は、割合の区間の上限だけが言えます。",
        )
    if not 0.0 < probability < 1.0:
        raise DesignError(
            f"確率「{probability:g}」は使えません。", expected="0より大きく1より小さい数"
        )


def _chance(rate: float, target: int, cases: int) -> float:
    return float(stats.binom.sf(target - 1, cases, rate))


def _predictive_chance(alpha: float, beta: float, target: int, cases: int) -> float:
    return float(stats.betabinom.sf(target - 1, cases, alpha, beta))


def _smallest(chance: Callable[[int], float], start: int, probability: float) -> int:
    """Return the smallest n from ``start`` on with ``chance(n) >= probability``."""
    high = start
    while chance(high) < probability:
        if high > _MOST_CASES:
            raise DesignError(f"検討{_MOST_CASES:,}件でも、目標に届く確率が足りません。")
        high *= 2
    low = max(start, high // 2)
    while low < high:
        middle = (low + high) // 2
        if chance(middle) >= probability:
            high = middle
        else:
            low = middle + 1
    return high


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
    parts = []
    for reading, rates in readings.rates.items():
        implemented = int(rates["reached_count"].iloc[-1])
        considered = int(rates["reached_count"].iloc[0])
        if implemented == 0:
            continue
        needed = cases_needed(implemented, considered, targets, probability)
        parts.append(
            needed.assign(
                reading=reading, implemented_count=implemented, considered_count=considered
            )
        )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
