"""The tables that notebooks load, each by its name."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from gunmane_analysis.intake.forms import words
from gunmane_analysis.loaders.store import kept_while_unchanged, load_table
from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.sources import is_filed, sources_in_use
from gunmane_analysis.tables import describe, table_ids

if TYPE_CHECKING:
    import pandas as pd

_KEY = ["municipality_code", "fiscal_year"]


class TableLoader:
    """Loads one table when it is called; its docstring comes from the table's description."""

    def __init__(self, table_id: str) -> None:
        self.table_id, self.__name__ = table_id, f"load_{table_id}"

    def __call__(self, *asked: object) -> pd.DataFrame:
        """Return the whole table; a year or an area is chosen afterwards, and refused here."""
        refuse_if(asked, "loader-asked", loader=self.__name__, asked=asked)
        return load_table(self.table_id)

    def __repr__(self) -> str:
        return f"{self.__name__}()"

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        return describe(self.table_id).docstring()


load_activity_plan = TableLoader("activity_plan")
load_adjacency = TableLoader("adjacency")
load_advisors = TableLoader("advisors")
load_boundaries = TableLoader("boundaries")
load_bundle_kinds = TableLoader("bundle_kinds")
load_consultation_desks = TableLoader("consultation_desks")
load_contract_cases = TableLoader("contract_cases")
load_contract_cases_public = TableLoader("contract_cases_public")
load_contract_outcomes = TableLoader("contract_outcomes")
load_contract_phases = TableLoader("contract_phases")
load_contracts = TableLoader("contracts")
load_funnel_cases = TableLoader("funnel_cases")
load_funnel_counts = TableLoader("funnel_counts")
load_group_conditions = TableLoader("group_conditions")
load_judged_pairs = TableLoader("judged_pairs")
load_kpi = TableLoader("kpi")
load_me_courses = TableLoader("me_courses")
load_membership = TableLoader("membership")
load_model_regions = TableLoader("model_regions")
load_mowing_example = TableLoader("mowing_example")
load_municipal_fiscal_index = TableLoader("municipal_fiscal_index")
load_municipal_indicators = TableLoader("municipal_indicators")
load_municipal_panel = TableLoader("municipal_panel")
load_municipal_participation = TableLoader("municipal_participation")
load_municipal_population = TableLoader("municipal_population")
load_municipal_staffing = TableLoader("municipal_staffing")
load_national_facts = TableLoader("national_facts_public")
load_national_points = TableLoader("national_points")
load_participation = TableLoader("participation")
load_population_projection = TableLoader("population_projection")
load_staffing = TableLoader("staffing")
load_standard_steps = TableLoader("standard_steps")
load_stated_effects = TableLoader("stated_effects")
load_step_positions = TableLoader("step_positions")
load_support_programmes = TableLoader("support_programmes")
load_support_requests = TableLoader("support_requests")


def load_technology_needs() -> pd.DataFrame:
    """Load ``technology_needs`` with their ``text`` (theme and requirement); none until filed.

    Examples
    --------
    >>> "text" in load_technology_needs().columns
    True
    """
    needs = load_table("technology_needs")
    return needs.assign(text=needs["technology_theme"] + "。" + needs["requirement"])


def load_technology_seeds() -> pd.DataFrame:
    """Load ``technology_seeds`` with their ``text`` (name and summary); none until filed.

    Examples
    --------
    >>> "text" in load_technology_seeds().columns
    True
    """
    seeds = load_table("technology_seeds")
    return seeds.assign(text=seeds["technology_name"] + "。" + seeds["technology_summary"])


@kept_while_unchanged(
    "group_units", "municipal_staffing", "municipal_panel", "municipal_indicators"
)
def load_group_units() -> pd.DataFrame:
    """Load ``group_units``: what each municipality would bring into a group, year by year.

    Technicians are civil engineers plus architects (定員管理調査 or the form
    ``municipal_staffing``), general staff those of SSDSE-A, 土木費 and population those of the
    municipal panel and, where it has none, of SSDSE-A. What the secretariat filed as
    ``group_units`` itself goes before all of them.

    Returns
    -------
    DataFrame
        One row per municipality and fiscal year for which any of these is filed; no rows
        while none is. An amount that no source gives for a year is missing.

    Examples
    --------
    >>> "technician_count" in load_group_units().columns
    True
    """
    import pandas as pd

    from gunmane_analysis.tables.people import technician_counts

    staffing = load_table("municipal_staffing")
    panel = load_table("municipal_panel").rename(columns={"fiscal_strength_index": "fiscal_index"})
    filed = load_table("group_units")
    technicians = staffing.assign(technician_count=technician_counts(staffing))
    parts = [filed, technicians, panel, load_table("municipal_indicators")]
    if all(part.empty for part in parts):
        return filed
    group_types = {name: each.dtype for name, each in describe("group_units").columns.items()}
    columns = [name for name in group_types if name not in _KEY]
    keyed = [part.set_index(_KEY)[[n for n in columns if n in part]] for part in parts]
    units = functools.reduce(pd.DataFrame.combine_first, keyed).reindex(columns=columns)
    units = units.assign(is_synthetic=units["is_synthetic"].eq(True)).reset_index()
    return units.astype(group_types)  # each part was checked when it was built


def load_register_status() -> pd.DataFrame:
    """List the registers that the secretariat may file, with the rows that have arrived.

    Returns
    -------
    DataFrame
        One row per register: ``theme``, ``source_id``, ``title``, ``grain``, ``answers``,
        ``is_filed`` and ``row_count`` (0 while nothing is filed).

    Examples
    --------
    >>> load_register_status()["source_id"].tolist()[:2]
    ['step_positions', 'municipal_participation']
    """
    import pandas as pd

    themes = words()["themes"]
    registers = [table for table in map(describe, table_ids()) if table.answers]
    return pd.DataFrame(
        {
            "theme": table.shown[0],
            "source_id": table.table_id,
            "title": table.title,
            "grain": table.grain,
            "answers": table.answers,
            "is_filed": any(map(is_filed, table.sources)),
            "row_count": len(load_table(table.table_id)),
        }
        for table in sorted(registers, key=lambda table: themes.index(table.shown[0]))
    )


def load_profile_filings() -> pd.DataFrame:
    """List the sources of the municipal tables that the profile uses.

    Returns
    -------
    DataFrame
        One row per source: ``source_id``, ``title``, ``answers``, ``how``, ``is_filed`` (or
        shipped) and ``state``.

    Examples
    --------
    >>> "municipal_staffing" in load_profile_filings()["source_id"].tolist()
    True
    """
    import pandas as pd

    return pd.DataFrame(
        {
            "source_id": source_id,
            "title": facts.get("title", table.title),
            "answers": facts["answers"],
            "how": f"gunmane data template {source_id} で様式を作り、記入して登録"
            if facts.get("is_form")
            else "配布元のファイルを gunmane data add で登録",
            "is_filed": bool(used := sources_in_use(source_id)),
            "state": "未登録" if not used else "登録済み" if source_id in used else "同梱の公表値",
        }
        for table in map(describe, table_ids())
        if "profile" in table.shown
        for source_id, facts in table.sources.items()
        if "answers" in facts
    )
