"""What each source's files look like: read from ``reference_data/column_maps``, one file a source.

Yearly drift of headings is an entry there and never a branch in the code.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from gunmane_analysis.areas.master import REFERENCE_DATA, read_yaml
from gunmane_analysis.errors import SourceError
from gunmane_analysis.loaders.reading.plain_text import heading_key, split_unit

if TYPE_CHECKING:  # pandas and pandera are loaded only where a table has no column map
    from gunmane_analysis.schemas.table import Table

COLUMN_MAPS = REFERENCE_DATA / "column_maps"
DOCUMENT_SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "ssds": "社会・人口統計体系（e-Stat の API または CSV）",
        "boundaries": "行政区域の境界（国土数値情報 N03 の TopoJSON）",
        "municipal_changes": "市区町村の変更の一覧（e-Stat 統計LOD 標準地域コード）",
    }
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
    return tuple(sorted({*form_ids(), *DOCUMENT_SOURCES}))


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
    if source_id not in (*form_ids(), GENERAL):
        from gunmane_analysis.schemas.table import tables

        if source_id in tables():
            return form_of_table(tables()[source_id])
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
        headings = [*headings, name]
    adds_up = entry.get("adds_up", False)
    return Field(
        name=name,
        kind=entry["kind"],
        label=entry["label"],
        headings=tuple(_path(heading) for heading in headings),
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


def _path(heading: str) -> tuple[str, ...]:
    return tuple(split_unit(heading_key(part))[0] for part in str(heading).split("/"))


def form_of_table(model: type[Table]) -> Form:
    """Return the form of a table that has no column map of its own, from its schema.

    A column may be headed by its label or its name. Words to choose from are read from the
    column's note (``road=道路``), where it has them.
    """
    schema = model.to_schema()
    fields: dict[str, Field] = {}
    for name, described in schema.columns.items():
        choices = _choices(described)
        label = str(described.title or name)
        fields[name] = Field(
            name=name,
            kind=_kind(name, str(described.dtype), bool(choices)),
            label=label,
            headings=(_path(label.replace("/", "・")), _path(name)),
            is_required=not described.nullable,
            is_nullable=bool(described.nullable),
            unit=str((described.metadata or {}).get("unit", "")),
            choices=MappingProxyType(choices),
            note=str(described.description or ""),
        )
    unique = schema.unique or [name for name, found in schema.columns.items() if found.unique]
    return Form(
        source_id=model.table_id(),
        title=f"{schema.description}の表",
        producer="事務局の取りまとめ",
        fields=MappingProxyType(fields),
        period="none",
        register_id=model.table_id(),
        is_form=True,
        key_columns=tuple(unique if isinstance(unique, list) else [unique]),
    )


def _kind(name: str, dtype: str, has_choices: bool) -> Kind:
    if has_choices:
        return "choice"
    if name.endswith("municipality_code"):
        return "code"
    if name == "fiscal_year":
        return "fiscal_year"
    if name.endswith("_on"):
        return "date"
    if name == "block_id":
        return "block"
    return {"bool": "flag", "int64": "count", "float64": "number"}.get(dtype, "text")  # type: ignore[return-value]


def _choices(described: Any) -> dict[str, str]:
    """Return the words of a column that takes only some values, with the values they mean."""
    allowed = next(
        (check.statistics["allowed_values"] for check in described.checks if check.name == "isin"),
        None,
    )
    if allowed is None:
        return {}
    words = dict(
        part.split("=", 1) for part in str(described.description or "").split() if "=" in part
    )
    return {words.get(str(value), str(value)): str(value) for value in allowed}


def map_path(source_id: str) -> Path:
    """Return where a source's column map lies."""
    return COLUMN_MAPS / f"{source_id}.yml"
