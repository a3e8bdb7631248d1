"""Files that a command writes where its user wants them."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from gunmane_analysis.refusals import refusal, refuse_if


def write_output(path: Path, content: bytes, *, is_new: bool = False) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    ReportError
        If it cannot be written; with ``is_new`` also if there is such a file already.
    """
    refuse_if(is_new and path.exists(), "output-exists", path=path)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        os.replace(partial, path)
    except OSError as fault:
        with contextlib.suppress(OSError):  # there is no such folder
            partial.unlink()
        raise refusal("output-unwritable", path=path, cause=fault.strerror or fault) from fault
