"""Findings of the theme contracts: worded from the figures, and honest where there are none."""

from __future__ import annotations

import warnings

import pytest

from gunmane_analysis.areas import find_area
from gunmane_analysis.findings import Finding
from gunmane_analysis.findings.contracts import (
    bundle_kinds_finding,
    consultation_desks_finding,
    contract_cases_finding,
    contract_phases_finding,
    mowing_break_even_finding,
    nearest_cases_finding,
    stated_effects_finding,
)
from gunmane_analysis.findings.estimator import cost_comparison_finding
from gunmane_analysis.loaders.assumed import load_cost_illustration
from gunmane_analysis.loaders.tables import (
    load_bundle_kinds,
    load_consultation_desks,
    load_contract_cases,
    load_contract_phases,
    load_mowing_example,
    load_stated_effects,
)
from gunmane_analysis.metrics.contracts.cases import (
    bundle_kinds,
    contract_cases,
    contract_phases,
    mowing_break_even,
    nearest_cases,
    stated_effects,
)
from gunmane_analysis.metrics.contracts.estimator import cost_comparison
from gunmane_analysis.metrics.people.support import desks_of


def all_findings(area_id: str, fiscal_year: int) -> list[Finding]:
    area = find_area(area_id)
    cases = load_contract_cases()
    return [
        contract_cases_finding(contract_cases(cases, fiscal_year), area, fiscal_year),
        nearest_cases_finding(nearest_cases(cases, area, fiscal_year)),
        contract_phases_finding(
            contract_phases(load_contract_phases(), fiscal_year), area, fiscal_year
        ),
        stated_effects_finding(stated_effects(load_stated_effects(), fiscal_year), fiscal_year),
        bundle_kinds_finding(bundle_kinds(load_bundle_kinds(), cases, fiscal_year), fiscal_year),
        mowing_break_even_finding(
            mowing_break_even(load_mowing_example(), fiscal_year), fiscal_year
        ),
        cost_comparison_finding(cost_comparison(load_cost_illustration(fiscal_year))),
        consultation_desks_finding(desks_of(load_consultation_desks(), area), area),
    ]


@pytest.mark.parametrize("area_id", ["japan", "chubu", "shikoku", "05", "05204", "13101"])
def test_every_kind_of_area_has_all_findings(area_id: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a missing glyph is a warning
        found = all_findings(area_id, 2024)
    assert len({finding.finding_id for finding in found}) == 8
    for finding in found:
        assert finding.headline.endswith("。")
        assert finding.caveats
        assert Finding.from_record(finding.to_record()).rows() == finding.rows()


def test_the_cases_headline_has_the_four_printed_amounts() -> None:
    headline = all_findings("japan", 2024)[0].headline
    for amount in ("1.00億円", "3.16億円〜3.56億円", "2.26億円", "4,330万円"):
        assert amount in headline


def test_key_figure_counts_the_cases_of_area_block_and_nation() -> None:
    figure = all_findings("24", 2024)[0].key_figures[0]
    assert (figure.value, figure.block, figure.nation) == (2, 2, 4)
    own = all_findings("05204", 2024)[0].key_figures[0]
    assert (own.value, own.block, own.nation) == (1, 1, 4)


def test_a_block_without_cases_says_so() -> None:
    assert "先行事例がなく" in all_findings("kyushu", 2024)[1].headline


def test_a_municipality_without_figures_says_why_there_is_no_distance() -> None:
    assert any("登録されていない" in words for words in all_findings("13101", 2024)[1].caveats)


def test_an_early_year_says_that_nothing_was_known() -> None:
    for finding in all_findings("tohoku", 2019)[:6]:
        assert "2019年度の時点で知られていた" in finding.headline
        assert finding.rows() == []
        assert finding.chart is None


def test_statements_and_the_example_are_marked() -> None:
    found = {finding.finding_id: finding.status for finding in all_findings("japan", 2024)}
    assert found["contracts.stated_effects"] == "stated"
    assert found["contracts.cost_comparison"] == "illustrative"


def test_the_example_has_its_total_cash_and_hours() -> None:
    finding = all_findings("japan", 2024)[6]
    # 100 + 6,000 × 4,000 yen = 124 million; 106 + 3,600 × 4,000 yen = 120.4 million.
    assert "1.24億円から1.20億円へ（360万円の減少）" in finding.headline
    assert "現金の支出は600万円の増加" in finding.headline
    assert "2,400時間の縮減" in finding.headline
    assert "人件費単価は2,500円/時間" in finding.certainty
