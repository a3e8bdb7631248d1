"""What each source's files look like, from the description of the table that they fill.

Yearly drift of headings is an entry in ``tables/<table>.yml`` and never a branch in the code.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from gunmane_analysis.errors import SourceError
from gunmane_analysis.intake.reading.plain_text import heading_key, split_unit
from gunmane_analysis.sources import read_register
from gunmane_analysis.tables import ColumnDescription, TableDescription, describe, table_of_source

# Headings of the standard data sets of デジタル庁 (推奨データセット), read in every table.
_STANDARD_HEADINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "code": ("全国地方公共団体コード", "都道府県コード又は市区町村コード", "市区町村コード"),
        "name": ("地方公共団体名", "団体名", "市区町村名"),
        "prefecture_name": ("都道府県名",),
    }
)
_EXAMPLES: Mapping[str, Any] = MappingProxyType(
    {
        "code": "052043",
        "fiscal_year": 2024,
        "count": 1,
        "number": 1,
        "money": 1000,
        "name": "大館市",
        "date": "2024-04-01",
        "text": "例",
        "flag": "有",
        "block": "東北",
    }
)

Kind = Literal[
    "code",
    "name",
    "prefecture_name",
    "prefecture",
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
    delivered unit into the stored one (千円 to yen); ``part_of`` names the fields that it may
    not exceed; from ``watch_fold`` times another year's figure on, a warning is due.
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
    part_of: tuple[str, ...] = ()
    watch_fold: float = 0.0
    is_percent: bool = False
    has_year_headings: bool = False
    items: tuple[str, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)
    synonyms: Mapping[str, str] = field(default_factory=dict)
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
    narrowing : tuple of str
        A count, and the column and value by which each of these choices is contained in the
        one before, so that it cannot count more.
    notes_in_parentheses : bool
        Whether a figure in parentheses is a positive one with a note, not a negative one.
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
    narrowing: tuple[str, ...] = ()
    notes_in_parentheses: bool = False
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


def _facts(source_id: str) -> Mapping[str, Any]:
    return describe(table_of_source()[source_id]).sources[source_id]


@functools.cache
def document_sources() -> Mapping[str, str]:
    """Return the titles of the sources that are no table on a sheet (JSON, TopoJSON)."""
    return MappingProxyType(
        {name: _facts(name)["title"] for name in table_of_source() if "is_document" in _facts(name)}
    )


@functools.cache
def form_ids() -> tuple[str, ...]:
    """Return the ids of the sources whose headings are listed.

    Examples
    --------
    >>> "municipal_staffing" in form_ids()
    True
    """
    return tuple(sorted(name for name in table_of_source() if "fields" in _facts(name)))


@functools.cache
def collected_ids() -> tuple[str, ...]:
    """Return the ids of the sources that are filed in our form alone, headed as it heads them."""
    return tuple(
        name
        for name in sorted(table_of_source())
        if _facts(name).get("is_form") and "fields" not in _facts(name)
    )


def source_ids() -> tuple[str, ...]:
    """Return every source that the intake can read."""
    return tuple(sorted({*form_ids(), *document_sources(), *collected_ids()}))


@functools.cache
def read_form(source_id: str) -> Form:
    """Return what is known of a source's files.

    Raises
    ------
    SourceError
        If no source of this id is read by its headings.

    Examples
    --------
    >>> read_form("contract_outcomes").fields["maintenance_cost_jpy"].scale
    1000.0
    """
    if source_id in (*form_ids(), *collected_ids()):
        return _form(source_id, _facts(source_id), describe(table_of_source()[source_id]))
    if source_id in table_of_source() or source_id in read_register():
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


def _form(source_id: str, content: Mapping[str, Any], table: TableDescription | None) -> Form:
    facts = {name: value for name, value in content.items() if name != "answers"}
    is_form = bool(facts.get("is_form"))
    entries: dict[str, dict[str, Any]] = dict(facts.pop("fields", {}))
    columns = dict(table.columns) if table else {}
    if table and is_form:  # a form asks for every column, with the name after the code
        names = [name for name, column in columns.items() if not column.is_derived]
        after = names.index("municipality_code") + 1 if "municipality_code" in names else 0
        names[after:after] = [name for name in entries if name not in columns]
        is_collected = "fields" not in content
        entries = {
            name: entries.get(name, {"example": _example(columns[name])} if is_collected else {})
            for name in names
        }
    facts.setdefault("period", "none")
    for name in ("at_least_one_of", "dates_in_order", "narrowing"):
        facts[name] = tuple(facts.get(name, ()))
    facts["key_columns"] = tuple(
        facts["key_columns"]
        if "key_columns" in facts
        else table.key
        if table and (is_form or facts["period"] == "none")
        else _usual_key(facts["period"])
    )
    fields = {
        name: _field(name, columns.get(name), entry, is_form=is_form)
        for name, entry in entries.items()
    }
    facts.setdefault("title", f"{table.title}（事務局の様式）" if table else "")
    return Form(source_id=source_id, fields=MappingProxyType(fields), **facts)


def _example(column: ColumnDescription) -> Any:
    return column.example or next(iter(column.words.values()), _EXAMPLES.get(column.kind))


def _usual_key(period: Period) -> tuple[str, ...]:
    return {
        "fiscal_year": ("municipality_code", "fiscal_year"),
        "date_in_title": ("municipality_code", "as_of_on"),
    }.get(period, ("municipality_code",))


def _field(
    name: str, column: ColumnDescription | None, entry: Mapping[str, Any], *, is_form: bool
) -> Field:
    """Return a field: what the column says, with what is different in this source's files."""
    is_required = is_form and column is not None and not column.nullable
    column = column or ColumnDescription(name, kind=entry["kind"], label=entry["label"])
    kind, label = entry.get("kind", column.kind), entry.get("label", column.label)
    unit = entry.get("unit", column.unit)
    is_required = bool(entry.get("required", is_required))
    headings = [*entry.get("headers", ()), *entry.get("year_headers", ())]
    if is_form:
        written = label.replace("/", "・")
        headings += [written, name, *heading_with_unit(written, unit)]
    if (kind, name) == ("code", "municipality_code") or kind in ("name", "prefecture_name"):
        headings += _STANDARD_HEADINGS[kind]
    low = entry.get("low", column.low)
    adds_up = entry.get("adds_up", False)
    return Field(
        name=name,
        kind=kind,
        label=label,
        headings=tuple(dict.fromkeys(path_of(heading) for heading in headings)),
        is_required=is_required,
        is_nullable=bool(entry.get("nullable", not is_required)),
        unit=unit,
        scale=float(entry.get("scale", 1.0)),
        low=0 if low is None and kind in ("count", "money") else low,
        high=entry.get("high", column.high),
        adds_up="exact" if adds_up is True else adds_up or "no",
        part_of=tuple(entry.get("part_of", column.part_of)),
        watch_fold=float(entry.get("watch_fold", column.watch_fold)),
        is_percent=bool(entry.get("percent", False)),
        has_year_headings="year_headers" in entry,
        items=tuple(entry.get("items", ())),
        choices=MappingProxyType({word: value for value, word in column.words.items()}),
        synonyms=MappingProxyType(dict(column.synonyms)),
        example=entry.get("example", column.example) if is_form else None,
        note=entry.get("note", column.note) if is_form and kind != "choices" else "",
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
