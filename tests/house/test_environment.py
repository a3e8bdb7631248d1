"""pyproject.toml, environment.yml and the two lock files name the same libraries."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
CONDA_NAMES = {"matplotlib": "matplotlib-base", "pandera": "pandera-pandas"}
LOCKED_LINE = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*)==(?P<version>[^\s;\\]+)")

Bounds = dict[str, SpecifierSet]
Versions = dict[str, set[str]]


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def bounds(lines: list[str]) -> Bounds:
    return {
        canonicalize_name(requirement.name): requirement.specifier
        for requirement in map(Requirement, lines)
    }


def conda_bounds() -> Bounds:
    entries = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    from_conda = [entry for entry in entries if isinstance(entry, str)]
    from_pip = [line for entry in entries if isinstance(entry, dict) for line in entry["pip"]]
    assert "-e ." in from_pip, "the project itself"
    return bounds([*from_conda, *(line for line in from_pip if line != "-e .")])


def locked(name: str) -> tuple[Versions, list[str]]:
    """Versions in a lock file by name, and the entries that have no hash."""
    entries = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / name).read_text("utf-8"))[1:]
    versions: Versions = {}
    for entry in entries:
        match = LOCKED_LINE.match(entry)
        assert match is not None, f"{name}: not an exact version: {entry.splitlines()[0]}"
        versions.setdefault(canonicalize_name(match["name"]), set()).add(match["version"])
    bare = [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry]
    return versions, bare


def test_conda_has_the_same_libraries_with_the_same_bounds() -> None:
    project = pyproject()["project"]
    wanted = {
        CONDA_NAMES.get(name, name): bound
        for name, bound in bounds(project["dependencies"]).items()
    }
    wanted |= {"python": SpecifierSet(project["requires-python"]), "pip": SpecifierSet()}
    assert conda_bounds() == wanted


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_locked_library_has_a_hash(name: str) -> None:
    versions, bare = locked(name)
    assert len(versions) > len(pyproject()["project"]["dependencies"])
    assert bare == []


def test_the_locks_satisfy_pyproject() -> None:
    data = pyproject()
    groups = data["dependency-groups"]
    extras = data["project"]["optional-dependencies"]
    for_users = [
        *data["project"]["dependencies"],
        *data["build-system"]["requires"],
        *groups["build"],
    ]
    for_developers = [
        *for_users,
        *groups["dev"],
        *(line for extra in extras.values() for line in extra),
    ]
    for name, lines in {
        "requirements.lock": for_users,
        "requirements-dev.lock": for_developers,
    }.items():
        versions, _ = locked(name)
        unmet = {
            library: versions.get(library)
            for library, bound in bounds(lines).items()
            if not versions.get(library) or not all(map(bound.contains, versions[library]))
        }
        assert unmet == {}, f"{name}: run `make lock`"


def test_developers_have_the_users_versions() -> None:
    users, _ = locked("requirements.lock")
    developers, _ = locked("requirements-dev.lock")
    assert {library: developers.get(library) for library in users} == users


def test_the_locks_serve_windows_and_mac() -> None:
    text = (ROOT / "requirements.lock").read_text("utf-8")
    assert re.search(r"^pywinpty==\S+ ; os_name == 'nt'", text, re.MULTILINE)
    assert re.search(r"^colorama==\S+ ; sys_platform == 'win32'", text, re.MULTILINE)
    assert re.search(r"^appnope==\S+ ; sys_platform == 'darwin'", text, re.MULTILINE)
