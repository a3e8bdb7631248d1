"""Nation, block, prefecture, municipality; their codes and the schemes that group them."""

from gunmane_analysis.areas.code_reading import CodeReading, read_code
from gunmane_analysis.areas.codes import check_digit, is_area_id
from gunmane_analysis.areas.lookup import (
    KIND_NAMES,
    NATION_ID,
    Area,
    AreaKind,
    children,
    find_area,
    list_areas,
)
from gunmane_analysis.areas.peers import area_with_series, comparison_areas, peers
from gunmane_analysis.areas.regions import parse_regions
from gunmane_analysis.areas.schemes import (
    DEFAULT_SCHEME_ID,
    Block,
    Scheme,
    read_scheme,
    scheme_ids,
)
from gunmane_analysis.areas.town_halls import distance_km, distances_km, town_hall, town_halls

__all__ = [
    "DEFAULT_SCHEME_ID",
    "KIND_NAMES",
    "NATION_ID",
    "Area",
    "AreaKind",
    "Block",
    "CodeReading",
    "Scheme",
    "area_with_series",
    "check_digit",
    "children",
    "comparison_areas",
    "distance_km",
    "distances_km",
    "find_area",
    "is_area_id",
    "list_areas",
    "parse_regions",
    "peers",
    "read_code",
    "read_scheme",
    "scheme_ids",
    "town_hall",
    "town_halls",
]
