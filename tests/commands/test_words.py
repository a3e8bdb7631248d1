"""What the command line cannot read is said in Japanese, with what may stand there."""

from __future__ import annotations

import pytest

from gunmane_analysis.cli import main


@pytest.mark.parametrize(
    ("words", "told", "expected"),
    [
        (["nosuch"], "「nosuch」はありません", "report"),
        (["data", "nosuch"], "「nosuch」はありません", "replace"),
        (["data"], "操作 の指定がありません", "gunmane data"),
        (["data", "add"], "FILE の指定がありません", "gunmane data add"),
        (
            ["data", "remove", "kpi", "kpi.csv"],
            "--reason の指定がありません",
            "gunmane data remove",
        ),
        (["report", "--year", "x"], "--year の値「x」は整数ではありません", "gunmane report"),
        (["report", "--nosuch"], "「--nosuch」という指定は使えません", "gunmane"),
        (["report", "--year"], "--year に値がありません", "gunmane report"),
    ],
)
def test_what_cannot_be_read_is_said_in_japanese(
    words: list[str], told: str, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    found, may_be, advice = capsys.readouterr().err.rstrip("\n").split("\n")
    assert told in found
    assert may_be.startswith("  正しい形: ") and expected in may_be
    assert advice.startswith("  対処: ")


def test_explain_without_a_table_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "explain"]) == 0
    assert "・municipal_staffing: " in capsys.readouterr().out


def test_a_missing_year_names_source_item_and_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--year", "2050", "--theme", "staffing"]) == 2
    shown = capsys.readouterr().err
    assert "ssds、項目 D1202" in shown
    assert "gunmane data fetch ssds" in shown and "gunmane data add" in shown
