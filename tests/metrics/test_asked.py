"""What callers ask for beside the data: refused in words, never a foreign error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.effects.bundling import bundling_effect
from gunmane_analysis.metrics.effects.simulation import simulate_adoption
from gunmane_analysis.metrics.funnel.ledger import cohort_funnel, time_to_stage
from gunmane_analysis.metrics.funnel.planner import marginal_gains, steps_needed
from gunmane_analysis.metrics.funnel.readings import conversion_rates
from gunmane_analysis.metrics.funnel.regions import compare_regions
from gunmane_analysis.metrics.staffing.projection import calibrate, staffing_scenarios
from gunmane_analysis.metrics.staffing.shrinkage import beta_binomial_shrinkage
from gunmane_analysis.metrics.staffing.thresholds import counts_from_rounded_share
from gunmane_analysis.tables.funnel import STAGES

NAMES = {
    "outcome": "outcome",
    "unit": "unit",
    "time": "fiscal_year",
    "adopted": "adopted_fiscal_year",
}


def rates() -> pd.DataFrame:
    counts = pd.DataFrame({"stage": STAGES, "case_count": [98, 50, 31, 5]})
    return conversion_rates(counts)


def ledger(day: str) -> pd.DataFrame:
    names = [f"{name}_on" for name in (*STAGES, "closed")]
    blank = pd.DataFrame({name: [None] for name in names})
    return blank.assign(considered_on=day, as_of_on="2024-03-31")


def a_panel() -> pd.DataFrame:
    return simulate_adoption(units=8, adopters=1, seed=1).panel


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda: beta_binomial_shrinkage([1, 2], [3, 4], confidence=95), "信頼水準95"),
        (lambda: steps_needed(rates(), 20, 90), "信頼水準90"),
        (lambda: simulate_adoption(seed=-1), "種「-1」"),
        (lambda: bundling_effect(a_panel(), **NAMES, seed=-1), "種「-1」"),
        (lambda: marginal_gains(rates(), seed=-1), "種「-1」"),
        (lambda: marginal_gains(rates(), {"試行": 0.1}), "段階「試行」"),
        (lambda: steps_needed(rates(), 5.5), "5.5件の実装は計画できません"),  # type: ignore[arg-type]
        (lambda: beta_binomial_shrinkage(["一", 2], [3, 4]), "使えません"),  # type: ignore[list-item]
        (lambda: counts_from_rounded_share(25, 1, 1741), "25%なら0.25"),
        (lambda: calibrate(pd.DataFrame([[1.0] * 13 + [np.nan]])), "欠測"),
        (lambda: staffing_scenarios(pd.Series([0.0, 98.0], [2023, 2024])), "0人以下"),
        (lambda: time_to_stage(pd.DataFrame({"case_id": ["a"]}), "trialled"), "considered_on"),
        (lambda: cohort_funnel(pd.DataFrame({"case_id": ["a"]}), 12), "considered_on"),
        (lambda: time_to_stage(ledger("2023/04/10"), "trialled"), "considered_on.*2023/04/10"),
        (lambda: compare_regions(pd.DataFrame({"block_id": ["kinki"]})), "fiscal_year"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(ask: Callable[[], Any], told: str) -> None:
    with pytest.raises(DesignError, match=told):
        ask()
