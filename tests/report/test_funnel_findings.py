"""Findings of the funnel: true sentences, charts that are there, and honest empty years."""

from collections.abc import Iterator

import pytest

from gunmane_analysis.areas import find_area
from gunmane_analysis.findings import Finding
from gunmane_analysis.findings.funnel import (
    activity_finding,
    area_funnel_finding,
    forum_comparison_finding,
    funnel_finding,
    kpi_finding,
    trial_finding,
)
from gunmane_analysis.findings.people import membership_finding, participation_finding
from gunmane_analysis.loaders.tables import (
    load_activity_plan,
    load_funnel_cases,
    load_funnel_counts,
    load_kpi,
    load_membership,
    load_participation,
)
from gunmane_analysis.metrics.funnel.activities import planned_activities
from gunmane_analysis.metrics.funnel.kpi import kpi_progress, membership_trend, participation_rates
from gunmane_analysis.metrics.funnel.readings import area_funnel, compare_forums, published_readings
from gunmane_analysis.tables import empty_table


def test_counts_of_ones_own_are_not_called_the_nations() -> None:
    found = funnel_finding(published_readings(load_kpi(), 2024), 2024, "三条市")
    assert "（三条市、" in found.title and found.headline.startswith("三条市では")
    assert "全国" not in f"{found.title}{found.headline}" and found.source_ids == ()


def _findings(area_id: str, year: int) -> Iterator[Finding]:
    kpi, area = load_kpi(), find_area(area_id)
    lines = planned_activities(load_activity_plan(), area, year)
    filed = (load_funnel_counts(), load_funnel_cases())
    yield funnel_finding(published_readings(kpi, year), year)
    yield area_funnel_finding(area_funnel(kpi, *filed, area, year), year)
    yield forum_comparison_finding(compare_forums(kpi, year), year)
    yield kpi_finding(kpi_progress(kpi, year), year)
    yield activity_finding(lines, area, year)
    yield trial_finding(lines, area, year)
    yield participation_finding(participation_rates(load_participation(), year), year)
    yield membership_finding(membership_trend(load_membership(), year), year)


@pytest.mark.parametrize(
    ("area_id", "year"),
    [("japan", 2024), ("chugoku", 2024), ("34207", 2024), ("hokuriku", 2024), ("japan", 2025)],
)
def test_findings_survive_the_notebook(area_id: str, year: int) -> None:
    for finding in _findings(area_id, year):
        again = Finding.from_record(finding.to_record())
        assert again.headline == finding.headline
        assert again.rows() == finding.rows()
        assert finding.source_ids
        if finding.chart is not None:
            assert finding.chart.alt.endswith(finding.headline)


@pytest.mark.parametrize("year", [2015, 2019, 2022])
def test_an_early_year_says_that_nothing_is_known(year: int) -> None:
    rates, area, forums, kpi, activities, trials, *_ = _findings("tohoku", year)
    for finding in (rates, area, forums, kpi, activities, trials):
        assert finding.headline.startswith(f"{year}年度の時点で知られていた")
        assert "2024" not in finding.headline  # the sources print their dates
        assert len(finding.table) == 0
        assert finding.chart is None
    assert area.key_figures == ()


def test_the_nations_sentence_has_both_denominators_and_intervals() -> None:
    finding = next(_findings("japan", 2024))
    assert "5.1%（5件／98件、95%区間2.2〜11.4%）" in finding.headline
    assert "2.7%（5件／184件、95%区間1.2〜6.2%）" in finding.headline
    assert "検討98件に対する比で5.1%" in finding.headline
    assert "計184件に対する割合で2.7%" in finding.headline
    assert "同じ案件を追った割合ではない" in finding.headline
    assert "社会実装の現場試行に対する割合は16.1%（5件／31件）" in finding.certainty
    assert any("世代が混じる" in caveat for caveat in finding.caveats)
    # the national forums' 15, 0, 2, 0 refuse the reading that the total allows
    assert any("全国フォーラム" in caveat and "2件" in caveat for caveat in finding.caveats)


def test_each_reading_has_a_card_with_both_its_counts() -> None:
    _, area, *_ = _findings("japan", 2024)
    notes = {figure.label: (figure.value, figure.note) for figure in area.key_figures}
    assert notes["社会実装の、検討の件数に対する比"][0] == pytest.approx(5 / 98)
    assert "5件／98件" in notes["社会実装の、検討の件数に対する比"][1]
    assert notes["社会実装の、四つの件数の計に対する割合"][0] == pytest.approx(5 / 184)
    assert "5件／184件" in notes["社会実装の、四つの件数の計に対する割合"][1]


def test_a_block_shows_the_nations_figures_and_says_so() -> None:
    _, area, *_ = _findings("shikoku", 2024)
    assert "四国の段階別の件数は公表されていない" in area.headline
    assert "98→50→31→5件" in area.headline
    figure = area.key_figures[0]
    assert figure.value is None
    assert figure.nation == pytest.approx(5 / 98)
    assert area.table["nation_count"].tolist() == [98, 50, 31, 5]
    assert area.table["own_count"].isna().all()


def test_filed_counts_reach_the_page() -> None:
    # 合成データ
    counts = empty_table("funnel_counts")
    stages = ("considered", "established", "trialled", "implemented")
    for position, (stage, count) in enumerate(zip(stages, (15, 10, 7, 1), strict=True)):
        counts.loc[position] = [
            2023,
            "chugoku",
            stage,
            count,
            "nested",
            "2024-03-31",
            "合成データ",
            True,
        ]
    funnel = area_funnel(
        load_kpi(), counts, empty_table("funnel_cases"), find_area("chugoku"), 2024
    )
    finding = area_funnel_finding(funnel, 2024)
    assert "中国（届いた1フォーラムの件数）" in finding.headline
    assert "6.7%（1件／15件、95%区間1.2〜29.8%）" in finding.headline
    assert finding.source_ids == ("funnel_counts", "kpi")
    assert finding.chart is not None
    assert finding.key_figures[0].value == pytest.approx(1 / 15)


def test_forums_sentence_and_certainty() -> None:
    _, _, forums, *_ = _findings("japan", 2024)
    assert "50.3%（84件／167件）" in forums.headline
    assert "11.8%（2件／17件）" in forums.headline
    assert "p値は0.0021" in forums.certainty


def test_kpi_sentence_names_what_was_missed() -> None:
    _, _, _, kpi, *_ = _findings("japan", 2024)
    assert "6項目のうち5項目" in kpi.headline
    assert "フォーラム実施数（目標50回に対し33回）" in kpi.headline
    assert any("結果は公表されていない" in caveat for caveat in kpi.caveats)


def test_plans_are_marked_as_plans() -> None:
    *_, activities, trials, _, _ = _findings("34", 2024)
    assert activities.status == trials.status == "planned"
    assert "広島県の名が挙がる行は5行" in activities.headline
    assert "3〜20か月（中央値12か月）" in trials.headline
    assert any("割合は分からない" in caveat for caveat in trials.caveats)


def test_computed_members_are_marked() -> None:
    *_, membership = _findings("japan", 2025)
    assert "3,231者（計算した数）" in membership.headline
    assert membership.table["is_computed_ja"].tolist()[-1].startswith("計算")
