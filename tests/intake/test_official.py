"""The shared official files: each loads with the totals that its producer printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gunmane_analysis.areas.master import local_bodies, prefectures
from gunmane_analysis.intake.check import Checked, check_file
from gunmane_analysis.intake.frames import frame_of
from gunmane_analysis.loaders.filing import register_file
from gunmane_analysis.loaders.store import build_all, load_source_differences
from gunmane_analysis.loaders.tables import load_municipal_population, load_staffing
from gunmane_analysis.tables import describe

SHARED = next(
    (
        folder / "shared" / "official"
        for folder in Path(__file__).resolve().parents
        if (folder / "shared" / "official").is_dir()
    ),
    Path("shared"),
)
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="needs the shared official files")

# Printed totals, from ../shared/official/SOURCES.md and the files' own 合計 rows.
TOTALS: dict[str, dict[str, float]] = {
    "nstac_ssdse/SSDSE-A-2023.xlsx": {"general_staff_count": 685_635},
    "nstac_ssdse/SSDSE-A-2026.csv": {"general_staff_count": 697_282},
    "nstac_ssdse/SSDSE-A-2020.xlsx": {"population_count": 127_094_745},
    "nstac_ssdse/SSDSE-A-2024.xlsx": {"population_count": 126_146_099},
    "ipss/kekkahyo1.xlsx": {
        "population_count_2020": 126_146_099,
        "population_count_2050": 104_686_386,
    },
    "mic_population/muni_pop_2018.csv": {"population_count": 127_707_259},
    "mic_population/muni_pop_2020.csv": {"population_count": 127_138_033},
    "mic_population/muni_pop_2021.csv": {"population_count": 126_654_244},
    "mic_population/muni_pop_2022.csv": {"population_count": 125_927_902},
    "ssds_prefecture/D1202.json": {
        "D1202_1998": 847_382,
        "D1202_2014": 677_220,
        "D1202_2024": 709_421,
    },
}
ROWS: dict[str, int] = {
    "mic_fiscal_index/H17.xls": 1844,
    "mic_fiscal_index/H24.xls": 1742,
    "mic_fiscal_index/R2.xlsx": 1741,
    "municipal_panel/municipal_panel_2020_2024.csv": 8705,
    "boundaries/derived_adjacency_N03-20210101.csv": 4400,
    "municipality_master/localgovjp-utf8.csv": 1916,
    "municipality_master/municipal_changes.json": 2248,
    "model_regions/model_regions_2023-12-01.csv": 40,
}


@pytest.fixture(scope="module")
def checked() -> Any:
    found: dict[str, Checked] = {}

    def check(name: str) -> Checked:
        if name not in found:
            found[name] = check_file(SHARED / name)
        return found[name]

    return check


def clerical_advice(checked: Checked) -> list[str]:
    """What is said of the form of a file, which must not be saved anew."""
    return [each.code for each in checked.issues.kept if each.rule and each.advice]


@pytest.mark.parametrize("name", TOTALS)
def test_totals(name: str, checked: Any) -> None:
    assert checked(name).issues.of("fault") == []
    assert clerical_advice(checked(name)) == []
    totals = checked(name).totals
    assert {key: totals[key] for key in TOTALS[name]} == TOTALS[name]


@pytest.mark.parametrize("name", ROWS)
def test_rows(name: str, checked: Any) -> None:
    assert checked(name).issues.of("fault") == []
    assert clerical_advice(checked(name)) == []
    assert checked(name).row_count == ROWS[name]


def test_levels_are_never_added_across(checked: Any) -> None:
    levels = checked("ipss/kekkahyo1.xlsx").totals_by_level
    assert levels["prefecture"]["population_count_2050"] == 104_686_386
    assert levels["municipality"]["population_count_2050"] == 104_686_386
    assert levels["ward"]["population_count_2050"] < 104_686_386


def test_every_municipality_has_its_row_and_its_figures(checked: Any) -> None:
    frame = frame_of(checked("nstac_ssdse/SSDSE-A-2026.csv"), describe("municipal_indicators"))
    staff = frame.dropna(subset=["general_staff_count"])
    assert len(staff) == 1741
    assert staff["general_staff_count"].sum() == 697_282
    own = staff.set_index("municipality_code")["civil_engineering_expenditure_jpy"]
    assert own.index.is_unique
    spent = frame.dropna(subset=["civil_engineering_expenditure_jpy"]).set_index(
        "municipality_code"
    )["civil_engineering_expenditure_jpy"]
    assert spent["01100"] == 150_236_428_000  # 札幌市 D320308 150,236,428 千円


def test_the_year_of_an_unnamed_year_comes_from_the_name_or_the_user(checked: Any) -> None:
    assert checked("mic_fiscal_index/H24.xls").period.fiscal_year == 2012
    assert check_file(SHARED / "mic_fiscal_index/H24.xls", None, 2012).period.fiscal_year == 2012
    wrong = check_file(SHARED / "mic_fiscal_index/R2.xlsx", None, 2019)
    assert "2020年度" in wrong.issues.of("fault")[0].message


def test_absorbed_municipalities_do_not_double_a_row(checked: Any) -> None:
    frame = frame_of(checked("mic_fiscal_index/H24.xls"), describe("municipal_fiscal_index"))
    assert frame["municipality_code"].is_unique
    assert len(frame) == 1741
    sapporo = frame.set_index("municipality_code").loc["01100"]
    assert sapporo["fiscal_strength_index"] == 0.69


def test_every_code_of_the_master_is_read_as_text(checked: Any) -> None:
    rows = checked("municipality_master/localgovjp-utf8.csv").rows
    codes = {row.delivered_code for row in rows} | set(prefectures())
    assert all(isinstance(code, str) and len(code) in (2, 5) for code in codes)
    assert len(codes) == 1963
    today = set(local_bodies())
    assert today - codes == {"22138", "22139", "22140"}  # 浜松市の区 since 2024-01-01


def test_all_of_them_filed_together_build_every_table(checked: Any, own_project: Path) -> None:
    paths = sorted(path for path in SHARED.rglob("*.*") if path.suffix != ".md")
    for path in paths:
        register_file(checked(str(path.relative_to(SHARED))))
    built = dict(build_all())
    assert built["municipal_changes"] == 2248
    assert built["municipal_panel"] == 17_410  # with the shipped years 2015 to 2019
    staffing = load_staffing()
    assert staffing["fiscal_year"].min() == 1995  # e-Stat's own series begin in 1975
    now = staffing[staffing["fiscal_year"] == 2024]
    assert now["general_staff_count"].sum() == 709_421
    people = load_municipal_population().groupby("as_of_on")["population_count"].sum()
    assert people.to_dict() == {
        "2018-01-01": 127_707_259,
        "2020-01-01": 127_138_033,
        "2021-01-01": 126_654_244,
        "2022-01-01": 125_927_902,
        "2023-01-01": 125_416_877,  # shipped
        "2024-01-01": 124_885_175,
        "2025-01-01": 124_330_690,
    }
    told = load_source_differences()
    shipped = told["other_source_id"].str.startswith("municipal_")
    assert told[shipped].empty  # official editions agree with what is shipped
