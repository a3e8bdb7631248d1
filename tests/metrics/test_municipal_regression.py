"""Staff against population and 土木費: a known elasticity, a renamed town, what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gunmane_analysis.areas import find_area, list_areas
from gunmane_analysis.findings.profile import staff_regression_finding
from gunmane_analysis.metrics.staffing.panel import staff_regression
from gunmane_analysis.tables import empty_table

CODES = [area.area_id for area in list_areas("municipality")][::8]
YEARS = (2021, 2022, 2024)


def tables(noise: float = 0.0, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """合成データ: staff = level x population^0.6 x 土木費^0.1 x shock of the year."""
    random = np.random.default_rng(seed)
    rows = pd.DataFrame(
        [(code, year) for code in CODES for year in YEARS],
        columns=["municipality_code", "fiscal_year"],
    )
    size = np.repeat(random.normal(10, 1, len(CODES)), len(YEARS))
    rows["population_count"] = np.exp(size + random.normal(0, 0.05, len(rows)))
    rows["civil_engineering_expenditure_jpy"] = np.exp(20 + random.normal(0, 0.3, len(rows)))
    rows["general_staff_count"] = np.exp(
        np.repeat(random.normal(0, 1, len(CODES)), len(YEARS))
        + 0.6 * np.log(rows["population_count"])
        + 0.1 * np.log(rows["civil_engineering_expenditure_jpy"])
        + 0.01 * (rows["fiscal_year"] - 2021)
        + random.normal(0, noise, len(rows))
    )
    indicators = empty_table("municipal_indicators").reindex(range(len(rows)))
    panel = empty_table("municipal_panel").reindex(range(len(rows)))
    kept = ["municipality_code", "fiscal_year"]
    return (
        indicators.assign(**rows[[*kept, "general_staff_count"]]),
        panel.assign(**rows.drop(columns="general_staff_count")),
    )


def test_the_elasticities_put_into_the_data_come_out() -> None:
    found = staff_regression(*tables(), find_area("japan"), 2024)
    assert found
    assert found.result.coefficients["estimate"].tolist() == pytest.approx([0.6, 0.1])
    assert (found.result.unit_count, found.years) == (len(CODES), YEARS)


def test_the_page_says_that_these_are_not_civil_engineering_staff() -> None:
    japan = find_area("japan")
    finding = staff_regression_finding(staff_regression(*tables(0.02), japan, 2024), japan)
    assert "土木部門職員数ではない" in finding.title
    assert "土木部門職員数ではない" in finding.headline
    assert any("示さない" in caveat for caveat in finding.caveats)


def test_a_renamed_town_is_one_unit_under_its_code_of_today() -> None:
    indicators, panel = tables()
    old = indicators["municipality_code"].eq(CODES[1]) & indicators["fiscal_year"].eq(2021)
    # 富谷町 (04423) became 富谷市 (04216): give one unit's first year the old code
    indicators = indicators.replace({"municipality_code": {CODES[1]: "04216"}})
    panel = panel.replace({"municipality_code": {CODES[1]: "04216"}})
    indicators.loc[old, "municipality_code"] = "04423"
    found = staff_regression(indicators, panel, find_area("japan"), 2024)
    assert found
    assert found.result.observation_count == len(CODES) * len(YEARS)
    assert found.dropped_count == 0


def test_a_year_missing_in_one_table_is_not_used_and_one_year_is_refused() -> None:
    indicators, panel = tables()
    found = staff_regression(indicators, panel, find_area("japan"), 2022)
    assert found and found.years == (2021, 2022)
    single = staff_regression(indicators, panel, find_area("japan"), 2021)
    assert not single
    finding = staff_regression_finding(single, find_area("japan"))
    assert "2つ以上" in finding.headline
    assert not staff_regression(indicators, panel, find_area("05"), 2024)


def test_the_clustered_interval_covers_the_truth_in_95_of_100() -> None:
    # Monte Carlo error of a coverage of 95 % in 200 runs: 1.5 points; three of them allowed
    runs, covered = 200, 0
    for seed in range(runs):
        found = staff_regression(*tables(0.05, seed), find_area("japan"), 2024)
        assert found
        row = found.result.coefficients.iloc[0]
        covered += row["low"] <= 0.6 <= row["high"]
    assert abs(covered / runs - 0.95) < 3 * np.sqrt(0.95 * 0.05 / runs)
