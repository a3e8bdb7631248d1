"""Few adopters, each against the units most like it, tested by exchanging them within the sets.

Small units vary more from year to year than large ones, so that an adopter may only be exchanged
for units like it: then a test of no effect keeps its level whether adopters are noisier or
quieter than the rest.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.effects.placebo import (
    EXACT_AT_MOST,
    detectable_effect,
    inverted_interval,
)
from gunmane_analysis.metrics.validation import check_confidence, check_seed

DRAWS = 1999
_TOLERANCE = 1e-12
_FEWEST_COMPARED = 2

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MatchedEffect:
    """The average effect on adopters, in the unit of the outcome.

    Attributes
    ----------
    estimate : float
        Mean over adopters of their mean gap after adoption.
    low, high : float
        The constant effects that exchanging within the sets does not reject.
    p_value : float
        Of no effect; share of assignments, the real one included, at least as far from 0.
    minimum_detectable_effect : float
        The smallest effect, either way, that would be found with 80 % probability.
    adopters : DataFrame
        One row per adopter: ``unit``, ``adopted``, ``compared_count``, ``years_after``,
        ``estimate``, ``rank`` (of its own estimate by size in its set, 1 = largest) and
        ``without_it`` (the estimate of all others).
    by_event_time : DataFrame
        One row per ``event_time`` but -1, which is the base: ``adopter_count``, ``estimate``,
        and the ends ``low`` and ``high`` of a band that holds at all times together.
    paths : DataFrame
        One row per adopter and time: ``unit``, ``time``, ``event_time``, ``gap``.
    pre_trend_p_value : float
        Of no gap at any time before adoption; missing if there is only the base.
    unused : Mapping of unit to str
        Adopters left out, and why, in Japanese.
    """

    estimate: float
    low: float
    high: float
    p_value: float
    minimum_detectable_effect: float
    confidence: float
    assignment_count: int
    adopters: pd.DataFrame
    by_event_time: pd.DataFrame
    paths: pd.DataFrame
    pre_trend_p_value: float
    unused: Mapping[str, str]


@dataclass(frozen=True)
class _MatchedSet:
    """An adopter's set: gaps of every member (rows, the adopter first) at every time."""

    unit: str
    adopted: int
    event_times: NDArray[np.int64]
    gaps: Floats

    @property
    def after(self) -> Floats:
        """Mean gap after adoption, by member."""
        return np.asarray(self.gaps[:, self.event_times >= 0].mean(axis=1))


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
    (why the variance must be alike).

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
    sets, unused = [], {}
    for adopter, year in adopted.items():
        reason = _unusable(wide, adopter, year, matches.get(adopter, ()))
        if reason:
            unused[adopter] = reason
        else:
            members = [adopter, *(each for each in matches[adopter] if each in wide.index)]
            sets.append(_matched_set(wide.loc[members], year))
    if not sets:
        raise DesignError(
            "導入前後の値のある導入がなく、効果を推定できません。"
            + "".join(f"{name}: {reason}。" for name, reason in unused.items()),
            expected="導入の前後に値のある導入と、似た単位が2つ以上",
        )
    chosen = _assignments([len(each.gaps) for each in sets], seed, draws)
    events = np.unique(np.concatenate([each.event_times for each in sets]))
    events = events[events != -1]
    overall = np.mean([each.after[chosen[:, j]] for j, each in enumerate(sets)], axis=0)
    # an effect of 1 on the adopter moves the gap of the others in its set by -1/m
    moved = np.column_stack(
        [np.where(chosen[:, j] == 0, 1.0, -1.0 / (len(s.gaps) - 1)) for j, s in enumerate(sets)]
    )
    slope = moved.mean(axis=1)
    estimate, alpha = float(overall[0]), 1.0 - confidence
    low, high = inverted_interval(overall, slope, estimate, 1.0, alpha)
    noise = overall - estimate * slope
    by_event, before_p = _by_event_time(sets, chosen, events, moved, confidence)
    own = np.array([each.after[0] for each in sets])
    return MatchedEffect(
        estimate=estimate,
        low=low,
        high=high,
        p_value=float((np.abs(overall) >= abs(estimate) - _TOLERANCE).mean()),
        minimum_detectable_effect=(
            detectable_effect(noise, confidence) if len(noise) * alpha >= 1.0 else math.inf
        ),
        confidence=confidence,
        assignment_count=len(chosen),
        adopters=pd.DataFrame(
            {
                "unit": each.unit,
                "adopted": each.adopted,
                "compared_count": len(each.gaps) - 1,
                "years_after": int((each.event_times >= 0).sum()),
                "estimate": own[j],
                "rank": int((np.abs(each.after) >= abs(own[j]) - _TOLERANCE).sum()),
                "without_it": float(np.delete(own, j).mean()) if len(sets) > 1 else math.nan,
            }
            for j, each in enumerate(sets)
        ),
        by_event_time=by_event,
        paths=pd.concat(
            [
                pd.DataFrame(
                    {
                        "unit": each.unit,
                        "time": each.adopted + each.event_times,
                        "event_time": each.event_times,
                        "gap": each.gaps[0],
                    }
                )
                for each in sets
            ],
            ignore_index=True,
        ),
        pre_trend_p_value=before_p,
        unused=unused,
    )


