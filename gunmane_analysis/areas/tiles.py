"""The prefectures as tiles: where each stands on the index's map, and its class of colour."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

COLUMNS, ROWS = 14, 12
# (column, row) by prefecture code; every block of the default scheme is contiguous.
TILES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        **{"01": (14, 1), "02": (14, 2), "03": (14, 3), "04": (14, 4), "05": (13, 3)},
        **{"06": (13, 4), "07": (13, 5), "08": (14, 6), "09": (13, 6), "10": (12, 6)},
        **{"11": (13, 7), "12": (14, 7), "13": (13, 8), "14": (12, 8), "15": (12, 5)},
        **{"16": (11, 5), "17": (10, 5), "18": (9, 6), "19": (12, 7), "20": (11, 6)},
        **{"21": (10, 6), "22": (11, 7), "23": (10, 7), "24": (9, 8), "25": (9, 7)},
        **{"26": (8, 7), "27": (7, 8), "28": (7, 7), "29": (8, 8), "30": (8, 9)},
        **{"31": (6, 7), "32": (5, 7), "33": (6, 8), "34": (5, 8), "35": (4, 8)},
        **{"36": (6, 11), "37": (6, 10), "38": (5, 10), "39": (5, 11), "40": (2, 9)},
        **{"41": (1, 9), "42": (1, 10), "43": (2, 10), "44": (3, 9), "45": (3, 10)},
        **{"46": (2, 11), "47": (1, 12)},
    }
)
CLASSES = 5
_WIDEST, _SPARE = 14, 1.3  # columns of tiles at most; tiles for each place


def tile_css() -> str:
    """Return the style rules that put every prefecture's tile in its place on a wide screen."""
    rules = "".join(
        f".t{code}{{grid-area:{row}/{column}}}" for code, (column, row) in TILES.items()
    )
    return f"@media print,screen and (min-width:50rem){{{rules}}}"


def tiles_of(places: Mapping[str, tuple[float, float]]) -> Mapping[str, tuple[int, int]]:
    """Give each of some places a tile of its own, roughly where it lies.

    Parameters
    ----------
    places : mapping
        Longitude and latitude by code.

    Returns
    -------
    mapping of str to (column, row)
        The division of the tiles that moves the places least.

    Examples
    --------
    >>> tiles_of({"a": (139.0, 36.0), "b": (140.0, 36.0), "c": (139.5, 35.0)})["c"]
    (1, 2)
    """
    import numpy as np
    from scipy.optimize import linear_sum_assignment
    from scipy.stats import rankdata

    at = np.array(list(places.values())) * (1.0, -1.0)
    # half by order, half by distance: islands far off would crowd all others into a corner
    low, high = np.percentile(at, [5, 95], axis=0)
    lies = np.clip((at - low) / np.maximum(high - low, 1e-9), 0.0, 1.0)
    follows = (rankdata(at, axis=0) - 0.5) / len(at)
    columns = min(max(round(math.sqrt(len(at) * _SPARE)), 2), _WIDEST)
    rows = math.ceil(len(at) * _SPARE / columns)
    cells = np.array([(c, r) for r in range(1, rows + 1) for c in range(1, columns + 1)])
    wanted = (lies + follows) / 2 * (columns, rows) + 0.5
    apart = ((wanted[:, None] - cells[None]) ** 2).sum(axis=2)
    _, chosen = linear_sum_assignment(apart)
    return dict(zip(places, map(tuple, cells[chosen].tolist()), strict=True))
