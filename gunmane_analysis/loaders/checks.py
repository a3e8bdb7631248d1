"""The checks of tables that have a meaning of their own: sums, and figures printed elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from gunmane_analysis.areas import list_areas
from gunmane_analysis.refusals import messages, refusal
from gunmane_analysis.tables import choices

if TYPE_CHECKING:
    import pandas as pd

_FORUM_COUNT = 10
_ROUNDING = 0.005


def check_kpi(kpi: pd.DataFrame) -> None:
    """Stop unless forums add up to a printed total, and stages to their item."""
    for code, part, whole in (("kpi-forums", "forum_level", ""), ("kpi-stages", "stage", "total")):
        rows = kpi.fillna({"stage": whole})
        keys = [key for key in ("fiscal_year", "forum_level", "item_id", "stage") if key != part]
        wide = rows.pivot(index=keys, columns=part, values="result")
        _stop_unless_summed(code, wide.dropna() if whole == "" else wide.dropna(thresh=2))


def check_membership(members: pd.DataFrame) -> None:
    """Stop unless kinds add up to the total, and increases to the count since the founding."""
    for name in ("member_count", "increase_printed"):
        wide = members.pivot(index="as_of_on", columns="member_kind", values=name)
        _stop_unless_summed("members-kinds", wide.dropna())
    founding = members[members["as_of_on"] == members["as_of_on"].min()].set_index("member_kind")
    both = members.dropna(subset=["member_count", "increase_printed"])
    expected = both["member_kind"].map(founding["member_count"]) + both["increase_printed"]
    _stop_at("members-increase", both[both["member_count"] != expected])


def check_participation(participation: pd.DataFrame) -> None:
    """Stop unless each printed rate is its count over its denominator, rounded."""
    rate = participation["municipality_count"] / participation["municipality_total"]
    differs = (rate - participation["rate_printed"]).abs() > _ROUNDING
    _stop_at("participation-rate", participation[differs])


def check_funnel_counts(counts: pd.DataFrame) -> None:
    """Stop unless each forum has its four stages, all counted by one rule as of one day."""
    words = counts.assign(stage_word=counts["stage"].map(choices("stage")))
    names = {"stages": "stage_word", "rules": "counting_rule", "dates": "as_of_on"}
    forums = words.groupby(["fiscal_year", "block_id"])
    found = forums.agg(**{name: (of, "unique") for name, of in names.items()}).map(list)
    sizes = found.map(len)
    is_whole = sizes.eq([len(choices("stage")), 1, 1]).all(axis=1)  # stages, rules, dates
    wrong = found[~is_whole].map("、".join).reset_index()
    _stop_at("counts-incomplete", wrong, stages=choices("stage").values())


def check_against_kpi(counts: pd.DataFrame, kpi: pd.DataFrame) -> None:
    """Stop unless filed counts agree with the regional forums' printed counts.

    All ten forums must add up to the printed count; fewer must not exceed it.

    Raises
    ------
    SourceMismatchError
        Naming year, stage, the filed sum and the printed count.
    """
    printed = kpi[(kpi["forum_level"] == "regional") & kpi["stage"].notna()]
    summed = counts.groupby(["fiscal_year", "stage"], as_index=False).agg(
        filed=("case_count", "sum"), forums=("block_id", "nunique")
    )
    compared = summed.merge(
        printed[["fiscal_year", "stage", "result"]], on=["fiscal_year", "stage"]
    ).dropna(subset=["result"])
    complete = compared["forums"] == _FORUM_COUNT
    wrong = (complete & (compared["filed"] != compared["result"])) | (
        compared["filed"] > compared["result"]
    )
    named = compared.assign(stage=compared["stage"].map(choices("stage")))
    _stop_at("counts-printed", named[wrong])


def check_funnel_cases(cases: pd.DataFrame) -> None:
    """Stop unless a case ends once, at a place that is in its prefecture."""
    ended = cases["implemented_on"].notna() & cases["closed_on"].notna()
    _stop_at("cases-ended-twice", cases[ended])
    place, prefecture = cases["municipality_code"], cases["prefecture_code"]
    elsewhere = place.notna() & prefecture.notna() & place.str[:2].ne(prefecture)
    _stop_at("cases-elsewhere", cases[elsewhere])


def check_against_printed(register: pd.DataFrame, printed: pd.DataFrame) -> None:
    """Stop unless complete lists agree with the counts printed for the same day.

    A list is complete when it names every municipality; a shorter one is not compared.

    Raises
    ------
    SourceMismatchError
        Naming programme, day, the filed and the printed count.
    """
    every = len(list_areas("municipality"))
    filed = register.groupby(["programme", "as_of_on"], as_index=False).agg(
        listed=("municipality_code", "nunique"), members=("is_member", "sum")
    )
    compared = filed[filed["listed"] == every].merge(
        printed.dropna(subset=["municipality_count"]), on=["programme", "as_of_on"]
    )
    wrong = compared[compared["members"] != compared["municipality_count"]]
    _stop_at(
        "members-printed", wrong.assign(programme=wrong["programme"].map(choices("programme")))
    )


def _stop_unless_summed(code: str, wide: pd.DataFrame) -> None:
    """Stop where the parts, a column each, are not together their ``total``."""
    summed = wide.drop(columns="total").sum(axis=1)
    _stop_at(code, wide.assign(summed=summed)[summed != wide["total"]].reset_index())


def _stop_at(code: str, wrong: pd.DataFrame, **facts: object) -> None:
    """Refuse rows that contradict another figure, each in the words of the code's ``row``."""
    if len(wrong):
        line = messages()[code]["row"]
        rows = "".join(line.format_map(row) for row in wrong.to_dict("records"))
        raise refusal(code, rows=rows, **facts)


CHECKS: Mapping[str, Callable[[pd.DataFrame], None]] = {
    "funnel_cases": check_funnel_cases,
    "funnel_counts": check_funnel_counts,
    "kpi": check_kpi,
    "membership": check_membership,
    "participation": check_participation,
}
# By table: the other table that it is compared with.
CROSS_CHECKS: Mapping[str, tuple[str, Callable[[pd.DataFrame, pd.DataFrame], None]]] = {
    "funnel_counts": ("kpi", check_against_kpi),
    "municipal_participation": ("participation", check_against_printed),
}


def check_meaning(table_id: str, table: pd.DataFrame, load: Callable[[str], pd.DataFrame]) -> None:
    """Stop where figures of a table contradict each other, or those of another table.

    Raises
    ------
    SourceMismatchError
        Naming the rows.
    """
    if table_id in CHECKS:
        CHECKS[table_id](table)
    if table_id in CROSS_CHECKS:
        other, check = CROSS_CHECKS[table_id]
        check(table, load(other))
