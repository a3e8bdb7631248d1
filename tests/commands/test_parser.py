"""What the command line cannot read is said in Japanese, with what may stand there."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from gunmane_analysis.areas import DEFAULT_SCHEME_ID
from gunmane_analysis.batch.plan import DEFAULT_CELL_LIMIT
from gunmane_analysis.cli import main
from gunmane_analysis.commands import parser
from gunmane_analysis.paths import read_yaml


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


@pytest.mark.parametrize("value", ["-1", "inf", "-inf", "nan"])
def test_a_limit_that_is_none_is_refused(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", f"--time-limit={value}"]) == 2
    assert "--time-limit に「" in capsys.readouterr().err


def test_every_command_has_its_function_and_the_stated_time_limit_is_the_engines() -> None:
    described = read_yaml(Path(parser.__file__).with_name("commands.yml"))
    for module, entry in described.items():
        code = importlib.import_module(f"gunmane_analysis.commands.{module}")
        for name in entry.get("commands", [module]):
            assert callable(getattr(code, f"run_{name}")), name
    assert described["report"]["arguments"]["--time-limit"]["default"] == DEFAULT_CELL_LIMIT
    assert described["report"]["arguments"]["--scheme"]["default"] == DEFAULT_SCHEME_ID
