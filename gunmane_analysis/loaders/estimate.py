"""The form of the effect-estimation tool: its sheets and units, and how it is read back."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from gunmane_analysis.intake.cells import CellReader
from gunmane_analysis.intake.forms import Field, Form
from gunmane_analysis.intake.layout import ColumnMatch, Layout, Reporter
from gunmane_analysis.intake.reading.issues import Issue, Issues, issue
from gunmane_analysis.intake.reading.sheet import Sheet
from gunmane_analysis.intake.reading.workbook import read_workbook
from gunmane_analysis.paths import read_yaml
from gunmane_analysis.refusals import first_lines, refuse_if
from gunmane_analysis.tables import choices, describe
from gunmane_analysis.tables.estimate import EstimateInput, EstimateSettings, Uncertain

SETTINGS_SHEET, ITEMS_SHEET, DEFLATORS_SHEET = "設定", "業務", "物価指数"
SETTINGS_HEADINGS = ("項目", "値", "最小", "最大", "単位", "説明")
YEAR_HEADING, ITEM_HEADING, INDEX_HEADING = "年度", "業務", "物価指数"
TITLE_LABEL, KIND_LABEL, TAX_LABEL = "試算の名前", "値の性質", "税の扱い"
BASE_YEAR_LABEL = "価格の基準年度"
_FORM = Form("estimate", "導入効果の試算", "", {}, "none", is_form=True)
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
    """Return the choices, units and expected values of the form."""
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


@dataclass(frozen=True)
class _Form:
    """A sheet under reading; what is wrong with it goes to the issues of the whole file."""

    sheet: Sheet
    issues: Issues

    def lack(self, what: str) -> None:
        """Refuse the sheet for what it lacks."""
        self.issues.add(issue("estimate-part", sheet=self.sheet.name, what=what))

    def refuse(self, row: int, column: int, code: str, **facts: Any) -> None:
        """Refuse a cell."""
        reporter, value = self._reporter(column), self.text(row, column)
        reporter.add(code, row, reporter.layout.bindings[0], value=value, **facts)

    def _reporter(self, column: int, kind: str = "text") -> Reporter:
        """Return what reports on a table of one column, whose cells are of a kind."""
        heading = self.text(0, column)
        match = ColumnMatch(Field("cell", kind, heading, low=0.0), column, heading, 1.0)
        return Reporter(Layout(self.sheet, 0, 1, (match,), 1), self.issues)

    def text(self, row: int, column: int) -> str:
        return self.sheet.text(row, column).strip() if row < len(self.sheet.rows) else ""

    def read(self, row: int, column: int, wanted: str | Mapping[str, Any], label: str = "") -> Any:
        """Return a cell's value; None where it is noted as a fault.

        Parameters
        ----------
        wanted : str or mapping
            ``number`` (0 or more), ``fiscal_year`` or ``text``; or a mapping of choices.
        label : str
            What the cell is called, if not by its column's heading.
        """
        text = self.text(row, column)
        is_formula = any(at == [row, column] for *at, _ in self.sheet.uncached)
        if not (text or is_formula):
            label = label or self.text(0, column)
            expected = wanted if isinstance(wanted, Mapping) else form_words()["expected"][wanted]
            self.refuse(row, column, "estimate-empty", label=label, wanted=expected)
            return None
        if isinstance(wanted, Mapping):
            if text not in wanted:
                self.refuse(row, column, "choice-unknown", unknown=text, words=wanted)
            return wanted.get(text)
        reporter = self._reporter(column, wanted)
        value = CellReader(reporter.layout, _FORM, reporter).read(row)[0]["cell"]
        return int(value) if wanted == "fiscal_year" and isinstance(value, float) else value

    def columns(self, *wanted: str) -> dict[str, int]:
        """Return the place of each wanted heading; none, with a fault, where one is missing."""
        headings = [cell.strip() for cell in self.sheet.rows[0]] if self.sheet.rows else []
        if missing := [name for name in wanted if name not in headings]:
            self.lack(f"1行目に見出し「{'」「'.join(missing)}」")
            return {}
        return {name: headings.index(name) for name in wanted}

    def filled_rows(self, first: int, places: Mapping[str, int]) -> Iterator[int]:
        """Return the rows in which any of some places has something."""
        rows = range(first, len(self.sheet.rows))
        return (row for row in rows if any(self.text(row, at) for at in places.values()))


def read_estimate(path: str | Path) -> EstimateInput:
    """Read a filled-in form (.xlsx).

    Parameters
    ----------
    path : str or Path
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
    path = Path(path)
    workbook = read_workbook(path)
    sheets = {sheet.name: sheet for sheet in workbook.sheets}
    missing = [name for name in (SETTINGS_SHEET, ITEMS_SHEET) if name not in sheets]
    refuse_if(missing, "form-sheet", file=path.name, missing=missing, found=[*sheets] or "なし")
    issues = Issues()
    settings = _read_settings(_Form(sheets[SETTINGS_SHEET], issues))
    items = _read_items(_Form(sheets[ITEMS_SHEET], issues))
    deflators = _Form(sheets.get(DEFLATORS_SHEET, Sheet(DEFLATORS_SHEET)), issues)
    settings["deflators"] = _read_deflators(deflators) if deflators.sheet.rows else {}
    faults = [_worded(each) for each in issues.of("fault")]
    rows, count = first_lines(faults, _FAULTS_SHOWN), issues.counts["fault"]
    refuse_if(faults, "form-faults", file=path.name, count=count, rows=rows)
    title, is_illustrative = settings.pop("title"), settings.pop("is_illustrative")
    return EstimateInput(title, items, EstimateSettings(**settings), is_illustrative)


