"""The form of the effect-estimation tool: its sheets and units, and how it is read back."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from gunmane_analysis.errors import SourceError
from gunmane_analysis.intake.reading import Sheet, read_workbook
from gunmane_analysis.intake.reading.values import Number, read_fiscal_year, read_number
from gunmane_analysis.intake.reading.workbook import refused_error
from gunmane_analysis.tables import choices
from gunmane_analysis.tables.estimate import EstimateInput, EstimateSettings, Uncertain

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


_FACTOR = (MappingProxyType({"倍": 1.0}), "入力した値を1とする幅")
_SETTINGS: Mapping[str, tuple[Mapping[str, float], str]] = MappingProxyType(
    {
        "unit_labour_cost_jpy_per_hour": (
            MappingProxyType({"円/時間": 1.0, "千円/時間": 1e3}),
            "直営対応時間を金額に換算する単価",
        ),
        "startup_cost_jpy": (MONEY_UNITS, "初年度に一度だけかかる費用"),
        "discount_rate": (
            MappingProxyType({"%": 0.01, "割合": 1.0}),
            "将来の金額を現在の価値に直す実質の年率",
        ),
    }
)


def setting_rows() -> tuple[SettingRow, ...]:
    """Return the lines of the settings sheet that may carry a range."""
    return tuple(
        SettingRow(label, name, *_SETTINGS.get(name, _FACTOR))
        for name, label in choices("estimate_setting").items()
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
_FORM_ADVICE = "gunmane estimate --template で様式を作り、値だけを書き換えてください。"
_UNIT_ROW = 1
_FAULTS_SHOWN = 30


@dataclass
class _Form:
    """A sheet under reading, and the faults found so far in the whole file."""

    sheet: Sheet
    faults: list[str] = field(default_factory=list)

    def refuse(self, row: int, column: int, reason: str, advice: str) -> None:
        place = f"{string.ascii_uppercase[column]}{self.sheet.number_of(row)}"
        value = self.text(row, column)
        shown = f" 値「{value}」" if value else " 空欄"
        self.faults.append(f"  シート「{self.sheet.name}」{place}{shown}: {reason}。{advice}")

    def text(self, row: int, column: int) -> str:
        if row >= len(self.sheet.rows):
            return ""
        return self.sheet.text(row, column).strip()

    def _uncomputed(self, row: int, column: int) -> str:
        """Return a formula whose result the file does not hold; empty for other cells."""
        place = [row, column]
        return next((str(one[2]) for one in self.sheet.uncached if one[:2] == place), "")

    def number(self, row: int, column: int, *, least: float | None = 0.0) -> float | None:
        """Return a cell's number; a cell that is none, or is too small, is noted as a fault."""
        text = self.text(row, column)
        formula = self._uncomputed(row, column)
        if formula:
            reason = f"数式（={formula}）に計算結果が保存されていません"
            self.refuse(
                row, column, reason, "Excelで開いて上書き保存するか、値を入力してください。"
            )
            return None
        if not text:
            self.refuse(row, column, "値がありません", "数値を入力してください（なければ0）。")
            return None
        read = read_number(text, {}, is_stored_number=self.sheet.kind(row, column) == "n")
        if not isinstance(read, Number):
            reason = getattr(read, "reason", "数値ではありません")
            self.refuse(row, column, str(reason), "半角の数値だけを入力してください。")
            return None
        if least is not None and read.value < least:
            self.refuse(row, column, "負の値です", "0以上の数値を入力してください。")
            return None
        return read.value

    def choice(self, row: int, column: int, choices: Mapping[str, Any]) -> Any:
        """Return what a cell chooses; another word is noted as a fault."""
        text = self.text(row, column)
        if text not in choices:
            reason = "単位または選択肢がありません" if not text else "選べない言葉です"
            self.refuse(row, column, reason, f"{'、'.join(choices)}から選んでください。")
            return None
        return choices[text]

    def fiscal_year(self, row: int, column: int) -> int | None:
        text = self.text(row, column)
        # A bare year stands under a heading that says 年度, so that it can mean nothing else.
        year = read_fiscal_year(f"{text}年度" if text.isdigit() else text)
        if not isinstance(year, int):
            self.refuse(row, column, year.reason, "年度を 2025 のように入力してください。")
            return None
        return year


def read_estimate(path: Path) -> EstimateInput:
    """Read a filled-in form (.xlsx).

    Parameters
    ----------
    path : Path
        Made by ``gunmane estimate --template`` and filled in.

    Returns
    -------
    EstimateInput
        Yen and hours, whatever units the form names.

    Raises
    ------
    SourceError
        If the file cannot be read; or naming every cell that is missing, negative, no number,
        or without a unit, and what to enter.

    Examples
    --------
    >>> from gunmane_analysis.errors import SourceError
    >>> try:
    ...     read_estimate(Path("ない様式.xlsx"))
    ... except SourceError as fault:
    ...     print("ない様式.xlsx" in fault.found)
    True
    """
    workbook = read_workbook(path)
    if workbook.refusal is not None:
        raise refused_error(workbook)
    sheets = {sheet.name: sheet for sheet in workbook.sheets}
    missing = [name for name in (SETTINGS_SHEET, ITEMS_SHEET) if name not in sheets]
    if missing:
        raise SourceError(
            f"ファイル「{path.name}」にシート「{'」「'.join(missing)}」がありません。"
            f"見つかったシート: {'、'.join(sheets) or 'なし'}",
            expected=f"シート「{SETTINGS_SHEET}」「{ITEMS_SHEET}」のある .xlsx",
            advice=_FORM_ADVICE,
        )
    faults: list[str] = []
    settings = _read_settings(_Form(sheets[SETTINGS_SHEET], faults))
    items = _read_items(_Form(sheets[ITEMS_SHEET], faults))
    deflators = (
        _read_deflators(_Form(sheets[DEFLATORS_SHEET], faults)) if DEFLATORS_SHEET in sheets else {}
    )
    if faults:
        hidden = len(faults) - _FAULTS_SHOWN
        more = [f"  ほか {hidden} 件"] if hidden > 0 else []
        raise SourceError(
            f"ファイル「{path.name}」に直すところが{len(faults)}件あります。\n"
            + "\n".join([*faults[:_FAULTS_SHOWN], *more]),
            expected="すべての値に単位があり、0以上で、空欄のない様式",
            advice="上のセルを直して、もう一度実行してください。",
        )
    title = str(settings.pop("title"))
    is_illustrative = bool(settings.pop("is_illustrative"))
    return EstimateInput(
        title, items, EstimateSettings(**settings, deflators=deflators), is_illustrative
    )


