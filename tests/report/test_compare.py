"""Two years' pages compared: what moved, and whether year, data or method moved it."""

from __future__ import annotations

import io
from dataclasses import asdict, replace
from pathlib import Path

import openpyxl
import pytest

from gunmane_analysis.cli import main
from gunmane_analysis.findings import KeyFigure
from gunmane_analysis.page.compare import compare_records, comparison_book
from gunmane_analysis.page.records import AreaRecord, record_bytes


def record(value: float, year: int, made_from: str, area_id: str = "05204") -> AreaRecord:
    staff = KeyFigure("area.staff", "職員数", value, "人", note=f"{year}年度、334位")
    share = KeyFigure("area.share", "措置の要る橋の割合", 0.1, "%", "rate", 1, note="2024年度")
    return AreaRecord(
        area_id, "大館市", "municipality", "made", "f", {}, (), "2026-11-20T10:00:00+09:00",
        inputs_fingerprint=made_from,
        key_figures=({**asdict(staff), "of_an_older_version": 1}, asdict(share)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("year", "made_from", "cause"),
    [
        (2024, "data-code", "年度"),
        (2023, "data2-code", "資料"),
        (2023, "data-code2", "方法"),
        (2024, "data2-code2", "年度、資料、方法"),
        (2023, "data-code", "不明"),
    ],
)
def test_a_value_that_moved_has_its_cause(year: int, made_from: str, cause: str) -> None:
    before, after = record(472, 2023, "data-code"), record(467, year, made_from)
    moved = compare_records({"05204": before}, {"05204": after, "05": after})
    assert moved.to_numpy().tolist() == [
        ["05204", "市区町村", "大館市", "職員数", "472人", "467人", "△5人", cause]
    ]
    book = openpyxl.load_workbook(io.BytesIO(comparison_book(moved, (2023, 2024), after.made_at)))
    cells = [cell.value for row in book.worksheets[0].iter_rows() for cell in row]
    assert "2023年度と2024年度のページの比較" in cells and cause in cells


def test_a_figure_that_one_page_alone_has_is_shown() -> None:
    whole = record(472, 2023, "data-code")
    less = replace(whole, key_figures=whole.key_figures[:1])
    unknown = replace(
        whole, key_figures=(whole.key_figures[0], {**whole.key_figures[1], "value": None})
    )
    for before, after, words in ((less, whole, ["…", "10.0%"]), (whole, less, ["10.0%", "…"])):
        moved = compare_records({"05204": before}, {"05204": after})
        assert moved.to_numpy().tolist() == [
            ["05204", "市区町村", "大館市", "措置の要る橋の割合", *words, "…", "片方だけ"]
        ]
    assert compare_records({"05204": less}, {"05204": unknown}).empty


def test_the_command_prints_a_table_and_writes_a_workbook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GUNMANE_HOME", str(tmp_path))
    for needed in ("notebooks", "data/raw"):
        (tmp_path / needed).mkdir(parents=True)
    for year, value in ((2023, 472.0), (2024, 467.0)):
        folder = tmp_path / "reports" / str(year) / "05204"
        folder.mkdir(parents=True)
        (folder / "record.json").write_bytes(record_bytes(record(value, year, "data-code")))
    assert main(["compare", "2023", "2024"]) == 0
    assert "大館市　職員数　472人 → 467人（△5人、年度）" in capsys.readouterr().out
    names = {path.name for path in (tmp_path / "reports").iterdir()}
    assert names == {"2023", "2024", "比較_2023年度_2024年度.xlsx"}
    assert main(["compare", "2024", "2024"]) == 2
    assert "2024年度を同じ年度と比べることはできません" in capsys.readouterr().err
    assert main(["compare", "2020", "2024"]) == 2
    assert "2020年度のページがありません" in capsys.readouterr().err
