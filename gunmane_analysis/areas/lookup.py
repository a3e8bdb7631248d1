"""Areas and how they nest: nation, block, prefecture, municipality."""

from __future__ import annotations

import difflib
import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

from gunmane_analysis.areas.code_reading import read_code
from gunmane_analysis.areas.codes import is_area_id, quoted
from gunmane_analysis.areas.master import (
    LocalBody,
    Prefecture,
    cities_by_ward,
    former_codes,
    former_sentence,
    local_bodies,
    prefectures,
    usual_regions,
)
from gunmane_analysis.areas.schemes import DEFAULT_SCHEME_ID, Block, Scheme, read_scheme
from gunmane_analysis.errors import AreaError
from gunmane_analysis.refusals import refusal, refuse_if

AreaKind = Literal["nation", "block", "prefecture", "municipality"]
KIND_NAMES: Mapping[AreaKind, str] = MappingProxyType(
    {"nation": "全国", "block": "地方", "prefecture": "都道府県", "municipality": "市区町村"}
)
NATION_ID = "japan"
_NATION_NAMES = ("日本", "日本国", "日本全国")
_NATION = LocalBody(NATION_ID, "全国", "ぜんこく")


@dataclass(frozen=True, slots=True)
class Area:
    """The nation, a block, a prefecture or a municipality, under one scheme.

    Attributes
    ----------
    area_id : str
        ``japan``, a block id, two digits or five digits; safe as the name of a folder.
    kind : {"nation", "block", "prefecture", "municipality"}
    name, kana : str
        Japanese name, and its reading in hiragana.
    prefecture_codes : tuple of str
        The prefectures it covers, or the one it lies in, in code order.
    parent : Area or None
        The area one step up; None for the nation.
    scheme_id : str
        The scheme that places prefectures in blocks.
    """

    area_id: str
    kind: AreaKind
    name: str
    kana: str
    prefecture_codes: tuple[str, ...]
    parent: Area | None = field(repr=False)
    scheme_id: str

    def __post_init__(self) -> None:
        if not is_area_id(self.area_id):
            raise refusal("area-id", shown=quoted(self.area_id))

    @property
    def lineage(self) -> tuple[Area, ...]:
        """The area itself, then each area above it up to the nation.

        Examples
        --------
        >>> [area.area_id for area in find_area("05204").lineage]
        ['05204', '05', 'tohoku', 'japan']
        """
        return (self,) if self.parent is None else (self, *self.parent.lineage)

    @property
    def distinct_lineage(self) -> tuple[Area, ...]:
        """The lineage without a block that is one prefecture, where that prefecture stands in it.

        Side by side the two would say the same twice under the same name.

        Examples
        --------
        >>> [area.area_id for area in find_area("01").distinct_lineage]
        ['01', 'japan']
        >>> [area.area_id for area in find_area("05").distinct_lineage]
        ['05', 'tohoku', 'japan']
        """
        named = {area.prefecture_codes for area in self.lineage if area.kind == "prefecture"}
        return tuple(
            area
            for area in self.lineage
            if area.kind != "block" or area.prefecture_codes not in named
        )

    def ancestor(self, kind: AreaKind) -> Area:
        """Return the area of a kind in the lineage, which may be the area itself.

        Raises
        ------
        AreaError
            If the area is larger than that kind.

        Examples
        --------
        >>> find_area("05204").ancestor("block").name
        '東北'
        """
        for area in self.lineage:
            if area.kind == kind:
                return area
        raise refusal(
            "area-no-ancestor", area=self.name, kind=KIND_NAMES[self.kind], wanted=KIND_NAMES[kind]
        )

    @property
    def full_name(self) -> str:
        """The name, for a municipality after its prefecture's: unique in the whole country.

        Examples
        --------
        >>> find_area("34208").full_name
        '広島県府中市'
        """
        if self.kind != "municipality":
            return self.name
        return f"{self.ancestor('prefecture').name}{self.name}"


AreaLike: TypeAlias = Area | str  # a public function takes either, through find_area or find_areas


def find_area(area: AreaLike, scheme_id: str = DEFAULT_SCHEME_ID) -> Area:
    """Return the area of an id, a code or a name.

    Parameters
    ----------
    area : Area or str
        ``japan``, a block id of the scheme, two digits, five digits as they are, six digits whose
        last is the check digit, or a Japanese name or its reading that only one area has ("秋田県",
        "おおだてし"; "広島県府中市" settles a repeated one). An ``Area`` is returned unchanged.
    scheme_id : str
        The scheme that names the blocks.

    Raises
    ------
    AreaError
        If the text has another form, is unknown, means several areas (a name counts as shared,
        too, where another municipality had it until its code changed, or a ward of a designated
        city has it), is a ward of a designated city or is no longer in force; the message names
        what may have been meant.

    Examples
    --------
    >>> find_area("052043").name, find_area("tohoku").prefecture_codes
    ('大館市', ('02', '03', '04', '05', '06', '07'))
    >>> find_area("秋田県").area_id
    '05'
    """
    if isinstance(area, Area):
        return area
    refuse_if(not isinstance(area, str), "area-number", area=area)
    scheme = read_scheme(scheme_id)
    areas = areas_by_id(scheme)
    if area in areas:
        return areas[area]
    if area.isascii() and area.isdigit():
        return _area_of_code(area, areas)
    return _area_of_name(area, scheme)


