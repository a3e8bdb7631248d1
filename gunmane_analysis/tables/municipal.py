"""Tables by municipality, from the official files and the forms that may be filed."""

from __future__ import annotations

from typing import Any, ClassVar

import pandas as pd
from pandera.typing import Series

from gunmane_analysis.tables.table import ISO_DATE, MUNICIPALITY_CODE, Table, column

STATUSES: tuple[str, ...] = ("", "none", "unknown", "suppressed", "not_applicable", "empty")
_NOT_CIVIL = "一般行政部門の職員であり、土木部門の職員ではない。"


def _status(of: str) -> Any:
    return column(
        f"{of}の記号",
        note="空欄=数値あり none=皆無 unknown=不詳 suppressed=秘匿 not_applicable=該当なし "
        "empty=元の表で空欄",
        isin=STATUSES,
    )


class MunicipalIndicators(Table):
    """SSDSE-A: each item stands in the year that its edition gives it."""

    municipality_code: Series[str] = column("市区町村コード", str_matches=MUNICIPALITY_CODE)
    fiscal_year: Series[int] = column("年度", ge=1990, le=2100)
    general_staff_count: Series[float] = column(
        "一般行政部門職員数", unit="人", note=f"4月1日現在。{_NOT_CIVIL}", ge=0, nullable=True
    )
    civil_engineering_expenditure_jpy: Series[float] = column(
        "土木費", unit="円", note="年度決算。元の単位は千円。", ge=0, nullable=True
    )
    total_expenditure_jpy: Series[float] = column(
        "歳出決算総額", unit="円", note="年度決算。元の単位は千円。", ge=0, nullable=True
    )
    population_count: Series[float] = column(
        "総人口", unit="人", note="国勢調査。", ge=0, nullable=True
    )
    population_65_over_count: Series[float] = column(
        "65歳以上人口", unit="人", note="国勢調査。", ge=0, nullable=True
    )
    area_ha: Series[float] = column("総面積", unit="ha", ge=0, nullable=True)
    habitable_area_ha: Series[float] = column("可住地面積", unit="ha", ge=0, nullable=True)
    construction_establishment_count: Series[float] = column(
        "事業所数（建設業）", unit="事業所", note="経済センサス。", ge=0, nullable=True
    )
    construction_worker_count: Series[float] = column(
        "従業者数（建設業）", unit="人", note="経済センサス。", ge=0, nullable=True
    )

    class Config(Table.Config):
        """One row per municipality and year."""

        name = "municipal_indicators"
        description = "市区町村 × 年度"
        unique: ClassVar[list[str]] = ["municipality_code", "fiscal_year"]


class MunicipalFiscalIndex(Table):
    """Main fiscal indicators of municipalities."""

    municipality_code: Series[str] = column("市区町村コード", str_matches=MUNICIPALITY_CODE)
    fiscal_year: Series[int] = column("年度", ge=1990, le=2100)
    fiscal_strength_index: Series[float] = column("財政力指数", ge=0, nullable=True)
    current_balance_ratio: Series[float] = column("経常収支比率", unit="%", nullable=True)
    debt_service_ratio: Series[float] = column("実質公債費比率", unit="%", nullable=True)
    future_burden_ratio: Series[float] = column("将来負担比率", unit="%", nullable=True)
    future_burden_ratio_status: Series[str] = _status("将来負担比率")
    laspeyres_index: Series[float] = column("ラスパイレス指数", nullable=True)

    class Config(Table.Config):
        """One row per municipality and fiscal year."""

        name = "municipal_fiscal_index"
        description = "市区町村 × 年度"
        unique: ClassVar[list[str]] = ["municipality_code", "fiscal_year"]


class PopulationProjection(Table):
    """Projected population; 07999 is 浜通り地域, thirteen municipalities as one."""

    municipality_code: Series[str] = column(
        "市区町村コード", note="07999 は福島県浜通り地域（13市町村）", str_matches=MUNICIPALITY_CODE
    )
    year: Series[int] = column("年", note="10月1日現在。2020年は国勢調査。", ge=2000, le=2100)
    population_count: Series[float] = column("総人口", unit="人", ge=0)

    class Config(Table.Config):
        """One row per municipality and year."""

        name = "population_projection"
        description = "市区町村 × 年"
        unique: ClassVar[list[str]] = ["municipality_code", "year"]


