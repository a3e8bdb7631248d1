"""CONTRIBUTING's example of a new table, followed to the letter in a copy of the package."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

ROOT = Path(__file__).parents[2]
# The line of a file before which a block goes; a file that is not there is the block.
PLACES = {
    "gunmane_analysis/tables/snow_depots.yml": None,
    "gunmane_analysis/loaders/tables.py": "load_staffing = ",
    "gunmane_analysis/loaders/checks.py, before CHECKS": "CHECKS: ",
    "gunmane_analysis/loaders/checks.py, in CHECKS": '    "participation": ',
    "gunmane_analysis/messages/refusals.yml, under SourceMismatchError": "ReportError:",
}


@pytest.fixture
def followed(tmp_path: Path, own_project: Path) -> dict[str, str]:
    """Return the environment of a program that has the table of the example."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    example = text.partition("### A new table")[2].partition("\n### ")[0]
    blocks = dict(re.findall(r"```\w+\n# ([^\n]+)\n(.*?)```", example, re.DOTALL))
    assert list(blocks) == list(PLACES)
    copied = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "gunmane_analysis", tmp_path / "gunmane_analysis", ignore=copied)
    for place, before in PLACES.items():
        path = tmp_path / place.partition(",")[0]
        if before is None:
            path.write_text(blocks[place], "utf-8")
            continue
        parts = path.read_text("utf-8").partition(f"\n{before}")
        assert parts[1]
        path.write_text(f"{parts[0]}\n{blocks[place]}{parts[1]}{parts[2]}", "utf-8")
    return {**os.environ, "PYTHONPATH": str(tmp_path), "GUNMANE_HOME": str(own_project)}


def run(environment: dict[str, str], *words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *map(str, words)]
    home = environment["PYTHONPATH"]  # -m looks where it runs before it looks there
    return subprocess.run(
        command, env=environment, cwd=home, capture_output=True, encoding="utf-8", check=False
    )


def test_the_example_of_contributing_works_when_it_is_followed(
    followed: dict[str, str], tmp_path: Path
) -> None:
    gunmane = ("-m", "gunmane_analysis.cli", "data")
    form = tmp_path / "除雪.xlsx"
    assert run(followed, *gunmane, "template", "snow_depots", "--out", form).returncode == 0
    book = openpyxl.load_workbook(form)
    sheet = book["記入"]
    headings = "団体コード 団体名 年度 除雪車の数（台） 運転手の数（人） 備考"
    assert " ".join(str(cell.value) for cell in sheet[1]) == headings
    sheet.append(["052043", "大館市", 2024, 12, 0, "合成データ"])
    book.save(form)
    refused = run(followed, *gunmane, "check", form)
    assert refused.returncode == 2
    assert "05204（2024年度）: 除雪車 12台" in refused.stdout
    sheet["E2"] = 18
    book.save(form)
    added = run(followed, *gunmane, "add", form)
    assert added.returncode == 0, added.stderr
    sheet["E2"] = 20
    book.save(form)
    words = ("snow_depots", "除雪.xlsx", form, "--reason", "運転手の数を確かめた")
    assert run(followed, *gunmane, "replace", *words).returncode == 0
    listed = run(followed, *gunmane, "list", "--files").stdout
    assert "snow_depots/除雪.xlsx" in listed and "運転手の数を確かめた" in listed
    load = "from gunmane_analysis.loaders.tables import load_snow_depots as load; print(load()"
    loaded = run(followed, "-c", f"{load}.drop(columns='remark').values.tolist())")
    assert loaded.stdout == "[['05204', 2024, 12.0, 20.0, True]]\n"
    assert "除雪車の数［台］" in run(followed, *gunmane, "explain", "snow_depots").stdout
