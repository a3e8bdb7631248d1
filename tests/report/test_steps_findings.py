"""What the steps notebook words: nothing filed, something filed."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import find_area, list_areas
from gunmane_analysis.loaders.funnel import load_participation
from gunmane_analysis.loaders.registers import load_register_status
from gunmane_analysis.loaders.steps import load_standard_steps, load_step_positions
from gunmane_analysis.metrics.funnel_kpi import participation_rates
from gunmane_analysis.metrics.participation import not_joined, participation_by_area
from gunmane_analysis.metrics.steps import step_standing
from gunmane_analysis.report.findings.participation import municipal_participation_finding
from gunmane_analysis.report.findings.steps import registers_finding, step_standing_finding


def test_without_a_register_the_path_is_shown_and_nothing_is_counted() -> None:
    standing = step_standing(
        load_standard_steps(), load_step_positions().iloc[:0], find_area("tohoku"), 2024
    )
    finding = step_standing_finding(standing)
    assert "届いていない" in finding.headline
    assert [column.name for column in finding.columns] == ["step_no", "step_name", "tasks"]
    assert finding.key_figures == ()


def test_with_a_register_the_headline_counts_with_its_denominator() -> None:
    positions = pd.DataFrame(
        {
            "municipality_code": ["05201", "05202", "05203"],
            "step_no": [0, 0, 2],
            "entered_on": ["2024-04-01"] * 3,
            "as_of_on": ["2025-03-01"] * 3,
            "obstacle": pd.Series(["staff", None, None], dtype="str"),
            "remark": pd.Series([None] * 3, dtype="str"),
        }
    )
    finding = step_standing_finding(
        step_standing(load_standard_steps(), positions, find_area("05"), 2024)
    )
    assert finding.headline == (
        "秋田県の25市区町村のうち段階の分かる3では、STEP0「準備段階」が2と最も多く、"
        "STEP1以上は1（33.3%）である。"
    )
    assert "職員・時間の不足 1" in finding.caveats[-1]
    assert finding.chart is not None


def test_participation_is_silent_until_filed_and_then_beside_the_printed_share() -> None:
    area = find_area("tohoku")
    areas = [*area.lineage, *list_areas("prefecture")]
    codes = [place.area_id for place in list_areas("municipality")]
    register = pd.DataFrame(
        {
            "municipality_code": codes,
            "programme": "government_membership",
            "is_member": [code[:2] == "05" for code in codes],
            "joined_on": pd.Series([None] * len(codes), dtype="str"),
            "as_of_on": "2024-05-01",
        }
    )
    printed = participation_rates(load_participation(), 2024)
    for rows, expected in ((register.iloc[:0], None), (register, "227市区町村のうち25")):
        finding = municipal_participation_finding(
            participation_by_area(rows, areas, 2024),
            not_joined(rows, None, area, 2024),
            printed,
            area,
        )
        if expected is None:
            assert finding is None
        else:
            assert finding is not None
            assert expected in finding.headline
            assert "公表の全国78%" in finding.headline
            assert finding.chart is not None
            assert set(finding.table["area_id"]) == {
                "tohoku", "japan", "02", "03", "04", "05", "06", "07",
            }  # fmt: skip


def test_missing_registers_are_listed_with_the_name_of_their_form() -> None:
    status = load_register_status().assign(is_filed=False, row_count=0)
    finding = registers_finding(status)
    assert finding is not None
    assert "9件のうち9件" in finding.headline
    assert "advisors" in finding.table["source_id"].tolist()
    assert registers_finding(status.assign(is_filed=True)) is None
