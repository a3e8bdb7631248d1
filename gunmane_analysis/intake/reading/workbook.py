"""A delivered file as sheets of text cells, parsed in a child that cannot harm its caller."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gunmane_analysis
from gunmane_analysis.errors import SourceError
from gunmane_analysis.intake.reading.sheet import Sheet
from gunmane_analysis.paths import raw_dir
from gunmane_analysis.refusals import refusal, refuse_if

SECONDS_AT_MOST = 8
MEGABYTES_AT_MOST = 900
_ANSWER_BYTES_AT_MOST = 400 * 1024 * 1024
LARGEST_BYTES = 100 * 1024 * 1024
_CHILD = "gunmane_analysis.intake.reading.child"
_LOCK_PREFIXES = ("~$", ".~lock.")


@dataclass(frozen=True)
class Workbook:
    """A delivered file's sheets, or its JSON document; a delimiter that is no comma is named."""

    path: Path
    kind: str
    sheets: tuple[Sheet, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    document: Any = None


def read_workbook(path: Path) -> Workbook:
    """Parse a delivered file in a child process of limited time and memory.

    Parameters
    ----------
    path : Path
        .xlsx, .xlsm, .xls, CSV, tab-separated text or JSON, recognised by content.

    Raises
    ------
    SourceError
        If the path is no plain readable file, or its content cannot be parsed.
    """
    check_plain_file(path)
    package = Path(gunmane_analysis.__file__).resolve().parents[1]
    environment = {**os.environ, "PYTHONPATH": str(package), "PYTHONIOENCODING": "utf-8"}
    limits: dict[str, Any] = {"seconds": SECONDS_AT_MOST, "megabytes": MEGABYTES_AT_MOST}
    command = [sys.executable, "-P", "-m", _CHILD, str(path.absolute()), *map(str, limits.values())]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=SECONDS_AT_MOST, env=environment, check=False
        )
    except subprocess.TimeoutExpired as fault:
        raise refusal("file-takes-too-long", **limits) from fault
    if done.returncode != 0 or len(done.stdout) > _ANSWER_BYTES_AT_MOST:
        raise refusal("file-reading-stopped", **limits, detail=f"exit status {done.returncode}")
    answer = json.loads(done.stdout)
    if "refused" in answer:
        raise refusal(answer["refused"], **answer["facts"])
    sheets = tuple(Sheet(**sheet) for sheet in answer.pop("sheets", ()))
    return Workbook(path, sheets=sheets, **answer)


def check_plain_file(path: Path) -> None:
    """Stop unless the path is a regular, readable file that no link has led to.

    Nothing is opened that could block (a FIFO, a device).

    Raises
    ------
    SourceError
        Naming the file, what it is, and what to do.
    """
    name = str(path)
    refuse_if(path.name.startswith(_LOCK_PREFIXES), "file-is-lock", name=name)
    try:
        found = path.lstat()
    except OSError as fault:
        raise refusal("file-not-found", name=name, detail=str(fault.strerror)) from fault
    except ValueError as fault:  # a NUL in the name
        raise refusal("file-name-impossible", name=name) from fault
    if stat.S_ISLNK(found.st_mode):
        found = _followed(path).stat()
    if not stat.S_ISREG(found.st_mode):
        is_folder = stat.S_ISDIR(found.st_mode)
        raise refusal("file-is-folder" if is_folder else "file-not-regular", name=name)
    refuse_if(found.st_size == 0, "file-empty", name=name)
    sizes = {"megabytes": found.st_size / 1e6, "most": LARGEST_BYTES / 1e6}
    refuse_if(found.st_size > LARGEST_BYTES, "file-too-large", name=name, **sizes)
    is_readable = found.st_mode & 0o444 and os.access(path, os.R_OK)
    refuse_if(not is_readable, "file-unreadable", name=name)


def _followed(path: Path) -> Path:
    """Return a link's target, which must lie inside data/raw."""
    try:
        target = path.resolve(strict=True)
        is_inside = target.is_relative_to(raw_dir().resolve())
    except (OSError, RuntimeError, SourceError) as fault:
        raise refusal("file-link-dangling", name=str(path)) from fault
    refuse_if(not is_inside, "file-link-outside", name=str(path))
    return target