def find_areas(areas: AreaLike | Iterable[AreaLike]) -> tuple[Area, ...]:
    """Return the area of each id, code or name, in the given order; of a single one, too.

    Raises
    ------
    AreaError
        As :func:`find_area`.

    Examples
    --------
    >>> [area.name for area in find_areas(["tohoku", "05", "大館市"])]
    ['東北', '秋田県', '大館市']
    """
    if isinstance(areas, (Area, str)) or not isinstance(areas, Iterable):
        return (find_area(areas),)
    return tuple(find_area(area) for area in areas)


def _area_of_code(text: str, areas: Mapping[str, Area]) -> Area:
    code = read_code(text, form="five").code
    if code in areas:
        return areas[code]
    name, city = local_bodies()[code].name, labelled(areas[cities_by_ward()[code]])
    raise refusal("area-ward", shown=quoted(text), name=name, city=city)


def _area_of_name(name: str, scheme: Scheme) -> Area:
    if name in _NATION_NAMES:
        return areas_by_id(scheme)[NATION_ID]
    bearers = _areas_by_name(scheme).get(name, ())
    others = _other_bearers(name)
    if len(bearers) == 1 and not others:
        return bearers[0]
    if bearers:
        choices = [f"{area.area_id}（{_distinct_name(area)}）" for area in bearers]
        raise refusal("area-shared-name", shown=quoted(name), choices=choices, others=others)
    near = _nearest(name, scheme)
    known = [NATION_ID, *(block.block_id for block in scheme.blocks)]
    advice = f"もしや: {'、'.join(near)}" if near else "地域の番号か名前を確かめてください。"
    raise refusal("area-unknown", shown=quoted(name), others=others, known=known, advice=advice)


def _other_bearers(name: str) -> str:
    """Return sentences on former municipalities and designated-city wards of the same name."""
    former = [
        former_sentence(code)
        for code, gone in former_codes().items()
        if name in (gone.name, f"{prefectures()[code[:2]].name}{gone.name}")
    ]
    wards = [body.name for body in local_bodies().values() if body.name.endswith(f" {name}")]
    shared = f"政令指定都市の区（{'、'.join(wards)}）に同じ名前があります。" if wards else ""
    return "".join(former) + shared


def _distinct_name(area: Area) -> str:
    return f"{area.name}地方" if area.kind == "block" else area.full_name


@functools.lru_cache(maxsize=16)
def _areas_by_name(scheme: Scheme) -> Mapping[str, tuple[Area, ...]]:
    """Return the areas of each name, name after the prefecture's, and reading."""
    by_name: dict[str, tuple[Area, ...]] = {}
    for area in areas_by_id(scheme).values():
        for name in dict.fromkeys((area.name, area.full_name, area.kana)):
            by_name[name] = (*by_name.get(name, ()), area)
    return MappingProxyType(by_name)


def _nearest(text: str, scheme: Scheme) -> list[str]:
    """Return the areas that a usual name of several covers, or up to three of a like spelling."""
    areas = areas_by_id(scheme)
    covered = usual_regions().get(text.removesuffix("地方"), ())
    if covered:
        return [labelled(areas[area_id]) for area_id in covered if area_id in areas]
    known: dict[str, Area] = {name: bearers[0] for name, bearers in _areas_by_name(scheme).items()}
    known |= {prefecture.romaji: areas[code] for code, prefecture in prefectures().items()}
    known |= {area_id: area for area_id, area in areas.items() if not area_id.isdigit()}
    if text.lower() in known:
        return [labelled(known[text.lower()])]
    near = [known[key] for key in difflib.get_close_matches(text, known, n=3)]
    return [labelled(area) for area in dict.fromkeys(near)]


def parse_regions(text: str, scheme_id: str = DEFAULT_SCHEME_ID) -> tuple[Area, ...]:
    """Return the areas named in a comma-separated text, in its order, each once.

    Parameters
    ----------
    text : str
        Ids, codes and names as :func:`find_area` accepts them; full-width text is read.
    scheme_id : str
        The scheme that names the blocks.

    Raises
    ------
    AreaError
        One message on all items that are unknown or that several areas share.

    Examples
    --------
    >>> [area.area_id for area in parse_regions("tohoku,秋田県,大館市")]
    ['tohoku', '05', '05204']
    """
    plain = unicodedata.normalize("NFKC", text)
    items = [item.strip(" ") for item in re.split("[,、]", plain) if item.strip(" ")]
    refuse_if(not items, "regions-empty")
    found: list[Area] = []
    faults: list[str] = []
    for item in items:
        try:
            found.append(find_area(item, scheme_id))
        except AreaError as fault:
            words = " ".join(part for part in (fault.found, fault.advice) if part)
            faults.append(f"\n  ・{words}")
    refuse_if(faults, "regions-unclear", count=len(faults), faults="".join(faults))
    return tuple({area.area_id: area for area in found}.values())


