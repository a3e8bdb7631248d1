"""Shares of small areas, drawn towards what all the areas have in common.

The model is the beta-binomial: each area has a share of its own, the shares of all areas
follow one beta distribution, and the counts of an area are binomial given its share. It is
written in the mean ``mu`` and the spread ``theta = 1 / (alpha + beta)``, in which the
binomial (no differences between areas) is the ordinary point ``theta = 0`` and not a limit
at infinity, so that data without differences give an answer: "fully pooled".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from gunmane_analysis.metrics.validation import as_numbers, check_confidence
from gunmane_analysis.refusals import caution, refuse_if
from gunmane_analysis.results import Result

_MIN_AREAS = 2
_GRID = 25
_ZOOMS = 5
_NEGLIGIBLE = 1e-6
_GAIN_OVER_BINOMIAL = 1e-4
_LOG_SPREAD_BOUNDS = (-16.0, 8.0)

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class ShrinkageResult(Result):
    """Shrunk shares of areas and the distribution they were drawn towards.

    Attributes
    ----------
    table : DataFrame
        One row per area in the given order (the index of ``successes`` is kept):
        ``success_count``, ``trial_count``, ``raw_share`` (missing without trials),
        ``shrunk_share``, ``share_low``, ``share_high`` (95 % unless told otherwise) and
        ``weight_on_own`` (0 = the pooled share alone, 1 = the area's own share alone).
    mean_share : float
        Mean of the distribution of shares (0-1).
    spread : float
        ``theta = 1 / (alpha + beta)``; 0 when fully pooled.
    is_fully_pooled : bool
        Whether the areas differ no more than chance alone would make them.
    log_likelihood, binomial_log_likelihood : float
        Maximum of the beta-binomial and of the one-share binomial, without the constant
        binomial coefficients.
    confidence : float
        Of the intervals (0-1).
    """

    table: pd.DataFrame
    mean_share: float
    spread: float
    is_fully_pooled: bool
    log_likelihood: float
    binomial_log_likelihood: float
    confidence: float

    @property
    def alpha(self) -> float:
        """First parameter of the beta distribution (infinite when fully pooled)."""
        return self.mean_share / self.spread if self.spread > 0 else float("inf")

    @property
    def beta(self) -> float:
        """Second parameter of the beta distribution (infinite when fully pooled)."""
        return (1.0 - self.mean_share) / self.spread if self.spread > 0 else float("inf")

    @property
    def pooling_note(self) -> str:
        """The pooling in a reader's words."""
        code = "pooled-fully" if self.is_fully_pooled else "pooled-partly"
        return caution(code, share=self.mean_share)


def beta_binomial_shrinkage(
    successes: Sequence[float] | pd.Series,
    trials: Sequence[float] | pd.Series,
    confidence: float = 0.95,
) -> ShrinkageResult:
    """Shrink the shares of areas towards their common distribution (empirical Bayes).

    Parameters
    ----------
    successes, trials : sequence of whole numbers
        One entry per area, 0 <= successes <= trials. An area without trials takes the
        pooled share.
    confidence : float
        Of the intervals, 0-1.

    Returns
    -------
    ShrinkageResult
        Point estimates are posterior means at the maximum-likelihood distribution. The
        intervals average the posteriors over all distributions that the data leave open
        (uniform in the mean and in the intra-area correlation), so that they do not shrink
        to nothing at the boundary and hold their level with few areas.

    Raises
    ------
    DesignError
        If the counts are not counts, or fewer than two areas have trials.

    References
    ----------
    Skellam, J. G. (1948). JRSS B 10, 257-261. Williams, D. A. (1975). Biometrics 31,
    949-952. Daniels, M. J. (1999). Canadian J. Statistics 27, 567-578 (uniform shrinkage
    prior).

    Examples
    --------
    >>> result = beta_binomial_shrinkage([2, 4, 6, 1], [4, 20, 30, 3])
    >>> result.is_fully_pooled, round(13 / 57, 4)
    (True, 0.2281)
    >>> result.table["shrunk_share"].round(4).tolist()
    [0.2281, 0.2281, 0.2281, 0.2281]
    """
    check_confidence(confidence)
    counts, index = _checked_counts(successes, trials)
    pooled = float(counts[:, 0].sum() / counts.sum())
    binomial = float(scipy.special.xlogy(counts.sum(axis=0), [pooled, 1.0 - pooled]).sum())
    mean, spread, found = _maximum(counts, pooled)
    if found - binomial < _GAIN_OVER_BINOMIAL:
        mean, spread, found = pooled, 0.0, binomial
    trial_count = counts.sum(axis=1)
    weight = trial_count * spread / (1.0 + trial_count * spread)
    raw = np.divide(
        counts[:, 0], trial_count, out=np.full(len(counts), np.nan), where=trial_count > 0
    )
    shrunk = np.where(trial_count > 0, weight * np.nan_to_num(raw) + (1.0 - weight) * mean, mean)
    low, high = _intervals(counts, confidence)
    table = pd.DataFrame(
        {
            "success_count": counts[:, 0],
            "trial_count": trial_count,
            "raw_share": raw,
            "shrunk_share": shrunk,
            "share_low": np.minimum(low, shrunk),
            "share_high": np.maximum(high, shrunk),
            "weight_on_own": weight,
        },
        index=index,
    )
    return ShrinkageResult(table, mean, spread, spread == 0.0, found, binomial, confidence)


def _checked_counts(
    successes: Sequence[float] | pd.Series, trials: Sequence[float] | pd.Series
) -> tuple[Floats, pd.Index]:
    hits, tried = as_numbers(successes), as_numbers(trials)
    index = successes.index if isinstance(successes, pd.Series) else pd.RangeIndex(len(hits))
    is_wrong = hits.shape != tried.shape or hits.ndim != 1
    refuse_if(is_wrong, "shrinkage-lengths", hits=hits.size, tried=tried.size)
    usable = np.isfinite(hits) & np.isfinite(tried)
    usable &= (hits >= 0) & (hits <= tried) & (hits == np.round(hits)) & (tried == np.round(tried))
    if not usable.all():
        at = int(np.argmin(usable))
        refuse_if(True, "shrinkage-counts", place=index[at], hits=hits[at], tried=tried[at])
    refuse_if(int((tried > 0).sum()) < _MIN_AREAS, "shrinkage-few")
    return np.column_stack([hits, tried - hits]), index


def _log_likelihood(counts: Floats, mean: Floats, spread: Floats) -> Floats:
    """Log-likelihood at each pair of mean and spread, without the binomial coefficients."""
    kinds, repeats = np.unique(counts, axis=0, return_counts=True)
    hits, misses = kinds[:, :1], kinds[:, 1:]
    alpha, beta = mean / spread, (1.0 - mean) / spread
    each = scipy.special.betaln(alpha + hits, beta + misses) - scipy.special.betaln(alpha, beta)
    return np.asarray(repeats @ each, dtype="float64")


def _maximum(counts: Floats, pooled: float) -> tuple[float, float, float]:
    """Return mean, spread and log-likelihood at the maximum with a positive spread."""
    if pooled in (0.0, 1.0):
        return pooled, 0.0, 0.0

    def minus(point: Floats) -> float:
        log_spread = np.clip(point[1], *_LOG_SPREAD_BOUNDS)
        at = _log_likelihood(counts, scipy.special.expit(point[:1]), np.exp([log_spread]))
        return -float(at[0])

    begin = float(scipy.special.logit(pooled))
    answers = [
        scipy.optimize.minimize(
            minus,
            [begin, log_spread],
            method="Nelder-Mead",
            options={"xatol": 1e-8, "fatol": 1e-10, "maxiter": 2000, "maxfev": 2000},
        )
        for log_spread in (-6.0, -2.0)
    ]
    best = min(answers, key=lambda answer: float(answer.fun))
    log_spread = float(np.clip(best.x[1], *_LOG_SPREAD_BOUNDS))
    return float(scipy.special.expit(best.x[0])), float(np.exp(log_spread)), -float(best.fun)


def _intervals(counts: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Return equal-tailed intervals of the posteriors averaged over the distributions."""
    mean, spread, weights = _plausible_distributions(counts)
    kinds, place = np.unique(counts, axis=0, return_inverse=True)
    tail = (1.0 - confidence) / 2.0
    bounds = np.array(
        [
            [
                _mixture_quantile(
                    level, mean / spread + hits, (1.0 - mean) / spread + misses, weights
                )
                for level in (tail, 1.0 - tail)
            ]
            for hits, misses in kinds
        ]
    )[place.ravel()]
    return bounds[:, 0], bounds[:, 1]


def _plausible_distributions(counts: Floats) -> tuple[Floats, Floats, Floats]:
    """Return means, spreads and weights of a grid laid where the posterior is not negligible.

    The grid is even in logit mean and log spread; the prior is uniform in the mean and in the
    correlation spread / (1 + spread), whence the Jacobian. Each zoom keeps the box outside of
    which the density is negligible.
    """
    total = counts.sum(axis=0)
    centre = float(scipy.special.logit((total[0] + 0.5) / (total.sum() + 1.0)))
    box = [(centre - 8.0, centre + 8.0), _LOG_SPREAD_BOUNDS]
    for _ in range(_ZOOMS):
        axes = [np.linspace(low, high, _GRID) for low, high in box]
        logit_mean, log_spread = np.meshgrid(*axes, indexing="ij")
        mean, spread = scipy.special.expit(logit_mean.ravel()), np.exp(log_spread.ravel())
        log_density = (
            _log_likelihood(counts, mean, spread)
            + np.log(mean * (1.0 - mean))
            + np.log(spread)
            - 2.0 * np.log1p(spread)
        )
        weights = np.exp(log_density - log_density.max())
        kept = (weights > _NEGLIGIBLE).reshape(_GRID, _GRID)
        box = [
            _box_side(axis, kept.any(axis=other)) for axis, other in zip(axes, (1, 0), strict=True)
        ]
    used = weights > _NEGLIGIBLE
    return mean[used], spread[used], weights[used] / weights[used].sum()


def _box_side(axis: Floats, kept: NDArray[np.bool_]) -> tuple[float, float]:
    places = np.flatnonzero(kept)
    first, last = max(places[0] - 1, 0), min(places[-1] + 1, len(axis) - 1)
    return float(axis[first]), float(axis[last])


def _mixture_quantile(level: float, alpha: Floats, beta: Floats, weights: Floats) -> float:
    def excess(share: float) -> float:
        return float(weights @ scipy.special.betainc(alpha, beta, share)) - level

    return float(scipy.optimize.brentq(excess, 0.0, 1.0, xtol=1e-9))
