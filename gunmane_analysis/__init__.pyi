from .areas import Area as Area
from .areas import children as children
from .areas import comparison_areas as comparison_areas
from .areas import find_area as find_area
from .areas import list_areas as list_areas
from .areas import peers as peers
from .loaders.contracts import load_bundle_kinds as load_bundle_kinds
from .loaders.contracts import load_contract_cases as load_contract_cases
from .loaders.contracts import load_contract_phases as load_contract_phases
from .loaders.contracts import load_cost_illustration as load_cost_illustration
from .loaders.contracts import load_mowing_example as load_mowing_example
from .loaders.contracts import load_stated_effects as load_stated_effects
from .loaders.funnel import load_activity_plan as load_activity_plan
from .loaders.funnel import load_kpi as load_kpi
from .loaders.funnel import load_membership as load_membership
from .loaders.funnel import load_participation as load_participation
from .loaders.funnel_filings import load_funnel_cases as load_funnel_cases
from .loaders.funnel_filings import load_funnel_counts as load_funnel_counts
from .loaders.groups import load_model_regions as load_model_regions
from .loaders.participation import load_municipal_participation as load_municipal_participation
from .loaders.registers import load_register_status as load_register_status
from .loaders.staffing import load_national_points as load_national_points
from .loaders.staffing import load_staffing as load_staffing
from .loaders.steps import load_standard_steps as load_standard_steps
from .loaders.steps import load_step_positions as load_step_positions
from .loaders.support import load_consultation_desks as load_consultation_desks
from .loaders.support import load_me_courses as load_me_courses
from .loaders.support import load_support_programmes as load_support_programmes
from .metrics.concentration import staffing_concentration as staffing_concentration
from .metrics.concentration import technician_thresholds as technician_thresholds
from .metrics.concentration import threshold_counts as threshold_counts
from .metrics.contracts import bundle_kinds as bundle_kinds
from .metrics.contracts import contract_cases as contract_cases
from .metrics.contracts import contract_phases as contract_phases
from .metrics.contracts import mowing_break_even as mowing_break_even
from .metrics.contracts import nearest_cases as nearest_cases
from .metrics.contracts import stated_effects as stated_effects
from .metrics.estimator import cost_comparison as cost_comparison
from .metrics.funnel import conversion_rates as conversion_rates
from .metrics.funnel import funnel_readings as funnel_readings
from .metrics.funnel import published_counts as published_counts
from .metrics.funnel_activities import activities_by_kind as activities_by_kind
from .metrics.funnel_activities import pitch_to_trial_lags as pitch_to_trial_lags
from .metrics.funnel_activities import planned_activities as planned_activities
from .metrics.funnel_activities import planned_trials as planned_trials
from .metrics.funnel_areas import area_funnel as area_funnel
from .metrics.funnel_areas import counts_of_cases as counts_of_cases
from .metrics.funnel_groups import compare_forums as compare_forums
from .metrics.funnel_groups import compare_groups as compare_groups
from .metrics.funnel_kpi import kpi_progress as kpi_progress
from .metrics.funnel_kpi import membership_trend as membership_trend
from .metrics.funnel_kpi import participation_rates as participation_rates
from .metrics.funnel_rates import estimate_rate as estimate_rate
from .metrics.funnel_rates import rate_difference as rate_difference
from .metrics.next_step import next_step as next_step
from .metrics.panel import combine_merged as combine_merged
from .metrics.panel import two_way_effects as two_way_effects
from .metrics.participation import not_joined as not_joined
from .metrics.participation import participation_by_area as participation_by_area
from .metrics.projection import staffing_projection as staffing_projection
from .metrics.shared_decline import decline_split as decline_split
from .metrics.shared_decline import decline_splits as decline_splits
from .metrics.shrinkage import beta_binomial_shrinkage as beta_binomial_shrinkage
from .metrics.staffing import rounding_ranges as rounding_ranges
from .metrics.staffing import staffing_comparison as staffing_comparison
from .metrics.staffing import staffing_density as staffing_density
from .metrics.staffing import staffing_index as staffing_index
from .metrics.staffing import staffing_trend as staffing_trend
from .metrics.steps import step_counts as step_counts
from .metrics.steps import step_durations as step_durations
from .metrics.steps import step_standing as step_standing
from .metrics.steps import step_stays as step_stays
from .metrics.support import desks_of as desks_of
from .metrics.trend_breaks import staffing_breaks as staffing_breaks
from .report.findings.contract_steps import bundle_kinds_finding as bundle_kinds_finding
from .report.findings.contract_steps import contract_phases_finding as contract_phases_finding
from .report.findings.contract_steps import mowing_break_even_finding as mowing_break_even_finding
from .report.findings.contract_steps import stated_effects_finding as stated_effects_finding
from .report.findings.contracts import contract_cases_finding as contract_cases_finding
from .report.findings.contracts import nearest_cases_finding as nearest_cases_finding
from .report.findings.estimator import cost_comparison_finding as cost_comparison_finding
from .report.findings.funnel import area_funnel_finding as area_funnel_finding
from .report.findings.funnel import forum_comparison_finding as forum_comparison_finding
from .report.findings.funnel import funnel_finding as funnel_finding
from .report.findings.funnel_activities import activity_finding as activity_finding
from .report.findings.funnel_activities import trial_finding as trial_finding
from .report.findings.funnel_kpi import kpi_finding as kpi_finding
from .report.findings.funnel_kpi import membership_finding as membership_finding
from .report.findings.funnel_kpi import participation_finding as participation_finding
from .report.findings.participation import (
    municipal_participation_finding as municipal_participation_finding,
)
from .report.findings.staffing import national_points_finding as national_points_finding
from .report.findings.staffing import peer_panels_finding as peer_panels_finding
from .report.findings.staffing import staffing_comparison_finding as staffing_comparison_finding
from .report.findings.staffing import staffing_density_finding as staffing_density_finding
from .report.findings.staffing import staffing_index_finding as staffing_index_finding
from .report.findings.staffing import staffing_trend_finding as staffing_trend_finding
from .report.findings.staffing_course import staffing_breaks_finding as staffing_breaks_finding
from .report.findings.staffing_course import (
    staffing_projection_finding as staffing_projection_finding,
)
from .report.findings.staffing_parts import shared_decline_finding as shared_decline_finding
from .report.findings.staffing_parts import (
    staffing_concentration_finding as staffing_concentration_finding,
)
from .report.findings.staffing_parts import (
    technician_thresholds_finding as technician_thresholds_finding,
)
from .report.findings.steps import next_step_finding as next_step_finding
from .report.findings.steps import registers_finding as registers_finding
from .report.findings.steps import step_standing_finding as step_standing_finding
from .report.findings.support import consultation_desks_finding as consultation_desks_finding
