"""The last known size of a municipality, worked by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from gunmane_analysis.areas import find_area
from gunmane_analysis.findings.contracts import nearest_cases_finding
from gunmane_analysis.loaders.tables import load_contract_cases
from gunmane_analysis.metrics.contracts.cases import nearest_cases
from gunmane_analysis.metrics.position.context import municipal_sizes
from gunmane_analysis.tables import empty_table

POPULATION = pd.DataFrame(
    {
        "municipality_code": ["05203", "05203"],
        "as_of_on": ["2022-01-01", "2026-01-01"],
        "population_count": [86_000.0, 80_000.0],
    }
)
PANEL = pd.DataFrame(
    {
        "municipality_code": ["05203", "05201"],
        "fiscal_year": [2021, 2023],
        "population_count": [86_001.0, 300_000.0],
    }
)
STAFFING = pd.DataFrame(
    {
        "municipality_code": ["05203", "05203"],
        "fiscal_year": [2023, 2025],
        "civil_staff_count": [60.0, 61.0],
    }
)


def test_the_last_figure_by_then_counts_and_the_register_goes_before_the_panel() -> None:
    sizes = municipal_sizes(POPULATION, PANEL, empty_table("municipal_indicators"), STAFFING, 2024)
    rows = sizes.set_index("municipality_code")
    # 1 January 2022 stands in the register and, as that of fiscal 2021, in the panel
    assert rows.loc["05203", "population_count"] == 86_000
    assert rows.loc["05203", "population_source_id"] == "mic_population"
    assert rows.loc["05203", "civil_staff_count"] == 60
    assert rows.loc["05201", "population_as_of_on"] == "2024-01-01"


def test_cases_are_ordered_by_the_filed_population_and_the_page_says_of_which_day() -> None:
    sizes = municipal_sizes(
        POPULATION,
        PANEL,
        empty_table("municipal_indicators"),
        empty_table("municipal_staffing"),
        2024,
    )
    near = nearest_cases(load_contract_cases(), find_area("05203"), 2024, sizes)
    # 大館 has 67,000 residents as printed: 67 / 86 of the filed 86,000
    odate = near.cases.set_index("case_id").loc["odate"]
    assert odate["population_ratio"] == pytest.approx(67 / 86)
    finding = nearest_cases_finding(near)
    assert finding.source_ids == ("contract_cases", "municipal_series")
    assert any("人口は2022-01-01現在" in caveat for caveat in finding.caveats)
    assert any("土木部門職員数は登録されていない" in caveat for caveat in finding.caveats)


def test_nothing_filed_gives_no_size_and_no_distance() -> None:
    sizes = municipal_sizes(
        empty_table("municipal_population"),
        empty_table("municipal_panel"),
        empty_table("municipal_indicators"),
        empty_table("municipal_staffing"),
        2024,
    )
    assert sizes.empty
    assert not nearest_cases(load_contract_cases(), find_area("05203"), 2024, sizes).has_distance
