"""What a researcher types by guess is answered, or refused in Japanese with what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import gunmane_analysis as g
from gunmane_analysis.areas.master import usual_regions
from gunmane_analysis.errors import AreaError, DesignError


def test_a_reading_names_an_area_and_a_kind_may_be_in_japanese() -> None:
    assert g.find_area("おおだてし").area_id == "05204"
    assert g.find_area("とうほく").area_id == "tohoku"
    assert len(g.list_areas("都道府県")) == 47


def test_an_indicator_may_be_named_by_its_label() -> None:
    values, label = g.load_municipal_values(), "人口千人当たり職員数"
    chosen = g.position(values, "大館市", 2024, indicator_ids=[label])
    assert chosen.table["indicator_id"].tolist() == ["staff_per_1000_residents"]
    assert chosen.row(label).equals(chosen.row("staff_per_1000_residents"))


def test_the_codebook_without_a_table_lists_them() -> None:
    tables = g.codebook()
    assert {"staffing", "kpi", "contracts"} <= set(tables["table_id"])
    assert tables["title"].str.len().gt(0).all()


def test_the_codebook_describes_every_indicator_of_the_municipalities() -> None:
    book, frame = g.codebook("municipalities").set_index("column"), g.load_municipalities(2024)
    named = [name.removesuffix("_rank") for name in frame.columns if name.endswith("_rank")]
    assert list(book.index) == named
    shares = book.index[book["unit"].str.startswith("割合")]
    assert {"repair_share", "staff_change_yearly"} < set(shares)
    assert frame["repair_share"].max() == 1  # a share, in percent only where it is worded
    assert book.loc["current_balance_ratio", "unit"] == "%"


def test_who_compares_towns_by_the_prefectures_series_is_sent_to_theirs() -> None:
    with pytest.raises(DesignError, match="load_municipalities"):
        g.staffing_comparison(g.load_staffing(), ["大館市", "鹿角市"], 2024)
    values = g.load_municipal_values()
    compared = g.position(values, "大館市", 2024, peers=["鹿角市", "小坂町"])
    assert compared.peers_label == "比べた3地域"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: g.load_staffing("秋田県"), "load_staffing に「秋田県」は渡せません"),
        (lambda: g.load_municipalities("2024"), "年度「2024」が数ではありません"),
        (lambda: g.staffing_trend(g.load_staffing(), "秋田県", "令和6年度"), "年度「令和6年度」"),
        (lambda: g.position(g.load_municipal_values(), "大館市", "2024"), "年度「2024」"),
        (lambda: g.contract_cases(g.load_contract_cases(), "2024"), "年度「2024」"),
        (lambda: g.contract_phases(g.load_contract_phases(), "三条市"), "年度「三条市」"),
        (lambda: g.published_counts(g.load_kpi(), "2024"), "年度「2024」"),
        (lambda: g.kpi_progress(g.load_kpi(), "2024"), "年度「2024」"),
        (
            lambda: g.staffing_trend(g.load_staffing().iloc[:0], "秋田県", 2024),
            "表に行がありません",
        ),
        (
            lambda: g.position(g.load_municipal_values(), "大館市", 2024).row("職員数"),
            "指標「職員数」はありません",
        ),
        (
            lambda: g.area_groups(
                g.load_group_units(), g.load_adjacency(), "秋田県", 2024, {"職員": 10.0}
            ),
            "群の基準に",
        ),
        (lambda: g.load_municipalities(1990), "1990年度までに分かる.*ありません.*2015年度以後"),
        (lambda: g.MunicipalityExplorer(2024), "市区町村の表が要ります（渡されたもの「2024」）"),
    ],
)
def test_a_guess_that_is_wrong_is_refused_in_words(call: Callable[[], object], words: str) -> None:
    with pytest.raises(DesignError, match=f"(?s){words}"):
        call()


def test_a_usual_name_of_several_areas_is_refused_with_those_that_may_be_meant() -> None:
    assert g.find_area("日本").area_id == "japan"
    with pytest.raises(AreaError, match="もしや: kinki（近畿）、27（大阪府）"):
        g.find_area("関西")
    ids = {area_id for covered in usual_regions().values() for area_id in covered}
    assert [g.find_area(area_id).area_id for area_id in sorted(ids)] == sorted(ids)


def test_a_chart_is_saved_by_its_ending_and_another_is_refused(tmp_path: Path) -> None:
    finding = g.staffing_trend_finding(g.staffing_trend(g.load_staffing(), "秋田県", 2024))
    finding.save(tmp_path / "図.svg")
    assert "<text" in (tmp_path / "図.svg").read_text("utf-8")  # in the house style, as on a page
    assert (tmp_path / "図.svg").stat().st_size > 1000
    with pytest.raises(DesignError, match=r"「\.docx」の形式では保存できません"):
        finding.save(tmp_path / "図.docx")
