"""Findings on effects from data: the estimate with what it rests on, never with stars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.effects import plot_event_study, plot_matched_effect
from gunmane_analysis.findings.finding import Column, Definition, Finding
from gunmane_analysis.metrics.contracts.effects import ContractEffect, Outcome
from gunmane_analysis.metrics.effects.bundling import SELECTION, BundlingEffect
from gunmane_analysis.metrics.effects.matched import MatchedEffect
from gunmane_analysis.wording import MISSING, signed_words

_METHODS = {
    "callaway_santanna": "Callaway・Sant'Anna（2021）",
    "sun_abraham": "Sun・Abraham（2021）",
    "imputation": "Borusyak・Jaravel・Spiess（2024）",
}
_EXPENDITURE_ID = "contracts.expenditure_effect"
_OUTCOMES_ID = "contracts.outcome_effects"
_EFFECT = Definition(
    "導入の効果（差の差）",
    "導入した単位の導入前後の変化から、比べる単位の同じ期間の変化を引いた差。",
    r"(y_{1}-y_{0})-(\bar{y}^{c}_{1}-\bar{y}^{c}_{0})",
)
_EXCHANGE = Definition(
    "組の中の入れ替えによるp値",
    "導入した市区町村と、それに似た市区町村の組の中で、どれが導入したかを入れ替えて推定し直し、"
    "導入したとした市区町村の年々の変動の大きさで割ったとき、実際の推定値以上に0から離れる割合。",
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
        caveats=effect.warnings,
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
            f"（{level}の区間 {signed_words(overall.low, decimals)}〜"
            f"{signed_words(overall.high, decimals)}{unit}）"
        )
    else:
        interval = f"（件数が少なく、{level}の区間は定まらない）"
    estimate = f"{signed_words(overall.estimate, decimals)}{unit}"
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


def effect_sentence(effects: Sequence[ContractEffect]) -> str:
    """Say in one sentence what is known of the effect on 土木費; empty where nothing is.

    Parameters
    ----------
    effects : sequence of ContractEffect
        From :func:`gunmane_analysis.metrics.contracts.effects.expenditure_effect`.
    """
    first = next((each for each in effects if each.effect is not None), None)
    if first is None or first.effect is None:
        return ""
    effect, outcome = first.effect, first.outcome
    verdict = (
        "偶然だけでは起こりにくい動きであるが、件数は少ない"
        if effect.p_value < 1.0 - effect.confidence
        else "効果があったともなかったともいえない"
    )
    return (
        f"導入の前後を比べられる全国の{len(effect.adopters)}市区町村で、土木費は似た市区町村に比べ"
        f"平均{_amount(effect.estimate, outcome)}動いた。見つけられる最小の効果は"
        f"{_detectable(effect, outcome)}で、{verdict}。"
    )


def expenditure_effect_finding(effects: Sequence[ContractEffect]) -> Finding | None:
    """Word what 土木費 did after adoption, and what cannot be said; None elsewhere.

    Parameters
    ----------
    effects : sequence of ContractEffect
        From :func:`gunmane_analysis.metrics.contracts.effects.expenditure_effect`.

    Examples
    --------
    >>> expenditure_effect_finding(())
    """
    if not effects:
        return None
    finding = _effects_finding(effects, _EXPENDITURE_ID, ("contract_cases", "municipal_series"))
    return replace(
        finding,
        title="包括的民間委託の導入と土木費",
        headline=f"{finding.headline}土木費は契約の費用ではなく、建設や除雪などを含む決算額である。",
        caveats=(
            "土木費のうち包括的民間委託の対象は一部で、契約の費用が下がっても土木費には表れにくい。"
            "公表されていない導入が比べた市区町村にあれば、差は小さく出る。",
            *finding.caveats,
        ),
    )


def outcome_effects_finding(
    effects: Sequence[ContractEffect], area: Area, *, is_filed: bool
) -> Finding:
    """Word the effects on every filed outcome, or say what would have to be filed.

    Parameters
    ----------
    effects : sequence of ContractEffect
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
    if effects:
        return _effects_finding(effects, _OUTCOMES_ID, ("contract_cases", "contract_outcomes"))
    return Finding(
        finding_id=_OUTCOMES_ID,
        title="契約の実績に見る導入の効果",
        headline=(
            f"{area.name}には、契約の実績（contract_outcomes）と導入の年度がともに登録された"
            "市区町村がないため、導入の効果は全国の頁に示す。"
            if is_filed
            else "契約の実績（contract_outcomes）が登録されていないため、対応日数や直営作業時間が"
            "導入で変わったかは分からない。"
        ),
        table=pd.DataFrame(),
        columns=(),
        source_ids=("contract_cases",),
        caveats=("様式は gunmane data template contract_outcomes で作り、登録する。",),
    )


