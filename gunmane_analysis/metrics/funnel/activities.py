"""The activity plan of the regional forums: kinds, planned trials, and the time to a trial."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import Area, AreaLike, find_area, list_areas
from gunmane_analysis.metrics.validation import known_until
from gunmane_analysis.tables import choices

FIELD_TRIAL = "field_trial"


def forum_ids(area: Area) -> tuple[str, ...]:
    """Return the regional forums whose prefectures an area shares, in code order.

    The forums stand where the regional bureaus do, whatever scheme the report uses.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> forum_ids(find_area("05204")), len(forum_ids(find_area("japan")))
    (('tohoku',), 10)
    """
    own = set(area.prefecture_codes)
    return tuple(
        block.area_id for block in list_areas("block") if own & set(block.prefecture_codes)
    )


def planned_activities(plan: pd.DataFrame, area: AreaLike, fiscal_year: int) -> pd.DataFrame:
    """Return the planned lines of the area's forum, with those that name the area marked.

    Parameters
    ----------
    plan : DataFrame
        One row per printed line (the table ``activity_plan``).
    area : Area or str
        Nation: every forum's lines. Block, prefecture, municipality: those of its forum.
    fiscal_year : int
        The latest plan that was known by then.

    Returns
    -------
    DataFrame
        The plan's columns and ``names_area``: whether the line names this prefecture or
        municipality, or a municipality within it (always False for nation and blocks).

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_activity_plan
    >>> lines = planned_activities(load_activity_plan(), find_area("34"), 2024)
    >>> len(lines), int(lines["names_area"].sum())
    (13, 5)
    """
    area = find_area(area)
    known = known_until(plan, fiscal_year)
    latest = known[known["known_fiscal_year"] == known["known_fiscal_year"].max()]
    lines = latest[latest["block_id"].isin(forum_ids(area))]
    # lines name prefectures and municipalities only
    codes = lines.get(f"{area.kind}_code", [""] * len(lines))
    named = [area.area_id in str(cell).split(";") for cell in codes]
    marked: pd.DataFrame = lines.assign(names_area=named).reset_index(drop=True)
    return marked


def activities_by_kind(lines: pd.DataFrame) -> pd.DataFrame:
    """Count planned lines by kind.

    Parameters
    ----------
    lines : DataFrame
        From :func:`planned_activities`.

    Returns
    -------
    DataFrame
        One row per kind that occurs, in the order from needs to the public:
        ``activity_kind``, ``line_count``, ``named_line_count``. A line is not an event: one
        line may stand for several.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_activity_plan
    >>> lines = planned_activities(load_activity_plan(), find_area("okinawa"), 2024)
    >>> activities_by_kind(lines)["activity_kind"].tolist()
    ['matching_event', 'lecture']
    """
    counted = lines.groupby("activity_kind").agg(
        line_count=("line_no", "size"), named_line_count=("names_area", "sum")
    )
    present = [kind for kind in choices("activity_kind") if kind in counted.index]
    return counted.loc[present].reset_index()


def planned_trials(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the planned field trials among the lines, with their lag since the pitch event.

    Parameters
    ----------
    lines : DataFrame
        From :func:`planned_activities`.

    Returns
    -------
    DataFrame
        One row per planned line of kind ``field_trial``, with the columns of
        :func:`pitch_to_trial_lags`.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_activity_plan
    >>> lines = planned_activities(load_activity_plan(), find_area("chugoku"), 2024)
    >>> planned_trials(lines)["lag_months"].dropna().tolist()
    [3.0, 11.0, 13.0, 20.0]
    """
    return pitch_to_trial_lags(lines[lines["activity_kind"] == FIELD_TRIAL])


def pitch_to_trial_lags(lines: pd.DataFrame) -> pd.DataFrame:
    """Measure the time from the pitch event held to the month planned for the trial.

    Parameters
    ----------
    lines : DataFrame
        With ``pitch_on`` (ISO date) and ``trial_planned_month`` (``2024-04``).

    Returns
    -------
    DataFrame
        The lines with ``lag_months`` (calendar months from the pitch's month to the planned
        month) and ``lag_days_low``, ``lag_days_high`` (to the first and the last day of that
        month). Missing where the pitch has no date. The ends are plans, not trials held, and
        pitches that led to no trial are not listed: the lags say nothing about the chance of
        a trial.

    Examples
    --------
    >>> lines = pd.DataFrame({"pitch_on": ["2024-01-25"], "trial_planned_month": ["2024-04"]})
    >>> lags = pitch_to_trial_lags(lines).iloc[0]
    >>> float(lags["lag_months"]), float(lags["lag_days_low"]), float(lags["lag_days_high"])
    (3.0, 67.0, 96.0)
    """
    held = pd.to_datetime(lines["pitch_on"])
    first = pd.to_datetime(lines["trial_planned_month"], format="%Y-%m")
    months = (first.dt.year - held.dt.year) * 12 + first.dt.month - held.dt.month
    last = first + pd.offsets.MonthEnd(0)
    return lines.assign(
        lag_months=months.astype("float64"),
        lag_days_low=(first - held).dt.days.astype("float64"),
        lag_days_high=(last - held).dt.days.astype("float64"),
    ).reset_index(drop=True)