class MunicipalPopulation(Table):
    """Residents in the basic resident register."""

    municipality_code: Series[str] = column("市区町村コード", str_matches=MUNICIPALITY_CODE)
    as_of_on: Series[str] = column("時点", str_matches=ISO_DATE)
    population_count: Series[float] = column("人口", unit="人", ge=0, nullable=True)
    household_count: Series[float] = column("世帯数", unit="世帯", ge=0, nullable=True)

    class Config(Table.Config):
        """One row per municipality and day."""

        name = "municipal_population"
        description = "市区町村 × 時点"
        unique: ClassVar[list[str]] = ["municipality_code", "as_of_on"]


class MunicipalPanel(Table):
    """Expenditure, roads and bridges of municipalities by fiscal year."""

    municipality_code: Series[str] = column("市区町村コード", str_matches=MUNICIPALITY_CODE)
    fiscal_year: Series[int] = column("年度", ge=1990, le=2100)
    population_count: Series[float] = column(
        "人口", unit="人", note="翌年1月1日の住民基本台帳。", ge=0, nullable=True
    )
    civil_engineering_expenditure_jpy: Series[float] = column(
        "土木費", unit="円", note="年度決算。", ge=0, nullable=True
    )
    fiscal_strength_index: Series[float] = column("財政力指数", ge=0, nullable=True)
    area_km2: Series[float] = column("面積", unit="km²", ge=0, nullable=True)
    road_length_m: Series[float] = column("市町村道の延長", unit="m", ge=0, nullable=True)
    bridges_inspected_count: Series[float] = column(
        "点検した橋", unit="橋", note="5か年の点検を合わせた数。", ge=0, nullable=True
    )
    bridges_needing_repair_count: Series[float] = column(
        "措置の要る橋", unit="橋", note="判定区分III・IV。", ge=0, nullable=True
    )

    class Config(Table.Config):
        """One row per municipality and fiscal year."""

        name = "municipal_panel"
        description = "市区町村 × 年度"
        unique: ClassVar[list[str]] = ["municipality_code", "fiscal_year"]


class MunicipalStaffing(Table):
    """Staff, civil-engineering staff and technicians of municipalities."""

    municipality_code: Series[str] = column("市区町村コード", str_matches=MUNICIPALITY_CODE)
    fiscal_year: Series[int] = column("年度", note="4月1日現在。", ge=1990, le=2100)
    staff_count: Series[float] = column("職員数", unit="人", note="全部門。", ge=0, nullable=True)
    staff_count_status: Series[str] = _status("職員数")
    civil_staff_count: Series[float] = column("土木部門職員数", unit="人", ge=0, nullable=True)
    civil_staff_count_status: Series[str] = _status("土木部門職員数")
    civil_engineer_count: Series[float] = column("土木技師数", unit="人", ge=0, nullable=True)
    civil_engineer_count_status: Series[str] = _status("土木技師数")
    architect_count: Series[float] = column("建築技師数", unit="人", ge=0, nullable=True)
    architect_count_status: Series[str] = _status("建築技師数")

    class Config(Table.Config):
        """One row per municipality and fiscal year."""

        name = "municipal_staffing"
        description = "市区町村 × 年度"
        unique: ClassVar[list[str]] = ["municipality_code", "fiscal_year"]


def technician_counts(staffing: pd.DataFrame) -> pd.Series:
    """Return civil engineers plus architects of each row; 皆無 is no technician.

    A count is missing where one of the two is unknown or was not filed.
    """
    parts = [
        staffing[f"{name}_count"].mask(staffing[f"{name}_count_status"] == "none", 0.0)
        for name in ("civil_engineer", "architect")
    ]
    return parts[0] + parts[1]


