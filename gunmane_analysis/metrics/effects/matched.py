"""Few adopters, each against the units most like it, tested by exchanging them within the sets.

Small units vary more from year to year than large ones, so that an adopter may only be exchanged
for units like it, and an estimate is weighed by how much its units fluctuate: then a test of no
effect keeps its level whether adopters are noisier or quieter than the rest.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gunmane_analysis.metrics.effects.placebo import (
    DRAWS,
    EXACT_AT_MOST,
    Exchange,
    Floats,
    Integers,
    exchange,
    fluctuation,
    picked,
    reaches,
    relative_spread,
)
from gunmane_analysis.metrics.validation import check_confidence, check_seed
from gunmane_analysis.refusals import refuse_if

_TOLERANCE = 1e-12
_FEWEST_COMPARED = 2


@dataclass(frozen=True, eq=False, repr=False)
class MatchedEffect(Exchange):
    """The average effect on adopters, in the unit of the outcome.

    The mean over adopters of their mean gap after adoption; interval and p-value by exchanging
    within the sets.

    Attributes
    ----------
    adopters : DataFrame
        One row per adopter: ``unit``, ``adopted``, ``compared_count``, ``years_after``,
        ``estimate``, ``rank`` (of its own estimate for how much it fluctuates, in its set,
        1 = largest) and
        ``without_it`` (the estimate of all others).
    by_event_time : DataFrame
        One row per ``event_time`` but -1, which is the base: ``adopter_count``, ``estimate``,
        and the ends ``low`` and ``high`` of a band that holds at all times together.
    paths : DataFrame
        One row per adopter and time: ``unit``, ``event_time``, ``gap``.
    pre_trend_p_value : float
        Of no gap at any time before adoption; missing if there is only the base.
    unused : Mapping of unit to str
        Adopters left out, and why, in Japanese.
    """

    confidence: float
    adopters: pd.DataFrame
    by_event_time: pd.DataFrame
    paths: pd.DataFrame
    pre_trend_p_value: float
    unused: Mapping[str, str]


def matched_effect(
    panel: pd.DataFrame,
    adopted: Mapping[str, int],
    matches: Mapping[str, Sequence[str]],
    *,
    outcome: str,
    unit: str = "municipality_code",
    time: str = "fiscal_year",
    confidence: float = 0.95,
    seed: int = 0,
    draws: int = DRAWS,
) -> MatchedEffect:
    """Estimate the effect on adopters against matched units that never adopt.

    Parameters
    ----------
    panel : DataFrame
        One row per unit and time; units without the outcome at every time are left out.
    adopted : mapping of unit to time
        First treated times.
    matches : mapping of unit to sequence of unit
        For each adopter the units compared with it, most alike first.
    outcome : str
    confidence : float
    seed : int
        For the assignments, where they are too many to go through.
    draws : int
        How many are then drawn.

    Returns
    -------
    MatchedEffect
        Group-time effects: the change since the time before adoption, less the mean change of
        the set.

    Raises
    ------
    DesignError
        If no adopter has values before and after its adoption and two units to compare.

    References
    ----------
    Callaway, B. and Sant'Anna, P. H. C. (2021). J. Econometrics 225, 200-230 (group-time
    effects); Rosenbaum, P. R. (2002). Observational Studies, ch. 3 (exchange within matched
    sets); Ferman, B. and Pinto, C. (2019). Review of Economics and Statistics 101, 452-467
    (why the variance must be alike); Chung, E. and Romano, J. P. (2013). Annals of Statistics
    41(2), 484-507 (studentised permutation).

    Examples
    --------
    >>> costs = pd.DataFrame({"town": list("aabbcc"), "year": [2023, 2024] * 3,
    ...                       "cost": [9.0, 5.0, 8.0, 8.0, 7.0, 9.0]})
    >>> matched_effect(costs, {"a": 2024}, {"a": ["b", "c"]},
    ...                outcome="cost", unit="town", time="year").estimate
    -5.0
    """
    check_confidence(confidence)
    check_seed(seed)
    wide = panel.pivot(index=unit, columns=time, values=outcome).dropna(axis=1, how="all")
    wide = wide.astype("float64").dropna()
    unused = {each: _unusable(wide, each, adopted[each], matches.get(each, ())) for each in adopted}
    unused = {each: reason for each, reason in unused.items() if reason}
    used = [each for each in adopted if each not in unused]
    reasons = "".join(f"{name}: {reason}。" for name, reason in unused.items())
    refuse_if(not used, "matched-none", reasons=reasons)
    gaps = [_gaps(wide, [each, *matches[each]], adopted[each]) for each in used]
    chosen = _assignments([len(each) for each in gaps], seed, draws)
    afters = [each.loc[:, 0:].mean(axis=1).to_numpy() for each in gaps]
    # an effect of 1 on the adopter moves the gap of the others in its set by -1/m
    counts = np.array([len(each) - 1 for each in gaps])
    slopes = np.where(chosen == 0, 1.0, -1.0 / counts).T
    overall = picked(afters, chosen).mean(axis=0)
    own = np.array([after[0] for after in afters])
    scales = [fluctuation(each.to_numpy(), each.columns.to_numpy("int64") >= 0) for each in gaps]
    spread = relative_spread(picked(scales, chosen))
    ranked = [
        np.abs(after * relative_spread(scale[None, :]))
        for after, scale in zip(afters, scales, strict=True)
    ]
    by_event_time, before_p = _by_event_time(gaps, chosen, slopes, spread, confidence)
    return MatchedEffect(
        **vars(exchange(overall * spread, slopes.mean(axis=0) * spread, confidence)),
        confidence=confidence,
        adopters=pd.DataFrame(
            {
                "unit": used,
                "adopted": [adopted[each] for each in used],
                "compared_count": counts,
                "years_after": [each.loc[:, 0:].shape[1] for each in gaps],
                "estimate": own,
                "rank": [(each >= each[0] - _TOLERANCE).sum() for each in ranked],
                "without_it": (own.sum() - own) / (len(own) - 1) if len(own) > 1 else math.nan,
            }
        ),
        by_event_time=by_event_time,
        paths=pd.concat({name: each.iloc[0] for name, each in zip(used, gaps, strict=True)})
        .rename_axis(["unit", "event_time"])
        .rename("gap")
        .reset_index(),
        pre_trend_p_value=before_p,
        unused=unused,
    )


def _unusable(wide: pd.DataFrame, adopter: str, year: int, matches: Sequence[str]) -> str:
    if adopter not in wide.index:
        return "値がそろわない"
    if year - 1 not in wide.columns:
        return "導入前の年度の値がない"
    if wide.loc[:, year:].empty:
        return "導入後の値がない"
    if wide.index.isin(matches).sum() < _FEWEST_COMPARED:
        return "値のそろう似た単位が2つに満たない"
    return ""


def _gaps(wide: pd.DataFrame, members: Sequence[str], year: int) -> pd.DataFrame:
    """Return the gap of every member (rows, the adopter first) at every event time."""
    values = wide.loc[[each for each in members if each in wide.index]]
    changes = values.sub(values[year - 1], axis=0)
    others = (changes.sum() - changes) / (len(changes) - 1)
    return (changes - others).rename(columns=lambda time: time - year)


def _assignments(sizes: Sequence[int], seed: int, draws: int) -> Integers:
    """Return which member of each set (columns) adopts, the real one (0) first."""
    if math.prod(sizes) <= EXACT_AT_MOST:
        return np.array(list(itertools.product(*map(range, sizes))))
    drawn = np.random.default_rng(seed).integers(0, np.array(sizes), (draws, len(sizes)))
    return np.vstack([np.zeros((1, len(sizes)), dtype="int64"), drawn])


def _by_event_time(
    gaps: Sequence[pd.DataFrame],
    chosen: Integers,
    slopes: Floats,
    spread: Floats,
    confidence: float,
) -> tuple[pd.DataFrame, float]:
    """Return the estimates with a simultaneous band, and the p-value of those before adoption."""
    events = np.array(sorted({event for each in gaps for event in each.columns} - {-1}))
    # sets x assignments x event times, missing where a set has no such time
    whole = [one.reindex(columns=events).to_numpy() for one in gaps]
    each = picked(whole, chosen)
    moved = np.where(np.isnan(each), np.nan, slopes[:, :, None] * (events >= 0))
    found, slope = (np.nanmean(one, axis=0) for one in (each, moved))
    _, reach = reaches(found, slope, spread, confidence)
    found = found * spread[:, None]
    table = pd.DataFrame(
        {
            "event_time": events,
            "adopter_count": (~np.isnan(each[:, 0])).sum(axis=0),
            "estimate": found[0],
            "low": found[0] - reach,
            "high": found[0] + reach,
        }
    )
    before = np.abs(found[:, events < -1])
    if not before.size:
        return table, math.nan
    largest = (before / np.maximum(found[:, events < -1].std(axis=0), _TOLERANCE)).max(axis=1)
    return table, float((largest >= largest[0] - _TOLERANCE).mean())
