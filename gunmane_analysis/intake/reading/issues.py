"""What there is to say about a file: repairs, warnings and faults, each with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Level = Literal["repair", "warning", "fault"]

KEPT_AT_MOST = 2_000
_SHOWN_CHARACTERS = 60
_ROWS_NAMED = 5


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing to say about one place of a file.

    Attributes
    ----------
    level : {"repair", "warning", "fault"}
        Read after mending; read, but look at it; not accepted.
    message : str
        What was found, in Japanese.
    sheet, row, column, cell, value
        Where: the sheet's name, the row as Excel numbers it (the physical line of a CSV
        file), the column's heading, the cell's address, and the cell as it stands.
    expected, advice : str
        The right form, and what to do.
    rule : str
        Number of the check item in 総務省「機械判読可能なデータの表記方法の統一ルール」.
    """

    level: Level
    message: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    cell: str = ""
    value: str = ""
    expected: str = ""
    advice: str = ""
    rule: str = ""

    def to_record(self) -> dict[str, Any]:
        """Return the issue for JSON, without its level."""
        record = asdict(self)
        del record["level"]
        return record

    def place(self) -> str:
        """Name the place in Japanese: sheet, row, column.

        Examples
        --------
        >>> Issue("fault", "…", sheet="Sheet1", row=3, column="職員数", cell="D3").place()
        'シート「Sheet1」 3行目 列「職員数」（D3）'
        """
        parts = [f"シート「{self.sheet}」"] if self.sheet else []
        if self.row is not None:
            parts.append(f"{self.row}行目")
        if self.column:
            parts.append(f"列「{self.column}」" + (f"（{self.cell}）" if self.cell else ""))
        elif self.cell:
            parts.append(f"セル {self.cell}")
        return " ".join(parts)


@dataclass
class Issues:
    """Collects the issues on one file, all in one pass, and counts those beyond the limit."""

    kept: list[Issue] = field(default_factory=list)
    counts: dict[Level, int] = field(
        default_factory=lambda: {"repair": 0, "warning": 0, "fault": 0}
    )

    def add(self, issue: Issue) -> None:
        """Add one issue; beyond 2,000 of a level they are only counted."""
        self.counts[issue.level] += 1
        if self.counts[issue.level] <= KEPT_AT_MOST:
            self.kept.append(issue)

    def extend(self, issues: Iterable[Issue]) -> None:
        """Add several issues."""
        for issue in issues:
            self.add(issue)

    def of(self, level: Level) -> list[Issue]:
        """Return the kept issues of one level, in the order they were found."""
        return [issue for issue in self.kept if issue.level == level]

    @property
    def has_faults(self) -> bool:
        """Whether the file cannot be accepted."""
        return self.counts["fault"] > 0


def shortened(text: str) -> str:
    r"""Return a cell's text for use in a message: one line, at most 60 characters.

    Examples
    --------
    >>> shortened("札幌市\n(政令市)")
    '札幌市⏎(政令市)'
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "⏎").replace("\t", "⇥")
    shown = "".join(
        "\N{REPLACEMENT CHARACTER}"
        if ord(character) < 32 or 127 <= ord(character) < 160
        else character
        for character in plain[: _SHOWN_CHARACTERS + 1]
    )
    return shown if len(plain) <= _SHOWN_CHARACTERS else f"{shown[:_SHOWN_CHARACTERS]}…"


def grouped(issues: Iterable[Issue]) -> Iterator[str]:
    """Word issues for a person: the same fault in the same column is told once.

    Yields
    ------
    str
        One paragraph per kind of fault: the message, up to five places, expected form, advice.
    """
    groups: dict[tuple[str, str, str, str, str], list[Issue]] = {}
    for issue in issues:
        pattern = (
            issue.message.replace(f"「{issue.value}」", "「…」") if issue.value else issue.message
        )
        key = (pattern, issue.sheet, issue.column, issue.expected, issue.rule)
        groups.setdefault(key, []).append(issue)
    for members in groups.values():
        yield _paragraph(members)


def _paragraph(members: list[Issue]) -> str:
    first = members[0]
    rule = f"［統一ルール {first.rule}］" if first.rule else ""
    if len(members) == 1:
        head = f"{first.place()} {first.message}".strip()
        lines = [f"・{head}{rule}"]
    else:
        rows = "、".join(
            f"{member.row}行目" + (f"「{shortened(member.value)}」" if member.value else "")
            for member in members[:_ROWS_NAMED]
            if member.row is not None
        )
        more = len(members) - _ROWS_NAMED
        tail = f" ほか{more}件" if more > 0 else ""
        sheet = f"シート「{first.sheet}」 " if first.sheet else ""
        column = f"列「{first.column}」 " if first.column else ""
        lines = [f"・{sheet}{column}{first.message}{rule}（{len(members)}件: {rows}{tail}）"]
    if first.expected:
        lines.append(f"    正しい形: {first.expected}")
    if first.advice:
        lines.append(f"    対処: {first.advice}")
    return "\n".join(lines)
