"""Position among peers: the figures printed for Tohoku and 大館市, and cases worked by hand."""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest

from gunmane_analysis.areas import find_area, list_areas
from gunmane_analysis.errors import DesignError
from gunmane_analysis.loaders.indicators import load_municipal_values, load_municipalities
from gunmane_analysis.loaders.tables import load_staffing
from gunmane_analysis.metrics.position.position import (
    Position,
    peers_of,
    position,
    ranks,
    regional_values,
)
from gunmane_analysis.tables.indicators import indicator_table, indicators, latest_known

municipal = cache(load_municipal_values)


@cache
def regional() -> pd.DataFrame:
    return regional_values(load_staffing(), municipal())


@cache
def placed(area_id: str, fiscal_year: int = 2024) -> Position:
    is_town = find_area(area_id).kind == "municipality"
    return position(municipal() if is_town else regional(), area_id, fiscal_year)


# Printed on the trial sheet of 大館市: value, rank, known, median.
@pytest.mark.parametrize(
    ("indicator_id", "value", "rank", "known", "median"),
    [
        ("staff_per_1000_residents", 7.1, 1005, 1741, 7.9),
        ("staff_per_100km", 51.9, 770, 1741, 48.2),
        ("staff_change_since_2021", -2.3, 1367, 1741, 1.4),
        ("expenditure_change_since_2015", -6.6, 1220, 1741, 11.0),
        ("repair_share", 17.2, 162, 1722, 5.4),
        ("population_2050_share", 57.3, 1112, 1728, 64.3),
    ],
)
def test_odate_among_the_municipalities(
    indicator_id: str, value: float, rank: int, known: int, median: float
) -> None:
    row = placed("05204").row(indicator_id)
    scale = 100.0 if indicators()[indicator_id].kind in ("rate", "change") else 1.0
    assert round(row["value"] * scale, 1) == value
    assert (row["rank"], row["known_count"], row["peer_count"]) == (rank, known, 1741)
    assert round(row["median"] * scale, 1) == median


def test_odate_money_and_its_change_on_the_year_before() -> None:
    row = placed("05204").row("expenditure_per_resident_jpy")
    assert (round(row["value"]), row["rank"], round(row["median"] / 1e4, 1)) == (58_072, 938, 6.1)
    staff = placed("05204").row("general_staff_count")
    assert (staff["value"], staff["previous_value"], staff["change"]) == (467, 472, -5)


# Printed on the trial sheet of Tohoku: value, rank among ten blocks, the nation's value.
@pytest.mark.parametrize(
    ("indicator_id", "value", "rank", "nation"),
    [
        ("staff_per_100km", 42.6, 10, 68.0),
        ("staff_change_since_1998", -21.7, 7, -16.3),
        ("staff_change_since_low", 2.0, 8, 4.8),
        ("staff_change_yearly", 0.5, 7, 0.7),
        ("staff_per_1000_residents", 6.9, 2, 5.7),
    ],
)
def test_tohoku_among_the_blocks(indicator_id: str, value: float, rank: int, nation: float) -> None:
    row = placed("tohoku").row(indicator_id)
    scale = 100.0 if indicators()[indicator_id].kind == "change" else 1.0
    assert round(row["value"] * scale, 1) == value
    assert (row["rank"], row["known_count"]) == (rank, 10)
    assert round(row["nation"] * scale, 1) == nation


def test_tohoku_on_the_year_before() -> None:
    row = placed("tohoku").row("general_staff_count")
    assert (row["value"], row["change"], row["year"]) == (56_663, 263, 2024)
    assert placed("tohoku").row("staff_per_100km")["year"] == 2023  # the road's year
    assert placed("tohoku").peers_label == "10ブロック"


@pytest.mark.parametrize(
    ("code", "since_low"),
    [("02", 1.6), ("03", 0.1), ("05", 0.8), ("04", 5.4), ("06", 4.0), ("07", 7.1)],
)
def test_recovery_of_the_prefectures_since_their_own_lowest_year(
    code: str, since_low: float
) -> None:
    row = placed(code).row("staff_change_since_low")
    assert round(row["value"] * 100, 1) == since_low
    assert row["known_count"] == 47


def test_the_nation_has_no_peers_and_its_own_sums() -> None:
    found = placed("japan")
    assert peers_of(find_area("japan")) == ()
    assert found.table["rank"].isna().all()
    assert found.row("general_staff_count")["value"] == 709_421
    # the bridges inspected by the five-year round, and the outlook with 浜通り
    assert found.row("bridges_needing_repair_count")["value"] == 32_874
    assert found.row("population_2050_share")["value"] == 104_686_386 / 126_146_099


