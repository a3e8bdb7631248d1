"""metrics/panel.py: Grunfeld's published coefficients, pyfixest's errors, mergers."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.datasets import grunfeld

import gunmane_analysis
from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.staffing.panel import combine_merged, fixed_effects_regression


@pytest.fixture(scope="module")
def firms() -> pd.DataFrame:
    rows = grunfeld.load_pandas().data
    return rows[rows["firm"] != "American Steel"].reset_index(drop=True)


@pytest.fixture(scope="module")
def gappy(firms) -> pd.DataFrame:
    pairs = firms["firm"].astype("category").cat.codes // 2
    return firms.drop(index=[3, 50, 51, 77]).assign(pair=pairs)


def test_grunfeld_two_way_within(firms):
    # Ten firms, 1935-54: two-way fixed effects 0.118 and 0.358 (Baltagi 2008, chapter 3;
    # R plm, effect = "twoways": 0.117716 and 0.357916).
    result = fixed_effects_regression(firms, "invest", ["value", "capital"], "firm", "year")
    assert result.coefficients["estimate"].round(6).tolist() == [0.117716, 0.357916]
    assert (result.unit_count, result.year_count, result.observation_count) == (10, 20, 200)
    assert len(result.warnings) == 1


@pytest.mark.parametrize("cluster", ["firm", "pair"])
def test_unbalanced_panel_against_pyfixest(gappy, cluster):
    import pyfixest

    formula = "invest ~ value + capital | firm + year"
    other = pyfixest.feols(
        formula, gappy, vcov={"CRV1": cluster}, ssc=pyfixest.ssc(k_fixef="nonnested")
    )
    own = fixed_effects_regression(
        gappy, "invest", ["value", "capital"], "firm", "year", cluster
    ).coefficients
    assert own["estimate"].tolist() == pytest.approx(other.coef().tolist(), rel=1e-6)
    assert own["standard_error"].tolist() == pytest.approx(other.se().tolist(), rel=1e-6)
    assert own["p_value"].tolist() == pytest.approx(other.pvalue().tolist(), rel=1e-5)


def test_interval_holds_its_level_under_correlated_years():
    # 60 towns, ten years, deviations of a town hang together; the truth is 0.5.
    draw = np.random.default_rng(3)
    towns, years = np.repeat(np.arange(60), 10), np.tile(np.arange(10), 60)
    held = []
    for _ in range(120):
        x = np.cumsum(draw.normal(size=(60, 10)), axis=1).ravel()
        wander = np.cumsum(draw.normal(size=(60, 10)), axis=1).ravel()
        y = 0.5 * x + wander + 3.0 * towns - 2.0 * years
        panel = pd.DataFrame({"town": towns, "year": years, "x": x, "y": y})
        row = fixed_effects_regression(panel, "y", ["x"], "town", "year").coefficients.iloc[0]
        held.append(row["low"] <= 0.5 <= row["high"])
    assert abs(np.mean(held) - 0.95) <= 3 * np.sqrt(0.95 * 0.05 / 120)


def test_missing_rows_are_left_out_and_counted(firms):
    holed = firms.assign(value=firms["value"].where(firms.index != 5))
    result = fixed_effects_regression(holed, "invest", ["value", "capital"], "firm", "year")
    assert (result.dropped_row_count, result.observation_count) == (1, 199)


def test_refusals(firms):
    arguments = ("invest", ["value"], "firm", "year")
    with pytest.raises(DesignError, match="2行以上"):
        fixed_effects_regression(pd.concat([firms, firms.iloc[:1]]), *arguments)
    with pytest.raises(DesignError, match="動かない"):
        fixed_effects_regression(firms.assign(value=firms["year"] * 2.0), *arguments)
    with pytest.raises(DesignError, match="列「rainfall」がありません"):
        gunmane_analysis.fixed_effects_regression(firms, "invest", ["rainfall"], "firm", "year")
    with pytest.raises(DesignError, match="空欄"):
        fixed_effects_regression(firms.assign(place=None), *arguments, "place")
    with pytest.raises(DesignError, match="2つ以上"):
        fixed_effects_regression(firms[firms["firm"] == "IBM"], *arguments)


@pytest.mark.parametrize(("value", "told"), [("高い", "数値でない値"), (float("inf"), "無限大")])
def test_what_is_no_number_is_refused_in_words(firms, value, told):
    with pytest.raises(DesignError, match=told):
        fixed_effects_regression(
            firms.assign(odd=value), "invest", ["odd"], unit="firm", time="year"
        )
    with pytest.raises(DesignError, match="説明変数がありません"):
        fixed_effects_regression(firms, "invest", [], unit="firm", time="year")


def test_mergers_follow_chains_and_keep_gaps():
    panel = pd.DataFrame(
        {
            "municipality_code": ["1", "2", "3", "1", "9"],
            "fiscal_year": [2004, 2004, 2004, 2006, 2006],
            "staff_count": [10.0, 5.0, 1.0, 15.0, float("nan")],
        }
    )
    combined = combine_merged(panel, {"3": "2", "2": "1", "9": "1"})
    assert combined["municipality_code"].tolist() == ["1", "1"]
    assert combined["staff_count"].iloc[0] == 16
    assert np.isnan(combined["staff_count"].iloc[1])
    with pytest.raises(DesignError, match="一巡"):
        combine_merged(panel, {"1": "2", "2": "1"})


def test_effects_are_taken_out_where_units_are_linked_by_a_chain_of_years_alone():
    # each unit is seen in two years, so that means taken out in turn hardly ever come to an end
    random = np.random.default_rng(1)
    years = np.repeat(np.arange(150), 2)
    panel = pd.DataFrame({"unit": np.tile(years, 2), "year": np.r_[years, years + 1]})
    panel["unit"] = panel["unit"] * 2 + np.tile([0, 1], 300)
    panel["x"] = random.normal(size=len(panel)).cumsum()
    panel["y"] = 0.5 * panel["x"] + panel["year"] ** 2 / 10 + random.normal(size=len(panel))
    dummies = pd.get_dummies(panel[["unit", "year"]].astype("str"), dtype="float64")
    design = np.column_stack([panel["x"], dummies])
    by_dummies = np.linalg.lstsq(design, panel["y"], rcond=None)[0][0]
    found = fixed_effects_regression(panel, "y", ["x"], unit="unit", time="year")
    assert found.coefficients["estimate"].item() == pytest.approx(by_dummies, rel=1e-8)
