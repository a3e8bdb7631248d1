"""Delivered files registered, replaced and removed, each in one transaction; nothing is lost."""

from __future__ import annotations

import contextlib
import datetime
import re
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Any

import yaml

from gunmane_analysis.intake.check import Checked
from gunmane_analysis.intake.forms import source_ids
from gunmane_analysis.intake.frames import frame_of, stop_unless_accepted
from gunmane_analysis.loaders.previous import stop_at_overlap
from gunmane_analysis.loaders.reading import keep_rows
from gunmane_analysis.paths import parse_yaml
from gunmane_analysis.refusals import refusal, refuse_if
from gunmane_analysis.sources import (
    INCOMING,
    REGISTER_NAME,
    change_register,
    read_register,
    register_lock,
    sha256_of,
    sync,
)
from gunmane_analysis.tables import describe, table_of_source

if TYPE_CHECKING:
    import pandas as pd

REPLACED = ".replaced"
_REGISTERED_BY_USER = "gunmane data add で登録した資料"
_REGISTERED_FACTS = ("title", "producer", "unit", "licence", "caveat", "as_of")
_USUAL_FACTS = {
    "licence": "届いた資料（公開の条件は提出元に確かめる）",
    "caveat": "届いた資料による。",
}


def register_file(checked: Checked, *, replacing: str = "", reason: str = "") -> str:
    """Copy an accepted file under data/raw and register it with its hash.

    Parameters
    ----------
    checked : Checked
    replacing : str
        The name of the registered file of the same source that it takes the place of.
    reason : str
        Why; registered with the replaced file, which is kept in ``.replaced``.

    Returns
    -------
    str
        Its name in the register, under data/raw.

    Raises
    ------
    SourceError
        If the file is not accepted, is registered already, its rows overlap those of another
        file, or the place cannot be written. Nothing is changed then.
    TableError
        If a row breaks the table's description.
    """
    stop_unless_accepted(checked)
    entry_id = str(checked.source_id)  # known of every accepted file
    table = describe(table_of_source()[entry_id])
    rows = table.check(frame_of(checked, table), f"ファイル「{checked.path.name}」")
    safe_name, sha256 = _safe_name(checked.path), sha256_of(checked.path)
    name, staged = f"{entry_id}/{safe_name}", f"{INCOMING}/{safe_name}"
    added: dict[str, Any] = {"sha256": sha256}
    if checked.period.fiscal_year is not None and checked.period.as_of_on is None:
        added["fiscal_year"] = checked.period.fiscal_year
    if checked.confirmed:
        added["confirmed"] = sorted(checked.confirmed)
    with _changed_entry(entry_id) as (raw, entry, moves):
        old = registered_name(entry_id, replacing) if replacing else ""
        _stop_at_registered(sha256, name, old)
        stop_at_overlap(table, rows, entry_id, checked.path, except_for=old)
        for key, value in _facts(entry_id).items():
            entry.setdefault(key, value)
        if as_of := _as_of(checked, rows):
            known = str(entry.get("as_of") or as_of).split("、")
            entry["as_of"] = "、".join(dict.fromkeys([*known, as_of]))
        if old:
            _put_aside(raw, entry, moves, old, reason, replaced_by=name)
        entry["files"] = {**(entry.get("files") or {}), name: added}
        if name == old or not (raw / name).exists():
            _stage(checked.path, raw / staged, sha256)
            moves.append((staged, name))
        elif sha256_of(raw / name) != sha256:
            raise refusal("raw-unregistered", name=name)
    keep_rows(rows, entry_id, name)
    return name


def remove_file(source_id: str, name: str, reason: str) -> str:
    """Take a file out of the register; it is kept in ``.replaced`` of its source's folder.

    Returns
    -------
    str
        Where it is kept, under data/raw; empty where it had been lost before.

    Raises
    ------
    SourceError
        If no such file is registered, or it came with the project.
    """
    entry_id = entry_of(source_id)
    with _changed_entry(entry_id) as (raw, entry, moves):
        kept = _put_aside(raw, entry, moves, registered_name(entry_id, name), reason)
    return kept if moves else ""


def entry_of(source_id: str) -> str:
    """Return the entry of the register whose files can be replaced or removed.

    Raises
    ------
    SourceError
        If there is no such source, or its files came with the project.
    """
    if source_id in source_ids():
        return source_id
    registered = read_register()
    known = [name for name in registered if name in source_ids()] or _REGISTERED_BY_USER
    code = "source-shipped" if source_id in registered else "source-absent"
    raise refusal(code, name=source_id, known=known)


