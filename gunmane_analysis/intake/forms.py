"""What each source's files look like, from the description of the table that they fill.

Yearly drift of headings is an entry in ``tables/<table>.yml`` and never a branch in the code.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from gunmane_analysis.intake.reading.plain_text import bare_key
from gunmane_analysis.paths import read_yaml
from gunmane_analysis.refusals import refusal
from gunmane_analysis.sources import read_register
from gunmane_analysis.tables import ColumnDescription, TableDescription, describe, table_of_source

_FOR_OTHERS = ("answers", "unit", "licence", "as_of")  # facts of a source for pages and register


@dataclass(frozen=True)
class Field(ColumnDescription):
    """A column of a table as a source delivers it: how it is headed, in which unit.

    ``headings`` are keys of headings, upper rows before lower ones; ``scale`` turns the
    delivered unit into the stored one (千円 to yen).
    """

    headings: tuple[tuple[str, ...], ...] = ()
    is_required: bool = False
    scale: float = 1.0
    adds_up: Literal["no", "exact", "rounded"] = "no"
    is_percent: bool = False
    has_year_headings: bool = False
    items: tuple[str, ...] = ()

    @property
    def is_numeric(self) -> bool:
        """Whether its cells are numbers."""
        return self.kind in ("count", "number", "money")


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
    period: Literal["fiscal_year", "year_columns", "date_in_title", "item_years", "none"]
    caveat: str = ""
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


@functools.cache
def words() -> Mapping[str, Any]:
    """Return the words of the intake that no single issue needs, and of columns by kind."""
    found: Mapping[str, Any] = read_yaml(Path(__file__).with_name("words.yml"))
    return found


def _facts(source_id: str) -> Mapping[str, Any]:
    return describe(table_of_source()[source_id]).sources[source_id]


@functools.cache
def sources_with(fact: str) -> tuple[str, ...]:
    """Return the ids of the sources of which a fact is stated, in alphabetical order.

    ``fields``: those whose headings are listed; ``is_form``: those filed in our form;
    ``is_document``: those that are no table on a sheet (JSON, TopoJSON).

    Examples
    --------
    >>> "municipal_staffing" in sources_with("fields")
    True
    """
    return tuple(sorted(name for name in table_of_source() if _facts(name).get(fact)))


def source_ids() -> tuple[str, ...]:
    """Return every source that the intake can read."""
    facts = ("fields", "is_document", "is_form")
    return tuple(sorted({name for fact in facts for name in sources_with(fact)}))


def title_of(source_id: str) -> str:
    """Return the Japanese title of a source."""
    facts = _facts(source_id)
    return str(facts["title"] if facts.get("is_document") else read_form(source_id).title)


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
    if source_id in (*sources_with("fields"), *sources_with("is_form")):
        return _form(source_id, _facts(source_id), describe(table_of_source()[source_id]))
    is_known = source_id in table_of_source() or source_id in read_register()
    code = "form-none" if is_known else "form-unknown"
    raise refusal(code, source_id=source_id, known=source_ids())


def _form(source_id: str, content: Mapping[str, Any], table: TableDescription) -> Form:
    facts: dict[str, Any] = {"period": "none", "title": f"{table.title}（事務局の様式）"}
    facts |= {name: value for name, value in content.items() if name not in _FOR_OTHERS}
    is_form = bool(facts.get("is_form"))
    entries: dict[str, dict[str, Any]] = dict(facts.pop("fields", {}))
    if is_form:  # a form asks for every column, with the name after the code
        names = [name for name, column in table.columns.items() if not column.is_derived]
        after = names.index("municipality_code") + 1 if "municipality_code" in names else 0
        names[after:after] = [name for name in entries if name not in table.columns]
        blank = {} if entries else {name: _example(table.columns[name]) for name in names}
        entries = {name: entries.get(name, blank.get(name, {})) for name in names}
    usual = {"fiscal_year": ("fiscal_year",), "date_in_title": ("as_of_on",)}
    by_period = ("municipality_code", *usual.get(facts["period"], ()))
    is_by_key = is_form or facts["period"] == "none"
    facts.setdefault("key_columns", table.key if is_by_key else by_period)
    for name in ("key_columns", "at_least_one_of", "dates_in_order", "narrowing"):
        facts[name] = tuple(facts.get(name, ()))
    fields = {
        name: _field(name, table.columns.get(name), entry, is_form=is_form)
        for name, entry in entries.items()
    }
    return Form(source_id=source_id, fields=MappingProxyType(fields), **facts)


def _example(column: ColumnDescription) -> dict[str, Any]:
    chosen = next(iter(column.words.values()), words()["kinds"].get(column.kind, {}).get("example"))
    return {"example": column.example or chosen}


def _field(
    name: str, column: ColumnDescription | None, entry: Mapping[str, Any], *, is_form: bool
) -> Field:
    """Return a field: what the column says, with what is different in this source's files."""
    is_required = bool(entry.get("required", is_form and column and not column.nullable))
    column = column or ColumnDescription(name, kind=entry["kind"], label=entry["label"])
    facts = {each: entry.get(each, value) for each, value in vars(column).items()}
    facts["part_of"] = tuple(facts["part_of"])
    kind, unit = facts["kind"], facts["unit"]
    headings = [*entry.get("headers", ()), *entry.get("year_headers", ())]
    if is_form:
        headings.append(facts["label"].replace("/", "・"))
        # as the form writes them, for units that are not split off when read
        headings += [f"{each}({unit.replace('/', '・')})" for each in headings if unit]
        headings.append(name)
    if kind != "code" or name == "municipality_code":
        headings += words()["kinds"].get(kind, {}).get("headings", ())
    if facts["low"] is None and kind in ("count", "money"):
        facts["low"] = 0
    if not is_form:
        facts |= {"example": None, "note": ""}
    elif kind == "choices":
        facts["note"] = ""
    adds_up = entry.get("adds_up", False)
    facts["nullable"] = bool(entry.get("nullable", not is_required))
    return Field(
        **facts,
        headings=tuple(dict.fromkeys(map(path_of, headings))),
        is_required=is_required,
        scale=float(entry.get("scale", 1.0)),
        adds_up="exact" if adds_up is True else adds_up or "no",
        is_percent=bool(entry.get("percent", False)),
        has_year_headings="year_headers" in entry,
        items=tuple(entry.get("items", ())),
    )


def path_of(heading: str) -> tuple[str, ...]:
    """Return the keys of a heading's parts (upper rows before lower ones, ``/`` between them).

    Examples
    --------
    >>> path_of("一般行政部門/土木（人）")
    ('一般行政部門', '土木')
    """
    return tuple(map(bare_key, str(heading).split("/")))
