"""Steps of the areas inside an area: where they stand, how long steps take, what stops them."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import Area, children, list_areas
from gunmane_analysis.metrics.people.steps import (
    current_positions,
    in_area,
    last_day,
    step_durations,
    step_stays,
)


def steps_by_area(positions: pd.DataFrame, area: Area, fiscal_year: int) -> pd.DataFrame:
    """Compare the blocks of the nation, or the prefectures of a block, on the path.

    Parameters
    ----------
    positions : DataFrame
        The register; may have no rows.
    area : Area
        The nation or a block.
    fiscal_year : int
        Positions known by 31 March of the following calendar year.

    Returns
    -------
    DataFrame
        One row per area inside: ``area_name``, ``municipality_total``, ``reported_count``,
        ``started_count`` (at STEP 1 or later), ``median_days`` of the stays in STEP 0 with
        ``median_low_days`` and ``median_high_days`` (Kaplan-Meier; missing where fewer than
        half went on), ``held_count`` (municipalities that name an obstacle), and
        ``obstacle`` with ``obstacle_count``: the one named most, the first by name among
        equals. No rows for other kinds of area or while nothing is known.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.metrics.people.simulated_registers import simulate_positions
    >>> positions = simulate_positions(["05201", "05202", "02201"], seed=1)
    >>> found = steps_by_area(positions, find_area("tohoku"), 2024)
    >>> found.set_index("area_name").loc["秋田県", "reported_count"].item()
    2
    """
    stays = step_stays(positions, last_day(fiscal_year))
    if area.kind not in ("nation", "block") or not in_area(stays["municipality_code"], area).any():
        return pd.DataFrame(columns=list(_COLUMNS))
    every = pd.Series([place.area_id for place in list_areas("municipality")], dtype="str")
    return pd.DataFrame(
        [
            _row(place, stays[in_area(stays["municipality_code"], place)])
            | {"municipality_total": int(in_area(every, place).sum())}
            for place in children(area)
        ]
    )[list(_COLUMNS)]


_COLUMNS = (
    "area_name",
    "municipality_total",
    "reported_count",
    "started_count",
    "median_days",
    "median_low_days",
    "median_high_days",
    "held_count",
    "obstacle",
    "obstacle_count",
)


def _row(place: Area, stays: pd.DataFrame) -> dict[str, object]:
    current = current_positions(stays)
    first = stays[stays["step_no"] == 0]
    took = step_durations(first).iloc[0].to_dict() if len(first) else {}
    named = current["obstacle"].dropna().value_counts()
    most = min(named[named == named.max()].index) if len(named) else None
    return {
        "area_name": place.name,
        "reported_count": len(current),
        "started_count": int((current["step_no"] >= 1).sum()),
        **{name: took.get(name, float("nan")) for name in _COLUMNS[4:7]},
        "held_count": int(named.sum()),
        "obstacle": most,
        "obstacle_count": int(named.max()) if len(named) else 0,
    }
