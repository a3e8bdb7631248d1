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
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.effects.panel import NEVER, Control, EffectPanel

EXACT_AT_MOST = 10_000
POWER = 0.8
_TOLERANCE = 1e-12
_GRID_POINTS = 801
_POOL = 20
_TINY = 1e-12


@dataclass(frozen=True)
class PlaceboTest:
    """The estimate among its placebos.

    Attributes
    ----------
    estimate : float
        The share-weighted average of the group-time effects, without covariates.
    p_value : float
        Share of assignments, the real one included, whose estimate is at least as far from
        zero; exact if ``is_exact``.
    assignment_count : int
        How many assignments were compared, the real one included.
    low, high : float
        The constant effects that are not rejected at 1 - confidence; infinite if there are
        too few assignments to reject anything.
    minimum_detectable_effect : float
        The smallest effect, either way, that would be found with 80 % probability; infinite
        if there are too few assignments to find any.
    by_event_time : DataFrame
        The estimates with the interval their own placebos give, and the ends of a band that
        holds at all times together (``band_low``, ``band_high``).
    """

    estimate: float
    p_value: float
    assignment_count: int
    is_exact: bool
    low: float
    high: float
    minimum_detectable_effect: float
    smallest_possible_p: float
    by_event_time: pd.DataFrame


@dataclass(frozen=True)
class GroupTimeCells:
    """The group-time cells: which group, time, and base they compare, and over which columns."""

    group: np.ndarray
    time: np.ndarray
    base: np.ndarray
    size: np.ndarray


