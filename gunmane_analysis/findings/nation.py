"""What only the nation's page shows: the map of the prefectures, the 1,741 by their size."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.grammar import plot_bars, plot_tile_map
from gunmane_analysis.charts.style import FULL
from gunmane_analysis.findings.area import NOT_CIVIL
from gunmane_analysis.findings.finding import Column, Finding
from gunmane_analysis.sources import sources_in_use
from gunmane_analysis.tables.indicators import indicators, latest_known

_MAPPED = "staff_per_100km"
_SIZES = (0, 5_000, 10_000, 30_000, 50_000, 100_000, 300_000, float("inf"))
_SIZE_NAMES = (
    "5千人未満", "5千〜1万人", "1〜3万人", "3〜5万人", "5〜10万人", "10〜30万人", "30万人以上",
)  # fmt: skip
_SHOWN = (
    "general_staff_count",
    "staff_per_1000_residents",
    "staff_per_100km",
    "expenditure_per_resident_jpy",
    "repair_share",
    "population_2050_share",
)


def prefecture_map_finding(
    values: pd.DataFrame, prefectures: Sequence[Area], fiscal_year: int
) -> Finding:
    """Map the prefectures by staff per 100 km of municipal road, fewer being darker.

    Parameters
    ----------
    values : DataFrame
        :func:`gunmane_analysis.area_values` of any area but a municipality.
    prefectures : sequence of Area
    fiscal_year : int

    Examples
    --------
    >>> from gunmane_analysis import (
    ...     area_values, list_areas, load_municipal_values, load_staffing)
    >>> values = area_values(load_municipal_values(), load_staffing())
    >>> len(prefecture_map_finding(values, list_areas("prefecture"), 2024).table)
    47
    """
    indicator = indicators()[_MAPPED]
    names = {area.area_id: area.name for area in prefectures}
    newest = latest_known(values[values["indicator_id"] == _MAPPED], fiscal_year)
    known = newest[newest["area_id"].isin(names)]
    by_code = known.set_index(known["area_id"].astype("str"))["value"].sort_values()
    shown = {str(code): f"{value:.0f}" for code, value in by_code.items()}
    short = {code: name[:-1] if len(name) == 3 else name[:3] for code, name in names.items()}
    year = int(known["year"].max())
    few = "、".join(f"{names[str(code)]}{by_code[code]:.1f}人" for code in by_code.index[:3])
    most = str(by_code.index[-1])
    headline = f"少ない順に{few}で、最も多いのは{names[most]}の{by_code[most]:.0f}人である。"
    return Finding(
        finding_id="nation.map",
        title=f"{indicator.label}（{year}年度、人）",
        headline=headline,
        table=pd.DataFrame(
            {"area_name": [names[str(code)] for code in by_code.index], "value": by_code.to_numpy()}
        ),
        columns=(
            Column("area_name", "都道府県"),
            Column("value", indicator.label, indicator.unit, indicator.kind, indicator.decimals),
        ),
        source_ids=sources_in_use(*indicator.sources["regional"]),
        caveats=(f"少ないほど濃い。47都道府県を5つに等分した。{NOT_CIVIL}",),
        chart=draw(
            lambda: plot_tile_map(
                {str(code): float(value) for code, value in by_code.items()},
                shown,
                short,
                width=FULL * 0.7,
                darker="low",
            ),
            f"都道府県を四角で表した地図。{headline}",
        ),
    )


def municipal_sizes_finding(municipalities: pd.DataFrame) -> Finding | None:
    """Show how many municipalities have how few staff, by their number of residents.

    Parameters
    ----------
    municipalities : DataFrame
        :func:`gunmane_analysis.load_municipalities`.

    Returns
    -------
    Finding or None
        None where no municipality's residents and staff are known.

    Examples
    --------
    >>> from gunmane_analysis import load_municipalities
    >>> int(municipal_sizes_finding(load_municipalities(2024)).table["municipality_count"].sum())
    1741
    """
    known = municipalities.dropna(subset=["population_count", "general_staff_count"])
    if known.empty:
        return None
    size = pd.cut(known["population_count"], _SIZES, right=False, labels=_SIZE_NAMES)
    shown = [name for name in _SHOWN if known[name].notna().any()]
    table = known.groupby(size, observed=True)[shown].median().astype("float64")
    table.insert(0, "municipality_count", size.value_counts())
    table = table.rename_axis("size_name").reset_index().astype({"size_name": "str"})
    described = [indicators()[name] for name in shown]
    year = int(known["general_staff_count_year"].max())
    few = known[known["population_count"] < _SIZES[2]]
    staff = table["general_staff_count"]
    headline = (
        f"人口1万人未満の市区町村は{len(few):,}（{len(known):,}の"
        f"{len(few) / len(known) * 100:.1f}%）で、一般行政部門職員の中央値は"
        f"{few['general_staff_count'].median():.0f}人である。"
        f"全国の中央値は{known['general_staff_count'].median():.0f}人である。"
    )
    bars = pd.DataFrame(
        {
            "label": [
                f"{name}（{count:,}）"
                for name, count in zip(table["size_name"], table["municipality_count"], strict=True)
            ],
            "value": staff,
            "words": [f"{value:,.0f}人" for value in staff],
        }
    )
    return Finding(
        finding_id="nation.sizes",
        title=f"人口の規模別に見た市区町村の職員数の中央値（{year}年度）",
        headline=headline,
        table=table,
        columns=(
            Column("size_name", "人口"),
            Column("municipality_count", "市区町村の数", kind="count"),
            *(
                Column(each.indicator_id, each.label, each.unit, each.kind, each.decimals)
                for each in described
            ),
        ),
        source_ids=sources_in_use(*(s for each in described for s in each.sources["municipality"])),
        caveats=(f"括弧内は市区町村の数。{NOT_CIVIL}",),
        chart=draw(lambda: plot_bars(bars, "人（中央値）"), f"横棒図。{headline}"),
    )
