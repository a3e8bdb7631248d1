"""Profile: worked by hand on a few municipalities."""

from __future__ import annotations

import functools

import pandas as pd
import pytest

from gunmane_analysis.areas import find_area, list_areas
from gunmane_analysis.charts.profile import plot_outlook
from gunmane_analysis.errors import DesignError
from gunmane_analysis.findings.pages.area import place_finding, points_finding
from gunmane_analysis.findings.profile import (
    by_year_finding,
    municipalities_finding,
    outlook_finding,
    technicians_finding,
)
from gunmane_analysis.loaders.indicators import load_municipal_values, load_municipalities
from gunmane_analysis.loaders.tables import load_adjacency, load_national_points, load_staffing
from gunmane_analysis.metrics.position.context import (
    neighbour_profile,
    population_outlook,
    similar_municipalities,
    similar_position,
    technicians_by_block,
)
from gunmane_analysis.metrics.position.position import area_values, position
from gunmane_analysis.metrics.staffing.thresholds import published_technician_shares
from gunmane_analysis.tables import empty_table
from gunmane_analysis.tables.indicators import indicator_values
from gunmane_analysis.tables.people import technician_counts

CODES = ["05201", "05202", "05203", "05204", "13101"]


def profile_of(**columns: list[float]) -> pd.DataFrame:
    """Return the municipalities with some columns given for CODES and missing elsewhere."""
    every = load_municipalities(1995)
    given = pd.DataFrame(columns, index=pd.Index(CODES, name="municipality_code"))
    names = every[["municipality_code", "area_name", "prefecture_code", "block_id"]]
    return names.join(given, on="municipality_code")


@functools.cache  # tables are read by a test, not where tests are collected
def full() -> pd.DataFrame:
    return profile_of(
        population_count=[300_000, 50_000, 80_000, 68_000, 67_000],
        fiscal_strength_index=[0.67, 0.35, 0.41, 0.40, 1.6],
        area_km2=[906, 427, 693, 913, 12],
        road_length_km=[2_100, 900, 1_300, 1_000, 200],
    )


def with_technicians(rows: pd.DataFrame) -> pd.DataFrame:
    counts = technician_counts(rows).set_axis(rows["municipality_code"])
    return full().assign(technician_count=full()["municipality_code"].map(counts))


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
    """3.4 thousand million yen for 68,000 residents and 1,000 km; 90 of 450 bridges."""
    quantities = pd.DataFrame(
        {
            "area_id": ["05204", "05204", "05204"],
            "year": [2015, 2022, 2023],
            "population_count": [80_000, float("nan"), 68_000],
            "civil_engineering_expenditure_jpy": [4.0e9, 3.0e9, 3.4e9],
            "road_length_km": [1_000.0, 1_000.0, 1_000.0],
            "bridges_inspected_count": [float("nan"), 0.0, 450.0],
            "bridges_needing_repair_count": [float("nan"), 0.0, 90.0],
        }
    )
    values = indicator_values(quantities, "municipality")
    values = values.astype({"indicator_id": "str"}).set_index(["indicator_id", "year"])["value"]
    assert values[("expenditure_per_resident_jpy", 2023)] == 50_000
    assert ("expenditure_per_resident_jpy", 2022) not in values.index
    assert values[("expenditure_per_km_jpy", 2023)] == 3_400_000
    assert values[("expenditure_change_since_2015", 2023)] == pytest.approx(-0.15)
    assert values[("repair_share", 2023)] == pytest.approx(0.2)
    assert ("repair_share", 2022) not in values.index  # no bridge is no share


def test_the_most_alike_comes_first_and_the_unlike_last() -> None:
    profile = full()
    similar = similar_municipalities(profile, find_area("05204"))
    assert similar["municipality_code"].tolist()[0] == "05203"
    assert similar["municipality_code"].tolist()[-1] == "13101"
    assert similar["distance"].is_monotonic_increasing


def test_likeness_needs_all_four_figures() -> None:
    profile = full()
    with pytest.raises(DesignError, match="そろわず"):
        similar_municipalities(profile, find_area("05206"))
    with pytest.raises(DesignError, match="市区町村ではない"):
        similar_municipalities(profile, find_area("05"))


