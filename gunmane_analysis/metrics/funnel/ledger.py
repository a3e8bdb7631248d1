"""The case ledger: counts by year, cohorts of an equal age, times to a stage, and new cases."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gunmane_analysis.areas import Area, AreaLike, find_area, list_areas
from gunmane_analysis.metrics.funnel.activities import forum_ids
from gunmane_analysis.metrics.funnel.rates import rate_table
from gunmane_analysis.metrics.validation import check_has_columns, last_day
from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.tables import describe, empty_table
from gunmane_analysis.tables.description import SYNTHETIC, marked_rows
from gunmane_analysis.tables.funnel import STAGES

_DATES = (*(f"{stage}_on" for stage in STAGES), "closed_on")


def cases_of_area(cases: pd.DataFrame, area: AreaLike) -> pd.DataFrame:
    """Return the ledger's cases of a nation, block, prefecture or municipality.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> cases = pd.DataFrame({"block_id": ["kinki", "chugoku"], "prefecture_code": ["27", "34"]})
    >>> len(cases_of_area(cases, find_area("34"))), len(cases_of_area(cases, find_area("japan")))
    (1, 2)
    """
    area = find_area(area)
    if area.kind == "municipality":
        return cases[cases["municipality_code"] == area.area_id]
    if area.kind == "prefecture":
        return cases[cases["prefecture_code"] == area.area_id]
    return cases[cases["block_id"].isin(forum_ids(area))]


def ledger_until(cases: pd.DataFrame, fiscal_year: int) -> pd.DataFrame:
    """Return the ledger as it stood at the end of a fiscal year (31 March).

    Parameters
    ----------
    cases : DataFrame
        One row per case (the table ``funnel_cases``).
    fiscal_year : int

    Returns
    -------
    DataFrame
        The cases begun by then, later dates missing, last seen no later than that day.

    Examples
    --------
    >>> case = {"considered_on": "2023-05-01", "established_on": "2023-06-01",
    ...         "trialled_on": None, "implemented_on": "2024-06-01", "closed_on": None,
    ...         "as_of_on": "2024-10-01"}
    >>> ledger_until(pd.DataFrame([case]), 2023)[["implemented_on", "as_of_on"]].iloc[0].tolist()
    [nan, '2024-03-31']
    """
    until = last_day(fiscal_year)
    check_has_columns(cases, ("considered_on", *_DATES, "as_of_on"), "案件の台帳")
    begun = cases[cases["considered_on"] <= until]
    dated = begun.assign(**{name: begun[name].where(begun[name] <= until) for name in _DATES})
    seen = begun["as_of_on"].where(begun["as_of_on"] <= until, until)
    return dated.assign(as_of_on=seen)


def counts_of_cases(cases: pd.DataFrame, fiscal_year: int) -> pd.DataFrame:
    """Count the ledger's cases at each stage by the end of a fiscal year.

    Parameters
    ----------
    cases : DataFrame
        One row per case (the table ``funnel_cases``).
    fiscal_year : int
        Dates after its last day (31 March) are left out.

    Returns
    -------
    DataFrame
        One row per stage: ``fiscal_year``, ``stage``, ``case_count`` (cases that reached the
        stage or a later one); no rows if no case had begun. A case that skipped a stage
        counts as having passed it, so that the counts are nested.

    Examples
    --------
    >>> case = {"considered_on": "2023-05-01", "established_on": None,
    ...         "trialled_on": "2024-02-01", "implemented_on": "2024-06-01",
    ...         "closed_on": None, "as_of_on": "2024-10-01"}
    >>> counts_of_cases(pd.DataFrame([case]), 2023)["case_count"].tolist()
    [1, 1, 1, 0]
    """
    known = ledger_until(cases, fiscal_year)
    if known.empty:
        return pd.DataFrame(columns=["fiscal_year", "stage", "case_count"])
    reached = known[[f"{stage}_on" for stage in STAGES]].notna().set_axis(list(STAGES), axis=1)
    counts = reached.loc[:, ::-1].cummax(axis=1).loc[:, ::-1].sum()
    table = {"fiscal_year": fiscal_year, "stage": counts.index, "case_count": counts.to_numpy()}
    return pd.DataFrame(table)


_DAYS_PER_MONTH = 365.25 / 12.0
_FIRST_MONTH = 4
_MIN_CASES = 10
# Far below a day, far above the rounding of a number of days.
_SAME_DAY = 1e-6


def cohort_funnel(cases: pd.DataFrame, age_months: int) -> pd.DataFrame:
    """How far the cases of each year got within an equal age.

    A cohort is the cases that began in one fiscal year. Only cases that began at least
    ``age_months`` before the ledger's last date count, whether they went on or were given
    up, so that a young cohort is not taken for a bad one.

    Parameters
    ----------
    cases : DataFrame
        One row per case (the table ``funnel_cases``).
    age_months : int
        Calendar months since ``considered_on``.

    Returns
    -------
    DataFrame
        One row per cohort and stage: ``cohort_fiscal_year``, ``stage``,
        ``case_count`` (cases of that age whose state is known), ``unknown_count`` (of that
        age but last seen before it), ``too_young_count``, ``reached_count`` (reached the
        stage or a later one within the age), ``rate`` with its Wilson ``low`` and ``high``.

    Raises
    ------
    DesignError
        If there are no cases, or none is old enough.

    Examples
    --------
    >>> cases = pd.DataFrame(
    ...     {
    ...         "considered_on": ["2023-04-10", "2023-06-01"],
    ...         "established_on": ["2023-07-01", None],
    ...         "trialled_on": None, "implemented_on": None, "closed_on": None,
    ...         "as_of_on": "2024-03-31",
    ...     }
    ... )
    >>> cohort_funnel(cases, age_months=6)[["stage", "reached_count"]].values.tolist()[:2]
    [['considered', 2], ['established', 1]]
    """
    ages = _dated(cases)
    limit = ages["considered"] + pd.DateOffset(months=age_months)
    last_seen = ages["as_of"].max()
    is_old = limit <= last_seen
    refuse_if(not is_old.any(), "cohort-too-young", months=age_months)
    is_settled = ages["implemented_at"].notna() | ages["closed"].notna()
    is_known = is_old & (is_settled | (ages["as_of"] >= limit))
    table = pd.DataFrame(
        {
            "cohort_fiscal_year": ages["considered"].dt.year
            - (ages["considered"].dt.month < _FIRST_MONTH),
            "case_count": is_known.astype("int64"),
            "unknown_count": (is_old & ~is_known).astype("int64"),
            "too_young_count": (~is_old).astype("int64"),
            **{stage: (is_known & (ages[f"{stage}_at"] <= limit)) for stage in STAGES},
        }
    )
    summed = table.groupby("cohort_fiscal_year", as_index=False).sum()
    kept = ["cohort_fiscal_year", "case_count", "unknown_count", "too_young_count"]
    long = summed.melt(kept, list(STAGES), var_name="stage", value_name="reached_count")
    long = long[long["case_count"] > 0]
    # stages come in order out of melt
    long = long.sort_values("cohort_fiscal_year", kind="stable", ignore_index=True)
    return long.join(rate_table(long["reached_count"], long["case_count"]))


def time_to_stage(cases: pd.DataFrame, stage: str) -> pd.DataFrame:
    """Share of cases that have reached a stage by each month since they began.

    Parameters
    ----------
    cases : DataFrame
        One row per case (the table ``funnel_cases``).
    stage : str
        "established", "trialled" or "implemented"; a later stage counts as having reached it.

    Returns
    -------
    DataFrame
        One row per day on which a case reached the stage, and a first row at 0: ``months``,
        ``reached_share`` with ``low`` and ``high`` (95 %, log-log; missing at 0),
        ``at_risk_count`` just before, ``case_count``, and ``followed_months``, after which
        nothing is known (infinite where the case followed longest went on or was given up).
        Cases still under way count until they were last seen; a case given up can no longer
        reach the stage (Aalen-Johansen: the share that will).

    Raises
    ------
    DesignError
        If there are no cases, or the stage is none that can be reached.

    References
    ----------
    Aalen, O. O., Johansen, S. (1978). Scandinavian Journal of Statistics 5, 141-150. Computed
    by ``lifelines``.

    Examples
    --------
    >>> cases = pd.DataFrame(
    ...     {
    ...         "considered_on": ["2023-04-10", "2023-06-01"],
    ...         "established_on": ["2023-07-01", None],
    ...         "trialled_on": None, "implemented_on": None, "closed_on": None,
    ...         "as_of_on": "2024-03-31",
    ...     }
    ... )
    >>> time_to_stage(cases, "established")["reached_share"].tolist()
    [0.0, 0.5]
    """
    from lifelines import AalenJohansenFitter

    refuse_if(stage not in STAGES[1:], "stage-no-time", stage=stage, stages="、".join(STAGES[1:]))
    ages = _dated(cases)
    event_at = ages[f"{stage}_at"]
    end = event_at.fillna(ages["closed"]).fillna(ages["as_of"])
    outcome = np.select([event_at.notna(), ages["closed"].notna()], [1, 2], default=0)
    days = (end - ages["considered"]).dt.days.to_numpy("float64")
    # Where the case followed longest was not left open, nothing is still to come.
    is_open = (outcome[days == days.max()] == 0).any()
    followed = days.max() / _DAYS_PER_MONTH if is_open else np.inf
    start = pd.DataFrame(
        {"months": [0.0], "reached_share": 0.0, "low": np.nan, "high": np.nan,
         "at_risk_count": len(days), "case_count": len(days), "followed_months": followed}
    )  # fmt: skip
    if not (outcome == 1).any():
        return start
    # lifelines would add random noise to tied times. Cases of one day are put one after the
    # other (reached, given up, last seen): a case last seen on a day was at risk on it.
    order = np.lexsort((np.arange(len(days)), np.array([2, 0, 1])[outcome], days))
    untied = days[order] + _SAME_DAY * np.arange(1, len(days) + 1)
    fitter = AalenJohansenFitter().fit(untied, outcome[order], event_of_interest=1)
    times = untied[outcome[order] == 1]
    curve: pd.DataFrame = pd.concat(
        [fitter.cumulative_density_, fitter.confidence_interval_], axis=1
    )
    curve = curve.loc[times].set_axis(["reached_share", "low", "high"], axis=1)
    # Several events on one day are one step: its end stands.
    steps = curve.groupby(np.round(times)).last().rename_axis("days").reset_index()
    steps = steps.assign(
        months=steps["days"] / _DAYS_PER_MONTH,
        at_risk_count=[int((days >= day).sum()) for day in steps["days"]],
        case_count=len(days),
        followed_months=followed,
    )
    return pd.concat([start, steps[list(start.columns)]], ignore_index=True)


def stage_curves(cases: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return :func:`time_to_stage` for each stage after the first that any case reached.

    Parameters
    ----------
    cases : DataFrame
        The ledger of one area as it stood in one year
        (:func:`gunmane_analysis.metrics.funnel.ledger.ledger_until`).

    Returns
    -------
    dict of stage to DataFrame
        Empty with fewer than ten cases, whose curve would be one case's story.

    Examples
    --------
    >>> from gunmane_analysis.tables import empty_table
    >>> stage_curves(empty_table("funnel_cases"))
    {}
    """
    check_has_columns(cases, _DATES, "案件の台帳")
    if len(cases) < _MIN_CASES:
        return {}
    ages = _dated(cases)
    reached = [stage for stage in STAGES[1:] if ages[f"{stage}_at"].notna().any()]
    marks = {SYNTHETIC: bool(marked_rows(cases).any())}
    return {stage: time_to_stage(cases, stage).assign(**marks) for stage in reached}


