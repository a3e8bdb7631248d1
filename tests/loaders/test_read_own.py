"""A researcher's own file: the same checks and the same table, and nothing filed."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from gunmane_analysis import codebook, load_municipal_staffing, read_own
from gunmane_analysis.cli import main
from gunmane_analysis.errors import SourceError, SourceMismatchError, TableError
from gunmane_analysis.intake.forms import read_form, sources_with
from gunmane_analysis.sources import raw_file
from gunmane_analysis.tables import describe, table_ids

STAFF = "団体コード,年度,職員数,土木部門職員数,土木技師数,建築技師数\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "own.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_own_file_gives_the_table_that_filing_it_would(
    own_project: Path, tmp_path: Path
) -> None:
    path = written(tmp_path, f"{STAFF}０５２０４３,令和6年度,100,9,4,-\n")
    register = own_project / "data/raw/sources.yml"
    before = register.read_bytes()
    own = read_own(str(path), "municipal_staffing")
    assert register.read_bytes() == before
    assert own[["municipality_code", "fiscal_year"]].to_numpy().tolist() == [["05204", 2024]]
    assert own["architect_count_status"].tolist() == ["none"]
    assert main(["data", "add", str(path)]) == 0
    pd.testing.assert_frame_equal(load_municipal_staffing(), own)


def test_an_own_file_may_lack_columns_that_may_be_empty(tmp_path: Path) -> None:
    own = read_own(
        written(tmp_path, "団体コード,年度,職員数\n052043,2024,100\n"), "municipal_staffing"
    )
    assert own["staff_count"].tolist() == [100.0]
    assert own["architect_count"].isna().all()
    assert own["architect_count_status"].tolist() == [""]


def test_an_own_file_may_be_headed_by_the_names_of_the_codebook(tmp_path: Path) -> None:
    form = read_form("contracts")
    names = [name for name in codebook("contracts")["column"] if name in form.fields]
    path = tmp_path / "own.xlsx"
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(names)
    sheet.append([form.fields[name].example for name in names])
    book.save(path)
    own = read_own(path, "contracts")
    assert len(own) == 1
    assert own.dtypes.to_dict() == describe("contracts").empty().dtypes.to_dict()


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, f"{STAFF}052044,2024,100,9,4,1\n052019,2024,100,９人,-4,1\n")
    with pytest.raises(SourceError) as refused:
        read_own(path, "municipal_staffing")
    for place in ("2行目 列「団体コード」", "3行目 列「土木部門職員数」", "3行目 列「土木技師数」"):
        assert place in refused.value.found
    with pytest.raises(TableError, match="表「no_such」はありません"):
        read_own(path, "no_such")
    with pytest.raises(SourceError, match="見出し"):
        read_own(path, "advisors")


def test_a_shipped_table_of_ones_own_keeps_its_checks_of_meaning(tmp_path: Path) -> None:
    text = raw_file("membership").read_text(encoding="utf-8")
    assert len(read_own(written(tmp_path, text), "membership")) > 0
    row = next(line for line in text.splitlines() if ",total," in line and "2025-04-01" in line)
    count = row.split(",")[3]
    wrong = text.replace(row, row.replace(f",{count},", f",{int(count) + 1},", 1))
    with pytest.raises(SourceMismatchError, match="計と一致しません"):
        read_own(written(tmp_path, wrong), "membership")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("known_fiscal_year", ""),
        ("known_fiscal_year", "2024.5"),  # was cut to 2024
        ("known_fiscal_year", "inf"),
        ("is_planned", "はい"),
    ],
)
def test_a_shipped_table_of_ones_own_takes_no_other_words(
    column: str, value: str, tmp_path: Path
) -> None:
    cells = pd.read_csv(raw_file("contract_phases"), dtype="str", keep_default_na=False)
    cells.loc[0, column] = value
    path = tmp_path / "own.csv"
    cells.to_csv(path, index=False)
    with pytest.raises(SourceError, match=f"2行目 列「{column}」 値「{value or '空欄'}」"):
        read_own(path, "contract_phases")


@pytest.mark.parametrize("table_id", table_ids())
def test_the_codebook_has_a_label_for_every_column(table_id: str) -> None:
    book = codebook(table_id)
    assert book["label"].str.len().gt(0).all()
    assert list(book["column"]) == list(describe(table_id).empty().columns)


@pytest.mark.parametrize(
    "headings",
    [
        ("団体コード1", "団体コード2"),
        ("団体コード", "隣接する団体コード"),
        ("市区町村コード", "隣接する市区町村コード"),
        ("municipality_code", "neighbour_municipality_code"),
        ("code5_a", "code5_b"),  # as derived from 国土数値情報
    ],
)
def test_ones_own_neighbours_may_be_headed_as_a_person_would(
    headings: tuple[str, str], tmp_path: Path
) -> None:
    path = written(tmp_path, f"{','.join(headings)}\n052043,05303\n")
    assert read_own(path, "adjacency").to_numpy().tolist() == [["05204", "05303"]]


def test_a_faulty_file_of_ones_own_is_to_be_read_again(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as refused:
        read_own(written(tmp_path, f"{STAFF}052043,2024,100人,9,4,1\n"), "municipal_staffing")
    assert "もう一度読んでください" in refused.value.advice
    assert "data check" not in str(refused.value)


@pytest.mark.parametrize("form_id", sources_with("is_form"))
def test_every_form_of_municipalities_takes_both_headings_of_their_codes(form_id: str) -> None:
    field = read_form(form_id).fields.get("municipality_code")
    assert field is None or {("団体コード",), ("市区町村コード",)} <= set(field.headings)


def test_units_of_groups_take_six_digits(tmp_path: Path) -> None:
    rows = "団体コード,年度,技術系職員数（人）\n052043,2024,45\n"
    assert read_own(written(tmp_path, rows), "group_units")["municipality_code"].tolist() == [
        "05204"
    ]
