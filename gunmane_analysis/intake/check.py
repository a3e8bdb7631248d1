"""One file checked from its first byte to its totals: every fault in one pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from gunmane_analysis.errors import SourceError
from gunmane_analysis.intake.documents import Document, read_document
from gunmane_analysis.intake.forms import (
    GENERAL,
    Form,
    document_sources,
    read_form,
    source_ids,
)
from gunmane_analysis.intake.layout import Layout, find_layout, missing_columns
from gunmane_analysis.intake.lint import lint
from gunmane_analysis.intake.magnitude import magnitude_issues
from gunmane_analysis.intake.merged import say_incomplete
from gunmane_analysis.intake.old_codes import FormerMunicipality
from gunmane_analysis.intake.placing import ReferencePeriod
from gunmane_analysis.intake.reading.issues import Issue, Issues, shortened
from gunmane_analysis.intake.reading.workbook import Sheet, Workbook, read_workbook
from gunmane_analysis.intake.row_checks import (
    choices_incomplete,
    dates_out_of_order,
    duplicate_keys,
    inverted_ranges,
    place_missing,
    step_repeated,
)
from gunmane_analysis.intake.rows import Row, read_rows
from gunmane_analysis.intake.source_of import find_source, has_one_of, search_sheet
from gunmane_analysis.intake.times import find_period
from gunmane_analysis.intake.totals import (
    check_totals,
    counted_rows,
    sums,
    sums_by_level,
)
from gunmane_analysis.intake.unknown_layout import entry_to_add
from gunmane_analysis.intake.unread import unread_columns


@dataclass(frozen=True)
class Checked:
    """A file after its check.

    Attributes
    ----------
    rows : tuple of Row
        Accepted rows of all levels, without rows of totals.
    """

    path: Path
    source_id: str | None
    issues: Issues
    form: Form | None = None
    layout: Layout | None = None
    times: ReferencePeriod = field(default_factory=ReferencePeriod)
    rows: tuple[Row, ...] = ()
    document: Document | None = None
    old: Mapping[str, FormerMunicipality] = field(default_factory=dict)

    @property
    def is_accepted(self) -> bool:
        """Whether nothing stands against using the file."""
        return not self.issues.has_faults

    @property
    def row_count(self) -> int:
        """Accepted rows; entries of a JSON document."""
        return self.document.row_count if self.document else len(self.rows)

    @property
    def totals(self) -> dict[str, float]:
        """The sum of each numeric column over the accepted rows, each place counted once."""
        if self.document:
            return dict(self.document.totals)
        return sums(counted_rows(self.rows), self.layout.bindings) if self.layout else {}

    @property
    def totals_by_level(self) -> dict[str, dict[str, float]]:
        """The sums of each level."""
        if self.document:
            return {level: dict(found) for level, found in self.document.totals_by_level.items()}
        return sums_by_level(self.rows, self.layout.bindings) if self.layout else {}

    def to_record(self) -> dict[str, Any]:
        """Return what ``gunmane data check --json`` prints."""
        levels: dict[str, int] = {}
        for row in self.rows:
            levels[row.level] = levels.get(row.level, 0) + 1
        record: dict[str, Any] = {
            "file": str(self.path),
            "source": self.source_id,
            "accepted": self.is_accepted,
            "fiscal_year": self.times.fiscal_year,
            "as_of_on": self.times.as_of_on,
            "rows": self.row_count,
            "rows_by_level": levels,
            "totals": self.totals if self.is_accepted else {},
            "totals_by_level": self.totals_by_level if self.is_accepted else {},
        }
        for level, name in (("repair", "repairs"), ("warning", "warnings"), ("fault", "faults")):
            record[name] = [issue.to_record() for issue in self.issues.of(level)]  # type: ignore[arg-type]
        record["counts"] = {
            "repairs": self.issues.counts["repair"],
            "warnings": self.issues.counts["warning"],
            "faults": self.issues.counts["fault"],
        }
        return record


@dataclass(frozen=True)
class CheckContext:
    """What is known of a file beside its content: said by the user, or filed before."""

    fiscal_year: int | None = None
    confirmed: frozenset[str] = frozenset()
    old: Mapping[str, FormerMunicipality] = field(default_factory=dict)


def check_file(
    path: Path,
    source_id: str | None = None,
    fiscal_year: int | None = None,
    confirmed: frozenset[str] = frozenset(),
    old: Mapping[str, FormerMunicipality] = MappingProxyType({}),
    read: Callable[[Path], Workbook] = read_workbook,
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
        Bodies that ended before 2014, from the filed list of changes.
    read : callable
        Parses the file; for a caller that has begun to do so already.

    Returns
    -------
    Checked
        With every repair, warning and fault; never raises for what a file holds.

    Raises
    ------
    SourceError
        If the source is unknown.
    """
    if source_id is not None and source_id not in source_ids():
        read_form(source_id)
    issues = Issues()
    try:
        workbook = read(path)
    except SourceError as fault:
        issues.add(Issue("fault", fault.found, expected=fault.expected, advice=fault.advice))
        return Checked(path, source_id, issues)
    if workbook.refusal is not None:
        issues.add(workbook.refusal)
        return Checked(path, source_id, issues)
    if workbook.kind == "json" or source_id in document_sources() or _is_ssds_csv(workbook):
        document, found_id = read_document(workbook, source_id, issues, confirmed)
        return Checked(path, found_id or source_id, issues, document=document)
    known = CheckContext(fiscal_year, confirmed, old)
    return _check_sheets(workbook, source_id, known, issues)


