"""Participation by municipality, held against the printed national counts once it is filed."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import list_areas
from gunmane_analysis.errors import SourceMismatchError
from gunmane_analysis.loaders.filed import load_filed_table
from gunmane_analysis.loaders.funnel import load_participation
from gunmane_analysis.tables.participation import PROGRAMMES, MunicipalParticipation


def load_municipal_participation() -> pd.DataFrame:
    """Load ``municipal_participation``: who takes part; no rows until it is filed.

    Raises
    ------
    SourceMismatchError
        If a list of all municipalities contradicts the count printed for the same day.

    Examples
    --------
    >>> "is_member" in load_municipal_participation().columns
    True
    """
    register = load_filed_table(MunicipalParticipation)
    if len(register):
        check_against_printed(register, load_participation())
    return register


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
    if len(wrong):
        told = "、".join(
            f"{PROGRAMMES[row['programme']]} {row['as_of_on']}: 届いた表 {row['members']:,}、"
            f"公表 {row['municipality_count']:,.0f}"
            for row in wrong.to_dict("records")
        )
        raise SourceMismatchError(
            f"市区町村別の加入の数が、公表の数と一致しません（{told}）。",
            advice="届いた表の時点と、欠けた市区町村・二重の行がないかを確かめてください。",
        )