def registered_name(entry_id: str, name: str) -> str:
    """Return the register's name of a file of one source.

    Raises
    ------
    SourceError
        If no file of this name is registered, listing those that are.
    """
    source = read_register().get(entry_id)
    files = list(source.files) if source else []
    wanted = unicodedata.normalize("NFC", name).removeprefix("data/raw/")
    found = next((each for each in files if wanted in (each, each.partition("/")[2])), None)
    if found is None:
        known = [each.partition("/")[2] for each in files] or "登録なし"
        raise refusal("file-unknown", entry_id=entry_id, name=name, known=known)
    return found


def _stop_at_registered(sha256: str, name: str, old: str) -> None:
    for source in read_register().values():
        for known, registered in source.files.items():
            refuse_if(registered == sha256, "file-registered", known=known)
            refuse_if(known == name and known != old, "name-registered", name=name)


@contextlib.contextmanager
def _changed_entry(entry_id: str) -> Iterator[tuple[Path, dict[str, Any], list[tuple[str, str]]]]:
    """Give out data/raw, an entry to change and a list of moves; register them, all or nothing.

    Every other line of the register stays as it is.
    """
    with register_lock() as raw:
        text = (raw / REGISTER_NAME).read_text(encoding="utf-8")
        content = parse_yaml(text)
        sources = content.get("sources") or {}
        entry: dict[str, Any] = dict(sources.get(entry_id) or {})
        moves: list[tuple[str, str]] = []
        yield raw, entry, moves
        written = with_entry(text, entry_id, entry)
        expected = {**content, "sources": {**sources, entry_id: entry}}
        is_spoilt = parse_yaml(written) != expected
        refuse_if(is_spoilt, "register-form", path=raw / REGISTER_NAME)
        change_register(raw, moves, written)


def _put_aside(
    raw: Path,
    entry: dict[str, Any],
    moves: list[tuple[str, str]],
    old: str,
    reason: str,
    **replaced_by: str,
) -> str:
    """Note in the entry that a file leaves it, move it if it is there, and return where to."""
    refuse_if(not reason.strip(), "reason-empty")
    today = datetime.datetime.now(datetime.UTC).astimezone().date().isoformat()
    folder, _, own_name = old.rpartition("/")
    target, number = f"{folder}/{REPLACED}/{today}_{own_name}", 1
    while (raw / target).exists():
        number += 1
        target = f"{folder}/{REPLACED}/{today}_{number}_{own_name}"
    facts = entry["files"][old]
    entry["files"] = {name: each for name, each in entry["files"].items() if name != old}
    note = {**facts, "name": old, "on": today, "reason": reason.strip(), **replaced_by}
    entry["replaced"] = {**(entry.get("replaced") or {}), target: note}
    if (raw / old).is_file():
        moves.append((old, target))
    return target


def _stage(source: Path, staged: Path, sha256: str) -> None:
    staged.parent.mkdir(exist_ok=True)
    shutil.copyfile(source, staged)
    sync(staged)
    refuse_if(sha256_of(staged) != sha256, "copy-differs", path=source)


def _facts(source_id: str) -> dict[str, str]:
    """Return what the register says of a source that nobody has described in it."""
    table = describe(table_of_source()[source_id])
    facts = {**_USUAL_FACTS, "title": f"{table.title}（事務局の様式）", **table.sources[source_id]}
    return {name: facts[name] for name in _REGISTERED_FACTS if name in facts}


def _as_of(checked: Checked, rows: pd.DataFrame) -> str:
    """Return the day, the year or the years of a file's figures; empty where it says none."""
    period = checked.period
    if period.as_of_on and checked.form and checked.form.period == "date_in_title":
        return period.as_of_on
    years = rows.get("fiscal_year", ()) if period.fiscal_year is None else [period.fiscal_year]
    ends = dict.fromkeys((min(years), max(years))) if len(years) else ()
    return f"{'〜'.join(map(str, ends))}年度" if ends else ""


def _safe_name(path: Path) -> str:
    """Return a file's name as it may stand under data/raw."""
    name = unicodedata.normalize("NFC", path.name)
    is_odd = name.startswith((".", "-", "~")) or any(ord(letter) < 32 for letter in name)
    refuse_if(is_odd, "file-name", file=path.name)
    return name


def with_entry(text: str, entry_id: str, entry: dict[str, Any]) -> str:
    """Return the register's text with one entry of ``sources`` replaced or added at its end."""
    dumped = yaml.safe_dump({entry_id: entry}, allow_unicode=True, sort_keys=False, width=10_000)
    block = indent(dumped, "  ")
    text = text.rstrip("\n") + "\n"
    sources = re.search(r"^sources:.*\n((?:[ #].*\n|\n)*)", text, re.MULTILINE)
    if sources is None:
        return f"{text}sources:\n{block}"
    old = re.compile(rf"^  {re.escape(entry_id)}:.*\n(?:   .*\n|\n)*", re.MULTILINE)
    entries, is_known = old.subn(lambda _: block, sources[1], count=1)
    entries += "" if is_known else block
    return f"{text[: sources.start()]}sources:\n{entries}{text[sources.end() :]}"
