"""Staffing by prefecture: the official series, lengthened by what e-Stat gives."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.errors import SourceMismatchError
from gunmane_analysis.intake.reading import read_csv_cells, to_numbers
from gunmane_analysis.loaders.shipped import Load
from gunmane_analysis.sources import is_filed, raw_file

SERIES = "prefecture_series"
FETCHED = "ssds"

_COLUMN_OF_ITEM = {
    "D1202": "general_staff_count",
    "D1201": "prefectural_general_staff_count",
    "A1101": "population_count",
    "H7112": "municipal_road_length_km",
    "D320308": "civil_engineering_expenditure_jpy",
    "D3203082": "road_bridge_expenditure_jpy",
    "D310308": "prefectural_civil_engineering_expenditure_jpy",
    "D1203": "fire_staff_count",
    "D1204": "education_staff_count",
    "D1205": "police_staff_count",
    "D1206": "public_enterprise_staff_count",
    "C3306": "licensed_construction_firm_count",
}
_JPY_PER_UNIT = {"千円": 1000.0}
_PREFECTURE_COUNT = 47


def build_staffing(load: Load) -> pd.DataFrame:
    """Build ``staffing``: one row per prefecture and fiscal year, yen and persons.

    Parameters
    ----------
    load : callable
        Returns another table by its id.

    Raises
    ------
    SourceError
        If a column is missing or a cell is not a number.
    SourceMismatchError
        If an item is not in the item list, or a year does not hold all 47 prefectures.
    """
    path = raw_file(SERIES, "prefecture_series.csv")
    items = read_csv_cells(
        raw_file(SERIES, "prefecture_series_items.csv"), ["item_code", "name_ja", "unit"]
    ).set_index("item_code")
    series = to_numbers(
        read_csv_cells(path, ["item_code", "prefecture_code", "year", "value"]),
        ["year", "value"],
        path,
    )
    if is_filed(FETCHED):
        series = with_fetched(series, load("prefecture_items"))
    _check_completeness(series, items)
    scale = series["item_code"].map(items["unit"]).map(_JPY_PER_UNIT).fillna(1.0)
    wide = (
        series.assign(
            value=series["value"] * scale,
            column=series["item_code"].map(_COLUMN_OF_ITEM),
            fiscal_year=series["year"].astype("int64"),
        )
        .pivot(index=["prefecture_code", "fiscal_year"], columns="column", values="value")
        .reindex(columns=list(_COLUMN_OF_ITEM.values()))
        .reset_index()
    )
    wide.columns.name = None
    return wide


def with_fetched(series: pd.DataFrame, fetched: pd.DataFrame) -> pd.DataFrame:
    """Return the series with the years and the revised values that e-Stat gives beside it.

    Parameters
    ----------
    series : DataFrame
        One row per item, prefecture and year: ``item_code``, ``prefecture_code``, ``year``,
        ``value``.
    fetched : DataFrame
        The table ``prefecture_items``; other items and areas in it are left aside, and so are
        years before the series begins (e-Stat's reach back to 1975). A value given as a mark is
        missing, and leaves the series as it is.

    Examples
    --------
    >>> series = pd.DataFrame(
    ...     {"item_code": ["D1202"], "prefecture_code": ["01"], "year": [2024.0], "value": [1.0]}
    ... )
    >>> fetched = pd.DataFrame(
    ...     {"item_code": ["D1202"], "area_code": ["01"], "fiscal_year": [2025], "value": [2.0]}
    ... )
    >>> with_fetched(series, fetched)["value"].tolist()
    [1.0, 2.0]
    """
    wanted = fetched[
        fetched["item_code"].isin(_COLUMN_OF_ITEM)
        & (fetched["area_code"].str.len() == 2)
        & (fetched["area_code"] != "00")
        & (fetched["fiscal_year"] >= series["year"].min())
        & fetched["value"].notna()
    ]
    if wanted.empty:
        return series
    added = wanted.rename(columns={"area_code": "prefecture_code", "fiscal_year": "year"})
    key = ["item_code", "prefecture_code", "year"]
    both = pd.concat([series, added.astype({"year": "float64"})], ignore_index=True)
    latest: pd.DataFrame = both.drop_duplicates(key, keep="last").reset_index(drop=True)
    return latest[list(series.columns)]


def _check_completeness(series: pd.DataFrame, items: pd.DataFrame) -> None:
    unknown = sorted(
        set(series["item_code"]) - set(_COLUMN_OF_ITEM)
        | set(items.index) ^ set(series["item_code"])
    )
    if unknown:
        raise SourceMismatchError(
            f"都道府県系列に、登録のない項目「{'、'.join(unknown)}」があります。",
            expected="、".join(_COLUMN_OF_ITEM),
            advice="項目一覧と取り込みの対応を確認してください。",
        )
    prefectures = series.groupby(["item_code", "year"])["prefecture_code"].nunique()
    counted = prefectures.rename("prefecture_count").reset_index()
    short = counted[counted["prefecture_count"] != _PREFECTURE_COUNT]
    if len(short):
        named = "、".join(
            f"{item} {year:.0f}年 {count}件"
            for item, year, count in zip(
                short["item_code"], short["year"], short["prefecture_count"], strict=True
            )
        )
        raise SourceMismatchError(
            f"都道府県系列に、47都道府県がそろわない年があります（{named}）。",
            expected="各項目・各年とも47件",
            advice="元のファイルの欠けた行を確認してください。",
        )
