"""Every processed table, built or refreshed one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import pandas as pd

from gunmane_analysis.loaders.contracts import (
    load_bundle_kinds,
    load_contract_cases,
    load_contract_cases_public,
    load_contract_phases,
    load_mowing_example,
    load_stated_effects,
)
from gunmane_analysis.loaders.filed import is_filed, load_filed_table
from gunmane_analysis.loaders.funnel import (
    load_activity_plan,
    load_kpi,
    load_membership,
    load_participation,
)
from gunmane_analysis.loaders.funnel_filings import load_funnel_cases, load_funnel_counts
from gunmane_analysis.loaders.groups import load_adjacency
from gunmane_analysis.loaders.municipal import SOURCES, load_municipal
from gunmane_analysis.loaders.shipped import SHIPPED, shipped_sources
from gunmane_analysis.loaders.staffing import (
    load_national_facts,
    load_national_points,
    load_staffing,
)
from gunmane_analysis.loaders.steps import load_standard_steps
from gunmane_analysis.loaders.support import (
    load_consultation_desks,
    load_me_courses,
    load_support_programmes,
)
from gunmane_analysis.sources import find_source, read_register
from gunmane_analysis.tables.groups import Adjacency
from gunmane_analysis.tables.table import tables

# Tables that are keyed in from documents, or checked beyond their form.
_OWN_LOADERS: Mapping[str, Callable[[], pd.DataFrame]] = MappingProxyType(
    {
        "activity_plan": load_activity_plan,
        "adjacency": load_adjacency,
        "bundle_kinds": load_bundle_kinds,
        "consultation_desks": load_consultation_desks,
        "contract_cases": load_contract_cases,
        "contract_cases_public": load_contract_cases_public,
        "contract_phases": load_contract_phases,
        "funnel_cases": load_funnel_cases,
        "funnel_counts": load_funnel_counts,
        "kpi": load_kpi,
        "me_courses": load_me_courses,
        "membership": load_membership,
        "mowing_example": load_mowing_example,
        "national_facts_public": load_national_facts,
        "national_points": load_national_points,
        "participation": load_participation,
        "standard_steps": load_standard_steps,
        "stated_effects": load_stated_effects,
        "support_programmes": load_support_programmes,
    }
)
# Read into other tables, or built last.
_PARTS_OF_OTHERS = {"staffing", "national_points"} | {
    name for names, _ in SHIPPED.values() for name in names
}


@dataclass(frozen=True)
class Built:
    """A table after its building; ``rows`` is None where its source is not filed."""

    table_id: str
    rows: int | None
    seconds: float
    reason: str = ""


def table_builders() -> Mapping[str, Callable[[], pd.DataFrame] | None]:
    """Return how each table of delivered files is loaded; None where it is not filed."""
    found: dict[str, Callable[[], pd.DataFrame] | None] = {}
    for model, source_ids in SOURCES.items():
        filed = any(map(is_filed, source_ids)) or bool(shipped_sources(model))
        found[model.table_id()] = partial(load_municipal, model) if filed else None
    for table_id, model in tables().items():
        if table_id in found or table_id in _PARTS_OF_OTHERS:
            continue
        if table_id not in read_register():
            found[table_id] = None
        elif find_source(table_id).document is None:
            found[table_id] = partial(load_filed_table, model)
    register = read_register()
    found |= {
        name: load
        for name, load in _OWN_LOADERS.items()
        if name in register or (name == "adjacency" and shipped_sources(Adjacency))
    }
    # last, because items fetched from e-Stat lengthen it
    found["staffing"] = load_staffing
    return found


def build_all(builders: Mapping[str, Callable[[], pd.DataFrame] | None]) -> Iterator[Built]:
    """Yield each table as it is built.

    Raises
    ------
    SourceError, SchemaError
        If a registered file is missing, altered or faulty.
    """
    for table_id, load in builders.items():
        started = time.monotonic()
        if load is None:
            yield Built(table_id, None, 0.0, "登録がありません")
            continue
        rows = len(load())
        yield Built(table_id, rows, time.monotonic() - started)
