"""Costs are divided, deflated and refused before anybody compares them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.contracts.outcomes import comparable_costs

COSTS = pd.DataFrame(
    {
        "municipality_code": ["05204", "05204", "15204"],
        "fiscal_year": [2023, 2024, 2024],
        "maintenance_cost_jpy": [100e6, 110e6, 226e6],
    }
)
SIZES = COSTS[["municipality_code", "fiscal_year"]].assign(
    road_length_km=[1000.0, 1000.0, 1130.0], population_count=[68_000, 67_000, 92_000]
)


def test_costs_per_km_and_per_resident_by_hand() -> None:
    per_km = comparable_costs(COSTS, SIZES, per="road_length_km", tax="included")
    assert per_km.panel[per_km.outcome].tolist() == pytest.approx([100e3, 110e3, 200e3])
    assert per_km.basis == "円/km、各年度の価格、税込"
    per_head = comparable_costs(COSTS, SIZES, per="population_count", tax="excluded")
    assert per_head.panel["cost_per_resident_jpy"].iloc[2] == pytest.approx(226e6 / 92_000)


def test_deflators_bring_every_year_to_the_base_year() -> None:
    real = comparable_costs(
        COSTS,
        SIZES,
        per="road_length_km",
        tax="not_stated",
        deflators={2023: 100.0, 2024: 110.0},
        price_base_fiscal_year=2023,
    )
    assert real.panel[real.outcome].tolist()[:2] == pytest.approx([100e3, 100e3])
    assert "2023年度の価格" in real.basis


def test_the_callers_tables_are_left_alone() -> None:
    before = COSTS.copy(), SIZES.copy()
    comparable_costs(COSTS, SIZES, per="road_length_km", tax="included")
    pd.testing.assert_frame_equal(COSTS, before[0])
    pd.testing.assert_frame_equal(SIZES, before[1])


@pytest.mark.parametrize(
    ("costs", "sizes", "options", "message"),
    [
        (COSTS, SIZES, {"per": "budget"}, "分母「budget」では比べられません"),
        (COSTS, SIZES.iloc[:2], {}, "15204（2024年度）"),
        (COSTS, SIZES.assign(road_length_km=0.0), {}, "3行あります"),
        (COSTS.assign(maintenance_cost_jpy=-1.0), SIZES, {}, "負の行が3行"),
        (pd.concat([COSTS, COSTS]), SIZES, {}, "実績の表で団体と年度が重なる行が3行"),
        (COSTS.drop(columns="maintenance_cost_jpy"), SIZES, {}, "列「maintenance_cost_jpy」"),
        (COSTS, SIZES, {"deflators": {2024: 100.0}}, "基準年度がありません"),
        (
            COSTS,
            SIZES,
            {"deflators": {2024: 100.0}, "price_base_fiscal_year": 2024},
            "2023年度がありません",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(
    costs: pd.DataFrame, sizes: pd.DataFrame, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(DesignError, match=message):
        comparable_costs(costs, sizes, **{"per": "road_length_km", "tax": "included", **options})
