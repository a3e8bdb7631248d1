"""The form of the effect-estimation tool: its sheets and units, and how it is read back."""

from __future__ import annotations

import functools
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from gunmane_analysis.intake.reading.sheet import Sheet
from gunmane_analysis.intake.reading.values import Number, read_fiscal_year, read_number
from gunmane_analysis.intake.reading.workbook import read_workbook
from gunmane_analysis.paths import read_yaml
from gunmane_analysis.refusals import first_lines, refusal, refuse_if
from gunmane_analysis.tables import choices, describe
from gunmane_analysis.tables.estimate import EstimateInput, EstimateSettings, Uncertain

SETTINGS_SHEET, ITEMS_SHEET, DEFLATORS_SHEET = "設定", "業務", "物価指数"
SETTINGS_HEADINGS = ("項目", "値", "最小", "最大", "単位", "説明")
YEAR_HEADING, ITEM_HEADING, INDEX_HEADING = "年度", "業務", "物価指数"
TITLE_LABEL, KIND_LABEL, TAX_LABEL = "試算の名前", "値の性質", "税の扱い"
BASE_YEAR_LABEL = "価格の基準年度"
_FORM_ADVICE = "gunmane estimate --template で様式を作り、値だけを書き換えてください。"
_UNIT_ROW = 1
_FAULTS_SHOWN = 30


class FormField(NamedTuple):
    """A line of the settings sheet that may carry a range, or a column of the items sheet."""

    label: str
    name: str
    units: Mapping[str, float]
    note: str = ""


@functools.cache
def form_words() -> dict[str, Any]:
    """Return the choices, units and faults of the form."""
    words: dict[str, Any] = read_yaml(Path(__file__).with_name("estimate.yml"))
    return words


def setting_rows() -> tuple[FormField, ...]:
    """Return the lines of the settings sheet that may carry a range."""
    labels, units = choices("estimate_setting"), form_words()["units"]
    return tuple(
        FormField(labels[name], name, units[unit], note)
        for name, (unit, note) in form_words()["settings"].items()
    )


def item_columns() -> tuple[FormField, ...]:
    """Return the columns of the items sheet, whose second row names their units."""
    columns, units = describe("estimate_items").columns.values(), form_words()["units"]
    return tuple(FormField(c.label, c.name, units[c.unit], c.note) for c in columns if c.unit)


@dataclass
class _Form:
    """A sheet under reading, and the faults found so far in the whole file."""

    sheet: Sheet
    faults: list[str] = field(default_factory=list)

    def refuse(self, row: int, column: int, code: str, **facts: Any) -> None:
        place = f"{string.ascii_uppercase[column]}{self.sheet.number_of(row)}"
        value = self.text(row, column)
        shown = f" 値「{value}」" if value else " 空欄"
        reason, advice = (words.format(**facts) for words in form_words()["faults"][code])
        self.faults.append(f"  シート「{self.sheet.name}」{place}{shown}: {reason}。{advice}")

    def lack(self, what: str) -> None:
        self.faults.append(f"  シート「{self.sheet.name}」{what}がありません。{_FORM_ADVICE}")

    def text(self, row: int, column: int) -> str:
        return self.sheet.text(row, column).strip() if row < len(self.sheet.rows) else ""

    def read(self, row: int, column: int, wanted: str | Mapping[str, Any]) -> Any:
        """Return a cell's value; None where it is noted as a fault.

        Parameters
        ----------
        wanted : str or mapping
            ``number`` (0 or more), ``year``, or the name of a text; a mapping of choices.
        """
        text = self.text(row, column)
        code, facts = "number-empty", {}
        if isinstance(wanted, Mapping):
            if text in wanted:
                return wanted[text]
            code = "choice-unknown" if text else "choice-empty"
            facts["choices"] = "、".join(wanted)
        elif wanted == "year":
            # a bare year under a heading that says 年度 can mean nothing else
            year = read_fiscal_year(f"{text}年度" if text.isdigit() else text)
            if isinstance(year, int):
                return year
            code, facts = "year-unreadable", {"reason": year.reason}
        elif wanted != "number":
            if text:
                return text
            code, facts = "text-empty", {"wanted": wanted}
        elif formula := {tuple(at): formula for *at, formula in self.sheet.uncached}.get(
            (row, column)
        ):
            code, facts = "formula-uncached", {"formula": formula}
        elif text:
            number = read_number(text, {}, is_stored_number=self.sheet.kind(row, column) == "n")
            if isinstance(number, Number) and number.value >= 0:
                return number.value
            reason = getattr(number, "reason", "数値ではありません")
            code, facts = "number-unreadable", {"reason": reason}
            if isinstance(number, Number):
                code = "number-negative"
        self.refuse(row, column, code, **facts)
        return None

    def columns(self, *wanted: str) -> dict[str, int]:
        """Return the place of each wanted heading; none, with a fault, where one is missing."""
        headings = [cell.strip() for cell in self.sheet.rows[0]] if self.sheet.rows else []
        if missing := [name for name in wanted if name not in headings]:
            self.lack(f"の1行目に見出し「{'」「'.join(missing)}」")
            return {}
        return {name: headings.index(name) for name in wanted}

    def filled_rows(self, first: int, places: Mapping[str, int]) -> Iterator[int]:
        """Yield the rows in which any of some places has something."""
        for row in range(first, len(self.sheet.rows)):
            if any(self.text(row, place) for place in places.values()):
                yield row


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
    sheets = {sheet.name: sheet for sheet in workbook.sheets}
    missing = [name for name in (SETTINGS_SHEET, ITEMS_SHEET) if name not in sheets]
    if missing:
        found = [*sheets] or "なし"
        raise refusal(
            "form-sheet", file=path.name, missing=missing, found=found, advice=_FORM_ADVICE
        )
    faults: list[str] = []
    settings = _read_settings(_Form(sheets[SETTINGS_SHEET], faults))
    items = _read_items(_Form(sheets[ITEMS_SHEET], faults))
    deflators = (
        _read_deflators(_Form(sheets[DEFLATORS_SHEET], faults)) if DEFLATORS_SHEET in sheets else {}
    )
    rows = first_lines(faults, _FAULTS_SHOWN)
    refuse_if(faults, "form-faults", file=path.name, count=len(faults), rows=rows)
    title, is_illustrative = settings.pop("title"), settings.pop("is_illustrative")
    return EstimateInput(
        title, items, EstimateSettings(**settings, deflators=deflators), is_illustrative
    )


