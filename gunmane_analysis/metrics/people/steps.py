"""Steps: where municipalities stand on the standard path, how long steps take, what holds them.

A municipality enters a step on a day and stays there until its next entry, or until the day
on which its position was last confirmed (censored). The path allows going back: a return
ends the stay without counting as progress.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gunmane_analysis.areas import Area, AreaLike, children, find_area, list_areas
from gunmane_analysis.cache import cached
from gunmane_analysis.metrics.validation import last_day
from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.results import Result
from gunmane_analysis.tables.description import marked_rows

_DAY = "%Y-%m-%d"
_STAY_COLUMNS = [
    "municipality_code", "step_no", "entered_on", "left_on", "confirmed_on", "days", "outcome",
    "obstacle",
]  # fmt: skip
_DURATION_COLUMNS = [
    "step_no", "stay_count", "completed_count", "returned_count", "lasting_count", "median_days",
    "median_low_days", "median_high_days",
]  # fmt: skip
_BY_AREA_COLUMNS = [
    "area_name", "municipality_total", "reported_count", "started_count", "median_days",
    "median_low_days", "median_high_days", "held_count", "obstacle", "obstacle_count",
]  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class StepStanding(Result):
    """Where the municipalities of an area stand.

    ``table`` has one row per step: ``step_no``, ``step_name``, ``tasks`` (joined),
    ``municipality_count`` (missing while nothing is filed), and for each step
    ``stay_count``, ``completed_count``, ``returned_count``, ``median_days`` of the stays in
    the area. ``obstacles`` has one row per step and obstacle: ``municipality_count``.
    ``has_synthetic`` where a row of the area is marked 合成データ.
    """

    area: Area
    as_of_on: str
    table: pd.DataFrame
    obstacles: pd.DataFrame
    reported_count: int
    area_municipality_count: int
    has_synthetic: bool = False

    @property
    def is_filed(self) -> bool:
        """Whether any municipality's position is known."""
        return self.reported_count > 0


@cached
def step_stays(positions: pd.DataFrame, on: str) -> pd.DataFrame:
    """Turn entries into stays, as known on a day.

    Parameters
    ----------
    positions : DataFrame
        One row per municipality and entry (the table ``step_positions``).
    on : str
        ISO date; entries after it are not known yet, confirmations after it are cut to it.

    Returns
    -------
    DataFrame
        One row per stay: ``municipality_code``, ``step_no``, ``entered_on``, ``left_on``
        (missing while it lasts), ``days`` (to the end, or to the last confirmation),
        ``outcome`` (``completed`` for a later step, ``returned`` for an earlier one,
        ``lasting``), ``obstacle``.

    Raises
    ------
    DesignError
        If a municipality was last confirmed before it entered, or enters the same step twice
        in a row.

    Examples
    --------
    >>> positions = pd.DataFrame([["05204", 0, "2023-04-01", "2025-03-31", None],
    ...     ["05204", 1, "2024-04-01", "2025-03-31", None]], columns=[
    ...     "municipality_code", "step_no", "entered_on", "as_of_on", "obstacle"])
    >>> step_stays(positions, "2025-03-31")[["days", "outcome"]].to_numpy().tolist()
    [[366.0, 'completed'], [364.0, 'lasting']]
    """
    known = positions[positions["entered_on"] <= on].sort_values(
        ["municipality_code", "entered_on"], kind="stable"
    )
    grouped = known.groupby("municipality_code", sort=False)
    left = grouped["entered_on"].shift(-1)
    following = grouped["step_no"].shift(-1)
    confirmed = grouped["as_of_on"].transform("max")
    confirmed = confirmed.where(confirmed <= on, on)
    end = left.fillna(confirmed)
    faults = known[(end < known["entered_on"]) | (following == known["step_no"])]
    rows = faults[["municipality_code", "step_no", "entered_on"]].itertuples(index=False)
    shown = "、".join(f"{code} STEP{step} {day}" for code, step, day in rows)
    refuse_if(len(faults), "steps-order", shown=shown)
    days = (pd.to_datetime(end, format=_DAY) - pd.to_datetime(known["entered_on"], format=_DAY)).dt
    outcome = pd.Series("lasting", index=known.index, dtype="str")
    outcome = outcome.mask(following > known["step_no"], "completed")
    outcome = outcome.mask(following < known["step_no"], "returned")
    stays = known.assign(
        left_on=left, days=days.days.astype("float64"), outcome=outcome, confirmed_on=confirmed
    )
    return stays[_STAY_COLUMNS].reset_index(drop=True)


