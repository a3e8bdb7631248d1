"""Published figures shipped with the project: municipalities, known contracts, national facts."""

from __future__ import annotations

from typing import ClassVar

from pandera.typing import Series

from gunmane_analysis.tables.table import MUNICIPALITY_CODE, Table, column

_NOT_CIVIL = "4月1日現在。土木部門職員数ではない。2021〜2024年度。"


class MunicipalSeries(Table):
    """Staff, expenditure, residents, roads and fiscal indicators of every municipality."""

    municipality_code: Series[str] = column("市区町村コード", str_matches=MUNICIPALITY_CODE)
    fiscal_year: Series[int] = column("年度", ge=2015, le=2100)
    general_staff_count: Series[float] = column(
        "一般行政部門職員数", unit="人", note=_NOT_CIVIL, ge=1, le=30_000, nullable=True
    )
    civil_engineering_expenditure_1000jpy: Series[float] = column(
        "土木費", unit="千円", note="決算。", ge=0, nullable=True
    )
    total_expenditure_1000jpy: Series[float] = column(
        "歳出決算総額", unit="千円", note="2015〜2022年度。", ge=0, nullable=True
    )
    resident_population: Series[float] = column(
        "人口",
        unit="人",
        note="年度内の1月1日の住民基本台帳。2020〜2024年度。",
        ge=0,
        nullable=True,
    )
    municipal_road_length_km: Series[float] = column(
        "市町村道実延長", unit="km", note="2020〜2024年度。", ge=0, le=20_000, nullable=True
    )
    fiscal_strength_index: Series[float] = column("財政力指数", ge=0, le=5, nullable=True)
    ordinary_balance_ratio: Series[float] = column(
        "経常収支比率", unit="割合", ge=0, le=3, nullable=True
    )
    real_debt_service_ratio: Series[float] = column(
        "実質公債費比率", unit="割合", ge=-1, le=2, nullable=True
    )
    future_burden_ratio: Series[float] = column(
        "将来負担比率", unit="割合", note="空欄は「－」（比率が出ない）。", ge=0, nullable=True
    )

    class Config(Table.Config):
        """One row per municipality and fiscal year."""

        name = "municipal_series"
        description = "市区町村 × 年度"
        unique: ClassVar[list[str]] = ["municipality_code", "fiscal_year"]


class MunicipalBase(Table):
    """Area, bridges, construction industry and census population of every municipality."""

    municipality_code: Series[str] = column(
        "市区町村コード", str_matches=MUNICIPALITY_CODE, unique=True
    )
    area_km2: Series[float] = column("面積", unit="km²", gt=0, le=3_000)
    bridges_inspected_count: Series[float] = column(
        "点検した橋", unit="橋", note="5か年の点検を合わせた数。空欄は不明。", ge=0, nullable=True
    )
    bridges_grade_3_4_count: Series[float] = column(
        "措置の要る橋", unit="橋", note="判定III・IV。", ge=0, nullable=True
    )
    construction_establishments_2014: Series[float] = column("建設業の事業所 2014年", ge=0)
    construction_workers_2014: Series[float] = column("建設業の従業者 2014年", unit="人", ge=0)
    construction_establishments_2016: Series[float] = column("建設業の事業所 2016年", ge=0)
    construction_workers_2016: Series[float] = column("建設業の従業者 2016年", unit="人", ge=0)
    construction_establishments_2021: Series[float] = column("建設業の事業所 2021年", ge=0)
    construction_workers_2021: Series[float] = column("建設業の従業者 2021年", unit="人", ge=0)
    census_population_2015: Series[float] = column("国勢調査人口 2015年", unit="人", ge=0)
    census_population_2020: Series[float] = column("国勢調査人口 2020年", unit="人", ge=0)

    class Config(Table.Config):
        """One row per municipality."""

        name = "municipal_base"
        description = "市区町村"


