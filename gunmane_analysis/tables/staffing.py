"""Tables of the theme ``staffing``."""

from __future__ import annotations

from typing import ClassVar

from pandera.typing import Series

from gunmane_analysis.tables.table import PREFECTURE_CODE, Table, column

_NOT_CIVIL = "一般行政部門の職員であり、土木部門の職員ではない。一部事務組合等を含む。"


class Staffing(Table):
    """Staff, population, roads and expenditure of municipalities, by prefecture and year."""

    prefecture_code: Series[str] = column("都道府県コード", str_matches=PREFECTURE_CODE)
    fiscal_year: Series[int] = column("年度", ge=1995, le=2100)
    general_staff_count: Series[float] = column(
        "市区町村の一般行政部門職員数",
        unit="人",
        note=f"4月1日現在。{_NOT_CIVIL}",
        ge=0,
        nullable=True,
    )
    prefectural_general_staff_count: Series[float] = column(
        "都道府県の一般行政部門職員数",
        unit="人",
        note=f"4月1日現在。{_NOT_CIVIL}",
        ge=0,
        nullable=True,
    )
    population_count: Series[float] = column(
        "総人口", unit="人", note="10月1日現在。国勢調査・人口推計。", ge=0, nullable=True
    )
    municipal_road_length_km: Series[float] = column(
        "市町村道の実延長", unit="km", note="4月1日現在。", ge=0, nullable=True
    )
    civil_engineering_expenditure_jpy: Series[float] = column(
        "市町村の土木費", unit="円", note="年度決算。元の単位は千円。", ge=0, nullable=True
    )
    road_bridge_expenditure_jpy: Series[float] = column(
        "市町村の道路橋りょう費", unit="円", note="年度決算。元の単位は千円。", ge=0, nullable=True
    )
    prefectural_civil_engineering_expenditure_jpy: Series[float] = column(
        "都道府県の土木費", unit="円", note="年度決算。元の単位は千円。", ge=0, nullable=True
    )
    fire_staff_count: Series[float] = column("消防部門職員数", unit="人", ge=0, nullable=True)
    education_staff_count: Series[float] = column("教育部門職員数", unit="人", ge=0, nullable=True)
    police_staff_count: Series[float] = column("警察部門職員数", unit="人", ge=0, nullable=True)
    public_enterprise_staff_count: Series[float] = column(
        "公営企業等会計部門職員数", unit="人", ge=0, nullable=True
    )
    licensed_construction_firm_count: Series[float] = column(
        "建設業者数", unit="業者", note="年度末の許可業者数。", ge=0, nullable=True
    )

    class Config(Table.Config):
        """One row per prefecture and fiscal year."""

        name = "staffing"
        description = "都道府県 × 年度"
        unique: ClassVar[list[str]] = ["prefecture_code", "fiscal_year"]


class NationalPoints(Table):
    """Figures printed for the nation as a whole, each with its rounding."""

    point_id: Series[str] = column("数値の名")
    label_ja: Series[str] = column("見出し")
    value: Series[float] = column("値", note="割合は 0〜1、減少は負")
    value_text: Series[str] = column("印刷どおりの表記")
    unit: Series[str] = column("単位")
    precision: Series[float] = column("丸めの単位", note="空欄は「約」", nullable=True)
    from_year: Series[float] = column("起点の年", nullable=True)
    to_year: Series[float] = column("終点の年", nullable=True)
    year_kind: Series[str] = column("年の種類", nullable=True)
    as_of_on: Series[str] = column("時点", nullable=True)
    known_fiscal_year: Series[int] = column("時点の属する年度")
    cited_statistic: Series[str] = column("文書が示す統計")
    document_id: Series[str] = column("文書")
    location: Series[str] = column("文書内の場所")
    remark: Series[str] = column("備考", nullable=True)

    class Config(Table.Config):
        """One row per document and printed figure."""

        name = "national_points"
        description = "文書 × 公表された数値"
        unique: ClassVar[list[str]] = ["point_id", "document_id"]
