from .areas import Area as Area
from .areas import children as children
from .areas import comparison_areas as comparison_areas
from .areas import find_area as find_area
from .areas import list_areas as list_areas
from .areas import peers as peers
from .loaders.staffing import load_national_points as load_national_points
from .loaders.staffing import load_staffing as load_staffing
from .metrics.staffing import rounding_ranges as rounding_ranges
from .metrics.staffing import staffing_comparison as staffing_comparison
from .metrics.staffing import staffing_density as staffing_density
from .metrics.staffing import staffing_index as staffing_index
from .metrics.staffing import staffing_trend as staffing_trend
from .report.findings.staffing import (
    national_points_finding as national_points_finding,
)
from .report.findings.staffing import peer_panels_finding as peer_panels_finding
from .report.findings.staffing import (
    staffing_comparison_finding as staffing_comparison_finding,
)
from .report.findings.staffing import (
    staffing_density_finding as staffing_density_finding,
)
from .report.findings.staffing import (
    staffing_index_finding as staffing_index_finding,
)
from .report.findings.staffing import (
    staffing_trend_finding as staffing_trend_finding,
)
