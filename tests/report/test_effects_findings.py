"""The finding on an effect says how many adopted, and never shows what is not known."""

from __future__ import annotations

from gunmane_analysis.findings.contracts import bundling_effect_finding
from gunmane_analysis.metrics.effects.bundling import bundling_effect
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


def test_what_has_no_p_value_does_not_print_one() -> None:
    made = simulate_adoption(units=40, adopters=2, seed=1).panel.drop(index=[3])
    effect = bundling_effect(made, **NAMES, unbalanced="all")
    finding = bundling_effect_finding(effect, outcome="指標", unit="点")
    assert "p値は求められない" in finding.certainty
    assert "nan" not in finding.headline + finding.certainty + "".join(finding.caveats)