def _dated(cases: pd.DataFrame) -> pd.DataFrame:
    """Return dates per case: begun, first at each stage or a later one, closed, last seen."""
    names = (*STAGES, "closed", "as_of")
    check_has_columns(cases, tuple(f"{name}_on" for name in names), "案件の台帳")
    refuse_if(cases.empty, "ledger-empty")
    frame = pd.DataFrame({name: _dates(cases[f"{name}_on"]) for name in names})
    for place, stage in enumerate(STAGES):
        frame[f"{stage}_at"] = frame[list(STAGES[place:])].min(axis=1)
    return frame


def _dates(given: pd.Series) -> pd.Series:
    read = pd.to_datetime(given, format="%Y-%m-%d", errors="coerce")
    wrong = given[read.isna() & given.notna() & (given.astype("str") != "")]
    shown = wrong.iloc[0] if len(wrong) else ""
    refuse_if(len(wrong), "ledger-no-date", name=given.name, count=len(wrong), shown=shown)
    return read.reset_index(drop=True)


def planned_lag_shares(lags: pd.DataFrame) -> pd.DataFrame:
    """Of the trials that are planned, the share whose month has come by each lag.

    Parameters
    ----------
    lags : DataFrame
        From :func:`gunmane_analysis.metrics.funnel.activities.pitch_to_trial_lags`.

    Returns
    -------
    DataFrame
        One row per lag in months: ``lag_months``, ``trial_count`` and ``planned_share`` of the
        trials with a dated pitch event. This is no chance of a trial: pitches that led to
        none are not in the plan, so that no time-to-event method can bring them back.

    Raises
    ------
    DesignError
        If no planned trial has a dated pitch event.

    Examples
    --------
    >>> lags = pd.DataFrame({"lag_months": [3.0, 11.0, 13.0, 20.0, None]})
    >>> planned_lag_shares(lags)["planned_share"].tolist()
    [0.25, 0.5, 0.75, 1.0]
    """
    known = lags["lag_months"].dropna()
    refuse_if(known.empty, "lags-none")
    counted = known.value_counts().sort_index()
    table = counted.rename_axis("lag_months").rename("trial_count").reset_index()
    return table.assign(planned_share=counted.cumsum().to_numpy() / len(known))


