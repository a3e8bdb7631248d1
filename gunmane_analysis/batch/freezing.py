"""Memory that a fork hands on at little cost.

A fork copies one entry for each page of 4 KB, and the child's end takes each away again. What can
be gathered in pages of 2 MB has one entry for 512 of them; what a child then writes is still copied
by 4 KB. docs/benchmarks.md says what it saves.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from pathlib import Path

_COLLAPSE = 25  # MADV_COLLAPSE of Linux 6.1; older ones refuse it, which changes nothing
_RESERVED_BYTES = 64 * 2**20
_BLOCK = 512  # the largest that Python keeps among its small objects
_KEPT: list[bytes] = []
_LARGE_PAGE = 2 * 2**20
_MAPPINGS = Path("/proc/self/smaps")


def reserve() -> None:
    """Let the small objects of a young process lie together.

    Python takes memory for them in pieces of 1 MB, which come to lie between the libraries that
    are loaded meanwhile. Pieces taken in a row lie in a row: here they are taken before anything
    is loaded. An object in each keeps it from being given back; the rest is free for use.
    """
    size = _BLOCK - b"".__sizeof__()
    blocks = [b""] * (_RESERVED_BYTES // _BLOCK)  # a list that grew would lie between them
    for place in range(len(blocks)):
        blocks[place] = bytes(size)
    _KEPT.extend(blocks[:: 2**19 // _BLOCK])  # two in each piece, wherever it begins


def freeze() -> int:
    """Keep what is in memory out of later garbage collections, and gather it in large pages.

    Returns
    -------
    int
        How many large pages the system made or found; 0 where it does not do so.
    """
    gc.collect()
    gc.freeze()
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    return sum(
        advise(address, _LARGE_PAGE, _COLLAPSE) == 0
        for start, end in list(_filled_mappings())
        for address in range(-(-start // _LARGE_PAGE) * _LARGE_PAGE, end, _LARGE_PAGE)
        if address + _LARGE_PAGE <= end
    )


def _filled_mappings() -> Iterator[tuple[int, int]]:
    """Yield where the writable mappings lie whose memory is in use but for an eighth at most."""
    start = end = 0
    for line in _MAPPINGS.read_text().splitlines():
        name, _, rest = line.partition(" ")
        if not name.endswith(":"):
            bounds = name.split("-")
            permission, *_, owner = rest.split()  # the inode, 0, stands last where nobody is named
            is_data = permission == "rw-p" and owner in ("0", "[heap]")
            start, end = (int(bound, 16) for bound in bounds) if is_data else (0, 0)
        elif name == "Anonymous:" and int(rest.split()[0]) * 1024 * 8 >= (end - start) * 7 > 0:
            yield start, end
