"""Synthetic control on paths made by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.effects.panel import EffectPanel, prepare_panel
from gunmane_analysis.metrics.effects.synthetic import synthetic_control

YEARS = np.arange(2010, 2020)


def made_panel(effect: float = 10.0) -> EffectPanel:
    """Return town a as the half-half mix of b and c until 2016, then ``effect`` above it."""
    paths = {
        "b": 50 + 3.0 * (YEARS - 2010) + np.sin(YEARS),
        "c": 90 - 2.0 * (YEARS - 2010) + np.cos(YEARS),
        "d": 200 + 9.0 * (YEARS - 2010) % 7,
        "e": 10 + 0.1 * (YEARS - 2010) ** 2,
        "f": 150 - 12.0 * np.sin(YEARS * 2),
    }
    paths["a"] = 0.5 * paths["b"] + 0.5 * paths["c"] + effect * (YEARS >= 2016)
    rows = [
        {"town": town, "year": int(year), "cost": float(value), "since": 2016 if town == "a" else 0}
        for town, values in paths.items()
        for year, value in zip(YEARS, values, strict=True)
    ]
    return prepare_panel(
        pd.DataFrame(rows), outcome="cost", unit="town", time="year", adopted="since"
    )


def test_the_basque_country_without_predictors_as_published() -> None:
    # Abadie and Gardeazabal (2003), GDP per head in thousands of 1986 dollars; treated from
    # 1970 on. Of the 16 other regions these five include all that get a weight; outcomes
    # only, the mean gap of 1970-1997 is -0.895.
    wide = pd.read_csv(Path(__file__).with_name("basque_gdp_per_head.csv"))
    rows = wide.melt("region", var_name="year", value_name="gdp").astype({"year": "int64"})
    rows["since"] = np.where(rows["region"] == "Basque", 1970, 0)
    panel = prepare_panel(rows, outcome="gdp", unit="region", time="year", adopted="since")
    found = synthetic_control(panel, "Basque")
    assert found.effect == pytest.approx(-0.895, abs=5e-4)
    weights = dict(zip(found.weights["donor"], found.weights["weight"], strict=True))
    assert sorted(weights) == ["Baleares", "Madrid", "Rioja"]


def test_the_mix_and_the_effect_are_found() -> None:
    found = synthetic_control(made_panel(), "a")
    weights = dict(zip(found.weights["donor"], found.weights["weight"], strict=True))
    assert weights["b"] == pytest.approx(0.5, abs=0.02)
    assert weights["c"] == pytest.approx(0.5, abs=0.02)
    assert sum(weights.values()) == pytest.approx(1.0, abs=1e-3)
    assert found.effect == pytest.approx(10.0, abs=0.5)
    assert found.fit_before < 0.5


def test_no_other_mix_comes_nearer_and_the_unit_of_the_outcome_does_not_matter() -> None:
    panel = made_panel()
    found = synthetic_control(panel, "a")
    wide = panel.table.pivot(index="time", columns="unit", values="outcome").loc[:2015]
    donors = [unit for unit in wide.columns if panel.labels[unit] != "a"]
    own = wide[panel.labels.index("a")]
    for mix in np.random.default_rng(0).dirichlet(np.ones(len(donors)), 2000):
        assert np.sqrt(((wide[donors] @ mix - own) ** 2).mean()) >= found.fit_before - 1e-9
    scaled = replace(panel, table=panel.table.assign(outcome=panel.table["outcome"] * 1e6))
    again = synthetic_control(scaled, "a")
    assert again.weights["weight"].to_numpy() == pytest.approx(found.weights["weight"].to_numpy())
    assert again.effect == pytest.approx(found.effect * 1e6)


def test_the_rank_is_among_the_adopter_and_its_donors() -> None:
    found = synthetic_control(made_panel(), "a")
    assert (found.rank, found.placebo_count) == (1, 6)
    assert found.p_value == pytest.approx(1 / 6)
    assert found.placebo_ratios["is_adopter"].tolist()[0]


@pytest.mark.parametrize(
    ("adopter", "message"), [("x", "表にありません"), ("b", "期間中に導入していません")]
)
def test_a_unit_that_did_not_adopt_is_refused(adopter: str, message: str) -> None:
    with pytest.raises(DesignError, match=message):
        synthetic_control(made_panel(), adopter)


def test_too_short_a_history_is_refused() -> None:
    rows = [
        {"town": town, "year": year, "cost": 1.0 * year, "since": 2012 if town == "a" else 0}
        for town in "abcd"
        for year in (2010, 2011, 2012, 2013)
    ]
    panel = prepare_panel(
        pd.DataFrame(rows), outcome="cost", unit="town", time="year", adopted="since"
    )
    with pytest.raises(DesignError, match="導入前 2時点"):
        synthetic_control(panel, "a")
