"""Regions as a person asks for them: ids and Japanese names in one comma-separated text."""

from __future__ import annotations

import difflib
import functools
import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from gunmane_analysis.areas.code_reading import former_sentence
from gunmane_analysis.areas.codes import quoted
from gunmane_analysis.areas.lookup import Area, areas_by_id, find_area, labelled
from gunmane_analysis.areas.master import former_codes, local_bodies, prefectures
from gunmane_analysis.areas.schemes import DEFAULT_SCHEME_ID, Scheme, read_scheme
from gunmane_analysis.errors import AreaError


def parse_regions(text: str, scheme_id: str = DEFAULT_SCHEME_ID) -> tuple[Area, ...]:
    """Return the areas named in a comma-separated text, in its order, each once.

    Parameters
    ----------
    text : str
        Ids ("tohoku,05,japan,05204", six digits too), or Japanese names where unique
        ("秋田県、東北、大館市"; "広島県府中市" settles a repeated name). Full-width text is read.
    scheme_id : str
        The scheme that names the blocks.

    Raises
    ------
    AreaError
        One message on all items that are unknown or that several areas share. A name counts as
        shared, too, where another municipality bore it until its code changed (那珂川町), or
        a ward of a designated city bears it (中央区); "栃木県那珂川町" or the code settles it.

    Examples
    --------
    >>> [area.area_id for area in parse_regions("tohoku,秋田県,大館市")]
    ['tohoku', '05', '05204']
    """
    scheme = read_scheme(scheme_id)
    plain = unicodedata.normalize("NFKC", text)
    items = [item.strip(" ") for item in re.split("[,、]", plain) if item.strip(" ")]
    if not items:
        raise AreaError(
            "地域の指定が空です。",
            expected="tohoku,05,05204 のような番号か、秋田県 のような名前",
            advice="地域を一つ以上指定してください。",
        )
    found: list[Area] = []
    faults: list[str] = []
    for item in items:
        outcome = _settle(item, scheme)
        if isinstance(outcome, str):
            faults.append(outcome)
        else:
            found.append(outcome)
    if faults:
        raise AreaError(
            f"地域の指定のうち {len(faults)} 件が決まりません。"
            + "".join(f"\n  ・{fault}" for fault in faults),
            expected="地方の名前（tohoku）、2桁・5桁の番号、または一つに決まる名前（秋田県）",
            advice="番号で指定し直してください。",
        )
    return tuple({area.area_id: area for area in found}.values())


def _settle(item: str, scheme: Scheme) -> Area | str:
    """Return the one area an item means, or a Japanese line on why there is none."""
    areas = areas_by_id(scheme)
    if item in areas:
        return areas[item]
    if item.isascii() and item.isdigit():
        try:
            return find_area(item, scheme.scheme_id)
        except AreaError as fault:
            return " ".join(part for part in (fault.found, fault.advice) if part)
    bearers = _areas_by_name(scheme).get(item, ())
    others = _other_bearers(item)
    if len(bearers) == 1 and not others:
        return bearers[0]
    if bearers:
        choices = "、".join(f"{area.area_id}（{_told_apart(area)}）" for area in bearers)
        return f"{quoted(item)}は一つの地域に決まりません。該当: {choices}。{others}"
    if others:
        return f"{quoted(item)}は登録がありません。{others}"
    near = _nearest(item, scheme)
    return f"{quoted(item)}は登録がありません。" + (f"もしや: {'、'.join(near)}" if near else "")


def _other_bearers(item: str) -> str:
    """Return sentences on former municipalities and designated-city wards of the same name."""
    former = [
        former_sentence(code)
        for code, gone in former_codes().items()
        if item in (gone.name, f"{prefectures()[code[:2]].name}{gone.name}")
    ]
    wards = [body.name for body in local_bodies().values() if body.name.endswith(f" {item}")]
    shared = f"政令指定都市の区（{'、'.join(wards)}）に同じ名前があります。" if wards else ""
    return "".join(former) + shared


def _told_apart(area: Area) -> str:
    return f"{area.name}地方" if area.kind == "block" else area.full_name


@functools.lru_cache(maxsize=16)
def _areas_by_name(scheme: Scheme) -> Mapping[str, tuple[Area, ...]]:
    by_name: dict[str, tuple[Area, ...]] = {}
    for area in areas_by_id(scheme).values():
        for name in dict.fromkeys((area.name, area.full_name)):
            by_name[name] = (*by_name.get(name, ()), area)
    return MappingProxyType(by_name)


def _nearest(item: str, scheme: Scheme) -> list[str]:
    """Return up to three areas whose id, name or (prefectures) romaji is nearest to an item."""
    areas = areas_by_id(scheme)
    spoken: dict[str, Area] = {name: bearers[0] for name, bearers in _areas_by_name(scheme).items()}
    spoken |= {prefecture.romaji: areas[code] for code, prefecture in prefectures().items()}
    spoken |= {area_id: area for area_id, area in areas.items() if not area_id.isdigit()}
    if item.lower() in spoken:
        return [labelled(spoken[item.lower()])]
    near = [spoken[key] for key in difflib.get_close_matches(item, spoken, n=3)]
    return [labelled(area) for area in dict.fromkeys(near)]
