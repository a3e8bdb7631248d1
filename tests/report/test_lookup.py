"""Looking things up: the right place among the first three, and nothing invented for no hit."""

from __future__ import annotations

import pytest

from gunmane_analysis import find
from gunmane_analysis.cli import main
from gunmane_analysis.errors import DesignError

# A question, and what its right hit is: the kind and a part of its name.
QUESTIONS = {
    "除草の費用": ("積算例", "除草工"),
    "相談窓口 東北": ("窓口", "東北地方整備局"),
    "人口千人当たり": ("指標", "人口千人当たり職員数"),
    "三条市の契約年数": ("経過", "三条市"),
    "大館市 性能規定": ("事例", "大館市"),
    "一般行政部門職員とは": ("用語", "一般行政部門職員"),
    "将来人口の見通し": ("問い", "人口はどうなる見通しか"),
    "どこに相談できるか": ("問い", "どこに相談できるか"),
    "措置の要る橋の割合": ("指標", "措置の要る橋の割合"),
    "マッチングの段階別の件数": ("表", "地方フォーラム別のマッチング段階の件数"),
    "サウンディング": ("段階", "事業者とのコミュニケーション"),
    "ＭＥ養成講座 岐阜": ("講座", "養成講座"),
    "財政力指数の意味": ("指標", "財政力指数"),
    "staffing_trend": ("問い", "この地域の職員はどう変わったか"),
    "様式の作り方": ("文書", "事務局"),
    "国民会議の会員は何者か": ("表", "会員数"),
    "土木技師の人数": ("表の列", "土木技師数"),
    "複数の機械で作る": ("文書", "複数の機械で作る"),
    "実証実験の予定": ("問い", "実証実験・試験はいつ"),
    "市区町村長会議の参画率": ("表", "市区町村長会議の参画率"),
    "KPIの目標は達成したか": ("問い", "KPIの目標に届いたか"),
    "府中市の契約": ("事例", "府中市"),
}


def is_found(question: str) -> bool:
    kind, name = QUESTIONS[question]
    hits = find(question, 3)
    return bool(((hits["種類"] == kind) & hits["名"].str.contains(name, regex=False)).any())


def test_the_right_hit_is_among_the_first_three_for_nine_questions_in_ten() -> None:
    missed = [question for question in QUESTIONS if not is_found(question)]
    assert len(missed) <= len(QUESTIONS) // 10, missed


def test_every_hit_names_a_place_that_a_user_can_open() -> None:
    for question in QUESTIONS:
        places = find(question, 10)["出典"]
        assert places.str.len().gt(0).all(), question
        assert not places.str.contains(r"\.py|行目$").any(), question


def test_nothing_is_said_to_be_found_where_nothing_is() -> None:
    assert find("量子暗号").empty
    with pytest.raises(DesignError):
        find("　")


def test_the_command_prints_hits_with_sources(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["find", "四国地方整備局"]) == 0
    printed = capsys.readouterr().out
    assert "[窓口] 四国地方整備局" in printed
    assert "出典: " in printed
    assert main(["find", "量子暗号"]) == 1
    assert main(["find", " "]) == 2
