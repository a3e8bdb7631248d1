"""Files that a command writes where its user wants them."""

from __future__ import annotations

import os
from pathlib import Path

from gunmane_analysis.errors import ReportError


def write_output(path: Path, content: bytes, *, is_new: bool = False) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    ReportError
        If it cannot be written; with ``is_new`` also if there is such a file already.
    """
    if is_new and path.exists():
        raise ReportError(
            f"「{path}」はすでにあり、上書きしません。",
            advice="別の名前を付けるか、前のファイルを移してください。",
        )
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        os.replace(partial, path)
    except OSError as fault:
        partial.unlink(missing_ok=True)
        raise ReportError(
            f"「{path}」に書き込めません（{fault.strerror or fault}）。",
            advice="フォルダーの権限と、同じファイルを開いていないかを確認してください。",
        ) from fault
