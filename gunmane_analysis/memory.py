"""Results that several areas of one batch need alike, computed once.

Most of what the nation's figures show is the same on every page. The process that forks one
child per area uses a memory; each child tells it what it has computed, and what two of them had
in common the later ones find. Nobody else uses one: in a researcher's notebook and in the stock
kernel every result is computed where it is asked for.
"""

from __future__ import annotations

import functools
import hashlib
import pickle
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import FunctionType
from typing import ParamSpec, TypeVar

_Result = TypeVar("_Result")
_Arguments = ParamSpec("_Arguments")

_BYTES_AT_MOST = 32 * 2**20


class Memory:
    """Pickled results under a hash of what they were computed from.

    Parameters
    ----------
    bytes_at_most : int
        What is kept longest is forgotten when all results together are larger.

    Attributes
    ----------
    found : dict of bytes to bytes
        What this process has computed since it was forked.
    """

    def __init__(self, bytes_at_most: int = _BYTES_AT_MOST) -> None:
        self.found: dict[bytes, bytes] = {}
        self._kept: dict[bytes, bytes] = {}
        self._kept_bytes = 0
        self._bytes_at_most = bytes_at_most
        self._met: set[bytes] = set()

    def recall(self, key: bytes) -> bytes | None:
        """Return the pickled result of this key, if it is known."""
        return self.found.get(key) or self._kept.get(key)

    def learn(self, found: Mapping[bytes, bytes]) -> None:
        """Keep what a second process has computed too; of what is met first, keep only the key."""
        for key, result in found.items():
            if key in self._met and key not in self._kept:
                self._kept[key] = result
                self._kept_bytes += len(result)
            self._met.add(key)
        while self._kept_bytes > self._bytes_at_most:
            self._kept_bytes -= len(self._kept.pop(next(iter(self._kept))))


_in_use: ContextVar[Memory | None] = ContextVar("memory", default=None)


@contextmanager
def using(memory: Memory) -> Iterator[None]:
    """Let this process, and those it forks, recall from a memory inside the ``with`` block."""
    before = _in_use.set(memory)
    try:
        yield
    finally:
        _in_use.reset(before)


def recall(asked: object, compute: Callable[[], _Result]) -> _Result:
    """Return what ``compute`` gives, or a copy of what it gave another process.

    Parameters
    ----------
    asked : object
        All that the result depends on. With None, or what cannot be pickled, the result is
        computed every time.
    compute : callable
        Without a side effect.

    Examples
    --------
    >>> recall(("sum", 1, 2), lambda: 1 + 2)
    3
    """
    memory = _in_use.get()
    if memory is None or asked is None:
        return compute()
    try:
        key = hashlib.sha256(pickle.dumps(asked, protocol=pickle.HIGHEST_PROTOCOL)).digest()
    except (pickle.PicklingError, AttributeError, TypeError):
        return compute()
    known = memory.recall(key)
    if known is not None:
        result: _Result = pickle.loads(known)  # from a process that this one's parent forked
        return result
    result = compute()
    memory.found[key] = pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL)
    return result


def remembered(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Let :func:`recall` answer for a function that depends on its arguments alone.

    Examples
    --------
    >>> @remembered
    ... def double(number: int) -> int:
    ...     return 2 * number
    >>> double(3)
    6
    """

    @functools.wraps(function)
    def recalled(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        asked = (function.__module__, function.__qualname__, args, kwargs)
        return recall(asked, lambda: function(*args, **kwargs))

    return recalled


def enclosed(function: object) -> tuple[object, ...] | None:
    """Return all that a lambda of this package depends on: its place, code, and variables.

    None for any other callable. A cell's lambda may read the notebook's variables, which are not
    part of it.
    """
    if not isinstance(function, FunctionType) or function.__module__.split(".")[0] != __package__:
        return None
    code = function.__code__
    cells = tuple(cell.cell_contents for cell in function.__closure__ or ())
    return (
        function.__module__,
        function.__qualname__,
        code.co_firstlineno,
        code.co_code,
        code.co_names,  # the code names functions and constants by their place in these
        code.co_consts,
        function.__defaults__,
        function.__kwdefaults__,
        cells,
    )