def _read_settings(form: _Form) -> dict[str, Any]:
    labels = {form.text(row, 0): row for row in range(len(form.sheet.rows))}
    found: dict[str, Any] = {}
    readers: dict[str, tuple[str, Callable[[int], Any]]] = {
        TITLE_LABEL: ("title", lambda row: _title(form, row)),
        KIND_LABEL: ("is_illustrative", lambda row: form.choice(row, 1, KIND_CHOICES)),
        TAX_LABEL: ("tax", lambda row: form.choice(row, 1, TAX_CHOICES)),
        BASE_YEAR_LABEL: ("price_base_fiscal_year", lambda row: form.fiscal_year(row, 1)),
        **{
            setting.label: (setting.name, partial(_uncertain, form, setting))
            for setting in setting_rows()
        },
    }
    for label, (name, read) in readers.items():
        if label not in labels:
            form.faults.append(
                f"  シート「{form.sheet.name}」に項目「{label}」の行がありません。{_FORM_ADVICE}"
            )
            continue
        found[name] = read(labels[label])
    return found


def _title(form: _Form, row: int) -> str:
    title = form.text(row, 1)
    if not title:
        form.refuse(row, 1, "値がありません", "試算の名前を入力してください。")
    return title


def _uncertain(form: _Form, setting: SettingRow, row: int) -> Uncertain | None:
    value, scale = form.number(row, 1), form.choice(row, 4, setting.units)
    low, high = (form.number(row, column) if form.text(row, column) else value for column in (2, 3))
    if None in (value, scale, low, high):
        return None
    assert value is not None and low is not None and high is not None
    if not low <= value <= high:
        form.refuse(row, 1, f"最小{low:g}と最大{high:g}の間にありません", "幅を直してください。")
        return None
    if setting.name == "discount_rate" and high * scale > 1.0:
        form.refuse(
            row, 1, "割引率が100%を超えています", "4%なら単位を%として4と入力してください。"
        )
        return None
    return Uncertain(value * scale, low * scale, high * scale)


def _columns(form: _Form, wanted: list[str]) -> dict[str, int] | None:
    headings = [cell.strip() for cell in form.sheet.rows[0]] if form.sheet.rows else []
    missing = [name for name in wanted if name not in headings]
    if missing:
        form.faults.append(
            f"  シート「{form.sheet.name}」の1行目に見出し「{'」「'.join(missing)}」がありません。"
            f"{_FORM_ADVICE}"
        )
        return None
    return {name: headings.index(name) for name in wanted}


def _read_items(form: _Form) -> pd.DataFrame:
    labels = [column.label for column in ITEM_COLUMNS]
    places = _columns(form, [YEAR_HEADING, ITEM_HEADING, *labels])
    if places is None:
        return pd.DataFrame()
    scales = {
        column.name: form.choice(_UNIT_ROW, places[column.label], column.units)
        for column in ITEM_COLUMNS
    }
    rows: list[dict[str, Any]] = []
    seen: dict[tuple[int | None, str], int] = {}
    for row in range(_UNIT_ROW + 1, len(form.sheet.rows)):
        if not any(form.text(row, place) for place in places.values()):
            continue
        year = form.fiscal_year(row, places[YEAR_HEADING])
        item = form.text(row, places[ITEM_HEADING])
        if not item:
            form.refuse(row, places[ITEM_HEADING], "業務の名前がありません", "入力してください。")
        if (year, item) in seen:
            first = form.sheet.number_of(seen[year, item])
            form.refuse(
                row,
                places[ITEM_HEADING],
                f"{first}行目と年度・業務が重なっています",
                "一方を直してください。",
            )
        seen[year, item] = row
        values = {column.name: form.number(row, places[column.label]) for column in ITEM_COLUMNS}
        rows.append({"fiscal_year": year, "item": item, **values})
    if not rows:
        form.faults.append(f"  シート「{form.sheet.name}」に業務の行が一つもありません。")
    if form.faults:
        return pd.DataFrame()
    return pd.DataFrame(rows).assign(
        **{name: [float(row[name]) * scale for row in rows] for name, scale in scales.items()}
    )


def _read_deflators(form: _Form) -> dict[int, float]:
    places = _columns(form, [YEAR_HEADING, INDEX_HEADING])
    if places is None:
        return {}
    found: dict[int, float] = {}
    for row in range(1, len(form.sheet.rows)):
        if not any(form.text(row, place) for place in places.values()):
            continue
        year = form.fiscal_year(row, places[YEAR_HEADING])
        index = form.number(row, places[INDEX_HEADING])
        if index == 0:
            form.refuse(row, places[INDEX_HEADING], "0です", "正の指数を入力してください。")
        if year is not None and index:
            found[year] = index
    return found
