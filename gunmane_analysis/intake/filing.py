"""A checked file put where it belongs: a copy under data/raw, an entry in sources.yml."""

from __future__ import annotations

import os
import shutil
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from filelock import FileLock

from gunmane_analysis.errors import SourceError
from gunmane_analysis.intake.check import Checked
from gunmane_analysis.intake.forms import Form, document_sources, read_form
from gunmane_analysis.intake.frames import stop_unless_accepted
from gunmane_analysis.paths import raw_dir
from gunmane_analysis.sources import REGISTER_NAME, sha256_of
from gunmane_analysis.tables import describe, table_of_source

_LOCK_NAME = ".sources.lock"
_LOCK_SECONDS = 10
_REGISTERED_FACTS = ("title", "producer", "unit", "licence", "caveat")


@dataclass(frozen=True)
class Filed:
    """A file in its place: its name under data/raw, and its hash."""

    name: str
    sha256: str


def file_away(
    checked: Checked, *, replace: bool = False, confirmed: frozenset[str] = frozenset()
) -> Filed:
    """Copy an accepted file under data/raw and register it with its hash.

    Parameters
    ----------
    checked : Checked
    replace : bool
        Whether a registered file of the same name may be replaced.
    confirmed : frozenset of str
        Codes whose great change from one year to another has been looked into; registered.

    Returns
    -------
    Filed

    Raises
    ------
    SourceError
        If the file is not accepted, its name is taken, or the place cannot be written. The
        register is written last and whole, so that a stop leaves it as it was.
    """
    stop_unless_accepted(checked)
    source_id = checked.source_id
    if source_id is None:
        raise SourceError(
            "どの資料か分からないため、登録できません。", advice="--source で指定してください。"
        )
    entry_id, facts = _facts(source_id)
    name = f"{entry_id}/{_safe_name(checked.path)}"
    target = raw_dir() / name
    sha256 = sha256_of(checked.path)
    with FileLock(raw_dir() / _LOCK_NAME, timeout=_LOCK_SECONDS):
        _refuse_taken(target, name, sha256, replace=replace)
        _copy(checked.path, target)
        if sha256_of(target) != sha256:
            raise SourceError(
                f"「{target}」への写しが元と一致しません。", advice="もう一度実行してください。"
            )
        added: dict[str, Any] = {"sha256": sha256}
        if checked.period.fiscal_year is not None and checked.period.as_of_on is None:
            added["fiscal_year"] = checked.period.fiscal_year
        if confirmed:
            added["confirmed"] = sorted(confirmed)
        _register(entry_id, {**facts, "as_of": _as_of(checked, facts)}, name, added)
    return Filed(name, sha256)


def _facts(source_id: str) -> tuple[str, dict[str, str]]:
    if source_id in document_sources():
        facts = describe(table_of_source()[source_id]).sources[source_id]
        return source_id, {name: facts[name] for name in _REGISTERED_FACTS}
    form: Form = read_form(source_id)
    facts = {
        "title": form.title,
        "producer": form.producer,
        "unit": form.unit,
        "licence": form.licence or "届いた資料（公開の条件は提出元に確かめる）",
        "caveat": form.caveat or "届いた資料による。",
        "as_of": form.as_of,
    }
    return form.register_id, facts


def _as_of(checked: Checked, facts: dict[str, str]) -> str:
    if checked.period.as_of_on and checked.form and checked.form.period == "date_in_title":
        return checked.period.as_of_on
    if checked.period.fiscal_year is not None:
        return f"{checked.period.fiscal_year}年度"
    years = sorted(
        {
            int(year)
            for row in checked.rows
            if isinstance(year := row.values.get("fiscal_year"), float)
        }
        | {
            b.year
            for b in (checked.layout.bindings if checked.layout else ())
            if b.year is not None
        }
    )
    if years:
        return f"{years[0]}年度" if len(years) == 1 else f"{years[0]}〜{years[-1]}年度"
    return facts.get("as_of", "")


