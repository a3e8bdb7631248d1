"""No private name of another library: what breaks at its next release is not ours to use."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "gunmane_analysis"
EXCEPTIONS: frozenset[str] = frozenset()


def private_names(source: str) -> list[str]:
    """Attributes with one leading underscore that this source takes from other than its own.

    Its own are ``self`` and ``cls``, classes and names defined in the module itself, and
    variables annotated with such a class.
    """
    tree = ast.parse(source)
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    members = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for part in ast.walk(node)
        for name in names_defined(part)
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            base = ast.unparse(node.value)
            if base not in {"self", "cls", *own} and node.attr not in members:
                found.append(f"{node.lineno}: {base}.{node.attr}")
        elif isinstance(node, ast.ImportFrom) and not (node.module or "").startswith(
            "gunmane_analysis"
        ):
            found += [
                f"{node.lineno}: from {node.module} import {alias.name}"
                for alias in node.names
                if is_private(alias.name) or any(map(is_private, (node.module or "").split(".")))
            ]
        elif isinstance(node, ast.ClassDef) and overrides_foreign(node, own):
            found += [
                f"{part.lineno}: class {node.name} replaces {part.name}"
                for part in node.body
                if isinstance(part, ast.FunctionDef) and part.name in FOREIGN_OVERRIDES
            ]
    return [name for name in found if name.partition(": ")[2] not in EXCEPTIONS]


FOREIGN_OVERRIDES = {"_create_environment", "_init_preprocessors", "_write_sheet_data"}


def overrides_foreign(node: ast.ClassDef, own: set[str]) -> bool:
    return any(ast.unparse(base) not in own for base in node.bases)


def names_defined(node: ast.AST) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("self", "cls"):
        return [node.attr] if isinstance(node.ctx, ast.Store) else []
    return []


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name != "_"


def test_no_private_name_of_another_library_is_used() -> None:
    found = {
        str(path.relative_to(PACKAGE)): names
        for path in sorted(PACKAGE.rglob("*.py"))
        if (names := private_names(path.read_text("utf-8")))
    }
    assert found == {}


def test_no_release_of_xlsxwriter_to_come_is_kept_out() -> None:
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text("utf-8"))["project"]
    (pinned,) = (each for each in project["dependencies"] if each.lower().startswith("xlsxwriter"))
    assert re.fullmatch(r"XlsxWriter>=[\d.]+", pinned)


@pytest.mark.parametrize(
    "source",
    [
        "import warnings\nwarnings._filters_mutated()",
        "def f(workbook):\n    return workbook._get_packager()",
        "from xlsxwriter import _helpers",
        "from papermill._hidden import thing",
        "class Sheet(Worksheet):\n    def _write_sheet_data(self): ...",
    ],
)
def test_a_private_name_is_seen(source: str) -> None:
    assert len(private_names(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "class A:\n    def _f(self): ...\n    def g(self, other: 'A'):\n        other._f()",
        "class A:\n    def __init__(self):\n        self._x = 1\ndef f(a):\n    return a._x",
        "from gunmane_analysis.wording import _scaled",
        "x.__class__",
    ],
)
def test_a_name_of_its_own_is_let_through(source: str) -> None:
    assert private_names(source) == []
