"""The first sheet of an area's page: sentences that follow by rule from the area's own figures."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata

from gunmane_analysis import (
    adoption_years,
    area_funnel,
    area_groups,
    area_values,
    areas_table_finding,
    calendar_finding,
    children,
    consultation_desks_finding,
    course_finding,
    desks_of,
    expenditure_effect,
    find_area,
    funnel_finding,
    funnel_readings,
    heaviest_municipalities_finding,
    known_contracts,
    known_contracts_finding,
    list_areas,
    load_activity_plan,
    load_adjacency,
    load_boundaries,
    load_consultation_desks,
    load_contract_cases,
    load_contract_cases_public,
    load_contracts,
    load_funnel_cases,
    load_funnel_counts,
    load_group_thresholds,
    load_group_units,
    load_kpi,
    load_me_courses,
    load_model_regions,
    load_municipal_panel,
    load_municipal_values,
    load_municipalities,
    load_national_points,
    load_staffing,
    load_standard_steps,
    load_step_positions,
    municipal_map_finding,
    municipalities_finding,
    national_points_finding,
    nearest_cases,
    nearest_cases_finding,
    nearest_contracts,
    neighbour_profile,
    next_step,
    next_step_finding,
    place_finding,
    planned_activities,
    points_finding,
    pooled_groups_finding,
    position,
    published_counts,
    rounding_ranges,
    staffing_breaks,
    staffing_projection,
    step_standing,
)
from gunmane_analysis.areas import town_hall
from gunmane_analysis.areas.tiles import tiles_of
from gunmane_analysis.findings.described import absent_finding
from gunmane_analysis.findings.pages.area_parts import unsubmitted_finding
from gunmane_analysis.findings.staffing import turn_year
from gunmane_analysis.metrics.staffing.change import staffing_by_area


def points(area_id: str, year: int = 2024) -> list[str]:
    values = area_values(load_municipal_values(), load_staffing())
    return points_finding(position(values, area_id, year), values).table["point"].tolist()


def test_the_four_facts_of_tohoku_are_its_first_sentences() -> None:
    # published series: 72,357 -> 56,663 (+263 on 2023), low 55,535 in 2013; 42.6 a 100 km
    staff, load, members, density = points("tohoku")
    assert "56,663人（2024年度）で、前年度から263人（0.5%）増えた" in staff
    assert "21.7%減（減り方は10ブロックで4番目に大きい）" in staff
    assert "回復は2.0%（10ブロックで3番目に小さい、全国4.8%）" in staff
    assert "100km当たり職員数は42.6人で、10ブロックで最も少ない（全国は68.0人" in load
    assert "岩手県は29.6人、秋田県は34.5人" in load
    assert "山形・宮城・福島は4.0〜7.1%増えたが、岩手・秋田・青森は0.1〜1.6%にとどまる" in members
    assert "6.90人（全国5.73人" in density
    assert "主に人口が減ったこと" in density


def test_a_town_says_where_it_is_what_weighs_and_what_is_unknown() -> None:
    staff, weight, outlook, unknown = points("05204")
    assert "一般行政部門職員は467人（2024年度）" in staff
    assert "措置の要る橋の割合は17.2%で、1,722市区町村で162番目に高い（中央値は5.4%）" in weight
    assert "2050年の人口は2020年の57%と見込まれる" in outlook
    assert unknown == "土木部門の職員数と技術者の数は提出されておらず、分からない。"


def test_a_published_case_says_its_own_staff_where_none_are_filed() -> None:
    # 群マネの手引きVer.1, 先行事例: 大館市 61人, 技術者 45人, no day of survey printed
    values, towns = area_values(load_municipal_values(), load_staffing()), load_municipalities(2024)
    for area_id, is_case in (("05204", True), ("05201", False)):
        nearest = nearest_cases(load_contract_cases(), area_id, 2024, towns)
        found = points_finding(position(values, area_id, 2024), values, nearest)
        assert ("土木部門の職員は61人、技術者は45人である" in found.headline) == is_case
        assert ("提出されておらず、分からない" in found.headline) != is_case
        assert ("contract_cases" in found.source_ids) == is_case


def test_filed_engineers_are_a_point_of_their_own_and_come_before_a_printed_case() -> None:
    values, towns = area_values(load_municipal_values(), load_staffing()), load_municipalities(2024)
    nearest = nearest_cases(load_contract_cases(), "05204", 2024, towns)
    filed = pd.DataFrame(
        {"indicator_id": ["civil_staff_count", "technician_count"], "value": [58.0, 40.0]}
    ).assign(area_id="05204", year=2024)
    for rows, words in (
        (filed, "土木部門の職員は58人（2024年度）、土木技師・建築技師は40人（2024年度）である。"),
        (filed[:1], "土木技師・建築技師の数は提出されていない。"),
        (filed[1:], "土木部門の職員数は提出されていない。"),
    ):
        both = pd.concat([values.astype({"area_id": "str", "indicator_id": "str"}), rows])
        found = points_finding(position(both, "05204", 2024), both, nearest)
        assert found.table["point"].iloc[-1].endswith(words)
        assert "contract_cases" not in found.source_ids


def test_the_nation_says_its_engineers_its_funnel_and_its_contracts_after_its_staff() -> None:
    # 群マネ、全国展開へ: 26 % fewer, 25 % without technicians; 事業計画書: 98, 50, 31, 5
    values = area_values(load_municipal_values(), load_staffing())
    engineers = national_points_finding(rounding_ranges(load_national_points(), 2024))
    funnel = funnel_finding(funnel_readings(published_counts(load_kpi(), 2024)), 2024)
    found = points_finding(
        position(values, "japan", 2024),
        values,
        themes=(engineers, absent_finding("area.course"), funnel),
    )
    staff, civil, counts, _ = found.table["point"]
    assert "709,421人（2024年度）" in staff
    assert "26%減少し" in civil and "0人の市区町村は25%" in civil
    assert "検討98件、マッチング成立50件、現場試行31件、社会実装5件" in counts
    assert {"national_points", "kpi"} <= set(found.source_ids)
    assert all(card.nation is None for card in found.key_figures)  # it is the nation's own


def test_a_block_names_the_few_that_recover_and_counts_the_rest() -> None:
    assert any("埼玉は10.9%増えたが、ほかの8都道府県は" in each for each in points("kanto"))


def test_one_bridge_of_one_is_no_gravest_share() -> None:
    # 長野県小海町: one bridge inspected, and it needs repair
    listed = heaviest_municipalities_finding(load_municipalities(2024), "kanto", "repair_share")
    assert (listed.table["bridges_inspected_count"] >= 10).all()
    assert "小海町" not in "".join(listed.table["area_name"])
    assert "点検した橋が10以上" in listed.title and "420市区町村のうち" not in listed.headline


def test_a_column_of_figures_of_two_years_is_headed_with_both() -> None:
    towns = load_municipalities(2024)
    towns.loc[towns["municipality_code"] == "05204", "repair_share_year"] = 2025
    columns = {each.name: each.label for each in municipalities_finding(towns, "05").columns}
    assert columns["repair_share"] == "措置の要る橋の割合 2024〜2025年度"
    assert columns["staff_per_1000_residents"] == "人口千人当たり職員数 2024年度"


def test_the_fall_of_all_staff_is_said_to_be_of_general_administration() -> None:
    # 群マネ、全国展開へ: a note below the chart says so
    ranges = rounding_ranges(load_national_points(), 2024)
    notes = "".join(national_points_finding(ranges).caveats)
    assert "総職員の率には、一般行政部門だけを集計したとの注がある" in notes


def test_a_neighbour_across_the_border_is_named_with_its_prefecture() -> None:
    # 佐久市 borders on 群馬県南牧村; 長野県 has a 南牧村, too
    towns = load_municipalities(2024)
    near = neighbour_profile(towns, load_adjacency(), "20217")
    found = municipalities_finding(towns, "20217", near)
    assert "群馬県南牧村、小諸市" in found.headline
    assert "群馬県南牧村" in found.table["area_name"].tolist()


def test_a_town_that_is_enough_alone_has_no_words_on_candidates() -> None:
    thresholds = load_group_thresholds(2024)
    found = area_groups(load_group_units(), load_adjacency(), "14100", 2024, thresholds, seeds=1)
    shown = pooled_groups_finding(found, load_municipalities(2024), "14100")
    assert "横浜市は一般行政部門職員数が15,445人で、単独で300人に届く" in shown.headline
    assert not any("候補であり" in caveat for caveat in shown.caveats)


def test_an_area_without_contracts_has_no_note_on_a_table_of_them() -> None:
    # 九州 has none in the sources; 関東 has 府中市's
    known = known_contracts(
        load_contract_cases(), load_contract_cases_public(), load_contracts(), 2024
    )
    towns = load_municipalities(2024)
    adoption = adoption_years(
        load_contracts(), load_contract_cases(), load_contract_cases_public(), 2024
    )
    effects = expenditure_effect(load_municipal_panel(), adoption, towns, "japan", 2024)
    for area_id, has_table in (("kyushu", False), ("kanto", True)):
        found = known_contracts_finding(nearest_contracts(known, towns, area_id), area_id, effects)
        assert any("出典の行の数" in note for note in found.caveats) == has_table
        assert any("契約の費用ではなく" in note for note in found.caveats)  # of the effect


@pytest.mark.parametrize(
    ("area_id", "said", "row_count"),
    [
        ("15204", "三条市は2017年度に包括的民間委託を導入した（出典の記載4行）。", 4),
        (
            "28206",
            "芦屋市で知られる包括的民間委託は、1団体（芦屋市）である（記載1行）。",
            1,
        ),  # undated
        ("47382", "与那国町の包括的民間委託は、用いた資料では知られていない。", 0),
    ],
)
def test_a_municipality_sees_its_own_contracts_or_that_none_is_known(
    area_id: str, said: str, row_count: int
) -> None:
    towns = load_municipalities(2024)
    known = known_contracts(
        load_contract_cases(), load_contract_cases_public(), load_contracts(), 2024
    )
    found = known_contracts_finding(nearest_contracts(known, towns, area_id, count=0), area_id)
    assert found.headline == said
    assert len(found.table) == row_count
    assert found.placement != "absent"


def test_a_municipality_has_the_forum_of_its_block_and_its_desk_in_a_sentence_each() -> None:
    plan = planned_activities(load_activity_plan(), "05204", 2024)
    funnel = area_funnel(load_kpi(), load_funnel_counts(), load_funnel_cases(), "05204", 2024)
    calendar = calendar_finding(plan, "05204", 2024, funnel)
    assert calendar.headline.startswith("東北フォーラムは2024年度に6件の活動を計画した")
    assert "検討98件に対し社会実装は5件（5.1%）" in calendar.headline
    desk = consultation_desks_finding(desks_of(load_consultation_desks(), "05204"), "05204")
    assert "電話022-225-2171、thr-kikaku@ki.mlit.go.jp" in desk.headline  # as the document prints
    assert [calendar.columns, desk.columns] == [(), ()]
    okinawa = consultation_desks_finding(desks_of(load_consultation_desks(), "47382"), "47382")
    assert "@" not in okinawa.headline  # two documents, two addresses
    assert any("電子メールは資料により違う" in note for note in okinawa.caveats)


@pytest.mark.parametrize("area_id", ["japan", "kanto", "hokuriku", "20", "20217"])
def test_a_next_step_says_nothing_of_tasks_that_it_lacks_nor_of_contracts(area_id: str) -> None:
    # 関東 has 府中市's contracts, though none of the guide's cases
    standing = step_standing(load_standard_steps(), load_step_positions(), area_id, 2024)
    nearest = nearest_cases(load_contract_cases(), area_id, 2024)
    desks = desks_of(load_consultation_desks(), area_id)
    step = next_step(standing, nearest, desks, load_me_courses(), load_model_regions())
    notes = "".join(next_step_finding(step).caveats)
    assert ("作業は" in notes) == ("task" in set(step.table["topic"]))
    assert "包括的民間委託の事例はない" not in notes


@pytest.mark.parametrize("area_id", ["05204", "13101", "05", "tohoku", "japan"])
@pytest.mark.parametrize("year", [1998, 2010, 2021])
def test_the_points_of_a_year_whose_year_before_is_unknown_are_whole_sentences(
    area_id: str, year: int
) -> None:
    # staff of municipalities is published from 2021 on, of prefectures from 1998 on
    for sentence in points(area_id, year):
        assert sentence.endswith("。")
        assert not any(torn in sentence for torn in ("で、。", "、。", "（）", "。。", "は。"))


@pytest.mark.parametrize("kind", ["block", "prefecture"])
def test_every_area_has_points_of_its_own(kind: str) -> None:
    said = {area.area_id: points(area.area_id) for area in list_areas(kind)}  # type: ignore[arg-type]
    assert all(3 <= len(sentences) <= 4 for sentences in said.values())
    every = [sentence for sentences in said.values() for sentence in sentences]
    assert len(every) == len(set(every))
    assert not any("nan" in sentence or "None" in sentence for sentence in every)


@pytest.mark.parametrize(("area_id", "count"), [("05204", 10), ("05", 8), ("tohoku", 8)])
def test_the_place_of_an_area_is_drawn_and_tabled(area_id: str, count: int) -> None:
    area = find_area(area_id)
    values = area_values(load_municipal_values(), load_staffing())
    found = place_finding(position(values, area, 2024), values)
    assert found is not None and found.chart is not None
    assert len(found.table) == count
    assert area.name in found.title
    assert found.chart.alt.count("／") == count


@pytest.mark.parametrize(
    ("area_id", "share"),  # the census of 2020 by the register of 1 January 2021
    [("07546", "0.0%"), ("07542", "54.8%"), ("05204", "")],  # 0/5,789, 3,710/6,767, 69,237/70,423
)
def test_figures_per_resident_are_qualified_where_the_registered_live_elsewhere(
    area_id: str, share: str
) -> None:
    values = load_municipal_values()
    found = place_finding(position(values, area_id, 2023), values)  # no bridges of that source yet
    notes = [note for note in found.caveats if "2020年の国勢調査" in note]
    assert [share in note for note in notes] == [True] * bool(share)
    assert "municipal_base" in found.source_ids  # the census, in place of SSDSE's


def test_a_place_of_one_indicator_names_it_and_not_every_indicator() -> None:
    values = area_values(load_municipal_values(), load_staffing())
    one = values[values["indicator_id"] == "staff_change_since_1998"]
    said = {
        area.area_id: place_finding(position(one, area, 2024), one).headline
        for area in list_areas("block")
    }
    assert not any("どの指標でも" in sentence for sentence in said.values())
    # 関東 fell second least of ten (reviews): not in the graver fourth
    assert "1998年度から" in said["kanto"] and "重い側の4分の1に入らない" in said["kanto"]


@pytest.mark.parametrize("code", ["01", "05", "13", "47"])
def test_every_municipality_has_a_tile_of_its_own_in_the_order_of_the_map(code: str) -> None:
    inside = load_municipalities(2024).query("prefecture_code == @code")["municipality_code"]
    halls = {town: town_hall(town)[::-1] for town in inside}
    tiles = tiles_of(halls)
    assert len(set(tiles.values())) == len(halls) == len(inside)
    east, north = zip(*halls.values(), strict=True)
    columns, rows = zip(*(tiles[town] for town in halls), strict=True)
    assert np.corrcoef(rankdata(east), columns)[0, 1] > 0.85
    assert np.corrcoef(rankdata(north), rows)[0, 1] < -0.85


def test_a_town_and_its_neighbours_are_mapped_by_outlines_where_all_are_filed() -> None:
    municipalities, odate = load_municipalities(2024), find_area("05204")
    near = neighbour_profile(municipalities, load_adjacency(), odate)
    tiles = municipal_map_finding(municipalities, odate, load_boundaries(), near)
    assert tiles is not None and tiles.chart is not None
    assert len(tiles.table) == 9
    assert "四角" in tiles.chart.alt and "鹿角市（20.9人）が最も少なく" in tiles.headline
    square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]])
    filed = pd.DataFrame(
        [
            {
                "area_code": code, "longitudes": (square[:, 0] + 139 + place).tolist(),
                "latitudes": (square[:, 1] + 39).tolist(),
            }
            for place, code in enumerate(tiles.table["municipality_code"])
        ]
    )  # fmt: skip
    drawn = municipal_map_finding(municipalities, odate, filed, near)
    assert drawn is not None and drawn.chart is not None and "境界" in drawn.chart.alt
    some = municipal_map_finding(municipalities, odate, filed.iloc[1:], near)
    assert some is not None and some.chart is not None and "四角" in some.chart.alt


def test_the_first_sheet_of_a_block_maps_its_prefectures() -> None:
    values = area_values(load_municipal_values(), load_staffing())
    first = points_finding(position(values, find_area("tohoku"), 2024), values)
    assert first.chart is not None
    assert first.chart.alt.count("県 ") == 6 and "岩手県 29.6人" in first.chart.alt


def test_those_in_the_gravest_fifth_are_counted_by_hand() -> None:
    rows = [
        (f"05{number:03}", f"町{number}", "05" if number < 4 else "06", float(number), 2024.0)
        for number in range(1, 11)
    ]
    names = ["municipality_code", "area_name", "prefecture_code", "staff_per_100km"]
    table = pd.DataFrame(rows, columns=[*names, "staff_per_100km_year"])
    for other in ("general_staff_count", "population_count", "road_length_km",
                  "expenditure_per_resident_jpy", "repair_share"):  # fmt: skip
        table[other], table[f"{other}_year"] = 1.0, 2024.0
    found = heaviest_municipalities_finding(table, find_area("05"), count=2)
    assert found is not None  # 1 and 2 of ten lie below the fifth; 3 does not
    assert "3市区町村のうち" in found.headline and "入るのは2（67%）" in found.headline
    assert found.table["area_name"].tolist() == ["秋田県町1", "秋田県町2"]


def test_bridges_are_listed_from_the_other_end() -> None:
    found = heaviest_municipalities_finding(
        load_municipalities(2024), find_area("tohoku"), "repair_share"
    )
    assert found is not None
    shares = found.table["repair_share"]
    assert shares.is_monotonic_decreasing and "以上）に入るのは" in found.headline
    counts = found.table["bridges_needing_repair_count"] / found.table["bridges_inspected_count"]
    assert shares.tolist() == pytest.approx(counts.tolist())  # a rate shows both its numbers


def test_members_have_their_ranks_among_all_prefectures() -> None:
    values, tohoku = area_values(load_municipal_values(), load_staffing()), find_area("tohoku")
    members = children(tohoku)
    found = areas_table_finding(values, members, 2024, "", "members", references=(tohoku,))
    table = found.table.set_index("area_id")
    others = staffing_by_area(load_staffing(), list_areas("prefecture"), 2024)
    staff = others.pivot(index="area_id", columns="fiscal_year", values="general_staff_count")
    by_hand = (staff[2024] / staff[1998]).rank(ascending=False)
    assert by_hand["05"] == 47
    for member in members:
        assert table.loc[member.area_id, "staff_change_since_1998_rank"] == by_hand[member.area_id]
    assert table.loc["tohoku", "staff_change_since_1998_rank"] == "－"


def test_the_forum_of_a_block_says_how_far_cases_came() -> None:
    tohoku = find_area("tohoku")
    plan = planned_activities(load_activity_plan(), tohoku, 2024)
    funnel = area_funnel(load_kpi(), load_funnel_counts(), load_funnel_cases(), tohoku, 2024)
    found = calendar_finding(plan, tohoku, 2024, funnel)
    assert found is not None  # 98 and 5 are printed; 98 + 50 + 31 + 5 = 184
    assert "検討98件に対し社会実装は5件（5.1%）" in found.headline
    assert "184件に対しては2.7%" in found.headline


def test_only_what_is_not_submitted_is_listed() -> None:
    known = pd.DataFrame({"title": ["甲"], "answers": ["あ"], "is_filed": [True]})
    missing = pd.DataFrame({"title": ["乙"], "answers": ["い"], "is_filed": [False]})
    found = unsubmitted_finding(known, missing)
    assert found is not None and found.rows() == [["乙", "い"]]
    assert unsubmitted_finding(known, known).placement == "absent"


@pytest.mark.parametrize(
    ("year", "sentence"),
    [(2019, "土木費は合わせて36.6億円"), (2024, "一般行政部門職員数は合わせて527人")],
)
def test_a_group_is_described_by_what_it_was_made_of(year: int, sentence: str) -> None:
    # 大館市・小坂町: 3,212,948,000 + 442,480,000 yen in 2019; no staff count before 2021
    odate = find_area("05204")
    found = area_groups(
        load_group_units(), load_adjacency(), odate, year, load_group_thresholds(year), seeds=2
    )
    finding = pooled_groups_finding(found, load_municipalities(year), odate)
    assert f"{sentence}になる。" in finding.headline
    assert "nan" not in finding.headline


def test_who_has_no_partner_gets_a_sentence_and_no_table() -> None:
    chiyoda, island = find_area("13101"), find_area("47382")
    municipalities, adjacency = load_municipalities(2024), load_adjacency()
    found = area_groups(
        load_group_units(), adjacency, chiyoda, 2024, load_group_thresholds(2024), seeds=2
    )
    groups = pooled_groups_finding(found, municipalities, chiyoda)
    assert groups.columns == ()
    assert "1,006人で、単独で300人に届く" in groups.headline
    near = municipalities_finding(
        municipalities, island, neighbour_profile(municipalities, adjacency, island)
    )
    assert near.columns == ()
    assert near.headline == "与那国町と陸続きの市区町村はない。"


def test_without_figures_neighbours_are_named_and_no_column_is_spoken_of() -> None:
    towns = load_municipalities(2012)
    near = municipalities_finding(
        towns, "05204", neighbour_profile(towns, load_adjacency(), "05204")
    )
    assert near.headline.startswith("大館市と陸続きの市区町村は8（")
    assert near.columns == ()
    assert not any("列" in caveat for caveat in near.caveats)


@pytest.mark.parametrize("area_id", ["japan", "tohoku", "05"])
def test_an_outlook_in_words_has_three_significant_figures(area_id: str) -> None:
    staffing = load_staffing()
    breaks = staffing_breaks(staffing, list(dict.fromkeys([area_id, "japan"])), 2024)
    projection = staffing_projection(staffing, area_id, 2024)
    headline = course_finding(breaks, projection, area_id).headline
    low, high = re.findall(r"年度は([\d,]+)〜([\d,]+)人である", headline)[0]
    last = projection.path.iloc[-1]
    for words, count in ((low, last["count_low"]), (high, last["count_high"])):
        assert len(words.replace(",", "").rstrip("0")) <= 3
        assert float(words.replace(",", "")) == pytest.approx(count, rel=0.005)


@pytest.mark.parametrize(
    ("years", "words"),
    [((2013, 2013), "2013年度"), ((2010, 2014), "2013年度ごろ（2010〜2014年度）")],
)
def test_a_turn_known_to_the_year_has_no_range(years: tuple[int, int], words: str) -> None:
    (nation,) = staffing_breaks(load_staffing(), ["japan"], 2024)
    shift = dataclasses.replace(nation.shift, p_value=0.01, last_year=2013, year_range=years)
    assert turn_year(dataclasses.replace(nation, shift=shift)) == words


def test_a_course_without_a_turn_says_its_fewest_staff_and_the_rates_around_it() -> None:
    # SSDS: 秋田県 10,628 (1998), 6,852 (2021), 6,905 (2024): (6852 ÷ 10628)^(1/23) − 1 = −1.9 %
    breaks = staffing_breaks(load_staffing(), ["05", "japan"], 2024)
    found = course_finding(breaks, staffing_projection(load_staffing(), "05", 2024), "05")
    said = found.headline
    assert "縦の帯" not in found.title
    assert "最も少ないのは2021年度で、それまで年1.9%減、その後年0.3%増である" in said
    assert "変わった" not in said


def test_the_cases_nearest_to_a_town_are_measured_by_its_residents() -> None:
    island, municipalities = find_area("47382"), load_municipalities(2024)
    found = nearest_cases(load_contract_cases(), island, 2024, municipalities)
    assert found.cases["municipality_name"].tolist()[0] == "明和町"  # the smallest of the four
    names = [column.name for column in nearest_cases_finding(found).columns]
    assert "population_ratio" in names
    assert "civil_staff_ratio" not in names  # nobody has filed it: no empty column
