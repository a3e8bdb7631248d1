"""``gunmane data``: check, file, build, list, explain delivered data, and hand out forms."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gunmane_analysis.loaders.intake.check import Checked

EXIT_ACCEPTED = 0
EXIT_REFUSED = 2


def add_data_commands(commands: Any) -> None:
    """Add ``data`` and its subcommands to the parser's subcommands."""
    data = commands.add_parser("data", help="資料を確かめ、登録し、表に組み立てる")
    parts = data.add_subparsers(required=True, metavar="操作")

    check = parts.add_parser("check", help="ファイルを一つ確かめる（何も変えない）")
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument("--source", help="資料の名前（省略時は見出しから判定）")
    check.add_argument("--fiscal-year", type=int, help="年度がファイルにない場合の年度")
    check.add_argument("--json", action="store_true", help="結果を JSON で出す")
    _with_debug(check, _check)


def _with_debug(parser: argparse.ArgumentParser, run: Any) -> None:
    parser.add_argument("--debug", action="store_true", default=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def _check(options: argparse.Namespace) -> int:
    from gunmane_analysis.loaders.intake.check import check_file

    checked = check_file(options.file, options.source, options.fiscal_year)
    if options.json:
        print(json.dumps(checked.to_record(), ensure_ascii=False, indent=1))
    else:
        _print_checked(checked)
    return EXIT_ACCEPTED if checked.is_accepted else EXIT_REFUSED


def _print_checked(checked: Checked) -> None:
    from gunmane_analysis.loaders.intake.report import words_of

    print(words_of(checked))
