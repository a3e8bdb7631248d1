"""The index: what it lists, from which pages its values come, what it says of failures."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

from gunmane_analysis import load_municipal_values, load_staffing
from gunmane_analysis.areas import list_areas
from gunmane_analysis.areas.tiles import prefecture_tiles
from gunmane_analysis.metrics.position.position import area_values
from gunmane_analysis.page.index import render_index
from gunmane_analysis.page.records import AreaRecord
from gunmane_analysis.tables.indicators import TIDY


def record(area_id: str, kind: str) -> AreaRecord:
    return AreaRecord(
        area_id, area_id, kind, "made", "0", {"scheme_id": "regional_bureaus"}, ("staffing",),
        "2026-11-20T10:00:00+09:00", summary=("文。",),
    )  # fmt: skip


def values(indicator_id: str, **by_area: float) -> pd.DataFrame:
    rows = [(area_id.strip("_"), indicator_id, 2024, value) for area_id, value in by_area.items()]
    return pd.DataFrame(rows, columns=TIDY)


def page(files: dict[str, bytes]) -> str:
    return files["index.html"].decode()


def listed(html: str) -> dict[str, list[str]]:
    """Every area's fields as the script reads them, by its id."""
    found = re.search(r'id="area-data">(.*?)</script>', html, re.DOTALL)
    assert found
    rows = [line.split("|") for line in json.loads(found[1])["rows"]]
    return {row[0]: row for row in rows}


@pytest.fixture(scope="module")
def everything() -> dict[str, bytes]:
    """The index of the real figures with the pages of one town and its prefecture."""
    figures = area_values(load_municipal_values(), load_staffing())
    made = (record("05", "prefecture"), record("05204", "municipality"))
    return render_index(2024, made, (), {"05204"}, figures)


def test_all_1741_municipalities_are_there_with_name_kana_and_prefecture(everything) -> None:
    rows = listed(page(everything))
    assert len(rows) == 1 + 10 + 47 + 1741
    assert rows["05204"][:6] == ["05204", "大館市", "おおだてし", "municipality", "05", "4"]
    assert sum(row[4] == "05" and row[3] == "municipality" for row in rows.values()) == 25


def test_a_value_in_the_data_is_shown_whether_or_not_a_page_is_made(everything) -> None:
    rows = listed(page(everything))
    assert rows["05201"][5] == "1"  # 秋田市 has no page here
    assert "…" not in "".join(rows["05201"] + rows["05204"] + rows["13"] + rows["tohoku"])
    assert "42.6" in rows["tohoku"]  # staff per 100 km, printed in reviews/page.md
    empty = sum(cell == "…" for row in rows.values() for cell in row)
    assert empty == (1741 - 1722) + (1741 - 1728)  # no bridges; 13 of 福島県 without projection


def test_the_index_is_no_larger_than_450_kilobytes(everything) -> None:
    assert len(everything["index.html"]) <= 450_000


def test_links_stand_where_a_page_is_and_old_pages_are_marked(everything) -> None:
    html = page(everything)
    assert set(re.findall(r'href="(\w+)/index.html"', html)) == {"05"}  # towns by script
    assert "資料・方法の更新前のページ" in html
    assert {row[0] for row in listed(html).values() if row[5] in "034"} == {"05", "05204"}


def test_the_files_give_all_areas_with_values_and_years(everything) -> None:
    rows = list(csv.DictReader(io.StringIO(everything["全地域_主な指標.csv"].decode("utf-8-sig"))))
    odate = next(row for row in rows if row["地域の番号"] == "05204")
    assert len(rows) == 1799
    assert (odate["都道府県"], odate["一般行政部門職員数（人）"]) == ("秋田県", "467")
    assert odate["一般行政部門職員数の年度"] == "2024"
    book = openpyxl.load_workbook(io.BytesIO(everything["全地域_主な指標.xlsx"]), read_only=True)
    assert sum(1 for _ in book["主な指標"].iter_rows()) > 1799


