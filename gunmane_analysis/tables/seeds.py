"""Tables of the theme ``seeds``: needs of municipalities, technologies, pairs judged by people."""

from __future__ import annotations

from typing import ClassVar

from pandera.typing import Series

from gunmane_analysis.tables.funnel_filings import FIELDS
from gunmane_analysis.tables.matching import FIELD_NAMES
from gunmane_analysis.tables.table import ISO_DATE, MUNICIPALITY_CODE, Table, column, words_note


class TechnologyNeeds(Table):
    """The needs' side of the platform's record form."""

    need_id: Series[str] = column("ニーズの番号", unique=True)
    technology_theme: Series[str] = column("技術テーマ")
    field: Series[str] = column("技術分野", note=words_note(FIELD_NAMES), isin=FIELDS)
    municipality_code: Series[str] = column(
        "団体コード", note="都道府県は空欄", str_matches=MUNICIPALITY_CODE, nullable=True
    )
    body_name: Series[str] = column("自治体名称")
    requirement: Series[str] = column("求める内容・条件")
    as_of_on: Series[str] = column("時点", str_matches=ISO_DATE)

    class Config(Table.Config):
        """One row per need."""

        name = "technology_needs"
        description = "ニーズ"


class TechnologySeeds(Table):
    """The technologies' side of the platform's record form."""

    seed_id: Series[str] = column("シーズの番号", unique=True)
    field: Series[str] = column("技術分野", note=words_note(FIELD_NAMES), isin=FIELDS)
    company_name: Series[str] = column("企業等名称", nullable=True)
    technology_name: Series[str] = column("技術名称")
    technology_summary: Series[str] = column("技術の概要")
    as_of_on: Series[str] = column("時点", str_matches=ISO_DATE)

    class Config(Table.Config):
        """One row per technology."""

        name = "technology_seeds"
        description = "シーズ"


class JudgedPairs(Table):
    """Needs and technologies that people have judged to fit, or not."""

    need_id: Series[str] = column("ニーズの番号")
    seed_id: Series[str] = column("シーズの番号")
    is_relevant: Series[bool] = column("合うか")
    judged_by: Series[str] = column("判断の根拠", note="例: マッチング成立、現場試行、委員の判断")

    class Config(Table.Config):
        """One row per need and technology."""

        name = "judged_pairs"
        description = "ニーズ × シーズ"
        unique: ClassVar[list[str]] = ["need_id", "seed_id"]
