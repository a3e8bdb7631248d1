"""In which years a series changed its course, its level, or jumped once.

Three questions, three answers: where the slope changed (continuous broken lines, every
combination of years tried), where the level changed (optimal segmentation), and which single
years stand out from the years around them. None of them knows why: a merger of
municipalities, a transfer of tasks or a new definition of departments leaves the same mark.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from gunmane_analysis.areas import Area
from gunmane_analysis.errors import DesignError
from gunmane_analysis.memory import remembered
from gunmane_analysis.metrics.staffing.change import STAFF, staffing_by_area

MIN_SEGMENT_YEARS = 4
_MOST_BREAKS = 2
_NORMAL_MAD = 1.4826
_JUMP_DEVIATIONS = 4.0
_JUMP_WINDOW_YEARS = 5
_SMALLEST_JUMP = 0.01
_RANGE_LEVEL = 0.95
_ROUNDING = 1e-24

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class BrokenLine:
    """A continuous line with a new slope after each break year.

    Attributes
    ----------
    break_years : tuple of int
        The last year of each old slope.
    break_year_ranges : tuple of (int, int)
        The years that fit nearly as well, the other breaks free (F criterion at 95 % for
        independent deviations; with the persistent deviations of staff series it is a
        measure of sharpness and no confidence interval).
    slopes : tuple of float
        Per year, in the unit of the series; one more than the breaks.
    fitted : Series
        By year.
    bic : float
        Each break counts as two parameters, its year and its slope.
    """

    break_years: tuple[int, ...]
    break_year_ranges: tuple[tuple[int, int], ...]
    slopes: tuple[float, ...]
    fitted: pd.Series
    squared_error: float
    bic: float

    @property
    def main_break(self) -> int | None:
        """The break year with the largest change of slope; None without breaks."""
        if not self.break_years:
            return None
        return self.break_years[int(np.argmax(np.abs(np.diff(self.slopes))))]


@dataclass(frozen=True)
class LevelShifts:
    """Segments of constant level: the first year of each new level, and the levels."""

    first_years: tuple[int, ...]
    levels: tuple[float, ...]


@dataclass(frozen=True)
class AreaBreaks:
    """Where the staff of one area turned.

    Attributes
    ----------
    staff : Series
        Persons by fiscal year.
    line : BrokenLine
        Fitted to the logarithm of staff, so that its slopes are growth rates.
    growth_shift : LevelShifts
        One shift in the level of the annual growth rate.
    jumps : Series
        Years out of line with the years around them (:func:`one_off_jumps`).
    """

    area: Area
    staff: pd.Series
    line: BrokenLine
    growth_shift: LevelShifts
    jumps: pd.Series

    @property
    def annual_rates(self) -> tuple[float, ...]:
        """Annual growth on each stretch of the broken line, as shares."""
        return tuple(float(rate) for rate in np.expm1(self.line.slopes))

    @property
    def fitted(self) -> pd.Series:
        """The broken line in persons."""
        return pd.Series(np.exp(self.line.fitted))


def broken_line(
    series: pd.Series, break_count: int, min_segment_years: int = MIN_SEGMENT_YEARS
) -> BrokenLine:
    """Fit a continuous broken line, trying every combination of break years.

    Parameters
    ----------
    series : Series
        By year, gap-free and in order.
    break_count : int
        Number of breaks, 0 or more.
    min_segment_years : int
        Fewest years between two breaks, and between a break and an end.

    Raises
    ------
    DesignError
        If years are missing, or the series is too short.

    References
    ----------
    Hudson, D. J. (1966). JASA 61, 1097-1129. Lerman, P. M. (1980). Applied Statistics 29,
    77-84 (grid search).

    Examples
    --------
    >>> years = range(2000, 2012)
    >>> course = pd.Series([-2.0 * min(y - 2005, 0) + 1.0 * max(y - 2005, 0) for y in years], years)
    >>> line = broken_line(course, 1)
    >>> line.break_years, [round(slope, 6) for slope in line.slopes]
    ((2005,), [-2.0, 1.0])
    """
    if break_count < 0 or min_segment_years < 1:
        raise DesignError(
            f"折れ目{break_count}個、1区間{min_segment_years}年以上という当てはめはできません。",
            expected="折れ目は0個以上、区間は1年以上",
        )
    years, values = _checked_series(series, (break_count + 1) * min_segment_years + 1)
    inner = years[min_segment_years:-min_segment_years]
    choices = [
        chosen
        for chosen in itertools.combinations(inner.tolist(), break_count)
        if break_count == 1 or all(np.diff(chosen) >= min_segment_years)
    ]
    errors = np.array([_fit_hinges(years, values, chosen)[1] for chosen in choices])
    best = choices[int(errors.argmin())]
    coefficients, squared = _fit_hinges(years, values, best)
    parameters = 2 + 2 * break_count
    freedom = len(years) - parameters
    # what is left of an exact line is rounding and no sign of a turn
    floor = max(1e-300, _ROUNDING * float(values @ values))
    limit = squared * (1.0 + stats.f.ppf(_RANGE_LEVEL, 1, freedom) / freedom)
    near = np.array(
        [chosen for chosen, error in zip(choices, errors, strict=True) if error <= limit]
    )
    return BrokenLine(
        break_years=best,
        break_year_ranges=tuple(
            (int(near[:, place].min()), int(near[:, place].max())) for place in range(break_count)
        ),
        slopes=tuple(np.cumsum(coefficients[1:]).tolist()),
        fitted=pd.Series(_hinges(years, best) @ coefficients, index=series.index),
        squared_error=squared,
        bic=float(len(years) * np.log(max(squared, floor) / len(years)))
        + parameters * float(np.log(len(years))),
    )


def best_broken_line(
    series: pd.Series,
    most_breaks: int = _MOST_BREAKS,
    min_segment_years: int = MIN_SEGMENT_YEARS,
) -> BrokenLine:
    """Return the broken line whose number of breaks has the lowest BIC."""
    years, _ = _checked_series(series, min_segment_years + 1)
    possible = min(most_breaks, (len(years) - 1) // min_segment_years - 1)
    fits = [broken_line(series, count, min_segment_years) for count in range(possible + 1)]
    return min(fits, key=lambda fit: fit.bic)


def _is_by_year(series: object) -> bool:
    return isinstance(series, pd.Series) and pd.api.types.is_integer_dtype(series.index)


def _checked_series(series: pd.Series, fewest: int) -> tuple[NDArray[np.int64], Floats]:
    if not _is_by_year(series):
        raise DesignError("系列の見出し（index）が年度の整数ではありません。")
    years = series.index.to_numpy(dtype="int64")
    values = pd.to_numeric(series, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    if len(years) < fewest:
        raise DesignError(
            f"系列が{len(years)}年分しかなく、折れ目を求められません。",
            expected=f"{fewest}年分以上",
        )
    if (np.diff(years) != 1).any() or not np.isfinite(values).all():
        raise DesignError("系列に抜けた年度または欠測があるため、折れ目を求められません。")
    return years, values


def _hinges(years: NDArray[np.int64], breaks: Sequence[int]) -> Floats:
    time = (years - years[0]).astype("float64")
    columns = [np.ones_like(time), time]
    columns += [np.maximum(years - at, 0).astype("float64") for at in breaks]
    return np.column_stack(columns)


def _fit_hinges(
    years: NDArray[np.int64], values: Floats, breaks: Sequence[int]
) -> tuple[Floats, float]:
    design = _hinges(years, breaks)
    coefficients = np.asarray(np.linalg.lstsq(design, values, rcond=None)[0], dtype="float64")
    residuals = values - design @ coefficients
    return coefficients, float(residuals @ residuals)


def level_shifts(
    series: pd.Series, shift_count: int = 1, min_segment_years: int = 3
) -> LevelShifts:
    """Cut a series into segments of constant level by least squares (optimal segmentation).

    Parameters
    ----------
    series : Series
        By year, gap-free and in order.
    shift_count : int
        Number of shifts.

    References
    ----------
    Truong, C., Oudre, L., Vayatis, N. (2020). Signal Processing 167, 107299 (ruptures,
    ``Dynp``). Bai, J., Perron, P. (2003). J. Applied Econometrics 18, 1-22.

    Examples
    --------
    >>> level_shifts(pd.Series([5.0, 5, 5, 5, 1, 1, 1, 1], range(2000, 2008)))
    LevelShifts(first_years=(2004,), levels=(5.0, 1.0))
    """
    import ruptures

    years, values = _checked_series(series, (shift_count + 1) * min_segment_years)
    search = ruptures.Dynp(model="l2", min_size=min_segment_years, jump=1).fit(values)
    ends = search.predict(n_bkps=shift_count)
    starts = [0, *ends[:-1]]
    return LevelShifts(
        first_years=tuple(int(years[start]) for start in starts[1:]),
        levels=tuple(
            float(values[start:end].mean()) for start, end in zip(starts, ends, strict=True)
        ),
    )


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

    Examples
    --------
    >>> one_off_jumps(pd.Series([-0.01, -0.012, -0.05, -0.011, -0.009, -0.01], range(1999, 2005)))
    2001   -0.039
    dtype: float64
    """
    around = growth.rolling(_JUMP_WINDOW_YEARS, center=True, min_periods=3).median()
    apart = growth - around
    usual = _NORMAL_MAD * float((apart - apart.median()).abs().median())
    return apart[apart.abs() > max(_JUMP_DEVIATIONS * usual, _SMALLEST_JUMP)]


