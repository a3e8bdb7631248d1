"""Results that several areas of one batch need alike, computed once in a process.

Most of what the nation's figures show is the same on every page. A result is kept under a hash of
all that it was computed from, and handed out as a copy, so that a caller may change what it got.
"""

from __future__ import annotations

import functools
import hashlib
import pickle
from collections import OrderedDict
from collections.abc import Callable
from typing import ParamSpec, TypeVar

_Result = TypeVar("_Result")
_Arguments = ParamSpec("_Arguments")

_BYTES_AT_MOST = 32 * 2**20
_kept: OrderedDict[bytes, bytes] = OrderedDict()


def get_or_compute(content: object, compute: Callable[[], _Result]) -> _Result:
    """Return what ``compute`` gives, or a copy of what it gave for the same content before.

    Parameters
    ----------
    content : object
        All that the result depends on. With None, or what cannot be pickled, the result is
        computed every time.
    compute : callable
        Without a side effect.
    """
    if content is None:
        return compute()
    try:
        key = hashlib.sha256(pickle.dumps(content, protocol=pickle.HIGHEST_PROTOCOL)).digest()
    except (pickle.PicklingError, AttributeError, TypeError):
        return compute()
    if key not in _kept:
        _kept[key] = pickle.dumps(compute(), protocol=pickle.HIGHEST_PROTOCOL)
    _kept.move_to_end(key)
    # a copy the first time, too: what is computed from copies is pickled, and so found, alike
    result: _Result = pickle.loads(_kept[key])  # pickled above, by this process
    while sum(map(len, _kept.values())) > _BYTES_AT_MOST:
        _kept.popitem(last=False)
    return result


def cached(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Let :func:`get_or_compute` answer for a function that depends on its arguments alone."""

    @functools.wraps(function)
    def get(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        content = (function.__module__, function.__qualname__, args, kwargs)
        return get_or_compute(content, lambda: function(*args, **kwargs))

    return get
