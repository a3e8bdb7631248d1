"""Errors in the words of ``refusals.yml``: what was found, what was expected, what to do."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gunmane_analysis import errors
from gunmane_analysis.errors import GunmaneError
from gunmane_analysis.paths import read_yaml


@functools.cache
def refusals() -> dict[str, dict[str, Any]]:
    """Return the words of every refusal by its code, with the name of its ``error``."""
    by_error = read_yaml(Path(__file__).with_name("refusals.yml"))
    return {
        code: words | {"error": error}
        for error, codes in by_error.items()
        for code, words in codes.items()
    }


def refusal(code: str, **facts: Any) -> GunmaneError:
    """Return the error of a code, to raise it; several names in a fact are shown as a list.

    Examples
    --------
    >>> print(refusal("raw-missing", path="a.csv").found)
    元データ「a.csv」がありません。
    """
    shown = {name: _shown(fact) for name, fact in facts.items()}
    words = refusals()[code]
    error: type[GunmaneError] = getattr(errors, words["error"])
    parts = {name: words[name] for name in ("found", "expected", "advice") if name in words}
    return error(**{name: text.format(**shown) for name, text in parts.items()})


def refuse_if(is_wrong: object, code: str, **facts: Any) -> None:
    """Raise the error of a code where something is wrong.

    Examples
    --------
    >>> refuse_if([], "master-faults", count=0, faults=[])
    """
    if is_wrong:
        raise refusal(code, **facts)


def _shown(fact: Any) -> Any:
    """Return a text or number as it is, names joined."""
    if isinstance(fact, str | int | float):
        return fact
    return "、".join(map(str, fact)) if isinstance(fact, Iterable) else str(fact)
