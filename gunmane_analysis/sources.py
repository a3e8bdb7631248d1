"""The register of sources: which delivered file a figure comes from, and what it cannot show."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from filelock import FileLock, Timeout

from gunmane_analysis.errors import SourceError
from gunmane_analysis.paths import raw_dir, read_yaml
from gunmane_analysis.refusals import refusal, refuse_if

REGISTER_NAME = "sources.yml"
INCOMING = ".incoming"
_LOCK_NAME = ".sources.lock"
_LOCK_SECONDS = 10
_JOURNAL = ".filing.json"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DOCUMENT_TEXTS = ("title", "producer")
_SOURCE_TEXTS = ("title", "producer", "location", "as_of", "unit", "licence", "caveat")


@dataclass(frozen=True)
class Document:
    """A published document from which tables were keyed in."""

    title: str
    producer: str = ""


@dataclass(frozen=True)
class Source:
    """One source of figures: a delivered file or a table keyed in from a document."""

    source_id: str
    title: str
    producer: str = ""
    documents: tuple[Document, ...] = ()
    location: str = ""
    as_of: str = ""
    unit: str = ""
    licence: str = ""
    caveat: str = ""
    stands_in_for: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    file_facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    replaced: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def cited(self) -> tuple[Document | Source, ...]:
        """What is cited: the documents that it was keyed in from, else the source itself."""
        return self.documents or (self,)

    def read_as(self, name: str) -> tuple[int | None, frozenset[str]]:
        """Return the fiscal year that a file was filed for, and the codes confirmed with it."""
        facts = self.file_facts[name]
        return facts.get("fiscal_year"), frozenset(map(str, facts.get("confirmed") or ()))

    @property
    def publisher(self) -> str:
        """Who published it, without what is added in brackets."""
        return self.cited[0].producer.partition("（")[0].partition("、デジタル庁")[0]

    @property
    def citation(self) -> str:
        """One line for the foot of a figure: who, what, where, as of when; every document.

        Examples
        --------
        >>> Source("a", "表", producer="省", as_of="2024-04-01").citation
        '省「表」（2024-04-01時点）'
        """
        named = "、".join(f"{each.producer}「{each.title}」" for each in self.cited)
        place = f" {self.location}" if self.documents and self.location else ""
        return f"{named}{place}{_when(self.as_of)}"

    @property
    def brief(self) -> str:
        """The citation without department, page and brackets: who, what, as of when.

        Examples
        --------
        >>> Source("a", "表（12項目）", producer="省", as_of="2024-04-01").brief
        '省「表」（2024-04-01時点）'
        """
        title = self.cited[0].title.partition("（")[0]
        return f"{self.publisher}「{title}」{_when(self.as_of.partition('（')[0])}"


def _when(as_of: str) -> str:
    word = "時点" if _DAY.fullmatch(as_of) else ""
    return f"（{as_of}{word}）" if as_of else ""


@functools.lru_cache(maxsize=8)
def _read_register(path: Path, modified_ns: int) -> dict[str, Source]:
    try:
        content = read_yaml(path)
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as fault:
        raise refusal("register-unreadable", path=path, fault=fault) from fault
    documents = {
        document_id: Document(**_texts(entry, _DOCUMENT_TEXTS))
        for document_id, entry in (content.get("documents") or {}).items()
    }
    sources: dict[str, Source] = {}
    for source_id, entry in (content.get("sources") or {}).items():
        files = {name: facts or {} for name, facts in (entry.get("files") or {}).items()}
        named = [entry["document"]] if entry.get("document") else []
        named += entry.get("also_documents") or []
        for unknown in (each for each in named if each not in documents):
            raise refusal("register-document", source_id=source_id, named=unknown, file=path.name)
        sources[source_id] = Source(
            source_id,
            **_texts(entry, _SOURCE_TEXTS),
            documents=tuple(map(documents.__getitem__, named)),
            stands_in_for=tuple(entry.get("stands_in_for") or ()),
            files={name: str(facts.get("sha256", "")) for name, facts in files.items()},
            file_facts=files,
            replaced=entry.get("replaced") or {},
        )
    return sources


def _texts(entry: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    return {name: str(entry[name]).strip() for name in names if entry.get(name) is not None}


def read_register() -> dict[str, Source]:
    """Return every registered source by its id.

    Returns
    -------
    dict of str to Source

    Raises
    ------
    SourceError
        If the register is missing or is not valid YAML.

    Examples
    --------
    >>> read_register()["prefecture_series"].producer[:3]
    '総務省'
    """
    path = raw_dir() / REGISTER_NAME
    if any((path.parent / left).exists() for left in (_JOURNAL, INCOMING)):
        with register_lock():
            pass  # a filing that was stopped is finished or undone
    refuse_if(not path.is_file(), "register-missing", path=path)
    return _read_register(path, path.stat().st_mtime_ns)


@contextlib.contextmanager
def register_lock() -> Iterator[Path]:
    """Keep the register to oneself, after a filing that was stopped is finished or undone.

    Yields
    ------
    Path
        The folder of the delivered files.

    Raises
    ------
    SourceError
        If another command keeps it, or the folder cannot be written.
    """
    raw = raw_dir()
    try:
        with FileLock(raw / _LOCK_NAME, timeout=_LOCK_SECONDS):
            _finish(raw)
            yield raw
    except Timeout as fault:
        raise refusal("register-in-use") from fault
    except OSError as fault:
        raise refusal("raw-folder", place=fault.filename or raw, cause=fault.strerror) from fault


def change_register(raw: Path, moves: Sequence[tuple[str, str]], text: str) -> None:
    """Move files under data/raw and write the register, all or nothing, under the lock.

    The intent is written first. From then on a stop at any point is finished by the next
    command; before, nothing has changed but the copies in ``INCOMING``.

    Parameters
    ----------
    raw : Path
    moves : sequence of (str, str)
        From and to, relative to ``raw``, in order; nothing stands at the end of a move.
    text : str
        The register's new text.
    """
    _write_durably(raw / _JOURNAL, json.dumps({"moves": list(moves), "register": text}))
    _finish(raw)


def _finish(raw: Path) -> None:
    journal = raw / _JOURNAL
    if journal.is_file():
        intent = json.loads(journal.read_text(encoding="utf-8"))
        for source, target in ((raw / old, raw / new) for old, new in intent["moves"]):
            if not target.exists():  # else it was moved before the stop
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(source, target)
            for folder in (target.parent, target.parent.parent, source.parent):
                if folder.is_dir():
                    sync(folder)
        _write_durably(raw / REGISTER_NAME, intent["register"])
        journal.unlink()
        sync(raw)
    shutil.rmtree(raw / INCOMING, ignore_errors=True)


def _write_durably(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    sync(partial)
    os.replace(partial, path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Let a file, or the names in a folder, be on the disk before going on."""
    if path.is_dir() and os.name == "nt":
        return  # Windows opens no folder
    handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def find_source(source_id: str) -> Source:
    """Return one registered source.

    Raises
    ------
    SourceError
        If no source has this id.
    """
    register = read_register()
    refuse_if(source_id not in register, "source-unregistered", source_id=source_id, known=register)
    return register[source_id]