class MunicipalPopulationOutlook(Table):
    """Projected population (2023 estimate); 07999 is 浜通り地域, thirteen municipalities."""

    municipality_code: Series[str] = column(
        "市区町村コード", note="07999は浜通り地域", str_matches=MUNICIPALITY_CODE, unique=True
    )
    population_2020: Series[float] = column("2020年の人口", unit="人", note="国勢調査。", ge=0)
    population_2025: Series[float] = column("2025年の人口", unit="人", ge=0)
    population_2030: Series[float] = column("2030年の人口", unit="人", ge=0)
    population_2035: Series[float] = column("2035年の人口", unit="人", ge=0)
    population_2040: Series[float] = column("2040年の人口", unit="人", ge=0)
    population_2045: Series[float] = column("2045年の人口", unit="人", ge=0)
    population_2050: Series[float] = column("2050年の人口", unit="人", ge=0)

    class Config(Table.Config):
        """One row per municipality."""

        name = "municipal_population_outlook"
        description = "市区町村"


class MunicipalAdjacency(Table):
    """Pairs of municipalities with a common land border, each pair once."""

    municipality_code: Series[str] = column("市区町村コード", str_matches=MUNICIPALITY_CODE)
    neighbour_code: Series[str] = column("隣の市区町村コード", str_matches=MUNICIPALITY_CODE)

    class Config(Table.Config):
        """One row per pair of neighbours."""

        name = "municipal_adjacency"
        description = "隣り合う市区町村の組"
        unique: ClassVar[list[str]] = ["municipality_code", "neighbour_code"]


class ContractCasesPublic(Table):
    """Bundled contracts that cities' pages and the trade press tell of."""

    municipality_code: Series[str] = column(
        "団体コード", note="末尾000は都道府県", str_matches=MUNICIPALITY_CODE
    )
    name: Series[str] = column("団体")
    prefecture: Series[str] = column("都道府県")
    scheme_name: Series[str] = column("契約の名")
    infrastructure_fields: Series[str] = column("分野", note="; で区切る")
    tasks: Series[str] = column("業務", note="; で区切る", nullable=True)
    first_start: Series[str] = column(
        "開始", note="年又は年月", str_matches=r"^\d{4}(-\d{2})?$", nullable=True
    )
    term_months: Series[float] = column("契約期間", unit="月", gt=0, nullable=True)
    amount_jpy: Series[float] = column("金額", unit="円", gt=0, nullable=True)
    amount_basis: Series[str] = column("金額の性質", nullable=True)
    pricing: Series[str] = column("支払い方式", nullable=True)
    performance_based: Series[str] = column("性能規定か", isin=("yes", "no", "unknown"))
    contractor_form: Series[str] = column("受注者の形")
    area: Series[str] = column("区域", isin=("part", "whole"), nullable=True)
    status: Series[str] = column("段階", isin=("試行", "実施"))
    source_title: Series[str] = column("出典")
    source_date: Series[str] = column("出典の日付", nullable=True)
    source_url: Series[str] = column("出典の頁")
    confidence: Series[str] = column("確かさ", isin=("high", "medium", "low"))

    class Config(Table.Config):
        """One row per contract or phase."""

        name = "contract_cases_public"
        description = "契約又は段階"
        unique: ClassVar[list[str]] = ["municipality_code", "scheme_name"]


class NationalFactsPublic(Table):
    """Figures for the nation as publications print them."""

    what: Series[str] = column("何の数か")
    value: Series[str] = column("印刷どおりの値")
    unit: Series[str] = column("単位")
    as_of: Series[str] = column("時点")
    source_url: Series[str] = column("出典の頁")
    source_title: Series[str] = column("出典")
    confidence: Series[str] = column("確かさ", isin=("high", "medium", "low"))

    class Config(Table.Config):
        """One row per figure and date."""

        name = "national_facts_public"
        description = "数値 × 時点"
        unique: ClassVar[list[str]] = ["what", "as_of"]
