"""Findings on effects from data: the estimate with what it rests on, never with stars."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gunmane_analysis.metrics.effects import BundlingEffect
from gunmane_analysis.report.charts.chart import draw
from gunmane_analysis.report.charts.effects import plot_event_study
from gunmane_analysis.report.findings.finding import Column, Definition, Finding

_METHODS = {
    "callaway_santanna": "Callaway・Sant'Anna（2021）",
    "sun_abraham": "Sun・Abraham（2021）",
    "imputation": "Borusyak・Jaravel・Spiess（2024）",
}
_EFFECT = Definition(
    "導入の効果（差の差）",
    "導入した単位の導入前後の変化から、比べる単位の同じ期間の変化を引いた差。",
    r"(y_{1}-y_{0})-(\bar{y}^{c}_{1}-\bar{y}^{c}_{0})",
)


def bundling_effect_finding(
    effect: BundlingEffect,
    *,
    outcome: str,
    unit: str,
    source_ids: tuple[str, ...] = (),
    is_synthetic: bool = False,
    decimals: int = 2,
) -> Finding:
    """Word an effect with its interval, its adopters and its warnings.

    Parameters
    ----------
    effect : BundlingEffect
    outcome, unit : str
        What was measured and in what, in Japanese; for money, say the denominator, the tax
        and the price base in ``outcome``.
    source_ids : tuple of str
    is_synthetic : bool
        Mark the finding 合成データ.
    decimals : int
    """
    overall = effect.overall
    level = f"{effect.confidence:.0%}"
    compared = "導入していない" if effect.control == "never" else "まだ導入していない"
    if np.isfinite([overall.low, overall.high]).all():
        interval = (
            f"（{level}の区間 {overall.low:,.{decimals}f}〜{overall.high:,.{decimals}f}{unit}）"
        )
    else:
        interval = f"（導入が少なく、{level}の区間は定まらない）"
    headline = (
        f"{outcome}は、導入した{effect.adopter_count}件で、{compared}単位に比べて平均"
        f"{overall.estimate:+,.{decimals}f}{unit}変わったと推定される{interval}。"
    )
    if is_synthetic:
        headline = f"合成データでは、{headline}"
    finding = Finding(
        finding_id="contracts.effect",
        title=f"導入の効果：{outcome}",
        headline=headline,
        table=effect.by_event_time,
        columns=(
            Column("event_time", "導入からの年数", kind="number"),
            Column("estimate", "効果", unit, "number", decimals),
            Column("low", "区間の下限", unit, "number", decimals),
            Column("high", "区間の上限", unit, "number", decimals),
        ),
        source_ids=source_ids,
        caveats=effect.warnings,
        chart=draw(
            lambda: plot_event_study(effect, f"{outcome}（{unit}）、縦線は{level}の区間"),
            f"点と区間の図。{headline}",
        ),
        definitions=(_EFFECT,),
        certainty=(
            f"単位{effect.unit_count}件（うち導入{effect.adopter_count}件）、{effect.time_count}時点。"
            f"効果がない場合にこれ以上の差が出る確率（p値）は{effect.p_value:.3f}。"
        ),
        method=f"{_METHODS[effect.method]}による差の差推定",
    )
    return replace(finding, status="synthetic") if is_synthetic else finding
