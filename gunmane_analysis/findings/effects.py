"""Findings on effects from data: the estimate with what it rests on, never with stars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from gunmane_analysis.areas import AreaLike, find_area
from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.effects import plot_event_study, plot_matched_effect
from gunmane_analysis.findings.described import absent_finding, defined, described_finding
from gunmane_analysis.findings.finding import Finding, mark_synthetic
from gunmane_analysis.metrics.contracts.effects import ContractEffect, Outcome
from gunmane_analysis.metrics.effects.bundling import SELECTION, BundlingEffect
from gunmane_analysis.metrics.effects.matched import MatchedEffect
from gunmane_analysis.wording import MISSING, signed_words

_METHODS = {
    "callaway_santanna": "Callaway・Sant'Anna（2021）",
    "sun_abraham": "Sun・Abraham（2021）",
    "imputation": "Borusyak・Jaravel・Spiess（2024）",
}

_EFFECT_COLUMNS = ["label", "name", "years_after", "compared_count", "estimate", "interval"]
_EFFECT_COLUMNS += ["p_value", "detectable", "without_it", "note"]


def bundling_effect_finding(
    effect: BundlingEffect, *, outcome: str, unit: str, is_synthetic: bool = False
) -> Finding:
    """Word an effect with its interval, its adopters and its warnings.

    Parameters
    ----------
    effect : BundlingEffect
    outcome, unit : str
        What was measured and in what, in Japanese; for money, say the denominator, the tax
        and the price base in ``outcome``.
    is_synthetic : bool
        Mark the finding 合成データ.

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
    headline = _headline(effect, outcome, unit)
    p_value = (
        f"効果がない場合にこれ以上の差が出る確率（p値）は{effect.p_value:.3f}。"
        if np.isfinite(effect.p_value)
        else "p値は求められない。"
    )
    shown = f"{outcome}（{unit}）、縦線は{effect.confidence:.0%}の区間"
    finding = described_finding(
        "contracts.effect",
        effect.by_event_time,
        headline,
        words={"outcome": outcome, "unit": unit},
        caveats=effect.warnings,
        chart=draw(lambda: plot_event_study(effect, shown), f"点と区間の図。{headline}"),
        certainty=f"単位{effect.unit_count}件（うち導入{effect.adopter_count}件）、"
        f"{effect.time_count}時点。{p_value}",
        method=f"{_METHODS[effect.method]}による差の差推定",
    )
    return mark_synthetic(finding) if is_synthetic else finding


def _headline(effect: BundlingEffect, outcome: str, unit: str) -> str:
    """Word the estimate; with few adopters what the placebos say comes first."""
    overall, placebo, level = effect.overall, effect.placebo, f"{effect.confidence:.0%}"
    low, high = (f"{signed_words(end, 2)}" for end in (overall.low, overall.high))
    interval = (
        f"（{level}の区間 {low}〜{high}{unit}）"
        if np.isfinite([overall.low, overall.high]).all()
        else f"（件数が少なく、{level}の区間は定まらない）"
    )
    estimate = f"{signed_words(overall.estimate, 2)}{unit}"
    if effect.interval_kind == "standard_error":
        compared = "導入していない" if effect.control == "never" else "まだ導入していない"
        return (
            f"{outcome}は、導入した{effect.adopter_count}件で、{compared}単位に比べて平均"
            f"{estimate}変わったと推定される{interval}。"
        )
    if placebo is None:
        tested = "時点がそろわず、入れ替えの検定ができない。"
    else:
        smallest = placebo.minimum_detectable_effect
        way = "全" if placebo.is_exact else "無作為の"
        tested = (
            f"導入した{effect.adopter_count}件を入れ替えた{way}"
            f"{placebo.assignment_count:,}通りと比べたp値は{placebo.p_value:.3f}、"
        ) + (
            f"80%の確率で見つけられる最小の効果は{smallest:,.2f}{unit}である。"
            if np.isfinite(smallest)
            else "割り当てが少なく、どれほど大きな効果も判定できない。"
        )
    p_value = 1.0 if placebo is None else placebo.p_value
    verdict = _verdict(p_value, effect.confidence, "変化であるが、比べられる件数が少ない")
    return f"{outcome}について、{tested}推定値は{estimate}{interval}で、{verdict}。"


