"""Tables of the theme ``funnel`` that are not published and that the secretariat may file."""

from __future__ import annotations

from typing import ClassVar

from pandera.typing import Series

from gunmane_analysis.tables.funnel import STAGES
from gunmane_analysis.tables.table import (
    BLOCK_ID,
    ISO_DATE,
    MUNICIPALITY_CODE,
    PREFECTURE_CODE,
    Table,
    column,
)

FIELDS = (
    "road",
    "river",
    "erosion_control",
    "coast",
    "port",
    "park",
    "building",
    "water_supply",
    "sewerage",
    "other",
)


class FunnelCounts(Table):
    """Cases at each stage of the matching funnel, by regional forum."""

    fiscal_year: Series[int] = column("年度", ge=2016, le=2100)
    block_id: Series[str] = column("地方フォーラム", str_matches=BLOCK_ID)
    stage: Series[str] = column(
        "段階",
        note="considered=検討 established=成立 trialled=試行 implemented=実装",
        isin=STAGES,
    )
    case_count: Series[int] = column("件数", unit="件", note="0件は0と書く", ge=0)
    counting_rule: Series[str] = column(
        "数え方",
        note="nested=その段階に達した延べ数 status=一件を今いる段階だけで数えた数 "
        "unknown=分からない",
        isin=("nested", "status", "unknown"),
    )
    as_of_on: Series[str] = column("時点", str_matches=ISO_DATE)
    remark: Series[str] = column("備考", nullable=True)

    class Config(Table.Config):
        """One row per fiscal year, regional forum and stage."""

        name = "funnel_counts"
        description = "年度 × 地方フォーラム × 段階"
        unique: ClassVar[list[str]] = ["fiscal_year", "block_id", "stage"]


class FunnelCases(Table):
    """One line per case of the matching funnel, with the date of each stage it reached."""

    case_id: Series[str] = column("案件の名", note="変わらない、一意の名")
    block_id: Series[str] = column("地方フォーラム", str_matches=BLOCK_ID)
    prefecture_code: Series[str] = column(
        "都道府県コード", str_matches=PREFECTURE_CODE, nullable=True
    )
    municipality_code: Series[str] = column(
        "市区町村コード", str_matches=MUNICIPALITY_CODE, nullable=True
    )
    field: Series[str] = column("分野", isin=FIELDS, nullable=True)
    considered_on: Series[str] = column("マッチング検討を始めた日", str_matches=ISO_DATE)
    established_on: Series[str] = column("マッチング成立の日", str_matches=ISO_DATE, nullable=True)
    trialled_on: Series[str] = column("現場試行の日", str_matches=ISO_DATE, nullable=True)
    implemented_on: Series[str] = column("社会実装の日", str_matches=ISO_DATE, nullable=True)
    closed_on: Series[str] = column(
        "取りやめの日", note="実装に至らず終わった案件だけ", str_matches=ISO_DATE, nullable=True
    )
    as_of_on: Series[str] = column(
        "最後に状況を確かめた日", note="この日より後のことは分からない", str_matches=ISO_DATE
    )
    remark: Series[str] = column("備考", nullable=True)

    class Config(Table.Config):
        """One row per case."""

        name = "funnel_cases"
        description = "案件"
        unique: ClassVar[list[str]] = ["case_id"]
