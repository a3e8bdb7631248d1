"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from gunmane_analysis.errors import ReportError

_BESIDE_PREFIX = ".writing-"


def publish(path: Path, content: bytes) -> None:
    """Write a file beside its place and rename it there; on failure nothing has changed.

    Raises
    ------
    ReportError
        Naming the path and the cause (full disk, no permission, …).
    """
    beside = path.with_name(f"{_BESIDE_PREFIX}{os.getpid()}-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(beside, path)
    except OSError as fault:
        beside.unlink(missing_ok=True)
        raise ReportError(
            f"「{path}」に書き込めません（{fault.strerror}）。以前のファイルはそのまま残っています。",
            advice="空き容量と書き込み権限、他のソフトで開いていないかを確認してください。",
        ) from fault


def sweep(folder: Path) -> None:
    """Remove what an interrupted run left beside its files."""
    for leftover in folder.rglob(f"{_BESIDE_PREFIX}*"):
        leftover.unlink(missing_ok=True)