def _read_settings(form: _Form) -> dict[str, Any]:
    places = {form.text(row, 0): row for row in range(len(form.sheet.rows))}
    plain: dict[str, tuple[str, str | Mapping[str, Any]]] = {
        TITLE_LABEL: ("title", TITLE_LABEL),
        KIND_LABEL: ("is_illustrative", form_words()["is_illustrative"]),
        TAX_LABEL: ("tax", form_words()["tax"]),
        BASE_YEAR_LABEL: ("price_base_fiscal_year", "year"),
    }
    ranged = setting_rows()
    for label in (*plain, *(each.label for each in ranged)):
        if label not in places:
            form.lack(f"に項目「{label}」の行")
    found = {n: form.read(places[k], 1, kind) for k, (n, kind) in plain.items() if k in places}
    return found | {
        each.name: _read_range(form, each, places[each.label])
        for each in ranged
        if each.label in places
    }


def _read_range(form: _Form, setting: FormField, row: int) -> Uncertain | None:
    value, scale = form.read(row, 1, "number"), form.read(row, 4, setting.units)
    low, high = (form.read(row, c, "number") if form.text(row, c) else value for c in (2, 3))
    if None in (value, scale, low, high):
        return None
    if not low <= value <= high:
        form.refuse(row, 1, "range-order", low=low, high=high)
        return None
    if setting.name == "discount_rate" and high * scale > 1.0:
        form.refuse(row, 1, "rate-above-1")
        return None
    return Uncertain(value * scale, low * scale, high * scale)


def _read_items(form: _Form) -> pd.DataFrame:
    columns = item_columns()
    places = form.columns(YEAR_HEADING, ITEM_HEADING, *(each.label for each in columns))
    if not places:
        return pd.DataFrame()
    scales = {c.name: form.read(_UNIT_ROW, places[c.label], c.units) for c in columns}
    rows: dict[tuple[int | None, str | None], dict[str, Any]] = {}
    for row in form.filled_rows(_UNIT_ROW + 1, places):
        year = form.read(row, places[YEAR_HEADING], "year")
        item = form.read(row, places[ITEM_HEADING], "業務の名前")
        if (year, item) in rows:
            number = rows[year, item]["number"]
            form.refuse(row, places[ITEM_HEADING], "item-twice", number=number)
        rows[year, item] = {
            **{"number": form.sheet.number_of(row), "fiscal_year": year, "item": item},
            **{c.name: form.read(row, places[c.label], "number") for c in columns},
        }
    if not rows:
        form.faults.append(f"  シート「{form.sheet.name}」に業務の行が一つもありません。")
    if form.faults:
        return pd.DataFrame()
    items = pd.DataFrame(rows.values()).drop(columns="number")
    return items.assign(**{name: items[name] * scale for name, scale in scales.items()})


def _read_deflators(form: _Form) -> dict[int, float]:
    places = form.columns(YEAR_HEADING, INDEX_HEADING)
    found: dict[int, float] = {}
    for row in form.filled_rows(1, places):
        year = form.read(row, places[YEAR_HEADING], "year")
        index = form.read(row, places[INDEX_HEADING], "number")
        if index == 0:
            form.refuse(row, places[INDEX_HEADING], "index-zero")
        found[year] = index
    return found
