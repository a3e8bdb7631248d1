"""metrics/staffing/thresholds.py: counts by hand, rounding, the editions of a printed figure."""

import itertools

import pandas as pd
import pytest

from gunmane_analysis.areas import find_area
from gunmane_analysis.errors import DesignError
from gunmane_analysis.findings.pages.nation import (
    decline_decomposition_finding,
    national_points_finding,
)
from gunmane_analysis.loaders.tables import load_national_facts, load_national_points
from gunmane_analysis.metrics.position.claims import check_claims
from gunmane_analysis.metrics.staffing.change import newest_points, rounding_ranges
from gunmane_analysis.metrics.staffing.decline_decomposition import decline_decomposition
from gunmane_analysis.metrics.staffing.thresholds import (
    counts_from_rounded_share,
    published_technician_shares,
    technician_thresholds,
)
from gunmane_analysis.tables import empty_table

CIVIL, WHOLE, GAP, NONE = (
    "civil_staff_change_rate",
    "total_staff_change_rate",
    "civil_minus_total_rate_gap",
    "no_technician_municipality_share",
)
NEXT = {  # what a document of the next year may print: value, words, rounding unit
    CIVIL: (-0.28, "28%減少", 0.01),
    WHOLE: (-0.16, "16%", 0.01),
    GAP: (-0.12, "12ポイント大きく減少", 0.01),
    NONE: (0.27, "27%", 0.01),
}


def with_next_year(*printed: str) -> pd.DataFrame:
    """The points, and a document of 2025 that prints some of them."""
    points = load_national_points()
    rows = points[points["point_id"].isin(printed)].drop_duplicates("point_id")
    facts = pd.DataFrame([NEXT[name] for name in rows["point_id"]], rows.index)
    texts = dict(zip(("value", "value_text", "precision"), facts.T.to_numpy(), strict=False))
    later = rows.assign(**texts, to_year=2025, known_fiscal_year=2025, document_id="next")
    return pd.concat([later.astype(points.dtypes.to_dict()), points], ignore_index=True)


def test_printed_share_as_a_number_of_municipalities():
    # 25 % of 1,741: every count from 24.5 % to 25.5 % and none beyond.
    low, high = counts_from_rounded_share(0.25, 0.01, 1741)
    assert 426 / 1741 < 0.245 <= low / 1741
    assert high / 1741 <= 0.255 < 444 / 1741
    assert (low, high) == (427, 443)
    with pytest.raises(DesignError):
        counts_from_rounded_share(0.25, 0.01, 3)


def test_every_page_takes_one_edition_of_a_printed_figure() -> None:
    """A document of 2025 takes the place of that of 2024 everywhere, wherever its rows stand."""
    points = with_next_year(*NEXT)
    for rows in (points, points[::-1]):
        assert "28%減少" in national_points_finding(rounding_ranges(rows, 2025)).headline
        assert "0人の市区町村は27%" in national_points_finding(rounding_ranges(rows, 2025)).headline
        split = decline_decomposition(rows, 2025)
        assert (split.from_year, split.to_year) == (1996, 2025)
        assert (split.split.part_change, split.split.whole_change) == (-0.28, -0.16)
        few = technician_thresholds(rows, 1741, 2025).table
        assert few["value_text"].tolist() == ["27%", "約半数"]
        assert published_technician_shares(rows, 2025)["value"].to_dict() == {
            "zero_share": 0.27,
            "few_share": 0.5,
        }
        assert "26%減少" in national_points_finding(rounding_ranges(rows, 2024)).headline


@pytest.mark.parametrize(
    "printed", [which for n in range(1, 5) for which in itertools.combinations(NEXT, n)]
)
def test_no_new_document_stops_the_nations_page(printed: tuple[str, ...]) -> None:
    """Whatever it prints and leaves out, two figures are compared for one period only."""
    points = with_next_year(*printed)
    finding = national_points_finding(rounding_ranges(points, 2025))
    assert ("より大きい" in finding.headline) == ((CIVIL in printed) == (WHOLE in printed))
    split = decline_decomposition(points, 2025)
    assert split.to_year == (2025 if {CIVIL, WHOLE, GAP} <= set(printed) else 2024)
    assert decline_decomposition_finding(split, find_area("japan")).headline
    nothing = [empty_table(name) for name in ("participation", "membership", "kpi")]
    claims = check_claims(
        points,
        *nothing,
        empty_table("contract_cases"),
        load_national_facts(),
        pd.DataFrame({"fiscal_year": [1998, 2024], "general_staff_count": [847_382, 709_421]}),
        pd.DataFrame(columns=["area_id", "indicator_id", "year", "value"]),
        2025,
    ).set_index("claim_id")
    # the survey of engineers is of 2024, the printed gap is that of the two rates printed with it
    assert (NONE in claims.index) == (NONE not in printed)
    of_one_period = len({name in printed for name in (CIVIL, WHOLE, GAP)}) == 1
    assert (GAP in claims.index) == of_one_period
    if of_one_period:
        assert claims.loc[GAP, "verdict"] == "合う"


def test_one_figure_alone_is_worded_without_the_others() -> None:
    points = load_national_points()
    alone = points[(points["point_id"] == CIVIL) & points["precision"].isna()]
    finding = national_points_finding(rounding_ranges(alone, 2024))
    assert finding.headline == "全国の市区町村の土木部門職員は1996年度から2024年度に約26%減少した。"
    assert not finding.certainty
    assert not decline_decomposition(alone, 2024)


def test_a_part_that_fell_less_than_the_whole_has_no_share_and_stops_no_page() -> None:
    points = with_next_year(CIVIL, WHOLE, GAP)
    is_new = points["document_id"] == "next"
    points.loc[is_new, "value"] = points["point_id"].map({CIVIL: -0.10, WHOLE: -0.16, GAP: 0.06})
    split = decline_decomposition(points, 2025)
    assert split.split.shared_share is None
    assert decline_decomposition_finding(split, find_area("japan")).placement == "absent"
    assert "より大きい" not in national_points_finding(rounding_ranges(points, 2025)).headline


def test_of_two_documents_of_one_period_the_sharper_is_taken() -> None:
    points = load_national_points()
    assert newest_points(points).set_index("point_id").loc[CIVIL, "value_text"] == "26%減少"
    assert not newest_points(points)["point_id"].duplicated().any()
