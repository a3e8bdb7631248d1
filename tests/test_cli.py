"""The command line: what it refuses, in Japanese, before anything is written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gunmane_analysis.cli import main
from gunmane_analysis.paths import raw_dir


def _refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert "Traceback" not in printed.err
    assert printed.err.startswith("エラー: ")
    return printed.err


@pytest.fixture
def earlier_report(own_project: Path) -> Path:
    """Return an earlier page that no refusal may touch."""
    page = own_project / "reports" / "2024" / "tohoku" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("以前のページ", encoding="utf-8")
    return page


def _untouched(page: Path) -> bool:
    others = [path for path in page.parents[2].rglob("*") if path.is_file() and path != page]
    return page.read_text(encoding="utf-8") == "以前のページ" and not others


REFUSED = {
    "unknown areas": ("--regions", "tohoko,05,99", ["tohoko", "tohoku", "99"]),
    "a year without data": ("--year", "2031", ["2031年度", "1998〜2024年度"]),
    "an unknown theme": ("--theme", "staffing,weather", ["weather"]),
    "an unknown scheme": ("--scheme", "../etc", ["regional_bureaus"]),
}


@pytest.mark.parametrize(("option", "value", "named"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_known_is_refused_and_what_is_known_named(
    earlier_report: Path,
    capsys: pytest.CaptureFixture[str],
    option: str,
    value: str,
    named: list[str],
) -> None:
    refusal = _refused(capsys, "report", option, value)
    assert [word for word in named if word not in refusal] == []
    assert _untouched(earlier_report)


def test_an_altered_raw_file_is_refused(
    earlier_report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    series = raw_dir() / "prefecture_series" / "prefecture_series.csv"
    series.write_bytes(series.read_bytes() + b"\n")
    told = _refused(capsys, "report", "--year", "2024")
    assert "prefecture_series.csv" in told
    assert "対処" in told
    assert _untouched(earlier_report)


def test_a_missing_raw_file_is_refused(
    earlier_report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (raw_dir() / "kpi" / "kpi.csv").unlink()
    assert "kpi.csv" in _refused(capsys, "report", "--year", "2024", "--theme", "staffing")
    assert _untouched(earlier_report)


@pytest.mark.parametrize("hostile", ["../x", "/etc/passwd", "-rf", ".hidden", "05\n06"])
def test_nothing_from_outside_becomes_a_path(
    earlier_report: Path, capsys: pytest.CaptureFixture[str], hostile: str
) -> None:
    assert main(["report", f"--regions={hostile}"]) == 2
    capsys.readouterr()
    assert _untouched(earlier_report)


def test_the_traceback_is_there_for_those_who_ask(
    own_project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "--debug", "--year", "2031"]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_a_fault_of_the_program_is_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("1/0")

    monkeypatch.setattr("gunmane_analysis.commands.report.parse_regions", broken)
    assert main(["report", "--regions", "05"]) == 3
    told = capsys.readouterr().err
    assert "予期しない誤り" in told and "ZeroDivisionError" in told
    assert "Traceback" not in told


def test_a_reader_who_stops_reading_sees_no_fault() -> None:
    command = [sys.executable, "-m", "gunmane_analysis.cli", "find", "維持管理"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 141
