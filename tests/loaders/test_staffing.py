"""The prefecture series: its totals, its completeness, and what is refused."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pytest
import yaml

from gunmane_analysis.errors import SourceError, SourceMismatchError
from gunmane_analysis.loaders.staffing import build_staffing, with_fetched
from gunmane_analysis.loaders.store import load_table
from gunmane_analysis.loaders.tables import load_national_points, load_staffing

SERIES = Path("data/raw/prefecture_series/prefecture_series.csv")


def _rewrite(project: Path, before: str, after: str) -> None:
    """Change the series as a person would who then registers the new file."""
    file = project / SERIES
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    register = project / "data/raw/sources.yml"
    content = yaml.safe_load(register.read_text(encoding="utf-8"))
    entry = content["sources"]["prefecture_series"]["files"]
    entry["prefecture_series/prefecture_series.csv"]["sha256"] = hashlib.sha256(
        file.read_bytes()
    ).hexdigest()
    register.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def test_years_before_the_series_begins_do_not_lengthen_it() -> None:
    series = pd.DataFrame(
        {"item_code": "A1101", "prefecture_code": "01", "year": [1995.0, 2020.0], "value": 1.0}
    )
    fetched = pd.DataFrame(
        {"item_code": "A1101", "area_code": "01", "fiscal_year": [1975, 1994, 2025], "value": 2.0}
    )
    assert with_fetched(series, fetched)["year"].tolist() == [1995, 2020, 2025]


# D1202 for the nation, as printed in the mission.
@pytest.mark.parametrize(("year", "total"), [(1998, 847_382), (2014, 677_220), (2024, 709_421)])
def test_national_totals_are_those_printed(year: int, total: int) -> None:
    staffing = load_staffing()
    assert staffing.loc[staffing["fiscal_year"] == year, "general_staff_count"].sum() == total


def test_expenditure_is_in_yen() -> None:
    staffing = load_staffing().set_index(["prefecture_code", "fiscal_year"])
    # 707,148,565 thousand yen in the delivered file (Hokkaido, 1995)
    assert staffing.loc[("01", 1995), "civil_engineering_expenditure_jpy"] == 707_148_565_000


def test_codes_stay_text() -> None:
    codes = load_staffing()["prefecture_code"]
    assert set(codes.unique()) == {f"{number:02d}" for number in range(1, 48)}


def test_a_cell_that_is_no_number_is_refused_with_its_place(own_project: Path) -> None:
    _rewrite(own_project, "D1202,01,1998,44701", "D1202,01,1998,44701人")
    with pytest.raises(SourceError, match="2行目 列「value」 値「44701人」"):
        load_staffing()


def test_a_missing_column_is_refused_with_what_was_found(own_project: Path) -> None:
    _rewrite(own_project, "item_code,prefecture_code,year,value", "item_code,pref,year,value")
    with pytest.raises(SourceError, match=r"必要な列「prefecture_code」がありません.*pref"):
        load_staffing()


def test_a_year_without_all_prefectures_is_refused(own_project: Path) -> None:
    _rewrite(own_project, "D1202,01,1998,44701\n", "")
    with pytest.raises(SourceMismatchError, match="D1202 1998年 46件"):
        load_staffing()


def test_an_unknown_item_is_refused(own_project: Path) -> None:
    _rewrite(own_project, "D1202,01,1998,44701", "D9999,01,1998,44701")
    with pytest.raises(SourceMismatchError, match="D9999"):
        load_staffing()


def test_processed_tables_follow_the_raw_files(own_project: Path) -> None:
    assert load_staffing()["general_staff_count"].max() < 10**6
    _rewrite(own_project, "D1202,01,1998,44701", "D1202,01,1998,44702")
    changed = load_staffing().set_index(["prefecture_code", "fiscal_year"])
    assert changed.loc[("01", 1998), "general_staff_count"] == 44_702


def test_a_damaged_processed_table_is_rebuilt(own_project: Path) -> None:
    before = load_staffing()
    file = own_project / "data/processed/staffing.parquet"
    file.write_bytes(file.read_bytes()[:100])
    pd.testing.assert_frame_equal(load_staffing(), before)


def test_building_twice_gives_the_same_table() -> None:
    fetched = load_table("prefecture_items")
    pd.testing.assert_frame_equal(build_staffing(fetched), build_staffing(fetched))


def test_each_national_point_names_its_document() -> None:
    points = load_national_points()
    assert set(points["document_id"]) == {"hito_no_gunmane", "national_rollout_2025"}
    twice = points.groupby("point_id")["document_id"].nunique()
    assert twice["civil_staff_change_rate"] == 2
