"""One zip a prefecture: its pages, files and an index of its own, whose links work inside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from pathlib import Path

import pandas as pd

from gunmane_analysis.areas import find_area
from gunmane_analysis.findings.rendering import TEMPLATES
from gunmane_analysis.page.files import zip_bytes
from gunmane_analysis.page.index import FIGURES_NAME, render_index
from gunmane_analysis.page.records import PAGE_NAME, AreaRecord

README_NAME = "はじめにお読みください.txt"
_ENDINGS = {".xlsx": ".xlsx", "_csv.zip": "_CSV.zip", ".pdf": ".pdf"}
_HREF = re.compile(r'href="\.\./([^"]*)"')


def pack_name(prefecture_code: str, fiscal_year: int) -> str:
    """Return the name of a prefecture's zip.

    Examples
    --------
    >>> pack_name("05", 2024)
    '05_秋田県_2024年度.zip'
    """
    return f"{prefecture_code}_{find_area(prefecture_code).name}_{fiscal_year}年度.zip"


def prefecture_pack(
    target: Path,
    prefecture_code: str,
    fiscal_year: int,
    records: Iterable[AreaRecord],
    values: pd.DataFrame,
    outdated: Set[str] = frozenset(),
) -> bytes:
    """Return the zip with the pages of a prefecture and of its municipalities.

    Parameters
    ----------
    target : Path
        The year's folder.
    prefecture_code : str
    fiscal_year : int
    records : iterable of AreaRecord
        Those of the prefecture and its municipalities.
    values : DataFrame
        The figures of all areas, for the index inside.
    outdated : set of str
        Areas whose page is older than the data.
    """
    packed = tuple(records)
    index = render_index(fiscal_year, packed, (), outdated, values)
    readme = (
        (TEMPLATES / "pack.txt")
        .read_text(encoding="utf-8")
        .format(
            name=find_area(prefecture_code).name,
            year=fiscal_year,
            figures=FIGURES_NAME,
            pages="\n".join(f"{r.area_id}　{find_area(r.area_id).name}" for r in packed),
        )
    )
    files = {README_NAME: readme.replace("\n", "\r\n").encode("utf-8-sig"), **index}
    anchors = set(re.findall(r'id="(area-[^"]*)"', index[PAGE_NAME].decode("utf-8")))
    for record in packed:
        files.update(_area_files(target, record, fiscal_year, {r.area_id for r in packed}, anchors))
    return zip_bytes(files)


def _area_files(
    target: Path, record: AreaRecord, fiscal_year: int, inside: Set[str], anchors: Set[str]
) -> Mapping[str, bytes]:
    """Return an area's files, those with a table or a PDF under the area's Japanese name."""
    area_id = record.area_id
    shown = f"{find_area(area_id).name}_{fiscal_year}年度"
    html = (target / area_id / PAGE_NAME).read_text(encoding="utf-8")
    files = {}
    for ending, new in _ENDINGS.items():
        path = target / area_id / f"{area_id}{ending}"
        if path.is_file():
            files[f"{area_id}/{shown}{new}"] = path.read_bytes()
        html = html.replace(f'href="{path.name}"', f'href="{shown}{new}"')
    files[f"{area_id}/{PAGE_NAME}"] = _HREF.sub(
        lambda link: f'href="../{_inside(link[1], inside, anchors)}"', html
    ).encode("utf-8")
    return files


def _inside(link: str, inside: Set[str], anchors: Set[str]) -> str:
    """Return a link from an area's folder, to the index where what it meant is not packed."""
    place, _, anchor = link.partition("#")
    if place.partition("/")[0] in inside:
        return link
    return f"{PAGE_NAME}#{anchor}" if place == PAGE_NAME and anchor in anchors else PAGE_NAME
