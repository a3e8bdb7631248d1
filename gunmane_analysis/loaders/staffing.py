"""Staffing by prefecture: the official series, lengthened by what e-Stat gives."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from gunmane_analysis.areas.master import prefectures
from gunmane_analysis.loaders.reading import read_columns
from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.sources import raw_file
from gunmane_analysis.tables import describe

SERIES = "prefecture_series"
_ITEM_COLUMNS = {"item_code": "str", "unit": "str"}
_KEY_COLUMNS = {"item_code": "str", "prefecture_code": "str", "year": "int64"}
_JPY_PER_UNIT = {"千円": 1000.0}


def build_staffing(fetched: pd.DataFrame) -> pd.DataFrame:
    """Build ``staffing``: one row per prefecture and fiscal year, yen and persons.

    Parameters
    ----------
    fetched : DataFrame
        The table ``prefecture_items``; without rows where nothing is filed.

    Raises
    ------
    SourceError
        If a column is missing or a cell is not a number.
    SourceMismatchError
        If an item is not in the item list, or a year does not hold all 47 prefectures.
    """
    path = raw_file(SERIES, "prefecture_series.csv")
    items = read_columns(_ITEM_COLUMNS, raw_file(SERIES, "prefecture_series_items.csv"))
    items = items.set_index("item_code")
    series = read_columns({**_KEY_COLUMNS, "value": "float64"}, path)
    series = with_fetched(series, fetched)
    columns = describe("staffing").sources[SERIES]["items"]
    _check_completeness(series, items, columns)
    scale = series["item_code"].map(items["unit"]).map(_JPY_PER_UNIT).fillna(1.0)
    wide = (
        series.assign(
            value=series["value"] * scale,
            column=series["item_code"].map(columns),
            fiscal_year=series["year"],
        )
        .pivot(index=["prefecture_code", "fiscal_year"], columns="column", values="value")
        .reindex(columns=list(columns.values()))
        .reset_index()
    )
    return wide.rename_axis(columns=None)


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
    ...     {"item_code": ["D1202"], "prefecture_code": ["01"], "year": [2024], "value": [1.0]}
    ... )
    >>> fetched = pd.DataFrame(
    ...     {"item_code": ["D1202"], "area_code": ["01"], "fiscal_year": [2025], "value": [2.0]}
    ... )
    >>> with_fetched(series, fetched)["value"].tolist()
    [1.0, 2.0]
    """
    wanted = fetched[
        fetched["item_code"].isin(describe("staffing").sources[SERIES]["items"])
        & fetched["area_code"].isin(prefectures())
        & (fetched["fiscal_year"] >= series["year"].min())
        & fetched["value"].notna()
    ]
    added = wanted.rename(columns={"area_code": "prefecture_code", "fiscal_year": "year"})
    both = pd.concat([series, added], ignore_index=True)
    latest: pd.DataFrame = both.drop_duplicates(list(_KEY_COLUMNS), keep="last", ignore_index=True)
    return latest[list(series.columns)]


def _check_completeness(
    series: pd.DataFrame, items: pd.DataFrame, columns: Mapping[str, str]
) -> None:
    codes = set(series["item_code"])
    unknown = sorted(codes - set(columns) | set(items.index) ^ codes)
    refuse_if(unknown, "series-item", unknown=unknown, known=columns)
    counted = series.groupby(["item_code", "year"])["prefecture_code"].nunique()
    short = counted[counted != len(prefectures())]
    named = [
        f"{row.item_code} {row.year}年 {row.prefecture_code}件"
        for row in short.reset_index().itertuples()
    ]
    refuse_if(named, "series-incomplete", named=named)
