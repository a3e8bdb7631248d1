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

EXIT_NOTHING = 1


def run_matched(options: argparse.Namespace) -> int | None:
    """Write the pairs that are in no ledger yet as rows of the form."""
    judged = load_judged_pairs()
    cases = matched_cases(load_technology_needs(), judged, load_funnel_cases(), options.on)
    if cases.empty:
        print(
            "書き出す組がありません。"
            + ("判断の表（judged_pairs）が登録されていません。" if judged.empty else "")
            + "合うと判断された組は、すべて台帳にあるか、まだ判断されていません。"
        )
        return EXIT_NOTHING
    write_output(options.out, form_bytes(cases), is_new=True)
    print(f"{len(cases)}件を書き出しました: {options.out}")
    print(
        f"確かめてから、gunmane data add {options.out} --source funnel_cases で登録してください。"
    )
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
