"""Participation: the printed shares, and areas that add up to the nation."""

from __future__ import annotations

import pandas as pd
import pytest

from gunmane_analysis.areas import find_area, list_areas
from gunmane_analysis.errors import SourceMismatchError
from gunmane_analysis.loaders.checks import check_against_printed
from gunmane_analysis.loaders.tables import load_participation
from gunmane_analysis.metrics.people.participation import (
    latest_technicians,
    not_joined,
    participation_by_area,
)

CODES = [area.area_id for area in list_areas("municipality")]


def register(member_count: int, as_of_on: str = "2024-03-18") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "municipality_code": CODES,
            "programme": "government_membership",
            "is_member": [position < member_count for position in range(len(CODES))],
            "joined_on": pd.Series([None] * len(CODES), dtype="str"),
            "as_of_on": as_of_on,
        }
    )


def test_prefectures_add_up_to_the_nation() -> None:
    areas = [find_area("japan"), *list_areas("prefecture")]
    table = participation_by_area(register(1362), areas, 2023).set_index("area_id")
    assert table.loc["japan", "member_count"] == 1362
    assert table["member_count"].drop("japan").sum() == 1362
    assert table["municipality_total"].drop("japan").sum() == 1741
    assert round(table.loc["japan", "participation_rate"], 2) == 0.78


def test_a_share_needs_every_municipality_of_the_area() -> None:
    partial = register(1362).iloc[1:]  # 札幌市 is not listed
    table = participation_by_area(partial, [find_area("01"), find_area("05")], 2023)
    assert table["participation_rate"].isna().tolist() == [True, False]
    assert table["listed_count"].tolist() == [178, 25]


def test_a_complete_list_that_contradicts_the_printed_count_is_refused() -> None:
    check_against_printed(register(1362), load_participation())
    check_against_printed(register(10).iloc[1:], load_participation())
    with pytest.raises(SourceMismatchError, match="1,361、公表 1,362"):
        check_against_printed(register(1361), load_participation())


def test_who_stays_away_with_five_technicians_or_fewer() -> None:
    technicians = pd.DataFrame(
        {"municipality_code": ["47381", "47382", "01100"], "technician_count": [5.0, 6.0, 0.0]}
    )
    outside = not_joined(register(1000), technicians, find_area("japan"), 2023)
    # 札幌市 has joined, 与那国町 has six
    assert outside["municipality_code"].tolist() == ["47381"]


def test_technicians_are_those_of_the_last_year_and_none_at_all_counts_as_few() -> None:
    staffing = pd.DataFrame(
        {
            "municipality_code": ["47381", "47381", "47382", "47375"],
            "fiscal_year": [2022, 2025, 2023, 2023],
            "civil_engineer_count": [2.0, 9.0, float("nan"), float("nan")],
            "civil_engineer_count_status": ["", "", "none", "unknown"],
            "architect_count": [1.0, 9.0, 0.0, 1.0],
            "architect_count_status": ["", "", "", ""],
        }
    )
    technicians = latest_technicians(staffing, 2023)
    assert technicians[["municipality_code", "technician_count"]].to_numpy().tolist() == [
        ["47381", 3.0],
        ["47382", 0.0],
    ]
    outside = not_joined(register(1000), technicians, find_area("47"), 2023)
    assert outside["municipality_code"].tolist() == ["47382", "47381"]


def test_an_area_named_twice_is_counted_once() -> None:
    akita = find_area("05")
    table = participation_by_area(register(1362), [*akita.lineage, *list_areas("prefecture")], 2023)
    assert (table["area_id"] == "05").sum() == 1
