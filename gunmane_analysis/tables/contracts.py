"""Tables of the theme ``contracts``, and what the ids in them mean."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from pandera.typing import Series

from gunmane_analysis.tables.table import (
    MUNICIPALITY_CODE,
    PREFECTURE_CODE,
    Table,
    column,
)

LIST_MARK = ";"
TERMS: Mapping[str, str] = MappingProxyType(
    {
        "road": "道路",
        "river": "河川",
        "park": "公園",
        "maintenance": "維持作業",
        "management": "全体マネジメント",
        "call_centre": "窓口業務",
        "jv_local": "市内業者のJV",
        "jv_regional_maintenance": "地域維持型JV",
        "jv_with_outside": "市外の会社を含むJV",
        "single_with_subcontract": "町外の会社1社（町内業者へ再委託）",
        "lump_sum": "総価",
        "unit_price": "単価",
        "lump_sum_and_unit_price": "総価と単価",
        "contract": "契約額",
        "instruction_limit": "指示限度額",
        "start": "開始",
        "trial": "試行",
        "formal": "正式導入",
        "term": "契約年数",
        "area": "区域",
        "fields": "分野",
        "performance": "性能規定",
        "pricing": "支払い方式",
        "other": "その他",
        "orderer": "発注者",
        "contractor": "事業者",
        "resident": "住民",
        "not_stated": "区別の記載なし",
    }
)


def words_of(ids: str, joined_by: str = "・") -> str:
    """Word one id, or a list of ids joined by ``;``.

    Examples
    --------
    >>> words_of("road;river")
    '道路・河川'
    """
    return joined_by.join(TERMS[name] for name in ids.split(LIST_MARK))


class ContractCases(Table):
    """Published cases of bundled maintenance contracts."""

    case_id: Series[str] = column("事例", unique=True)
    municipality_code: Series[str] = column("市区町村コード", str_matches=MUNICIPALITY_CODE)
    municipality_name: Series[str] = column("市区町村")
    prefecture_code: Series[str] = column("都道府県コード", str_matches=PREFECTURE_CODE)
    area_label: Series[str] = column("対象の区域")
    population_count: Series[float] = column(
        "人口", unit="人", note="市区町村全体。千人単位の概数。", gt=0
    )
    technician_count: Series[float] = column("技術者数", unit="人", ge=0)
    civil_staff_count: Series[float] = column("土木部門職員数", unit="人", ge=0)
    infrastructure_fields: Series[str] = column("分野", note="; で区切る")
    tasks: Series[str] = column("業務", note="; で区切る")
    organisation_type: Series[str] = column("体制")
    bundle_kind: Series[str] = column("束の種類")
    term_months: Series[float] = column("契約期間", unit="月", gt=0)
    amount_text: Series[str] = column("印刷どおりの金額")
    amount_low_jpy: Series[float] = column("金額（下限）", unit="円", gt=0)
    amount_high_jpy: Series[float] = column("金額（上限）", unit="円", gt=0)
    amount_basis: Series[str] = column("金額の性質", isin=["contract", "instruction_limit"])
    per_unit: Series[str] = column("金額の単位", isin=["whole", "per_district"])
    annual_printed_jpy: Series[float] = column("印刷された年額", unit="円", nullable=True)
    pricing: Series[str] = column("支払い方式")
    is_performance_based: Series[bool] = column("性能規定か")
    first_fiscal_year: Series[int] = column("包括開始年度", ge=1990, le=2100)
    known_fiscal_year: Series[int] = column("知られた年度", ge=1990, le=2100)

    class Config(Table.Config):
        """One row per case."""

        name = "contract_cases"
        description = "公表された事例"


class ContractPhases(Table):
    """How published cases were stepped up, phase by phase."""

    place_id: Series[str] = column("箇所")
    place_name: Series[str] = column("箇所の名")
    prefecture_code: Series[str] = column("都道府県コード", str_matches=PREFECTURE_CODE)
    phase_no: Series[int] = column("段階の順", ge=1)
    from_fiscal_year: Series[int] = column("始まりの年度", ge=1990, le=2100)
    to_fiscal_year: Series[float] = column(
        "終わりの年度", note="空欄は印字なし。続いているとは限らない。", nullable=True
    )
    period_text: Series[str] = column("印刷どおりの期間")
    years_printed: Series[str] = column("印刷された契約年数", nullable=True)
    description: Series[str] = column("内容")
    step_up_kind: Series[str] = column("変えたもの", note="; で区切る。当方の分類。")
    is_planned: Series[bool] = column("予定か")
    known_fiscal_year: Series[int] = column("知られた年度", ge=1990, le=2100)

    class Config(Table.Config):
        """One row per place and phase line."""

        name = "contract_phases"
        description = "箇所 × 段階"
        unique: ClassVar[list[str]] = ["place_id", "phase_no"]


class MowingExample(Table):
    """The printed example of mowing under two kinds of requirement."""

    contract_form: Series[str] = column(
        "規定の種類", isin=["specification", "performance"], unique=True
    )
    contract_form_ja: Series[str] = column("規定の名")
    work_item: Series[str] = column("工種")
    unit_price_jpy_per_m2: Series[float] = column("単価", unit="円/m²", gt=0)
    area_m2: Series[float] = column("面積", unit="m²", gt=0)
    times_low: Series[float] = column("回数（少）", unit="回", nullable=True, gt=0)
    times_high: Series[float] = column("回数（多）", unit="回", nullable=True, gt=0)
    known_fiscal_year: Series[int] = column("知られた年度", ge=1990, le=2100)

    class Config(Table.Config):
        """One row per kind of requirement."""

        name = "mowing_example"
        description = "規定の種類"


class StatedEffects(Table):
    """Effects as somebody stated them; none is a measurement."""

    effect_id: Series[str] = column("効果", unique=True)
    stated_by: Series[str] = column(
        "述べた人", isin=["orderer", "contractor", "resident", "not_stated"]
    )
    effect: Series[str] = column("述べられた効果")
    detail: Series[str] = column("内訳", nullable=True)
    place_name: Series[str] = column("箇所", nullable=True)
    case_id: Series[str] = column("事例", nullable=True)
    value_text: Series[str] = column("印刷どおりの数値", nullable=True)
    as_of_on: Series[str] = column("聞き取りの時点", nullable=True)
    known_fiscal_year: Series[int] = column("知られた年度", ge=1990, le=2100)
    remark: Series[str] = column("備考", nullable=True)

    class Config(Table.Config):
        """One row per statement."""

        name = "stated_effects"
        description = "述べられた効果"


class BundleKinds(Table):
    """The two kinds of 群マネ and the eight bundles that carry it."""

    kind_id: Series[str] = column("種類", unique=True)
    kind_group: Series[str] = column("区分", isin=["gunmane", "bundle"])
    name_ja: Series[str] = column("名")
    description: Series[str] = column("内容")

    class Config(Table.Config):
        """One row per kind."""

        name = "bundle_kinds"
        description = "群マネの類型と束の種類"
