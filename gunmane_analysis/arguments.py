"""What a public function was given instead of what its signature names, refused in words.

Only a call that has failed is judged: a call that works costs nothing and is never refused here.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import re
import typing
from collections.abc import Callable, Iterable, Sequence
from numbers import Real
from types import UnionType
from typing import Any, Literal, TypeVar

from gunmane_analysis.refusals import refusal, refuse_year

_Public = TypeVar("_Public")
_FAULTS = (AttributeError, IndexError, KeyError, TypeError, ValueError)
_STANDS_FOR = {int: Real, float: Real, Literal: str}


def refusing(found: _Public) -> _Public:
    """Return a public function that says in words which argument it cannot use.

    Whatever is no function is returned as it is.

    Examples
    --------
    >>> refusing(len) is len
    True
    """
    if not inspect.isfunction(found):
        return found
    function: Callable[..., Any] = found

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except _FAULTS as fault:
            with contextlib.suppress(NameError, TypeError):  # one too many; a type not imported
                _judge(function, inspect.signature(function).bind(*args, **kwargs).arguments, fault)
            raise

    return typing.cast("_Public", called)


def _judge(function: Callable[..., Any], given: dict[str, Any], fault: Exception) -> None:
    """Refuse the first argument of another kind than is named, or a table without a column."""
    from gunmane_analysis.areas.codes import quoted

    hints = typing.get_type_hints(function)
    for name in sorted(given, key="fiscal_year".__ne__):  # the year first: it has its own words
        value = given[name]
        if not _fits(value, hints.get(name, object)):
            if name == "fiscal_year":
                refuse_year(value)
            wanted = re.sub(r"\w+\.", "", inspect.formatannotation(hints[name]))
            is_plain = value is None or isinstance(value, str | Real)
            shown = quoted(str(value)) if is_plain else f"{type(value).__name__} の値"
            facts = {"function": function.__name__, "name": name, "shown": shown}
            raise refusal("argument-kind", wanted=wanted, **facts) from fault
    missing = re.findall(r"'(\w+)'", str(fault)) if isinstance(fault, KeyError) else []
    tables = [value.columns for value in given.values() if hasattr(value, "columns")]
    if missing and any(set(missing).isdisjoint(columns) for columns in tables):
        shown = "」「".join(missing)
        raise refusal("table-columns", words="渡された表", missing=shown, names=missing) from fault


def _fits(value: object, hint: Any) -> bool:
    """Whether a value is of the kind that a signature names; a list is judged by its members."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, UnionType):
        return any(_fits(value, each) for each in inner)
    if origin in (Iterable, Sequence, tuple):
        return isinstance(value, Iterable) and all(_fits(each, inner[0]) for each in value)
    kind = _STANDS_FOR.get(origin or hint, origin or hint)
    return not isinstance(kind, type) or isinstance(value, kind)
