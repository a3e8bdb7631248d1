"""Notebooks are prose that calls the library: no outputs, no logic, one cell of parameters."""

from __future__ import annotations

import ast
import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

ROOT = Path(__file__).parents[2]
LONGEST_CELL = 10
LOGIC = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef),
    *(ast.For, ast.AsyncFor, ast.While, ast.comprehension),
    *(ast.Try, ast.TryStar, ast.If, ast.With),
)

Notebook = dict[str, Any]


def notebooks(pattern: str) -> list[Path]:
    return [
        path
        for path in sorted((ROOT / "notebooks").glob(pattern))
        if ".ipynb_checkpoints" not in path.parts
    ]


def faults_of_storage(notebook: Notebook) -> list[str]:
    """What must hold for every committed notebook, exploration included."""
    faults = []
    kernel = notebook["metadata"].get("kernelspec", {}).get("name")
    if kernel != "python3":
        faults.append(f"the kernel is {kernel!r}, not 'python3'")
    for number, cell in enumerate(notebook["cells"], start=1):
        if cell.get("outputs"):
            faults.append(f"cell {number} has outputs: run nbstripout")
        if cell.get("execution_count") is not None:
            faults.append(f"cell {number} has an execution count: run nbstripout")
    return faults


def faults_of_cell(source: str) -> list[str]:
    """What a code cell may not hold. The names an import lists are not counted as lines."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return ["is not plain Python (a magic, or a slip)"]
    faults = [f"holds {type(node).__name__}" for node in ast.walk(tree) if isinstance(node, LOGIC)]
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    imported = sum((node.end_lineno or node.lineno) - node.lineno + 1 for node in imports)
    lines = sum(bool(line.strip()) for line in source.splitlines()) - imported
    if lines > LONGEST_CELL:
        faults.append(f"has {lines} lines, more than {LONGEST_CELL}")
    return faults


def faults_of_shape(notebook: Notebook) -> list[str]:
    """What must hold for a notebook that is run in batch."""
    cells = notebook["cells"]
    faults = []
    parameters = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    if len(parameters) != 1:
        faults.append(f"{len(parameters)} cells are tagged 'parameters', not one")
    prose = "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "markdown")
    titles = [line for line in prose.splitlines() if line.startswith("# ")]
    if len(titles) != 1:
        faults.append(f"{len(titles)} titles ('# '), not one")
    for number, cell in enumerate(cells, start=1):
        if cell["cell_type"] == "code":
            faults += [f"cell {number} {fault}" for fault in faults_of_cell(cell["source"])]
    return faults


def read(path: Path) -> Notebook:
    notebook: Notebook = nbformat.read(path, as_version=4)
    return notebook


def test_notebooks_are_committed_without_outputs() -> None:
    faults = {path.name: faults_of_storage(read(path)) for path in notebooks("**/*.ipynb")}
    assert {name: found for name, found in faults.items() if found} == {}


def test_notebooks_are_prose_that_calls_the_library() -> None:
    faults = {path.name: faults_of_shape(read(path)) for path in notebooks("*.ipynb")}
    assert {name: found for name, found in faults.items() if found} == {}


def small_notebook(source: str = "year = 2024") -> Notebook:
    return {
        "metadata": {"kernelspec": {"name": "python3"}},
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": "# 見出し"},
            {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": source},
        ],
    }


def test_the_small_notebook_has_no_fault() -> None:
    assert faults_of_storage(small_notebook()) == []
    assert faults_of_shape(small_notebook()) == []


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    return 1",
        "class A: pass",
        "for i in x: print(i)",
        "[i for i in x]",
        "while x: pass",
        "try:\n    f()\nexcept OSError:\n    pass",
        "%matplotlib inline",
        "!ls",
        "\n".join(["a = 1"] * 11),
    ],
)
def test_logic_in_a_cell_is_seen(source: str) -> None:
    assert len(faults_of_shape(small_notebook(source))) == 1


def test_a_long_list_of_imports_is_let_through() -> None:
    names = "".join(f"    name_{i},\n" for i in range(20))
    assert faults_of_cell(f"from gunmane_analysis import (\n{names})\n") == []


def test_a_second_title_and_missing_parameters_are_seen() -> None:
    notebook = small_notebook()
    notebook["cells"][1] = {"cell_type": "markdown", "metadata": {}, "source": "# 二つめ"}
    assert len(faults_of_shape(notebook)) == 2


def test_outputs_counts_and_a_foreign_kernel_are_seen() -> None:
    notebook = small_notebook()
    notebook["metadata"]["kernelspec"]["name"] = "venv"
    notebook["cells"][1] |= {"outputs": [{}], "execution_count": 3}
    assert len(faults_of_storage(notebook)) == 3


def test_the_hook_strips_outputs_and_keeps_tags_and_kernel(tmp_path: Path) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"][0][
        "hooks"
    ]
    hook = next(hook for hook in hooks if hook["id"] == "nbstripout")
    program, *options = shlex.split(hook["entry"])
    assert Path(program).name == "nbstripout"
    notebook = {"nbformat": 4, "nbformat_minor": 5} | small_notebook()
    notebook["metadata"] |= {"papermill": {"duration": 1}}
    output = {"output_type": "stream", "name": "stdout", "text": "2024"}
    notebook["cells"][0] |= {"id": "title"}
    notebook["cells"][1] |= {"id": "year", "outputs": [output], "execution_count": 3}
    path = tmp_path / "small.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")

    command = [sys.executable, "-m", "nbstripout", *options, *hook["args"], str(path)]
    subprocess.run(command, check=True, capture_output=True)

    stripped = json.loads(path.read_text("utf-8"))
    assert stripped["metadata"] == {"kernelspec": {"name": "python3"}}
    assert stripped["cells"][1]["metadata"] == {"tags": ["parameters"]}
    assert [cell["id"] for cell in stripped["cells"]] == ["title", "year"]
    assert faults_of_storage(stripped) == []
