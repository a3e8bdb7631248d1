"""What a public function is given: a text where it takes a table is refused in words."""

from __future__ import annotations

import functools
import inspect
import math
import re
from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any, TypeVar

from gunmane_analysis.refusals import refuse_if, refuse_year

_Public = TypeVar("_Public")
_TABLES = ("pd.DataFrame", "pd.Series")
_OF_SEVERAL = ("Sequence", "None")


def checked(public: _Public) -> _Public:
    """Let a function refuse a text or number for a table or result, and a year that is none.

    Whatever is not a function is returned as it is.

    Examples
    --------
    >>> from gunmane_analysis.metrics.staffing.change import staffing_index
    >>> checked(staffing_index).__name__
    'staffing_index'
    """
    return _checked(public) if inspect.isfunction(public) else public


@functools.cache
def _checked(function: Callable[..., Any]) -> Any:
    names = getattr(inspect.unwrap(function), "__globals__", {})
    parameters = inspect.signature(function).parameters.values()
    wanted = {each.name: _wanted(str(each.annotation), names) for each in parameters}
    places = [each.name for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        for name, given in (*zip(places, args, strict=False), *kwargs.items()):
            if name == "fiscal_year" and given is not None:
                refuse_year(given)
            refuse_if(
                wanted.get(name) and isinstance(given, str | Real) and not _is_missing(given),
                "argument-kind",
                function=function.__name__,
                parameter=name,
                given=given,
                wanted=wanted.get(name),
            )
        return function(*args, **kwargs)

    return call


def _is_missing(given: object) -> bool:
    return isinstance(given, float) and math.isnan(given)


def _wanted(annotation: str, names: Mapping[str, Any]) -> str:
    """Return what a parameter takes, in Japanese; empty where a text or number may be right.

    Examples
    --------
    >>> _wanted("pd.DataFrame | None", {}), _wanted("AreaLike", {}), _wanted("str", {})
    ('load_… か分析の関数が返した表', '', '')
    """
    if annotation.startswith("Mapping["):
        return "名前と値の対応（dict など）"
    parts = [each for each in re.findall(r"[\w.]+", annotation) if each not in _OF_SEVERAL]
    if parts and all(each in _TABLES for each in parts):
        return "load_… か分析の関数が返した表"
    if not parts or not all(each in _TABLES or _is_result(names.get(each)) for each in parts):
        return ""
    return f"分析の関数が返した {parts[0]}"


def _is_result(kind: object) -> bool:
    """Whether a name is a class of this package, and not an area, which may be a text."""
    return inspect.isclass(kind) and kind.__module__.startswith("gunmane_analysis.")
