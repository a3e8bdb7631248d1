"""Table of the theme ``participation`` that the secretariat may file."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from pandera.typing import Series

from gunmane_analysis.tables.table import ISO_DATE, MUNICIPALITY_CODE, Table, column, words_note

PROGRAMMES: Mapping[str, str] = MappingProxyType(
    {"government_membership": "国民会議の行政会員", "mayors_conference": "市区町村長会議"}
)


class MunicipalParticipation(Table):
    """Whether each municipality takes part in each programme on a day."""

    municipality_code: Series[str] = column("市区町村コード", str_matches=MUNICIPALITY_CODE)
    programme: Series[str] = column(
        "制度",
        note=words_note(PROGRAMMES),
        isin=tuple(PROGRAMMES),
    )
    is_member: Series[bool] = column("加入しているか", note="加入していない市区町村も載せる")
    joined_on: Series[str] = column(
        "加入の日", note="分からなければ空欄", str_matches=ISO_DATE, nullable=True
    )
    as_of_on: Series[str] = column("時点", str_matches=ISO_DATE)

    class Config(Table.Config):
        """One row per municipality, programme and day."""

        name = "municipal_participation"
        description = "市区町村 × 制度 × 時点"
        unique: ClassVar[list[str]] = ["municipality_code", "programme", "as_of_on"]
