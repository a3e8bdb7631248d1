"""The base class of results that contain tables: printed in one line, each table as its size."""

from __future__ import annotations

import dataclasses
import reprlib
from typing import Any


class Result:
    """A dataclass that contains tables; declared with ``eq=False, repr=False``.

    Two results are equal only if they are the same object: comparing tables with ``==`` gives a
    table and no single answer.
    """

    def __repr__(self) -> str:
        fields = dataclasses.fields(self)  # type: ignore[arg-type]  # every subclass is one
        shown = [f"{each.name}={_short.repr(getattr(self, each.name))}" for each in fields]
        return f"{type(self).__name__}({', '.join(shown)})"


class _Short(reprlib.Repr):
    """Shorten a value; reprlib calls the method named after the value's type."""

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
