"""Before a file is opened: is it a plain file of bearable size that somebody may read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from gunmane_analysis.errors import SourceError
from gunmane_analysis.paths import raw_dir

LARGEST_BYTES = 100 * 1024 * 1024
_LOCK_PREFIXES = ("~$", ".~lock.")


def check_plain_file(path: Path) -> None:
    """Stop unless the path is a regular, readable file that no link has led to.

    Parameters
    ----------
    path : Path
        As the user gave it. Nothing is opened that could block (a FIFO, a device).

    Raises
    ------
    SourceError
        Naming the file, what it is, and what to do.
    """
    name = f"ファイル「{path}」"
    if path.name.startswith(_LOCK_PREFIXES):
        raise SourceError(
            f"{name}は、Excel などが開いている間だけ置かれる作業用のファイルです。",
            expected="表の入ったファイルそのもの",
            advice="誰かがその表を開いています。閉じてから、「~$」の付かない名前のファイルを指定してください。",
        )
    try:
        facts = path.lstat()
    except OSError as fault:
        raise SourceError(
            f"{name}がありません（{fault.strerror}）。", advice="場所と名前を確かめてください。"
        ) from fault
    except ValueError as fault:  # a NUL in the name
        raise SourceError(f"{name}は、ファイルの名前になりません。") from fault
    if stat.S_ISLNK(facts.st_mode):
        facts = _followed(path, name)
    _check_kind(facts, name)
    if facts.st_size == 0:
        raise SourceError(f"{name}は空（0バイト）です。", advice="配布元から取り直してください。")
    if facts.st_size > LARGEST_BYTES:
        raise SourceError(
            f"{name}は {facts.st_size / 1e6:,.0f} MB あります。",
            expected=f"{LARGEST_BYTES / 1e6:,.0f} MB 以下",
            advice="必要な表だけのファイルに分けてください。",
        )
    if not facts.st_mode & 0o444 or not os.access(path, os.R_OK):
        raise SourceError(
            f"{name}を読む権限がありません。",
            expected="読み取りのできるファイル",
            advice="ファイルの権限を直すか、読める人に頼んでください。",
        )


def _followed(path: Path, name: str) -> os.stat_result:
    """Return the facts of a link's target, which must lie inside data/raw."""
    try:
        target = path.resolve(strict=True)
        inside = target.is_relative_to(raw_dir().resolve())
    except (OSError, RuntimeError, SourceError) as fault:
        raise SourceError(
            f"{name}は、行き先のないリンクです。", advice="ファイルそのものを置いてください。"
        ) from fault
    if not inside:
        raise SourceError(
            f"{name}は、data/raw の外のファイルへのリンクです。",
            expected="ファイルそのもの",
            advice="リンクではなく、ファイルを写して置いてください。",
        )
    return target.stat()


def _check_kind(facts: os.stat_result, name: str) -> None:
    if stat.S_ISREG(facts.st_mode):
        return
    if stat.S_ISDIR(facts.st_mode):
        raise SourceError(
            f"{name}は、ファイルではなくフォルダーです。",
            advice="フォルダーの中のファイルを指定してください。",
        )
    raise SourceError(
        f"{name}は、通常のファイルではありません（名前付きパイプや装置）。",
        expected="通常のファイル",
        advice="表の入ったファイルを指定してください。",
    )
