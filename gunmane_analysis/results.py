"""What a metric returns beside tables: shown in a line, its tables by their size."""

from __future__ import annotations

import dataclasses
import reprlib
from typing import Any


class Result:
    """Base of the dataclasses that have tables in them, which take ``eq=False, repr=False``.

    Two of them are equal only if they are the same: tables have no single answer to ``==``.
    """

    def __repr__(self) -> str:
        fields = dataclasses.fields(self)  # type: ignore[arg-type]  # every subclass is one
        shown = [f"{each.name}={_short.repr(getattr(self, each.name))}" for each in fields]
        return f"{type(self).__name__}({', '.join(shown)})"


class _Short(reprlib.Repr):
    """Shorten by the name of a value's type, as reprlib does."""

    def repr_DataFrame(self, table: Any, level: int) -> str:
        return f"<{len(table)} rows, columns {', '.join(map(str, table.columns))}>"

    def repr_Series(self, values: Any, level: int) -> str:
        return f"<{len(values)} values>"

    repr_ndarray = repr_Series

    def repr_Area(self, area: Any, level: int) -> str:
        return f"<{area.area_id} {area.name}>"

    def repr_float(self, value: float, level: int) -> str:
        return f"{value:.6g}"

    repr_float64 = repr_float


_short = _Short()
_short.maxstring = _short.maxother = 80
