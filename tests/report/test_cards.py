"""Key-figure cards: whose figure stands on a page, and in what unit."""

from __future__ import annotations

import dataclasses

import pandas as pd

from gunmane_analysis.areas import comparison_areas, find_area
from gunmane_analysis.findings import Finding, KeyFigure
from gunmane_analysis.findings.staffing import staffing_comparison_finding
from gunmane_analysis.loaders.tables import load_staffing
from gunmane_analysis.metrics.staffing.change import staffing_comparison
from tests.report.test_tables import page


def test_a_prefectures_staff_on_a_municipalitys_page_are_called_the_prefectures() -> None:
    hokkaido = find_area("01")
    compared = staffing_comparison(load_staffing(), comparison_areas(hokkaido), 2024)
    finding = staffing_comparison_finding(compared, hokkaido)
    of_prefecture = page(finding, area_id="01")
    staff = of_prefecture.key_figures[0]
    assert of_prefecture.card_label(staff) == "一般行政部門職員数"
    assert staff.value == 34_176
    assert staff.block is None  # the block is the prefecture itself
    of_city = page(finding, area_id="01204")
    assert of_city.card_label(staff) == "北海道の一般行政部門職員数"


def test_the_areas_own_figures_come_first() -> None:
    around = KeyFigure("staffing.a", "職員数", 10.0, area_id="05")
    own = KeyFigure("profile.b", "住民1人当たり土木費", 1.0)
    unknown = KeyFigure("funnel.c", "社会実装", None)
    finding = Finding(
        finding_id="staffing.cards",
        title="例",
        headline="例の一文。",
        table=pd.DataFrame(),
        columns=(),
        source_ids=(),
        key_figures=(unknown, around, own),
    )
    assert page(finding, area_id="05204").key_figures == [own, around, unknown]
    assert page(finding).key_figures == [around, own, unknown]


def test_yen_side_by_side_are_shortened_together_or_not_at_all() -> None:
    few = KeyFigure("profile.c", "土木費", 55_188.0, unit="円", block=160_112.0, nation=61_252.0)
    assert [few.words(v) for v in (few.value, few.block)] == ["55,188円", "160,112円"]
    many = dataclasses.replace(few, value=13_100_000.0, nation=9_280_000.0)
    assert [many.words(v) for v in (many.value, many.block)] == ["1,310万円", "16万円"]
