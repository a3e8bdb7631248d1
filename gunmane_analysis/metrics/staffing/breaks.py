"""Whether the growth of a series changed, when, and which single years stand out.

The existence of a change is tested before its year is estimated: smooth series seem to turn
somewhere even when their growth never changed. Nothing here knows why a series turned: a merger
of municipalities, a transfer of tasks or a new definition of departments leaves the same mark.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gunmane_analysis.areas import Area, AreaLike, find_areas
from gunmane_analysis.cache import cached
from gunmane_analysis.metrics.staffing.change import STAFF, staffing_by_area
from gunmane_analysis.metrics.validation import as_numbers, seeded
from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.results import Result

MIN_SEGMENT_YEARS = 4
LEVEL = 0.05
_DRAWS = 999
_WARM_UP_YEARS = 50
_PERSISTENCES = np.linspace(0.0, 0.95, 20)
_LIMIT = 0.7  # of the persistence: finds no change in 9 of 10 series without, up to 0.8
_NORMAL_MAD = 1.4826
_JUMP_DEVIATIONS = 4.0
_SMALLEST_JUMP = 0.01

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MeanShift:
    """The one change of level that fits a series best.

    Attributes
    ----------
    last_year : int
        The last year of the old level.
    levels : tuple of float
        Mean before and after.
    statistic : float
        sup F over all admissible years.
    p_value : float
        Share of simulated series without a change whose statistic is at least as large.
    year_range : tuple of (int, int)
        Last years of the old level that the data do not reject at 5 %.
    persistence : float
        Of the simulated series: how much of one year's deviation is left in the next.
    """

    last_year: int
    levels: tuple[float, float]
    statistic: float
    p_value: float
    year_range: tuple[int, int]
    persistence: float

    @property
    def exists(self) -> bool:
        """Whether the change differs from chance at the 5 % level."""
        return self.p_value <= LEVEL


@dataclass(frozen=True, eq=False, repr=False)
class AreaBreaks(Result):
    """Whether and when the growth of an area's staff changed.

    Attributes
    ----------
    staff : Series
        Persons by fiscal year.
    shift : MeanShift
        Of the annual change of log staff, without one-off jumps.
    jumps : Series
        Years out of line with the years around them (:func:`one_off_jumps`).
    """

    area: Area
    staff: pd.Series
    shift: MeanShift
    jumps: pd.Series

    @property
    def corner_years(self) -> tuple[int, ...]:
        """First year, year of the change (else of the fewest staff), and last year."""
        turn = self.shift.last_year if self.shift.exists else self.staff.idxmin()
        return tuple(sorted({int(year) for year in (*self.staff.index[[0, -1]], turn)}))

    @property
    def annual_rates(self) -> tuple[float, ...]:
        """Compound annual growth between the corner years, as shares."""
        corners = self.corner_years
        return tuple(
            float((self.staff[end] / self.staff[start]) ** (1.0 / (end - start)) - 1.0)
            for start, end in itertools.pairwise(corners)
        )

    @property
    def fitted(self) -> pd.Series:
        """Persons on the course of constant rates between the corner years."""
        corners = self.staff.loc[list(self.corner_years)]
        logs = np.interp(self.staff.index, corners.index, np.log(corners))
        return pd.Series(np.exp(logs), index=self.staff.index)


def mean_shift(
    series: pd.Series, seed: int = 0, draws: int = _DRAWS, *, without_jumps: bool = True
) -> MeanShift:
    """Test for one change of level at an unknown year.

    Parameters
    ----------
    series : Series
        By year, gap-free and in order.
    seed : int
    draws : int
        Simulated series without a change, and as many with it for the range of the year.
    without_jumps : bool
        Set jumps (:func:`one_off_jumps`) to the median of the years around them, in the data
        and in the simulations alike.

    Returns
    -------
    MeanShift
        The simulations are of an AR(1). Its persistence (at least 0) is the upper 70 % limit of
        the series': that at which three series in ten leave a correlation as low as this one
        does, a change taken out. (As it is, that correlation hides much of what persists.) For
        the growth of a series of levels this null is a drifting random walk whose steps may
        persist. How often a change is found where there is none: docs/benchmarks.md.

    Raises
    ------
    DesignError
        If years are missing, or the series is too short.

    References
    ----------
    Andrews, D. W. K. (1993). Econometrica 61, 821-856 (sup F); Diebold, F. X. and Chen, C.
    (1996). J. Econometrics 70, 221-241 (its bootstrap); Eo, Y. and Morley, J. (2015).
    Quantitative Economics 6, 463-497 (range by inverting the likelihood ratio); Andrews, D. W. K.
    (1993). Econometrica 61, 139-165 (limits of persistence by inverting its estimate).
    """
    random = seeded(seed)
    years, raw = _checked_series(series)
    cleaned = (lambda each: each - _jumps_of(each)) if without_jumps else np.asarray
    values = cleaned(raw)
    statistics, errors = _f_statistics(values)
    best = int(statistics.argmax())
    cut = best + MIN_SEGMENT_YEARS
    course = _course(values)
    deviations = values - course
    low = _low_correlations(len(values))
    rho = np.interp(_correlation(deviations), low, _PERSISTENCES)
    spread = np.sqrt(deviations @ deviations / (len(values) - 2) * (1.0 - rho**2))
    noise = spread * _persistent((2 * draws, len(values)), rho, random)
    changed_errors = _f_statistics(cleaned(noise[draws:] + course))[1]
    far = np.log(changed_errors[:, best] / changed_errors.min(axis=1))
    near = np.log(errors / errors[best]) <= np.quantile(far, 1.0 - LEVEL)
    places = years[np.flatnonzero(near) + MIN_SEGMENT_YEARS - 1]
    as_large = int((_f_statistics(cleaned(noise[:draws]))[0].max(axis=1) >= statistics[best]).sum())
    return MeanShift(
        last_year=int(years[cut - 1]),
        levels=(float(course[0]), float(course[-1])),
        statistic=float(statistics[best]),
        p_value=(1 + as_large) / (draws + 1),
        year_range=(int(places.min()), int(places.max())),
        persistence=float(rho),
    )


def _course(values: Floats) -> Floats:
    """Return the levels before and after the change that fits best, of one series or of many."""
    cut = _f_statistics(values)[0].argmax(axis=-1)[..., None] + MIN_SEGMENT_YEARS
    is_before = np.arange(values.shape[-1]) < cut
    before, after = (
        values.mean(axis=-1, where=chosen, keepdims=True) for chosen in (is_before, ~is_before)
    )
    return np.asarray(np.where(is_before, before, after))


def _correlation(deviations: Floats) -> Floats:
    """Return the correlation of one year's deviation with the next."""
    squares = np.maximum((deviations**2).sum(axis=-1), np.finfo("float64").tiny)
    return np.asarray((deviations[..., 1:] * deviations[..., :-1]).sum(axis=-1) / squares)


