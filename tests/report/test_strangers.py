"""Packages kept out of a batch, and only of a batch."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from gunmane_analysis.batch import strangers
from gunmane_analysis.batch.processes import can_fork
from gunmane_analysis.batch.strangers import GRAMMAR, kept_out
from tests.report.projects import executed, notebook, run, write_project

LOADED = (
    "import sys\n"
    "from gunmane_analysis.batch.strangers import GRAMMAR, OPTIONAL\n"
    "sorted(n for n in (GRAMMAR, *OPTIONAL, 'matplotlib') if sys.modules.get(n))"
)


def shown(home: Path, theme: str) -> str:
    (output,) = executed(home, "05", theme).cells[-1].outputs
    return output.data["text/plain"]


@pytest.mark.parametrize("often", [frozenset(), frozenset({"colorsys"})], ids=["seldom", "often"])
def test_what_is_kept_out_comes_back(often, monkeypatch) -> None:
    monkeypatch.setattr(strangers, "_SOUGHT_OFTEN", often)
    sys.modules.pop("colorsys", None)
    with kept_out(["colorsys"]), pytest.raises(ModuleNotFoundError):
        importlib.import_module("colorsys")
    assert importlib.import_module("colorsys")


def test_what_is_loaded_already_stays(monkeypatch) -> None:
    monkeypatch.setattr(strangers, "_SOUGHT_OFTEN", frozenset({"colorsys"}))
    loaded = importlib.import_module("colorsys")
    with kept_out(["colorsys"]):
        assert importlib.import_module("colorsys") is loaded
    assert importlib.import_module("colorsys") is loaded


@pytest.mark.skipif(not can_fork(), reason="forking is for Linux")
def test_a_batch_loads_only_what_a_notebook_names(tmp_path, monkeypatch) -> None:
    home = write_project(tmp_path / "p", plain=notebook([], [LOADED]))
    monkeypatch.setenv("GUNMANE_HOME", str(home))
    assert run(home, "05").made
    assert shown(home, "plain") == "['matplotlib']"
    naming = notebook([], [f"import {GRAMMAR}\n{GRAMMAR}.__name__"])
    write_project(home := tmp_path / "q", naming=naming)
    monkeypatch.setenv("GUNMANE_HOME", str(home))
    assert run(home, "05").made
    assert shown(home, "naming") == f"'{GRAMMAR}'"


@pytest.mark.skipif(not can_fork(), reason="forking is for Linux")
def test_the_command_itself_draws_and_parses_nothing(tmp_path, monkeypatch) -> None:
    home = write_project(tmp_path / "p", plain=notebook([], ["1"]))
    monkeypatch.setenv("GUNMANE_HOME", str(home))
    nothing = LOADED.replace("sorted", "assert not any")
    code = (
        "from gunmane_analysis.cli import main\n"
        f"main(['report', '--regions', '05', '--json'])\n{nothing}"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
