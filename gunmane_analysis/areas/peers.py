"""Which areas stand beside an area when it is compared."""

from __future__ import annotations

from gunmane_analysis.areas.lookup import Area, children, list_areas


def peers(area: Area) -> tuple[Area, ...]:
    """Return the areas of one rank among which an area is read, in code order.

    For the nation its blocks; for a block its prefectures; for a prefecture those of its
    block; for a municipality those of its prefecture. A block of a single prefecture
    (Hokkaido, Okinawa) is read among the blocks.

    Examples
    --------
    >>> from gunmane_analysis.areas.lookup import find_area
    >>> [peer.area_id for peer in peers(find_area("36"))]
    ['36', '37', '38', '39']
    >>> len(peers(find_area("okinawa")))
    10
    """
    if area.kind == "municipality":
        return children(area.ancestor("prefecture"))
    group = area.ancestor("block") if area.kind == "prefecture" else area
    members = children(group)
    return members if len(members) > 1 else list_areas("block", area.scheme_id)


def area_with_series(area: Area) -> Area:
    """Return the area itself, or the prefecture of a municipality.

    Series by prefecture say nothing of a single municipality; a theme that rests on them shows
    the prefecture's figures on a municipality's page, and says so.

    Examples
    --------
    >>> from gunmane_analysis.areas.lookup import find_area
    >>> area_with_series(find_area("05204")).name, area_with_series(find_area("tohoku")).name
    ('秋田県', '東北')
    """
    return area.ancestor("prefecture") if area.kind == "municipality" else area


def comparison_areas(area: Area) -> tuple[Area, ...]:
    """Return the area, the distinct ones above it, and its peers, each once, in this order.

    Examples
    --------
    >>> from gunmane_analysis.areas.lookup import find_area
    >>> [other.area_id for other in comparison_areas(find_area("36"))]
    ['36', 'shikoku', 'japan', '37', '38', '39']
    >>> [other.area_id for other in comparison_areas(find_area("01"))][:3]
    ['01', 'japan', 'tohoku']
    """
    twice_told = set(area.lineage) - set(area.distinct_lineage)
    beside = dict.fromkeys((*area.distinct_lineage, *peers(area)))
    return tuple(other for other in beside if other not in twice_told)
