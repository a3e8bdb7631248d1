"""Registers that the secretariat files: absent, right, and wrong in every way at once."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from gunmane_analysis.errors import SchemaError, SourceError
from gunmane_analysis.loaders.filed import load_filed_table, read_filed_table
from gunmane_analysis.sources import sha256_of
from gunmane_analysis.tables.groups import ModelRegions
from gunmane_analysis.tables.steps import StepPositions

HEAD = "municipality_code,step_no,entered_on,as_of_on,obstacle,remark\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_nothing_filed_gives_the_table_without_rows() -> None:
    table = load_filed_table(StepPositions)
    assert table.empty
    assert list(table.columns) == HEAD.strip().split(",")


def test_a_registered_file_is_loaded(own_project: Path) -> None:
    name = "step_positions/2024.csv"
    raw = own_project / "data" / "raw"
    path = write(raw / name, f"{HEAD}052043,2,2024-04-01,2025-01-31,staff,\n")
    register = raw / "sources.yml"
    content = yaml.safe_load(register.read_text(encoding="utf-8"))
    content["sources"]["step_positions"] = {
        "title": "段階の台帳",
        "producer": "事務局",
        "files": {name: {"sha256": sha256_of(path)}},
    }
    register.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    table = load_filed_table(StepPositions)
    assert table[["municipality_code", "step_no"]].to_numpy().tolist() == [["05204", 2]]


def test_a_prefecture_may_belong_to_a_model_region(tmp_path: Path) -> None:
    head = "group_no,pattern,municipality_code,body_name,is_representative\n"
    path = write(tmp_path / "m.csv", f"{head}1,広域連携,340006,広島県,true\n")
    assert read_filed_table(ModelRegions, path)["municipality_code"].tolist() == ["34"]


def test_every_faulty_cell_is_named_with_its_line(tmp_path: Path) -> None:
    path = write(
        tmp_path / "p.csv",
        f"{HEAD}052044,2,2024-04-01,2025-01-31,,\n05201,1.5,2024-02-30,2025-01-31,,\n",
    )
    with pytest.raises(SourceError) as told:
        read_filed_table(StepPositions, path)
    message = str(told.value)
    assert "2行目 列「municipality_code」" in message
    assert "検査数字" in message
    assert "3行目 列「step_no」 値「1.5」" in message
    assert "3行目 列「entered_on」 値「2024-02-30」" in message


def test_an_unknown_word_is_refused_by_the_schema(tmp_path: Path) -> None:
    path = write(tmp_path / "p.csv", f"{HEAD}05204,2,2024-04-01,2025-01-31,tired,\n")
    with pytest.raises(SchemaError, match="tired"):
        read_filed_table(StepPositions, path)
