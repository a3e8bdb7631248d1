"""Regional forums side by side: what chance alone explains, and what it does not.

Nothing here ranks forums. Rows stay in code order; a forum is only ever said to lie inside or
outside the limits of chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy

from gunmane_analysis.areas import list_areas
from gunmane_analysis.metrics.funnel.rates import rate_table
from gunmane_analysis.metrics.funnel.readings import Reading, latest_year, reached_counts
from gunmane_analysis.metrics.staffing.shrinkage import beta_binomial_shrinkage
from gunmane_analysis.metrics.validation import check_has_columns, check_seed, known_until
from gunmane_analysis.refusals import Unanswered, refuse_if, unanswered
from gunmane_analysis.results import Result
from gunmane_analysis.tables.description import marked_rows
from gunmane_analysis.tables.funnel import STAGES

NARROW, WIDE = 0.95, 0.998
_DRAWS = 4000
_COLUMNS = ("fiscal_year", "block_id", "stage", "case_count", "counting_rule")
_MIN_FORUMS = 2


@dataclass(frozen=True, eq=False, repr=False)
class RegionComparison(Result):
    """The share of cases that reached a stage, forum by forum, against chance.

    Attributes
    ----------
    table : DataFrame
        One row per forum in code order; see :func:`compare_regions`.
    pooled_rate : float
        The share of all forums together (0-1).
    dispersion : float
        Pearson's chi-squared over its degrees of freedom; 1 is what chance alone gives.
    dispersion_p_value : float
        Chance of so large a dispersion if all forums had one rate.
    is_fully_pooled : bool
        Whether the shrunk shares are all the pooled one.
    """

    fiscal_year: int
    reading: Reading
    stage: str
    table: pd.DataFrame
    pooled_rate: float
    dispersion: float
    dispersion_p_value: float
    is_fully_pooled: bool
    pooling_note: str


def binomial_limits(sizes: np.ndarray, rate: float, coverage: float) -> pd.DataFrame:
    """Return the limits within which a count of each size lies by chance.

    Parameters
    ----------
    sizes : array of int
        Cases considered.
    rate : float
        The common rate (0-1).
    coverage : float
        At least this share of counts lies within the limits (0-1).

    Returns
    -------
    DataFrame
        One row per size: ``size``, ``low``, ``high`` (shares). The limits are the outermost
        counts whose tail probability exceeds (1 - coverage) / 2, so that a forum lies outside
        exactly where its one-sided exact p-value does not exceed that.

    References
    ----------
    Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance.
    Statistics in Medicine 24, 1185-1202. (His plots interpolate between counts; these do
    not.)

    Examples
    --------
    >>> binomial_limits(np.array([10, 40]), 0.5, 0.95)["high"].tolist()
    [0.8, 0.65]
    """
    tail = (1.0 - coverage) / 2.0
    return pd.DataFrame(
        {
            "size": sizes,
            "low": scipy.stats.binom.ppf(tail, sizes, rate) / sizes,
            "high": scipy.stats.binom.ppf(1.0 - tail, sizes, rate) / sizes,
        }
    )


def compare_regions(
    counts: pd.DataFrame, stage: str = "implemented", reading: Reading | None = None, seed: int = 0
) -> RegionComparison:
    """Compare the share of considered cases that reached a stage among regional forums.

    Parameters
    ----------
    counts : DataFrame
        One row per forum and stage of one fiscal year
        (the table ``funnel_counts``).
    stage : str
        The stage that the share is of.
    reading : {"nested", "status"}, optional
        Needed only where the filing says that its counting rule is unknown.
    seed : int
        Of the draws behind ``dispersion_p_value``.

    Returns
    -------
    RegionComparison
        ``table`` has ``block_id``, ``block_name``, ``considered_count``, ``reached_count``,
        ``rate`` with its Wilson interval ``low`` and ``high``, ``is_outside_narrow`` (95 %)
        and ``is_outside_wide`` (99.8 %), the two-sided exact ``p_value`` against the pooled
        rate and its ``holm_p_value`` and ``bh_p_value``, and the empirical-Bayes
        ``shrunk_rate`` with ``shrunk_low`` and ``shrunk_high``.

    Raises
    ------
    DesignError
        If fewer than two forums have cases, years or counting rules are mixed, the counts
        contradict the reading, or all or none of the cases reached the stage.

    References
    ----------
    Spiegelhalter (2005), see :func:`binomial_limits`. Holm, S. (1979). Scandinavian Journal
    of Statistics 6, 65-70. Benjamini, Y., Hochberg, Y. (1995). JRSS B 57, 289-300.

    Examples
    --------
    >>> counts = pd.DataFrame(
    ...     {
    ...         "fiscal_year": 2023,
    ...         "block_id": ["tohoku"] * 4 + ["kinki"] * 4,
    ...         "stage": [*STAGES, *STAGES],
    ...         "case_count": [12, 7, 4, 1, 20, 12, 8, 2],
    ...         "counting_rule": "nested",
    ...     }
    ... )
    >>> compared = compare_regions(counts, "established")
    >>> compared.is_fully_pooled, bool(compared.table["is_outside_narrow"].any())
    (True, False)
    """
    from statsmodels.stats.multitest import multipletests

    check_has_columns(counts, _COLUMNS, "地方フォーラムの件数の表")
    check_seed(seed)
    year, settled = _one_year_one_rule(counts, reading)
    table = _reached_by_forum(counts, settled, stage)
    considered = table["considered_count"].to_numpy("int64")
    reached = table["reached_count"].to_numpy("int64")
    pooled = float(reached.sum() / considered.sum())
    refuse_if(pooled in (0.0, 1.0), "regions-one-end")
    tails = [
        scipy.stats.binom.cdf(reached, considered, pooled),
        scipy.stats.binom.sf(reached - 1, considered, pooled),
    ]
    p_values = np.minimum(1.0, 2.0 * np.minimum(*tails))
    shrunk = beta_binomial_shrinkage(table["reached_count"], table["considered_count"])
    dispersion, dispersion_p = _dispersion(reached, considered, seed)
    table = table.assign(
        **rate_table(reached, considered),
        is_outside_narrow=p_values <= 1.0 - NARROW,
        is_outside_wide=p_values <= 1.0 - WIDE,
        p_value=p_values,
        holm_p_value=multipletests(p_values, method="holm")[1],
        bh_p_value=multipletests(p_values, method="fdr_bh")[1],
        shrunk_rate=shrunk.table["shrunk_share"].to_numpy(),
        shrunk_low=shrunk.table["share_low"].to_numpy(),
        shrunk_high=shrunk.table["share_high"].to_numpy(),
        is_synthetic=table["block_id"].isin(counts.loc[marked_rows(counts), "block_id"]),
    )
    return RegionComparison(
        fiscal_year=year,
        reading=settled,
        stage=stage,
        table=table,
        pooled_rate=pooled,
        dispersion=dispersion,
        dispersion_p_value=dispersion_p,
        is_fully_pooled=shrunk.is_fully_pooled,
        pooling_note=shrunk.pooling_note,
    )


def _one_year_one_rule(counts: pd.DataFrame, reading: Reading | None) -> tuple[int, Reading]:
    years, rules = sorted(set(counts["fiscal_year"])), sorted(set(counts["counting_rule"]))
    is_mixed = len(years) != 1 or len(rules) != 1
    refuse_if(is_mixed, "regions-mixed", years=years, rules=rules)
    if rules[0] == "unknown":
        refuse_if(reading is None, "regions-no-reading")
        return int(years[0]), reading or "status"
    settled: Reading = "nested" if rules[0] == "nested" else "status"
    refuse_if(reading not in (None, settled), "regions-read", settled=settled, reading=reading)
    return int(years[0]), settled


def _reached_by_forum(counts: pd.DataFrame, reading: Reading, stage: str) -> pd.DataFrame:
    rows = []
    for block in list_areas("block"):
        own = counts[counts["block_id"] == block.area_id]
        if own.empty:
            continue
        reached = reached_counts(own, reading).set_index("stage")["reached_count"]
        refuse_if(stage not in reached.index[1:], "regions-stage", stage=stage)
        if reached.iloc[0] > 0:
            rows.append((block.area_id, block.name, int(reached.iloc[0]), int(reached[stage])))
    refuse_if(len(rows) < _MIN_FORUMS, "regions-few", count=len(rows), fewest=_MIN_FORUMS)
    return pd.DataFrame(
        rows, columns=["block_id", "block_name", "considered_count", "reached_count"]
    )


def _dispersion(reached: np.ndarray, considered: np.ndarray, seed: int) -> tuple[float, float]:
    """Pearson's dispersion and its exact-margin Monte Carlo p-value."""
    rate = reached.sum() / considered.sum()
    expected = considered * rate
    variance = expected * (1.0 - rate)
    seen = float(((reached - expected) ** 2 / variance).sum())
    draws = np.random.default_rng(seed).multivariate_hypergeometric(
        considered, int(reached.sum()), _DRAWS
    )
    drawn = ((draws - expected) ** 2 / variance).sum(axis=1)
    p_value = (1 + int((drawn >= seen - 1e-9).sum())) / (_DRAWS + 1)
    return seen / (len(reached) - 1), p_value


