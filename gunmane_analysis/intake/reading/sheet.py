"""A sheet of a delivered file: its cells as text, and what else is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Sheet:
    """One sheet of text cells; rows and columns are counted from 0.

    The child that parses a file fills it in and sends it as JSON; nobody else changes it. Marks
    begin with their row and column; a merged range has both of its corners.

    Attributes
    ----------
    rows : list of list of str
        Trailing empty cells are left out for Excel, kept for CSV.
    kinds : list of str
        One letter per cell: ``s`` text, ``n`` number, ``d`` date, ``b`` yes/no, ``e`` error.
        Empty for CSV, where everything is text.
    lines : list of int
        For CSV the physical line of each row; empty for Excel, where it is the row's number.
    """

    name: str
    rows: list[list[str]] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    is_hidden: bool = False
    has_objects: bool = False
    merged: list[Sequence[int]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    uncached: list[Sequence[Any]] = field(default_factory=list)
    formats: dict[str, list[Sequence[int]]] = field(default_factory=dict)
    formula_count: int = 0
    is_filtered: bool = False
    uses_1904: bool = False
    struck: list[Sequence[Any]] = field(default_factory=list)
    unwrapped: list[Sequence[Any]] = field(default_factory=list)

    @property
    def is_csv(self) -> bool:
        """Whether rows are lines of a delimited file."""
        return bool(self.lines)

    def text(self, row: int, column: int) -> str:
        """Return a cell's text, empty where there is none."""
        cells = self.rows[row]
        return cells[column] if column < len(cells) else ""

    def kind(self, row: int, column: int) -> str:
        """Return a cell's kind; text for every cell of a CSV file."""
        if not self.kinds:
            return "s"
        kinds = self.kinds[row]
        return kinds[column] if column < len(kinds) else " "

    def number_of(self, row: int) -> int:
        """Return a row's number as the reader of the file counts it."""
        return self.lines[row] if self.lines else row + 1
