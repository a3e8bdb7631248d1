"""Tables of the theme ``matching``: experts who can advise, municipalities that ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from pandera.typing import Series

from gunmane_analysis.tables.funnel_filings import FIELDS
from gunmane_analysis.tables.table import ISO_DATE, MUNICIPALITY_CODE, Table, column, words_note

LIST_MARK = ";"
FIELD_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "road": "道路",
        "river": "河川",
        "erosion_control": "砂防",
        "coast": "海岸",
        "port": "港湾",
        "park": "公園",
        "building": "建物",
        "water_supply": "上水道",
        "sewerage": "下水道",
        "other": "その他",
    }
)
STAGES: Mapping[str, str] = MappingProxyType(
    {
        "issues": "課題整理",
        "technology": "技術選定",
        "internal": "庁内調整",
        "procurement": "発注",
        "evaluation": "効果検証",
    }
)
ORGANISATIONS: Mapping[str, str] = MappingProxyType(
    {
        "society": "学会・協会",
        "technology_centre": "技術センター",
        "university": "大学",
        "kosen": "高専",
        "me": "ME",
        "former_official": "行政OB",
        "other": "その他",
    }
)
_FIELD_LIST = rf"^({'|'.join(FIELDS)})(;({'|'.join(FIELDS)}))*$"
_STAGE_LIST = rf"^({'|'.join(STAGES)})(;({'|'.join(STAGES)}))*$"


class Advisors(Table):
    """Experts who can be sent to municipalities; ids only, no names of persons."""

    advisor_id: Series[str] = column("助言者の番号", note="個人名を書かない", unique=True)
    organisation_kind: Series[str] = column(
        "所属の種類", note=words_note(ORGANISATIONS), isin=tuple(ORGANISATIONS)
    )
    fields: Series[str] = column(
        "分野", note=f"複数は;で区切る。{words_note(FIELD_NAMES)}", str_matches=_FIELD_LIST
    )
    stages: Series[str] = column(
        "助言できる段階", note=f"複数は;で区切る。{words_note(STAGES)}", str_matches=_STAGE_LIST
    )
    base_municipality_code: Series[str] = column(
        "拠点の市区町村コード", str_matches=MUNICIPALITY_CODE
    )
    available_days: Series[float] = column("派遣できる日数", unit="日/年度", ge=0)
    suited_population_low: Series[float] = column(
        "得意な自治体の人口（下限）", unit="人", ge=0, nullable=True
    )
    suited_population_high: Series[float] = column(
        "得意な自治体の人口（上限）", unit="人", ge=0, nullable=True
    )
    as_of_on: Series[str] = column("時点", str_matches=ISO_DATE)

    class Config(Table.Config):
        """One row per expert."""

        name = "advisors"
        description = "助言者"


class SupportRequests(Table):
    """What municipalities ask advice on."""

    request_id: Series[str] = column("相談の番号", unique=True)
    municipality_code: Series[str] = column("市区町村コード", str_matches=MUNICIPALITY_CODE)
    field: Series[str] = column("分野", note=words_note(FIELD_NAMES), isin=FIELDS)
    stage: Series[str] = column("助言の要る段階", note=words_note(STAGES), isin=tuple(STAGES))
    population_count: Series[float] = column("人口", unit="人", ge=0, nullable=True)
    requested_on: Series[str] = column("申し出の日", str_matches=ISO_DATE)
    remark: Series[str] = column("備考", nullable=True)

    class Config(Table.Config):
        """One row per request."""

        name = "support_requests"
        description = "相談"
        unique: ClassVar[list[str]] = ["request_id"]


@dataclass(frozen=True)
class MatchingWeights:
    """What each mismatch costs; see ``reference_data/assumptions.yml``."""

    field: float
    stage: float
    size: float
    distance: float
    limit: float
    days_per_request: float
