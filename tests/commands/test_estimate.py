"""``gunmane estimate`` as a person runs it."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from gunmane_analysis.cli import main


def test_form_then_results_then_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    form = tmp_path / "様式.xlsx"
    assert main(["estimate", "--template", str(form)]) == 0
    assert main(["estimate", str(form), "--draws", "200"]) == 0
    assert "総費用は6.20億円から6.07億円へ" in capsys.readouterr().out
    book = openpyxl.load_workbook(tmp_path / "様式_結果.xlsx")
    assert book.sheetnames[0] == "結果"
    assert {"設定", "業務", "物価指数"} <= set(book.sheetnames)
    page = (tmp_path / "様式_結果.html").read_text(encoding="utf-8")
    assert "例示（実際の値ではない）" in page
    assert page.count("<svg") == 4
    for outside in ("http://", "https://", "<script"):
        assert outside not in page.replace("http://www.w3.org", "")


def test_the_results_are_the_same_bytes_twice(tmp_path: Path) -> None:
    form = tmp_path / "様式.xlsx"
    main(["estimate", "--template", str(form)])
    for name in ("a", "b"):
        main(["estimate", str(form), "--draws", "200", "--output", str(tmp_path / name)])
    for suffix in ("xlsx", "html"):
        one, other = (tmp_path / name / f"様式_結果.{suffix}" for name in ("a", "b"))
        assert one.read_bytes() == other.read_bytes()


def test_a_refused_form_leaves_exit_status_2_and_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    form = tmp_path / "様式.xlsx"
    main(["estimate", "--template", str(form)])
    book = openpyxl.load_workbook(form)
    book["業務"]["C3"] = -1
    book.save(form)
    assert main(["estimate", str(form)]) == 2
    told = capsys.readouterr().err
    assert "C3" in told
    assert "負の値です" in told
    assert "Traceback" not in told
    assert [path.name for path in tmp_path.iterdir()] == ["様式.xlsx"]


def test_a_filled_form_is_never_overwritten(tmp_path: Path) -> None:
    form = tmp_path / "様式.xlsx"
    form.write_bytes(b"filled in")
    assert main(["estimate", "--template", str(form)]) == 2
    assert form.read_bytes() == b"filled in"


@pytest.mark.parametrize("words", [[], ["a.xlsx", "--template", "b.xlsx"]])
def test_either_a_file_or_the_form_is_asked_for(words: list[str]) -> None:
    assert main(["estimate", *words]) == 2
