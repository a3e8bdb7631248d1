"""Funnel: what the secretariat may file beside the published figures, once it is registered.

Nothing is published by block or by case. Both tables are therefore empty until
``data/raw/sources.yml`` has an entry ``funnel_counts`` or ``funnel_cases`` with its files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pandas as pd

from gunmane_analysis.areas import read_code
from gunmane_analysis.errors import SourceError, SourceMismatchError
from gunmane_analysis.intake.reading import read_csv_cells, to_numbers
from gunmane_analysis.loaders.delivered import read_delivered
from gunmane_analysis.loaders.filed import has_schema_names
from gunmane_analysis.loaders.funnel import KPI, build_kpi
from gunmane_analysis.loaders.store import load_processed
from gunmane_analysis.sources import find_source, raw_file, read_register
from gunmane_analysis.tables import Table
from gunmane_analysis.tables.funnel import STAGE_NAMES, STAGES
from gunmane_analysis.tables.funnel_filings import FunnelCases, FunnelCounts
from gunmane_analysis.tables.table import ISO_DATE

COUNTS = "funnel_counts"
CASES = "funnel_cases"
_FORUM_COUNT = 10
_DATES = ("considered_on", "established_on", "trialled_on", "implemented_on", "closed_on")
_DATE_NAMES = {
    **{f"{stage}_on": f"{name}の日" for stage, name in STAGE_NAMES.items()},
    "closed_on": "取りやめの日",
    "as_of_on": "最後に状況を確かめた日",
}


def read_funnel_counts(path: Path) -> pd.DataFrame:
    """Read one filed table of stage counts by regional forum: our own CSV, or the form.

    Raises
    ------
    SourceError
        If a column is missing, a count is blank or no whole number, or a forum's four stages
        do not stand together under one counting rule; every place named.
    """
    columns = list(FunnelCounts.to_schema().columns)
    if has_schema_names(FunnelCounts, path):
        cells = to_numbers(read_csv_cells(path, columns), ["fiscal_year", "case_count"], path)
        _stop_at(path, cells, ["fiscal_year", "case_count"])
        counts = cells[columns].astype({"fiscal_year": "int64", "case_count": "int64"})
    else:
        counts = read_delivered(FunnelCounts, path)
    faults = []
    for (year, block), group in counts.groupby(["fiscal_year", "block_id"]):
        rules, dates = (sorted(group[name].unique()) for name in ("counting_rule", "as_of_on"))
        if sorted(group["stage"]) != sorted(STAGES) or len(rules) > 1 or len(dates) > 1:
            faults.append(
                f"  {year}年度 {block}: {'、'.join(group['stage'])}"
                f"（数え方 {'、'.join(rules)}、時点 {'、'.join(dates)}）"
            )
    if faults:
        raise SourceError(
            f"ファイル「{path.name}」に、段階・数え方・時点のそろわない地方フォーラムがあります。\n"
            + "\n".join(faults),
            expected=f"{'、'.join(STAGES)} が一行ずつ、数え方と時点は同じ",
            advice="0件の段階にも0の行を置いてください。",
        )
    return counts


def _stop_at(path: Path, cells: pd.DataFrame, names: Sequence[str]) -> None:
    faults = [
        f"  {position + 2}行目 列「{name}」 値「{'' if pd.isna(value) else f'{value:g}'}」"
        for name in names
        for position, value in enumerate(cells[name])
        if pd.isna(value) or value != round(value)
    ]
    if faults:
        raise SourceError(
            f"ファイル「{path.name}」に、空欄か整数でない値があります。\n" + "\n".join(faults),
            expected="整数（0件は0、分からない年度・地方は行ごと除く）",
            advice="該当する行を直してください。",
        )


def build_funnel_counts() -> pd.DataFrame:
    """Build ``funnel_counts`` from every registered file.

    Raises
    ------
    SourceMismatchError
        If the ten forums of a year do not add up to the regional forums' printed counts.
    """
    counts = _from_every_file(COUNTS, read_funnel_counts)
    check_against_kpi(counts, build_kpi())
    return counts


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
    if wrong.any():
        told = "、".join(
            f"{row.fiscal_year}年度{STAGE_NAMES[str(row.stage)]} "
            f"{row.filed}件（公表 {row.result:g}件）"
            for row in compared[wrong].itertuples()
        )
        raise SourceMismatchError(
            f"地方フォーラム別の件数の和が、公表の地方フォーラム小計と一致しません。{told}",
            advice="届いた件数と公表の件数のどちらが直されたかを確かめ、誤った方を直してください。",
        )


def read_funnel_cases(path: Path) -> pd.DataFrame:
    """Read one filed case ledger: our own CSV, or the form.

    A six-digit municipality code is accepted where its check digit is right.

    Raises
    ------
    SourceError
        If a column is missing or the dates of a case contradict each other; every case named.
    """
    columns = list(FunnelCases.to_schema().columns)
    if has_schema_names(FunnelCases, path):
        cells = read_csv_cells(path, columns)[columns]
        codes = [read_code(code).code if isinstance(code, str) else None
                 for code in cells["municipality_code"]]  # fmt: skip
        cases = cells.assign(municipality_code=pd.Series(codes, index=cells.index, dtype="str"))
    else:
        cases = read_delivered(FunnelCases, path)
    faults = [fault for _, row in cases.iterrows() for fault in _case_faults(row)]
    if faults:
        raise SourceError(
            f"ファイル「{path.name}」に、日付や場所の合わない案件があります。\n"
            + "\n".join(f"  {fault}" for fault in faults),
            expected="検討・成立・試行・実装の順の日付（YYYY-MM-DD、飛ばした段階は空欄）",
            advice="該当する案件の行を直してください。",
        )
    return cases


def _case_faults(case: pd.Series) -> list[str]:
    dates = {name: str(case[name]) for name in (*_DATES, "as_of_on") if isinstance(case[name], str)}
    label = f"案件「{case['case_id']}」"
    unusable = [name for name, date in dates.items() if not _is_date(date)]
    if unusable:
        return [f"{label} {_DATE_NAMES[name]}「{dates[name]}」は日付ではない" for name in unusable]
    ordered = list(dates.items())
    faults = [
        f"{label} {_DATE_NAMES[later]}{dates[later]}が、{_DATE_NAMES[earlier]}{date}より前"
        for (earlier, date), (later, _) in pairwise(ordered)
        if dates[later] < date
    ]
    if {"implemented_on", "closed_on"} <= dates.keys():
        faults.append(f"{label} 社会実装の日と取りやめの日の両方がある")
    place = (case["municipality_code"], case["prefecture_code"])
    if all(isinstance(code, str) for code in place) and place[0][:2] != place[1]:
        faults.append(f"{label} 市区町村コードが都道府県コードと合わない")
    return faults


def _is_date(text: str) -> bool:
    return bool(re.fullmatch(ISO_DATE, text)) and not pd.isna(
        pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")
    )


def build_funnel_cases() -> pd.DataFrame:
    """Build ``funnel_cases`` from every registered file."""
    return _from_every_file(CASES, read_funnel_cases)


def _from_every_file(source_id: str, read: Callable[[Path], pd.DataFrame]) -> pd.DataFrame:
    names = [name.removeprefix(f"{source_id}/") for name in find_source(source_id).files]
    return pd.concat([read(raw_file(source_id, name)) for name in names], ignore_index=True)


def load_funnel_counts() -> pd.DataFrame:
    """Load ``funnel_counts``: filed stage counts by regional forum; no rows while none is filed.

    Returns
    -------
    DataFrame
        Columns of :class:`gunmane_analysis.tables.funnel_filings.FunnelCounts`: one row per
        fiscal year, regional forum and stage, ``case_count`` in cases.

    Examples
    --------
    >>> "counting_rule" in load_funnel_counts().columns
    True
    """
    return _load_if_filed(FunnelCounts, build_funnel_counts, [COUNTS, KPI])


def load_funnel_cases() -> pd.DataFrame:
    """Load ``funnel_cases``: the filed case ledger; no rows while none is filed.

    Returns
    -------
    DataFrame
        Columns of :class:`gunmane_analysis.tables.funnel_filings.FunnelCases`: one row per
        case, dates as ISO text.

    Examples
    --------
    >>> "implemented_on" in load_funnel_cases().columns
    True
    """
    return _load_if_filed(FunnelCases, build_funnel_cases, [CASES])


def _load_if_filed(
    model: type[Table], build: Callable[[], pd.DataFrame], source_ids: Sequence[str]
) -> pd.DataFrame:
    if source_ids[0] not in read_register():
        return model.check(model.empty(), "届いていない表")
    return load_processed(model, build, source_ids)
