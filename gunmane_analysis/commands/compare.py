"""``gunmane compare``: what moved between two years' pages, because of data or of method."""

from __future__ import annotations

import argparse

from gunmane_analysis.commands.output import write_output
from gunmane_analysis.page.compare import COLUMNS, compare_records, comparison_book
from gunmane_analysis.page.records import records_of_year
from gunmane_analysis.paths import reports_dir
from gunmane_analysis.refusals import caution, refuse_if

_SHOWN = 20


def run_compare(options: argparse.Namespace) -> None:
    """Print what moved most, and write all of it as a workbook."""
    first, last = options.years
    refuse_if(first == last, "years-equal", year=first)
    before, after = records_of_year(first), records_of_year(last)
    moved = compare_records(before, after)
    both = len(before.keys() & after.keys())
    print(caution("years-compared", first=first, last=last, both=both, moved=len(moved)))
    for cause, count in moved["cause"].value_counts().items():
        print(f"  {cause}: {count:,}")
    for row in moved.head(_SHOWN).to_dict("records"):
        print(caution("value-moved", **{str(name): fact for name, fact in row.items()}))
    name = f"比較_{first}年度_{last}年度.xlsx"
    made_at = max(record.made_at for record in after.values())
    write_output(reports_dir() / name, comparison_book(moved, (first, last), made_at))
    print(f"全{len(moved):,}行: {reports_dir() / name}（{'、'.join(COLUMNS.values())}）")
