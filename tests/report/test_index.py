"""The index: what it lists, from which pages its values come, what it says of failures."""

from __future__ import annotations

import re
from dataclasses import replace

from gunmane_analysis.areas import list_areas
from gunmane_analysis.areas.tiles import COLUMNS, ROWS, TILES
from gunmane_analysis.page.index import index_figures, render_index
from gunmane_analysis.page.records import AreaRecord


def record(area_id: str, kind: str, value: float | None, **others: float) -> AreaRecord:
    figure = {
        "key": "staffing.change", "label": "増減率", "value": value, "unit": "%",
        "kind": "change", "decimals": 1, "others": {**others},
    }  # fmt: skip
    return AreaRecord(
        area_id, area_id, kind, "made", "0", {"scheme_id": "regional_bureaus"}, ("staffing",),
        "2026-11-20T10:00:00+09:00", summary=("文。",), key_figures=(figure,),
    )  # fmt: skip


def test_an_area_speaks_for_itself_before_others_do() -> None:
    (figure,) = index_figures(
        (
            record("tohoku", "block", -0.217, **{"05": -0.1, "06": -0.2}),
            record("05", "prefecture", -0.35, tohoku=-0.9),
        )
    )
    assert dict(figure.values) == {"tohoku": -0.217, "05": -0.35, "06": -0.2}


def test_a_prefectures_figure_on_a_municipalitys_page_stays_the_prefectures() -> None:
    given = record("01204", "municipality", 34_176.0)
    (item,) = given.key_figures
    (figure,) = index_figures((replace(given, key_figures=({**item, "area_id": "01"},)),))
    assert dict(figure.values) == {"01": 34_176.0}


def test_a_block_of_one_prefecture_speaks_for_it() -> None:
    (figure,) = index_figures((record("hokkaido", "block", -0.235),))
    assert figure.values["01"] == -0.235


def test_every_prefecture_has_its_own_tile_inside_the_grid() -> None:
    assert set(TILES) == {area.area_id for area in list_areas("prefecture")}
    assert len(set(TILES.values())) == 47
    assert all(1 <= column <= COLUMNS and 1 <= row <= ROWS for column, row in TILES.values())


def test_blocks_hang_together_on_the_map() -> None:
    for block in list_areas("block"):
        left = {TILES[code] for code in block.prefecture_codes}
        reached = [left.pop()]
        for column, row in reached:
            for near in [
                tile for tile in left if max(abs(tile[0] - column), abs(tile[1] - row)) < 2
            ]:
                left.remove(near)
                reached.append(near)
        assert not left, block.name


def test_the_map_offers_no_figure_that_leaves_it_all_but_empty() -> None:
    known = dict.fromkeys(sorted(TILES), 0.1)
    full = record("japan", "nation", -0.163, **known)
    (item,) = full.key_figures
    rare = {**item, "key": "funnel.trials", "label": "実証試験の数", "others": {"01": 2, "47": 1}}
    html = render_index(2024, (replace(full, key_figures=(item, rare)),), ()).decode()
    assert 'id="figure-0"' in html
    assert "figure-1" not in html
    assert "実証試験の数" in html  # in the table of all areas


def test_index_lists_made_failed_and_missing_areas() -> None:
    failure = AreaRecord(
        "36", "徳島県", "prefecture", "failed", "0", {}, (), "2026-11-20T10:00:00+09:00",
        reason="資料 <b> がありません。",
    )  # fmt: skip
    html = render_index(
        2024,
        (
            record("japan", "nation", -0.163),
            record("tohoku", "block", -0.217, **{"05": -0.35, "06": -0.188}),
        ),
        (failure,),
    ).decode()
    assert "資料 &lt;b&gt; がありません。" in html
    assert re.findall(r'<li class="t(\d\d)">', html) == sorted(TILES)  # real links in code order
    assert '<li class="t05"><a href="tohoku/index.html">' in html
    assert '<li class="t40"><a href="#area-40">' in html
    assert 'id="area-40"' in html and "未作成" in html
    assert "頁を作成していない地域：55" in html  # 58 areas, two made, one failed
    assert "△35.0" in html.replace(
        "<span aria-hidden=true>△</span><span class=h>マイナス</span>", "△"
    )
