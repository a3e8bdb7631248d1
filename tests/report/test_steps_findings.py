"""What the steps notebook words: nothing filed, something filed."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import find_area, list_areas
from gunmane_analysis.findings import Finding
from gunmane_analysis.findings.people import (
    municipal_participation_finding,
    not_joined_finding,
    registers_finding,
    step_standing_finding,
    steps_by_area_finding,
)
from gunmane_analysis.loaders.tables import (
    load_participation,
    load_register_status,
    load_standard_steps,
    load_step_positions,
)
from gunmane_analysis.metrics.funnel.kpi import participation_rates
from gunmane_analysis.metrics.people.participation import not_joined, participation_by_area
from gunmane_analysis.metrics.people.steps import step_standing, steps_by_area


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
            participation_by_area(rows, areas, 2024), printed, area
        )
        if expected is None:
            assert finding.placement == "absent"
        else:
            assert expected in finding.headline
            assert "公表の全国78%" in finding.headline
            assert finding.chart is not None
            assert set(finding.table["area_id"]) == {
                "tohoku", "japan", "02", "03", "04", "05", "06", "07",
            }  # fmt: skip


def test_missing_registers_are_listed_with_the_name_of_their_form() -> None:
    status = load_register_status().assign(is_filed=False, row_count=0)
    listed = {}
    for theme in ("steps", "participation", "groups", "matching", "seeds"):
        finding = registers_finding(status, theme)
        assert finding.finding_id.startswith(theme)
        listed[theme] = finding.table["source_id"].tolist()
        assert "source_id" not in {column.name for column in finding.columns}
        assert "gunmane" not in "".join(finding.caveats)
        assert registers_finding(status.assign(is_filed=True), theme).placement == "absent"
    assert listed["matching"] == ["advisors", "support_requests"]
    assert sum(map(len, listed.values())) == len(status) == 9


def positions_of(
    *rows: tuple[str, int, str, str | None], remark: str | None = None
) -> pd.DataFrame:
    names = ["municipality_code", "step_no", "entered_on", "obstacle"]
    return pd.DataFrame(rows, columns=names).assign(
        as_of_on="2025-03-01", remark=pd.Series([remark] * len(rows), dtype="str")
    )


def test_what_stops_municipalities_is_told_block_by_block() -> None:
    positions = positions_of(
        ("05201", 0, "2024-04-01", None),
        ("05201", 1, "2024-10-01", "budget"),
        ("02201", 1, "2024-04-01", "budget"),
        ("04100", 0, "2024-04-01", "staff"),
        ("34100", 0, "2024-04-01", "staff"),
    )
    by_area = steps_by_area(positions, find_area("japan"), 2024)
    assert len(by_area) == 10
    tohoku = by_area.set_index("area_name").loc["東北"]
    named = ["municipality_total", "reported_count", "started_count", "held_count"]
    assert tohoku[named].tolist() == [227, 3, 2, 3]
    assert tohoku[["obstacle", "obstacle_count"]].tolist() == ["budget", 2]
    assert tohoku["median_days"] == 183.0  # one of two stays in STEP 0 ended, after 183 days
    standing = step_standing(load_standard_steps(), positions, find_area("japan"), 2024)
    finding = steps_by_area_finding(by_area, standing)
    assert "進まない理由の届いた2では" in finding.headline
    assert steps_by_area(positions, find_area("05"), 2024).empty
    assert steps_by_area(positions.iloc[:0], find_area("japan"), 2024).empty


def test_a_made_up_register_is_marked_where_it_is_shown() -> None:
    positions = positions_of(("05201", 0, "2024-04-01", None), remark="合成データ")
    standing = step_standing(load_standard_steps(), positions, find_area("05"), 2024)
    finding = step_standing_finding(standing)
    assert finding.status_label == "合成データ"
    assert finding.summary.startswith("合成データでは")
    elsewhere = step_standing(load_standard_steps(), positions, find_area("06"), 2024)
    assert step_standing_finding(elsewhere).status_label == ""


def test_who_has_not_joined_is_named_in_a_prefecture_and_counted_above() -> None:
    register = pd.DataFrame(
        {
            "municipality_code": ["05202", "05204", "02201", "05201"],
            "programme": "mayors_conference",
            "is_member": [False, False, False, True],
            "as_of_on": "2024-05-01",
        }
    )
    technicians = pd.DataFrame(
        {
            "municipality_code": register["municipality_code"],
            "technician_count": [0.0, 6.0, 5.0, 0.0],
        }
    )

    def told(area_id: str) -> Finding:
        area = find_area(area_id)
        finding = not_joined_finding(not_joined(register, technicians, area, 2024), area)
        return finding

    assert told("05").table["municipality_name"].tolist() == ["能代市"]  # 6 is not few
    above = told("tohoku").table
    assert above["area_name"].tolist() == ["青森県", "秋田県"]
    assert above["none_count"].tolist() == [0, 1]
    assert told("japan").table["municipality_count"].tolist() == [2]
    assert told("japan").source_ids == ("municipal_participation",)  # no staff survey is filed
