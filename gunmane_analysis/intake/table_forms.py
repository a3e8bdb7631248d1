"""The form of a table that has no column map of its own, read from its schema."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from gunmane_analysis.intake.forms import Field, Form, Kind, heading_with_unit, path_of
from gunmane_analysis.tables.table import Table

_EXAMPLES: Mapping[str, str] = {
    "code": "052043",
    "fiscal_year": "2024",
    "count": "1",
    "number": "1",
    "money": "1000",
    "name": "大館市",
    "date": "2024-04-01",
    "text": "例",
    "flag": "有",
    "block": "東北",
}


_DATES_IN_ORDER = ("entered_on", "as_of_on")


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
        kind = _kind(name, str(described.dtype), bool(choices))
        kind = "choices" if _is_list(described) else kind
        fields[name] = Field(
            name=name,
            kind=kind,
            example=next(iter(choices), _EXAMPLES.get(kind)),
            label=label,
            headings=(
                path_of(label.replace("/", "・")),
                path_of(name),
                *map(path_of, heading_with_unit(label.replace("/", "・"), _unit(described))),
            ),
            is_required=not described.nullable,
            is_nullable=bool(described.nullable),
            unit=_unit(described),
            low=_limit(described, "greater_than_or_equal_to", "min_value"),
            high=_limit(described, "less_than_or_equal_to", "max_value"),
            choices=MappingProxyType(choices),
            note="" if kind == "choices" else _note(described),
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
        dates_in_order=_DATES_IN_ORDER if set(_DATES_IN_ORDER) <= set(fields) else (),
    )


def _kind(name: str, dtype: str, has_choices: bool) -> Kind:
    if has_choices:
        return "choice"
    if name.endswith("municipality_code"):
        return "code"
    if name == "body_name":
        return "name"
    if name == "fiscal_year":
        return "fiscal_year"
    if name.endswith("_on"):
        return "date"
    if name == "block_id":
        return "block"
    return {"bool": "flag", "int64": "count", "float64": "number"}.get(dtype, "text")  # type: ignore[return-value]


def _choices(described: Any) -> dict[str, str]:
    """Return the words of a column that takes only some values, with the values they mean."""
    words = dict(
        part.split("=", 1)
        for part in re.split(r"[\s。]+", str(described.description or ""))
        if "=" in part
    )
    if _is_list(described):
        return {label: name for name, label in words.items()}
    allowed = next(
        (check.statistics["allowed_values"] for check in described.checks if check.name == "isin"),
        None,
    )
    if allowed is None:
        return {}
    return {words.get(str(value), str(value)): str(value) for value in allowed}


def _limit(described: Any, check: str, name: str) -> float | None:
    """Return a limit of a column of numbers, where its schema has one."""
    if str(described.dtype) not in ("int64", "float64"):
        return None
    found = [each.statistics[name] for each in described.checks if each.name == check]
    return float(found[0]) if found else None


def _note(described: Any) -> str:
    """Return the note without the pairs of value and word, which the form's list shows."""
    return re.sub(r"[a-z_]+=[^\s。]+[\s。]*", "", str(described.description or "")).strip()


def _is_list(described: Any) -> bool:
    """Whether a column holds several of the words of its note, with ``;`` between them."""
    patterns = [
        str(check.statistics.get("pattern", ""))
        for check in described.checks
        if check.name == "str_matches"
    ]
    return any("(;" in pattern for pattern in patterns) and "=" in str(described.description or "")


def _unit(described: Any) -> str:
    return str((described.metadata or {}).get("unit", ""))
