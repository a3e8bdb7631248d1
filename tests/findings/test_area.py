"""The first sheet of an area's page: sentences that follow by rule from the area's own figures."""

from __future__ import annotations

import pandas as pd
import pytest

from gunmane_analysis import (
    area_values,
    find_area,
    list_areas,
    load_municipal_values,
    load_staffing,
    place_finding,
    points_finding,
    position,
)
from gunmane_analysis.findings.area import unsubmitted_finding


def points(area_id: str) -> list[str]:
    area, municipal = find_area(area_id), load_municipal_values()
    values = area_values(municipal, load_staffing())
    inside = municipal if area.kind == "prefecture" else None
    return points_finding(position(values, area, 2024), values, inside).table["point"].tolist()


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


def test_only_what_is_not_submitted_is_listed() -> None:
    known = pd.DataFrame({"title": ["甲"], "answers": ["あ"], "is_filed": [True]})
    missing = pd.DataFrame({"title": ["乙"], "answers": ["い"], "is_filed": [False]})
    found = unsubmitted_finding(known, missing)
    assert found is not None and found.rows() == [["乙", "い"]]
    assert unsubmitted_finding(known, known) is None