def _unusable(wide: pd.DataFrame, adopter: str, year: int, matches: Sequence[str]) -> str:
    if adopter not in wide.index:
        return "値がそろわない"
    if year - 1 not in wide.columns:
        return "導入前の年度の値がない"
    if not len(wide.columns[wide.columns.astype("int64") >= year]):
        return "導入後の値がない"
    if sum(each in wide.index for each in matches) < _FEWEST_COMPARED:
        return "値のそろう似た単位が2つに満たない"
    return ""


def _matched_set(values: pd.DataFrame, year: int) -> _MatchedSet:
    changes = values.to_numpy() - values[[year - 1]].to_numpy()
    others = (changes.sum(axis=0) - changes) / (len(changes) - 1)
    return _MatchedSet(
        str(values.index[0]), year, values.columns.to_numpy("int64") - year, changes - others
    )


def _assignments(sizes: Sequence[int], seed: int, draws: int) -> NDArray[np.int64]:
    """Return which member of each set (columns) adopts, the real assignment first."""
    if math.prod(sizes) <= EXACT_AT_MOST:
        return np.array(list(itertools.product(*(range(size) for size in sizes))))
    random = np.random.default_rng(seed)
    drawn = random.integers(0, np.array(sizes), (draws, len(sizes)))
    return np.vstack([np.zeros((1, len(sizes)), dtype="int64"), drawn])


def _by_event_time(
    sets: Sequence[_MatchedSet],
    chosen: NDArray[np.int64],
    events: NDArray[np.int64],
    moved: Floats,
    confidence: float,
) -> tuple[pd.DataFrame, float]:
    """Return the estimates with a simultaneous band, and the p-value of those before adoption."""
    columns, slopes, counts = [], [], []
    for event in events:
        used = [j for j, each in enumerate(sets) if event in each.event_times]
        gaps = [
            sets[j].gaps[chosen[:, j], int(np.flatnonzero(sets[j].event_times == event)[0])]
            for j in used
        ]
        columns.append(np.mean(gaps, axis=0))
        slopes.append(moved[:, used].mean(axis=1))
        counts.append(len(used))
    found = np.column_stack(columns)
    noise = found - np.where(events >= 0, found[0], 0.0) * np.column_stack(slopes)
    spread = np.maximum(noise.std(axis=0), np.finfo("float64").tiny)
    reach = float(np.quantile((np.abs(noise) / spread).max(axis=1), confidence)) * spread
    table = pd.DataFrame(
        {
            "event_time": events,
            "adopter_count": counts,
            "estimate": found[0],
            "low": found[0] - reach,
            "high": found[0] + reach,
        }
    )
    before = events < -1
    if not before.any():
        return table, math.nan
    largest = (np.abs(found[:, before]) / spread[before]).max(axis=1)
    return table, float((largest >= largest[0] - _TOLERANCE).mean())
