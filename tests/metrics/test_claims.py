"""検算: the recomputed figures are those of the makers' README, and worked by hand."""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest

from gunmane_analysis.areas import find_area
from gunmane_analysis.findings.pages.nation import claims_finding
from gunmane_analysis.loaders.indicators import load_municipal_values
from gunmane_analysis.loaders.tables import (
    load_contract_cases,
    load_kpi,
    load_membership,
    load_national_facts,
    load_national_points,
    load_participation,
    load_staffing,
)
from gunmane_analysis.metrics.position.claims import check_claims, with_verdict


@cache
def claims(fiscal_year: int = 2025) -> pd.DataFrame:
    return check_claims(
        load_national_points(),
        load_participation(),
        load_membership(),
        load_kpi(),
        load_contract_cases(),
        load_national_facts(),
        load_staffing(),
        load_municipal_values(),
        fiscal_year,
    ).set_index("claim_id")


@pytest.mark.parametrize(
    ("claim_id", "printed", "recomputed", "computation", "verdict"),
    [
        ("municipalities_losing_30pct_share", "約6割", 0.606, "1,047／1,729市区町村", "合う"),
        ("municipalities_under_10000_share", "約4割", 0.426, "737／1,729市区町村", "合う"),
        ("mayors_conference_2024-03-18", "62%", 0.625, "1,088／1,741市区町村", "合う"),
        ("government_membership_2024-03-18", "78%", 0.782, "1,362／1,741市区町村", "合う"),
        (
            "no_technician_municipality_share",
            "25%",
            0.249,
            "（40＋262＋131）＝433／1,741市区町村",
            "合う",
        ),
        ("stages_total_2023", "184", 184, "98＋50＋31＋5", "合う"),
        ("stages_regional_2023", "167", 167, "83＋50＋29＋5", "合う"),
        ("levels_supported_municipality_count__2023", "252", 252, "5＋247", "合う"),
        ("annual_odate", "1.0億円/年", 1.0, "3.0億円÷3年", "合う"),
        ("annual_sanjo", "2.3億円/年", 2.26, "11.3億円÷5年", "合う"),
        ("annual_meiwa", "0.4億円/年", 0.433, "1.3億円÷3年", "合う"),
        ("member_count_2025-04-01", "3,162", 3162, "1,481＋1,102＋187＋392", "合う"),
        ("increase_government_2025-04-01", "1,408増", 1408, "1,481－73", "合う"),
        ("civil_staff_2020-04-01", "138,962", 138_962, "47,447＋91,515", "合う"),
        # both bodies together, to another year: never held against the 26 % of municipalities
        ("civil_staff_change_rate", "26%減少", -0.284, "138,870／193,873人－1", "比べられない"),
        ("civil_staff_all_bodies_change", "△28.3%", -0.284, "138,870／193,873人－1", "合わない"),
    ],
)
def test_each_claim(
    claim_id: str, printed: str, recomputed: float, computation: str, verdict: str
) -> None:
    claim = claims().loc[claim_id]
    assert (claim["printed_text"], claim["computation"]) == (printed, computation)
    assert round(claim["recomputed"], 3) == recomputed
    assert claim["verdict"] == verdict


def test_what_must_not_be_mixed_says_why() -> None:
    kept_apart = claims(2024)[claims(2024)["verdict"] == "比べられない"]
    assert set(kept_apart.index) == {
        "civil_staff_change_rate",
        "total_staff_change_rate",
        "general_staff_2024",
    }
    assert (kept_apart["obstacle"] != "").all()
    staff = kept_apart.loc["general_staff_2024"]
    assert (staff["printed"], staff["recomputed"]) == (709_421, 697_282)


def test_claims_are_those_known_by_the_year() -> None:
    assert "member_count_2025-04-01" not in claims(2024).index
    assert claims(2019).index.tolist() == ["member_count_2016-11-28"]
    assert claims(2010).empty


def test_nothing_is_computed_for_another_page() -> None:
    nobody = pd.DataFrame()
    asked = (nobody, nobody, nobody, nobody, nobody, nobody, nobody, nobody)
    assert check_claims(*asked, 2024, find_area("05204")).empty


def test_half_a_digit_decides() -> None:
    asked = {"printed": 0.4, "recomputed": [0.449, 0.451], "half_digit": 0.05, "obstacle": ""}
    assert with_verdict(pd.DataFrame(asked))["verdict"].tolist() == ["合う", "合わない"]


def test_the_nation_alone_shows_them() -> None:
    table = claims(2024).reset_index()
    finding = claims_finding(table, find_area("japan"))
    assert "合わないもの1件（土木部門職員数の増減" in finding.headline
    assert "△28.4%" in finding.headline
    assert claims_finding(table, find_area("05204")).placement == "absent"