def test_none_is_no_technician_and_unknown_is_not_counted() -> None:
    nan = float("nan")
    rows = staffing(
        [("05201", 40, 5, ""), ("05202", nan, 0, "none"), ("05203", nan, 2, "unknown"),
         ("05204", 3, 2, "")]
    )  # fmt: skip
    assert technician_counts(rows).fillna(-1).tolist() == [45, 0, -1, 5]
    profile = with_technicians(rows)
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
    # 1 and 2 of 3 are not the nation
    assert "（回答のあった3市区町村では33.3%と66.7%）" in finding.headline
    known = profile.set_index("municipality_code")["technician_count"]
    whole = load_municipalities(2024)
    whole = whole.assign(technician_count=whole["municipality_code"].map(known))
    medians = municipalities_finding(whole, find_area("japan"))
    assert "回答のあった市区町村の中央値であるもの: 土木技師・建築技師（3市区町村）" in "".join(
        medians.caveats
    )


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
    profile = with_technicians(rows)
    counts = technicians_by_block(profile)
    nation = counts.set_index("area_id").loc["japan"]
    assert [nation[f"{n}_count"] for n in ("municipality", "zero", "few")] == [1741, zero, few]
    filings = pd.DataFrame(
        {"source_id": ["teiin"], "title": ["定員"], "how": [""], "is_filed": [True]}
    )
    published = published_technician_shares(load_national_points(), 2024)
    finding = technicians_finding(counts, published, find_area("japan"), filings)
    assert words in finding.headline
    assert "全国の数の分かる1,741市区町村では" in finding.headline


def test_a_page_of_a_town_says_where_it_stands() -> None:
    """The sentences of the trial sheet of 大館市, and the municipalities of 秋田県 in one table."""
    values = load_municipal_values()
    towns, odate = load_municipalities(2024), find_area("05204")
    found = position(values, odate, 2024)
    points = points_finding(found, values).headline
    assert "一般行政部門職員は467人（2024年度）で、前年度から5人（1.1%）減った" in points
    assert "措置の要る橋の割合は17.2%で、1,722市区町村で162番目に高い" in points
    place = place_finding(found, values, similar_position(values, towns, odate, 2024))
    assert "municipal_series" in place.source_ids
    rows = place.table.set_index("label")
    assert rows.loc["人口千人当たり職員数", "rank_text"] == "1,005／1,741"
    assert [term.term for term in place.definitions] == ["似た市区町村"]
    side_by_side = municipalities_finding(towns, find_area("05"))
    assert len(side_by_side.table) == 25
    near = neighbour_profile(towns, load_adjacency(), odate)
    beside = municipalities_finding(towns, odate, near)
    assert "".join(beside.table["area_name"]) == (
        "大館市青森県弘前市青森県平川市青森県西目屋村青森県大鰐町鹿角市北秋田市小坂町藤里町"
    )
    assert beside.table["general_staff_count"].tolist() == [
        467, 939, 215, 28, 107, 210, 262, 60, 56,
    ]  # fmt: skip
    assert "土木部門職員数" not in str(beside.columns)  # nobody has filed any
    filed = towns.assign(civil_staff_count=40.0, civil_staff_count_year=2024.0)
    shown = {
        column.name: column.label for column in municipalities_finding(filed, odate, near).columns
    }
    assert "土木部門職員数" in shown["civil_staff_count"]
    blocks = municipalities_finding(towns, find_area("tohoku")).table.set_index("area_name")
    # 秋田県: the median of the 25 values above
    akita = towns.loc[towns["prefecture_code"] == "05", "staff_per_1000_residents"]
    assert blocks["staff_per_1000_residents"]["秋田県（25）"] == akita.median()


def test_the_years_of_a_town_are_those_published() -> None:
    """大館市: 4,071,245 thousand yen in 2015, 3,803,226 in 2024; 467 staff; none before 2021."""
    values, odate = load_municipal_values(), find_area("05204")
    finding = by_year_finding(values, odate, 2024)
    table = finding.table.set_index("year")
    money = table["civil_engineering_expenditure_jpy"]
    assert (money[2015], money[2024]) == (4_071_245_000, 3_803_226_000)
    assert "2015年度の40.7億円から2024年度の38.0億円" in finding.headline
    assert table["general_staff_count"].dropna().to_dict() == {
        2021: 478, 2022: 467, 2023: 472, 2024: 467,
    }  # fmt: skip
    early = by_year_finding(values, odate, 2019)
    assert early is not None
    assert [column.name for column in early.columns] == [
        "year",
        "civil_engineering_expenditure_jpy",
    ]
    assert by_year_finding(values, find_area("05"), 2024).placement == "absent"


def test_a_place_without_peers_or_figures_has_no_place_among_them() -> None:
    values = area_values(load_municipal_values(), load_staffing())
    assert position(values, find_area("japan"), 2024).table["rank"].isna().all()
    nothing = position(values.iloc[:0], find_area("05204"), 2024)
    assert place_finding(nothing, values.iloc[:0]).placement == "absent"


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
    profile = full()
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


def test_a_prefecture_that_is_a_block_by_itself_has_one_line() -> None:
    projection = pd.DataFrame(
        {"municipality_code": "01202", "year": [2020, 2050], "population_count": [100.0, 60.0]}
    )
    area = find_area("01")
    figure = plot_outlook(population_outlook(projection, area, 2024), area)
    assert sorted(text.get_text() for text in figure.axes[0].texts) == ["全国", "北海道"]


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