def step_durations(stays: pd.DataFrame) -> pd.DataFrame:
    """How long each step takes until a later one is entered.

    Parameters
    ----------
    stays : DataFrame
        From :func:`step_stays`.

    Returns
    -------
    DataFrame
        One row per step found: ``stay_count``, ``completed_count``, ``returned_count``,
        ``lasting_count`` (stays), ``median_days`` with ``median_low_days`` and
        ``median_high_days`` (95 %, log-log). A median that fewer than half have reached is
        missing; stays that last or that ended in a return are censored at their end.

    References
    ----------
    Kaplan, E. L., Meier, P. (1958). JASA 53(282), 457-481.
    Brookmeyer, R., Crowley, J. (1982). Biometrics 38(1), 29-41.

    Examples
    --------
    >>> positions = pd.DataFrame([["05204", 0, "2023-04-01", "2025-03-31", None],
    ...     ["05204", 1, "2024-04-01", "2025-03-31", None]], columns=[
    ...     "municipality_code", "step_no", "entered_on", "as_of_on", "obstacle"])
    >>> float(step_durations(step_stays(positions, "2025-03-31")).loc[0, "median_days"])
    366.0
    """
    rows = []
    for step_no, group in stays.groupby("step_no"):
        counts = group["outcome"].value_counts()
        outcomes = [int(counts.get(name, 0)) for name in ("completed", "returned", "lasting")]
        rows.append([step_no, len(group), *outcomes, *_median_days(group)])
    return pd.DataFrame(rows, columns=_DURATION_COLUMNS, dtype=None if rows else "float64")


def _median_days(stays: pd.DataFrame) -> list[float]:
    """Return the median until a step is completed and its interval, NaN where none is reached."""
    from lifelines import KaplanMeierFitter  # loaded where there is a stay: most homes have none
    from lifelines.utils import median_survival_times

    curve = KaplanMeierFitter().fit(stays["days"], stays["outcome"] == "completed")
    bounds = median_survival_times(curve.confidence_interval_).to_numpy()[0]
    medians = np.array([curve.median_survival_time_, *bounds], dtype="float64")
    return list(np.where(np.isfinite(medians), medians, np.nan))


def current_positions(stays: pd.DataFrame) -> pd.DataFrame:
    """Return each municipality's last known stay, in code order."""
    latest = stays.sort_values(["municipality_code", "entered_on"], kind="stable")
    return latest.drop_duplicates("municipality_code", keep="last").reset_index(drop=True)


def in_area(municipality_codes: pd.Series, area: Area) -> pd.Series:
    """Tell which municipalities lie in an area."""
    if area.kind == "municipality":
        return municipality_codes == area.area_id
    return municipality_codes.str[:2].isin(area.prefecture_codes)


def block_of(area: Area) -> Area:
    """Return the block that an area lies in; the area itself where it lies in none."""
    return next((place for place in area.lineage if place.kind == "block"), area)


def placed(rows: pd.DataFrame, area: Area, code: str = "municipality_code") -> pd.DataFrame:
    """Return rows of bodies with whether each is in an area (``is_in_area``) and in its block."""
    in_prefectures = rows["prefecture_code"].isin(area.prefecture_codes)
    is_own = rows[code] == area.area_id
    return rows.assign(
        is_in_area=is_own if area.kind == "municipality" else in_prefectures,
        is_in_block=rows["prefecture_code"].isin(block_of(area).prefecture_codes),
    )