def _worded(fault: Issue) -> str:
    value = f" 値「{fault.value}」" if fault.value else " 空欄" * bool(fault.cell)
    expected = f"正しい形: {fault.expected}。" if fault.expected else ""
    return f"  {fault.place()}{value}: {fault.message}{expected}{fault.advice}"


def _read_settings(form: _Form) -> dict[str, Any]:
    places = {form.text(row, 0): row for row in range(len(form.sheet.rows))}
    plain: dict[str, tuple[str, str | Mapping[str, Any]]] = {
        TITLE_LABEL: ("title", "text"),
        KIND_LABEL: ("is_illustrative", form_words()["is_illustrative"]),
        TAX_LABEL: ("tax", form_words()["tax"]),
        BASE_YEAR_LABEL: ("price_base_fiscal_year", "fiscal_year"),
    }
    ranged = {each.label: each for each in setting_rows()}
    for label in (*plain, *ranged):
        if label not in places:
            form.lack(f"項目「{label}」の行")
    found = {n: form.read(places[k], 1, kind, k) for k, (n, kind) in plain.items() if k in places}
    rows = ((each, places[label]) for label, each in ranged.items() if label in places)
    return found | {each.name: _read_range(form, each, row) for each, row in rows}


def _read_range(form: _Form, setting: FormField, row: int) -> Uncertain | None:
    label = setting.label
    value = form.read(row, 1, "number", label)
    scale = form.read(row, 4, setting.units, f"{label}の単位")
    low, high = (form.read(row, c, "number") if form.text(row, c) else value for c in (2, 3))
    if None in (value, scale, low, high):
        return None
    if not low <= value <= high:
        form.refuse(row, 1, "estimate-range", low=low, high=high)
        return None
    if setting.name == "discount_rate" and high * scale > 1.0:
        form.refuse(row, 1, "discount-rate", high=high * scale)
        return None
    return Uncertain(value * scale, low * scale, high * scale)


def _read_items(form: _Form) -> pd.DataFrame:
    columns = item_columns()
    places = form.columns(YEAR_HEADING, ITEM_HEADING, *(each.label for each in columns))
    if not places:
        return pd.DataFrame()
    scales = {
        c.name: form.read(_UNIT_ROW, places[c.label], c.units, f"{c.label}の単位") for c in columns
    }
    kinds = {"fiscal_year": (YEAR_HEADING, "fiscal_year"), "item": (ITEM_HEADING, "text")}
    kinds |= {each.name: (each.label, "number") for each in columns}
    rows: dict[int, dict[str, Any]] = {
        row: {name: form.read(row, places[label], kind) for name, (label, kind) in kinds.items()}
        for row in form.filled_rows(_UNIT_ROW + 1, places)
    }
    items, first_rows = pd.DataFrame(rows.values()), dict[tuple[Any, ...], int]()
    for row, values in rows.items():
        first = first_rows.setdefault((values["fiscal_year"], values["item"]), row)
        if first != row:
            number = form.sheet.number_of(first)
            form.refuse(row, places[ITEM_HEADING], "estimate-row-twice", number=number)
    if not rows:
        form.lack("業務の行")
    if form.issues.has_faults:
        return items
    return items.assign(**{name: items[name] * scale for name, scale in scales.items()})


def _read_deflators(form: _Form) -> dict[int, float]:
    places = form.columns(YEAR_HEADING, INDEX_HEADING)
    found: dict[int, float] = {}
    for row in form.filled_rows(1, places):
        year = form.read(row, places[YEAR_HEADING], "fiscal_year")
        found[year] = form.read(row, places[INDEX_HEADING], "number")
        if found[year] == 0:
            form.refuse(row, places[INDEX_HEADING], "estimate-index-zero")
    return found
