"""The shared broken files: each accepted with exactly its true total, or refused with a place."""

from __future__ import annotations

import csv
import os
import stat
import zipfile
from pathlib import Path

import pytest

from gunmane_analysis.intake.check import Checked, check_file

SHARED = next(
    (
        folder / "shared" / "bad_inputs"
        for folder in Path(__file__).resolve().parents
        if (folder / "shared" / "bad_inputs").is_dir()
    ),
    Path("shared"),
)
NEEDS_SHARED = pytest.mark.skipif(not SHARED.is_dir(), reason="needs the shared broken files")
BUILT_BY_TEST = {
    "f08_zipbomb.xlsx",
    "f26_symlink.csv",
    "f27_fifo.csv",
    "f28_dir.csv",
    "f29_unreadable.csv",
    "~$s00_good.xlsx",
}
# Of these the manifest says that they are good, or may be accepted after mending.
MUST_BE_ACCEPTED = {
    "c02_utf8_bom.csv",
    "c03b_utf16_tsv_excel.txt",
    "c05_wavedash_cp932.csv",
    "c06_nec_ibm_dup.csv",
    "c07_iso2022jp.csv",
    "c08_nfd.csv",
    "c09_halfkana.csv",
    "f05_xlsx_named.csv",
    "f06_real.xls",
    "f07_macro.xlsm",
    "f09b_formatted_empty.xlsx",
    "f13_embedded_newline.csv",
    "f15_trailing_junk.csv",
    "f19_tsv.csv",
    "f24_zip_slip.xlsx",
    "k01_leadzero_lost.csv",
    "k04_float_code.csv",
    "k09_same_name.csv",
    "k11_rename.csv",
    "n01b_fullwidth_mixed.csv",
    "n02_thousands.csv",
    "s00_good.xlsx",
    "s04b_saikei_subtotal.xlsx",
    "s09_swapped_cols.xlsx",
    "s12_textnum.xlsx",
    "s13_numfmt_code.xlsx",
    "s18_blank_row.xlsx",
    "x02_formula_injection.csv",
}
# What a refusal has to name, from the manifest: file to (row, code).
PLACES = {
    "c04_mixed_utf8_cp932.csv": (4, "text-mixed-encodings"),
    "c11_mojibake.csv": (1, "text-has-lost-characters"),
    "f03_html_as_xls.xls": (1, "file-is-web-page"),
    "f10_formula_no_cache.xlsx": (3, "formula-not-calculated"),
    "f18_unclosed_quote.csv": (3, "text-quote-unclosed"),
    "f20_semicolon.csv": (1, "source-unknown"),
    "k03_bad_check.csv": (3, "code-check-digit"),
    "k06_hamamatsu_old.csv": (2, "code-abolished"),
    "n02b_bad_thousands.csv": (2, "number-grouping"),
    "n04_symbols.csv": (6, "number-mark-unknown"),
    "n08_float_staff.csv": (3, "number-not-whole"),
    "n11_negative_staff.csv": (4, "number-negative"),
    "n13b_unit_changed_header.csv": (1, "column-unit-differs"),
    "s06_two_tables.xlsx": (9, "row-second-heading"),
    "s14_long_id.xlsx": (2, "number-too-long"),
    "s15_header_only.xlsx": (2, "rows-missing"),
    "s16_blank.xlsx": (1, "sheet-empty"),
}


