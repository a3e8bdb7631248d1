"""The published adopters in the official municipal panel, where the shared folder is present."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from gunmane_analysis.metrics.effects.bundling import bundling_effect

PANEL = Path("shared", "official", "municipal_panel", "municipal_panel_2020_2024.csv")
FOUND = next(
    (folder / PANEL for folder in Path(__file__).parents if (folder / PANEL).is_file()), None
)
# First year of bundling as published: 三条, 四日市, 大館, 明和.
ADOPTED = {"15204": 2017, "24202": 2019, "05204": 2022, "24442": 2024}

pytestmark = pytest.mark.skipif(FOUND is None, reason="the shared folder is not here")


def read_panel() -> pd.DataFrame:
    """Civil-engineering expenditure per resident, yen, nominal."""
    assert FOUND is not None
    table = pd.read_csv(FOUND, dtype={"code5": "str"})
    return pd.DataFrame(
        {
            "code": table["code5"],
            "year": table["fy"],
            "cost": table["doboku_exp"] / table["population"],
            "adopted": table["code5"].map(ADOPTED),
        }
    )


def test_two_of_the_four_adopters_can_be_compared_and_the_answer_is_unsure() -> None:
    panel = read_panel()
    found = bundling_effect(panel, outcome="cost", unit="code", time="year", adopted="adopted")
    assert found.adopter_count == 2
    assert any("導入済みの2件" in words for words in found.warnings)  # 三条 and 四日市
    assert found.interval_kind == "placebo"
    assert found.placebo is not None
    # A difference below a tenth of the usual 土木費 per resident could not be found at all.
    assert found.placebo.minimum_detectable_effect > 0.1 * panel["cost"].median()
    assert found.overall.low < 0 < found.overall.high


def test_the_effect_in_meiwa_is_the_difference_of_differences_by_hand() -> None:
    panel = read_panel()
    found = bundling_effect(panel, outcome="cost", unit="code", time="year", adopted="adopted")
    wide = panel.pivot(index="code", columns="year", values="cost").dropna()
    change = wide[2024] - wide[2023]
    by_hand = change["24442"] - change.drop(index=[c for c in ADOPTED if c in change]).mean()
    assert found.placebo is not None
    alone = panel[~panel["code"].isin(["05204"])]
    meiwa = bundling_effect(alone, outcome="cost", unit="code", time="year", adopted="adopted")
    assert meiwa.overall.estimate == pytest.approx(by_hand)
