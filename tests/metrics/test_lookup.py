"""Looking things up: every hit has its source, and nothing is invented for no hit."""

from __future__ import annotations

import pytest

from gunmane_analysis.cli import main
from gunmane_analysis.errors import DesignError
from gunmane_analysis.loaders.lookup import load_lookup_entries
from gunmane_analysis.metrics.lookup import search_entries


def kinds(query: str) -> list[str]:
    return search_entries(load_lookup_entries(), query)["kind"].tolist()


def test_every_kind_is_there_and_every_entry_has_a_source() -> None:
    entries = load_lookup_entries()
    assert set(entries["kind"]) == {
        "事例", "経過", "声", "窓口", "段階", "束", "取組", "講座", "積算例", "用語", "図表",
        "表の列", "指標",
    }  # fmt: skip
    assert (entries["source"].str.len() > 0).all()


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("東北地方整備局", "窓口"),
        ("相談窓口 東北", "窓口"),
        ("相談と助言者の割当", "図表"),
        ("サウンディング", "段階"),
        ("大館市 性能規定", "事例"),
        ("除草", "積算例"),
        ("府中市", "事例"),
        ("ＭＥ 岐阜大学", "講座"),
        ("一般行政部門職員", "用語"),
        ("staffing_trend", "指標"),
    ],
)
def test_what_is_asked_for_is_among_the_first(query: str, kind: str) -> None:
    assert kind in kinds(query)[:3]


def test_a_term_of_the_findings_is_found_with_its_meaning() -> None:
    found = search_entries(load_lookup_entries(), "年平均増減率")
    term = found[found["kind"] == "用語"].iloc[0]
    assert "毎年同じ率で続いた" in term["text"]


def test_nothing_is_said_to_be_found_where_nothing_is() -> None:
    assert kinds("量子暗号") == []
    with pytest.raises(DesignError):
        kinds("　")


def test_the_command_prints_hits_with_sources(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["find", "四国地方整備局"]) == 0
    printed = capsys.readouterr().out
    assert "[窓口] 四国地方整備局" in printed
    assert "出典: " in printed
    assert main(["find", "量子暗号"]) == 1
    assert main(["find", " "]) == 2
