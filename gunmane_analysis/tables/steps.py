"""Tables of the theme ``steps``: the standard path, and how far each municipality has come."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from pandera.typing import Series

from gunmane_analysis.tables.table import ISO_DATE, MUNICIPALITY_CODE, Table, column, words_note

LAST_STEP = 6
OBSTACLES: Mapping[str, str] = MappingProxyType(
    {
        "staff": "職員・時間の不足",
        "know_how": "知識・経験の不足",
        "budget": "予算の確保",
        "internal": "庁内・議会の調整",
        "neighbours": "他の自治体との調整",
        "contractors": "事業者との調整",
        "residents": "住民の理解",
        "other": "その他",
    }
)


class StandardSteps(Table):
    """The standard path of 群マネ, step by step and task by task, in own words."""

    step_no: Series[int] = column("STEP", ge=0, le=LAST_STEP)
    step_name: Series[str] = column("段階の名")
    task_no: Series[int] = column("作業の順", ge=1)
    task: Series[str] = column("作業", note="要約")
    is_milestone: Series[bool] = column("節目の成果物か")

    class Config(Table.Config):
        """One row per step and task."""

        name = "standard_steps"
        description = "段階 × 作業"
        unique: ClassVar[list[str]] = ["step_no", "task_no"]


class StepPositions(Table):
    """When each municipality entered which step, and what holds it up there."""

    municipality_code: Series[str] = column("市区町村コード", str_matches=MUNICIPALITY_CODE)
    step_no: Series[int] = column("STEP", note="0〜6", ge=0, le=LAST_STEP)
    entered_on: Series[str] = column(
        "その段階に入った日", note="前の段階に戻った場合も行を加える", str_matches=ISO_DATE
    )
    as_of_on: Series[str] = column(
        "最後に状況を確かめた日", note="この日より後のことは分からない", str_matches=ISO_DATE
    )
    obstacle: Series[str] = column(
        "進まない理由",
        note=f"{words_note(OBSTACLES)}。なければ空欄",
        isin=tuple(OBSTACLES),
        nullable=True,
    )
    remark: Series[str] = column("備考", nullable=True)

    class Config(Table.Config):
        """One row per municipality and entry into a step."""

        name = "step_positions"
        description = "市区町村 × 段階に入った日"
        unique: ClassVar[list[str]] = ["municipality_code", "entered_on"]
