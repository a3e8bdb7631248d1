"""What there is to say about a file: repairs, warnings and faults, each with its code and place.

The words are those of ``messages/``: by code, what was found, what was expected, and advice.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from gunmane_analysis.refusals import messages, worded

Level = Literal["repair", "warning", "fault"]

KEPT_AT_MOST = 2_000
_SHOWN_CHARACTERS = 60
_VALUE_CHARACTERS = 200
_ROWS_NAMED = 5
_SHOWN_AS = dict.fromkeys([*range(32), *range(127, 160)], "\N{REPLACEMENT CHARACTER}")
_SHOWN_AS |= {ord("\n"): "⏎", ord("\r"): "⏎", ord("\t"): "⇥"}
_PLACE = {"sheet", "row", "column", "cell", "detail"}


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing to say about one place of a file.

    Attributes
    ----------
    level : {"repair", "warning", "fault"}
        Read after mending; read, but look at it; not accepted.
    code : str
        Stable name of the kind of issue, of ``messages/``.
    message : str
        What was found, in Japanese.
    sheet, row, column, cell, value
        Where: the sheet's name, the row as Excel numbers it (the physical line of a CSV
        file), the column's heading, the cell's address, and the cell as it stands.
    expected, advice : str
        The right form, and what to do.
    rule : str
        Number of the check item in 総務省「機械判読可能なデータの表記方法の統一ルール」.
    detail : str
        For programmers: shown with ``--debug`` only.
    """

    level: Level
    code: str
    message: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    cell: str = ""
    value: str = ""
    expected: str = ""
    advice: str = ""
    rule: str = ""
    detail: str = ""

    def to_record(self, *, debug: bool = False) -> dict[str, Any]:
        """Return the issue for JSON, without its level."""
        left_out = {"level"} if debug else {"level", "detail"}
        return {n: fact for n, fact in dataclasses.asdict(self).items() if n not in left_out}

    def place(self) -> str:
        """Name the place in Japanese: sheet, row, column.

        Examples
        --------
        >>> Issue("fault", "x", "…", sheet="Sheet1", row=3, column="職員数", cell="D3").place()
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


def issue(code: str, *, value: str = "", **facts: Any) -> Issue:
    """Return the issue of a code, its templates filled with the facts and the place.

    Examples
    --------
    >>> issue("date-day-missing", row=3).message
    '日がありません。'
    """
    template, words = messages()[code], worded(code, {"value": value, **facts})
    return Issue(
        cast("Level", template.get("level", "fault")),
        code,
        words["found"],
        value=value[:_VALUE_CHARACTERS],
        expected=words["expected"],
        advice=words["advice"],
        rule=template.get("rule", ""),
        **{name: facts[name] for name in _PLACE & facts.keys()},
    )


@dataclass(frozen=True, slots=True)
class CellError:
    """Why a cell cannot be read: the code of a message, and the facts that fill it."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """What was found, in Japanese."""
        return worded(self.code, self.facts)["found"]


@dataclass
class Issues:
    """Collects the issues of one file, all in one pass, and counts those beyond the limit."""

    kept: list[Issue] = field(default_factory=list)
    counts: Counter[Level] = field(default_factory=Counter)

    def add(self, found: Issue) -> None:
        """Add one issue; beyond 2,000 of a level they are only counted."""
        self.counts[found.level] += 1
        if self.counts[found.level] <= KEPT_AT_MOST:
            self.kept.append(found)

    def extend(self, found: Iterable[Issue]) -> None:
        """Add several issues."""
        for each in found:
            self.add(each)

    def of(self, level: Level) -> list[Issue]:
        """Return the kept issues of one level, in the order they were found."""
        return [each for each in self.kept if each.level == level]

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
    plain = text.replace("\r\n", "\n").translate(_SHOWN_AS)
    return plain if len(plain) <= _SHOWN_CHARACTERS else f"{plain[:_SHOWN_CHARACTERS]}…"


def grouped(issues: Iterable[Issue], *, debug: bool = False) -> Iterator[str]:
    """Word issues for a person: the same fault in the same column is said once.

    Yields
    ------
    str
        One paragraph per kind of fault: the message, up to five places, expected form, advice.
    """
    groups: dict[tuple[str, ...], list[Issue]] = {}
    for each in issues:
        pattern = each.message.replace(each.value, "…") if each.value else each.message
        key = (each.code, pattern, each.sheet, each.column, each.expected)
        groups.setdefault(key, []).append(each)
    for members in groups.values():
        yield _paragraph(members, debug=debug)


def _paragraph(members: list[Issue], *, debug: bool) -> str:
    first, count = members[0], len(members)
    rule = f"［統一ルール {first.rule}］" if first.rule else ""
    if count == 1:
        value = "" if first.value in first.message else f"「{shortened(first.value)}」"
        lines = [f"・{f'{first.place()}{value} {first.message}'.strip()}{rule}"]
    else:
        rows = "、".join(
            f"{each.row}行目" + (f"「{shortened(each.value)}」" if each.value else "")
            for each in members[:_ROWS_NAMED]
            if each.row is not None
        )
        tail = f" ほか{count - _ROWS_NAMED}件" if count > _ROWS_NAMED else ""
        place = dataclasses.replace(first, row=None, cell="").place()
        lines = [f"・{f'{place} {first.message}'.strip()}{rule}（{count}件: {rows}{tail}）"]
    lines += [f"    正しい形: {first.expected}"] if first.expected else []
    lines += [f"    対処: {first.advice}"] if first.advice else []
    if debug:
        lines.append(f"    [{first.code}] {first.detail}".rstrip())
    return "\n".join(lines)
