"""``gunmane estimate``: the effect-estimation tool on the command line."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from gunmane_analysis.errors import ReportError

FORM_NAME = "効果試算_様式.xlsx"
EXIT_DONE = 0


def add_estimate_command(commands: Any) -> None:
    """Add ``estimate`` to the parser's subcommands."""
    estimate = commands.add_parser(
        "estimate", help="委託と直営の総費用を導入の前後で比べる（導入効果試算）"
    )
    estimate.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="記入した様式（.xlsx）"
    )
    estimate.add_argument(
        "--template",
        nargs="?",
        const=Path(FORM_NAME),
        type=Path,
        metavar="PATH",
        help=f"例示の値を入れた様式を書き出す（省略時は {FORM_NAME}）",
    )
    estimate.add_argument(
        "--output", type=Path, metavar="FOLDER", help="結果を書くフォルダー（省略時は FILE と同じ）"
    )
    estimate.add_argument("--seed", type=int, default=0, help="乱数の種（省略時は0）")
    estimate.add_argument("--draws", type=int, default=10_000, help="試す回数（省略時は10000）")
    estimate.add_argument(
        "--shape", choices=("pert", "triangular"), default="pert", help="幅の中の分布の形"
    )
    estimate.add_argument("--debug", action="store_true", default=argparse.SUPPRESS)
    estimate.set_defaults(run=run_estimate)


def run_estimate(options: argparse.Namespace) -> int:
    """Write the form, or read one and write its results beside it."""
    if (options.file is None) == (options.template is None):
        raise ReportError(
            "試算するファイルか --template のどちらか一つを指定してください。",
            expected="gunmane estimate 記入した様式.xlsx、または gunmane estimate --template",
        )
    if options.template is not None:
        return _write_form(options.template)
    return _write_results(options)


def _write_form(path: Path) -> int:
    from gunmane_analysis.loaders.assumed import load_cost_illustration
    from gunmane_analysis.page.estimate_book import form_bytes

    if path.exists():
        raise ReportError(
            f"「{path}」は既にあります。",
            advice="記入済みの様式を消さないよう、別の名前を指定してください。",
        )
    _write(path, form_bytes(load_cost_illustration(2025, years=5, with_ranges=True)))
    print(f"様式: {path}")
    print("例示の値・単位・幅を自分の値に書き換え、「値の性質」を「見込み」に直してください。")
    return EXIT_DONE


def _write_results(options: argparse.Namespace) -> int:
    from gunmane_analysis.loaders.estimate import read_estimate
    from gunmane_analysis.page.estimate_book import results_bytes
    from gunmane_analysis.page.estimate_page import estimate_findings, render_estimate

    given = read_estimate(options.file)
    findings = estimate_findings(given, seed=options.seed, draws=options.draws, shape=options.shape)
    folder = options.output or options.file.parent
    book = folder / f"{options.file.stem}_結果.xlsx"
    page = folder / f"{options.file.stem}_結果.html"
    _write(book, results_bytes(given, findings))
    _write(page, render_estimate(given, findings).encode("utf-8"))
    for finding in findings:
        print(f"・{finding.headline}")
    print(f"結果: {book}、{page}")
    return EXIT_DONE


def _write(path: Path, content: bytes) -> None:
    """Write a file beside its place and rename it there."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        os.replace(beside, path)
    except OSError as fault:
        beside.unlink(missing_ok=True)
        raise ReportError(
            f"「{path}」に書けません（{fault.strerror}）。",
            advice="フォルダーの権限と、同じファイルを開いていないかを確認してください。",
        ) from fault