def staffing_breaks(
    staffing: pd.DataFrame, areas: Sequence[Area], fiscal_year: int
) -> tuple[AreaBreaks, ...]:
    """Find in which years the staff of each area changed its course.

    Parameters
    ----------
    staffing : DataFrame
        One row per prefecture and fiscal year.
    areas : sequence of Area
        Nation, blocks or prefectures; usually an area with its block and the nation.
    fiscal_year : int
        The last year used.

    Returns
    -------
    tuple of AreaBreaks
        One per area, in the given order; none while the series is shorter than nine years,
        in which no turn can be told from chance.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.staffing import load_staffing
    >>> (nation,) = staffing_breaks(load_staffing(), [find_area("japan")], 2024)
    >>> list(nation.jumps.index)
    [2001]
    """
    by_area = staffing_by_area(staffing, areas, fiscal_year)
    counted = by_area.dropna(subset=[STAFF])["fiscal_year"].nunique()
    long_enough = areas if counted > 2 * MIN_SEGMENT_YEARS else ()
    return tuple(_breaks_of(by_area, area) for area in long_enough)


@remembered
def _breaks_of(by_area: pd.DataFrame, area: Area) -> AreaBreaks:
    rows = by_area[by_area["area_id"] == area.area_id].dropna(subset=[STAFF])
    staff = rows.set_index("fiscal_year")[STAFF]
    growth = staff.pct_change().dropna()
    return AreaBreaks(
        area=area,
        staff=staff,
        line=best_broken_line(np.log(staff)),
        growth_shift=level_shifts(growth),
        jumps=one_off_jumps(growth),
    )
