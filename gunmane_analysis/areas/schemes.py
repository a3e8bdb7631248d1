"""Schemes: lookup tables that put each of the 47 prefectures in one block.

A scheme is one YAML file, packaged under ``reference_data/schemes/`` or kept by a project in
its own ``schemes/`` folder, so that an old report runs again under its own division.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gunmane_analysis.areas.codes import quoted
from gunmane_analysis.areas.master import REFERENCE_DATA, prefectures
from gunmane_analysis.errors import SourceError
from gunmane_analysis.paths import project_root, read_yaml
from gunmane_analysis.refusals import refusal, refuse_if

DEFAULT_SCHEME_ID = "regional_bureaus"

_SCHEME_ID = re.compile(r"[a-z0-9_]+")
_BLOCK_ID = re.compile(r"(?!japan$)[a-z][a-z_]*")
_SCHEME_TEXTS = ("title", "source", "note")
_BLOCK_TEXTS = ("block_id", "name", "kana")


@dataclass(frozen=True, slots=True)
class Block:
    """A group of prefectures; ``prefecture_codes`` in code order."""

    block_id: str
    name: str
    kana: str
    prefecture_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    """A division of the 47 prefectures; ``title``, ``source`` and ``note`` are for readers."""

    scheme_id: str
    title: str
    source: str
    note: str
    blocks: tuple[Block, ...]


def scheme_ids() -> tuple[str, ...]:
    """Return the ids of the schemes that can be read, in alphabetical order.

    Examples
    --------
    >>> "regional_bureaus" in scheme_ids()
    True
    """
    names = (path.stem for place in _scheme_folders() for path in place.glob("*.yml"))
    return tuple(sorted(filter(_SCHEME_ID.fullmatch, names)))


def read_scheme(scheme_id: str = DEFAULT_SCHEME_ID) -> Scheme:
    """Return a scheme after checking that it holds every prefecture exactly once.

    Parameters
    ----------
    scheme_id : str
        An id, never a path: lower-case letters, digits and underscores.

    Returns
    -------
    Scheme
        Blocks in the order of the file.

    Raises
    ------
    AreaError
        If there is no such scheme, or naming every fault of its file at once.

    Examples
    --------
    >>> [block.prefecture_codes for block in read_scheme().blocks if block.name == "北陸"]
    [('15', '16', '17')]
    """
    places = _scheme_folders() if _SCHEME_ID.fullmatch(scheme_id) else ()
    files = [path for place in places if (path := place / f"{scheme_id}.yml").is_file()]
    if not files:
        raise refusal("scheme-unknown", shown=quoted(scheme_id), known=scheme_ids())
    if len(files) > 1:
        raise refusal("scheme-twice", scheme_id=scheme_id, file=files[1])
    return _load_scheme(files[0], files[0].stat().st_mtime_ns)


def check_scheme(scheme_id: str, content: object) -> Scheme:
    """Turn the content of a scheme file into a scheme.

    Raises
    ------
    AreaError
        Naming every fault at once: missing texts, unusable or repeated block ids, prefectures
        that are missing, repeated, unknown or not written as text.
    """
    facts = content if isinstance(content, Mapping) else {}
    listed = facts.get("blocks")
    blocks = listed if isinstance(listed, list) else []
    faults = [f"{key} がありません" for key in _lacking(facts, _SCHEME_TEXTS)]
    faults += [fault for block in blocks for fault in _block_faults(block)]
    whole = [block for block in blocks if isinstance(block, Mapping)]
    faults += _faults_between(whole) if whole else ["blocks の一覧がありません"]
    listed = "".join(f"\n  ・{fault}" for fault in faults)
    refuse_if(faults, "scheme-faults", scheme_id=scheme_id, count=len(faults), faults=listed)
    return Scheme(
        scheme_id,
        **{key: facts[key].strip() for key in _SCHEME_TEXTS},
        blocks=tuple(
            Block(
                **{key: block[key] for key in _BLOCK_TEXTS},
                prefecture_codes=tuple(sorted(block["prefectures"])),
            )
            for block in whole
        ),
    )


def _scheme_folders() -> tuple[Path, ...]:
    packaged = REFERENCE_DATA / "schemes"
    try:
        return packaged, project_root() / "schemes"
    except SourceError:
        # outside any project the packaged schemes are all there is
        return (packaged,)


@functools.lru_cache(maxsize=16)
def _load_scheme(path: Path, modified_ns: int) -> Scheme:
    """Read one file; ``modified_ns`` makes an edited file be read again."""
    try:
        content: Any = read_yaml(path)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise refusal("scheme-unreadable", file=path.name, fault=quoted(str(fault))) from fault
    return check_scheme(path.stem, content)


def _lacking(facts: Mapping[str, Any], keys: Sequence[str]) -> list[str]:
    return [key for key in keys if not (isinstance(facts.get(key), str) and facts[key].strip())]


def _block_faults(block: object) -> Iterator[str]:
    if not isinstance(block, Mapping):
        yield f"blocks の {block!r} は、block_id・name・kana・prefectures の組ではありません"
        return
    name, block_id = block.get("name") or block.get("block_id"), block.get("block_id")
    lacking = _lacking(block, _BLOCK_TEXTS)
    yield from (f"地方 {name} に {key} がありません" for key in lacking)
    if "block_id" not in lacking and not _BLOCK_ID.fullmatch(str(block_id)):
        yield f"地方 {name} の block_id {quoted(str(block_id))} は使えません（英小文字と _ のみ）"
    if not isinstance(block.get("prefectures"), list):
        yield f"地方 {name} に prefectures の一覧がありません"


def _faults_between(blocks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for key in ("block_id", "name"):
        counts = Counter(str(block[key]) for block in blocks if block.get(key))
        yield from (f"{key} {value} が {n} 回あります" for value, n in counts.items() if n > 1)
    lists = [block.get("prefectures") for block in blocks]
    placed = [code for each in lists if isinstance(each, list) for code in each]
    for code in placed:
        if not isinstance(code, str):
            yield f"都道府県 {code!r} が文字列ではありません（引用符で囲んでください）"
        elif code not in prefectures():
            yield f"都道府県 {code!r} はありません"
    for code, prefecture in prefectures().items():
        if (count := placed.count(code)) != 1:
            word = f" {count} 回入っています" if count else "入っていません"
            yield f"{code} {prefecture.name} が{word}"
