"""Tables on where to turn: consultation desks, courses, programmes."""

from __future__ import annotations

from typing import ClassVar

from pandera.typing import Series

from gunmane_analysis.tables.table import PREFECTURE_CODE, Table, column


class ConsultationDesks(Table):
    """Desks for municipalities' maintenance questions, as each document prints them."""

    block_id: Series[str] = column("窓口の地域", note="地方整備局等の管轄。全国は japan。")
    office: Series[str] = column("機関")
    section: Series[str] = column("部署")
    phone: Series[str] = column("電話")
    email: Series[str] = column("電子メール")
    document_id: Series[str] = column("文書")
    remark: Series[str] = column("備考", nullable=True)

    class Config(Table.Config):
        """One row per document and desk."""

        name = "consultation_desks"
        description = "文書 × 窓口"
        unique: ClassVar[list[str]] = ["document_id", "block_id"]


class MaintenanceCourses(Table):
    """Prefectures with a course for maintenance experts (ME)."""

    prefecture_code: Series[str] = column(
        "都道府県コード", str_matches=PREFECTURE_CODE, unique=True
    )
    prefecture_name: Series[str] = column("府県")
    course_name: Series[str] = column("講座")
    organiser: Series[str] = column("実施機関", nullable=True)
    certified_name: Series[str] = column("認定の名", nullable=True)

    class Config(Table.Config):
        """One row per prefecture."""

        name = "me_courses"
        description = "講座のある府県"


class SupportProgrammes(Table):
    """Qualifications, awards, courses and matching that the documents name as examples."""

    category: Series[str] = column("区分の名")
    category_ja: Series[str] = column("区分")
    name: Series[str] = column("取組")
    organiser: Series[str] = column("実施機関", nullable=True)
    prefecture_codes: Series[str] = column("都道府県コード", note="; で区切る", nullable=True)
    document_id: Series[str] = column("文書")

    class Config(Table.Config):
        """One row per document and programme."""

        name = "support_programmes"
        description = "文書 × 取組"
