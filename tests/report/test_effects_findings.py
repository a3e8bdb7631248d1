"""The finding on an effect says how many adopted, and never shows what is not known."""

from __future__ import annotations

import math

import pandas as pd

from gunmane_analysis.findings.effects import bundling_effect_finding
from gunmane_analysis.metrics.effects.bundling import bundling_effect
from gunmane_analysis.metrics.effects.checks import effect_checks
from gunmane_analysis.metrics.effects.simulation import simulate_adoption

NAMES = {
    "outcome": "outcome",
    "unit": "unit",
    "time": "fiscal_year",
    "adopted": "adopted_fiscal_year",
}


def test_a_synthetic_effect_is_marked_and_worded_with_its_adopters() -> None:
    made = simulate_adoption(effect=-5.0, seed=1)
    effect = bundling_effect(made.panel, **NAMES)
    finding = bundling_effect_finding(effect, outcome="指標", unit="点", is_synthetic=True)
    assert finding.status_label == "合成データ"
    assert finding.headline.startswith("合成データでは、指標は、導入した20件で")
    assert f"△{-effect.overall.estimate:,.2f}点" in finding.headline
    assert len(finding.rows()) == len(effect.by_event_time)
    assert "*" not in finding.headline


def test_a_single_adopter_has_its_warning_first_and_no_interval() -> None:
    made = simulate_adoption(units=6, adopters=1, seed=1)
    effect = bundling_effect(made.panel, **NAMES)
    finding = bundling_effect_finding(effect, outcome="指標", unit="点")
    assert "区間は定まらない" in finding.headline
    assert "1件しかない" in finding.caveats[0]
    assert finding.to_record()["rows"]


def test_other_methods_and_each_adopter_left_out_stand_beside_the_effect_by_hand() -> None:
    # a falls by 5 and b rises by 1 in the year they adopt; c does not move, d rises by 2.
    changes = {"a": -5.0, "b": 1.0, "c": 0.0, "d": 2.0}
    panel = pd.DataFrame(
        {
            "unit": [town for town in changes for _ in range(2)],
            "fiscal_year": [2020, 2021] * 4,
            "outcome": [value for change in changes.values() for value in (10.0, 10.0 + change)],
            "adopted_fiscal_year": [2021.0] * 4 + [math.nan] * 4,
        }
    )
    effect = bundling_effect(panel, **NAMES)
    finding = bundling_effect_finding(
        effect, outcome="指標", unit="点", checks=effect_checks(effect)
    )
    # -2 against 1; without a 1 against 1, without b -5 against 1. With one time before and
    # one after, all three methods are the same difference of differences.
    methods, left_out = finding.caveats[-2:]
    assert methods.count("△3.00点") == 3
    assert "△6.00〜+0.00点" in left_out
    assert "どれほど大きな効果も判定できない" in finding.headline


def test_what_has_no_p_value_does_not_print_one() -> None:
    made = simulate_adoption(units=40, adopters=2, seed=1).panel.drop(index=[3])
    effect = bundling_effect(made, **NAMES, unbalanced="all")
    finding = bundling_effect_finding(effect, outcome="指標", unit="点")
    assert "p値は求められない" in finding.certainty
    assert "nan" not in finding.headline + finding.certainty + "".join(finding.caveats)
