"""``gunmane estimate``: the effect-estimation tool on the command line."""

from __future__ import annotations

import argparse

from gunmane_analysis.commands.output import write_output
from gunmane_analysis.loaders.assumed import load_cost_illustration
from gunmane_analysis.loaders.estimate import read_estimate
from gunmane_analysis.page.estimate_book import estimate_bytes
from gunmane_analysis.page.estimate_page import estimate_findings, render_estimate
from gunmane_analysis.refusals import refuse_if


def run_estimate(options: argparse.Namespace) -> None:
    """Write the form, or read one and write its results next to it."""
    refuse_if((options.file is None) == (options.template is None), "estimate-options")
    if options.template is not None:
        form = estimate_bytes(load_cost_illustration(2025, years=5, with_ranges=True))
        write_output(options.template, form, is_new=True)
        print(f"様式: {options.template}")
        print("例示の値・単位・幅を自分の値に書き換え、「値の性質」を「見込み」に直してください。")
        return
    given = read_estimate(options.file)
    findings = estimate_findings(given, seed=options.seed, draws=options.draws, shape=options.shape)
    folder = options.output or options.file.parent
    book = folder / f"{options.file.stem}_結果.xlsx"
    page = folder / f"{options.file.stem}_結果.html"
    write_output(book, estimate_bytes(given, findings))
    write_output(page, render_estimate(given, findings).encode("utf-8"))
    for finding in findings:
        print(f"・{finding.headline}")
    print(f"結果: {book}、{page}")
