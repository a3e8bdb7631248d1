"""Funnel: KPI, membership, participation and activity plan as keyed in from the documents."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from gunmane_analysis.errors import SourceMismatchError
from gunmane_analysis.intake.reading import read_csv_cells, to_numbers
from gunmane_analysis.loaders.store import load_processed
from gunmane_analysis.sources import raw_file
from gunmane_analysis.tables import Table
from gunmane_analysis.tables.funnel import ActivityPlan, Kpi, Membership, Participation

KPI = "kpi"
MEMBERSHIP = "membership"
PARTICIPATION = "participation"
ACTIVITY_PLAN = "activity_plan"
_TRUTH = {"true": True, "false": False}
_ROUNDING = 0.005


def build_kpi() -> pd.DataFrame:
    """Build ``kpi``: one row per fiscal year, forum level, and item or stage.

    Raises
    ------
    SourceMismatchError
        If national and regional forums do not add up to a printed total, or the stages do
        not add up to their item.
    """
    kpi = _read(KPI, Kpi, ["target", "result"], ["fiscal_year", "known_fiscal_year"])
    _check_levels(kpi)
    _check_stages(kpi)
    return kpi


def _check_levels(kpi: pd.DataFrame) -> None:
    keys = ["fiscal_year", "item_id", "stage"]
    wide = kpi.pivot(index=keys, columns="forum_level", values="result").dropna()
    wrong = wide[wide["national"] + wide["regional"] != wide["total"]]
    for row in wrong.reset_index().fillna({"stage": ""}).itertuples():
        raise SourceMismatchError(
            f"KPI「{row.item_id}」{row.stage}（{row.fiscal_year}年度）の全国フォーラム"
            f"{row.national:g}と地方フォーラム{row.regional:g}の和が、"
            f"合計{row.total:g}と一致しません。",
            advice="kpi.csv の該当行を元の資料と照らし合わせてください。",
        )


def _check_stages(kpi: pd.DataFrame) -> None:
    keys = ["fiscal_year", "forum_level", "item_id"]
    by_stage = kpi["stage"].notna() & kpi["result"].notna()
    summed = kpi[by_stage].groupby(keys, as_index=False)["result"].sum()
    compared = summed.merge(
        kpi.loc[kpi["stage"].isna(), [*keys, "result"]], on=keys, suffixes=("_summed", "_printed")
    )
    for row in compared[compared["result_summed"] != compared["result_printed"]].itertuples():
        raise SourceMismatchError(
            f"KPI「{row.item_id}」（{row.fiscal_year}年度、{row.forum_level}）の段階別の和"
            f"{row.result_summed:g}が、印字の{row.result_printed:g}と一致しません。",
            advice="kpi.csv の該当行を元の資料と照らし合わせてください。",
        )


def load_kpi() -> pd.DataFrame:
    """Load ``kpi``: targets and results of the national conference.

    Returns
    -------
    DataFrame
        One row per fiscal year, forum level (total, national, regional) and item; rows with
        a ``stage`` split the item ``matching_trial_implementation_count``. Shares are 0-1.

    Examples
    --------
    >>> kpi = load_kpi()
    >>> total = kpi[(kpi["forum_level"] == "total") & kpi["stage"].notna()]
    >>> [int(count) for count in total["result"]]
    [98, 50, 31, 5]
    """
    return load_processed(Kpi, build_kpi, [KPI])


def build_membership() -> pd.DataFrame:
    """Build ``membership``: one row per date and kind of member.

    Raises
    ------
    SourceMismatchError
        If the kinds do not add up to the total, or a printed increase is not the difference
        to the founding count.
    """
    table = _read(MEMBERSHIP, Membership, ["member_count", "increase_printed"])
    for name in ("member_count", "increase_printed"):
        wide = table.pivot(index="as_of_on", columns="member_kind", values=name).dropna()
        kinds = wide.drop(columns="total").sum(axis=1)
        _stop_where(wide.index[kinds != wide["total"]], "会員の種別の和が計と一致しません")
    founding = table[table["as_of_on"] == table["as_of_on"].min()].set_index("member_kind")
    both = table.dropna(subset=["member_count", "increase_printed"])
    expected = both["member_kind"].map(founding["member_count"]) + both["increase_printed"]
    _stop_where(
        both.loc[both["member_count"] != expected, "as_of_on"],
        "会員数が、設立時の数と増加数の和に一致しません",
    )
    return table


def load_membership() -> pd.DataFrame:
    """Load ``membership``: members of the national conference by date and kind.

    Examples
    --------
    >>> members = load_membership().set_index(["as_of_on", "member_kind"])["member_count"]
    >>> int(members["2016-11-28", "total"]), int(members["2024-03-18", "total"])
    (199, 2980)
    """
    return load_processed(Membership, build_membership, [MEMBERSHIP])


def build_participation() -> pd.DataFrame:
    """Build ``participation``: one row per date and programme.

    Raises
    ------
    SourceMismatchError
        If a printed rate is not its count over its denominator, rounded.
    """
    table = _read(
        PARTICIPATION, Participation, ["municipality_count", "municipality_total", "rate_printed"]
    )
    rate = table["municipality_count"] / table["municipality_total"]
    differs = (rate - table["rate_printed"]).abs() > _ROUNDING
    _stop_where(table.loc[differs, "as_of_on"], "印字の率が、市区町村数÷分母と一致しません")
    return table


def load_participation() -> pd.DataFrame:
    """Load ``participation``: municipalities taking part, by date and programme.

    Examples
    --------
    >>> rows = load_participation().dropna(subset=["municipality_total"])
    >>> rows["municipality_count"].astype(int).tolist()
    [1088, 1362]
    """
    return load_processed(Participation, build_participation, [PARTICIPATION])


def build_activity_plan() -> pd.DataFrame:
    """Build ``activity_plan``: one row per printed line of the regional forums' plan."""
    plan = _read(
        ACTIVITY_PLAN,
        ActivityPlan,
        ["event_no", "pitch_event_no"],
        ["line_no", "block_line_no", "known_fiscal_year"],
    )
    return plan.assign(is_date_fixed=plan["is_date_fixed"].map(_TRUTH))


def load_activity_plan() -> pd.DataFrame:
    """Load ``activity_plan``: what the ten regional forums planned, line by line.

    Examples
    --------
    >>> plan = load_activity_plan()
    >>> len(plan), int((plan["activity_kind"] == "field_trial").sum())
    (58, 9)
    """
    return load_processed(ActivityPlan, build_activity_plan, [ACTIVITY_PLAN])


def _read(
    source_id: str,
    model: type[Table],
    numbers: Sequence[str],
    years: Sequence[str] = ("known_fiscal_year",),
) -> pd.DataFrame:
    path: Path = raw_file(source_id)
    columns = list(model.to_schema().columns)
    cells = to_numbers(read_csv_cells(path, columns), [*numbers, *years], path)
    return cells[columns].astype(dict.fromkeys(years, "int64"))


def _stop_where(dates: Sequence[str] | pd.Index | pd.Series, fault: str) -> None:
    if len(dates):
        raise SourceMismatchError(
            f"{fault}（{'、'.join(map(str, dates))}）。",
            advice="元の資料と照らし合わせてください。",
        )