def _manifest() -> list[dict[str, str]]:
    if not SHARED.is_dir():
        return []
    with (SHARED / "manifest.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


CASES = [entry for entry in _manifest() if entry["file"] not in BUILT_BY_TEST]


@NEEDS_SHARED
def test_the_manifest_holds_sixty_one_files() -> None:
    assert len(_manifest()) == 61
    assert {entry["file"] for entry in _manifest()} - {c["file"] for c in CASES} == BUILT_BY_TEST


@pytest.mark.parametrize("entry", CASES, ids=lambda entry: entry["file"])
def test_accepted_with_its_true_total_or_refused_with_place_and_advice(
    entry: dict[str, str],
) -> None:
    record = check_file(SHARED / entry["file"]).to_record()
    if record["accepted"]:
        true_total = entry["true_sum_職員数"]
        if true_total:
            assert record["totals"]["staff_count"] == int(true_total)
        assert entry["file"] not in PLACES
    else:
        assert record["faults"]
        assert all(
            fault["message"] and (fault["advice"] or fault["expected"])
            for fault in record["faults"]
        )
        assert entry["file"] not in MUST_BE_ACCEPTED, record["faults"][0]
    if entry["file"] in PLACES:
        row, code = PLACES[entry["file"]]
        assert any(fault["row"] == row and fault["code"] == code for fault in record["faults"]), (
            record["faults"]
        )


@NEEDS_SHARED
def test_the_renamed_town_keeps_its_own_row_beside_its_namesake() -> None:
    checked = check_file(SHARED / "k11_rename.csv")
    assert [row.code for row in checked.rows] == ["40231", "40231", "09411"]
    assert checked.totals == {"staff_count": 256}


@NEEDS_SHARED
def test_nothing_of_the_external_entity_is_told() -> None:
    assert "root:" not in str(check_file(SHARED / "f22_xxe.xlsx").to_record())


@NEEDS_SHARED
def test_nothing_is_written_outside_by_a_slipping_member(tmp_path: Path) -> None:
    before = sorted(SHARED.parent.iterdir())
    assert check_file(SHARED / "f24_zip_slip.xlsx").is_accepted
    assert sorted(SHARED.parent.iterdir()) == before


def _good_csv(path: Path) -> Path:
    path.write_text("団体コード,団体名,年度,職員数\n011002,札幌市,2024,15000\n", encoding="utf-8")
    return path


def _only_fault(checked: Checked) -> str:
    (fault,) = checked.issues.of("fault")
    return fault.message + fault.expected + fault.advice


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "f26_symlink.csv"
    link.symlink_to(_good_csv(tmp_path / "outside.csv"))
    assert "リンク" in _only_fault(check_file(link))


def test_a_link_to_nowhere_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "gone.csv"
    link.symlink_to(tmp_path / "nothing.csv")
    assert "リンク" in _only_fault(check_file(link))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_named_pipe_does_not_block(tmp_path: Path) -> None:
    pipe = tmp_path / "f27_fifo.csv"
    os.mkfifo(pipe)
    assert "通常のファイルではありません" in _only_fault(check_file(pipe))


def test_a_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "f28_dir.csv"
    folder.mkdir()
    assert "フォルダー" in _only_fault(check_file(folder))


@pytest.mark.skipif(os.name == "nt", reason="permissions of another kind")
def test_a_file_nobody_may_read_is_refused(tmp_path: Path) -> None:
    path = _good_csv(tmp_path / "f29_unreadable.csv")
    path.chmod(stat.S_IWUSR)
    assert "読む権限" in _only_fault(check_file(path))


def test_the_lock_file_of_excel_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "~$s00_good.xlsx"
    path.write_bytes(b"\x05owner")
    assert "開いて" in _only_fault(check_file(path))


def test_a_missing_and_an_empty_file_are_refused(tmp_path: Path) -> None:
    assert "ありません" in _only_fault(check_file(tmp_path / "nothing.csv"))
    (tmp_path / "empty.csv").write_bytes(b"")
    assert "空" in _only_fault(check_file(tmp_path / "empty.csv"))


def write_zip_bomb(path: Path, rows: int, repeats: int) -> None:
    """Write a workbook whose one sheet unpacks to many times its size."""
    cell = "".join(f'<c r="{letter}1"><v>1</v></c>' for letter in "ABCDEFGHIJ")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        package.writestr(
            "xl/workbook.xml",
            '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
            'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
            '<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        package.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="rId1" Target="worksheets/sheet1.xml" Type="x"/></Relationships>',
        )
        with package.open("xl/worksheets/sheet1.xml", "w") as stream:
            stream.write(b"<worksheet><sheetData>")
            for _ in range(repeats):
                stream.write((f"<row>{cell}</row>" * rows).encode())
            stream.write(b"</sheetData></worksheet>")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "f08_zipbomb.xlsx"
    write_zip_bomb(path, rows=10_000, repeats=150)
    assert path.stat().st_size < 4_100_000
    told = _only_fault(check_file(path))
    assert "展開" in told
