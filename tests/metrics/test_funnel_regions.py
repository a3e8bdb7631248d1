"""Forums against chance: exact limits, over-dispersion, corrections, pooling. 合成データ."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gunmane_analysis.areas import list_areas
from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.funnel.regions import binomial_limits, compare_regions
from gunmane_analysis.tables.funnel import STAGES

BLOCKS = [block.area_id for block in list_areas("block")]


def _counts(considered: list[int], implemented: list[int], rule: str = "nested") -> pd.DataFrame:
    rows = [
        (2023, block, stage, count, rule, "2024-03-31", "合成データ")
        for block, n, x in zip(BLOCKS, considered, implemented, strict=False)
        for stage, count in zip(STAGES, (n, n, n, x), strict=True)
    ]
    names = [
        "fiscal_year",
        "block_id",
        "stage",
        "case_count",
        "counting_rule",
        "as_of_on",
        "remark",
    ]
    return pd.DataFrame(rows, columns=names)


@pytest.mark.parametrize("coverage", [0.95, 0.998])
@pytest.mark.parametrize("rate", [0.051, 0.3])
def test_limits_hold_what_they_promise(coverage: float, rate: float) -> None:
    sizes = np.arange(1, 121)
    limits = binomial_limits(sizes, rate, coverage)
    low, high = (np.round(limits[name] * sizes) for name in ("low", "high"))
    inside = stats.binom.cdf(high, sizes, rate) - stats.binom.cdf(low - 1, sizes, rate)
    assert inside.min() >= coverage
    # One count less at the upper end would leave too much outside.
    assert (stats.binom.sf(high - 1, sizes, rate) > (1 - coverage) / 2).all()


def test_limits_by_hand() -> None:
    # Binomial(10, 1/2): P(X <= 1) = 11/1024 < 0.025 < 56/1024 = P(X <= 2).
    limits = binomial_limits(np.array([10]), 0.5, 0.95)
    assert limits[["low", "high"]].iloc[0].tolist() == [0.2, 0.8]


def test_forums_that_differ_by_chance_are_fully_pooled_and_none_stands_out() -> None:
    considered = [10, 12, 20, 6, 9, 30, 15, 8, 14, 5]
    found = compare_regions(_counts(considered, [3, 4, 6, 2, 3, 9, 5, 2, 4, 1]))
    assert found.is_fully_pooled
    assert found.table["shrunk_rate"].nunique() == 1
    assert found.pooled_rate == pytest.approx(39 / 129)
    assert found.dispersion < 1.0
    assert found.dispersion_p_value > 0.5
    assert not found.table["is_outside_narrow"].any()


def test_one_forum_of_its_own_stands_out_after_correction() -> None:
    considered = [30] * 10
    found = compare_regions(_counts(considered, [3, 2, 4, 3, 2, 3, 20, 4, 3, 2]))
    table = found.table.set_index("block_id")
    outside = table.index[table["is_outside_wide"]]
    assert list(outside) == ["chugoku"]
    assert table.loc["chugoku", "holm_p_value"] < 0.001
    assert (table.drop("chugoku")["holm_p_value"] > 0.05).all()
    assert found.dispersion_p_value < 0.01
    assert not found.is_fully_pooled
    shrunk, raw = table.loc["chugoku", "shrunk_rate"], 20 / 30
    assert found.pooled_rate < shrunk < raw


def test_p_values_and_corrections_by_hand() -> None:
    found = compare_regions(_counts([10, 10], [1, 5]))
    # Against 6/20: P(X <= 1) = 0.7^10 + 10 x 0.3 x 0.7^9; P(X >= 5) = 1 - P(X <= 4).
    low = 2 * (0.7**10 + 10 * 0.3 * 0.7**9)
    high = 2 * stats.binom.sf(4, 10, 0.3)
    assert found.table["p_value"].tolist() == pytest.approx([low, high])
    smaller, larger = sorted([low, high])
    assert sorted(found.table["holm_p_value"]) == pytest.approx(
        [2 * smaller, max(2 * smaller, larger)]
    )
    assert sorted(found.table["bh_p_value"]) == pytest.approx([min(2 * smaller, larger), larger])


def test_dispersion_by_hand() -> None:
    # Two forums 1/10 and 5/10: chi-squared = 2 x (2^2 / (10 x 0.3 x 0.7)), one degree of freedom.
    found = compare_regions(_counts([10, 10], [1, 5]))
    assert found.dispersion == pytest.approx(2 * 4 / 2.1)
    # Exact two-sided margin: hypergeometric P(X <= 1 or X >= 5) with 6 of 20 in draws of 10.
    chance = stats.hypergeom(20, 6, 10)
    exact = float(chance.cdf(1) + chance.sf(4))
    assert found.dispersion_p_value == pytest.approx(exact, abs=0.02)


def test_the_order_is_the_codes_and_never_the_rates() -> None:
    counts = _counts([30] * 10, [9, 1, 8, 2, 7, 3, 6, 4, 5, 0])
    found = compare_regions(counts.sample(frac=1.0, random_state=3))
    assert found.table["block_id"].tolist() == BLOCKS


def test_a_forum_without_cases_is_left_out_and_not_read_as_zero() -> None:
    found = compare_regions(_counts([10, 0, 10], [1, 0, 5]))
    assert found.table["block_id"].tolist() == ["hokkaido", "kanto"]


def test_unknown_counting_rule_needs_a_reading() -> None:
    counts = _counts([10, 10], [1, 5], rule="unknown")
    with pytest.raises(DesignError, match="数え方の分からない"):
        compare_regions(counts)
    status = compare_regions(counts, reading="status")
    assert status.table["considered_count"].tolist() == [31, 35]
    with pytest.raises(DesignError, match="nested"):
        compare_regions(_counts([10, 10], [1, 5]), reading="status")


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        (_counts([10], [1]), "1か所"),
        (_counts([10, 10], [0, 0]), "端の値"),
        (pd.concat([_counts([10], [1]), _counts([10], [1]).assign(fiscal_year=2022)]), "2022"),
    ],
)
def test_what_cannot_be_compared_is_refused(counts: pd.DataFrame, told: str) -> None:
    with pytest.raises(DesignError, match=told):
        compare_regions(counts)
    with pytest.raises(DesignError, match="比べられません"):
        compare_regions(_counts([10, 10], [1, 5]), stage="considered")
