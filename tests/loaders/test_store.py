"""The processed tables: rebuilt for whatever they depend on, and for nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from gunmane_analysis.cli import main
from gunmane_analysis.intake.check import check_file
from gunmane_analysis.loaders import processed as processed_files
from gunmane_analysis.loaders import reading
from gunmane_analysis.loaders.filing import register_file
from gunmane_analysis.loaders.processed import code_behind_tables, delivered_path
from gunmane_analysis.loaders.store import build_all, load_table
from gunmane_analysis.sources import sha256_of
from gunmane_analysis.tables import table_ids

FISCAL_INDEX = (
    "団体コード,都道府県名,団体名,財政力指数,経常収支比率,実質公債費比率,将来負担比率,ラスパイレス指数\n"
    "052043,秋田県,大館市,0.55,93.8,8.9,12.5,97.1\n"
)

CHANGES = {
    "changes": [
        {
            "date": "2005-06-20",
            "reason": "absorption",
            "old": {"code": "05322", "name": "比内町"},
            "new": {"code": "05204", "name": "大館市"},
        }
    ]
}
OUTLINE = {
    "type": "Topology",
    "arcs": [[[140.5, 40.2], [140.6, 40.2], [140.6, 40.3], [140.5, 40.2]]],
    "objects": {
        "N03": {
            "type": "GeometryCollection",
            "geometries": [{"type": "Polygon", "arcs": [[0]], "properties": {"N03_007": "05204"}}],
        }
    },
}


def processed(project: Path, table_id: str) -> Path:
    return project / "data" / "processed" / f"{table_id}.parquet"


def index_of_odate() -> dict[int, float]:
    table = load_table("municipal_fiscal_index")
    own = table[(table["municipality_code"] == "05204") & (table["fiscal_strength_index"] == 0.55)]
    return own.set_index("fiscal_year")["fiscal_strength_index"].to_dict()


def test_a_fiscal_year_corrected_in_the_register_moves_the_rows(
    own_project: Path, tmp_path: Path
) -> None:
    path = tmp_path / "000123.csv"
    path.write_text(FISCAL_INDEX, encoding="utf-8")
    register_file(check_file(path, "mic_fiscal_index", 2016))
    assert index_of_odate() == {2016: 0.55}
    register = own_project / "data" / "raw" / "sources.yml"
    content = yaml.safe_load(register.read_text(encoding="utf-8"))
    content["sources"]["mic_fiscal_index"]["files"]["mic_fiscal_index/000123.csv"][
        "fiscal_year"
    ] = 2017
    register.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    assert index_of_odate() == {2017: 0.55}


def test_readers_codes_corrections_areas_and_descriptions_are_behind_every_table() -> None:
    package = Path(sys.modules["gunmane_analysis"].__path__[0])
    behind = {file.relative_to(package).as_posix() for file in code_behind_tables()}
    assert {
        "reference_data/municipalities.csv",
        "reference_data/corrections.yml",
        "reference_data/prefectures.csv",
        "areas/master.py",
        "sources.py",
        "loaders/reading.py",
        "loaders/checks.py",
        "intake/frames.py",
        "intake/reading/values.py",
        "tables/_choices.yml",
        *(f"tables/{table_id}.yml" for table_id in table_ids()),
    } <= behind


def test_what_is_unchanged_is_neither_written_nor_checked_again(own_project: Path) -> None:
    load_table("kpi")
    path = processed(own_project, "kpi")
    before = path.stat()
    code = (
        "import sys; from gunmane_analysis import load_kpi; load_kpi();"
        "sys.exit('pandera' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    after = path.stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)


def test_a_change_by_one_caller_reaches_no_other() -> None:
    one = load_table("kpi")
    kept = one.copy(deep=True)
    one.loc[:, "result"] = -1.0
    one["added"] = 1
    pd.testing.assert_frame_equal(load_table("kpi"), kept)


def test_building_everything_gives_each_table_its_rows(own_project: Path) -> None:
    built = dict(build_all())
    assert built["municipal_series"] == 17_410
    assert built["kpi"] == len(load_table("kpi"))
    assert built["advisors"] is None
    assert set(built) == set(table_ids()) - {"estimate_items"}


@pytest.fixture
def read_files(own_project: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return the delivered files that are read, in order, and whatever is read later."""
    found: list[Path] = []

    def noted(path: Path, *facts: object) -> object:
        found.append(path)
        return check_file(path, *facts)  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "check_file", noted)
    return found


