"""Tables of the theme ``groups``: neighbours, model regions, conditions on groups."""

from __future__ import annotations

from typing import ClassVar

from pandera.typing import Series

from gunmane_analysis.tables.table import MUNICIPALITY_CODE, Table, column


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


class Adjacency(Table):
    """Municipalities that share a land border, each pair once."""

    municipality_code: Series[str] = column("市区町村コード", str_matches=MUNICIPALITY_CODE)
    neighbour_municipality_code: Series[str] = column(
        "隣の市区町村コード", str_matches=MUNICIPALITY_CODE
    )

    class Config(Table.Config):
        """One row per pair of neighbours."""

        name = "adjacency"
        description = "隣り合う市区町村の組"
        unique: ClassVar[list[str]] = ["municipality_code", "neighbour_municipality_code"]


class GroupUnits(Table):
    """What each municipality would bring into a group."""

    municipality_code: Series[str] = column("市区町村コード", str_matches=MUNICIPALITY_CODE)
    fiscal_year: Series[int] = column("年度", ge=1995, le=2100)
    technician_count: Series[float] = column(
        "技術系職員数", unit="人", note="土木技師と建築技師", ge=0, nullable=True
    )
    general_staff_count: Series[float] = column(
        "一般行政部門職員数", unit="人", note="土木部門職員数ではない", ge=0, nullable=True
    )
    civil_engineering_expenditure_jpy: Series[float] = column(
        "土木費", unit="円", ge=0, nullable=True
    )
    population_count: Series[float] = column("人口", unit="人", ge=0, nullable=True)
    fiscal_index: Series[float] = column("財政力指数", ge=0, nullable=True)

    class Config(Table.Config):
        """One row per municipality and fiscal year."""

        name = "group_units"
        description = "市区町村 × 年度"
        unique: ClassVar[list[str]] = ["municipality_code", "fiscal_year"]


class GroupConditions(Table):
    """What a proposed group must respect, as municipalities or the secretariat told it."""

    condition: Series[str] = column(
        "条件",
        note="together=同じ群にする apart=別の群にする within=同じ流域・土木事務所の中だけで組む",
        isin=("together", "apart", "within"),
    )
    label: Series[str] = column(
        "名", note="同じ群・別の群にする条件はその呼び名、流域・土木事務所はその名"
    )
    municipality_code: Series[str] = column("市区町村コード", str_matches=MUNICIPALITY_CODE)
    reason: Series[str] = column("理由", nullable=True)

    class Config(Table.Config):
        """One row per condition, label and municipality."""

        name = "group_conditions"
        description = "条件 × 名 × 市区町村"
        unique: ClassVar[list[str]] = ["condition", "label", "municipality_code"]
