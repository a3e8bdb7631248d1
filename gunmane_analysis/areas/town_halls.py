"""Where the municipalities' town halls stand, and how far apart they are as the crow flies."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from gunmane_analysis.areas.codes import quoted
from gunmane_analysis.areas.master import delivered_rows
from gunmane_analysis.errors import AreaError

if TYPE_CHECKING:
    import numpy as np

Place = tuple[float, float]
_EARTH_RADIUS_KM = 6371.0088


@functools.cache
def town_halls() -> Mapping[str, tuple[float, float]]:
    """Return latitude and longitude (degrees) of town halls by five-digit code.

    Delivered by ``japancode`` with the master of municipalities.

    Examples
    --------
    >>> tuple(round(degrees, 1) for degrees in town_halls()["05204"])
    (40.3, 140.6)
    """
    return MappingProxyType(
        {
            row["cid"].zfill(5): (float(row["lat"]), float(row["lng"]))
            for row in delivered_rows()
            if row.get("lat") and row.get("lng")
        }
    )


def town_hall(code: str) -> tuple[float, float]:
    """Return latitude and longitude of one town hall.

    Raises
    ------
    AreaError
        If the code has no town hall in the master.
    """
    if code not in town_halls():
        raise AreaError(f"{quoted(code)}の役所の位置がありません。", expected="5桁の市区町村コード")
    return town_halls()[code]


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the great-circle distance of two places (latitude, longitude in degrees).

    Examples
    --------
    >>> round(distance_km((35.0, 139.0), (36.0, 139.0)), 1)
    111.2
    """
    (south, west), (north, east) = (tuple(map(math.radians, place)) for place in (one, other))
    half = (
        math.sin((north - south) / 2) ** 2
        + math.cos(south) * math.cos(north) * math.sin((east - west) / 2) ** 2
    )
    return 2 * _EARTH_RADIUS_KM * math.asin(math.sqrt(min(half, 1.0)))


def distances_km(ones: Sequence[Place], others: Sequence[Place]) -> np.ndarray:
    """Return the matrix of great-circle distances between places (km), one row for each of ones.

    Examples
    --------
    >>> distances_km([(35.0, 139.0)], [(36.0, 139.0), (35.0, 139.0)]).round(1).tolist()
    [[111.2, 0.0]]
    """
    import numpy as np

    here, there = (np.radians(np.reshape(places, (-1, 2))) for places in (ones, others))
    north, east = here[:, :1] - there[:, 0], here[:, 1:] - there[:, 1]
    half = np.sin(north / 2) ** 2 + np.cos(here[:, :1]) * np.cos(there[:, 0]) * (
        np.sin(east / 2) ** 2
    )
    return np.asarray(2 * _EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0))))
