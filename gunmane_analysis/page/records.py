"""What each run leaves on record: per area what was made from what, and for the year a summary."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import gunmane_analysis

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
    files: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    summary: tuple[str, ...] = ()
    key_figures: tuple[Mapping[str, Any], ...] = ()


def read_record(folder: Path) -> AreaRecord | None:
    """Return an area's record if its folder holds a whole one, else None."""
    try:
        content = json.loads((folder / RECORD_NAME).read_text(encoding="utf-8"))
        return AreaRecord(
            **{
                **content,
                "themes": tuple(content["themes"]),
                "summary": tuple(content["summary"]),
                "key_figures": tuple(content["key_figures"]),
            }
        )
    except (OSError, ValueError, KeyError, TypeError):  # absent or of another version: redo it
        return None


def read_records(target: Path) -> dict[str, AreaRecord]:
    """Return every area's record under a year's folder."""
    if not target.is_dir():
        return {}
    found = (read_record(folder) for folder in sorted(target.iterdir()) if folder.is_dir())
    return {record.area_id: record for record in found if record is not None}


def record_bytes(record: AreaRecord) -> bytes:
    """Return an area's record as it is written, last, to vouch for the files beside it."""
    return to_json(dataclasses.asdict(record))


def to_json(content: object) -> bytes:
    """Return readable JSON with a final newline."""
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def is_current(folder: Path, record: AreaRecord | None, fingerprint: str) -> bool:
    """Whether an area's files stand as a run with this fingerprint would write them."""
    return (
        record is not None
        and record.status == "made"
        and record.fingerprint == fingerprint
        and all(_size(f"{folder}/{name}") == size for name, size in record.sizes.items())
    )


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return -1


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that shape a page."""
    return {
        "Python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in _REPORTED_PACKAGES},
    }


def stand_fingerprint(notebooks: Sequence[Path], inputs: Mapping[str, str]) -> str:
    """Return one hash over all that decides what a page holds, but for its area and year.

    Parameters
    ----------
    notebooks : sequence of Path
        The notebooks to be run.
    inputs : mapping of str to str
        SHA-256 of each delivered file.
    """
    digest = hashlib.sha256()
    package = Path(gunmane_analysis.__file__).parent
    files = [
        path
        for path in sorted(package.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    ]
    for path in [*files, *notebooks]:
        digest.update(path.name.encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return fingerprint_of(digest.hexdigest(), dict(inputs), versions())


def fingerprint_of(*parts: object) -> str:
    """Return one hash over anything that JSON can hold."""
    return hashlib.sha256(
        json.dumps(parts, ensure_ascii=False, sort_keys=True).encode("utf-8")
    ).hexdigest()
