"""What is refused, or remarked on, in the words of ``messages/``: one way for every part.

A message is a stable code with templates: what was found, what was expected, what to do.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Any, Literal

from gunmane_analysis import errors
from gunmane_analysis.errors import GunmaneError


@functools.cache
def messages() -> Mapping[str, Mapping[str, str]]:
    """Return the templates of every message by its code.

    Besides ``found``, ``expected`` and ``advice`` each has its ``kind`` (the name of the error
    that it is raised as, or ``caution``); one on a delivered file may have a ``level`` below a
    fault and the ``rule`` that it is of.
    """
    from gunmane_analysis.paths import read_yaml  # not where a file is read and nothing refused

    return {
        code: {"kind": kind, **words}
        for path in Path(__file__).with_name("messages").glob("*.yml")
        for kind, codes in read_yaml(path).items()
        for code, words in codes.items()
    }


def worded(code: str, facts: Mapping[str, Any]) -> dict[str, str]:
    """Return what was found, expected and advised; several names in a fact are shown as a list.

    Examples
    --------
    >>> worded("form-sheet", {"file": "a.xlsx", "missing": "設定", "found": ["業務", "例"],
    ...                       "advice": ""})["found"]
    'ファイル「a.xlsx」にシート「設定」がありません。見つかったシート: 業務、例'
    """
    shown = {name: _shown(fact) for name, fact in facts.items()}
    words = messages()[code]
    parts = ("found", "expected", "advice")
    return {part: words[part].format(**shown) if part in words else "" for part in parts}


def refusal(code: str, **facts: Any) -> GunmaneError:
    """Return the error of a code, to raise it.

    Examples
    --------
    >>> print(refusal("raw-missing", path="a.csv").found)
    元データ「a.csv」がありません。
    """
    kind: type[GunmaneError] = getattr(errors, messages()[code]["kind"])
    error = kind(**worded(code, facts))
    error.code, error.facts = code, facts
    return error


def first_lines(lines: Sequence[str], at_most: int) -> str:
    """Return the first of some lines, and how many more there are.

    Examples
    --------
    >>> print(first_lines(["  a", "  b", "  c"], 1))
      a
      ほか 2 件
    """
    hidden = len(lines) - at_most
    return "\n".join([*lines[:at_most], *([f"  ほか {hidden:,} 件"] if hidden > 0 else [])])


def refuse_if(is_wrong: object, code: str, **facts: Any) -> None:
    """Raise the error of a code where something is wrong.

    Examples
    --------
    >>> refuse_if([], "scheme-faults", count=0, faults=[])
    """
    if is_wrong:
        raise refusal(code, **facts)


def refuse_year(fiscal_year: object) -> None:
    """Refuse a fiscal year that is not a number.

    Examples
    --------
    >>> refuse_year(2024)
    """
    refuse_if(not isinstance(fiscal_year, Real), "year-form", year=fiscal_year)


def caution(code: str, **facts: Any) -> str:
    """Return the sentence of a code that goes with a result.

    Examples
    --------
    >>> caution("rows-blank", count=3)
    '結果または共変量が空欄の3行を除いた。'
    """
    return worded(code, facts)["found"]


@dataclass(frozen=True)
class Unanswered:
    """In place of a result that cannot be computed: false in a condition, shown as its reason."""

    reason: str

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return self.reason


def unanswered(code: str, **facts: Any) -> Unanswered:
    """Return the reason of a code in place of a result.

    Examples
    --------
    >>> unanswered("no-judged-pair")
    合うと判断されたニーズと技術の組が、この年度までに登録されていないため、並べ方の良さは分からない。
    """
    return Unanswered(caution(code, **facts))


def _shown(fact: Any) -> Any:
    """Return names joined, and anything else as it is."""
    is_list = isinstance(fact, Iterable) and not isinstance(fact, str)
    return "、".join(map(str, fact)) if is_list else fact
