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
from .loaders.contracts import load_bundle_kinds as load_bundle_kinds
from .loaders.contracts import load_contract_cases as load_contract_cases
from .loaders.contracts import load_contract_phases as load_contract_phases
from .loaders.contracts import load_cost_illustration as load_cost_illustration
from .loaders.contracts import load_mowing_example as load_mowing_example
from .loaders.contracts import load_stated_effects as load_stated_effects
from .loaders.support import load_consultation_desks as load_consultation_desks
from .loaders.support import load_me_courses as load_me_courses
from .loaders.support import load_support_programmes as load_support_programmes
from .metrics.contracts import bundle_kinds as bundle_kinds
from .metrics.contracts import contract_cases as contract_cases
from .metrics.contracts import contract_phases as contract_phases
from .metrics.contracts import desks_of as desks_of
from .metrics.contracts import mowing_break_even as mowing_break_even
from .metrics.contracts import nearest_cases as nearest_cases
from .metrics.contracts import stated_effects as stated_effects
from .metrics.estimator import cost_comparison as cost_comparison
from .report.findings.contracts import bundle_kinds_finding as bundle_kinds_finding
from .report.findings.contracts import (
    consultation_desks_finding as consultation_desks_finding,
)
from .report.findings.contracts import contract_cases_finding as contract_cases_finding
from .report.findings.contracts import contract_phases_finding as contract_phases_finding
from .report.findings.contracts import (
    mowing_break_even_finding as mowing_break_even_finding,
)
from .report.findings.contracts import nearest_cases_finding as nearest_cases_finding
from .report.findings.contracts import stated_effects_finding as stated_effects_finding
from .report.findings.estimator import (
    cost_comparison_finding as cost_comparison_finding,
)
