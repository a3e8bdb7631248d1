"""What each source's files look like: read from ``reference_data/column_maps``, one file a source.

Yearly drift of headings is an entry there and never a branch in the code.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from gunmane_analysis.areas.master import REFERENCE_DATA, read_yaml
from gunmane_analysis.errors import SourceError
from gunmane_analysis.intake.reading.plain_text import heading_key, split_unit
from gunmane_analysis.sources import read_register

COLUMN_MAPS = REFERENCE_DATA / "column_maps"
DOCUMENT_SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "ssds": "社会・人口統計体系（e-Stat の API または CSV）",
        "boundaries": "行政区域の境界（国土数値情報 N03 の TopoJSON）",
        "municipal_changes": "市区町村の変更の一覧（e-Stat 統計LOD 標準地域コード）",
    }
)

# Tables that the secretariat collects and that have no column map: their schema is the form.
COLLECTED: tuple[str, ...] = (
    "advisors",
    "estimate_items",
    "group_conditions",
    "group_units",
    "judged_pairs",
    "step_positions",
    "support_requests",
    "technology_needs",
    "technology_seeds",
)
GENERAL = "_general"  # what is looked at in a file that is no known source

Kind = Literal[
    "code",
    "name",
    "prefecture_name",
    "fiscal_year",
    "count",
    "number",
    "money",
    "date",
    "text",
    "choice",
    "choices",
    "flag",
    "block",
]
NUMERIC: frozenset[str] = frozenset({"count", "number", "money"})
Period = Literal["fiscal_year", "year_columns", "date_in_title", "item_years", "none"]
AddsUp = Literal["no", "exact", "rounded"]


@dataclass(frozen=True)
class Field:
    """One column of a source: how it is headed, what may stand in it, how it is stored.

    ``headings`` are keys of headings, upper rows before lower ones; ``scale`` turns the
    delivered unit into the stored one (千円 to yen).
    """

    name: str
    kind: Kind
    label: str
    headings: tuple[tuple[str, ...], ...]
    is_required: bool = False
    is_nullable: bool = True
    unit: str = ""
    scale: float = 1.0
    low: float | None = None
    high: float | None = None
    adds_up: AddsUp = "no"
    is_percent: bool = False
    has_year_headings: bool = False
    items: tuple[str, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)
    example: Any = None
    note: str = ""

    @property
    def is_numeric(self) -> bool:
        """Whether its cells are numbers."""
        return self.kind in NUMERIC


@dataclass(frozen=True)
class Form:
    """A source as the intake knows it.

    Attributes
    ----------
    period : str
        Where a row's time comes from: a column or title with the fiscal year, columns named
        by year, a date in the title, a year per item, or none (an event's own dates).
    key_columns : tuple of str
        What one row is; two rows with the same key are a fault.
    complete_choices : str
        A column of choices each of which must stand once for the rest of the key.
    """

    source_id: str
    title: str
    producer: str
    fields: Mapping[str, Field]
    period: Period
    unit: str = ""
    licence: str = ""
    caveat: str = ""
    as_of: str = ""
    codes_as_of_on: str = ""
    register_id: str = ""
    is_form: bool = False
    key: Literal["code", "prefecture_and_name"] = "code"
    key_columns: tuple[str, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)
    code_form: Literal["auto", "five", "six"] = "auto"
    code_prefix: str = ""
    declared_areas: Mapping[str, str] = field(default_factory=dict)
    at_least_one_of: tuple[str, ...] = ()
    dates_in_order: tuple[str, ...] = ()
    complete_choices: str = ""
    allows_districts: bool = False
    keeps_prefectures: bool = False
    declares_former: bool = False
    year_in_file_name: bool = False
    as_of_in_title: bool = False
    explains_unknown_layout: bool = False

    @property
    def required(self) -> tuple[Field, ...]:
        """The fields without which the file is not this source."""
        return tuple(entry for entry in self.fields.values() if entry.is_required)

    @property
    def numeric(self) -> tuple[Field, ...]:
        """The fields whose cells are numbers."""
        return tuple(entry for entry in self.fields.values() if entry.is_numeric)

    def of_kind(self, kind: Kind) -> Field | None:
        """Return the first field of a kind, or None."""
        return next((entry for entry in self.fields.values() if entry.kind == kind), None)


def form_ids() -> tuple[str, ...]:
    """Return the ids of the sources that have a column map.

    Examples
    --------
    >>> "municipal_staffing" in form_ids()
    True
    """
    return tuple(sorted(path.stem for path in COLUMN_MAPS.glob("[!_]*.yml")))


def source_ids() -> tuple[str, ...]:
    """Return every source that the intake can read."""
    return tuple(sorted({*form_ids(), *DOCUMENT_SOURCES, *COLLECTED}))


@functools.cache
def read_form(source_id: str) -> Form:
    """Return what is known of a source's files.

    Raises
    ------
    SourceError
        If no column map has this id.

    Examples
    --------
    >>> read_form("contract_outcomes").fields["maintenance_cost_jpy"].scale
    1000.0
    """
    if source_id in COLLECTED:  # pandas and pandera are loaded only for these
        from gunmane_analysis.intake.table_forms import form_of_table
        from gunmane_analysis.tables.table import table_named

        return form_of_table(table_named(source_id))
    if source_id not in (*form_ids(), GENERAL):
        named = [name for name in form_ids() if read_form(name).register_id == source_id]
        if named:  # the name under which the register keeps it
            return read_form(named[0])
        if source_id in DOCUMENT_SOURCES or source_id in read_register():
            raise SourceError(
                f"「{source_id}」は公表資料から書き写した表か、配布された形のまま読む資料で、"
                "記入の様式はありません。",
                advice="配布されたファイルは、そのまま gunmane data add で登録してください。",
            )
        raise SourceError(
            f"取り込める資料に「{source_id}」はありません。",
            expected="、".join(source_ids()),
            advice="--source の指定を確かめてください。",
        )
    return _form(source_id, read_yaml(COLUMN_MAPS / f"{source_id}.yml"))


def _form(source_id: str, content: dict[str, Any]) -> Form:
    facts = dict(content)
    fields = {
        name: _field(name, entry, is_form=bool(content.get("is_form")))
        for name, entry in facts.pop("fields").items()
    }
    facts.pop("stages_in_order", None)
    for name in ("key_columns", "at_least_one_of", "dates_in_order"):
        if name in facts:
            facts[name] = tuple(facts[name])
    if "stages_in_order" in content:
        facts["dates_in_order"] = tuple(content["stages_in_order"])
    if "key_columns" not in facts:
        facts["key_columns"] = _usual_key(facts["period"])
    return Form(
        source_id=source_id, fields=MappingProxyType(fields), **{"register_id": source_id, **facts}
    )


def _usual_key(period: Period) -> tuple[str, ...]:
    return {
        "fiscal_year": ("municipality_code", "fiscal_year"),
        "date_in_title": ("municipality_code", "as_of_on"),
    }.get(period, ("municipality_code",))


def _field(name: str, entry: dict[str, Any], *, is_form: bool) -> Field:
    has_years = "year_headers" in entry
    headings = entry.get("year_headers" if has_years else "headers", [])
    if is_form and entry["kind"] != "name":  # a form may also be filed under our own names
        headings = [*headings, name, *heading_with_unit(entry["label"], entry.get("unit", ""))]
    adds_up = entry.get("adds_up", False)
    return Field(
        name=name,
        kind=entry["kind"],
        label=entry["label"],
        headings=tuple(path_of(heading) for heading in headings),
        is_required=bool(entry.get("required", False)),
        is_nullable=bool(entry.get("nullable", not entry.get("required", False))),
        unit=entry.get("unit", ""),
        scale=float(entry.get("scale", 1.0)),
        low=entry.get("low", 0 if entry["kind"] in ("count", "money") else None),
        high=entry.get("high"),
        adds_up="exact" if adds_up is True else adds_up or "no",
        is_percent=bool(entry.get("percent", False)),
        has_year_headings=has_years,
        items=tuple(entry.get("items", ())),
        choices=MappingProxyType(dict(entry.get("choices", {}))),
        example=entry.get("example"),
        note=entry.get("note", ""),
    )


def path_of(heading: str) -> tuple[str, ...]:
    """Return the keys of a heading's parts (upper rows before lower ones, ``/`` between them).

    Examples
    --------
    >>> path_of("一般行政部門/土木（人）")
    ('一般行政部門', '土木')
    """
    return tuple(split_unit(heading_key(part))[0] for part in str(heading).split("/"))


def heading_with_unit(label: str, unit: str) -> list[str]:
    """Return the heading as the form writes it, for units that are not split off when read."""
    return [f"{label}({unit.replace('/', '・')})"] if "/" in unit else []


def map_path(source_id: str) -> Path:
    """Return where a source's column map lies."""
    return COLUMN_MAPS / f"{source_id}.yml"