def test_the_bridges_of_two_municipalities_are_nobody_elses_sum() -> None:
    # 505,649 bridges were inspected in the nation, 32,874 of them need repair
    two = pd.DataFrame(
        [
            (code, name, 2025, value)
            for code in ("05204", "05203")
            for name, value in (
                ("bridges_inspected_count", 470.0), ("bridges_needing_repair_count", 53.0)
            )
        ],
        columns=["area_id", "indicator_id", "year", "value"],
    )  # fmt: skip
    filed = pd.concat([municipal().astype({"area_id": "str", "indicator_id": "str"}), two])
    values = regional_values(load_staffing(), filed)
    for area_id in ("japan", "tohoku", "05"):
        now, before = position(values, area_id, 2025), placed(area_id)
        for name in ("bridges_inspected_count", "repair_share"):
            assert now.row(name)["value"] == before.row(name)["value"]
            assert now.row(name)["year"] == 2024
    assert position(values, "japan", 2025).row("bridges_inspected_count")["value"] == 505_649


def test_a_report_of_an_earlier_year_uses_what_was_known_then() -> None:
    table = placed("05204", 2019).table
    assert set(table["indicator_id"]) == {
        "civil_engineering_expenditure_jpy",
        "expenditure_change_since_2015",
        "area_km2",
        "construction_worker_count",
    }
    assert placed("05204", 2019).row("construction_worker_count")["year"] == 2016
    assert placed("tohoku", 2013).row("staff_change_since_low")["value"] == 0.0


BY_HAND = pd.DataFrame(
    [
        ("05201", "technician_count", 2024, 5.0),
        ("05202", "technician_count", 2024, 3.0),
        ("05203", "technician_count", 2023, 3.0),
        ("05204", "technician_count", 2024, 3.0),
        ("05204", "technician_count", 2023, 4.0),
        ("05206", "technician_count", 2024, 0.0),
        ("05206", "future_burden_ratio", 2023, 80.0),
        ("05206", "future_burden_ratio", 2024, float("nan")),
        ("05201", "future_burden_ratio", 2024, 10.0),
    ],
    columns=["area_id", "indicator_id", "year", "value"],
)
PEERS = ["05201", "05202", "05203", "05206", "05207"]


def test_ties_missing_values_and_years_are_counted_and_said() -> None:
    row = position(BY_HAND, "05204", 2024, PEERS).row("technician_count")
    assert (row["rank"], row["tied_count"], row["known_count"], row["peer_count"]) == (2, 2, 5, 6)
    assert row["percentile"] == (1 + 2 / 2) / 4  # one below, two alike, of four others
    assert (row["previous_year"], row["change"]) == (2023, -1)
    assert (row["lower_quartile"], row["median"], row["upper_quartile"]) == (3, 3, 3)
    assert row["note"] == "同じ値がほかに2。値のない地域が1。年度は地域により2023〜2024"


def test_the_newest_year_is_each_areas_own() -> None:
    newest = latest_known(BY_HAND).set_index(["area_id", "indicator_id"])["year"]
    assert newest[("05203", "technician_count")] == 2023
    assert newest[("05204", "technician_count")] == 2024


def test_an_indicator_that_has_none_in_the_newest_year_is_not_an_older_one() -> None:
    row = position(BY_HAND, "05206", 2024, PEERS).row("future_burden_ratio")
    assert pd.isna(row["value"])
    assert pd.isna(row["rank"])
    assert row["known_count"] == 1
    before = position(BY_HAND, "05206", 2023, PEERS).row("future_burden_ratio")
    assert before["value"] == 80
    wide = load_municipalities(2024).set_index("municipality_code")
    assert wide["future_burden_ratio"].notna().sum() == 799  # the others print 「－」 in 2024


def test_two_rows_of_one_figure_and_unknown_indicators_are_refused() -> None:
    twice = pd.concat([BY_HAND, BY_HAND.head(1)])
    with pytest.raises(DesignError, match="二つ"):
        position(twice, "05201", 2024)
    with pytest.raises(DesignError, match="ありません"):
        position(BY_HAND, "05201", 2024, indicator_ids=["no_such"])


def test_every_area_is_ranked_once_and_the_wide_table_agrees() -> None:
    every = ranks(municipal(), "municipality", 2024)
    assert len(every[every["indicator_id"] == "general_staff_count"]) == 1741
    best = every[(every["indicator_id"] == "general_staff_count") & (every["rank"] == 1)]
    assert best["area_id"].tolist() == ["14100"]  # 横浜市
    wide = load_municipalities(2024)
    assert wide["municipality_code"].tolist() == [a.area_id for a in list_areas("municipality")]
    assert wide["general_staff_count"].sum() == 697_282
    assert set(indicator_table()["indicator_id"]) >= {
        name.removesuffix("_year") for name in wide if name.endswith("_year")
    }


def test_a_new_return_of_one_municipality_leaves_the_others_known() -> None:
    staff = pd.DataFrame(
        {"municipality_code": ["05201", "05202", "05202"], "fiscal_year": [2023, 2023, 2024],
         "technician_count": [40.0, 20.0, 21.0]}
    )  # fmt: skip
    newest = latest_known(
        staff, 2024, keys=["municipality_code"], year="fiscal_year", value="technician_count"
    )
    assert dict(zip(newest["municipality_code"], newest["technician_count"], strict=True)) == {
        "05201": 40.0, "05202": 21.0,
    }  # fmt: skip