def filed(folder: Path, name: str, staff: int, year: int) -> Path:
    path = folder / name
    text = f"団体コード,年度,土木部門職員数,備考\n052043,{year},{staff},仮\n011002,{year},-,\n"
    path.write_text(text, encoding="utf-8")
    assert main(["data", "add", str(path)]) == 0
    return path


def test_what_was_checked_when_it_was_added_is_not_read_again(
    read_files: list[Path], own_project: Path, tmp_path: Path
) -> None:
    filed(tmp_path, "a.csv", 61, 2023)
    filed(tmp_path, "b.csv", 60, 2024)  # its rows and figures are compared with those of a.csv
    assert main(["data", "build"]) == 0
    assert read_files == []
    kept = load_table("municipal_staffing")
    shutil.rmtree(own_project / "data" / "processed")
    pd.testing.assert_frame_equal(load_table("municipal_staffing"), kept)
    assert [path.name for path in read_files] == ["a.csv", "b.csv"]


@pytest.mark.parametrize("changed", ["code", "year", "changes", "damaged"])
def test_rows_are_read_again_when_what_they_depend_on_changes(
    changed: str,
    read_files: list[Path],
    own_project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "000123.csv"
    path.write_text(FISCAL_INDEX, encoding="utf-8")
    register_file(check_file(path, "mic_fiscal_index", 2016))
    assert index_of_odate() == {2016: 0.55}
    assert read_files == []
    register = own_project / "data" / "raw" / "sources.yml"
    if changed == "code":  # or a description: both are in the digest
        monkeypatch.setattr(processed_files, "code_digest", lambda: b"another")
        (own_project / "data/processed/municipal_fiscal_index.parquet").unlink()
    elif changed == "year":
        text = register.read_text(encoding="utf-8")
        register.write_text(text.replace("fiscal_year: 2016", "fiscal_year: 2017"), "utf-8")
    elif changed == "changes":
        changes = tmp_path / "changes.json"
        changes.write_text(json.dumps(CHANGES), encoding="utf-8")
        assert main(["data", "add", str(changes), "--source", "municipal_changes"]) == 0
    else:
        (own_project / "data/processed/municipal_fiscal_index.parquet").unlink()
        kept = delivered_path(sha256_of(path))
        kept.write_bytes(kept.read_bytes()[:50])
    assert index_of_odate() == {2017 if changed == "year" else 2016: 0.55}
    assert [each.name for each in read_files] == ["000123.csv"]


def test_outlines_are_kept_with_their_points(
    read_files: list[Path], own_project: Path, tmp_path: Path
) -> None:
    path = tmp_path / "outline.json"
    path.write_text(json.dumps(OUTLINE), encoding="utf-8")
    assert main(["data", "add", str(path), "--source", "boundaries"]) == 0
    (ring,) = load_table("boundaries").to_dict("records")
    assert list(ring["longitudes"]) == [140.5, 140.6, 140.6, 140.5]
    assert read_files == []


def test_a_replaced_file_gives_its_own_rows(
    read_files: list[Path], own_project: Path, tmp_path: Path
) -> None:
    filed(tmp_path, "a.csv", 61, 2024)
    new = tmp_path / "new.csv"
    new.write_text("団体コード,年度,土木部門職員数\n052043,2024,58\n", encoding="utf-8")
    words = ["data", "replace", "municipal_staffing", "a.csv", str(new), "--reason", "直し"]
    assert main(words) == 0
    assert load_table("municipal_staffing")["civil_staff_count"].tolist() == [58.0]
    assert read_files == []
