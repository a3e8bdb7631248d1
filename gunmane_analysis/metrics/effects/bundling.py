"""What bundling changed: difference-in-differences for adoption in different years.

Adoption is chosen, not drawn by lot: these are effects on adopters under the assumption that,
without bundling, their outcome would have moved like that of the units compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from gunmane_analysis.metrics.effects.estimators import METHODS, Effect, Method, estimate
from gunmane_analysis.metrics.effects.panel import (
    NEVER,
    Control,
    EffectPanel,
    Unbalanced,
    prepare_panel,
)
from gunmane_analysis.metrics.effects.placebo import PlaceboTest, placebo_test
from gunmane_analysis.metrics.validation import check_confidence, check_seed
from gunmane_analysis.paths import read_yaml
from gunmane_analysis.refusals import caution, refuse_if
from gunmane_analysis.results import Result
from gunmane_analysis.tables.description import marked_rows

_FEW_ADOPTERS = 5
_FEW_PER_GROUP = 2
_SOME_ADOPTERS = 30
_SOME_PER_GROUP = 20
_BAND_DRAWS = 20_000
_WHOLE_FROM = 1000.0
SELECTION = (
    "導入するかどうかは各自治体が選んでおり、無作為ではない。導入がなくても同じように動いたという仮定の下での、"
    "導入した自治体についての効果である。"
)


@dataclass(frozen=True, eq=False, repr=False)
class BundlingEffect(Result):
    """The effect of adoption on the adopters, in the unit of the outcome.

    Attributes
    ----------
    overall : Effect
        Average over adopters and treated times.
    by_event_time : DataFrame
        One row per ``event_time`` (times since adoption; negative ones are before it) with
        ``estimate``, ``standard_error``, ``low`` and ``high`` (at that time alone),
        ``band_low`` and ``band_high`` (at all times together). What a method does not give is
        missing.
    interval_kind : {"standard_error", "placebo"}
        Where intervals, band and p-value come from: placebos with fewer than 30 adopters, or
        fewer than 20 that adopt at one time or are compared, where the panel permits: by
        Callaway and Sant'Anna, balanced, without covariates and clusters. Else there is no
        band; and with at most five adopters or units compared, or two to a group, no interval.
    p_value : float
        Two-sided, of no effect at all: with the distribution of the interval, or the placebo's.
    unit_count, adopter_count, time_count : int
        Of the panel used, after what the warnings tell was left out.
    placebo : PlaceboTest or None
    warnings : tuple of str
        What the reader must know, the gravest first.
    messages : tuple of str
        What the library said, in its own words.
    is_synthetic : bool
        Whether a row of the panel was marked as 合成データ.
    """

    method: Method
    control: Control
    confidence: float
    overall: Effect
    by_event_time: pd.DataFrame
    interval_kind: Literal["standard_error", "placebo"]
    p_value: float
    unit_count: int
    adopter_count: int
    time_count: int
    placebo: PlaceboTest | None
    warnings: tuple[str, ...]
    messages: tuple[str, ...]
    panel: EffectPanel
    is_synthetic: bool = False


def bundling_effect(
    panel: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    adopted: str,
    covariates: Sequence[str] = (),
    control: Control = "never",
    method: Method = "callaway_santanna",
    cluster: str | None = None,
    unbalanced: Unbalanced = "complete",
    confidence: float = 0.95,
    seed: int = 0,
) -> BundlingEffect:
    """Estimate the effect of adoption from any tidy panel.

    Parameters
    ----------
    panel : DataFrame
        One row per unit and time.
    outcome, unit, time, adopted : str
        Columns; ``adopted`` is the first treated time, and 0, blank or infinity for units
        that never adopt.
    covariates : sequence of str
        Columns whose value before adoption the comparison is conditioned on.
    control : {"never", "notyet"}
        Compare with units that never adopt, or also with those that have not adopted yet.
        Sun-Abraham takes the units that never adopt, or where all do the last group;
        imputation always every row not yet treated.
    method : {"callaway_santanna", "sun_abraham", "imputation"}
    cluster : str, optional
        Column of cluster labels; by default each unit is its own cluster.
    unbalanced : {"complete", "all"}
        Leave out units that are not observed at every time, or keep all rows.
    confidence : float
        Level of the intervals.
    seed : int
        For the placebo assignments, where they are too many to go through.

    Returns
    -------
    BundlingEffect

    Raises
    ------
    DesignError
        With the reason, if the panel cannot answer the question.

    References
    ----------
    Callaway and Sant'Anna (2021), Sun and Abraham (2021), Borusyak, Jaravel and Spiess (2024);
    Conley and Taber (2011) on few adopters.

    Examples
    --------
    >>> from gunmane_analysis.metrics.effects.simulation import simulate_adoption
    >>> simulated = simulate_adoption(units=60, adopters=20, effect=-5.0, seed=1)
    >>> result = bundling_effect(simulated.panel, outcome="outcome", unit="unit",
    ...                          time="fiscal_year", adopted="adopted_fiscal_year")
    >>> result.adopter_count, result.overall.low < -5.0 < result.overall.high
    (20, True)
    """
    refuse_if(method not in METHODS, "effect-method", method=method)
    refuse_if(control not in ("never", "notyet"), "effect-control", control=control)
    check_confidence(confidence)
    check_seed(seed)
    ready = prepare_panel(
        panel,
        outcome=outcome,
        unit=unit,
        time=time,
        adopted=adopted,
        covariates=covariates,
        cluster=cluster,
        control=control,
        unbalanced=unbalanced,
    )
    few = _few(ready)
    thin = few or _thin(ready)
    if few:
        refuse_if(ready.covariates, "effect-few-covariates", few=few, method=method)
        refuse_if(method != "callaway_santanna", "effect-few", few=few, method=method)
    tables = estimate(method, ready, control, confidence)
    covariance = None if thin else tables.event_covariance
    events = _with_band(tables.by_event_time, covariance, confidence, seed)
    overall, p_value = tables.overall, tables.p_value
    placebo = None
    if few:  # standard errors are worthless
        overall, p_value = Effect(overall.estimate, np.nan, np.nan, np.nan), np.nan
        events = events.assign(**dict.fromkeys(["standard_error", "low", "high"], np.nan))
    if thin and method == "callaway_santanna" and ready.is_exchangeable:
        placebo = placebo_test(ready, control, confidence, seed)
        overall = replace(overall, low=placebo.low, high=placebo.high)
        p_value, events = placebo.p_value, placebo.by_event_time
    return BundlingEffect(
        method=method,
        control=control,
        confidence=confidence,
        overall=overall,
        by_event_time=events,
        interval_kind="placebo" if few or placebo else "standard_error",
        p_value=p_value,
        unit_count=len(ready.adoption),
        adopter_count=len(ready.adopters),
        time_count=len(ready.times),
        placebo=placebo,
        warnings=(
            *_size_warnings(few, thin, placebo),
            *_method_warnings(ready, method, control),
            *_library_warnings(tables.messages),
            *ready.warnings,
            SELECTION,
        ),
        messages=tables.messages,
        panel=ready,
        is_synthetic=bool(marked_rows(panel).any()),
    )


def _with_band(
    events: pd.DataFrame, covariance: np.ndarray | None, confidence: float, seed: int
) -> pd.DataFrame:
    """Add the ends of a sup-t band, which holds at all event times together."""
    errors = events["standard_error"].to_numpy()
    reach = np.full(len(events), np.nan)
    if covariance is not None and covariance.shape == (len(events), len(events)):
        used = np.isfinite(errors) & (errors > 0)
        correlation = covariance[np.ix_(used, used)] / np.outer(errors[used], errors[used])
        drawn = np.random.default_rng(seed).multivariate_normal(
            np.zeros(used.sum()), correlation, _BAND_DRAWS, method="eigh"
        )
        reach[used] = np.quantile(np.abs(drawn).max(axis=1), confidence) * errors[used]
    return events.assign(band_low=events["estimate"] - reach, band_high=events["estimate"] + reach)


def _few(ready: EffectPanel) -> str:
    """Say that too few adopt, are compared, or adopt at one time for standard errors to mean much.

    In simulations 95 % intervals held the truth in 31 % of runs with one unit compared, 82 % with
    three; with six adopters in six groups 87 % (Callaway-Sant'Anna), 48 % (imputation).
    """
    adopters, compared, cohorts = len(ready.adopters), ready.comparison_count, len(ready.cohorts)
    if adopters <= _FEW_ADOPTERS:
        return caution("few-adopters", count=adopters)
    if compared <= _FEW_ADOPTERS:
        return caution("few-compared", count=compared)
    if adopters <= _FEW_PER_GROUP * cohorts:
        return caution("few-at-one-time", count=adopters, cohorts=cohorts)
    return ""


def _thin(ready: EffectPanel) -> str:
    """Say that standard errors give no band, and somewhat short intervals (docs/benchmarks.md)."""
    count, smallest = len(ready.adopters), ready.group_sizes.min()
    compared = ready.comparison_count
    if count >= _SOME_ADOPTERS and min(smallest, compared) >= _SOME_PER_GROUP:
        return ""
    return caution("some-adopters", count=count, smallest=smallest, compared=compared)


def _size_warnings(few: str, thin: str, placebo: PlaceboTest | None) -> Iterator[str]:
    if thin and placebo is None:
        yield caution("few-impossible" if few else "some-impossible", few=thin)
    if placebo is None:
        return
    yield caution("few", few=thin)
    size = placebo.minimum_detectable_effect
    yield caution(
        "placebo-finds" if np.isfinite(size) else "placebo-finds-nothing",
        way="すべての" if placebo.is_exact else "無作為に選んだ",
        count=placebo.assignment_count,
        p_value=placebo.p_value,
        size=f"{size:,.0f}" if abs(size) >= _WHOLE_FROM else f"{size:.4g}",
    )


def _method_warnings(panel: EffectPanel, method: Method, control: Control) -> Iterator[str]:
    """Say where a method does not do what its arguments say."""
    if method == "imputation" and control == "never":
        yield caution("imputation-never")
    if method == "sun_abraham" and control == "notyet":
        code = "sun-abraham-notyet" if (panel.adoption == NEVER).any() else "sun-abraham-last"
        yield caution(code, last=max(panel.cohorts))
    varying = panel.table.groupby("unit")[panel.covariates].nunique().max() > 1
    constant = [
        name for name, varies in zip(panel.covariate_names, varying, strict=True) if not varies
    ]
    if constant and method != "callaway_santanna":
        yield caution("covariates-constant", names="」「".join(constant))


def _library_warnings(said: Sequence[str]) -> Iterator[str]:
    """Return the library's cautions in Japanese; what has no words of ours is counted."""
    meanings = read_yaml(Path(__file__).with_name("library.yml"))
    found = [
        next((words for pattern, words in meanings.items() if re.search(pattern, message)), None)
        for message in said
    ]
    yield from dict.fromkeys(words for words in found if words)
    if None in found:
        yield caution("library-other", count=found.count(None))