@pytest.mark.parametrize(
    ("indicator_id", "darkest"), [("staff_change_since_1998", "01"), ("repair_share", "47")]
)
def test_the_graver_end_is_the_darkest_and_classes_are_disjoint(
    indicator_id: str, darkest: str
) -> None:
    known = {
        f"_{code}": number / 470 - 0.05 for number, code in enumerate(sorted(prefecture_tiles()))
    }
    html = page(render_index(2024, (), values=values(indicator_id, **known)))
    assert re.search(rf'<li class="t{darkest}">.*?class="v v0 c5"', html)
    legend = re.findall(r'class="swatch c\d"></span>(.*?)〜(.*?)</li>', html)
    ends = [float(end.replace("△", "-")) for pair in legend for end in pair]
    assert len(legend) == 5
    assert ends == sorted(set(ends))


def test_headings_name_the_year_of_what_they_head(everything) -> None:
    """Each heading on the map has the year that the file of figures gives for every prefecture."""
    html = page(everything)
    rows = list(csv.DictReader(io.StringIO(everything["全地域_主な指標.csv"].decode("utf-8-sig"))))
    prefectures = [row for row in rows if row["区分"] == "都道府県"]
    titles = re.findall(r'class="legend-title">(.*?)（([^（]*)）　', html)
    assert len(titles) == 7
    for label, words in titles:
        years = {row[f"{label}の年度"] for row in prefectures} - {"", "…"}
        if not label.startswith("2050"):
            assert f"{years.pop()}年度" in words and not years, label
    heads = dict(re.findall(r'class="head">(.*?)<span class="unit">（(.*?)）</span>', html))
    assert heads["住民1人当たり土木費"] == "万円、市区町村2024・都道府県2022年度"
    assert heads["職員数の前年度からの変化"] == "%、2024年度"
    assert heads["職員数の変化（1998年度から）"] == "%、2024年度"
    assert heads["財政力指数"] == "2024年度"
    assert heads["2050年人口の2020年比"] == "%"


def test_a_page_made_before_is_told_from_none_where_making_failed() -> None:
    failure = replace(record("05", "prefecture"), status="failed", reason="理由。")
    again = listed(page(render_index(2024, (record("05", "prefecture"),), (failure,))))
    never = listed(page(render_index(2024, (), (failure,))))
    assert (again["05"][5], never["05"][5]) == ("3", "2")


def test_the_index_names_no_command(everything) -> None:
    shown = re.sub(r"<(script|style)\b.*?</\1>", "", page(everything), flags=re.DOTALL)
    assert "gunmane" not in shown


def test_every_prefecture_has_its_own_tile_inside_the_grid() -> None:
    assert set(prefecture_tiles()) == {area.area_id for area in list_areas("prefecture")}
    assert len(set(prefecture_tiles().values())) == 47
    assert all(1 <= column <= 14 and 1 <= row <= 12 for column, row in prefecture_tiles().values())


def test_blocks_hang_together_on_the_map() -> None:
    for block in list_areas("block"):
        left = {prefecture_tiles()[code] for code in block.prefecture_codes}
        reached = [left.pop()]
        for column, row in reached:
            for near in [
                tile for tile in left if max(abs(tile[0] - column), abs(tile[1] - row)) < 2
            ]:
                left.remove(near)
                reached.append(near)
        assert not left, block.name


def test_index_lists_made_and_failed_areas() -> None:
    failure = AreaRecord(
        "36", "徳島県", "prefecture", "failed", "0", {}, (), "2026-11-20T10:00:00+09:00",
        reason="資料 <b> がありません。",
    )  # fmt: skip
    known = {f"_{code}": -0.35 for code in prefecture_tiles()}
    figures = values("staff_change_since_1998", **known)
    html = page(render_index(2024, (record("05", "prefecture"),), (failure,), values=figures))
    assert "資料 &lt;b&gt; がありません。" in html
    assert re.findall(r'<li class="t(\d\d)">', html) == sorted(
        prefecture_tiles()
    )  # real links in code order
    assert '<li class="t05"><a href="05/index.html">' in html
    assert '<li class="t40"><a href="#area-40">' in html
    assert 'id="area-40"' in html and "作成できなかった" in html
    assert "△</i><b class=h>マイナス</b>35.0" in html