def _is_ssds_csv(workbook: Workbook) -> bool:
    from gunmane_analysis.intake.ssds import is_ssds_sheet

    return any(is_ssds_sheet(sheet) for sheet in workbook.sheets)


def _check_sheets(
    workbook: Workbook, source_id: str | None, known: CheckContext, issues: Issues
) -> Checked:
    visible = [sheet for sheet in workbook.sheets if not sheet.is_hidden]
    filled = [sheet for sheet in visible if sheet.rows]
    _say_about_workbook(workbook, visible, issues)
    if not filled:
        issues.add(
            Issue(
                "fault",
                "シートに何も書かれていません。",
                sheet=visible[0].name if visible else "",
                row=1,
                expected="見出しと1行以上のデータ",
                advice="表のあるファイルか、シートが非表示になっていないかを確かめてください。",
            )
        )
        return Checked(workbook.path, source_id, issues)
    form, sheet, search = find_source(filled, source_id)
    if form is None:
        return _unknown(workbook, filled, issues)
    issues.extend(search.faults)
    if search.layout is None:
        issues.extend(missing_columns(search, sheet, form))
        if form.explains_unknown_layout:
            issues.add(entry_to_add(form, sheet, search))
        _check_generally(sheet, issues)
        return Checked(workbook.path, form.source_id, issues, form)
    _refuse_second_sheet(filled, sheet, form, issues)
    return _check_table(workbook.path, form, search.layout, known, issues)


def _check_table(
    path: Path, form: Form, layout: Layout, known: CheckContext, issues: Issues
) -> Checked:
    _need_one_of(layout, form, issues)
    times = find_period(layout, form, path, known.fiscal_year, issues)
    every = read_rows(layout, form, times, issues, known.old)
    rows = tuple(row for row in every if not row.is_total)
    if not rows and not issues.has_faults:
        sheet = layout.sheet
        issues.add(
            Issue(
                "fault",
                "見出しの下にデータの行がありません。",
                sheet=sheet.name,
                row=sheet.number_of(layout.first_row - 1) + 1,
                expected="1行以上のデータ",
                advice="データの入ったファイルかどうかを確かめてください。",
            )
        )
    issues.extend(duplicate_keys(rows, form, layout))
    issues.extend(choices_incomplete(rows, form, layout))
    issues.extend(dates_out_of_order(rows, form, layout))
    issues.extend(inverted_ranges(rows, form, layout))
    issues.extend(step_repeated(rows, form, layout))
    issues.extend(place_missing(rows, form, layout))
    issues.extend(check_totals(every, layout, form))
    issues.extend(magnitude_issues(rows, layout, form, times, confirmed=known.confirmed))
    issues.extend(say_incomplete(rows, layout, times, known.old))
    issues.extend(lint(layout, form))
    issues.extend(unread_columns(layout, form))
    return Checked(path, form.source_id, issues, form, layout, times, rows, old=known.old)


