"""The form of the effect-estimation tool: out, back in, and every cell that is refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from gunmane_analysis.errors import SourceError
from gunmane_analysis.loaders.assumed import load_cost_illustration
from gunmane_analysis.loaders.estimate import read_estimate
from gunmane_analysis.metrics.contracts.estimator import cost_comparison
from gunmane_analysis.page.estimate_book import estimate_bytes

Edit = Callable[[Workbook], None]


def form(tmp_path: Path, edit: Edit | None = None) -> Path:
    """Write the form with the example, changed by ``edit``."""
    given = load_cost_illustration(2025, years=3, with_ranges=True)
    book = openpyxl.load_workbook(io.BytesIO(estimate_bytes(given)))
    if edit is not None:
        edit(book)
    path = tmp_path / "様式.xlsx"
    book.save(path)
    return path


def setting(sheet: str, cell: str, value: object) -> Edit:
    def edit(book: Workbook) -> None:
        book[sheet][cell] = value  # type: ignore[index]

    return edit


def test_the_form_as_handed_out_reads_back_to_the_same_estimate(tmp_path: Path) -> None:
    given = load_cost_illustration(2025, years=3, with_ranges=True)
    found = read_estimate(form(tmp_path))
    assert found.is_illustrative
    assert found.settings == given.settings
    assert found.items["item"].tolist() == given.items["item"].tolist()
    assert (
        cost_comparison(found).total_saving_npv_jpy == cost_comparison(given).total_saving_npv_jpy
    )


def test_units_are_converted(tmp_path: Path) -> None:
    def edit(book: Workbook) -> None:
        items = book["業務"]
        items["C2"], items["C3"], items["C4"], items["C5"] = "百万円", 100, 100, 100
        items["E2"], items["E3"] = "千時間", 6
        items["E4"] = items["E5"] = 6
        settings = book["設定"]
        settings["E8"], settings["B8"], settings["C8"], settings["D8"] = "割合", 0.04, 0.04, 0.04

    assert form(tmp_path).exists()
    found = read_estimate(form(tmp_path, edit))
    assert found.items["outsourcing_before_jpy"].tolist() == [100e6] * 3
    assert found.items["direct_hours_before"].tolist() == [6000] * 3
    assert found.settings.discount_rate.value == 0.04


def test_deflators_are_read(tmp_path: Path) -> None:
    def edit(book: Workbook) -> None:
        for row, (year, index) in enumerate([(2025, 100), (2026, 102), (2027, 104)], start=2):
            book["物価指数"].cell(row, 1, year)
            book["物価指数"].cell(row, 2, index)

    assert read_estimate(form(tmp_path, edit)).settings.deflators == {
        2025: 100.0,
        2026: 102.0,
        2027: 104.0,
    }


@pytest.mark.parametrize(
    ("edit", "cell", "reason"),
    [
        (setting("業務", "C3", -5), "（C3）", "負の値"),
        (setting("業務", "F4", None), "（F4） 空欄", "がありません。正しい形: 0以上の数値"),
        (setting("業務", "C3", "=1000*2"), "（C3）", "計算結果が保存されていません"),
        (setting("設定", "D8", 400), "（B8）", "（100%）を超えています"),
        (setting("業務", "D5", "一億"), "（D5） 値「一億」", "漢数字"),
        (setting("業務", "C2", None), "（C2） 空欄", "の単位」がありません"),
        (setting("業務", "E2", "人日"), "（E2） 値「人日」", "選べません。正しい形: 時間、千時間"),
        (setting("業務", "B4", None), "（B4）", "「業務」がありません"),
        (setting("業務", "A4", 2025), "（B4）", "3行目と年度・業務が重なっています"),
        (setting("業務", "A4", "来年"), "（A4）", "年度"),
        (setting("業務", "C1", "金額"), "シート「業務」: 1行目に見出し", "委託金額（導入前）"),
        (setting("設定", "B6", None), "（B6） 空欄", "がありません。正しい形: 0以上の数値"),
        (setting("設定", "E6", None), "（E6） 空欄", "の単位」がありません"),
        (setting("設定", "D6", 1), "（B6）", "間にありません"),
        (setting("設定", "B4", "不明"), "（B4） 値「不明」", "税込、税抜"),
        (
            setting("設定", "A7", "初期費用"),
            "シート「設定」: 項目「導入時の費用」",
            "行がありません",
        ),
        (setting("設定", "B2", None), "（B2） 空欄", "試算の名前"),
    ],
)
def test_a_bad_cell_is_named_with_what_to_do(
    tmp_path: Path, edit: Edit, cell: str, reason: str
) -> None:
    with pytest.raises(SourceError) as caught:
        read_estimate(form(tmp_path, edit))
    assert cell in caught.value.found
    assert reason in caught.value.found


def test_all_bad_cells_are_named_at_once(tmp_path: Path) -> None:
    def edit(book: Workbook) -> None:
        book["業務"]["C3"] = -1
        book["設定"]["E6"] = None

    with pytest.raises(SourceError, match="2件") as caught:
        read_estimate(form(tmp_path, edit))
    assert "C3" in caught.value.found
    assert "E6" in caught.value.found


def test_another_workbook_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    path = tmp_path / "別.xlsx"
    book.save(path)
    with pytest.raises(SourceError, match="シート「設定、業務」がありません"):
        read_estimate(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        read_estimate(tmp_path / "ない.xlsx")
