"""``gunmane matched``: write judged pairs of needs and technologies as a case ledger's rows."""

from __future__ import annotations

import argparse

import pandas as pd

from gunmane_analysis.areas import find_area
from gunmane_analysis.commands.output import write_output
from gunmane_analysis.intake.forms import read_form
from gunmane_analysis.loaders.tables import (
    load_funnel_cases,
    load_judged_pairs,
    load_technology_needs,
)
from gunmane_analysis.metrics.funnel.ledger import matched_cases
from gunmane_analysis.refusals import caution

EXIT_NOTHING = 1


def run_matched(options: argparse.Namespace) -> int | None:
    """Write the pairs that are in no ledger yet as rows of the form."""
    judged = load_judged_pairs()
    cases = matched_cases(load_technology_needs(), judged, load_funnel_cases(), options.on)
    if cases.empty:
        unjudged = "判断の表（judged_pairs）が登録されていません。" if judged.empty else ""
        print(caution("pairs-none", unjudged=unjudged))
        return EXIT_NOTHING
    write_output(options.out, form_bytes(cases), is_new=True)
    print(caution("pairs-written", count=len(cases), path=options.out))
    return None


def form_bytes(cases: pd.DataFrame) -> bytes:
    """Return cases as CSV under the form's own headings, choices in its words."""
    fields = read_form("funnel_cases").fields
    columns = {name: field for name, field in fields.items() if name in cases.columns}
    shown = cases[list(columns)].assign(
        block_id=[find_area(each).name for each in cases["block_id"]]
    )
    shown = shown.replace({name: dict(field.words) for name, field in columns.items()})
    shown = shown.rename(columns={name: field.label for name, field in columns.items()})
    return shown.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")