def _unknown(workbook: Workbook, sheets: Sequence[Sheet], issues: Issues) -> Checked:
    sheet = sheets[0]
    found = next(
        ([c for c in row if c.strip()] for row in sheet.rows if any(map(str.strip, row))), []
    )
    single = (
        "列が1つしか見つかりません。区切り文字がコンマでない可能性があります。"
        if sheet.is_csv and max(map(len, sheet.rows), default=0) == 1
        else ""
    )
    issues.add(
        Issue(
            "fault",
            f"どの資料の様式にも合いません。{single}見つかった見出し: "
            f"{'、'.join(shortened(cell) for cell in found[:12]) or 'なし'}",
            sheet=sheet.name,
            row=sheet.number_of(0),
            expected="団体コードと年度などの見出しのある、次のどれかの資料: "
            + "、".join(source_ids()),
            advice="--source で資料を指定すると、足りない見出しが分かります。",
        )
    )
    _check_generally(sheet, issues)
    return Checked(workbook.path, None, issues)


def _check_generally(sheet: Sheet, issues: Issues) -> None:
    """Read what any table has (codes, years, dates, numbers), only to tell its faults too."""
    form = read_form(GENERAL)
    search = find_layout(sheet, form)
    if search.layout is None or search.matched_count < 2:
        return
    read_rows(search.layout, form, ReferencePeriod(), issues)


def _say_about_workbook(workbook: Workbook, visible: Sequence[Sheet], issues: Issues) -> None:
    suffix = workbook.path.suffix.lower()
    expected = {
        "xlsx": (".xlsx", ".xlsm", ".xltx"),
        "xls": (".xls",),
        "csv": (".csv", ".txt", ".tsv"),
    }
    if workbook.kind in expected and suffix not in expected[workbook.kind]:
        issues.add(
            Issue(
                "repair",
                f"名前は「{suffix or '拡張子なし'}」ですが、中身は {workbook.kind} です。"
                "中身に従って読みました。",
                value=workbook.path.name,
                advice="名前の拡張子を直してください。",
            )
        )
    if workbook.delivered_delimiter:
        issues.add(
            Issue(
                "repair",
                f"区切りは{workbook.delivered_delimiter}でした。",
                advice="CSV はコンマ区切りが標準です。",
            )
        )
    if workbook.encoding in ("utf-16", "iso2022_jp"):
        issues.add(
            Issue(
                "repair", f"文字コードは {workbook.encoding} でした。", advice="UTF-8 が標準です。"
            )
        )
    hidden = [sheet.name for sheet in workbook.sheets if sheet.is_hidden and sheet.rows]
    if hidden:
        issues.add(
            Issue(
                "warning",
                f"非表示のシート「{'」「'.join(map(shortened, hidden[:5]))}」は読みません。",
                advice="読む表なら、再表示して保存し直してください。",
            )
        )


def _refuse_second_sheet(
    sheets: Sequence[Sheet], chosen: Sheet, form: Form, issues: Issues
) -> None:
    others = [
        sheet
        for sheet in sheets
        if sheet is not chosen
        and (found := search_sheet(sheet, form).layout) is not None
        and has_one_of(found, form)
    ]
    if others:
        issues.add(
            Issue(
                "fault",
                f"同じ表が別のシート「{others[0].name}」にもあります。",
                sheet=others[0].name,
                row=1,
                expected="一つのファイルに一つの表",
                advice="使うシートだけを残すか、ファイルを分けてください。",
                rule="2-2",
            )
        )


def _need_one_of(layout: Layout, form: Form, issues: Issues) -> None:
    if has_one_of(layout, form):
        return
    labels = "、".join(form.fields[name].label for name in form.at_least_one_of)
    issues.add(
        Issue(
            "fault",
            f"値の列（{labels}）が一つもありません。",
            sheet=layout.sheet.name,
            row=layout.sheet.number_of(layout.first_heading_row),
            expected=f"{labels} のどれか",
            advice="見出しを確かめてください。",
        )
    )
    if form.explains_unknown_layout:
        search = find_layout(layout.sheet, form)
        issues.add(entry_to_add(form, layout.sheet, search))
