"""The prefectures as tiles: where each stands on the index's map, and its class of colour."""

from __future__ import annotations

import math
from collections.abc import Mapping

from gunmane_analysis.areas.master import prefectures

CLASSES = 5
_WIDEST, _SPARE = 14, 1.3  # columns of tiles at most; tiles for each place


def prefecture_tiles() -> dict[str, tuple[int, int]]:
    """Return the column and row of each prefecture's tile, by code."""
    return {code: prefecture.tile for code, prefecture in prefectures().items()}


def tile_css() -> str:
    """Return the style rules that put every prefecture's tile in its place on a wide screen."""
    tiles = prefecture_tiles().items()
    rules = "".join(f".t{code}{{grid-area:{row}/{column}}}" for code, (column, row) in tiles)
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
