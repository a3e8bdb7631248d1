"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from gunmane_analysis.errors import GunmaneError
from gunmane_analysis.page.records import RECORD_NAME, AreaRecord, read_record, record_bytes
from gunmane_analysis.refusals import refusal, refuse_if

WRITING_NAME = ".writing"
_PLAIN_NAME = re.compile(r"\w[\w.()-]*")


def publish(root: Path, name: str, content: bytes) -> None:
    """Write a file beside the report and rename it into its place; on failure nothing changed.

    Parameters
    ----------
    root : Path
        The report's folder; half-written files stand in its ``.writing`` and nowhere else.
    name : str
        The file's path inside it, parts joined by ``/``.
    content : bytes

    Raises
    ------
    ReportError
        If the name would lead out of the folder or is no plain name; otherwise naming the
        path and the cause (full disk, no permission, …).
    """
    path = _inside(root, name)
    unfinished = root / WRITING_NAME / f"{os.getpid()}-{name.replace('/', '-')}"
    try:
        for folder in (unfinished.parent, path.parent):
            folder.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())  # on the disk before it takes the place of the earlier file
        os.replace(unfinished, path)
    except OSError as fault:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise not_writable(path, fault) from fault


def _inside(root: Path, name: str) -> Path:
    is_plain = all(_PLAIN_NAME.fullmatch(part) for part in name.split("/"))
    refuse_if(not is_plain, "page-file-name", name=name)
    return root / name


def not_writable(path: Path, fault: OSError) -> GunmaneError:
    """Word why a path cannot be written."""
    return refusal("page-unwritable", path=path, fault=fault.strerror or fault)


def clean_temp(root: Path) -> None:
    """Remove what an interrupted run left half-written."""
    shutil.rmtree(root / WRITING_NAME, ignore_errors=True)


def unpublish(root: Path, name: str) -> None:
    """Remove a file that no longer belongs to the report."""
    try:
        path = _inside(root, name)
        path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # it holds another file, or is not there
            if path.parent != root:
                path.parent.rmdir()
    except OSError as fault:
        raise not_writable(root / name, fault) from fault


def publish_area(target: Path, record: AreaRecord, files: Mapping[str, bytes]) -> None:
    """Publish an area's files, its record last, so that it vouches for the others.

    Files that an earlier record names and this one does not are removed, and so is the PDF of
    the earlier page.

    Raises
    ------
    ReportError
        If a file cannot be written; files of an earlier run stay as they are.
    """
    area_id = record.area_id
    earlier = read_record(target / area_id)
    for name, content in files.items():
        publish(target, f"{area_id}/{name}", content)
    publish(target, f"{area_id}/{RECORD_NAME}", record_bytes(record))
    for name in {*(earlier.files if earlier else ()), f"{area_id}.pdf"} - set(files):
        unpublish(target, f"{area_id}/{name}")
