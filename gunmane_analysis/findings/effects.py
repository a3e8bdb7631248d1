"""Findings on effects from data: the estimate with what it rests on, never with stars."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.charts.chart import Chart, draw
from gunmane_analysis.charts.effects import plot_event_study
from gunmane_analysis.findings.finding import Column, Definition, Finding
from gunmane_analysis.metrics.contracts.effects import ContractEffect
from gunmane_analysis.metrics.effects.bundling import BundlingEffect
from gunmane_analysis.metrics.effects.checks import EffectChecks
from gunmane_analysis.sources import sources_in_use

_METHODS = {
    "callaway_santanna": "Callaway・Sant'Anna（2021）",
    "sun_abraham": "Sun・Abraham（2021）",
    "imputation": "Borusyak・Jaravel・Spiess（2024）",
}
_EXPENDITURE_ID = "contracts.expenditure_effect"
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
    finding_id: str = "contracts.effect",
    checks: EffectChecks | None = None,
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
    checks : EffectChecks, optional
        From :func:`gunmane_analysis.metrics.effects.checks.effect_checks`.

    Examples
    --------
    >>> from gunmane_analysis.metrics.effects.bundling import bundling_effect
    >>> from gunmane_analysis.metrics.effects.simulation import simulate_adoption
    >>> made = simulate_adoption(units=40, adopters=12, effect=-5.0, seed=1)
    >>> effect = bundling_effect(made.panel, outcome="outcome", unit="unit",
    ...                          time="fiscal_year", adopted="adopted_fiscal_year")
    >>> bundling_effect_finding(effect, outcome="指標", unit="点", is_synthetic=True).status_label
    '合成データ'
    """
    headline = _headline(effect, outcome, unit, decimals)
    if is_synthetic:
        headline = f"合成データでは、{headline}"
    finding = Finding(
        finding_id=finding_id,
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
        caveats=(*effect.warnings, *_check_words(checks, unit, decimals)),
        chart=draw(
            lambda: plot_event_study(
                effect, f"{outcome}（{unit}）、縦線は{effect.confidence:.0%}の区間"
            ),
            f"点と区間の図。{headline}",
        ),
        definitions=(_EFFECT,),
        certainty=(
            f"単位{effect.unit_count}件（うち導入{effect.adopter_count}件）、{effect.time_count}時点。"
            + (
                f"効果がない場合にこれ以上の差が出る確率（p値）は{effect.p_value:.3f}。"
                if np.isfinite(effect.p_value)
                else "p値は求められない。"
            )
        ),
        method=f"{_METHODS[effect.method]}による差の差推定",
    )
    return replace(finding, status="synthetic") if is_synthetic else finding


def _headline(effect: BundlingEffect, outcome: str, unit: str, decimals: int) -> str:
    """Word the estimate; with few adopters what the placebos say comes first."""
    overall, placebo = effect.overall, effect.placebo
    level = f"{effect.confidence:.0%}"
    compared = "導入していない" if effect.control == "never" else "まだ導入していない"
    if np.isfinite([overall.low, overall.high]).all():
        interval = (
            f"（{level}の区間 {_signed(overall.low, decimals)}〜"
            f"{_signed(overall.high, decimals)}{unit}）"
        )
    else:
        interval = f"（件数が少なく、{level}の区間は定まらない）"
    estimate = f"{_signed(overall.estimate, decimals)}{unit}"
    if effect.interval_kind == "standard_error":
        return (
            f"{outcome}は、導入した{effect.adopter_count}件で、{compared}単位に比べて平均"
            f"{estimate}変わったと推定される{interval}。"
        )
    if placebo is None:
        tested = "時点がそろわず、入れ替えの検定ができない。"
    else:
        way = "全" if placebo.is_exact else "無作為の"
        tested = (
            f"導入した{effect.adopter_count}件を入れ替えた{way}{placebo.assignment_count:,}通りと"
            f"比べたp値は{placebo.p_value:.3f}、"
        ) + (
            "80%の確率で見つけられる最小の効果は"
            f"{placebo.minimum_detectable_effect:,.{decimals}f}{unit}である。"
            if np.isfinite(placebo.minimum_detectable_effect)
            else "割り当てが少なく、どれほど大きな効果も判定できない。"
        )
    is_clear = placebo is not None and placebo.p_value < 1.0 - effect.confidence
    verdict = (
        "偶然だけでは起こりにくい変化であるが、比べられる件数が少ない"
        if is_clear
        else "効果があったともなかったともいえない"
    )
    return f"{outcome}について、{tested}推定値は{estimate}{interval}で、{verdict}。"


def _check_words(checks: EffectChecks | None, unit: str, decimals: int) -> tuple[str, ...]:
    """Word what other methods give, and how far the estimate hangs on one adopter."""
    if checks is None:
        return ()
    given = "、".join(
        f"{_METHODS[row['method']]}は{_signed(row['estimate'], decimals)}{unit}"
        if np.isfinite(row["estimate"])
        else f"{_METHODS[row['method']]}は推定できない"
        for row in checks.methods.to_dict("records")
    )
    words = [f"推定法による違い: {given}。"]
    left = checks.without_each["estimate"].dropna()
    if len(left):
        words.append(
            "導入した単位を1つずつ除いて推定し直すと、推定値は"
            f"{_signed(left.min(), decimals)}〜{_signed(left.max(), decimals)}{unit}になる。"
        )
    return tuple(words)


def _signed(value: float, decimals: int) -> str:
    return f"{value:+,.{decimals}f}".replace("-", "△")


