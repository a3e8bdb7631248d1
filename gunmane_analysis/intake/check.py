"""One file checked from its first byte to its totals: every fault in one pass, and its words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from gunmane_analysis.areas.master import FormerMunicipality
from gunmane_analysis.errors import SourceError
from gunmane_analysis.intake import forms
from gunmane_analysis.intake import layout as layouts
from gunmane_analysis.intake.cross_checks import cross_checks, totals, totals_by_level
from gunmane_analysis.intake.documents import prefecture_totals, read_document
from gunmane_analysis.intake.estat import is_ssds_sheet
from gunmane_analysis.intake.forms import Form, read_form, words
from gunmane_analysis.intake.layout import Layout, LayoutMatch, Reporter
from gunmane_analysis.intake.lint import lint
from gunmane_analysis.intake.magnitude import magnitude_issues
from gunmane_analysis.intake.period import ReferencePeriod, find_period, period_issues
from gunmane_analysis.intake.reading.issues import (
    CellError,
    Issue,
    Issues,
    grouped,
    issue,
    shortened,
)
from gunmane_analysis.intake.reading.sheet import Sheet
from gunmane_analysis.intake.reading.values import read_number
from gunmane_analysis.intake.reading.workbook import Workbook, read_workbook
from gunmane_analysis.intake.rows import Row, incomplete_successors, read_rows

_SUFFIXES = {"xlsx": (".xlsx", ".xlsm", ".xltx"), "xls": (".xls",), "csv": (".csv", ".txt", ".tsv")}


@dataclass(frozen=True)
class Checked:
    """A file after its check.

    Attributes
    ----------
    rows : tuple of Row
        Accepted rows of all levels, without rows of totals.
    records : sequence of mapping
        Of a JSON document, in the columns of its table.
    confirmed : frozenset of str
        Codes whose great change from one year to another has been looked into.
    """

    path: Path
    source_id: str | None
    issues: Issues
    form: Form | None = None
    layout: Layout | None = None
    period: ReferencePeriod = field(default_factory=ReferencePeriod)
    rows: tuple[Row, ...] = ()
    records: Sequence[dict[str, Any]] = ()
    old: Mapping[str, FormerMunicipality] = field(default_factory=dict)
    confirmed: frozenset[str] = frozenset()

    @property
    def is_accepted(self) -> bool:
        """Whether the file has no fault."""
        return not self.issues.has_faults

    @property
    def row_count(self) -> int:
        """Accepted rows; entries of a JSON document."""
        return len(self.rows or self.records)

    @property
    def totals(self) -> dict[str, float | None]:
        """The sum of each numeric column, each area counted once; None where no row has one."""
        if self.layout is None:
            return {**prefecture_totals(self.records)}
        return totals(self.rows, self.layout)

    @property
    def totals_by_level(self) -> dict[str, dict[str, float | None]]:
        """The sums of each level; of a series of e-Stat those of prefectures alone."""
        if self.layout is None:
            return {"prefecture": self.totals} if self.totals else {}
        return totals_by_level(self.rows, self.layout)

    def to_record(self, *, debug: bool = False) -> dict[str, Any]:
        """Return what ``gunmane data check --json`` prints."""
        record: dict[str, Any] = {
            "file": str(self.path),
            "source": self.source_id,
            "accepted": self.is_accepted,
            "fiscal_year": self.period.fiscal_year,
            "as_of_on": self.period.as_of_on,
            "rows": self.row_count,
            "rows_by_level": Counter(row.level for row in self.rows),
            "totals": self.totals if self.is_accepted else {},
            "totals_by_level": self.totals_by_level if self.is_accepted else {},
        }
        for level in words()["sections"]:
            record[f"{level}s"] = [each.to_record(debug=debug) for each in self.issues.of(level)]
        record["counts"] = {f"{level}s": self.issues.counts[level] for level in words()["sections"]}
        return record

    def words(self, *, debug: bool = False) -> str:
        """Return the whole result in Japanese: the verdict, the totals, then every issue."""
        verdict = "登録できます" if self.is_accepted else "登録できません"
        source = f"{self.source_id}（{forms.title_of(self.source_id)}）" if self.source_id else ""
        lines = [f"{self.path.name}: {verdict}", f"  資料: {source or '分かりません'}"]
        if self.period.as_of_on:
            lines.append(f"  時点: {self.period.as_of_on}")
        elif self.period.fiscal_year is not None:
            lines.append(f"  年度: {self.period.fiscal_year}年度")
        if self.is_accepted:
            lines += [f"  行数: {self.row_count:,}", *self._total_words()]
        for level, heading in words()["sections"].items():
            if found := self.issues.of(level):
                count = self.issues.counts[level]
                lines += ["", f"{heading}: {count:,}件", *grouped(found, debug=debug)]
                lines += [f"（{len(found):,}件までを示しました）"] if count > len(found) else []
        return "\n".join(lines)

    def _total_words(self) -> Iterator[str]:
        """Word the sums that mean something: of amounts, and of one year only."""
        if self.layout is None:
            return
        years = sorted({y for row in self.rows if (y := row.values.get("fiscal_year")) is not None})
        if len(years) > 1:
            yield f"  年度: {years[0]:.0f}〜{years[-1]:.0f}年度（年度をまたいで足しません）"
        totals = self.totals if len(years) < 2 else {}
        for binding in self.layout.bindings:
            if binding.field.kind in ("count", "money") and binding.key in totals:
                year = f"（{binding.year}年）" if binding.field.has_year_headings else ""
                total = totals[binding.key]
                is_ours = binding.scale != binding.field.scale  # headed by our name, as we store it
                unit, scale = ("", 1.0) if is_ours else (binding.field.unit, binding.scale)
                shown = "記入なし" if total is None else f"{total / scale:,.15g}{unit}"
                yield f"  合計 {binding.field.label}{year}: {shown}"
        if len(self.totals_by_level) > 1:
            counts = Counter(row.level for row in self.rows)
            named = [(words()["levels"][each], counts[each]) for each in self.totals_by_level]
            levels = "、".join(f"{name} {count:,}行" for name, count in named)
            yield f"  内訳: {levels}（段階をまたいで足していません）"


def check_file(
    path: Path,
    source_id: str | None = None,
    fiscal_year: int | None = None,
    confirmed: frozenset[str] = frozenset(),
    old: Mapping[str, FormerMunicipality] = MappingProxyType({}),
) -> Checked:
    """Check one delivered file against the source it is, or seems to be.

    Parameters
    ----------
    path : Path
    source_id : str, optional
        Which source it is; found by its headings when left out.
    fiscal_year : int, optional
        The year of the figures, for files that do not say it.
    confirmed : frozenset of str
        Codes whose change of hundreds of times from one year to another has been looked into.
    old : mapping of str to FormerMunicipality
        Those that ended before 2014, from the filed list of changes.

    Returns
    -------
    Checked
        With every repair, warning and fault; never raises for what a file holds.

    Raises
    ------
    SourceError
        If the source is unknown.
    """
    if source_id is not None and source_id not in forms.source_ids():
        read_form(source_id)
    issues = Issues()
    checked = Checked(path, source_id, issues, old=old, confirmed=confirmed)
    try:
        workbook = read_workbook(path)
        is_series = any(map(is_ssds_sheet, workbook.sheets)) and source_id in (None, "ssds")
        if workbook.kind == "json" or source_id in forms.sources_with("is_document") or is_series:
            records, found_id = read_document(workbook, source_id, issues, confirmed)
            return replace(checked, source_id=found_id, records=records)
    except SourceError as refused:
        issues.add(issue(refused.code, **refused.facts))
        return checked
    issues.extend(_workbook_issues(workbook))
    match = _matched(workbook, source_id, fiscal_year, issues)
    if match is None or match.layout is None:
        return replace(checked, form=match.form if match else None)
    return _check_table(match, match.layout, checked, fiscal_year)


def _matched(
    workbook: Workbook, source_id: str | None, fiscal_year: int | None, issues: Issues
) -> LayoutMatch | None:
    """Return the match of the best sheet, after saying what is missing; None where none fits."""
    visible = [sheet for sheet in workbook.sheets if not sheet.is_hidden]
    filled = [sheet for sheet in visible if sheet.rows]
    if not filled:
        issues.add(issue("sheet-empty", sheet=visible[0].name if visible else "", row=1))
        return None
    match = layouts.match_source(filled, source_id, fiscal_year)
    if not match.fits and source_id is None:
        issues.add(layouts.source_unknown(match))
        issues.extend(_lost_digits(match.sheet))
        return None
    issues.extend(match.issues)
    if not match.fits:
        issues.extend(layouts.missing_columns(match, fiscal_year))
    for sheet in filled if match.layout else ():
        if sheet is not match.sheet and layouts.match_layout(sheet, match.form, fiscal_year).fits:
            issues.add(issue("sheet-second-table", other=sheet.name, sheet=match.sheet.name, row=1))
            break
    return match


def _check_table(
    match: LayoutMatch, layout: Layout, checked: Checked, fiscal_year: int | None
) -> Checked:
    form, issues, old, whole = match.form, checked.issues, checked.old, layout
    row = layout.sheet.number_of(layout.first_heading_row)
    wrong = {each.cell for each in match.issues if each.code.startswith("column-unit")}
    read = (column for column in layout.bindings if f"{column.letters}{row}" not in wrong)
    layout = replace(layout, bindings=tuple(read))  # of a wrong unit no figure is judged
    reporter = Reporter(layout, issues)
    period = find_period(layout, form, checked.path, fiscal_year, reporter)
    every = read_rows(layout, form, period, issues, old)
    rows = tuple(row for row in every if not row.is_total)
    if not rows and not issues.has_faults:
        reporter.add("rows-missing", layout.first_row)
    issues.extend(cross_checks(every, form, layout))
    stated = ((row.number, row.values.get("fiscal_year")) for row in rows)
    issues.extend(period_issues(stated, layout, period, fiscal_year))
    issues.extend(magnitude_issues(rows, layout, form, period, confirmed=checked.confirmed))
    issues.extend(incomplete_successors(rows, layout, period, old))
    lint(form, reporter, every)
    issues.extend(layouts.unread_columns(whole, form))
    return replace(
        checked, source_id=form.source_id, form=form, layout=whole, period=period, rows=rows
    )


def _lost_digits(sheet: Sheet) -> Iterator[Issue]:
    """Refuse numbers of more digits than Excel keeps: lost in any table, whatever it is."""
    for position, row in enumerate(sheet.rows):
        for column, text in enumerate(row):
            is_number = sheet.kind(position, column) == "n"
            found = read_number(text, {}, is_stored_number=True) if is_number else None
            if isinstance(found, CellError):
                place = {"sheet": sheet.name, "row": sheet.number_of(position)}
                yield issue(found.code, value=text, **place, **found.facts)


def _workbook_issues(workbook: Workbook) -> Iterator[Issue]:
    """Yield what is to be said of the file as a whole."""
    suffix = workbook.path.suffix.lower()
    if workbook.kind in _SUFFIXES and suffix not in _SUFFIXES[workbook.kind]:
        facts: dict[str, Any] = {"suffix": suffix or "拡張子なし", "kind": workbook.kind}
        yield issue("file-kind-differs", value=workbook.path.name, **facts)
    if workbook.delimiter:
        yield issue("text-delimiter", delimiter=workbook.delimiter)
    if workbook.encoding in ("utf-16", "iso2022_jp"):
        yield issue("text-encoding", encoding=workbook.encoding)
    hidden = [shortened(each.name) for each in workbook.sheets if each.is_hidden and each.rows]
    if hidden:
        yield issue("sheet-hidden", names="」「".join(hidden[:5]))