def list_areas(kind: AreaKind | str, scheme_id: str = DEFAULT_SCHEME_ID) -> tuple[Area, ...]:
    """Return every area of a kind in code order; blocks in the order of their scheme.

    The kind may be in Japanese: 全国、地方、都道府県、市区町村.

    Raises
    ------
    AreaError
        If there is no such kind.

    Examples
    --------
    >>> [len(list_areas(kind)) for kind in ("nation", "block", "prefecture", "municipality")]
    [1, 10, 47, 1741]
    """
    kind = {word: name for name, word in KIND_NAMES.items()}.get(kind, kind)
    known = [*KIND_NAMES, *KIND_NAMES.values()]
    refuse_if(kind not in KIND_NAMES, "area-kind", shown=quoted(str(kind)), known=known)
    return tuple(area for area in areas_by_id(read_scheme(scheme_id)).values() if area.kind == kind)


def children(area: AreaLike) -> tuple[Area, ...]:
    """Return the areas one step down, in code order; none for a municipality.

    Examples
    --------
    >>> [child.name for child in children(find_area("hokuriku"))]
    ['新潟県', '富山県', '石川県']
    """
    area = find_area(area)
    return tuple(
        other
        for other in areas_by_id(read_scheme(area.scheme_id)).values()
        if other.parent is not None and other.parent.area_id == area.area_id
    )


def peers(area: AreaLike) -> tuple[Area, ...]:
    """Return the areas of one rank among which an area is read, in code order.

    For the nation its blocks; for a block its prefectures; for a prefecture those of its
    block; for a municipality those of its prefecture. A block of a single prefecture
    (Hokkaido, Okinawa) is read among the blocks.

    Examples
    --------
    >>> [peer.area_id for peer in peers(find_area("36"))]
    ['36', '37', '38', '39']
    >>> len(peers(find_area("okinawa")))
    10
    """
    area = find_area(area)
    if area.kind == "municipality":
        return children(area.ancestor("prefecture"))
    group = area.ancestor("block") if area.kind == "prefecture" else area
    members = children(group)
    return members if len(members) > 1 else list_areas("block", area.scheme_id)


def area_with_series(area: AreaLike) -> Area:
    """Return the area itself, or the prefecture of a municipality.

    Series by prefecture say nothing of a single municipality; a theme that rests on them shows
    the prefecture's figures on a municipality's page, and says so.

    Examples
    --------
    >>> area_with_series(find_area("05204")).name, area_with_series(find_area("tohoku")).name
    ('秋田県', '東北')
    """
    area = find_area(area)
    return area.ancestor("prefecture") if area.kind == "municipality" else area


def comparison_areas(area: AreaLike) -> tuple[Area, ...]:
    """Return the area, the distinct ones above it, and its peers, each once, in this order.

    Examples
    --------
    >>> [other.area_id for other in comparison_areas(find_area("36"))]
    ['36', 'shikoku', 'japan', '37', '38', '39']
    >>> [other.area_id for other in comparison_areas(find_area("01"))][:3]
    ['01', 'japan', 'tohoku']
    """
    area = find_area(area)
    repeated = set(area.lineage) - set(area.distinct_lineage)
    compared = dict.fromkeys((*area.distinct_lineage, *peers(area)))
    return tuple(other for other in compared if other not in repeated)


@functools.lru_cache(maxsize=16)
def areas_by_id(scheme: Scheme) -> Mapping[str, Area]:
    """Build every area under a scheme: the nation, its blocks, prefectures, municipalities.

    Examples
    --------
    >>> len(areas_by_id(read_scheme()))
    1799
    """
    block_of = {code: block.block_id for block in scheme.blocks for code in block.prefecture_codes}
    towns = {code: body for code, body in local_bodies().items() if not body.is_ward}
    rows: list[tuple[AreaKind, str, LocalBody | Prefecture | Block, tuple[str, ...], str]] = [
        ("nation", NATION_ID, _NATION, tuple(prefectures()), ""),
        *(("block", b.block_id, b, b.prefecture_codes, NATION_ID) for b in scheme.blocks),
        *(("prefecture", code, p, (code,), block_of[code]) for code, p in prefectures().items()),
        *(("municipality", code, t, (code[:2],), code[:2]) for code, t in towns.items()),
    ]
    areas: dict[str, Area] = {}
    for kind, area_id, names, codes, up in rows:
        facts = (names.name, names.kana, codes, areas.get(up), scheme.scheme_id)
        areas[area_id] = Area(area_id, kind, *facts)
    return MappingProxyType(areas)


def labelled(area: Area) -> str:
    """Return an area's id and name for a message.

    Examples
    --------
    >>> labelled(find_area("34208"))
    '34208（広島県府中市）'
    """
    return f"{area.area_id}（{area.full_name}）"