def expenditure_effect_finding(found: ContractEffect | None) -> Finding | None:
    """Word the effect on 土木費 per resident, or why none can be told; None elsewhere.

    Examples
    --------
    >>> expenditure_effect_finding(None)
    """
    if found is None:
        return None
    if found.effect is None:
        return _without(found.adopters, f"公表事例の土木費への効果は推定できない。{found.reason}")
    finding = bundling_effect_finding(
        found.effect,
        outcome=found.label,
        unit=found.unit,
        source_ids=sources_in_use("contract_cases", "municipal_panel"),
        decimals=0,
        finding_id=_EXPENDITURE_ID,
        checks=found.checks,
    )
    names = "、".join(
        f"{row['area_name']}（{row['adopted_fiscal_year']}年度）"
        for row in found.adopters.to_dict("records")
    )
    return replace(
        finding,
        caveats=(
            *finding.caveats,
            f"導入前の値があるのは{names}である。導入した市町それぞれに人口・面積・道路延長・"
            "財政力の似た20市区町村を選んで比べた。",
            "土木費には建設や除雪なども含まれ、包括的民間委託の対象はその一部である。"
            "公表されていない導入が比べた市区町村にあれば、差は小さく出る。",
        ),
        summary="",
    )


def _without(adopters: pd.DataFrame, headline: str) -> Finding:
    return Finding(
        finding_id=_EXPENDITURE_ID,
        title="土木費への効果",
        headline=headline,
        table=adopters,
        columns=(
            Column("area_name", "導入した市区町村"),
            Column("adopted_fiscal_year", "導入の年度", kind="year"),
        ),
        source_ids=("contract_cases",),
    )


def outcome_effects_finding(
    effects: tuple[ContractEffect, ...], area: Area, *, is_filed: bool
) -> Finding:
    """Put the effects on every filed outcome in one table, or say what would have to be filed.

    Parameters
    ----------
    effects : tuple of ContractEffect
        From :func:`gunmane_analysis.metrics.contracts.effects.outcome_effects`.
    area : Area
    is_filed : bool
        Whether ``contract_outcomes`` has any row.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> outcome_effects_finding((), find_area("05"), is_filed=False).finding_id
    'contracts.outcome_effects'
    """
    columns = (
        Column("label", "測ったもの"),
        Column("adopter_count", "導入", "件", "count"),
        Column("unit_count", "比べた市区町村（導入を含む）", "件", "count"),
        Column("p_value", "p値", "", "number", 3),
        Column("detectable", "見つけられる最小の効果", "", "number", 2),
        Column("estimate", "推定値", "", "number", 2),
        Column("low", "区間の下限", "", "number", 2),
        Column("high", "区間の上限", "", "number", 2),
        Column("note", "備考"),
    )
    table = pd.DataFrame(
        [_outcome_row(each) for each in effects], columns=[column.name for column in columns]
    )
    told = [each for each in effects if each.effect is not None]
    if not effects:
        headline = (
            f"{area.name}には、契約の実績（contract_outcomes）と導入の年度がともに登録された"
            "市区町村がないため、導入の効果は全国の頁に示す。"
            if is_filed
            else "契約の実績（contract_outcomes）が登録されていないため、対応日数や直営作業時間が"
            "導入で変わったかは分からない。"
        )
    elif not told:
        headline = f"登録された契約の実績からは効果を推定できない。{effects[0].reason}"
    else:
        headline = "登録された契約の実績では、" + "".join(
            _headline(each.effect, each.label, each.unit, 0 if each.unit == "円" else 2)
            for each in told[:1]
            if each.effect
        )
        if len(told) > 1:
            headline += f"ほか{len(told) - 1}つの結果は表に示す。"
    first = told[0] if told else None
    decimals = 0 if first is not None and first.unit == "円" else 2
    warnings = (
        (
            *dict.fromkeys(words for each in told if each.effect for words in each.effect.warnings),
            *(
                f"{first.label}について、{words}"
                for words in _check_words(first.checks, first.unit, decimals)
            ),
        )
        if first is not None
        else ()
    )
    return Finding(
        finding_id="contracts.outcome_effects",
        title="契約の実績に見る導入の効果",
        headline=headline,
        table=table,
        columns=columns if effects else (),
        source_ids=("contract_cases", *(("contract_outcomes",) if is_filed else ())),
        caveats=(
            *warnings,
            *(("結果が複数あるときは、偶然に小さいp値が混じりやすい。",) if len(told) > 1 else ()),
        )
        if effects
        else ("様式は gunmane data template contract_outcomes で作り、登録する。",),
        chart=None
        if first is None or first.effect is None
        else _event_chart(first.effect, f"{first.label}（{first.unit}）"),
        definitions=(_EFFECT,) if told else (),
    )


def _event_chart(effect: BundlingEffect, label: str) -> Chart:
    return draw(
        lambda: plot_event_study(effect, f"{label}、縦線は{effect.confidence:.0%}の区間"),
        f"点と区間の図。導入からの年数ごとの{label}の効果。",
    )


def _outcome_row(found: ContractEffect) -> dict[str, object]:
    row: dict[str, object] = {
        "label": f"{found.label}（{found.unit}）",
        "adopter_count": len(found.adopters),
        "note": found.reason,
    }
    effect = found.effect
    if effect is None:
        return row
    placebo = effect.placebo
    return row | {
        "adopter_count": effect.adopter_count,
        "unit_count": effect.unit_count,
        "p_value": effect.p_value,
        "detectable": _finite(placebo.minimum_detectable_effect) if placebo else float("nan"),
        "estimate": effect.overall.estimate,
        "low": _finite(effect.overall.low),
        "high": _finite(effect.overall.high),
        "note": "入れ替えによる" if effect.interval_kind == "placebo" else "標準誤差による",
    }


def _finite(value: float) -> float:
    return value if np.isfinite(value) else float("nan")