def matched_cases(
    needs: pd.DataFrame, judged: pd.DataFrame, known_cases: pd.DataFrame, considered_on: str
) -> pd.DataFrame:
    """Turn pairs that people judged to fit into first-stage rows of the case ledger.

    A pair enters only where a person has judged it: a ranking alone is no case.

    Parameters
    ----------
    needs : DataFrame
        One row per need (the table ``technology_needs``).
    judged : DataFrame
        One row per pair (the table ``judged_pairs``); those that are
        not relevant are left aside.
    known_cases : DataFrame
        The ledger as filed. A pair whose case it already holds is not written again.
    considered_on : str
        The day the matching began to be considered (YYYY-MM-DD), given by the caller.

    Returns
    -------
    DataFrame
        One row per new case in the columns of
        the table ``funnel_cases``: ``case_id`` is
        ``<need_id>×<seed_id>``, every later stage is blank.

    Raises
    ------
    DesignError
        If the day is none, a judged need is not filed, or a need has no place.

    Examples
    --------
    >>> needs = pd.DataFrame({"need_id": ["n1"], "field": ["road"], "municipality_code": ["05204"],
    ...                       "body_name": ["大館市"], "technology_theme": ["橋梁の点検"]})
    >>> judged = pd.DataFrame({"need_id": ["n1"], "seed_id": ["s1"], "is_relevant": [True]})
    >>> cases = matched_cases(needs, judged, empty_table("funnel_cases"), "2024-06-01")
    >>> cases[["case_id", "block_id", "considered_on"]].iloc[0].tolist()
    ['n1×s1', 'tohoku', '2024-06-01']
    """
    begun = pd.to_datetime(str(considered_on), format="%Y-%m-%d", errors="coerce")
    refuse_if(pd.isna(begun), "no-date", shown=considered_on)
    pairs = judged[judged["is_relevant"]].merge(
        needs, on="need_id", how="left", validate="many_to_one"
    )
    unknown = pairs.loc[pairs["body_name"].isna(), "need_id"].unique()
    refuse_if(len(unknown), "needs-unknown", needs="、".join(unknown))
    pairs = pairs.assign(case_id=pairs["need_id"] + "×" + pairs["seed_id"])
    new = pairs[~pairs["case_id"].isin(known_cases["case_id"])].reset_index(drop=True)
    if new.empty:
        return empty_table("funnel_cases")
    places = [
        _place(code, str(name))
        for code, name in zip(new["municipality_code"], new["body_name"], strict=True)
    ]
    cases = new[["case_id", "municipality_code", "field"]].assign(
        block_id=[forum_ids(place)[0] for place in places],
        prefecture_code=[place.prefecture_codes[0] for place in places],
        considered_on=considered_on,
        as_of_on=considered_on,
        theme_text=new["technology_theme"],
        is_synthetic=False,
    )
    whole = empty_table("funnel_cases").reindex(range(len(cases))).assign(**cases)
    return describe("funnel_cases").check(whole, "ニーズとシーズの組")


def _place(code: object, body_name: str) -> Area:
    if isinstance(code, str):
        return find_area(code)
    found = [place for place in list_areas("prefecture") if place.name == body_name]
    refuse_if(not found, "need-no-place", body=body_name)
    return found[0]
