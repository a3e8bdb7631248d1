"""Findings on effects from data: the estimate with what it rests on, never with stars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from gunmane_analysis.areas import AreaLike, find_area
from gunmane_analysis.charts.effects import plot_event_study, plot_matched_effect
from gunmane_analysis.findings.described import absent_finding, described_finding, sentence
from gunmane_analysis.findings.finding import Finding
from gunmane_analysis.metrics.contracts.effects import ContractEffect, Outcome
from gunmane_analysis.metrics.effects.bundling import SELECTION, BundlingEffect
from gunmane_analysis.tables.description import marked_rows
from gunmane_analysis.wording import MISSING, signed_words


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
    shown = f"{outcome}（{unit}）、縦線は{effect.confidence:.0%}の区間"
    return described_finding(
        "contracts.effect",
        effect.by_event_time,
        words=_estimate_words(effect, outcome, unit),
        caveats=effect.warnings,
        plot=lambda: plot_event_study(effect, shown),
        is_synthetic=is_synthetic or effect.is_synthetic,
    )


def _estimate_words(effect: BundlingEffect, outcome: str, unit: str) -> dict[str, object]:
    """Return the words of an estimate; with few adopters what the placebos say comes first."""
    placebo, is_tested = effect.placebo, effect.interval_kind == "placebo"
    words: dict[str, object] = {
        "effect": effect,
        "outcome": outcome,
        "unit": unit,
        "compared": None if is_tested else effect.control,
        "placebo": placebo,
        "way": "全" if placebo is not None and placebo.is_exact else "無作為の",
        "verdict": _verdict(1.0 if placebo is None else placebo.p_value, effect.confidence),
    }
    for name in ("interval", "tested"):
        words[name] = sentence("contracts.effect", name, **words)
    return words


def _verdict(p_value: float, confidence: float) -> str:
    name = "unlikely_by_chance" if p_value < 1.0 - confidence else "undecided"
    return sentence("contracts.effect", name)


def effect_sentence(effects: Sequence[ContractEffect]) -> str:
    """Say in one sentence what is known of the effect on 土木費; empty where nothing is.

    Parameters
    ----------
    effects : sequence of ContractEffect
        From :func:`gunmane_analysis.metrics.contracts.effects.expenditure_effect`.
    """
    first = next((each for each in effects if each.effect is not None), None)
    if first is None:
        return ""
    return sentence("contracts.expenditure_effect", "in_short", **_matched_words(first))


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
    return _effects_finding(effects, "contracts.expenditure_effect")


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
    headline = sentence(finding_id, "not_here" if is_filed else "not_filed", area=area.name)
    return described_finding(
        finding_id, pd.DataFrame(), headline, columns=(), is_empty=True, caveats=["file_outcomes"]
    )


def _effects_finding(effects: Sequence[ContractEffect], finding_id: str, **fields: Any) -> Finding:
    """Word the first effect in full; the others, and each adopter, are rows of the table."""
    first = next((each for each in effects if each.effect is not None), effects[0])
    effect, outcome, words = first.effect, first.outcome, _matched_words(first)
    words |= dict.fromkeys(("other", "primary", "more_count"))
    others = [each for each in effects if each is not first and each.effect is not None]
    if others:
        other = sentence(finding_id, "other", **_matched_words(others[0]))
        words |= {"other": other, "primary": outcome.label, "more_count": len(others) - 1 or None}
    if effect is not None:
        names = _names(first)
        fields["plot"] = lambda: plot_matched_effect(effect, outcome, names)
    return described_finding(
        finding_id,
        pd.concat([_effect_rows(each) for each in effects], ignore_index=True),
        words=words,
        caveats=[SELECTION] if effect is None else (),
        is_empty=effect is None,
        is_synthetic=bool(marked_rows(first.adopters).any()),
        **fields,
    )


def _amount(value: float, outcome: Outcome) -> str | None:
    """Word an effect in the outcome's unit; one on a log as a change in percent."""
    if not np.isfinite(value):
        return None
    shown = float(np.expm1(value)) * 100.0 if outcome.is_log else value
    decimals = 1 if outcome.is_log else 0 if outcome.unit == "円" else 2
    return f"{signed_words(shown, decimals)}{outcome.unit}"


def _range(low: float, high: float, outcome: Outcome, joined_by: str = "〜") -> str:
    ends = (_amount(low, outcome), _amount(high, outcome))
    return joined_by.join(end for end in ends if end) if all(ends) else "定まらない"


def _names(found: ContractEffect) -> dict[str, str]:
    return dict(zip(found.adopters["municipality_code"], found.adopters["area_name"], strict=True))


def _matched_words(found: ContractEffect) -> dict[str, Any]:
    """Return what the sentences name, the figures in the outcome's unit; None without an effect."""
    effect, outcome = found.effect, found.outcome
    if effect is None:
        return {"outcome": outcome, "reason": found.reason, "adopter_count": None}
    names, size = _names(found), effect.minimum_detectable_effect
    adopters, left = effect.adopters, effect.adopters["without_it"].dropna()
    return {
        "outcome": outcome,
        "effect": effect,
        "selection": SELECTION,
        "adopter_count": len(adopters),
        "adopters": [
            f"{names[code]}{year}年度"
            for code, year in zip(adopters["unit"], adopters["adopted"], strict=True)
        ],
        "estimate": _amount(effect.estimate, outcome) or MISSING,
        "interval": _range(effect.low, effect.high, outcome),
        "p_value": effect.p_value if found.is_primary else found.holm_p_value,
        "detectable": _range(-size, size, outcome, "または"),
        "verdict": _verdict(effect.p_value, effect.confidence),
        "without_one": _range(left.min(), left.max(), outcome) if len(left) else None,
        "unused": [f"{names[code]}（{why}）" for code, why in effect.unused.items()],
        "before": sentence(
            "contracts.expenditure_effect", "before", p_value=effect.pre_trend_p_value
        ),
    }


def _effect_rows(found: ContractEffect) -> pd.DataFrame:
    """One row for the average, and one for each adopter."""
    outcome, effect = found.outcome, found.effect
    if effect is None:
        return pd.DataFrame([{"label": outcome.label, "name": "全体", "note": found.reason}])
    names, words, adopters = _names(found), _matched_words(found), effect.adopters
    left_out = [f"{names[code]}は{why}ため除いた" for code, why in effect.unused.items()]
    average = {
        "name": f"{len(adopters)}市区町村の平均",
        "compared_count": adopters["compared_count"].sum(),
        **{name: words[name] for name in ("estimate", "interval", "p_value", "detectable")},
        "note": f"{'、'.join(left_out)}。" if left_out else "",
    }
    each = adopters.assign(
        name=adopters["unit"].map(names) + "（" + adopters["adopted"].astype("str") + "）",
        estimate=adopters["estimate"].map(lambda value: _amount(value, outcome)),
        p_value=adopters["rank"] / (adopters["compared_count"] + 1),
        without_it=adopters["without_it"].map(lambda value: _amount(value, outcome)),
    )
    return pd.concat([pd.DataFrame([average]), each]).assign(label=outcome.label)