def _verdict(p_value: float, confidence: float, but: str) -> str:
    if p_value < 1.0 - confidence:
        return f"偶然だけでは起こりにくい{but}"
    return "効果があったともなかったともいえない"


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
    verdict = _verdict(effect.p_value, effect.confidence, "動きであるが、件数は少ない")
    return (
        f"導入の前後を比べられる全国の{len(effect.adopters)}市区町村で、土木費は似た市区町村に比べ"
        f"平均{_amount(effect.estimate, outcome)}動いた。見つけられる最小の効果は"
        f"{_detectable(effect, outcome)}で、{verdict}。"
    )


def expenditure_effect_finding(effects: Sequence[ContractEffect]) -> Finding:
    """Word what 土木費 did after adoption, and what cannot be said; absent elsewhere.

    Parameters
    ----------
    effects : sequence of ContractEffect
        From :func:`gunmane_analysis.metrics.contracts.effects.expenditure_effect`.

    Examples
    --------
    >>> expenditure_effect_finding(()).placement
    'absent'
    """
    if not effects:
        return absent_finding("contracts.expenditure_effect")
    words = "土木費は契約の費用ではなく、建設や除雪などを含む決算額である。"
    return _effects_finding(effects, "contracts.expenditure_effect", words)


def outcome_effects_finding(
    effects: Sequence[ContractEffect], area: AreaLike, *, is_filed: bool
) -> Finding:
    """Word the effects on every filed outcome, or say what would have to be filed.

    Parameters
    ----------
    effects : sequence of ContractEffect
        From :func:`gunmane_analysis.metrics.contracts.effects.outcome_effects`.
    area : Area or str
    is_filed : bool
        Whether ``contract_outcomes`` has any row.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> outcome_effects_finding((), find_area("05"), is_filed=False).finding_id
    'contracts.outcome_effects'
    """
    area = find_area(area)
    finding_id = "contracts.outcome_effects"
    if effects:
        filed = ("contract_cases", "contract_outcomes")
        return _effects_finding(effects, finding_id, source_ids=filed)
    headline = (
        f"{area.name}には、契約の実績（contract_outcomes）と導入の年度がともに登録された"
        "市区町村がないため、導入の効果は全国の頁に示す。"
        if is_filed
        else "契約の実績（contract_outcomes）が登録されていないため、対応日数や直営作業時間が"
        "導入で変わったかは分からない。"
    )
    return described_finding(
        finding_id, pd.DataFrame(), headline, columns=(), is_empty=True, caveats=["file_outcomes"]
    )


def _effects_finding(
    effects: Sequence[ContractEffect], finding_id: str, closing: str = "", **fields: Any
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
    headline += closing
    rows = [row for each in effects for row in _effect_rows(each)]
    caveats = [SELECTION]
    if effect is not None:
        caveats += _matched_caveats(first, effect)
        fields |= {
            "chart": draw(
                lambda: plot_matched_effect(effect, outcome, _names(first)),
                f"線と帯の図。{headline}",
            ),
            "definitions": defined("difference_in_differences", "exchange_in_sets"),
            "certainty": _matched_certainty(first, effect),
        }
    if others:
        caveats.append(
            f"主に見る結果は、データを見る前に{outcome.label}と定めた。"
            "ほかの結果のp値は、数の多さを補正した（Holm法）。"
        )
    table = pd.DataFrame(rows, columns=_EFFECT_COLUMNS)
    return described_finding(finding_id, table, headline, caveats=caveats, **fields)


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
    verdict = _verdict(effect.p_value, effect.confidence, "変化であるが、導入の件数は少ない")
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


def _matched_caveats(found: ContractEffect, effect: MatchedEffect) -> list[str]:
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
    return words


def _matched_certainty(found: ContractEffect, effect: MatchedEffect) -> str:
    before = (
        f"導入前の動きに差がないという検定のp値は{effect.pre_trend_p_value:.2f}である。"
        if np.isfinite(effect.pre_trend_p_value)
        else "導入前の動きは、年度が足りず確かめられない。"
    )
    return (
        f"導入{len(effect.adopters)}件。p値と区間は、組の中で導入を入れ替えた"
        f"{effect.assignment_count:,}通りとの比較による。"
        "図の帯はすべての年数について同時に95%のものである（効果のない試算では94〜97%で0を含んだ）。"
        f"{before}棄却されないことは、動きが同じだった証拠ではない。"
    )