@functools.cache
def _low_correlations(years: int) -> Floats:
    """Return the correlation that few series of each persistence leave less of, a change out."""
    noise = _persistent((_DRAWS, len(_PERSISTENCES), years), _PERSISTENCES, seeded(years))
    low = np.quantile(_correlation(noise - _course(noise)), 1.0 - _LIMIT, axis=0)
    return np.asarray(np.maximum.accumulate(low))


def _persistent(shape: tuple[int, ...], rho: float | Floats, random: np.random.Generator) -> Floats:
    """Return AR(1) noise, whose yearly innovations have a standard deviation of one."""
    *many, years = shape
    noise = random.normal(size=(*many, years + _WARM_UP_YEARS))
    for year in range(1, noise.shape[-1]):
        noise[..., year] += rho * noise[..., year - 1]
    return np.asarray(noise[..., _WARM_UP_YEARS:])


def _checked_series(series: pd.Series) -> tuple[NDArray[np.int64], Floats]:
    refuse_if(not pd.api.types.is_integer_dtype(series.index), "breaks-index")
    years, values = series.index.to_numpy(dtype="int64"), as_numbers(series)
    fewest = 2 * MIN_SEGMENT_YEARS
    refuse_if(len(years) < fewest, "breaks-short", count=len(years), fewest=fewest)
    refuse_if((np.diff(years) != 1).any() or not np.isfinite(values).all(), "breaks-gap")
    return years, values


