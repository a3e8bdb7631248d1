"""Panels as other people keep them: the same answer, or a refusal in Japanese with the reason."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.effects.bundling import bundling_effect
from gunmane_analysis.metrics.effects.simulation import simulate_adoption

MPDTA = {"outcome": "lemp", "unit": "countyreal", "time": "year", "adopted": "first_treat"}
MADE = {
    "outcome": "outcome",
    "unit": "unit",
    "time": "fiscal_year",
    "adopted": "adopted_fiscal_year",
}
PUBLISHED = -0.039951  # R package did, aggte(type = "simple")


def blank(table: pd.DataFrame, mark: object) -> pd.Series:
    marks = [mark if value == 0 else int(value) for value in table["first_treat"]]
    return pd.Series(marks, index=table.index, dtype="object")


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p.assign(countyreal="c" + p["countyreal"].astype("int64").astype("str")),
        lambda p: p.assign(countyreal=p["countyreal"].astype("category")),
        lambda p: p.assign(countyreal=[str(c) if c % 2 else c for c in p["countyreal"]]),
        lambda p: p.assign(first_treat=blank(p, pd.NA)),
        lambda p: p.assign(first_treat=blank(p, None)),
        lambda p: p.assign(first_treat=blank(p, np.inf)),
        lambda p: p.assign(first_treat=p["first_treat"].astype("Int64").replace(0, pd.NA)),
        lambda p: p.assign(first_treat=p["first_treat"].astype("float64").replace(0, np.nan)),
        lambda p: p.assign(year=p["year"].astype("float64")),
        lambda p: p.assign(year=p["year"].astype("int64").astype("str")),
        lambda p: p.assign(lemp=p["lemp"].astype("float64[pyarrow]")),
        lambda p: p.assign(
            year=p["year"] - 2003, first_treat=blank(p, 2003).astype("float64") - 2003
        ).assign(first_treat=lambda q: q["first_treat"].mask(q["first_treat"] == 0)),
        lambda p: p.sample(frac=1, random_state=1),
        lambda p: p.set_index(np.zeros(len(p), dtype="int64")),
    ],
)
def test_however_it_is_written_the_answer_is_the_published_one(
    mpdta: pd.DataFrame, change: Any
) -> None:
    found = bundling_effect(change(mpdta), **MPDTA)
    assert found.overall.estimate == pytest.approx(PUBLISHED, abs=5e-7)


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (lambda p: p.to_dict("list"), {}, "DataFrame.*dict"),
        (lambda p: None, {}, "DataFrame.*NoneType"),
        (lambda p: pd.concat([p, p[["outcome"]]], axis=1), {}, "同じ名前の列"),
        (lambda p: p.set_index("unit"), {}, "列「unit」がありません"),
        (lambda p: p, {"outcome": "fiscal_year"}, "2つの役割"),
        (lambda p: p.assign(x=1.0), {"covariates": ["x", "x"]}, "2つの役割"),
        (lambda p: p.assign(unit=[[name] for name in p["unit"]]), {}, "名前として使えない値"),
        (lambda p: p.assign(outcome=pd.Timestamp("2020-04-01")), {}, "日付または期間"),
        (lambda p: p.assign(outcome=p["outcome"] + 1j), {}, "複素数"),
        (lambda p: p.assign(outcome=7.0), {}, "全時点で同じ値"),
        (
            lambda p: p.assign(fiscal_year=pd.to_datetime(p["fiscal_year"].astype("str"))),
            {},
            "日付または期間",
        ),
        (
            lambda p: p.assign(
                fiscal_year=pd.PeriodIndex(p["fiscal_year"].astype("str"), freq="Y")
            ),
            {},
            "日付または期間",
        ),
        (
            lambda p: p.assign(fiscal_year=[datetime.date(y, 4, 1) for y in p["fiscal_year"]]),
            {},
            "2014-04-01",
        ),
        (lambda p: p.assign(fiscal_year=p["fiscal_year"] > 2016), {}, "真偽値"),
        (
            lambda p: p.assign(
                adopted_fiscal_year=pd.to_datetime(p["adopted_fiscal_year"], format="%Y")
            ),
            {},
            "日付または期間",
        ),
        (lambda p: p.assign(adopted_fiscal_year=-np.inf), {}, "無限大"),
        (lambda p: p.assign(adopted_fiscal_year=p["adopted_fiscal_year"].notna()), {}, "真偽値"),
        (lambda p: p.assign(block="一つ"), {"cluster": "block"}, "1種類"),
        (lambda p: p, {"unbalanced": "some"}, "扱い「some」"),
        (lambda p: p, {"confidence": "95"}, "信頼水準95"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(
    change: Any, options: dict[str, Any], message: str
) -> None:
    made = simulate_adoption(seed=0).panel
    with pytest.raises(DesignError, match=message):
        bundling_effect(change(made), **{**MADE, **options})


def test_a_zero_is_no_mark_for_never_where_the_times_go_through_zero() -> None:
    made = simulate_adoption(first_fiscal_year=-3, years=8, adoption_years=(2,), seed=1).panel
    assert bundling_effect(made, **MADE).adopter_count == 20
    marked = made.assign(adopted_fiscal_year=made["adopted_fiscal_year"].fillna(0))
    with pytest.raises(DesignError, match="0が「導入しない」か「時点0の導入」か"):
        bundling_effect(marked, **MADE)


def test_one_covariate_may_be_given_by_its_name(mpdta: pd.DataFrame) -> None:
    # att_gt(xformla = ~lpop), aggte(type = "simple"): -0.0418
    assert round(bundling_effect(mpdta, **MPDTA, covariates="lpop").overall.estimate, 4) == -0.0418


@pytest.mark.parametrize("method", ["sun_abraham", "imputation"])
def test_a_covariate_that_the_method_cannot_use_is_told(mpdta: pd.DataFrame, method: Any) -> None:
    with_it = bundling_effect(mpdta, **MPDTA, covariates=["lpop"], method=method)
    without = bundling_effect(mpdta, **MPDTA, method=method)
    assert with_it.overall.estimate == pytest.approx(without.overall.estimate)
    assert any("共変量「lpop」は単位の中で変わらない" in words for words in with_it.warnings)
    assert not any("共変量" in words for words in without.warnings)


def test_a_covariate_that_gives_the_adopters_away_is_told(mpdta: pd.DataFrame) -> None:
    given = mpdta.assign(adopts=(mpdta["first_treat"] > 0).astype("float64"))
    found = bundling_effect(given, **MPDTA, covariates=["adopts"])
    assert any("似た相手のいない" in words for words in found.warnings)


def test_holes_with_all_rows_kept_are_told_to_cost_precision() -> None:
    made = simulate_adoption(seed=7).panel
    kept = made.drop(index=made.sample(frac=0.1, random_state=1).index)
    found = bundling_effect(kept, **MADE, unbalanced="all")
    assert any("各時点の平均" in words for words in found.warnings)
    absorbing = bundling_effect(kept, **MADE, unbalanced="all", method="imputation")
    assert absorbing.overall.estimate == pytest.approx(-5.0, abs=0.8)


def test_with_all_adopting_sun_and_abraham_compare_with_the_last_group(mpdta: pd.DataFrame) -> None:
    adopters = mpdta[mpdta["first_treat"] > 0]
    found = bundling_effect(adopters, **MPDTA, control="notyet", method="sun_abraham")
    # By hand: before 2007 the group of 2007 as if it never adopted.
    before = adopters[adopters["year"] < 2007]
    recoded = before.assign(first_treat=before["first_treat"].replace(2007, 0))
    by_hand = bundling_effect(recoded, **MPDTA, method="sun_abraham")
    assert found.overall.estimate == pytest.approx(by_hand.overall.estimate)
    assert any("最後に導入した群（時点2007）" in words for words in found.warnings)


def test_a_missing_year_before_adoption_is_named(mpdta: pd.DataFrame) -> None:
    with pytest.raises(DesignError, match="導入時点2007の直前の時点"):
        bundling_effect(mpdta[mpdta["year"] != 2006], **MPDTA, method="sun_abraham")


def test_few_clusters_are_told_and_p_goes_with_its_interval(mpdta: pd.DataFrame) -> None:
    two = bundling_effect(mpdta.assign(half=mpdta["countyreal"] % 2), **MPDTA, cluster="half")
    assert any("クラスターは2個" in words for words in two.warnings)
    # One degree of freedom: p = 1 - 2 atan(t) / pi, far from the normal's 1e-67.
    ratio = abs(two.overall.estimate) / two.overall.standard_error
    assert two.p_value == pytest.approx(1 - 2 * np.arctan(ratio) / np.pi)
    assert (two.p_value < 0.05) == (two.overall.high < 0)
