"""What each run leaves on record: per area what was made from what, and for the year a summary."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import gunmane_analysis
from gunmane_analysis.paths import project_root, raw_dir, reports_dir
from gunmane_analysis.refusals import refuse_if

RECORD_NAME = "record.json"
RUN_NAME = "run.json"
PAGE_NAME = "index.html"
_REPORTED_PACKAGES = ("papermill", "nbconvert", "pandas", "matplotlib", "statsmodels")


@dataclass(frozen=True)
class AreaRecord:
    """One area of one run: a page made, or the reason why not."""

    area_id: str
    name: str
    kind: str
    status: Literal["made", "failed"]
    fingerprint: str
    parameters: Mapping[str, Any]
    themes: tuple[str, ...]
    made_at: str
    reason: str = ""
    kana: str = ""
    inputs_fingerprint: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    summary: tuple[str, ...] = ()
    key_figures: tuple[Mapping[str, Any], ...] = ()

    @property
    def keeps_notebooks(self) -> bool:
        """Whether the executed notebooks are among the files."""
        return any(name.endswith(".ipynb") for name in self.files)


def read_record(folder: Path) -> AreaRecord | None:
    """Return an area's record if its folder holds a whole one, else None."""
    try:
        content = json.loads((folder / RECORD_NAME).read_text(encoding="utf-8"))
        whole: dict[str, Any] = {n: tuple(v) if type(v) is list else v for n, v in content.items()}
        return AreaRecord(**whole)
    except (OSError, ValueError, KeyError, TypeError):  # absent or of another version: redo it
        return None


def read_records(target: Path) -> dict[str, AreaRecord]:
    """Return every area's record under a year's folder."""
    if not target.is_dir():
        return {}
    found = (read_record(folder) for folder in sorted(target.iterdir()) if folder.is_dir())
    return {record.area_id: record for record in found if record is not None}


def records_of_year(fiscal_year: int) -> dict[str, AreaRecord]:
    """Return the records of a year's pages.

    Raises
    ------
    ReportError
        If there are none.
    """
    target = reports_dir() / str(fiscal_year)
    found = read_records(target)
    refuse_if(not found, "year-without-pages", year=fiscal_year, target=target)
    return found


def record_bytes(record: AreaRecord) -> bytes:
    """Return an area's record as it is written, last, to vouch for the files beside it."""
    return to_json(dataclasses.asdict(record))


def to_json(content: object) -> bytes:
    """Return readable JSON with a final newline."""
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def is_current(folder: Path, record: AreaRecord | None, fingerprint: str) -> bool:
    """Whether an area's files are, by their hashes, as a run with this fingerprint wrote them."""
    return (
        record is not None
        and record.status == "made"
        and record.fingerprint == fingerprint
        and all(_sha256(folder / name) == sha256 for name, sha256 in record.files.items())
    )


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that a page names."""
    import importlib.metadata  # 12 ms that no other command has to wait for

    return {
        "Python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in _REPORTED_PACKAGES},
    }


def distributions() -> list[str]:
    """Return all that is installed, as the folders of its metadata are named: name and version."""
    return sorted(
        {
            entry.name
            for folder in sys.path
            if os.path.isdir(folder)
            for entry in os.scandir(folder)
            if entry.name.endswith((".dist-info", ".egg-info"))
        }
    )


def inputs_fingerprint(inputs: Mapping[str, str]) -> str:
    """Return two hashes over all that decides what pages hold, but for notebooks, area and year.

    One of the data: every delivered file and every text of their register. One of the method:
    every file of this package (program, templates, reference data), the project's own block
    schemes, and the version of all that is installed. A dash divides them.

    Parameters
    ----------
    inputs : mapping of str to str
        SHA-256 of each delivered file.
    """
    package = Path(gunmane_analysis.__file__).parent
    files = [
        path
        for path in sorted(package.rglob("*"))
        if path.is_file()
        and "__pycache__" not in path.parts
        and path.relative_to(package).parts[0] != "home"  # notebooks and data of a wheel
    ]
    files += sorted((project_root() / "schemes").glob("*.yml"))
    installed = [platform.python_version(), *distributions()]
    data = fingerprint_of(_hashes(sorted(raw_dir().glob("*.yml"))), dict(inputs))
    return f"{data}-{fingerprint_of(_hashes(files), installed)}"


def _hashes(paths: Sequence[Path]) -> list[tuple[str, str]]:
    return [(path.name, _sha256(path)) for path in paths]


def fingerprint_of(*parts: object) -> str:
    """Return one hash over anything that JSON can hold."""
    return hashlib.sha256(
        json.dumps(parts, ensure_ascii=False, sort_keys=True).encode("utf-8")
    ).hexdigest()
