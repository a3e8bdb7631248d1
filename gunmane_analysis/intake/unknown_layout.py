"""What to add to a column map when a delivered layout is not known yet."""

from __future__ import annotations

import difflib

from gunmane_analysis.intake.forms import Form
from gunmane_analysis.intake.layout import LayoutMatch, heading_paths
from gunmane_analysis.intake.reading.issues import Issue
from gunmane_analysis.intake.reading.plain_text import heading_key
from gunmane_analysis.intake.reading.workbook import Sheet
from gunmane_analysis.tables import table_of_source

_ROWS_SHOWN = 8


def entry_to_add(form: Form, sheet: Sheet, search: LayoutMatch) -> Issue:
    """Return a fault that shows the entry by which the column map would know this layout.

    The nearest heading found is proposed for each missing field and marked as a proposal; it
    is for a person to decide, and nothing is read by it.
    """
    paths = ["/".join(path) for path in _candidateheading_paths(sheet)]
    absent = [
        entry
        for entry in form.fields.values()
        if entry.is_required or entry.name in form.at_least_one_of
    ]
    lines = []
    for entry in absent:
        wanted = "/".join(entry.headings[0]) if entry.headings else entry.label
        keys = {heading_key(path): path for path in paths}
        near = difflib.get_close_matches(heading_key(wanted), list(keys), n=1, cutoff=0.3)
        contained = [path for path in paths if entry.label[:2] in path]
        proposal = keys[near[0]] if near else (contained[0] if contained else "（該当する見出し）")
        lines.append(f"  {entry.name}: headers に「{proposal}」を加える")
    return Issue(
        "fault",
        "初めての見出しの並びです。読み方を対応表に加えるまで取り込みません。",
        sheet=sheet.name,
        row=sheet.number_of(search.row) if sheet.rows else 1,
        value="、".join(paths[:20]),
        expected=f"tables/{table_of_source()[form.source_id]}.yml にある見出し",
        advice="見出しの意味を確かめたうえで、tables/"
        f"{table_of_source()[form.source_id]}.yml に"
        "次を加えてください（提案であり、確認が要ります）。\n" + "\n".join(lines),
    )


def _candidateheading_paths(sheet: Sheet) -> list[tuple[str, ...]]:
    """Return the heading paths of the rows above the first row that holds mostly numbers."""
    height = 0
    start: int | None = None
    for position, row in enumerate(sheet.rows[:40]):
        filled = [cell for cell in row if cell.strip()]
        numbers = sum(cell.strip().replace(",", "").isdigit() for cell in filled)
        if len(filled) < 2 and start is None:
            continue
        if filled and numbers * 2 >= len(filled):
            break
        start = position if start is None else start
        height = position - start + 1
    if start is None:
        return []
    return [path for path in heading_paths(sheet, start, min(height, _ROWS_SHOWN)) if path]