class Contracts(Table):
    """Register of bundled maintenance contracts."""

    contract_id: Series[str] = column("契約番号", unique=True)
    municipality_code: Series[str] = column("市区町村コード", str_matches=MUNICIPALITY_CODE)
    area_label: Series[str] = column("対象区域", nullable=True)
    infrastructure_fields: Series[str] = column("分野", note="; で区切る")
    tasks: Series[str] = column("業務", note="; で区切る", nullable=True)
    bundle_kinds: Series[str] = column("束の種類", note="; で区切る")
    start_on: Series[str] = column("開始日", str_matches=ISO_DATE)
    end_on: Series[str] = column("終了日", str_matches=ISO_DATE)
    amount_jpy: Series[float] = column("契約額", unit="円", ge=0, nullable=True)
    pricing: Series[str] = column("支払い方式", nullable=True)
    is_performance_based: Series[str] = column(
        "性能規定か", note="不明は空欄", isin=("true", "false"), nullable=True
    )
    organisation_type: Series[str] = column("体制", nullable=True)

    class Config(Table.Config):
        """One row per contract."""

        name = "contracts"
        description = "契約"


class ContractOutcomes(Table):
    """Yearly outcomes of maintenance by municipality."""

    municipality_code: Series[str] = column("市区町村コード", str_matches=MUNICIPALITY_CODE)
    fiscal_year: Series[int] = column("年度", ge=1990, le=2100)
    response_days: Series[float] = column("対応日数", unit="日", ge=0, nullable=True)
    direct_hours: Series[float] = column("直営作業時間", unit="時間", ge=0, nullable=True)
    maintenance_cost_jpy: Series[float] = column(
        "経費", unit="円", note="元の単位は千円。", ge=0, nullable=True
    )
    failed_bid_count: Series[float] = column("不調・不落件数", unit="件", ge=0, nullable=True)
    complaint_count: Series[float] = column("苦情件数", unit="件", ge=0, nullable=True)
    works_ordered_count: Series[float] = column("発注件数", unit="件", ge=0, nullable=True)

    class Config(Table.Config):
        """One row per municipality and fiscal year."""

        name = "contract_outcomes"
        description = "市区町村 × 年度"
        unique: ClassVar[list[str]] = ["municipality_code", "fiscal_year"]


class PrefectureItems(Table):
    """Items of 社会・人口統計体系 as the e-Stat API or its CSV gives them."""

    area_code: Series[str] = column(
        "地域コード", note="00=全国、2桁=都道府県、5桁=市区町村", str_matches=r"^(\d{2}|\d{5})$"
    )
    item_code: Series[str] = column("項目コード", str_matches=r"^[A-Z]\d{4,7}$")
    fiscal_year: Series[int] = column("年", note="項目の調査による年", ge=1900, le=2100)
    item_name: Series[str] = column("項目名", nullable=True)
    unit: Series[str] = column("単位", nullable=True)
    value: Series[float] = column("値", note="単位の列による", nullable=True)
    status: Series[str] = _status("値")

    class Config(Table.Config):
        """One row per area, item and year."""

        name = "prefecture_items"
        description = "地域 × 項目 × 年"
        unique: ClassVar[list[str]] = ["area_code", "item_code", "fiscal_year"]


class MunicipalChanges(Table):
    """Changes of municipalities and districts since 1970."""

    changed_on: Series[str] = column("変更の日", str_matches=ISO_DATE)
    reason: Series[str] = column("事由")
    old_code: Series[str] = column("変更前のコード", str_matches=MUNICIPALITY_CODE)
    old_name: Series[str] = column("変更前の名")
    new_code: Series[str] = column("変更後のコード", str_matches=MUNICIPALITY_CODE)
    new_name: Series[str] = column("変更後の名")

    class Config(Table.Config):
        """One row per change from one body to another."""

        name = "municipal_changes"
        description = "変更前 × 変更後 × 日"
        unique: ClassVar[list[str]] = ["changed_on", "old_code", "new_code", "reason"]


class Boundaries(Table):
    """Rings of the outlines of municipalities or prefectures."""

    area_code: Series[str] = column("地域コード", str_matches=r"^(\d{2}|\d{5})$")
    polygon_no: Series[int] = column("図形の番号", ge=0)
    ring_no: Series[int] = column("輪の番号", note="0は外周、1以上は穴", ge=0)
    longitudes: Series[object] = column("経度の並び", unit="度")
    latitudes: Series[object] = column("緯度の並び", unit="度")

    class Config(Table.Config):
        """One row per ring."""

        name = "boundaries"
        description = "地域 × 図形 × 輪"
        unique: ClassVar[list[str]] = ["area_code", "polygon_no", "ring_no"]
