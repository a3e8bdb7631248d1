"""Codes before 2014: mapped by date with the filed list of changes, refused without it.

The changes are a few of e-Stat 統計LOD「標準地域コード」: 大館市 took in 比内町 and 田代町 on
2005-06-20, 潟上市 was formed of three towns on 2005-03-22, 上九一色村 was divided on 2006-03-01.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from gunmane_analysis.areas.master import former_codes
from gunmane_analysis.intake.check import check_file
from gunmane_analysis.loaders.filing import register_file
from gunmane_analysis.loaders.former import load_old_bodies
from gunmane_analysis.loaders.reading import read_own

HEAD = "団体コード,団体名,年度,職員数,土木部門職員数"


def change(day: str, reason: str, old: str, new: str) -> dict[str, Any]:
    (old_code, old_name), (new_code, new_name) = old.split(), new.split()
    return {
        "date": day,
        "reason": reason,
        "old": {"code": old_code, "name": old_name},
        "new": {"code": new_code, "name": new_name},
    }


MERGED = "establishmentOfNewMunicipalityByMerging"
CHANGES = [
    change("2005-06-20", "absorption", "05322 比内町", "05204 大館市"),
    change("2005-06-20", "absorption", "05325 田代町", "05204 大館市"),
    *(
        change("2005-03-22", MERGED, old, "05211 潟上市")
        for old in ("05362 昭和町", "05364 飯田川町", "05365 天王町")
    ),
    change("1970-07-01", "changesToCity", "12304 我孫子町", "12222 我孫子市"),
    change("2006-03-01", "divisionIntoSeveralMunicipalities", "19341 上九一色村", "19201 甲府市"),
    change("2006-03-01", "divisionIntoSeveralMunicipalities", "19341 上九一色村",
           "19430 富士河口湖町"),
]  # fmt: skip


@pytest.fixture
def filed(own_project: Path, tmp_path: Path) -> Path:
    path = tmp_path / "changes.json"
    path.write_text(json.dumps({"changes": CHANGES}), encoding="utf-8")
    register_file(check_file(path))
    return tmp_path


def write(folder: Path, *rows: str) -> Path:
    path = folder / "a.csv"
    path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    return path


def staffing(path: Path) -> pd.DataFrame:
    return read_own(path, "municipal_staffing").set_index("municipality_code")


def test_the_bodies_of_the_list_are_followed_to_today(filed: Path) -> None:
    old = load_old_bodies()
    assert old["05322"].successors == ("05204",)
    assert old["19341"].successors == ("19201", "19430")
    assert old["12304"].is_whole
    assert not old["05362"].is_whole


def test_absorbed_counts_are_added_to_the_body_that_absorbed_them(filed: Path) -> None:
    table = staffing(
        write(
            filed, "05204,大館市,2004,600,50", "05322,比内町,2004,120,6", "05325,田代町,2004,80,x"
        )
    )
    assert table.index.tolist() == ["05204"]
    assert table.loc["05204", "staff_count"] == 800
    assert table["civil_staff_count"].isna().tolist() == [True]


def test_a_body_merged_later_gets_one_row_of_its_parts(filed: Path) -> None:
    rows = ("05362,昭和町,2004,90,5", "05364,飯田川町,2004,60,3", "05365,天王町,2004,150,8")
    table = staffing(write(filed, *rows))
    assert table.index.tolist() == ["05211"]
    assert list(table.loc[["05211"], ["staff_count", "civil_staff_count"]].to_numpy()[0]) == [
        300,
        16,
    ]


def test_a_part_that_is_missing_leaves_the_value_unknown(filed: Path) -> None:
    path = write(filed, "05362,昭和町,2004,90,5", "05365,天王町,2004,150,8")
    checked = check_file(path, None, None, frozenset(), load_old_bodies())
    told = [warning.message for warning in checked.issues.of("warning")]
    assert any("05364 飯田川町 の行がない" in message for message in told)
    table = staffing(path)
    assert table["staff_count"].isna().tolist() == [True]
    assert table.loc["05211", "staff_count_status"] == "unknown"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            "05322,比内町,2024,120,6",
            "2005-06-20 の編入で廃止された番号で、05204 大館市 になりました",
        ),
        ("05322,比内町,2006,120,6", "2005-06-20"),
        ("05211,潟上市,2004,300,16", ""),
        ("19341,上九一色村,2004,50,2", "19201 甲府市・19430 富士河口湖町 に分かれ"),
        ("05322,田代町,2004,80,4", "合いません"),
    ],
)
def test_what_cannot_be_mapped_is_refused(row: str, words: str, filed: Path) -> None:
    checked = check_file(write(filed, row), None, None, frozenset(), load_old_bodies())
    if words:
        assert words in checked.issues.of("fault")[0].message
    else:  # a code of today in an older year stands for the area of today
        assert checked.is_accepted


def test_without_the_list_an_old_code_is_refused_with_what_to_file(
    own_project: Path, tmp_path: Path
) -> None:
    (fault,) = check_file(write(tmp_path, "05322,比内町,2004,120,6")).issues.of("fault")
    assert "municipal_changes" in fault.advice
    assert "2014年1月1日から" in fault.advice
    assert min(body.ended_on for body in former_codes().values()) == "2014-01-01"
    assert fault.row == 2


def test_without_the_list_a_name_of_old_says_where_the_known_changes_begin(tmp_path: Path) -> None:
    """合成データ: 比内町 lay in 大館市 from 2005 on; the table has no codes."""
    path = tmp_path / "H16.csv"
    head = "都道府県名,団体名,財政力指数,経常収支比率,実質公債費比率"
    rows = ("秋田県,比内町,0.3,90,12", "秋田県,秋田市,0.6,88,10")
    path.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    (told,) = [
        each
        for each in check_file(path, "mic_fiscal_index", 2004).issues.of("warning")
        if each.code == "name-without-successor"
    ]
    assert "2014年1月1日から" in told.advice and "municipal_changes" in told.advice


def test_the_package_itself_knows_the_changes_since_2014(tmp_path: Path) -> None:
    path = write(tmp_path, "09367,岩舟町,2013,100,5", "09203,栃木市,2013,900,60")
    table = staffing(path)
    assert table.loc["09203", "staff_count"] == 1000


@pytest.mark.parametrize("code", ["05204", "052044"])  # five digits of six; a wrong check digit
def test_a_known_body_is_not_said_to_have_ended_before(code: str, tmp_path: Path) -> None:
    path = tmp_path / "番号.csv"
    rows = ["団体コード,団体名,年度,職員数", "052019,秋田市,2024,2600", f"{code},大舘市,2024,467"]
    path.write_text("\n".join(rows), encoding="utf-8")
    (fault,) = check_file(path, "municipal_staffing").issues.of("fault")
    assert "大館市" in fault.message + fault.advice
    assert "municipal_changes" not in fault.advice
