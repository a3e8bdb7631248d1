"""Placebo assignments: what the estimate would be had other units adopted.

With few adopters a clustered standard error rejects a true null far too often. Here the
adoption dates are reassigned, the group-time estimate is computed anew each time, and the real
one is placed among them. Where there are units enough, a date goes only to units whose outcome
varied as much before adoption as the adopter's: noisy adopters set against quiet units reject a
true null four times too often.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gunmane_analysis.metrics.effects.panel import NEVER, Control, EffectPanel
from gunmane_analysis.metrics.validation import refuse_if

DRAWS = 1999
_EXACT_AT_MOST = 10_000
_POWER = 0.8
_GRID_POINTS = 801
_POOL = 20
_TINY = 1e-12

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Exchange:
    """An estimate among those of other assignments of adoption.

    Attributes
    ----------
    estimate : float
    p_value : float
        Of no effect; share of assignments, the real one included, whose estimate is at least
        as far from zero.
    assignment_count : int
        How many assignments were compared, the real one included.
    low, high : float
        The constant effects that are not rejected at 1 - confidence; infinite if there are
        too few assignments to reject anything.
    minimum_detectable_effect : float
        The smallest effect, either way, that would be found with 80 % probability; infinite
        if there are too few assignments to find any.
    """

    estimate: float
    p_value: float
    assignment_count: int
    low: float
    high: float
    minimum_detectable_effect: float


@dataclass(frozen=True)
class PlaceboTest(Exchange):
    """The share-weighted average of the group-time effects, without covariates.

    Attributes
    ----------
    is_exact : bool
        Whether all assignments were gone through.
    by_event_time : DataFrame
        The estimates with the interval their own placebos give, and the ends of a band that
        holds at all times together (``band_low``, ``band_high``).
    """

    is_exact: bool
    by_event_time: pd.DataFrame


@dataclass(frozen=True)
class GroupTimeCells:
    """The group-time cells: which group and time, against which base."""

    group: Integers
    time: Integers
    base: Integers


def placebo_test(
    panel: EffectPanel,
    control: Control,
    confidence: float = 0.95,
    seed: int = 0,
    draws: int = DRAWS,
) -> PlaceboTest:
    """Place the estimate among those of reassigned adoption dates.

    Parameters
    ----------
    panel : EffectPanel
        Balanced; covariates are not used.
    control : {"never", "notyet"}
    confidence : float
    seed : int
        Used only where the assignments are too many to go through.
    draws : int
        How many are then drawn.

    Returns
    -------
    PlaceboTest

    Raises
    ------
    DesignError
        If the panel is not balanced.

    References
    ----------
    Fisher, R. A. (1935). The Design of Experiments; Conley, T. G. and Taber, C. R. (2011).
    Review of Economics and Statistics 93(1), 113-125.
    """
    refuse_if(not panel.is_balanced, "panel-not-balanced", what="置き換えによる検定")
    wide = panel.table.pivot(index="unit", columns="time", values="outcome")
    adoption = panel.adoption.to_numpy()
    real = np.argsort(np.where(adoption == NEVER, np.inf, adoption), kind="stable")
    dates = adoption[real[: len(panel.adopters)]]
    assigned, is_exact = _assignments(wide, adoption, real, dates, seed, draws)
    cells = group_time_cells(panel)
    since, sizes = cells.time - cells.group, (dates[:, None] == cells.group).sum(axis=0)
    is_treated = (adoption[:, None] != NEVER) & (adoption[:, None] <= wide.columns.to_numpy())
    treated = pd.DataFrame(is_treated.astype("float64"), columns=wide.columns)
    effects = _cell_effects(wide, assigned, dates, cells, control)
    slopes = _cell_effects(treated, assigned, dates, cells, control)
    is_usable = np.isfinite(effects[0])
    events = np.unique(since[is_usable])
    refuse_if(not (events >= 0).any(), "placebo-no-comparison")
    # columns: the average after adoption, then each event time
    weights = np.column_stack([since >= 0, since[:, None] == events]) * sizes[:, None]
    weights = weights[is_usable] / weights[is_usable].sum(axis=0)
    found, slope = effects[:, is_usable] @ weights, slopes[:, is_usable] @ weights
    alone, together = reaches(found[:, 1:], slope[:, 1:], confidence)
    estimates = found[0, 1:]
    return PlaceboTest(
        **vars(exchange(found[:, 0], slope[:, 0], confidence)),
        is_exact=is_exact,
        by_event_time=pd.DataFrame(
            {
                "event_time": events,
                "estimate": estimates,
                "standard_error": np.nan,
                "low": estimates - alone,
                "high": estimates + alone,
                "band_low": estimates - together,
                "band_high": estimates + together,
            }
        ),
    )


def _assignments(
    wide: pd.DataFrame, adoption: Integers, real: Integers, dates: Integers, seed: int, draws: int
) -> tuple[Integers, bool]:
    """Return assignments of the dates to units, the real one first, and whether these are all."""
    pools = _pools(wide, adoption, real, dates)
    if pools is not None:
        chosen, is_exact = member_choices([len(pool) for pool in pools], seed, 2 * draws)
        drawn = np.column_stack([pool[chosen[:, place]] for place, pool in enumerate(pools)])
        drawn = drawn[(np.diff(np.sort(drawn, axis=1), axis=1) > 0).all(axis=1)]
        return (drawn if is_exact else drawn[: draws + 1]), is_exact
    counts = np.unique(dates, return_counts=True)[1].tolist()
    ways = math.perm(len(real), len(dates)) // math.prod(map(math.factorial, counts))
    if ways <= _EXACT_AT_MOST:
        found = list(_enumerated(tuple(real), counts))
        return np.array(found, dtype="int64").reshape(-1, len(dates)), True
    generator = np.random.default_rng(seed)
    permuted = [generator.permutation(len(real))[: len(dates)] for _ in range(draws)]
    return np.vstack([real[: len(dates)], *permuted]), False


def _pools(
    wide: pd.DataFrame, adoption: Integers, real: Integers, dates: Integers
) -> list[Integers] | None:
    """Return for each adopter the units it may be exchanged for, itself first.

    These are the never-adopters whose yearly changes before its adoption were about as large;
    None where there are too few to choose from.
    """
    never = np.flatnonzero(adoption == NEVER)
    if len(never) <= _POOL or (wide.columns < dates[0]).sum() < 2:
        return None
    pools = []
    for unit, date in zip(real, dates, strict=False):
        changes = np.diff(wide.loc[:, wide.columns < date].to_numpy(), axis=1)
        size = np.abs(changes - np.median(changes[never], axis=0)).mean(axis=1)
        logs = np.log(np.maximum(size, _TINY))
        nearest = never[np.argsort(np.abs(logs[never] - logs[unit]), kind="stable")[:_POOL]]
        pools.append(np.concatenate([[unit], nearest]))
    return pools


def member_choices(sizes: Sequence[int], seed: int, draws: int) -> tuple[Integers, bool]:
    """Return which member of each set (columns) adopts, the real one (0) first; all if few."""
    if math.prod(sizes) <= _EXACT_AT_MOST:
        return np.array(list(itertools.product(*map(range, sizes)))), True
    drawn = np.random.default_rng(seed).integers(0, np.array(sizes), (draws, len(sizes)))
    return np.vstack([np.zeros((1, len(sizes)), dtype="int64"), drawn]), False


def _enumerated(free: tuple[int, ...], counts: list[int]) -> Iterator[tuple[int, ...]]:
    if not counts:
        yield ()
        return
    for chosen in itertools.combinations(free, counts[0]):
        rest = tuple(unit for unit in free if unit not in chosen)
        for others in _enumerated(rest, counts[1:]):
            yield (*chosen, *others)


def group_time_cells(panel: EffectPanel) -> GroupTimeCells:
    """Every group-time cell with its base: before adoption the time before, then the last one."""
    times = panel.times
    rows = [
        (group, time, previous if time < group else times[times < group].max())
        for group in panel.cohorts
        for previous, time in itertools.pairwise(times)
    ]
    return GroupTimeCells(*np.array(rows).T)


def _cell_effects(
    values: pd.DataFrame,
    assigned: Integers,
    dates: Integers,
    cells: GroupTimeCells,
    control: Control,
) -> Floats:
    """Difference in differences of every cell (columns) under every assignment (rows)."""
    effects = np.full((len(assigned), len(cells.group)), np.nan)
    for place in range(len(cells.group)):
        group, time, base = cells.group[place], cells.time[place], cells.base[place]
        change = (values[time] - values[base]).to_numpy()
        moved, is_group = change[assigned], dates == group
        is_compared = (dates > time) & ~is_group & (control == "notyet")
        count = len(change) - (~is_compared).sum()
        if count:
            others = (change.sum() - moved[:, ~is_compared].sum(axis=1)) / count
            effects[:, place] = moved[:, is_group].mean(axis=1) - others
    return effects


def exchange(found: Floats, slope: Floats, confidence: float) -> Exchange:
    """Place the first estimate among all; ``slope`` is what each moves by with an effect of 1."""
    estimate, alpha = float(found[0]), 1.0 - confidence
    noise = found - estimate * slope
    low, high, smallest = -math.inf, math.inf, math.inf
    if 1.0 / len(found) <= alpha + _TINY:
        reach = max(4.0 * float(np.quantile(np.abs(noise), 1.0 - alpha / 2.0)), 1e-9)
        tried = np.linspace(estimate - reach, estimate + reach, _GRID_POINTS)
        kept = [effect for effect in tried if _p_value(found - effect * slope) > alpha]
        low, high = (float(kept[0]), float(kept[-1])) if kept else (estimate, estimate)
        critical = float(np.quantile(np.abs(noise), confidence))
        down, up = np.quantile(noise, [1.0 - _POWER, _POWER])
        smallest = critical + max(float(up), -float(down))
    return Exchange(estimate, _p_value(found), len(found), low, high, smallest)


def _p_value(found: Floats) -> float:
    return float((np.abs(found) >= abs(found[0]) - _TINY).mean())


def reaches(found: Floats, slopes: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Return how far the interval of each estimate (columns), and the band of all, reach."""
    noise = np.abs(found - found[0] * slopes)
    spread = np.maximum((found - found[0] * slopes).std(axis=0), _TINY)
    together = float(np.quantile((noise / spread).max(axis=1), confidence)) * spread
    return np.quantile(noise, confidence, axis=0), together
