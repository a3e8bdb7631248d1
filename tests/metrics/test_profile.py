"""Profile: worked by hand on a few municipalities."""

from __future__ import annotations

import pandas as pd
import pytest

from gunmane_analysis.areas import find_area, list_areas
from gunmane_analysis.errors import DesignError
from gunmane_analysis.findings.profile import standing_finding
from gunmane_analysis.findings.profile_context import outlook_finding, technicians_finding
from gunmane_analysis.loaders.tables import load_national_points
from gunmane_analysis.metrics.position.context import (
    neighbour_profile,
    population_outlook,
    published_technician_shares,
    technicians_by_block,
)
from gunmane_analysis.metrics.position.profile import (
    municipal_profile,
    profile_standing,
    similar_municipalities,
)
from gunmane_analysis.tables import empty_table
from gunmane_analysis.tables.people import technician_counts

CODES = ["05201", "05202", "05203", "05204", "13101"]


def panel(**columns: list[float]) -> pd.DataFrame:
    frame = empty_table("municipal_panel").reindex(range(len(CODES)))
    frame["municipality_code"], frame["fiscal_year"] = CODES, 2023
    for name, values in columns.items():
        frame[name] = values
    return frame


FULL = panel(
    population_count=[300_000, 50_000, 80_000, 68_000, 67_000],
    civil_engineering_expenditure_jpy=[3e10, 4e9, 6e9, 3.4e9, 2e10],
    fiscal_strength_index=[0.67, 0.35, 0.41, 0.40, 1.6],
    area_km2=[906, 427, 693, 913, 12],
    road_length_m=[2_100_000, 900_000, 1_300_000, 1_000_000, 200_000],
    bridges_inspected_count=[700, 300, 500, 450, float("nan")],
    bridges_needing_repair_count=[70, 45, 25, 90, float("nan")],
)
NOTHING = (empty_table("municipal_indicators"), empty_table("municipal_fiscal_index"))


def staffing(rows: list[tuple[str, float, float, str]]) -> pd.DataFrame:
    frame = empty_table("municipal_staffing").reindex(range(len(rows)))
    frame["municipality_code"] = [row[0] for row in rows]
    frame["fiscal_year"] = 2023
    frame["civil_engineer_count"] = [row[1] for row in rows]
    frame["architect_count"] = [row[2] for row in rows]
    frame["civil_engineer_count_status"] = [row[3] for row in rows]
    frame["architect_count_status"] = ""
    return frame


def test_ratios_are_of_one_year_and_one_denominator() -> None:
    profile = municipal_profile(FULL, *NOTHING, empty_table("municipal_staffing"), 2024)
    odate = profile.set_index("municipality_code").loc["05204"]
    assert odate["expenditure_per_resident_jpy"] == 50_000
    assert odate["expenditure_per_km_jpy"] == 3_400_000
    assert odate["repair_share"] == pytest.approx(0.2)
    assert odate["repair_share_fiscal_year"] == 2023
    assert len(profile) == 1741


def test_later_years_are_left_out() -> None:
    profile = municipal_profile(FULL, *NOTHING, empty_table("municipal_staffing"), 2022)
    assert profile["population_count"].isna().all()


def test_the_most_alike_comes_first_and_the_unlike_last() -> None:
    profile = municipal_profile(FULL, *NOTHING, empty_table("municipal_staffing"), 2024)
    similar = similar_municipalities(profile, find_area("05204"))
    assert similar["municipality_code"].tolist()[0] == "05203"
    assert similar["municipality_code"].tolist()[-1] == "13101"
    assert similar["distance"].is_monotonic_increasing


def test_likeness_needs_all_four_figures() -> None:
    profile = municipal_profile(FULL, *NOTHING, empty_table("municipal_staffing"), 2024)
    with pytest.raises(DesignError, match="そろわず"):
        similar_municipalities(profile, find_area("05206"))
    with pytest.raises(DesignError, match="市区町村ではない"):
        similar_municipalities(profile, find_area("05"))


def test_the_place_counts_those_below() -> None:
    profile = municipal_profile(FULL, *NOTHING, empty_table("municipal_staffing"), 2024)
    table = profile_standing(profile, find_area("05204"), 2024).table.set_index("measure")
    assert table.loc["repair_share", "place"] == pytest.approx(3 / 4)
    assert table.loc["repair_share", "known_count"] == 4
    assert table.loc["repair_share", "nation"] == pytest.approx(0.125)


def test_none_is_no_technician_and_unknown_is_not_counted() -> None:
    nan = float("nan")
    rows = staffing(
        [("05201", 40, 5, ""), ("05202", nan, 0, "none"), ("05203", nan, 2, "unknown"),
         ("05204", 3, 2, "")]
    )  # fmt: skip
    assert technician_counts(rows).fillna(-1).tolist() == [45, 0, -1, 5]
    profile = municipal_profile(FULL, *NOTHING, rows, 2024)
    counts = technicians_by_block(profile).set_index("area_id")
    tohoku = counts.loc[["tohoku"], ["known_count", "zero_count", "few_count"]]
    assert tohoku.to_numpy().tolist() == [[3, 1, 2]]
    assert counts.loc["japan", "few_share"] == pytest.approx(2 / 3)
    filings = pd.DataFrame(
        {"source_id": ["teiin"], "title": ["定員"], "how": [""], "is_filed": [True]}
    )
    published = published_technician_shares(load_national_points(), 2024)
    assert dict(published["value"]) == {"zero_share": 0.25, "few_share": 0.5}
    odate = find_area("05204")
    finding = technicians_finding(counts.reset_index(), published, odate, filings)
    assert "0人の市区町村は1、5人以下は2" in finding.headline
    assert "公表値と比べるには足りない" in finding.headline


