"""Tables of the theme ``funnel`` that are keyed in from published documents."""

from __future__ import annotations

from typing import ClassVar

from pandera.typing import Series

from gunmane_analysis.tables.table import BLOCK_ID, ISO_DATE, Table, column

STAGES = ("considered", "established", "trialled", "implemented")
STAGE_NAMES = {
    "considered": "マッチング検討",
    "established": "マッチング成立",
    "trialled": "現場試行",
    "implemented": "社会実装",
}
FORUM_LEVELS = ("total", "national", "regional")
MEMBER_KINDS = ("total", "government", "company", "organisation", "individual")
ACTIVITY_KINDS = (
    "needs_survey",
    "committee",
    "meeting",
    "workshop",
    "municipality_visit",
    "pitch_event",
    "matching_event",
    "field_trial",
    "advisor_dispatch",
    "study_meeting",
    "seminar",
    "lecture",
    "symposium",
    "demonstration",
    "exhibition",
    "citizen_activity",
    "other",
)
_MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"


class Kpi(Table):
    """Targets and results of the national conference, as printed."""

    fiscal_year: Series[int] = column("年度", ge=2016, le=2100)
    forum_level: Series[str] = column(
        "フォーラムの別", note="total=合計 national=全国 regional=地方", isin=FORUM_LEVELS
    )
    theme: Series[str] = column("KPIの分野")
    item_id: Series[str] = column("項目の名")
    item_label: Series[str] = column("印字の項目名")
    stage: Series[str] = column("段階", note="空欄は項目自身の行", isin=STAGES, nullable=True)
    target: Series[float] = column("目標", note="割合は0〜1", ge=0, nullable=True)
    result: Series[float] = column("結果", note="割合は0〜1", ge=0, nullable=True)
    unit: Series[str] = column("単位")
    as_of_on: Series[str] = column("時点", str_matches=ISO_DATE, nullable=True)
    known_fiscal_year: Series[int] = column("知られた年度", ge=2016, le=2100)
    document_id: Series[str] = column("文書")
    location: Series[str] = column("文書内の場所")
    remark: Series[str] = column("備考", nullable=True)

    class Config(Table.Config):
        """One row per fiscal year, forum level and item or stage."""

        name = "kpi"
        description = "年度 × フォーラムの別 × 項目（又は段階）"
        unique: ClassVar[list[str]] = ["fiscal_year", "forum_level", "item_id", "stage"]


class Membership(Table):
    """Members of the national conference by kind and date."""

    as_of_on: Series[str] = column("時点", str_matches=ISO_DATE)
    member_kind: Series[str] = column("会員の種別", isin=MEMBER_KINDS)
    member_kind_label: Series[str] = column("種別の名")
    member_count: Series[float] = column("会員数", unit="者", ge=0, nullable=True)
    increase_printed: Series[float] = column(
        "設立時からの増加数", unit="者", note="印字のあるものだけ", nullable=True
    )
    known_fiscal_year: Series[int] = column("知られた年度", ge=2016, le=2100)
    document_id: Series[str] = column("文書")
    location: Series[str] = column("文書内の場所")
    also_printed_in: Series[str] = column("同じ値を載せる文書", nullable=True)
    remark: Series[str] = column("備考", nullable=True)

    class Config(Table.Config):
        """One row per date and kind of member."""

        name = "membership"
        description = "時点 × 会員の種別"
        unique: ClassVar[list[str]] = ["as_of_on", "member_kind"]


class Participation(Table):
    """Municipalities that take part, of all municipalities, by programme and date."""

    as_of_on: Series[str] = column("時点", str_matches=ISO_DATE)
    programme: Series[str] = column(
        "制度",
        note="mayors_conference=市区町村長会議 government_membership=行政会員",
        isin=("mayors_conference", "government_membership"),
    )
    municipality_count: Series[float] = column("市区町村数", unit="市区町村", ge=0, nullable=True)
    municipality_total: Series[float] = column(
        "分母の市区町村数", unit="市区町村", note="印字のあるものだけ", ge=1, nullable=True
    )
    rate_printed: Series[float] = column("印字の率", note="0〜1", ge=0, le=1, nullable=True)
    rate_text: Series[str] = column("印字どおりの率")
    known_fiscal_year: Series[int] = column("知られた年度", ge=2016, le=2100)
    document_id: Series[str] = column("文書")
    location: Series[str] = column("文書内の場所")
    remark: Series[str] = column("備考", nullable=True)

    class Config(Table.Config):
        """One row per date and programme."""

        name = "participation"
        description = "時点 × 制度"
        unique: ClassVar[list[str]] = ["as_of_on", "programme"]


class ActivityPlan(Table):
    """Every printed line of the regional forums' activity plan."""

    line_no: Series[int] = column("行の番号", ge=1)
    block_id: Series[str] = column("フォーラムの地方", str_matches=BLOCK_ID)
    block_line_no: Series[int] = column("地方の中の行の番号", ge=1)
    forum_name: Series[str] = column("フォーラムの名")
    event_name: Series[str] = column("活動・行事名")
    date_as_given: Series[str] = column("印字の日程")
    date_from: Series[str] = column("初日", str_matches=ISO_DATE, nullable=True)
    date_to: Series[str] = column("最終日", str_matches=ISO_DATE, nullable=True)
    month_from: Series[str] = column("最初の月", str_matches=_MONTH, nullable=True)
    month_to: Series[str] = column("最後の月", str_matches=_MONTH, nullable=True)
    date_precision: Series[str] = column(
        "日程の細かさ",
        isin=("day", "part_of_month", "month", "months", "quarter", "year", "frequency", "none"),
    )
    date_mark: Series[str] = column(
        "日程の但し書き", isin=("about", "undecided", "adjusting"), nullable=True
    )
    is_date_fixed: Series[bool] = column("日付が確定しているか")
    activity_kind: Series[str] = column("種別", note="当方の分類", isin=ACTIVITY_KINDS)
    event_no: Series[float] = column("行事の回次", ge=1, nullable=True)
    organisation_name: Series[str] = column("印字の団体・場所", nullable=True)
    organisation_role: Series[str] = column(
        "団体・場所の役割", isin=("venue", "visited", "supported", "trial_site"), nullable=True
    )
    prefecture_code: Series[str] = column("都道府県コード", note="複数は;で区切る", nullable=True)
    municipality_code: Series[str] = column("市区町村コード", note="複数は;で区切る", nullable=True)
    description: Series[str] = column("内容の要約")
    pitch_event_no: Series[float] = column("元のピッチイベントの回次", ge=1, nullable=True)
    pitch_on: Series[str] = column("ピッチイベントの開催日", str_matches=ISO_DATE, nullable=True)
    trial_planned_month: Series[str] = column("実証試験の予定月", str_matches=_MONTH, nullable=True)
    known_fiscal_year: Series[int] = column("知られた年度", ge=2016, le=2100)
    document_id: Series[str] = column("文書")
    location: Series[str] = column("文書内の場所")
    remark: Series[str] = column("備考", nullable=True)

    class Config(Table.Config):
        """One row per printed line."""

        name = "activity_plan"
        description = "活動計画の一行"
        unique: ClassVar[list[str]] = ["line_no"]