def _f_statistics(values: Floats) -> tuple[Floats, Floats]:
    """Return F statistic and squared error of a change after each admissible position."""
    count = values.shape[-1]
    before = np.arange(MIN_SEGMENT_YEARS, count - MIN_SEGMENT_YEARS + 1)
    sums = np.cumsum(values, axis=-1)
    apart = sums[..., before - 1] / before - sums[..., -1:] / count
    explained = apart**2 * before * count / (count - before)
    total = ((values - values.mean(axis=-1, keepdims=True)) ** 2).sum(axis=-1, keepdims=True)
    errors = np.maximum(total - explained, np.finfo("float64").tiny)
    return explained / errors * (count - 2), errors


def one_off_jumps(growth: pd.Series) -> pd.Series:
    """Return the years whose growth stands apart from the years around them.

    Parameters
    ----------
    growth : Series
        Change on the year before, by year.

    Returns
    -------
    Series
        By year: growth minus the median of the five years around it, where that exceeds four
        times the usual (median) size of such differences and one percentage point.
    """
    jumps = pd.Series(_jumps_of(growth.to_numpy(dtype="float64")), index=growth.index)
    return jumps.loc[jumps != 0.0]


def _jumps_of(values: Floats) -> Floats:
    """Return how far jumps lie from the median around them, 0 for all other years."""
    edges = [values[..., :3], values[..., :4], values[..., -4:], values[..., -3:]]
    first, second, second_last, last = (np.median(edge, axis=-1)[..., None] for edge in edges)
    inner = np.median(np.lib.stride_tricks.sliding_window_view(values, 5, axis=-1), axis=-1)
    apart = values - np.concatenate([first, second, inner, second_last, last], axis=-1)
    middle = np.median(apart, axis=-1, keepdims=True)
    usual = _NORMAL_MAD * np.median(np.abs(apart - middle), axis=-1, keepdims=True)
    is_jump = np.abs(apart) > np.maximum(_JUMP_DEVIATIONS * usual, _SMALLEST_JUMP)
    return np.asarray(np.where(is_jump, apart, 0.0), dtype="float64")


def staffing_breaks(
    staffing: pd.DataFrame, areas: Iterable[AreaLike], fiscal_year: int
) -> tuple[AreaBreaks, ...]:
    """Test whether and in which years the growth of each area's staff changed.

    Parameters
    ----------
    staffing : DataFrame
        One row per prefecture and fiscal year.
    areas : sequence of Area or str
        Nation, blocks or prefectures; usually an area with its block and the nation.
    fiscal_year : int
        The last year used.

    Returns
    -------
    tuple of AreaBreaks
        One per area, in the given order; none while the series is shorter than nine years.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_staffing
    >>> (nation,) = staffing_breaks(load_staffing(), [find_area("japan")], 2024)
    >>> nation.shift.exists, nation.corner_years, list(nation.jumps.index)
    (False, (1998, 2014, 2024), [2001])
    """
    areas = find_areas(areas)
    by_area = staffing_by_area(staffing, tuple(dict.fromkeys(areas)), fiscal_year)
    known = by_area.dropna(subset=[STAFF])
    if known["fiscal_year"].nunique() <= 2 * MIN_SEGMENT_YEARS:
        return ()
    staff = {
        area_id: rows.set_index("fiscal_year")[STAFF] for area_id, rows in known.groupby("area_id")
    }
    return tuple(_breaks_of(staff[area.area_id], area) for area in areas)


@cached
def _breaks_of(staff: pd.Series, area: Area) -> AreaBreaks:
    growth = staff.astype("float64").map(np.log).diff().dropna()
    return AreaBreaks(area, staff, mean_shift(growth), one_off_jumps(growth))
