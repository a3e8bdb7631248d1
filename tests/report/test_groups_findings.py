"""What the groups notebook words: nothing filed, a prefecture filed, a block."""

from __future__ import annotations

import pandas as pd
import pytest

from gunmane_analysis.areas import children, find_area
from gunmane_analysis.loaders.groups import load_group_thresholds
from gunmane_analysis.metrics.group_question import AreaGroups, area_groups
from gunmane_analysis.report.findings.groups import area_groups_finding

CODES = [area.area_id for area in children(find_area("18"))]
CHAIN = pd.DataFrame({"municipality_code": CODES[:-1], "neighbour_municipality_code": CODES[1:]})


def units(technicians: float | None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "municipality_code": CODES,
            "fiscal_year": 2024,
            "technician_count": [technicians] * len(CODES),
            "general_staff_count": [100.0] * len(CODES),
            "civil_engineering_expenditure_jpy": [1e9] * len(CODES),
            "population_count": [10_000.0] * len(CODES),
            "fiscal_index": [0.5] * len(CODES),
        }
    ).astype({"technician_count": "float64"})


def asked(table: pd.DataFrame, area_id: str, adjacency: pd.DataFrame = CHAIN) -> AreaGroups:
    return area_groups(table, adjacency, find_area(area_id), 2024, load_group_thresholds(2024))


def test_a_chain_of_17_with_5_technicians_each_makes_8_groups() -> None:
    # threshold 10 needs two neighbours: 17 // 2 = 8 groups, one of them of three
    finding = area_groups_finding(asked(units(5.0), "18"), CHAIN)
    assert finding.headline.startswith(
        "福井県の17市区町村は、技術系職員を10人以上とする8の群の候補に"
    )
    assert sorted(finding.table["municipality_count"]) == [2] * 7 + [3]
    assert any("例示" in caveat for caveat in finding.caveats)
    assert finding.chart is not None


def test_general_staff_stand_in_only_where_technicians_are_not_filed_and_are_named() -> None:
    found = asked(units(None), "18201")
    assert found.measure == "general_staff_count"
    assert "土木部門職員ではない" in area_groups_finding(found, CHAIN).headline


@pytest.mark.parametrize(
    ("table", "area_id", "obstacle"),
    [
        (units(5.0).iloc[:0], "18", "not_filed"),
        (units(5.0).iloc[:0], "japan", "not_filed"),
        (units(5.0), "hokuriku", "too_large"),
        (units(5.0).assign(fiscal_year=2030), "18", "not_filed"),
        (units(0.1), "18", "below"),
    ],
)
def test_what_is_missing_is_said(table: pd.DataFrame, area_id: str, obstacle: str) -> None:
    found = asked(table, area_id)
    assert found.obstacle == obstacle
    finding = area_groups_finding(found, CHAIN)
    assert find_area(area_id).name in finding.headline
    assert finding.key_figures == ()
