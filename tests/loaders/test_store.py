"""The processed tables: rebuilt for whatever they depend on, and for nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import yaml

from gunmane_analysis.intake.check import check_file
from gunmane_analysis.loaders.filing import register_file
from gunmane_analysis.loaders.store import build_all, code_behind_tables, load_table
from gunmane_analysis.tables import table_ids

FISCAL_INDEX = (
    "団体コード,都道府県名,団体名,財政力指数,経常収支比率,実質公債費比率,将来負担比率,ラスパイレス指数\n"
    "052043,秋田県,大館市,0.55,93.8,8.9,12.5,97.1\n"
)


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
        "reference_data/former_codes.yml",
        "reference_data/corrections.yml",
        "reference_data/prefectures.csv",
        "areas/master.py",
        "sources.py",
        "loaders/reading.py",
        "loaders/building.py",
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
    built = {table.table_id: table.rows for table in build_all()}
    assert built["municipal_series"] == 17_410
    assert built["kpi"] == len(load_table("kpi"))
    assert built["advisors"] is None
    assert set(built) == set(table_ids()) - {"estimate_items"}
