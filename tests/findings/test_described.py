"""Findings whose fixed words are data."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import gunmane_analysis as g
import gunmane_analysis.findings
from gunmane_analysis.findings.described import absent_finding, described_finding, filled
from gunmane_analysis.findings.finding import Column
from gunmane_analysis.paths import read_yaml
from gunmane_analysis.sources import find_source
from gunmane_analysis.tables import empty_table, table_ids

FOLDER = Path(gunmane_analysis.findings.__file__).parent
THEMES = sorted(FOLDER.glob("[a-z]*.yml"))


def entries() -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{path.stem}.{name}", entry) for path in THEMES for name, entry in read_yaml(path).items()
    ]


def test_an_entry_gives_title_columns_sources_and_cautions() -> None:
    table = pd.DataFrame({"fiscal_year": [2024], "general_staff_count": [467], "change_rate": 0.1})
    year = SimpleNamespace(fiscal_year=1998, value=467)
    trend = SimpleNamespace(
        **dict.fromkeys(("first", "latest", "trough"), year),
        **dict.fromkeys(("change_since_first", "change_since_trough"), 0.0),
        annual_growth_rate=-0.009,
    )
    finding = described_finding(
        "staffing.trend", table, area="大館市", trend=trend, fall=None, caveats=("試しの注意。",)
    )
    assert finding.title.startswith("大館市の市区町村の一般行政部門職員数")
    assert [column.heading for column in finding.columns] == [
        "年度",
        "一般行政部門職員数（人）",
        "1998年度比（%）",
    ]
    assert finding.source_ids == ("prefecture_series",)
    assert "土木部門職員の数ではない" in finding.caveats[0]
    assert finding.caveats[-1] == "試しの注意。"
    assert finding.definitions[0].term == "一般行政部門職員"
    assert finding.certainty.endswith("年平均では0.90%減に当たる。")


def test_columns_may_be_given_after_those_of_the_entry() -> None:
    table = pd.DataFrame({"fiscal_year": [2024], "05": [90.0]})
    given = Column("05", "秋田県", "指数", "number", 1)
    finding = described_finding(
        "staffing.index", table, base_year=1998, values=["90.0"], more_columns=[given]
    )
    assert [column.label for column in finding.columns] == ["年度", "秋田県"]


def test_an_unknown_entry_is_refused() -> None:
    with pytest.raises(KeyError):
        described_finding("staffing.no_such", pd.DataFrame())


class AnyFigure(float):
    """A figure that has every attribute and item, each another figure."""

    def __getattr__(self, name: str) -> AnyFigure:
        return self

    def __getitem__(self, name: str) -> AnyFigure:
        return self

    def __format__(self, spec: str) -> str:  # an id is a figure here, too
        return float.__format__(self, "" if spec.startswith("word") else spec)


def test_a_sentence_leaves_out_what_lacks_a_figure() -> None:
    text = ["全{count:,}件", "（{names}）", ["最大{most:yen}", ["{share:percent}", "、"]], "。"]
    assert filled(text, {"count": 1200, "names": [], "most": None, "share": 5 / 98}) == (
        "全1,200件5.1%、。"
    )
    assert filled("p値{effect.p_value:.2f}", {"effect": pd.Series({"p_value": 0.005})}) == "p値0.01"
    assert filled("p値{p_value:.2f}", {"p_value": float("nan")}) == ""


def test_ids_are_worded_by_a_list_of_choices_or_the_names_of_areas() -> None:
    assert filled("{stage:word stage}", {"stage": "trialled"}) == "現場試行"
    assert filled("{ids:word}", {"ids": ["road", "river"]}) == "道路、河川"
    assert filled("{codes:word areas}", {"codes": ["05204", "05"]}) == "大館市、秋田県"
    assert filled("理由は{id:word obstacle}", {"id": ""}) == ""


def test_a_card_of_a_column_has_its_heading_and_the_figures_of_the_rows() -> None:
    own = {"area_id": "05", "change_since_first": -0.2, "change_since_trough": float("nan")}
    own |= {"general_staff_count": 12_000, "first_fiscal_year": 1998, "trough_fiscal_year": 2013}
    table = pd.DataFrame([{**own, "area_name": "秋田県", "annual_growth_rate": -0.01}]).assign(
        staff_per_1000_residents=1.0, staff_per_100km=1.0, expenditure_per_staff_jpy=1.0
    )
    words = {"own": own, "block": None, "nation": own, "area": "秋田県"}
    cards = described_finding("staffing.comparison", table, **words).key_figures
    assert [(card.label, card.value, card.block) for card in cards] == [
        ("一般行政部門職員数", 12_000, None),
        ("職員数の1998年度比", -0.2, None),
        ("職員数の最少の年度比", None, None),
    ]
    assert [card.note for card in cards] == ["土木部門職員数ではない", "", "最少は2013年度"]
    assert cards[0].words(cards[0].nation) == "12,000人"


def test_a_sentence_that_names_an_unknown_figure_is_refused() -> None:
    with pytest.raises(KeyError):
        filled("{count}件", {"cuont": 3})


def test_a_column_of_words_is_made_of_its_ids() -> None:
    table = pd.DataFrame(
        {"place_name": ["甲"], "step_up_kind": ["area;fields"], "is_planned": True}
    )
    more = {"place_id": 1, "phase_no": 1, "period_text": "", "years_printed": "", "description": ""}
    words = dict.fromkeys(("place_count", "stepped_count", "planned_count"), 1)
    words |= dict.fromkeys(("place", "inside"), None)
    finding = described_finding("contracts.phases", table.assign(**more), **words)
    assert finding.rows()[0][-2:] == ["区域・分野", "予定"]


def column_names(entry: dict[str, Any]) -> list[str]:
    columns = entry.get("columns", ())
    return [next(iter(item)) if isinstance(item, dict) else item for item in columns]


@pytest.mark.parametrize(("finding_id", "entry"), entries())
def test_every_entry_can_be_read(finding_id: str, entry: dict[str, Any]) -> None:
    words = dict.fromkeys(re.findall(r"\{(\w+)", str(entry)), AnyFigure(1))
    words |= dict.fromkeys(("own", "block", "nation"), AnyFigure(1))  # of the cards of columns
    words |= dict.fromkeys(re.findall(r"\{(\w+):each", str(entry)), pd.DataFrame())
    names = column_names(entry)
    table = pd.DataFrame([words | dict.fromkeys(names, AnyFigure(1))] * ("unknown" in entry))
    table = table.reindex(columns=list(dict.fromkeys([*names, *table])))
    finding = described_finding(finding_id, table, **words)
    assert "{" not in f"{finding.title}{finding.caveats}"
    for case, texts in entry.get("cases", {}).items():
        table = pd.DataFrame(columns=list(dict.fromkeys([*names, *column_names(texts)])))
        finding = described_finding(finding_id, table, case=case, **words)
        assert finding.headline and "{" not in f"{finding.title}{finding.headline}"
    forms = table_ids()  # what is filed later has no entry in the register yet
    assert all(name in forms or find_source(name).citation for name in finding.source_ids)
    if "unknown" in entry:
        unknown = described_finding(finding_id, pd.DataFrame(), **words | {"fiscal_year": 2010})
        assert str(entry["unknown"]) in unknown.headline


def test_no_public_finding_is_none() -> None:
    made = {
        name: inspect.signature(getattr(gunmane_analysis, name)).return_annotation
        for name in gunmane_analysis.__all__
        if name.endswith("_finding")
    }
    assert set(made.values()) == {"Finding"}, made


@pytest.mark.parametrize("finding_id", read_yaml(FOLDER / "_absent.yml"))
def test_what_is_absent_is_one_line_in_the_lab_and_no_record_on_a_page(finding_id: str) -> None:
    bundle = absent_finding(finding_id)._repr_mimebundle_()
    assert list(bundle) == ["text/plain"]
    assert re.fullmatch(r"[^\n]+。", bundle["text/plain"])


ABSENT_WHEN_EMPTY = [
    f"{path.stem}.{name}"
    for path in sorted(FOLDER.glob("[!_]*.yml"))
    for name, entry in read_yaml(path).items()
    if "absent_when_empty" in entry
]


def test_every_absent_finding_has_its_line() -> None:
    code = "".join(path.read_text("utf-8") for path in FOLDER.rglob("*.py"))
    absent = set(re.findall(r'absent_finding\("(.+?)"\)', code))
    lines = {each for each in read_yaml(FOLDER / "_absent.yml") if not each.endswith(".registers")}
    assert lines == absent | set(ABSENT_WHEN_EMPTY)


@pytest.mark.parametrize("finding_id", [*ABSENT_WHEN_EMPTY, "matching.registers"])
def test_a_finding_is_absent_while_its_table_is_empty_where_its_entry_says_so(
    finding_id: str,
) -> None:
    assert described_finding(finding_id, pd.DataFrame()).placement == "absent"


def test_what_cannot_be_computed_says_so_by_itself_and_its_finding_is_absent() -> None:
    empty, points = empty_table, g.load_national_points()
    asked = empty("support_requests"), empty("advisors"), g.load_matching_weights(2024)
    judged = empty("technology_needs"), empty("technology_seeds"), empty("judged_pairs")
    tables = g.load_municipal_indicators(), g.load_municipal_panel()
    for found, finding_of in (
        (g.area_support(*asked, "大館市", 2024), g.advisors_finding),
        (g.comparable_regions(empty("funnel_counts"), 2024), g.region_comparison_finding),
        (g.register_quality(*judged, 2024), g.ranking_quality_finding),
        (
            g.staff_regression(*tables, "秋田県", 2024),
            lambda found: g.staff_regression_finding(found, "秋田県"),
        ),
        (
            g.decline_decomposition(points, 1990),
            lambda found: g.decline_decomposition_finding(found, "全国"),
        ),
    ):
        assert not found
        assert re.fullmatch(r"[^a-z_{}]+。", repr(found))
        assert finding_of(found).placement == "absent"


def test_no_public_function_returns_none_in_place_of_a_result() -> None:
    for name in g.__all__:
        if inspect.isfunction(function := getattr(g, name)):
            returned = str(inspect.signature(function).return_annotation)
            assert "None" not in returned, name
