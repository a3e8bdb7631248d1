"""Nation, block, prefecture, municipality; their codes and the schemes that group them."""

from gunmane_analysis.areas.code_reading import read_code as read_code
from gunmane_analysis.areas.codes import check_digit as check_digit
from gunmane_analysis.areas.lookup import KIND_NAMES as KIND_NAMES
from gunmane_analysis.areas.lookup import NATION_ID as NATION_ID
from gunmane_analysis.areas.lookup import Area as Area
from gunmane_analysis.areas.lookup import AreaKind as AreaKind
from gunmane_analysis.areas.lookup import AreaLike as AreaLike
from gunmane_analysis.areas.lookup import area_with_series as area_with_series
from gunmane_analysis.areas.lookup import children as children
from gunmane_analysis.areas.lookup import comparison_areas as comparison_areas
from gunmane_analysis.areas.lookup import find_area as find_area
from gunmane_analysis.areas.lookup import find_areas as find_areas
from gunmane_analysis.areas.lookup import list_areas as list_areas
from gunmane_analysis.areas.lookup import parse_regions as parse_regions
from gunmane_analysis.areas.lookup import peers as peers
from gunmane_analysis.areas.master import distances_km as distances_km
from gunmane_analysis.areas.master import town_hall as town_hall
from gunmane_analysis.areas.schemes import DEFAULT_SCHEME_ID as DEFAULT_SCHEME_ID
from gunmane_analysis.areas.schemes import Scheme as Scheme
from gunmane_analysis.areas.schemes import read_scheme as read_scheme
from gunmane_analysis.areas.schemes import scheme_ids as scheme_ids
