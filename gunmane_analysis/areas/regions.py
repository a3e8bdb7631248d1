"""Regions as a person asks for them: ids and Japanese names in one comma-separated text."""

from __future__ import annotations

import re
import unicodedata

from gunmane_analysis.areas.lookup import Area, find_area
from gunmane_analysis.areas.schemes import DEFAULT_SCHEME_ID
from gunmane_analysis.errors import AreaError


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
    if not items:
        raise AreaError(
            "地域の指定が空です。",
            expected="tohoku,05,05204 のような番号か、秋田県 のような名前",
            advice="地域を一つ以上指定してください。",
        )
    found: list[Area] = []
    faults: list[str] = []
    for item in items:
        try:
            found.append(find_area(item, scheme_id))
        except AreaError as fault:
            faults.append(" ".join(part for part in (fault.found, fault.advice) if part))
    if faults:
        raise AreaError(
            f"地域の指定のうち {len(faults)} 件が決まりません。"
            + "".join(f"\n  ・{fault}" for fault in faults),
            expected="地方の名前（tohoku）、2桁・5桁の番号、または一つに決まる名前（秋田県）",
            advice="番号で指定し直してください。",
        )
    return tuple({area.area_id: area for area in found}.values())
