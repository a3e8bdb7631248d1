"""The form of the effect-estimation tool: sheets, headings and units, read and written alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

SETTINGS_SHEET = "設定"
ITEMS_SHEET = "業務"
DEFLATORS_SHEET = "物価指数"
SETTINGS_HEADINGS = ("項目", "値", "最小", "最大", "単位", "説明")
MONEY_UNITS: Mapping[str, float] = MappingProxyType(
    {"円": 1.0, "千円": 1e3, "万円": 1e4, "百万円": 1e6, "億円": 1e8}
)
HOUR_UNITS: Mapping[str, float] = MappingProxyType({"時間": 1.0, "千時間": 1e3})
TAX_CHOICES: Mapping[str, str] = MappingProxyType({"税込": "included", "税抜": "excluded"})
KIND_CHOICES: Mapping[str, bool] = MappingProxyType({"見込み": False, "例示": True})


@dataclass(frozen=True)
class SettingRow:
    """One line of the settings sheet: its label, the setting it fills, and its units."""

    label: str
    name: str
    units: Mapping[str, float]
    note: str


SETTING_ROWS = (
    SettingRow(
        "人件費単価",
        "unit_labour_cost_jpy_per_hour",
        MappingProxyType({"円/時間": 1.0, "千円/時間": 1e3}),
        "直営対応時間を金額に換算する単価",
    ),
    SettingRow("導入時の費用", "startup_cost_jpy", MONEY_UNITS, "初年度に一度だけかかる費用"),
    SettingRow(
        "割引率",
        "discount_rate",
        MappingProxyType({"%": 0.01, "割合": 1.0}),
        "将来の金額を現在の価値に直す実質の年率",
    ),
    *(
        SettingRow(f"{label}の倍率", name, MappingProxyType({"倍": 1.0}), "入力した値を1とする幅")
        for label, name in (
            ("導入前の委託金額", "outsourcing_before_factor"),
            ("導入後の委託金額", "outsourcing_after_factor"),
            ("導入前の直営時間", "hours_before_factor"),
            ("導入後の直営時間", "hours_after_factor"),
        )
    ),
)
TITLE_LABEL = "試算の名前"
KIND_LABEL = "値の性質"
TAX_LABEL = "税の扱い"
BASE_YEAR_LABEL = "価格の基準年度"


@dataclass(frozen=True)
class ItemColumn:
    """One column of the items sheet and the units its second row may name."""

    label: str
    name: str
    units: Mapping[str, float]


ITEM_COLUMNS = (
    ItemColumn("委託金額（導入前）", "outsourcing_before_jpy", MONEY_UNITS),
    ItemColumn("委託金額（導入後）", "outsourcing_after_jpy", MONEY_UNITS),
    ItemColumn("直営対応時間（導入前）", "direct_hours_before", HOUR_UNITS),
    ItemColumn("直営対応時間（導入後）", "direct_hours_after", HOUR_UNITS),
)
YEAR_HEADING = "年度"
ITEM_HEADING = "業務"
INDEX_HEADING = "物価指数"
