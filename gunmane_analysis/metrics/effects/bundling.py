"""What bundling changed: difference-in-differences for adoption in different years.

Adoption is chosen, not drawn by lot: these are effects on adopters under the assumption that,
without bundling, their outcome would have moved like that of the units compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.effects.cautions import message_warnings, method_warnings
from gunmane_analysis.metrics.effects.estimators import (
    Effect,
    EffectTables,
    callaway_santanna,
    imputation,
    sun_abraham,
)
from gunmane_analysis.metrics.effects.panel import (
    NEVER,
    Control,
    EffectPanel,
    Unbalanced,
    prepare_panel,
)
from gunmane_analysis.metrics.effects.placebo import PlaceboTest, placebo_test
from gunmane_analysis.metrics.validation import check_confidence, check_seed

Method = Literal["callaway_santanna", "sun_abraham", "imputation"]
FEW_ADOPTERS = 5
FEW_PER_GROUP = 2
_SOME_ADOPTERS = 30
_BAND_DRAWS = 20_000
_WHOLE_FROM = 1000.0
SELECTION = (
    "導入するかどうかは各自治体が選んでおり、無作為ではない。導入がなくても同じように動いたという仮定の下での、"
    "導入した自治体についての効果である。"
)
_ESTIMATORS: Mapping[str, Callable[[EffectPanel, Control, float], EffectTables]] = {
    "callaway_santanna": callaway_santanna,
    "sun_abraham": sun_abraham,
    "imputation": imputation,
}


@dataclass(frozen=True)
class BundlingEffect:
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
        Where the intervals come from: placebos with at most five adopters, at most five units
        compared, or at most two adopters to a group on average.
    p_value : float
        Two-sided, of no effect at all: with the distribution of the interval, or the placebo's.
    unit_count, adopter_count, never_count, time_count : int
        Of the panel used, after what the warnings tell was left out.
    placebo : PlaceboTest or None
        Always there where intervals come from placebos, unless the panel is unbalanced.
    warnings : tuple of str
        What the reader must know, the gravest first.
    messages : tuple of str
        What the library said, in its own words.
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
    never_count: int
    time_count: int
    placebo: PlaceboTest | None
    event_covariance: np.ndarray | None
    warnings: tuple[str, ...]
    messages: tuple[str, ...]
    panel: EffectPanel


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
    if method not in _ESTIMATORS:
        raise DesignError(f"方法「{method}」はありません。", expected="、".join(_ESTIMATORS))
    if control not in ("never", "notyet"):
        raise DesignError(f"比較の相手「{control}」はありません。", expected="never、notyet")
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
    is_few = _is_few(ready)
    if is_few and (method != "callaway_santanna" or ready.covariates):
        raise DesignError(
            f"{_few_words(ready)}ため、method='{method}'"
            + ("と共変量" if ready.covariates else "")
            + "による推定の区間とp値を求められません。",
            expected="callaway_santanna による、共変量のない推定（入れ替えによる検定）",
            advice="似た単位だけと比べるには matched_effect を使ってください。",
        )
    tables = _ESTIMATORS[method](ready, control, confidence)
    placebo = (
        placebo_test(ready, control, confidence, seed) if is_few and ready.is_balanced else None
    )
    events = _with_band(tables, confidence, seed)
    overall, p_value = tables.overall, tables.p_value
    if is_few:  # standard errors are worthless with few adopters
        nothing = float("nan")
        low, high = (placebo.low, placebo.high) if placebo else (nothing, nothing)
        overall = Effect(tables.overall.estimate, nothing, low, high)
        p_value = placebo.p_value if placebo else nothing
        blank = ["standard_error", "low", "high", "band_low", "band_high"]
        events = (
            placebo.by_event_time if placebo else events.assign(**dict.fromkeys(blank, nothing))
        )
    return BundlingEffect(
        method=method,
        control=control,
        confidence=confidence,
        overall=overall,
        by_event_time=events,
        interval_kind="placebo" if is_few else "standard_error",
        p_value=p_value,
        unit_count=int(ready.table["unit"].nunique()),
        adopter_count=len(ready.adopters),
        never_count=int((ready.adoption == NEVER).sum()),
        time_count=len(ready.times),
        placebo=placebo,
        event_covariance=None if is_few else tables.event_covariance,
        warnings=_warnings(ready, tables, placebo, method, control, ready.covariate_names),
        messages=tables.messages,
        panel=ready,
    )


def _with_band(tables: EffectTables, confidence: float, seed: int) -> pd.DataFrame:
    """Add the ends of a sup-t band, which holds at all event times together."""
    events, covariance = tables.by_event_time, tables.event_covariance
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


def _is_few(ready: EffectPanel) -> bool:
    """Whether too few adopt, are compared, or adopt at one time for standard errors to mean much.

    In simulations 95 % intervals held the truth in 31 % of runs with one unit compared, 82 % with
    three; with six adopters in six groups 87 % (Callaway-Sant'Anna), 48 % (imputation).
    """
    adopters = len(ready.adopters)
    return (
        adopters <= FEW_ADOPTERS
        or ready.comparison_count <= FEW_ADOPTERS
        or adopters <= FEW_PER_GROUP * len(ready.cohorts)
    )


def _warnings(
    ready: EffectPanel,
    tables: EffectTables,
    placebo: PlaceboTest | None,
    method: Method,
    control: Control,
    covariates: Sequence[str],
) -> tuple[str, ...]:
    found = []
    if _is_few(ready):
        found.append(
            f"{_few_words(ready)}。標準誤差による判定は真の効果がない場合にも誤って有意になりやすいため、"
            "区間とp値は、導入した単位を入れ替えた推定との比較による。"
        )
        found.append(_placebo_words(placebo))
    elif len(ready.adopters) < _SOME_ADOPTERS:
        # 95 % intervals held the truth in 90 % of runs with 12 adopters of 44, 92 % with 20 of 60
        found.append(
            f"導入した単位が{len(ready.adopters)}件と少なく、標準誤差による区間は狭めに出やすい。"
            "真の値を含む割合は、名目を3〜5ポイントほど下回ることがある。"
        )
    found += method_warnings(ready, method, control, covariates)
    found += message_warnings(tables.messages)
    return (*found, *ready.warnings, SELECTION)


def _few_words(ready: EffectPanel) -> str:
    adopters, compared = len(ready.adopters), ready.comparison_count
    if adopters <= FEW_ADOPTERS:
        return f"導入した単位が{adopters}件しかない"
    if compared <= FEW_ADOPTERS:
        return f"比べられる単位が{compared}件しかない"
    return f"導入した{adopters}件が{len(ready.cohorts)}つの時点に分かれ、同じ時点の導入がごく少ない"


def _plain(value: float) -> str:
    """Word a size with four figures, never as a power of ten."""
    return f"{value:,.0f}" if abs(value) >= _WHOLE_FROM else f"{value:.4g}"


def _placebo_words(placebo: PlaceboTest | None) -> str:
    if placebo is None:
        return "時点がそろわないため、入れ替えによる比較ができず、区間とp値を示さない。"
    way = "すべての" if placebo.is_exact else "無作為に選んだ"
    words = f"{way}{placebo.assignment_count}通りの割り当てと比べたp値は{placebo.p_value:.3f}"
    if np.isfinite(placebo.minimum_detectable_effect):
        size = _plain(placebo.minimum_detectable_effect)
        words += f"、80%の確率で見つけられる最小の効果は{size}である。"
    else:
        words += (
            "である。割り当ての数が少なく、どれほど大きな効果も、この信頼水準では判定できない。"
        )
    return words
