"""Panels of areas and years: what goes with what, net of place and year.

Effects of area and year are taken out, and the standard errors allow the deviations of one
area (or cluster) to hang together over the years. The coefficients describe; they are causal
only where the design says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from gunmane_analysis.areas import Area, AreaLike, find_area
from gunmane_analysis.areas.master import former_codes
from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.people.steps import in_area
from gunmane_analysis.metrics.staffing.change import STAFF
from gunmane_analysis.metrics.validation import as_numbers, known_until
from gunmane_analysis.refusals import Unanswered, caution, refuse_if, unanswered
from gunmane_analysis.results import Result

_FEWEST_CLUSTERS_WITHOUT_WARNING = 40
_TOLERANCE = 1e-13
CONFIDENCE = 0.95
KEY = ["municipality_code", "fiscal_year"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class PanelResult(Result):
    """Coefficients net of area and year effects.

    Attributes
    ----------
    coefficients : DataFrame
        One row per regressor: ``regressor``, ``estimate``, ``standard_error`` (clustered),
        ``statistic``, ``p_value``, ``low`` and ``high`` (95 %, t with clusters - 1 degrees).
    within_r_squared : float
        Of what area and year effects leave.
    """

    coefficients: pd.DataFrame
    observation_count: int
    unit_count: int
    year_count: int
    cluster_count: int
    dropped_row_count: int
    within_r_squared: float
    warnings: tuple[str, ...]


def fixed_effects_regression(
    panel: pd.DataFrame,
    outcome: str,
    regressors: Sequence[str],
    unit: str = "municipality_code",
    time: str = "fiscal_year",
    cluster: str | None = None,
) -> PanelResult:
    """Regress with unit and year effects and cluster-robust standard errors.

    Parameters
    ----------
    panel : DataFrame
        One row per unit and year; need not be balanced. Rows with a missing value are left
        out and counted. Municipalities that merged must be mapped to one code before
        (:func:`combine_merged`).
    outcome : str
        Column to explain (already in logarithms if an elasticity is wanted).
    regressors : sequence of str
        Columns that vary within units over time.
    unit, time : str
        Columns of the two effects.
    cluster : str, optional
        Column of the clusters; the unit if left out.

    Raises
    ------
    DesignError
        If a unit and year stands twice, a regressor does not vary within units and years,
        cluster labels are missing, or fewer than two clusters are left.

    References
    ----------
    Arellano, M. (1987). Oxford Bulletin 49, 431-434. Cameron, A. C., Miller, D. L. (2015).
    J. Human Resources 50, 317-372.

    Examples
    --------
    >>> panel = pd.DataFrame({
    ...     "municipality_code": ["a"] * 3 + ["b"] * 3 + ["c"] * 3,
    ...     "fiscal_year": [1, 2, 3] * 3,
    ...     "x": [1.0, 2, 4, 3, 1, 5, 2, 2, 9],
    ... }).assign(y=lambda rows: 2 * rows["x"] + 10 * rows["fiscal_year"])
    >>> float(fixed_effects_regression(panel, "y", ["x"]).coefficients.loc[0, "estimate"].round(6))
    2.0
    """
    from statsmodels.regression.linear_model import OLS

    rows = _checked_rows(panel, outcome, regressors, unit, time, cluster or unit)
    units, years = (pd.factorize(rows[name])[0] for name in (unit, time))
    clusters, cluster_names = pd.factorize(rows[cluster or unit])
    swept = _within(rows[[outcome, *regressors]].to_numpy(dtype="float64"), units, years)
    explained, design = swept[:, 0], swept[:, 1:]
    spread = rows[list(regressors)].std(ddof=0).to_numpy()
    flat = np.sqrt((design**2).mean(axis=0)) <= 1e-8 * np.where(spread > 0, spread, 1.0)
    is_wrong = flat.any() or np.linalg.matrix_rank(design) < design.shape[1]
    named = [name for name, is_flat in zip(regressors, flat, strict=True) if is_flat]
    refuse_if(is_wrong, "regression-flat", names="、".join(named or regressors))
    counts = rows.shape[0], units.max() + 1, years.max() + 1, len(cluster_names)
    # G/(G-1) * (N-1)/(N-K): unit effects nested in the clusters are not counted in K
    is_nested = bool((rows.groupby(unit)[cluster or unit].nunique() == 1).all())
    used = design.shape[1] + counts[2] + (0 if is_nested else counts[1] - 1)
    correction = counts[3] / (counts[3] - 1) * (counts[0] - 1) / (counts[0] - used)
    is_few = counts[3] < _FEWEST_CLUSTERS_WITHOUT_WARNING
    fit = OLS(explained, design).fit(
        cov_type="cluster", cov_kwds={"groups": clusters, "use_correction": False}
    )
    return PanelResult(
        coefficients=_coefficient_table(
            regressors, fit.params, fit.bse * np.sqrt(correction), counts[3]
        ),
        observation_count=counts[0],
        unit_count=int(counts[1]),
        year_count=int(counts[2]),
        cluster_count=counts[3],
        dropped_row_count=len(panel) - len(rows),
        within_r_squared=float(1.0 - fit.ssr / (explained @ explained)),
        warnings=(caution("regression-few-clusters", count=counts[3]),) if is_few else (),
    )


def _checked_rows(
    panel: pd.DataFrame, outcome: str, regressors: Sequence[str], unit: str, time: str, cluster: str
) -> pd.DataFrame:
    wanted = list(dict.fromkeys([unit, time, cluster, outcome, *regressors]))
    refuse_if(not regressors, "regression-none")
    for name in (outcome, *regressors):
        numbers = as_numbers(panel[name])
        wrong = np.isinf(numbers) | (np.isnan(numbers) & panel[name].notna().to_numpy())
        refuse_if(wrong.any(), "regression-no-numbers", name=name, count=int(wrong.sum()))
    refuse_if(panel[[unit, time, cluster]].isna().to_numpy().any(), "regression-blank")
    for row in panel.loc[panel.duplicated([unit, time])].head(1).to_dict("records"):
        refuse_if(True, "regression-twice", unit=row[unit], time=row[time])
    rows = panel[wanted].dropna()
    refuse_if(rows[cluster].nunique() < 2 or rows[time].nunique() < 2, "regression-few")
    return rows


def _within(values: Floats, units: NDArray[np.intp], years: NDArray[np.intp]) -> Floats:
    """Return the columns without what effects of units and years explain, by least squares."""
    ones, rows = np.ones(len(values)), np.arange(len(values))
    effects = scipy.sparse.hstack(
        [scipy.sparse.csr_array((ones, (rows, groups))) for groups in (units, years)]
    )
    exact = {"atol": _TOLERANCE, "btol": _TOLERANCE}
    solve = scipy.sparse.linalg.lsqr
    fitted = [effects @ solve(effects, column, **exact)[0] for column in values.T]
    return np.asarray(values - np.column_stack(fitted))


def _coefficient_table(
    regressors: Sequence[str], estimate: Floats, error: Floats, clusters: int
) -> pd.DataFrame:
    reach = scipy.stats.t.ppf(0.5 + CONFIDENCE / 2.0, clusters - 1) * error
    statistic = estimate / error
    return pd.DataFrame(
        {
            "regressor": list(regressors),
            "estimate": estimate,
            "standard_error": error,
            "statistic": statistic,
            "p_value": 2.0 * scipy.stats.t.sf(np.abs(statistic), clusters - 1),
            "low": estimate - reach,
            "high": estimate + reach,
        }
    )


def combine_merged(panel: pd.DataFrame, successors: Mapping[str, str]) -> pd.DataFrame:
    """Sum municipalities that merged into their successor, over all years.

    Parameters
    ----------
    panel : DataFrame
        One row per municipality and year; the other columns are amounts that may be summed.
    successors : mapping
        From a former code to the code that took it over; chains are followed.

    Returns
    -------
    DataFrame
        One row per code of today and year. A sum with a missing part is missing.

    Raises
    ------
    DesignError
        If the mapping runs in a circle.

    Examples
    --------
    >>> panel = pd.DataFrame({
    ...     "municipality_code": ["1", "2", "1"], "fiscal_year": [2004, 2004, 2005],
    ...     "staff_count": [10.0, 5.0, 14.0],
    ... })
    >>> combine_merged(panel, {"2": "1"})["staff_count"].tolist()
    [15.0, 14.0]
    """
    current = panel[KEY[0]].map(lambda code: _successor(code, successors))
    amounts = [name for name in panel.columns if name not in KEY]
    grouped = panel.assign(**{KEY[0]: current}).groupby(KEY, as_index=False)
    summed, parts = grouped[amounts].sum(min_count=1), grouped.size()["size"]
    summed[amounts] = summed[amounts].where(grouped[amounts].count()[amounts].eq(parts, axis=0))
    return summed


def _successor(code: str, successors: Mapping[str, str]) -> str:
    passed = {code}
    while code in successors and successors[code] != code:
        code = successors[code]
        refuse_if(code in passed, "regression-circle", body=code)
        passed.add(code)
    return code


_REGRESSORS = ("population_count", "civil_engineering_expenditure_jpy")
_FEWEST_YEARS = 2


@dataclass(frozen=True)
class StaffRegression:
    """Elasticities of general administration staff in an area's municipalities.

    ``years`` are the fiscal years used; ``dropped_count`` the municipalities and years that
    have staff but not both other figures, or a zero.
    """

    area: Area
    result: PanelResult
    years: tuple[int, ...]
    dropped_count: int


def staff_regression(
    indicators: pd.DataFrame, panel: pd.DataFrame, area: AreaLike, fiscal_year: int
) -> StaffRegression | Unanswered:
    """Regress log general administration staff on log population and log 土木費.

    By :func:`~gunmane_analysis.metrics.staffing.panel.fixed_effects_regression`, clustered by
    municipality. Municipalities that were merged or renamed are summed under today's code.

    Parameters
    ----------
    indicators : DataFrame
        ``municipal_indicators`` (SSDSE-A): general staff on 1 April of the year; these are
        not civil-engineering staff.
    panel : DataFrame
        ``municipal_panel``: residents, 土木費 (yen, nominal) of the fiscal year.
    area : Area or str
        Nation or block; smaller areas have too few municipalities.
    fiscal_year : int
        Later years are left out.

    Returns
    -------
    StaffRegression or Unanswered
        Unanswered for a prefecture or a municipality, and where the tables cannot give them.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.tables import empty_table
    >>> asked = (empty_table("municipal_indicators"), empty_table("municipal_panel"))
    >>> bool(staff_regression(*asked, find_area("japan"), 2024))
    False
    """
    area = find_area(area)
    indicators = known_until(indicators, fiscal_year, "fiscal_year")
    if area.kind not in ("nation", "block"):
        return unanswered("regression-of-small-area", area=area.name)
    staff = _on_todays_codes(indicators[[*KEY, STAFF]].dropna(subset=[STAFF]))
    others = _on_todays_codes(panel[[*KEY, *_REGRESSORS]])
    staff = staff[in_area(staff[KEY[0]], area)]
    joined = staff.merge(others, on=KEY, how="left", validate="one_to_one")
    whole = joined[(joined[[STAFF, *_REGRESSORS]] > 0).all(axis=1)]
    years = tuple(sorted(whole["fiscal_year"].unique().tolist()))
    if len(years) < _FEWEST_YEARS:
        return unanswered("regression-few-years")
    logs = whole[KEY].assign(**{name: np.log(whole[name]) for name in (STAFF, *_REGRESSORS)})
    try:
        result = fixed_effects_regression(logs, STAFF, _REGRESSORS)
    except DesignError as fault:
        return Unanswered(fault.found)
    # a municipality known in one year only adds nothing to its own effect, and is not an error
    missing = joined["fiscal_year"].isin(years) & ~joined.index.isin(whole.index)
    return StaffRegression(area, result, years, int(missing.sum()))


def _on_todays_codes(rows: pd.DataFrame) -> pd.DataFrame:
    successors = {
        code: change.successors[0]
        for code, change in former_codes().items()
        if len(change.successors) == 1
    }
    if not rows[KEY[0]].isin(list(successors)).any():
        return rows
    return combine_merged(rows, successors)
