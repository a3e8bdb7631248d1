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
from scipy.stats import norm

from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.effects_estimators import (
    Effect,
    EffectTables,
    callaway_santanna,
    imputation,
    sun_abraham,
)
from gunmane_analysis.metrics.effects_panel import (
    NEVER,
    Control,
    EffectPanel,
    Unbalanced,
    prepare_panel,
)
from gunmane_analysis.metrics.effects_placebo import PlaceboTest, placebo_test

Method = Literal["callaway_santanna", "sun_abraham", "imputation"]
FEW_ADOPTERS = 5
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
# of these averages diff-diff 3.13 gives no variance: the interval is refused, not guessed
_WITHOUT_CALENDAR_INTERVALS: Mapping[str, str] = {
    "sun_abraham": "導入群別と年度",
    "imputation": "年度",
}


@dataclass(frozen=True)
class BundlingEffect:
    """The effect of adoption on the adopters, in the unit of the outcome.

    Attributes
    ----------
    overall : Effect
        Average over adopters and treated times.
    by_group, by_calendar, by_event_time : DataFrame
        One row per ``group`` (adoption time), ``time``, or ``event_time`` (times since
        adoption; negative ones are before it) with ``estimate``, ``standard_error``, ``low``
        and ``high``. What a method does not give is missing.
    interval_kind : {"standard_error", "placebo"}
        Where the intervals come from; with at most five adopters always from placebos.
    p_value : float
        Two-sided, of no effect at all: normal, or the placebo's with few adopters.
    unit_count, adopter_count, never_count, time_count : int
        Of the panel used, after what the warnings tell was left out.
    placebo : PlaceboTest or None
        Always there with at most five adopters, unless the panel is unbalanced.
    warnings : tuple of str
        What the reader must know, the gravest first.
    messages : tuple of str
        What the library said, in its own words.
    """

    method: Method
    control: Control
    confidence: float
    overall: Effect
    by_group: pd.DataFrame
    by_calendar: pd.DataFrame
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
    >>> from gunmane_analysis.metrics.simulation import simulate_adoption
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
    if not 0.0 < confidence < 1.0:
        raise DesignError(f"信頼水準{confidence}は使えません。", expected="0と1の間")
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
    tables = _ESTIMATORS[method](ready, control, confidence)
    adopter_count = len(ready.adopters)
    is_few = adopter_count <= FEW_ADOPTERS
    placebo = (
        placebo_test(ready, control, confidence, seed) if is_few and ready.is_balanced else None
    )
    if is_few:
        tables = _with_placebo_intervals(tables, placebo)
    return BundlingEffect(
        method=method,
        control=control,
        confidence=confidence,
        overall=tables.overall,
        by_group=tables.by_group,
        by_calendar=tables.by_calendar,
        by_event_time=tables.by_event_time,
        interval_kind="placebo" if is_few else "standard_error",
        p_value=_p_value(tables.overall, placebo, is_few),
        unit_count=int(ready.table["unit"].nunique()),
        adopter_count=adopter_count,
        never_count=int((ready.adoption == NEVER).sum()),
        time_count=len(ready.times),
        placebo=placebo,
        event_covariance=tables.event_covariance,
        warnings=_warnings(ready, placebo, method, control, covariates, confidence),
        messages=tables.messages,
        panel=ready,
    )


def _with_placebo_intervals(tables: EffectTables, placebo: PlaceboTest | None) -> EffectTables:
    """Replace standard errors, which few adopters make worthless, by what placebos say."""
    nothing = float("nan")
    if placebo is None:
        overall = Effect(tables.overall.estimate, nothing, nothing, nothing)
    else:
        shift = tables.overall.estimate - placebo.estimate
        overall = Effect(
            tables.overall.estimate, nothing, placebo.low + shift, placebo.high + shift
        )

    def replaced(table: pd.DataFrame, key: str, own: pd.DataFrame | None) -> pd.DataFrame:
        blank = table.assign(standard_error=nothing, low=nothing, high=nothing)
        if own is None:
            return blank
        reach = ((own["high"] - own["low"]) / 2.0).set_axis(own[key])
        width = blank[key].map(reach)
        return blank.assign(low=blank["estimate"] - width, high=blank["estimate"] + width)

    return EffectTables(
        overall,
        replaced(tables.by_group, "group", placebo.by_group if placebo else None),
        replaced(tables.by_calendar, "time", placebo.by_calendar if placebo else None),
        replaced(tables.by_event_time, "event_time", placebo.by_event_time if placebo else None),
        None,
        tables.messages,
    )


def _p_value(overall: Effect, placebo: PlaceboTest | None, is_few: bool) -> float:
    if is_few:
        return placebo.p_value if placebo else float("nan")
    if not overall.standard_error > 0:
        return float("nan")
    return float(2.0 * norm.sf(abs(overall.estimate) / overall.standard_error))


def _warnings(
    ready: EffectPanel,
    placebo: PlaceboTest | None,
    method: Method,
    control: Control,
    covariates: Sequence[str],
    confidence: float,
) -> tuple[str, ...]:
    found = []
    count = len(ready.adopters)
    if count <= FEW_ADOPTERS:
        found.append(
            f"導入した単位が{count}件しかない。標準誤差による判定は真の効果がない場合にも誤って有意になりやすいため、"
            "区間とp値は、導入した単位を入れ替えた推定との比較による。"
        )
        found.append(_placebo_words(placebo, covariates, confidence))
    if method == "imputation" and control == "never":
        found.append(
            "imputationは、導入していない時点の値をすべて比較に使う（control の指定は働かない）。"
        )
    if count > FEW_ADOPTERS and method in _WITHOUT_CALENDAR_INTERVALS:
        found.append(
            f"この方法（{method}）では{_WITHOUT_CALENDAR_INTERVALS[method]}別の効果に区間を付けない。"
            "ライブラリがその平均の分散を与えず、個々の区間からは求められないためである。"
            "区間が要るときは callaway_santanna を用いる。"
        )
    return (*found, *ready.warnings, SELECTION)


def _plain(value: float) -> str:
    """Word a size with four figures, never as a power of ten."""
    return f"{value:,.0f}" if abs(value) >= _WHOLE_FROM else f"{value:.4g}"


def _placebo_words(
    placebo: PlaceboTest | None, covariates: Sequence[str], confidence: float
) -> str:
    if placebo is None:
        return "時点がそろわないため、入れ替えによる比較ができず、区間とp値を示さない。"
    way = "すべての" if placebo.is_exact else "無作為に選んだ"
    words = (
        f"{way}{placebo.assignment_count}通りの割り当てと比べたp値は{placebo.p_value:.3f}、"
        f"80%の確率で見つけられる最小の効果は{_plain(placebo.minimum_detectable_effect)}である。"
    )
    if placebo.smallest_possible_p > 1.0 - confidence:
        words += "割り当ての数が少なく、この信頼水準で効果の有無は判定できない。"
    if covariates:
        words += "入れ替えによる比較には共変量を使っていない。"
    return words