@pytest.mark.parametrize(
    ("zero", "few", "words"),
    [
        (435, 870, "0人の割合は公表値（25%）と合う、5人以下の割合は公表値（約半数）と合う。"),
        (
            522,
            1100,
            "公表値（25%）より5.0ポイント高い、5人以下の割合は公表値（約半数）より13.2ポイント高い",
        ),
    ],
)
def test_the_whole_country_is_held_against_what_is_published(
    zero: int, few: int, words: str
) -> None:
    """435 of 1,741 are 25.0 %, 870 are 50.0 %; 522 are 30.0 % and 1,100 are 63.2 %."""
    codes = [area.area_id for area in list_areas("municipality")]
    rows = staffing(
        [
            (code, 0 if number < zero else 3 if number < few else 9, 0, "")
            for number, code in enumerate(codes)
        ]
    )
    profile = municipal_profile(FULL, *NOTHING, rows, 2024)
    counts = technicians_by_block(profile)
    nation = counts.set_index("area_id").loc["japan"]
    assert [nation[f"{n}_count"] for n in ("municipality", "zero", "few")] == [1741, zero, few]
    filings = pd.DataFrame(
        {"source_id": ["teiin"], "title": ["定員"], "how": [""], "is_filed": [True]}
    )
    published = published_technician_shares(load_national_points(), 2024)
    finding = technicians_finding(counts, published, find_area("japan"), filings)
    assert words in finding.headline


def test_missing_tables_are_said_and_not_hidden() -> None:
    empty = municipal_profile(
        empty_table("municipal_panel"), *NOTHING, empty_table("municipal_staffing"), 2024
    )
    standing = profile_standing(empty, find_area("05"), 2024)
    filings = pd.DataFrame(
        {
            "source_id": ["municipal_panel"],
            "title": ["土木費の表"],
            "how": ["登録"],
            "is_filed": [False],
        }
    )
    finding = standing_finding(standing, empty, filings)
    assert "登録されていないため" in finding.headline
    assert finding.table["title"].tolist() == ["土木費の表"]


def test_outlook_and_neighbours() -> None:
    projection = pd.DataFrame(
        {
            "municipality_code": ["05204", "05204", "05201", "05201"],
            "year": [2020, 2050, 2020, 2050],
            "population_count": [100.0, 60.0, 300.0, 240.0],
        }
    )
    outlook = population_outlook(projection, find_area("05204"), 2024).set_index(
        ["area_id", "year"]
    )
    assert outlook.loc[("05204", 2050), "population_index"] == 60
    assert outlook.loc[("05", 2050), "population_index"] == 75
    profile = municipal_profile(FULL, *NOTHING, empty_table("municipal_staffing"), 2024)
    pairs = pd.DataFrame(
        {"municipality_code": ["05201", "05202"], "neighbour_municipality_code": ["05204", "05203"]}
    )
    assert neighbour_profile(profile, pairs, find_area("05204"))["municipality_code"].tolist() == [
        "05201"
    ]


def test_a_projection_is_shown_from_the_year_of_its_publication() -> None:
    projection = pd.DataFrame(
        {"municipality_code": "05204", "year": [2020, 2050], "population_count": [100.0, 60.0]}
    )
    area = find_area("05204")
    assert len(population_outlook(projection, area, 2023)) == 8  # the area and what it lies in
    early = population_outlook(projection, area, 2022)
    assert early.empty
    filings = pd.DataFrame(
        {
            "source_id": ["ipss_population"],
            "title": ["将来推計人口"],
            "how": [""],
            "is_filed": [True],
        }
    )
    assert outlook_finding(early, area, filings).headline == (
        "将来推計人口には、この年度までの数値がないため、この項目を示せない。"
    )


def test_a_municipality_projected_with_others_shows_their_projection() -> None:
    projection = pd.DataFrame(
        {
            "municipality_code": ["07201", "07201", "07999", "07999"],
            "year": [2020, 2050, 2020, 2050],
            "population_count": [100.0, 60.0, 400.0, 300.0],
        }
    )
    outlook = population_outlook(projection, find_area("07545"), 2024)
    together = outlook[outlook["area_id"] == "07999"]
    assert together["population_index"].tolist() == [100, 75]
    filings = pd.DataFrame(
        {"source_id": ["ipss_population"], "title": [""], "how": [""], "is_filed": [True]}
    )
    headline = outlook_finding(outlook, find_area("07545"), filings).headline
    assert headline.startswith("大熊町には個別の将来推計がない。")
    assert "2020年の400人から2050年に300人へ25.0%減" in headline
