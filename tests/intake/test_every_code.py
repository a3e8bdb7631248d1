"""All codes of the master: delivered file → raw → parquet → parameter → area → page, as text.

The master of this package holds 1,741 municipalities, 172 wards and 47 prefectures; with 浜松市's
seven wards of before 2024 instead of its three of today they are the 1,963 codes as delivered.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pandas as pd
import papermill.translators
import pytest

from gunmane_analysis.areas import check_digit, find_area, list_areas, read_code
from gunmane_analysis.areas.master import cities_by_ward, former_codes, local_bodies, prefectures
from gunmane_analysis.cli import main
from gunmane_analysis.findings import Column, Finding
from gunmane_analysis.intake.check import check_file
from gunmane_analysis.loaders.tables import load_municipal_staffing
from gunmane_analysis.page.tables import csv_bytes
from gunmane_analysis.paths import processed_dir

WARDS_OF_BEFORE = sorted(code for code in former_codes() if code.startswith("2213"))
BODIES = sorted(local_bodies())
MUNICIPALITIES = [code for code in BODIES if not local_bodies()[code].is_ward]
AREAS = [area.area_id for area in (*list_areas("prefecture"), *list_areas("municipality"))]


def six(code: str) -> str:
    five = code.ljust(5, "0")
    return five + check_digit(five)


def count_of(code: str) -> int:
    """A count of a municipality's own; the first ward of a city has its whole count."""
    if not local_bodies()[code].is_ward:
        return int(code) % 500
    city = next(c for c in MUNICIPALITIES if c == cities_by_ward()[code])
    first = min(ward for ward in BODIES if cities_by_ward().get(ward) == city)
    return count_of(city) if code == first else 0


def rows_of_codes() -> list[tuple[str, str, int, int]]:
    """One row per code; 浜松市's former wards in their year."""
    before = [(six(code), "", 2023, 1) for code in WARDS_OF_BEFORE]
    today = [(six(code), "", 2024, count_of(code)) for code in BODIES]
    whole = [
        (six(code), "", 2024, sum(count_of(b) for b in MUNICIPALITIES if b[:2] == code))
        for code in prefectures()
    ]
    return [*whole, *today, *before]


def test_the_codes_are_1963() -> None:
    today = {*BODIES, *prefectures()}
    delivered = (today | set(WARDS_OF_BEFORE)) - {"22138", "22139", "22140"}
    assert len(delivered) == 1963
    assert len(AREAS) == 47 + 1741


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_from_the_delivered_file_to_the_processed_table(
    kind: str, own_project: Path, tmp_path: Path
) -> None:
    heading = ("団体コード", "団体名", "年度", "職員数")
    path = tmp_path / f"all.{kind}"
    if kind == "csv":
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([heading, *rows_of_codes()])
    else:
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("記入")
        for row in (heading, *rows_of_codes()):
            sheet.append(row)
        book.save(path)
    checked = check_file(path)
    assert checked.issues.of("fault") == []
    codes = {row.delivered_code for row in checked.rows}
    assert codes == {*BODIES, *WARDS_OF_BEFORE, *(f"{code}000" for code in prefectures())}
    assert len(codes - {"22138", "22139", "22140"}) == 1963
    assert main(["data", "add", str(path)]) == 0
    assert main(["data", "build"]) == 0
    assert (own_project / "data" / "raw" / "municipal_staffing" / path.name).is_file()
    stored = pd.read_parquet(processed_dir() / "municipal_staffing.parquet")
    table = load_municipal_staffing()
    for frame in (stored, table):
        assert frame["municipality_code"].tolist() == MUNICIPALITIES
    counts = table.set_index("municipality_code")["staff_count"]
    assert all(counts[code] == count_of(code) for code in MUNICIPALITIES)


@pytest.mark.parametrize("write", [str, six])
def test_every_code_written_five_or_six_digits_long_is_itself(write: object) -> None:
    assert callable(write)
    for code in BODIES:
        assert read_code(write(code), "six" if write is six else "five").code == code
    for code in prefectures():
        assert read_code(six(code)).code == code


def test_every_area_as_a_parameter_of_a_notebook_stays_text() -> None:
    """papermill writes parameters as Python literals; a number would lose its zero."""
    translator = papermill.translators.PythonTranslator
    for area_id in AREAS:
        scope: dict[str, object] = {}
        exec(translator.codify({"area_id": area_id}), scope)
        assert scope["area_id"] == area_id
        assert find_area(str(scope["area_id"])).area_id == area_id


def test_every_area_stands_on_a_page_and_in_its_files_as_text() -> None:
    table = pd.DataFrame({"code": AREAS, "name": [find_area(code).name for code in AREAS]})
    finding = Finding(
        finding_id="profile.codes",
        title="番号",
        headline="",
        table=table,
        columns=(Column("code", "番号"), Column("name", "名")),
        source_ids=(),
    )
    written = csv_bytes(finding).decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(written)))[1:]
    assert [row[0] for row in read] == AREAS
    page = finding._repr_mimebundle_()["text/html"]
    assert all(f">{code}<" in page for code in AREAS)
