"""Rates of small counts: their intervals, and the difference between two of them."""

from __future__ import annotations

import numbers
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gunmane_analysis.refusals import refuse_if


@dataclass(frozen=True)
class Rate:
    """A share of cases with its interval (all 0-1)."""

    success_count: int
    trial_count: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True)
class RateDifference:
    """The rate of a first group minus that of a second, with interval and Fisher's test.

    ``difference``, ``low`` and ``high`` are shares (0.1 = ten points).
    """

    first: Rate
    second: Rate
    difference: float
    low: float
    high: float
    p_value: float


def estimate_rate(success_count: int, trial_count: int) -> Rate:
    """Return a share of cases with its 95 % interval (Wilson).

    Parameters
    ----------
    success_count, trial_count : int
        Cases that went on, of cases that could (cases).

    Raises
    ------
    DesignError
        If there are no cases, or more successes than cases.

    References
    ----------
    Wilson, E. B. (1927). JASA 22, 209-212. Brown, L. D., Cai, T. T., DasGupta, A. (2001).
    Statistical Science 16, 101-133. Computed by ``statsmodels.stats.proportion``.

    Examples
    --------
    >>> rate = estimate_rate(5, 98)
    >>> round(rate.rate, 3), round(rate.low, 3), round(rate.high, 3)
    (0.051, 0.022, 0.114)
    """
    from statsmodels.stats.proportion import proportion_confint

    are_counts = is_count(success_count) and is_count(trial_count)
    is_wrong = not are_counts or not success_count <= trial_count or trial_count == 0
    refuse_if(is_wrong, "rate-no-counts", successes=success_count, trials=trial_count)
    low, high = proportion_confint(success_count, trial_count, method="wilson")
    # At 0 of n and n of n the closed end is exact; rounding would leave 1e-17 there.
    return Rate(
        int(success_count),
        int(trial_count),
        success_count / trial_count,
        0.0 if success_count == 0 else float(low),
        1.0 if success_count == trial_count else float(high),
    )


def rate_table(success_counts: Iterable[int], trial_counts: Iterable[int]) -> pd.DataFrame:
    """Return ``rate``, ``low`` and ``high`` of each pair of counts, missing without cases.

    Examples
    --------
    >>> rate_table([5, 0], [98, 0])["rate"].round(3).tolist()
    [0.051, nan]
    """
    pairs = zip(success_counts, trial_counts, strict=True)
    found = [estimate_rate(int(x), int(n)) if n else None for x, n in pairs]
    rows = [(one.rate, one.low, one.high) if one else (np.nan,) * 3 for one in found]
    return pd.DataFrame(rows, columns=["rate", "low", "high"])


def rate_difference(first: tuple[int, int], second: tuple[int, int]) -> RateDifference:
    """Compare the rates of two independent groups.

    Parameters
    ----------
    first, second : (success_count, trial_count)
        Cases that went on, of cases that could, in each group.

    Returns
    -------
    RateDifference
        Newcombe's hybrid score interval (his method 10), and the two-sided p-value of
        Fisher's exact test, which is conservative.

    Raises
    ------
    DesignError
        If a group has no cases, or more successes than cases.

    References
    ----------
    Newcombe, R. G. (1998). Statistics in Medicine 17, 873-890.

    Examples
    --------
    >>> compared = rate_difference((84, 167), (2, 17))
    >>> round(compared.difference, 3), round(compared.p_value, 4)
    (0.385, 0.0021)
    """
    from scipy import stats
    from statsmodels.stats.proportion import confint_proportions_2indep

    for group in (first, second):
        refuse_if(np.shape(group) != (2,), "rate-pair", given=group)
    rates = [estimate_rate(*group) for group in (first, second)]
    low, high = confint_proportions_2indep(*first, *second, method="newcomb", compare="diff")
    table = [[successes, trials - successes] for successes, trials in (first, second)]
    return RateDifference(
        first=rates[0],
        second=rates[1],
        difference=rates[0].rate - rates[1].rate,
        low=float(low),
        high=float(high),
        p_value=float(stats.fisher_exact(table).pvalue),
    )


def is_count(value: object) -> bool:
    """Whether a value is a whole number of cases, 0 or more."""
    return isinstance(value, numbers.Real) and float(value) >= 0 and float(value).is_integer()
