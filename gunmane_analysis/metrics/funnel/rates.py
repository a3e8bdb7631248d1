"""Rates of small counts: their intervals, and the difference between two of them."""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from typing import Literal

from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.validation import check_confidence

IntervalMethod = Literal["wilson", "clopper_pearson", "jeffreys"]
TestMethod = Literal["fisher", "boschloo"]

_STATSMODELS_NAMES = {"wilson": "wilson", "clopper_pearson": "beta", "jeffreys": "jeffreys"}


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
    """The rate of a first group minus that of a second, with interval and test.

    ``difference``, ``low`` and ``high`` are shares (0.1 = ten points).
    """

    first: Rate
    second: Rate
    difference: float
    low: float
    high: float
    p_value: float
    test: TestMethod


def estimate_rate(
    success_count: int,
    trial_count: int,
    method: IntervalMethod = "wilson",
    confidence: float = 0.95,
) -> Rate:
    """Return a share of cases with its interval.

    Parameters
    ----------
    success_count, trial_count : int
        Cases that went on, of cases that could (cases).
    method : {"wilson", "clopper_pearson", "jeffreys"}
        Wilson holds its level on average; Clopper-Pearson never falls below it and is
        wider; Jeffreys is the equal-tailed Bayesian interval under Beta(1/2, 1/2).
    confidence : float
        Level of the interval, 0-1.

    Raises
    ------
    DesignError
        If there are no cases, or more successes than cases.

    References
    ----------
    Wilson, E. B. (1927). JASA 22, 209-212. Clopper, C. J., Pearson, E. S. (1934).
    Biometrika 26, 404-413. Brown, L. D., Cai, T. T., DasGupta, A. (2001). Statistical
    Science 16, 101-133. Computed by ``statsmodels.stats.proportion``.

    Examples
    --------
    >>> rate = estimate_rate(5, 98)
    >>> round(rate.rate, 3), round(rate.low, 3), round(rate.high, 3)
    (0.051, 0.022, 0.114)
    """
    from statsmodels.stats.proportion import proportion_confint

    _check_counts(success_count, trial_count)
    check_confidence(confidence)
    if method not in _STATSMODELS_NAMES:
        raise DesignError(
            f"区間の求め方「{method}」はありません。", expected="、".join(_STATSMODELS_NAMES)
        )
    low, high = proportion_confint(
        success_count, trial_count, alpha=1.0 - confidence, method=_STATSMODELS_NAMES[method]
    )
    # At 0 of n and n of n the closed end is exact; rounding would leave 1e-17 there.
    return Rate(
        int(success_count),
        int(trial_count),
        success_count / trial_count,
        0.0 if success_count == 0 else float(low),
        1.0 if success_count == trial_count else float(high),
    )


def rate_difference(
    first: tuple[int, int],
    second: tuple[int, int],
    test: TestMethod = "fisher",
    confidence: float = 0.95,
) -> RateDifference:
    """Compare the rates of two independent groups.

    Parameters
    ----------
    first, second : (success_count, trial_count)
        Cases that went on, of cases that could, in each group.
    test : {"fisher", "boschloo"}
        Two-sided exact test of equal rates. Fisher's conditions on both margins and is
        conservative; Boschloo's is uniformly more powerful.
    confidence : float
        Level of the interval, 0-1.

    Returns
    -------
    RateDifference
        Newcombe's hybrid score interval (his method 10).

    Raises
    ------
    DesignError
        If a group has no cases, or more successes than cases.

    References
    ----------
    Newcombe, R. G. (1998). Statistics in Medicine 17, 873-890. Boschloo, R. D. (1970).
    Statistica Neerlandica 24, 1-9.

    Examples
    --------
    >>> compared = rate_difference((84, 167), (2, 17))
    >>> round(compared.difference, 3), round(compared.p_value, 4)
    (0.385, 0.0021)
    """
    from scipy import stats
    from statsmodels.stats.proportion import confint_proportions_2indep

    rates = [estimate_rate(*group, confidence=confidence) for group in (first, second)]
    low, high = confint_proportions_2indep(
        *first, *second, method="newcomb", compare="diff", alpha=1.0 - confidence
    )
    # scipy's boschloo_exact takes one group per column; Fisher's test is the same either way.
    table = [[first[0], second[0]], [first[1] - first[0], second[1] - second[0]]]
    exact = {"fisher": stats.fisher_exact, "boschloo": stats.boschloo_exact}
    if test not in exact:
        raise DesignError(f"検定「{test}」はありません。", expected="、".join(exact))
    return RateDifference(
        first=rates[0],
        second=rates[1],
        difference=rates[0].rate - rates[1].rate,
        low=float(low),
        high=float(high),
        p_value=float(exact[test](table).pvalue),
        test=test,
    )


def is_count(value: object) -> bool:
    """Whether a value is a whole number of cases, 0 or more."""
    return isinstance(value, numbers.Real) and float(value) >= 0 and float(value).is_integer()


def _check_counts(success_count: int, trial_count: int) -> None:
    are_counts = is_count(success_count) and is_count(trial_count)
    if not are_counts or not success_count <= trial_count or trial_count == 0:
        raise DesignError(
            f"{trial_count}件のうち{success_count}件という割合は求められません。",
            expected="1件以上の整数の件数と、それを超えない該当件数",
        )