def municipality_count(area: Area) -> int:
    """Count the municipalities of an area."""
    if area.kind == "municipality":
        return 1
    own = set(area.prefecture_codes)
    return sum(place.area_id[:2] in own for place in list_areas("municipality"))


def step_standing(
    steps: pd.DataFrame, positions: pd.DataFrame, area: AreaLike, fiscal_year: int
) -> StepStanding:
    """Put the path with the positions of an area's municipalities at a year's end.

    Parameters
    ----------
    steps : DataFrame
        One row per step and task.
    positions : DataFrame
        The register; may have no rows.
    area : Area or str
    fiscal_year : int
        Positions known by 31 March of the following calendar year.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_standard_steps, load_step_positions
    >>> standing = step_standing(
    ...     load_standard_steps(), load_step_positions().iloc[:0], find_area("05"), 2024
    ... )
    >>> len(standing.table), standing.is_filed, standing.area_municipality_count
    (7, False, 25)
    """
    area = find_area(area)
    on = last_day(fiscal_year)
    tasks = steps.groupby(["step_no", "step_name"])["task"].agg("、".join)
    path = tasks.rename("tasks").reset_index()
    stays = step_stays(positions, on)
    stays = stays[in_area(stays["municipality_code"], area)]
    current = current_positions(stays)
    counts = path["step_no"].map(current["step_no"].value_counts())
    table = path.assign(
        municipality_count=counts.fillna(0).astype("int64") if len(stays) else np.nan
    ).merge(step_durations(stays), on="step_no", how="left", validate="one_to_one")
    own = positions[in_area(positions["municipality_code"], area)]
    counted = len(current), municipality_count(area), bool(marked_rows(own).any())
    return StepStanding(area, on, table, _obstacles(stays), *counted)


def _obstacles(stays: pd.DataFrame) -> pd.DataFrame:
    current = current_positions(stays).dropna(subset=["obstacle"])
    counts = current.groupby(["step_no", "obstacle"]).size().rename("municipality_count")
    return counts.reset_index().sort_values(
        ["municipality_count", "step_no"], ascending=[False, True], kind="stable", ignore_index=True
    )


def steps_by_area(positions: pd.DataFrame, area: AreaLike, fiscal_year: int) -> pd.DataFrame:
    """Compare the blocks of the nation, or the prefectures of a block, on the path.

    Parameters
    ----------
    positions : DataFrame
        The register; may have no rows.
    area : Area or str
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
    >>> positions = pd.DataFrame([["05204", 0, "2023-04-01", "2025-03-31", None],
    ...     ["05204", 1, "2024-04-01", "2025-03-31", None]], columns=[
    ...     "municipality_code", "step_no", "entered_on", "as_of_on", "obstacle"])
    >>> found = steps_by_area(positions, find_area("tohoku"), 2024)
    >>> found.set_index("area_name").loc["秋田県", "reported_count"].item()
    1
    """
    area = find_area(area)
    stays = step_stays(positions, last_day(fiscal_year))
    if area.kind not in ("nation", "block") or not in_area(stays["municipality_code"], area).any():
        return pd.DataFrame(columns=_BY_AREA_COLUMNS)
    return pd.DataFrame(
        [
            _row(place, stays[in_area(stays["municipality_code"], place)])
            | {"municipality_total": municipality_count(place)}
            for place in children(area)
        ]
    )[_BY_AREA_COLUMNS]


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
        **{name: took.get(name, float("nan")) for name in _BY_AREA_COLUMNS[4:7]},
        "held_count": int(named.sum()),
        "obstacle": most,
        "obstacle_count": int(named.max()) if len(named) else 0,
    }