def _effects_finding(
    effects: Sequence[ContractEffect], finding_id: str, source_ids: tuple[str, ...]
) -> Finding:
    """Word the first effect in full; the others, and each adopter, are rows of the table."""
    first = next((each for each in effects if each.effect is not None), effects[0])
    effect, outcome = first.effect, first.outcome
    others = [each for each in effects if each is not first and each.effect is not None]
    headline = f"{outcome.label}への効果は推定できない。{first.reason}"
    if effect is not None:
        headline = _matched_headline(first, effect)
        if others:
            headline += "".join(_other_words(each) for each in others[:1])
        if len(others) > 1:
            headline += f"ほか{len(others) - 1}つの結果は表に示す。"
    rows = [row for each in effects for row in _effect_rows(each)]
    columns = (
        Column("label", "測ったもの"),
        Column("name", "導入した市区町村（年度）"),
        Column("years_after", "導入後", "年", "count"),
        Column("compared_count", "比べた市区町村", "団体", "count"),
        Column("estimate", "推定値"),
        Column("interval", "95%区間"),
        Column("p_value", "p値", "", "number", 3),
        Column("detectable", "見つけられる最小の効果"),
        Column("without_it", "これを除いた推定値"),
        Column("note", "備考"),
    )
    return Finding(
        finding_id=finding_id,
        title="契約の実績に見る導入の効果",
        headline=headline,
        table=pd.DataFrame(rows, columns=[column.name for column in columns]),
        columns=columns,
        source_ids=source_ids,
        caveats=(
            SELECTION,
            *(_matched_caveats(first, effect) if effect is not None else ()),
            *(
                (
                    f"主に見る結果は、データを見る前に{outcome.label}と定めた。"
                    "ほかの結果のp値は、数の多さを補正した（Holm法）。",
                )
                if others
                else ()
            ),
        ),
        chart=None
        if effect is None
        else draw(
            lambda: plot_matched_effect(effect, outcome, _names(first)),
            f"線と帯の図。{headline}",
        ),
        definitions=(_EFFECT, _EXCHANGE) if effect is not None else (),
        certainty="" if effect is None else _matched_certainty(first, effect),
        method="似た市区町村と組にした、群と時点ごとの差の差。組の中で導入を入れ替える検定",
    )


def _amount(value: float, outcome: Outcome) -> str:
    """Word an effect in the outcome's unit; one on a log as a change in percent."""
    if not np.isfinite(value):
        return MISSING
    shown = float(np.expm1(value)) * 100.0 if outcome.is_log else value
    decimals = 1 if outcome.is_log else 0 if outcome.unit == "円" else 2
    return f"{signed_words(shown, decimals)}{outcome.unit}"


def _detectable(effect: MatchedEffect, outcome: Outcome) -> str:
    """Word the smallest fall and rise that would be found."""
    size = effect.minimum_detectable_effect
    if not np.isfinite(size):
        return "定まらない"
    return f"{_amount(-size, outcome)}または{_amount(size, outcome)}"


def _interval(effect: MatchedEffect, outcome: Outcome) -> str:
    if not np.isfinite([effect.low, effect.high]).all():
        return "定まらない"
    return f"{_amount(effect.low, outcome)}〜{_amount(effect.high, outcome)}"


def _names(found: ContractEffect) -> dict[str, str]:
    return dict(zip(found.adopters["municipality_code"], found.adopters["area_name"], strict=True))