def _safe_name(path: Path) -> str:
    """Return a file's name as it may stand under data/raw."""
    name = unicodedata.normalize("NFC", path.name)
    if name.startswith((".", "-", "~")) or any(ord(letter) < 32 for letter in name):
        raise SourceError(
            f"「{path.name}」は登録できない名前です。",
            advice="文字か数字で始まる名前に変えてください。",
        )
    return name


def _refuse_taken(target: Path, name: str, sha256: str, *, replace: bool) -> None:
    if not target.exists():
        return
    if sha256_of(target) == sha256:
        raise SourceError(f"「{name}」は、同じ内容で登録済みです。")
    if not replace:
        raise SourceError(
            f"「{name}」は、違う内容で登録済みです。",
            advice="差し替えるなら --replace を付け、別の資料なら名前を変えてください。",
        )


def _copy(source: Path, target: Path) -> None:
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, beside)
        os.replace(beside, target)
    except OSError as fault:
        raise SourceError(
            f"「{target}」に書き込めません（{fault.strerror}）。",
            advice="data/raw の書き込み権限と空き容量を確かめてください。",
        ) from fault
    finally:
        beside.unlink(missing_ok=True)


def _register(entry_id: str, facts: dict[str, str], name: str, added: dict[str, Any]) -> None:
    """Write one source's entry anew and leave every other line of the register as it is."""
    path = raw_dir() / REGISTER_NAME
    text = path.read_text(encoding="utf-8")
    content = yaml.safe_load(text)
    entry = dict((content.get("sources") or {}).get(entry_id) or {})
    for key, value in facts.items():
        if value and (key == "as_of" or key not in entry):
            entry[key] = _joined(entry.get(key), value) if key == "as_of" else value
    entry["files"] = {**(entry.get("files") or {}), name: added}
    written = with_entry(text, entry_id, entry)
    expected = {**content, "sources": {**(content.get("sources") or {}), entry_id: entry}}
    if yaml.safe_load(written) != expected:
        raise SourceError(
            f"登録簿「{path}」の形が想定と違い、書き足せません。",
            advice="sources: の下に2字下げの項目が並ぶ形に直してください。",
        )
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(written, encoding="utf-8")
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _joined(known: str | None, added: str) -> str:
    parts = [part for part in (known or "").split("、") if part]
    return "、".join(dict.fromkeys([*parts, added]))


def with_entry(text: str, entry_id: str, entry: dict[str, Any]) -> str:
    r"""Return the register's text with one entry of ``sources`` replaced or added at its end.

    Examples
    --------
    >>> with_entry("sources:\n  a:\n    title: x\n", "b", {"title": "y"})
    'sources:\n  a:\n    title: x\n  b:\n    title: y\n'
    """
    dumped = yaml.safe_dump({entry_id: entry}, allow_unicode=True, sort_keys=False, width=10_000)
    block = [f"  {line}" if line else line for line in dumped.rstrip("\n").split("\n")]
    lines = text.rstrip("\n").split("\n")
    top = next((i for i, line in enumerate(lines) if line.startswith("sources:")), None)
    if top is None:
        return "\n".join([*lines, "sources:", *block]) + "\n"
    lines[top] = "sources:"
    end = next(
        (i for i in range(top + 1, len(lines)) if lines[i] and lines[i][0] not in " #"), len(lines)
    )
    start = next((i for i in range(top + 1, end) if lines[i].rstrip() == f"  {entry_id}:"), None)
    if start is None:
        return "\n".join([*lines[:end], *block, *lines[end:]]) + "\n"
    stop = next(
        (
            i
            for i in range(start + 1, end)
            if lines[i].startswith("  ") and lines[i][2:3] not in " #"
        ),
        end,
    )
    return "\n".join([*lines[:start], *block, *lines[stop:]]) + "\n"
