"""Imports point one way, and every module is short and about one thing."""

from __future__ import annotations

import ast
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "gunmane_analysis"

# A module may import from layers further left, never from its own layer's siblings.
LAYERS = (
    {"errors", "cache", "results", "version"},
    {"paths", "sheets", "wording"},
    {"refusals"},
    {"sources", "tables"},
    {"areas"},
    {"intake", "arguments"},
    {"loaders", "metrics"},
    {"charts"},
    {"findings"},
    {"page"},
    {"batch"},
    {"commands"},
    {"cli", "__main__"},
)
RANKS = {name: rank for rank, names in enumerate(LAYERS) for name in names}
LONGEST_MODULE = 600
VAGUE_NAMES = {"utils", "helpers", "common", "misc"}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def imported_names(source: str, package: str) -> set[str]:
    """Full dotted names that `source`, a module directly inside `package`, imports."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            upwards = package.split(".")[: -node.level + 1 or None] if node.level else []
            base = ".".join([*upwards, node.module] if node.module else upwards)
            names |= {f"{base}.{alias.name}" for alias in node.names}
    return names


def wrong_way(unit: str, names: set[str]) -> list[str]:
    """Those of `names` that the part `unit` of the package may not import."""
    parts = {name: name.split(".")[1] for name in names if name.startswith("gunmane_analysis.")}
    return sorted(
        name
        for name, part in parts.items()
        if part != unit and RANKS.get(part, len(LAYERS)) >= RANKS[unit]
    )


def package_of(path: Path) -> str:
    return ".".join(path.parent.relative_to(ROOT).parts)


def unit_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def test_every_part_of_the_package_has_a_layer() -> None:
    assert {unit_of(path) for path in modules()} <= set(RANKS), "give the new part a layer here"


def test_the_architecture_shows_these_layers() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    (shown,) = (part for part in text.split("```") if "◄" in part)
    assert [{*layer.replace(",", " ").split()} for layer in shown.split("◄")] == [*LAYERS]


def test_imports_point_one_way() -> None:
    found = {
        str(path.relative_to(ROOT)): wrong
        for path in modules()
        if (
            wrong := wrong_way(
                unit_of(path), imported_names(path.read_text("utf-8"), package_of(path))
            )
        )
    }
    assert found == {}


@pytest.mark.parametrize(
    ("unit", "package", "source"),
    [
        ("metrics", "gunmane_analysis.metrics", "from gunmane_analysis.loaders import staffing"),
        ("metrics", "gunmane_analysis.metrics", "from ..loaders.staffing import load_staffing"),
        ("loaders", "gunmane_analysis.loaders", "def late():\n    import gunmane_analysis.metrics"),
        ("areas", "gunmane_analysis.areas", "from .. import page"),
        ("errors", "gunmane_analysis", "from . import paths"),
        ("charts", "gunmane_analysis.charts", "from ..cli import main"),
        ("page", "gunmane_analysis.page", "from gunmane_analysis import find_area"),
    ],
)
def test_a_wrong_import_is_seen(unit: str, package: str, source: str) -> None:
    assert wrong_way(unit, imported_names(source, package)) != []


@pytest.mark.parametrize(
    ("unit", "package", "source"),
    [
        ("metrics", "gunmane_analysis.metrics", "from .staffing import staffing_change"),
        ("charts", "gunmane_analysis.charts", "from ..wording import percent"),
        ("areas", "gunmane_analysis.areas", "from gunmane_analysis.sources import raw_file"),
        ("paths", "gunmane_analysis", "import os\nfrom .errors import SourceError"),
    ],
)
def test_a_right_import_is_let_through(unit: str, package: str, source: str) -> None:
    assert wrong_way(unit, imported_names(source, package)) == []


def test_whatever_is_imported_is_a_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    declared = {
        canonicalize_name(Requirement(line).name)
        for line in [*project["dependencies"], *(line for extra in extras for line in extra)]
    }
    distributions = packages_distributions()
    undeclared = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules()
        for full_name in imported_names(path.read_text("utf-8"), package_of(path))
        if (name := full_name.split(".")[0]) not in {*sys.stdlib_module_names, "gunmane_analysis"}
        if not declared & {canonicalize_name(each) for each in distributions.get(name, ())}
    }
    assert undeclared == set()


def test_modules_are_short() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in modules()}
    assert {str(path): length for path, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_modules_are_named_after_their_subject() -> None:
    assert [str(path) for path in modules() if path.stem in VAGUE_NAMES] == []