def _matched_headline(found: ContractEffect, effect: MatchedEffect) -> str:
    outcome, names, count = found.outcome, _names(found), len(effect.adopters)
    adopters = "、".join(
        f"{names[row['unit']]}{row['adopted']}年度" for row in effect.adopters.to_dict("records")
    )
    verdict = (
        "偶然だけでは起こりにくい変化であるが、導入の件数は少ない"
        if effect.p_value < 1.0 - effect.confidence
        else "効果があったともなかったともいえない"
    )
    return (
        f"開始の年度と導入前の値が分かる{count}市区町村（{adopters}）の{outcome.label}は、"
        f"似た市区町村に比べ、導入後に平均{_amount(effect.estimate, outcome)}"
        f"（95%区間 {_interval(effect, outcome)}、p値{effect.p_value:.2f}）動いた。"
        "80%の確率で見つけられる最小の効果は"
        f"{_detectable(effect, outcome)}で、{verdict}。"
    )


def _other_words(found: ContractEffect) -> str:
    effect = found.effect
    if effect is None:
        return ""
    return (
        f"{found.outcome.label}は{len(effect.adopters)}市区町村で平均"
        f"{_amount(effect.estimate, found.outcome)}（95%区間 {_interval(effect, found.outcome)}、"
        f"補正したp値{found.holm_p_value:.2f}）である。"
    )


def _effect_rows(found: ContractEffect) -> list[dict[str, object]]:
    """One row for the average, and one for each adopter."""
    outcome, effect = found.outcome, found.effect
    if effect is None:
        return [{"label": outcome.label, "name": "全体", "note": found.reason}]
    names = _names(found)
    unused = "、".join(f"{names[code]}は{why}ため除いた" for code, why in effect.unused.items())
    head = {
        "label": outcome.label,
        "name": f"{len(effect.adopters)}市区町村の平均",
        "compared_count": effect.adopters["compared_count"].sum(),
        "estimate": _amount(effect.estimate, outcome),
        "interval": _interval(effect, outcome),
        "p_value": effect.p_value if found.is_primary else found.holm_p_value,
        "detectable": _detectable(effect, outcome),
        "note": f"{unused}。" if unused else "",
    }
    return [
        head,
        *(
            {
                "label": outcome.label,
                "name": f"{names[row['unit']]}（{row['adopted']}）",
                "years_after": row["years_after"],
                "compared_count": row["compared_count"],
                "estimate": _amount(row["estimate"], outcome),
                "p_value": row["rank"] / (row["compared_count"] + 1),
                "without_it": _amount(row["without_it"], outcome),
            }
            for row in effect.adopters.to_dict("records")
        ),
    ]


def _matched_caveats(found: ContractEffect, effect: MatchedEffect) -> tuple[str, ...]:
    left = effect.adopters["without_it"].dropna()
    words = [
        f"導入は{len(effect.adopters)}件と少なく、公表されるほどの先行事例が選ばれている。"
        "契約の対象区域が市区町村の一部にとどまるものもある。",
        "それぞれの導入に、人口・面積・道路延長・財政力の似た市区町村（多くは20）を組にして比べた。",
    ]
    if len(left):
        words.append(
            f"1市区町村ずつ除くと、推定値は{_amount(left.min(), found.outcome)}〜"
            f"{_amount(left.max(), found.outcome)}の間で動く。"
        )
    if effect.unused:
        names = _names(found)
        told = "、".join(f"{names[code]}（{why}）" for code, why in effect.unused.items())
        words.append(f"使えない導入: {told}。")
    return tuple(words)


def _matched_certainty(found: ContractEffect, effect: MatchedEffect) -> str:
    before = (
        f"導入前の動きに差がないという検定のp値は{effect.pre_trend_p_value:.2f}である。"
        if np.isfinite(effect.pre_trend_p_value)
        else "導入前の動きは、年度が足りず確かめられない。"
    )
    return (
        f"導入{len(effect.adopters)}件。p値と区間は、組の中で導入を入れ替えた"
        f"{effect.assignment_count:,}通りとの比較による。図の帯はすべての年数について同時に95%である。"
        f"{before}棄却されないことは、動きが同じだった証拠ではない。"
    )
