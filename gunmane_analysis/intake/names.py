"""A delivered name held against its code's, and a place found by prefecture and name."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from gunmane_analysis.areas.master import former_codes, known_name, local_bodies, prefectures
from gunmane_analysis.intake.codes import NORTHERN_VILLAGES, ResolvedCode
from gunmane_analysis.intake.old_codes import FormerMunicipality
from gunmane_analysis.intake.reading.plain_text import name_key


@functools.cache
def all_names() -> Mapping[str, str]:
    """Return the name of every municipality and ward by code, former ones included."""
    former = {code: gone.name for code, gone in former_codes().items()}
    return former | {code: body.name for code, body in local_bodies().items()}


@functools.cache
def _names_by_key() -> Mapping[str, frozenset[str]]:
    """Return the codes that bear each name, now or formerly; wards by both parts and whole."""
    found: dict[str, set[str]] = {}
    for code, whole in all_names().items():
        for name in {whole, whole.rpartition(" ")[2]}:
            found.setdefault(name_key(name), set()).add(code)
    for code, prefecture in prefectures().items():
        found.setdefault(name_key(prefecture.name), set()).add(code)
    return {key: frozenset(codes) for key, codes in found.items()}


NameCheck = Literal["same", "unknown", "other"]


def compare_name(
    cell: ResolvedCode, name: str, old: Mapping[str, FormerMunicipality] = MappingProxyType({})
) -> NameCheck:
    """Compare the delivered name with the code's: the same, unknown, or another body's.

    A prefecture or 郡 before the name, spaces, variant characters and 再掲 or 計 are set aside.

    Examples
    --------
    >>> compare_name(ResolvedCode("08208", "municipality", "", "08208"), "龍ヶ崎市")
    'same'
    >>> compare_name(ResolvedCode("13101", "municipality", "", "13101"), "札幌市")
    'other'
    """
    key = re.sub(r"[(（]?再掲[)）]?|計$", "", name_key(name))
    if not key or cell.level in ("association", "declared", "district", "nation"):
        return "same"
    own = {
        name_key(known)
        for code in (cell.code, cell.delivered_code)
        if (known := known_name(code if len(code) == 5 else f"{code}000"))
    }
    own |= (
        {name_key(local_bodies()[cell.code].name.rpartition(" ")[2])}
        if (cell.level == "ward" and cell.code in local_bodies())
        else set()
    )
    if cell.delivered_code in old:
        own = {name_key(old[cell.delivered_code].name)}
    if cell.code in NORTHERN_VILLAGES:
        own.add(name_key(NORTHERN_VILLAGES[cell.code]))
    if key in own or any(key.endswith(known) and _is_prefix(key, known, cell) for known in own):
        return "same"
    kana = local_bodies()[cell.code].kana if cell.code in local_bodies() else ""
    if kana and key == name_key(_katakana(kana)):
        return "same"
    borne = _names_by_key().get(key, frozenset()) - {cell.code}
    return (
        "other" if borne or any(name_key(body.name) == key for body in old.values()) else "unknown"
    )


def _is_prefix(key: str, known: str, cell: ResolvedCode) -> bool:
    """Tell whether what stands before the name is its prefecture, 郡 or designated city."""
    before = key.removesuffix(known)
    prefecture = name_key(prefectures()[cell.code[:2]].name)
    return before.removeprefix(prefecture) == "" or before.endswith(("郡", "市", "支庁"))


def _katakana(hiragana: str) -> str:
    return "".join(
        chr(ord(letter) + 0x60) if "ぁ" <= letter <= "ゖ" else letter for letter in hiragana
    )


@functools.cache
def _codes_by_place() -> Mapping[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for code, name in all_names().items():
        if " " not in name:
            key = (name_key(prefectures()[code[:2]].name), name_key(name))
            found[key] = (*found.get(key, ()), code)
    return found


def code_of_place(prefecture: str, name: str) -> str | None:
    """Return the one code that a prefecture and a name mean, or None.

    Examples
    --------
    >>> code_of_place("青森県", "六ケ所村"), code_of_place("北海道", "上湧別町")
    ('02411', None)
    """
    codes = _codes_by_place().get((name_key(prefecture), name_key(name)), ())
    return codes[0] if len(codes) == 1 else None
