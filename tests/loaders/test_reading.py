"""Registered files read into one table: absent, right, wrong, marked, and merged by trust."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml

from gunmane_analysis.areas import find_area
from gunmane_analysis.errors import SourceError, SourceMismatchError
from gunmane_analysis.loaders.reading import compared, filled, read_own
from gunmane_analysis.loaders.store import (
    difference_lines,
    load_source_differences,
    load_synthetic_sources,
    load_table,
)
from gunmane_analysis.sources import sha256_of
from gunmane_analysis.tables import describe

HEAD = "municipality_code,step_no,entered_on,as_of_on,obstacle,remark\n"
STAFF = "団体コード,年度,職員数,土木部門職員数,土木技師数,建築技師数,備考\n"
TEIIN = "団体コード,団体名,年度,総合計,土木,土木技師,建築技師\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def register(project: Path, **files: str) -> None:
    """Put files (source__name) under data/raw and into the register, as filing does."""
    raw = project / "data" / "raw"
    path = raw / "sources.yml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for given, text in files.items():
        source_id, _, name = given.partition("__")
        entry = content["sources"].setdefault(
            source_id, {"title": source_id, "producer": "試験", "files": {}}
        )
        file = write(raw / source_id / f"{name}.csv", text)
        entry["files"][f"{source_id}/{name}.csv"] = {"sha256": sha256_of(file)}
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def test_nothing_filed_gives_the_table_without_rows(own_project: Path) -> None:
    table = load_table("step_positions")
    assert table.empty
    assert list(table.columns) == [*HEAD.strip().split(","), "is_synthetic"]
    assert table["step_no"].dtype == "int64"


def test_a_file_headed_by_our_own_names_is_loaded(own_project: Path) -> None:
    register(own_project, step_positions__a=f"{HEAD}052043,2,2024-04-01,2025-01-31,staff,\n")
    table = load_table("step_positions")
    assert table[["municipality_code", "step_no"]].to_numpy().tolist() == [["05204", 2]]


def test_a_prefecture_may_belong_to_a_model_region(tmp_path: Path) -> None:
    head = "group_no,pattern,municipality_code,body_name,is_representative\n"
    path = write(tmp_path / "m.csv", f"{head}1,広域連携,340006,広島県,true\n")
    table = read_own(path, "model_regions")
    assert table["municipality_code"].tolist() == ["34"]


def test_every_faulty_cell_is_named_with_its_place(tmp_path: Path) -> None:
    rows = "052044,2,2024-04-01,2025-01-31,tired,\n052019,1.5,2024-02-30,2025-01-31,,\n"
    path = write(tmp_path / "p.csv", f"{HEAD}{rows}")
    with pytest.raises(SourceError) as refused:
        read_own(path, "step_positions")
    message = str(refused.value)
    for place in ("052044", "tired", "端数", "暦にない日"):
        assert place in message


def test_a_row_marked_in_its_remark_is_marked_in_the_table(own_project: Path) -> None:
    rows = ("052043,2024,100,9,4,1,合成データ\n", "052019,2024,900,80,40,9,仮の値\n",
            "052027,2024,500,50,20,5,仮設の庁舎\n", "052035,2024,700,60,30,6,\n")  # fmt: skip
    register(own_project, municipal_staffing__a=STAFF + "".join(rows))
    marks = load_table("municipal_staffing").set_index("municipality_code")["is_synthetic"]
    assert marks.to_dict() == {"05204": True, "05201": True, "05202": False, "05203": False}


def test_a_source_with_marked_rows_is_named_for_the_areas_that_use_them(own_project: Path) -> None:
    register(own_project, municipal_staffing__a=f"{STAFF}052043,2024,100,9,4,1,合成データ\n")
    sources = {area_id: load_synthetic_sources(find_area(area_id))
               for area_id in ("05204", "05", "tohoku", "japan", "01", "kyushu")}  # fmt: skip
    named = frozenset({"municipal_staffing"})
    assert sources == {
        "05204": named, "05": named, "tohoku": named, "japan": named,
        "01": frozenset(), "kyushu": frozenset(),
    }  # fmt: skip


def test_a_number_and_a_dash_for_one_cell_contradict_each_other(own_project: Path) -> None:
    first, second = (f"{STAFF}052043,2024,100,9,{count},1,\n" for count in ("6", "-"))
    register(own_project, municipal_staffing__a=first, municipal_staffing__b=second)
    with pytest.raises(SourceMismatchError, match="土木技師数"):
        load_table("municipal_staffing")


def test_a_dash_and_a_nought_are_the_same_and_unknown_contradicts_nothing(
    own_project: Path,
) -> None:
    first, second = f"{STAFF}052043,2024,100,9,-,…,\n", f"{STAFF}052043,2024,100,9,0,3,\n"
    register(own_project, municipal_staffing__a=first, municipal_staffing__b=second)
    row = load_table("municipal_staffing").iloc[0]
    assert (row["architect_count"], row["architect_count_status"]) == (3.0, "")


def test_the_more_trusted_source_is_used_and_the_difference_is_kept(own_project: Path) -> None:
    register(
        own_project,
        municipal_staffing__a=f"{STAFF}052043,2024,467,-,4,1,\n052019,2024,900,80,40,9,\n",
        teiin__a=f"{TEIIN}052043,大館市,2024,467,50,6,1\n",
    )
    table = load_table("municipal_staffing").set_index("municipality_code")
    odate = table.loc["05204"]
    assert (odate["civil_staff_count"], odate["civil_staff_count_status"]) == (50.0, "")
    assert odate["civil_engineer_count"] == 6.0
    assert table.loc["05201", "staff_count"] == 900.0  # only the less trusted source has it
    told = load_source_differences().set_index("column")
    assert told.loc["civil_engineer_count", ["source_id", "value", "other_value"]].tolist() == [
        "teiin", "6.0", "4.0",
    ]  # fmt: skip
    assert told.loc["civil_engineer_count", "different_count"] == 1
    assert told.loc["civil_staff_count", "other_value"] == "0.0"  # 皆無 where the survey has 50
    assert any(
        "土木技師数: teiin と municipal_staffing が1件中1件" in x for x in difference_lines()
    )


def test_a_mark_never_keeps_the_value_of_another_file() -> None:
    table = describe("municipal_staffing")
    rows = {"municipality_code": ["05204"], "fiscal_year": [2024]}
    blank = table.empty().reindex(range(1)).assign(**rows)
    known = blank.assign(civil_engineer_count=6.0, civil_engineer_count_status="")
    dash = blank.assign(civil_engineer_count=None, civil_engineer_count_status="none")
    key = list(table.key)
    for first, second in ((known, dash), (dash, known)):
        ours, theirs = first.set_index(key), second.set_index(key)
        assert compared(table, ours, theirs)["differs"].tolist() == [True]
        row = filled(table, ours, theirs).iloc[0]
        pair = (row["civil_engineer_count"], row["civil_engineer_count_status"])
        assert pair == (6.0, "") if first is known else pd.isna(pair[0]) and pair[1] == "none"


def edition(last_year: int, expenditure: int) -> str:
    """Return an edition of SSDSE-A: 土木費 of 2021 and the staff of another year."""
    codes = "SSDSE-A,Prefecture,Municipality,D1202,D320308,D3203,A1101"
    labels = "地域コード,都道府県,市区町村,一般行政部門職員数,土木費,歳出決算総額,総人口"
    years = f",,,{last_year},2021,2021,2020"
    return f"{codes}\n{years}\n{labels}\nR05204,秋田県,大館市,467,{expenditure},40000000,69237\n"


@pytest.mark.parametrize(
    ("first", "second", "used"),
    [((2024, 1), (2022, 2), 1), ((2022, 2), (2024, 1), 1), ((2024, 1), (2024, 2), 2)],
    ids=["an older one filed later", "a newer one filed later", "a corrected one filed later"],
)
@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_of_two_editions_the_newer_wins_whatever_their_names(
    own_project: Path,
    first: tuple[int, int],
    second: tuple[int, int],
    used: int,
    names: tuple[str, str],
) -> None:
    texts = zip(names, (edition(*first), edition(*second)), strict=True)
    register(own_project, **{f"ssdse_a__{name}": text for name, text in texts})
    table = load_table("municipal_indicators").set_index(["municipality_code", "fiscal_year"])
    assert table.loc[("05204", 2021), "civil_engineering_expenditure_jpy"] == used * 1000.0
