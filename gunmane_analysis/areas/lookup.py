"""Areas and how they nest: nation, block, prefecture, municipality."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from gunmane_analysis.areas.code_reading import read_code
from gunmane_analysis.areas.codes import is_area_id, quoted
from gunmane_analysis.areas.master import local_bodies, prefectures
from gunmane_analysis.areas.schemes import DEFAULT_SCHEME_ID, Scheme, read_scheme
from gunmane_analysis.errors import AreaError

AreaKind = Literal["nation", "block", "prefecture", "municipality"]
KIND_NAMES: Mapping[AreaKind, str] = MappingProxyType(
    {"nation": "全国", "block": "地方", "prefecture": "都道府県", "municipality": "市区町村"}
)
NATION_ID = "japan"


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
            raise AreaError(
                f"地域の番号に使えない文字列です（{quoted(self.area_id)}）。",
                expected="japan、地方の名前（英小文字）、2桁または5桁の番号",
            )

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
        told = {area.prefecture_codes for area in self.lineage if area.kind == "prefecture"}
        return tuple(
            area
            for area in self.lineage
            if area.kind != "block" or area.prefecture_codes not in told
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
        raise AreaError(
            f"{self.name}（{KIND_NAMES[self.kind]}）を含む{KIND_NAMES[kind]}はありません。"
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


def find_area(area_id: str, scheme_id: str = DEFAULT_SCHEME_ID) -> Area:
    """Return the area of an id.

    Parameters
    ----------
    area_id : str
        ``japan``, a block id of the scheme, two digits, five digits as they stand, or six
        digits whose last is the check digit. Nothing is repaired here.
    scheme_id : str
        The scheme that names the blocks.

    Raises
    ------
    AreaError
        If the id has another form, is unknown, is a ward of a designated city or is no longer
        in force; the message names what may have been meant.

    Examples
    --------
    >>> find_area("052043").name, find_area("tohoku").prefecture_codes
    ('大館市', ('02', '03', '04', '05', '06', '07'))
    """
    areas = areas_by_id(read_scheme(scheme_id))
    if area_id in areas:
        return areas[area_id]
    if not (area_id.isascii() and area_id.isdigit()):
        near = difflib.get_close_matches(area_id, areas, n=3)
        raise AreaError(
            f"地域{quoted(area_id)}は登録がありません。",
            expected="、".join([NATION_ID, *(area.area_id for area in _blocks(areas))])
            + "、2桁の都道府県コード、5桁の市区町村コード",
            advice=f"もしや: {'、'.join(map(labelled, (areas[key] for key in near)))}"
            if near
            else "地域の番号を確かめてください。",
        )
    code = read_code(area_id, form="five").code
    if code in areas:
        return areas[code]
    city = local_bodies()[code].name.split(" ")[0]
    parent = next(
        area for area in areas.values() if area.name == city and area.area_id[:2] == code[:2]
    )
    raise AreaError(
        f"{quoted(area_id)}（{local_bodies()[code].name}）は政令指定都市の区で、地域の単位ではありません。",
        expected=labelled(parent),
        advice="市の番号を指定してください。",
    )


def list_areas(kind: AreaKind, scheme_id: str = DEFAULT_SCHEME_ID) -> tuple[Area, ...]:
    """Return every area of a kind in code order; blocks in the order of their scheme.

    Examples
    --------
    >>> [len(list_areas(kind)) for kind in ("nation", "block", "prefecture", "municipality")]
    [1, 10, 47, 1741]
    """
    return tuple(area for area in areas_by_id(read_scheme(scheme_id)).values() if area.kind == kind)


def children(area: Area) -> tuple[Area, ...]:
    """Return the areas one step down, in code order; none for a municipality.

    Examples
    --------
    >>> [child.name for child in children(find_area("hokuriku"))]
    ['新潟県', '富山県', '石川県']
    """
    return tuple(
        other
        for other in areas_by_id(read_scheme(area.scheme_id)).values()
        if other.parent is not None and other.parent.area_id == area.area_id
    )


@functools.lru_cache(maxsize=16)
def areas_by_id(scheme: Scheme) -> Mapping[str, Area]:
    """Build every area under a scheme: the nation, its blocks, prefectures, municipalities.

    Examples
    --------
    >>> len(areas_by_id(read_scheme()))
    1799
    """
    every_code = tuple(prefectures())
    nation = Area(NATION_ID, "nation", "全国", "ぜんこく", every_code, None, scheme.scheme_id)
    areas = {NATION_ID: nation}
    block_of: dict[str, Area] = {}
    for block in scheme.blocks:
        area = Area(
            block.block_id,
            "block",
            block.name,
            block.kana,
            block.prefecture_codes,
            nation,
            scheme.scheme_id,
        )
        areas[block.block_id] = area
        block_of.update(dict.fromkeys(block.prefecture_codes, area))
    for code, prefecture in prefectures().items():
        areas[code] = Area(
            code,
            "prefecture",
            prefecture.name,
            prefecture.kana,
            (code,),
            block_of[code],
            scheme.scheme_id,
        )
    for code, body in local_bodies().items():
        if not body.is_ward:
            areas[code] = Area(
                code,
                "municipality",
                body.name,
                body.kana,
                (code[:2],),
                areas[code[:2]],
                scheme.scheme_id,
            )
    return MappingProxyType(areas)


def _blocks(areas: Mapping[str, Area]) -> list[Area]:
    return [area for area in areas.values() if area.kind == "block"]


def labelled(area: Area) -> str:
    """Return an area's id and name for a message.

    Examples
    --------
    >>> labelled(find_area("34208"))
    '34208（広島県府中市）'
    """
    return f"{area.area_id}（{area.full_name}）"