def placebo_test(
    panel: EffectPanel,
    control: Control,
    confidence: float = 0.95,
    seed: int = 0,
    draws: int = 1999,
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
    if not panel.is_balanced:
        raise DesignError(
            "時点がそろわない表では、置き換えによる検定ができません。",
            advice="unbalanced='complete' を指定してください。",
        )
    wide = panel.table.pivot(index="unit", columns="time", values="outcome")
    adoption = panel.adoption.loc[wide.index].to_numpy()
    dates = np.sort(adoption[adoption != NEVER])
    real = np.argsort(np.where(adoption == NEVER, np.inf, adoption), kind="stable")[: len(dates)]
    others, is_exact = _assignments(
        len(wide), dates, _pools(wide, adoption, real, dates), seed, draws
    )
    assigned = np.vstack([real, others])
    cells = group_time_cells(panel, dates)
    treated = np.asarray(
        (adoption[:, None] != NEVER) & (adoption[:, None] <= wide.columns.to_numpy()[None, :]),
        dtype="float64",
    )
    effects = _cell_effects(
        wide.to_numpy(), wide.columns.to_numpy(), assigned, dates, cells, control
    )
    indicator = _cell_effects(treated, wide.columns.to_numpy(), assigned, dates, cells, control)
    is_post = cells.time >= cells.group
    overall = _averaged(effects, cells.size * is_post)
    slope = _averaged(indicator, cells.size * is_post)
    shares = np.abs(overall) >= abs(overall[0]) - _TOLERANCE
    start = 1 if is_exact else 0
    low, high = inverted_interval(
        overall[start:], slope[start:], overall[0], slope[0], 1.0 - confidence
    )
    noise = overall[start:] - overall[0] * slope[start:]
    return PlaceboTest(
        estimate=float(overall[0]),
        p_value=float(shares[start:].mean()),
        assignment_count=len(overall) - start,
        is_exact=is_exact,
        low=low,
        high=high,
        minimum_detectable_effect=(
            detectable_effect(noise, confidence)
            if 1.0 / len(noise) <= 1.0 - confidence + _TOLERANCE
            else math.inf
        ),
        smallest_possible_p=1.0 / (len(overall) - start),
        by_event_time=_by_event_time(effects, indicator, cells, confidence, start),
    )


def _pools(
    wide: pd.DataFrame, adoption: np.ndarray, real: np.ndarray, dates: np.ndarray
) -> list[np.ndarray] | None:
    """Return for each adopter the units it may be exchanged for, itself first.

    These are the never-adopters whose yearly changes before its adoption were about as large;
    None where there are too few to choose from.
    """
    never = np.flatnonzero(adoption == NEVER)
    if len(never) <= _POOL:
        return None
    values, times = wide.to_numpy(), wide.columns.to_numpy()
    pools = []
    for unit, date in zip(real, dates, strict=True):
        changes = np.diff(values[:, times < date], axis=1)
        if not changes.shape[1]:
            return None
        size = np.abs(changes - np.median(changes[never], axis=0)).mean(axis=1)
        apart = np.abs(np.log(np.maximum(size, _TINY)) - np.log(max(size[unit], _TINY)))
        nearest = never[np.argsort(apart[never], kind="stable")[:_POOL]]
        pools.append(np.concatenate([[unit], nearest]))
    return pools


def _assignments(
    units: int, dates: np.ndarray, pools: list[np.ndarray] | None, seed: int, draws: int
) -> tuple[np.ndarray, bool]:
    """All assignments of the dates to units (the real one among them), or a draw of them."""
    generator = np.random.default_rng(seed)
    if pools is not None:
        if math.prod(len(pool) for pool in pools) <= EXACT_AT_MOST:
            drawn = np.array(list(itertools.product(*pools)), dtype="int64")
        else:
            drawn = np.column_stack([generator.choice(pool, 2 * draws) for pool in pools])
        ordered = np.sort(drawn, axis=1)
        drawn = drawn[(np.diff(ordered, axis=1) > 0).all(axis=1)]
        is_exact = math.prod(len(pool) for pool in pools) <= EXACT_AT_MOST
        return (drawn if is_exact else drawn[:draws]), is_exact
    counts = np.unique(dates, return_counts=True)[1]
    ways = math.perm(units, len(dates)) // math.prod(math.factorial(int(one)) for one in counts)
    if ways <= EXACT_AT_MOST:
        found = list(_enumerated(tuple(range(units)), [int(one) for one in counts]))
        return np.array(found, dtype="int64").reshape(-1, len(dates)), True
    permuted = [generator.permutation(units)[: len(dates)] for _ in range(draws)]
    return np.array(permuted, dtype="int64"), False


def _enumerated(free: tuple[int, ...], counts: list[int]) -> Iterator[tuple[int, ...]]:
    if not counts:
        yield ()
        return
    for chosen in itertools.combinations(free, counts[0]):
        rest = tuple(unit for unit in free if unit not in chosen)
        for others in _enumerated(rest, counts[1:]):
            yield (*chosen, *others)


def group_time_cells(panel: EffectPanel, dates: np.ndarray) -> GroupTimeCells:
    """Every group-time cell with its base: before adoption the time before, then the last one."""
    times = panel.times
    rows = []
    for group in np.unique(dates):
        last_before = times[times < group].max()
        for position, time in enumerate(times[1:], start=1):
            base = times[position - 1] if time < group else last_before
            rows.append((group, time, base, int((dates == group).sum())))
    group, time, base, size = (np.array(column) for column in zip(*rows, strict=True))
    return GroupTimeCells(group, time, base, size)


def _cell_effects(
    values: np.ndarray,
    times: np.ndarray,
    assigned: np.ndarray,
    dates: np.ndarray,
    cells: GroupTimeCells,
    control: Control,
) -> np.ndarray:
    """Difference in differences of every cell (columns) under every assignment (rows)."""
    effects = np.empty((len(assigned), len(cells.group)))
    column = {int(time): position for position, time in enumerate(times)}
    for position in range(len(cells.group)):
        group, time, base = (
            int(array[position]) for array in (cells.group, cells.time, cells.base)
        )
        change = values[:, column[time]] - values[:, column[base]]
        of_adopters = change[assigned]
        is_group = dates == group
        waits = (dates > max(time, base)) & ~is_group & (control == "notyet")
        control_sum = change.sum() - of_adopters[:, ~waits].sum(axis=1)
        control_count = len(change) - int((~waits).sum())
        if control_count == 0:
            effects[:, position] = np.nan
            continue
        effects[:, position] = of_adopters[:, is_group].mean(axis=1) - control_sum / control_count
    return effects


def _averaged(effects: np.ndarray, weights: np.ndarray) -> np.ndarray:
    usable = np.isfinite(effects[0]) & (weights > 0)
    if not usable.any():
        raise DesignError("導入後に比べられる相手がなく、置き換えによる検定ができません。")
    chosen = weights[usable] / weights[usable].sum()
    return np.asarray(effects[:, usable] @ chosen)


def inverted_interval(
    overall: np.ndarray, slope: np.ndarray, estimate: float, own_slope: float, alpha: float
) -> tuple[float, float]:
    """Return the constant effects whose removal leaves an estimate that is not extreme."""
    if 1.0 / len(overall) > alpha + _TOLERANCE:
        return -math.inf, math.inf
    spread = np.quantile(np.abs(overall - estimate * slope), 1.0 - alpha / 2.0)
    reach = max(4.0 * float(spread), 1e-9)
    accepted = []
    for effect in np.linspace(estimate - reach, estimate + reach, _GRID_POINTS):
        own = abs(estimate - effect * own_slope)
        if np.mean(np.abs(overall - effect * slope) >= own - _TOLERANCE) > alpha:
            accepted.append(float(effect))
    return (accepted[0], accepted[-1]) if accepted else (estimate, estimate)


def detectable_effect(noise: np.ndarray, confidence: float) -> float:
    """Return the smallest effect, either way, that placebos would tell with 80 % probability."""
    critical = float(np.quantile(np.abs(noise), confidence))
    upward = critical - float(np.quantile(noise, 1.0 - POWER))
    downward = critical + float(np.quantile(noise, POWER))
    return max(upward, downward)


def _by_event_time(
    effects: np.ndarray, indicator: np.ndarray, cells: GroupTimeCells, confidence: float, start: int
) -> pd.DataFrame:
    labels = cells.time - cells.group
    rows, noises = [], []
    for label in np.unique(labels):
        weights = cells.size * (labels == label)
        if not np.isfinite(effects[0][weights > 0]).any():
            continue
        averaged, slope = _averaged(effects, weights), _averaged(indicator, weights)
        noise = averaged[start:] - averaged[0] * slope[start:]
        reach, estimate = float(np.quantile(np.abs(noise), confidence)), float(averaged[0])
        rows.append((int(label), estimate, math.nan, estimate - reach, estimate + reach))
        noises.append(noise)
    columns = ["event_time", "estimate", "standard_error", "low", "high"]
    table = pd.DataFrame(rows, columns=columns)
    noise = np.column_stack(noises)
    spread = np.maximum(noise.std(axis=0), _TINY)
    reach = np.quantile((np.abs(noise) / spread).max(axis=1), confidence) * spread
    return table.assign(band_low=table["estimate"] - reach, band_high=table["estimate"] + reach)