def is_filed(source_id: str) -> bool:
    """Whether a source is registered with at least one file."""
    register = read_register()
    return source_id in register and bool(register[source_id].files)


def sources_in_use(*source_ids: str) -> tuple[str, ...]:
    """Return those of some sources that are registered, with what is shipped in their place.

    The register says of a shipped source what it stands in for: its figures fill the same
    table wherever the filed files have none.

    Examples
    --------
    >>> sources_in_use("municipal_panel", "no_such_source")
    ('municipal_series', 'municipal_base')
    """
    register = read_register()  # once: each look at it asks the disk whether it is new
    found = [name for name in source_ids if name in register and register[name].files]
    found += [
        source.source_id
        for source in register.values()
        if set(source.stands_in_for) & set(source_ids)
    ]
    return tuple(dict.fromkeys(found))


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def raw_file(source_id: str, name: str | None = None) -> Path:
    """Return the path of a delivered file after checking that nobody has altered it.

    Parameters
    ----------
    source_id : str
        The source in the register.
    name : str, optional
        Its name in the register or inside the source's folder; not needed when the source has one.

    Raises
    ------
    SourceError
        If the file is not registered, missing, unreadable, or its hash differs.
    """
    source = find_source(source_id)
    wanted = [each for each in source.files if name in (None, each, each.partition("/")[2])]
    facts = {"name": name or "名前の指定なし", "known": [*source.files] or "ファイル一つ"}
    refuse_if(len(wanted) != 1, "source-file", source_id=source_id, **facts)
    path = raw_dir() / wanted[0]
    check_raw_file(path, source.files[wanted[0]])
    return path


def check_raw_file(path: Path, registered_sha256: str) -> None:
    """Stop unless a delivered file is there, readable, and as registered.

    Raises
    ------
    SourceError
        Naming the file, the hash found and the hash registered.
    """
    refuse_if(not path.is_file(), "raw-missing", path=path)
    try:
        found = sha256_of(path)
    except OSError as fault:
        raise refusal("raw-unreadable", path=path, cause=fault.strerror) from fault
    shown = {"found": found[:12], "registered": registered_sha256[:12]}
    refuse_if(found != registered_sha256, "raw-altered", path=path, **shown)


def check_all_raw_files() -> dict[str, str]:
    """Check every registered file at once and return path to SHA-256.

    Raises
    ------
    SourceError
        One message that lists every missing or altered file.
    """
    faults: list[SourceError] = []
    hashes = {n: sha for each in read_register().values() for n, sha in each.files.items()}
    for name, registered in hashes.items():
        try:
            check_raw_file(raw_dir() / name, registered)
        except SourceError as fault:
            faults.append(fault)
    if faults:
        found, first = "\n".join(fault.found for fault in faults), faults[0]
        raise SourceError(found, expected=first.expected, advice=first.advice)
    return hashes
