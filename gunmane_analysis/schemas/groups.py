"""Tables of the theme ``groups``: neighbours, model regions, conditions on groups."""

from __future__ import annotations

from typing import ClassVar

from pandera.typing import Series

from gunmane_analysis.schemas.table import MUNICIPALITY_CODE, Table, column


class ModelRegions(Table):
    """Bodies of the 群マネ model regions, as the ministry announced them."""

    group_no: Series[int] = column("モデル地域の番号", ge=1)
    pattern: Series[str] = column("類型", isin=("広域連携", "多分野連携"))
    municipality_code: Series[str] = column(
        "団体コード",
        note="市区町村は5桁又は6桁、都道府県は2桁又は6桁",
        str_matches=r"^(\d{2}|\d{5})$",
    )
    body_name: Series[str] = column("団体名")
    is_representative: Series[bool] = column("代表の団体か")

    class Config(Table.Config):
        """One row per model region and body."""

        name = "model_regions"
        description = "モデル地域 × 団体"
        unique: ClassVar[list[str]] = ["group_no", "municipality_code"]


class GroupConditions(Table):
    """What a proposed group must respect, as municipalities or the secretariat told it."""

    condition: Series[str] = column(
        "条件",
        note="together=同じ群にする apart=別の群にする within=同じ流域・土木事務所の中だけで組む",
        isin=("together", "apart", "within"),
    )
    label: Series[str] = column(
        "名", note="together・apart は条件の名、within は流域・土木事務所の名"
    )
    municipality_code: Series[str] = column("市区町村コード", str_matches=MUNICIPALITY_CODE)
    reason: Series[str] = column("理由", nullable=True)

    class Config(Table.Config):
        """One row per condition, label and municipality."""

        name = "group_conditions"
        description = "条件 × 名 × 市区町村"
        unique: ClassVar[list[str]] = ["condition", "label", "municipality_code"]
