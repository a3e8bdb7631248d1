"""The base of every table's schema: one description, checked whole, told in Japanese."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from gunmane_analysis.errors import SchemaError

PREFECTURE_CODE = r"^(0[1-9]|[1-3]\d|4[0-7])$"
MUNICIPALITY_CODE = r"^\d{5}$"
BLOCK_ID = r"^(hokkaido|tohoku|kanto|hokuriku|chubu|kinki|chugoku|shikoku|kyushu|okinawa)$"
ISO_DATE = r"^\d{4}-\d{2}-\d{2}$"
_FAULTS_SHOWN = 20


def column(label: str, *, unit: str = "", note: str = "", **limits: Any) -> Any:
    """Describe one column: Japanese label, unit, note, and pandera's limits."""
    return pa.Field(title=label, description=note, metadata={"unit": unit}, **limits)


def words_note(words: Mapping[str, str]) -> str:
    """Return a note that says which word stands for which value: ``road=道路 river=河川``.

    Examples
    --------
    >>> words_note({"road": "道路", "river": "河川"})
    'road=道路 river=河川'
    """
    return " ".join(f"{name}={label}" for name, label in words.items())


class Table(pa.DataFrameModel):
    """A table that knows its name, its grain, and how to check itself.

    In ``Config``, ``name`` is the table's id and the name of its processed file, and
    ``description`` says in Japanese what one row is.
    """

    class Config:
        """Only the described columns, in their described types."""

        strict = True

    @classmethod
    def table_id(cls) -> str:
        """Return the table's id."""
        return str(cls.to_schema().name)

    @classmethod
    def grain(cls) -> str:
        """Return what one row is, in Japanese."""
        return str(cls.to_schema().description)

    @classmethod
    def check(cls, frame: pd.DataFrame, origin: str) -> pd.DataFrame:
        """Return the table unchanged, or raise with every fault found.

        Parameters
        ----------
        frame : DataFrame
            The table to check.
        origin : str
            Where it came from, for the message.

        Raises
        ------
        SchemaError
            Listing column, row, value and the broken rule.
        """
        try:
            return cls.validate(frame, lazy=True)
        except SchemaErrors as faults:
            raise SchemaError(
                f"{origin} が表「{cls.table_id()}」の決まりに合いません。\n"
                + _describe(faults.failure_cases),
                expected=f"1行 = {cls.grain()}",
                advice="元データの該当する行と列を確認してください。",
            ) from faults

    @classmethod
    def codebook(cls) -> pd.DataFrame:
        """Return one row per column: name, label, unit, type, and note."""
        schema = cls.to_schema()
        return pd.DataFrame(
            {
                "column": name,
                "label": described.title or "",
                "unit": (described.metadata or {}).get("unit", ""),
                "type": str(described.dtype),
                "required": not described.nullable,
                "note": described.description or "",
            }
            for name, described in schema.columns.items()
        )


def _describe(cases: pd.DataFrame) -> str:
    shown = cases.head(_FAULTS_SHOWN)
    lines = [
        f"  列「{name}」{'' if pd.isna(position) else f' {int(position) + 1}行目'}"
        f" 値「{value}」 規則: {rule}"
        for name, position, value, rule in zip(
            shown["column"],
            pd.to_numeric(shown["index"], errors="coerce"),
            shown["failure_case"],
            shown["check"],
            strict=True,
        )
    ]
    hidden = len(cases) - len(shown)
    return "\n".join([*lines, *([f"  ほか {hidden} 件"] if hidden else [])])


def tables() -> dict[str, type[Table]]:
    """Return every described table by its id."""
    package = importlib.import_module("gunmane_analysis.tables")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    found: dict[str, type[Table]] = {}
    waiting = list(Table.__subclasses__())
    while waiting:
        model = waiting.pop()
        waiting.extend(model.__subclasses__())
        found[model.table_id()] = model
    return dict(sorted(found.items()))


def table_named(table_id: str) -> type[Table]:
    """Return the schema of one table.

    Raises
    ------
    SchemaError
        If no table has this id.
    """
    known = tables()
    if table_id not in known:
        raise SchemaError(f"表「{table_id}」はありません。", expected="、".join(known))
    return known[table_id]