def comparable_regions(counts: pd.DataFrame, fiscal_year: int) -> RegionComparison | Unanswered:
    """Compare the forums in the latest year with counts of at least two of them.

    The stage compared is the furthest at which some, but not all, of the cases have arrived.

    Parameters
    ----------
    counts : DataFrame
        Filed counts of any years; may hold no rows.
    fiscal_year : int
        Later years are left out.

    Returns
    -------
    RegionComparison or Unanswered
        Unanswered while no year has counts of two forums, where they counted by different rules,
        or where every case stopped at one place. A filing with an unknown counting rule is
        read as "status", which every count allows.

    Examples
    --------
    >>> from gunmane_analysis.tables import empty_table
    >>> comparable_regions(empty_table("funnel_counts"), 2024)
    2024年度までに、地方フォーラム2つ以上の件数がそろう年度がないか、数え方が違うため、比べない。
    """
    known = known_until(counts, fiscal_year, "fiscal_year")
    considered = known[(known["stage"] == STAGES[0]) & (known["case_count"] > 0)]
    year = latest_year(considered)
    latest = known[known["fiscal_year"] == year]
    rules = set(latest["counting_rule"])
    if int((considered["fiscal_year"] == year).sum()) < _MIN_FORUMS or len(rules) > 1:
        return unanswered("forums-not-comparable", fiscal_year=fiscal_year)
    settled: Reading = "nested" if rules == {"nested"} else "status"
    summed = latest.groupby("stage", as_index=False).agg(case_count=("case_count", "sum"))
    reached = reached_counts(summed, settled).set_index("stage")["reached_count"]
    informative = [stage for stage in STAGES[1:] if 0 < reached[stage] < reached[STAGES[0]]]
    if not informative:
        return unanswered("forums-stopped-alike")
    return compare_regions(latest, informative[-1], settled)
