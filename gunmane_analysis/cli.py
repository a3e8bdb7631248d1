"""The command line: parses words, calls the library, prints Japanese."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import os
import sys
import traceback
from collections.abc import Sequence
from typing import TypeVar

from gunmane_analysis.areas import (
    DEFAULT_SCHEME_ID,
    Area,
    find_area,
    list_areas,
    parse_regions,
    scheme_ids,
)
from gunmane_analysis.batch.plan import DEFAULT_CELL_LIMIT, ReportRequest
from gunmane_analysis.commands.compare import add_compare_command
from gunmane_analysis.commands.data import add_data_commands
from gunmane_analysis.commands.estimate import add_estimate_command
from gunmane_analysis.commands.find import add_find_command
from gunmane_analysis.commands.init import add_init_command
from gunmane_analysis.commands.matched import add_matched_command
from gunmane_analysis.commands.pack import add_pack_command
from gunmane_analysis.commands.words import Parser
from gunmane_analysis.errors import GunmaneError, ReportError
from gunmane_analysis.paths import processed_dir, raw_dir, reports_dir
from gunmane_analysis.version import __version__

EXIT_DONE = 0
EXIT_AREA_FAILED = 1
EXIT_REFUSED = 2
EXIT_UNFORESEEN = 3
EXIT_INTERRUPTED = 130
EXIT_UNREAD = 141  # as a shell calls what a closed pipe has ended
_Number = TypeVar("_Number", int, float)
_LEVELS = {"prefectures": "prefecture", "municipalities": "municipality"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status.

    Returns
    -------
    int
        0 done, 1 an area failed, 2 refused (input, request or place), 3 a fault of the program,
        130 interrupted, 141 whoever read what was printed has stopped reading.
    """
    _write_utf8()
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        status = int(options.run(options))
        sys.stdout.flush()
        return status
    except GunmaneError as fault:
        if options.debug:
            traceback.print_exc()
        print(f"エラー: {fault}", file=sys.stderr)
        return EXIT_REFUSED
    except KeyboardInterrupt:
        print("中断しました。もう一度実行すると、残りから続けます。", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # not "done": what was still to be said is not known to the reader
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_UNREAD
    except Exception as fault:  # noqa: BLE001 - the reader never sees a traceback unasked
        if options.debug:
            traceback.print_exc()
        print(
            f"エラー: 予期しない誤りで止まりました（{type(fault).__name__}: {fault}）。\n"
            "  対処: --debug を付けて実行し、表示の全文を開発者に知らせてください。",
            file=sys.stderr,
        )
        return EXIT_UNFORESEEN


def _write_utf8() -> None:
    """Let both streams take Japanese where the terminal's settings (LANG=C) would not."""
    for stream in (sys.stdout, sys.stderr):
        try:
            "作成".encode(stream.encoding or "ascii")
        except UnicodeEncodeError:
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(encoding="utf-8", errors="surrogateescape")


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="gunmane", description="群マネの地域分析レポートを作成する。")
    parser.add_argument("--version", action="version", version=f"gunmane {__version__}")
    parser.add_argument("--debug", action="store_true", help="エラーの詳しい経過を表示する")
    commands = parser.add_subparsers(required=True, metavar="コマンド")
    report = commands.add_parser("report", help="地域別のレポートを作成する")
    report.add_argument("--year", type=int, help="年度（省略時は資料のある最新の年度）")
    report.add_argument(
        "--scheme",
        default=DEFAULT_SCHEME_ID,
        help="作成する地域の範囲: 地域区分の名前（全国と各ブロック）、prefectures、municipalities",
    )
    report.add_argument("--regions", help="地域をコンマ区切りで選ぶ（例: tohoku,05,japan）")
    report.add_argument(
        "--theme", help="頁ではなく、選んだテーマのノートブックで作る（コンマ区切り。例: staffing）"
    )
    report.add_argument("--force", action="store_true", help="変わっていない地域も作り直す")
    report.add_argument("--jobs", type=int, default=0, help="同時に動かす数（省略時はコアの数）")
    report.add_argument(
        "--time-limit",
        type=float,
        default=DEFAULT_CELL_LIMIT,
        metavar="秒",
        help=f"一つのセルにかけてよい時間（省略時は{DEFAULT_CELL_LIMIT:g}秒）",
    )
    report.add_argument(
        "--scheduler",
        default="",
        metavar="アドレス",
        help="Dask のスケジューラー（tcp://…）で動かす",
    )
    report.add_argument(
        "--pdf", action="store_true", help="頁を PDF にもする（Chromium・Chrome・Edge を使う）"
    )
    report.add_argument(
        "--keep-notebooks", action="store_true", help="実行したノートブックも頁と並べて残す"
    )
    report.add_argument("--json", action="store_true", help="結果を JSON で出力する")
    report.add_argument("--debug", action="store_true", default=argparse.SUPPRESS)
    report.set_defaults(run=_report)
    add_compare_command(commands)
    add_data_commands(commands)
    add_estimate_command(commands)
    add_find_command(commands)
    add_init_command(commands)
    add_matched_command(commands)
    add_pack_command(commands)
    return parser


def _report(options: argparse.Namespace) -> int:
    from gunmane_analysis.batch.batch import Interrupted, run_report
    from gunmane_analysis.batch.progress import ProgressBar, as_json, closing_words
    from gunmane_analysis.page.pdf import find_browser
    from gunmane_analysis.page.themes import select_notebooks

    if options.pdf:
        find_browser()  # refused now rather than after the run
    areas = _areas(options.scheme, options.regions)
    notebooks = select_notebooks(options.theme)
    used = {theme.theme_id for area in areas for theme in notebooks.of(area)}
    is_staffing_shown = "staffing" in used or any(page.theme_id in used for page in notebooks.pages)
    fiscal_year = _fiscal_year(options.year, is_staffing_shown)
    request = ReportRequest(
        fiscal_year=fiscal_year,
        areas=areas,
        notebooks=notebooks,
        target=reports_dir() / str(fiscal_year),
        force=options.force,
        jobs=_not_negative("--jobs", options.jobs),
        cell_limit=_not_negative("--time-limit", options.time_limit) or DEFAULT_CELL_LIMIT,
        scheduler=options.scheduler,
        keeps_notebooks=options.keep_notebooks,
        prints_pdf=options.pdf,
    )
    bar = ProgressBar(with_traces=options.debug)
    if notebooks.ignored:
        bar.note(
            f"使わないノートブック: {'、'.join(notebooks.ignored)}"
            "（metadata にテーマか頁の宣言がない）"
        )
    words = as_json if options.json else closing_words
    try:
        outcome = run_report(request, bar)
    except Interrupted as stop:
        bar.close()
        print(words(stop.outcome, stop.left))
        return EXIT_INTERRUPTED
    finally:
        bar.close()
    print(words(outcome))
    if options.pdf:
        print(f"PDF {outcome.pdf_count}件を作成", file=sys.stderr)
    return EXIT_AREA_FAILED if outcome.failed else EXIT_DONE


def _not_negative(option: str, value: _Number) -> _Number:
    if value < 0:
        raise ReportError(
            f"{option} に負の数（{value}）は使えません。",
            advice=f"{option} の指定を確認してください。",
        )
    return value


def _areas(scheme: str, regions: str | None) -> tuple[Area, ...]:
    if scheme in _LEVELS:
        block_scheme = DEFAULT_SCHEME_ID
    elif scheme in scheme_ids():
        block_scheme = scheme
    else:
        raise ReportError(
            f"地域区分「{scheme}」はありません。",
            expected="、".join([*scheme_ids(), *_LEVELS]),
            advice="--scheme の指定を確認してください。",
        )
    if regions is not None:
        return parse_regions(regions, block_scheme)
    if scheme == "prefectures":
        return list_areas("prefecture", block_scheme)
    if scheme == "municipalities":
        return list_areas("municipality", block_scheme)
    return (find_area("japan", block_scheme), *list_areas("block", block_scheme))


def _fiscal_year(wanted: int | None, is_staffing_shown: bool) -> int:
    first, last = _staffing_years()
    if wanted is None:
        return last
    if is_staffing_shown and not first <= wanted <= last:
        raise ReportError(
            f"{wanted}年度の職員数の資料がありません。",
            expected=f"{first}〜{last}年度",
            advice="年度の指定を確かめるか、次の二つの命令で、新しい年度の一般行政部門職員数"
            "（社会・人口統計体系 ssds、項目 D1202）を登録してください。\n"
            "    gunmane data fetch ssds --app-id 利用登録の番号 --stats-id 0000010104 "
            "--items D1202\n    gunmane data add ssds_0000010104.json --source ssds",
        )
    return wanted


def _staffing_years() -> tuple[int, int]:
    """Return the first and the last fiscal year with staff counts.

    They are noted beside the processed tables, with the hash of the register they were found
    under: a run that has nothing to make need not load a table to know its year.
    """
    register = hashlib.sha256((raw_dir() / "sources.yml").read_bytes()).hexdigest()
    note = processed_dir() / "staffing_years.json"
    with contextlib.suppress(OSError, ValueError, KeyError):
        noted = json.loads(note.read_text("utf-8"))
        if noted["register"] == register:
            return int(noted["first"]), int(noted["last"])
    from gunmane_analysis.loaders.tables import load_staffing

    staffing = load_staffing()
    counted = staffing.dropna(subset=["general_staff_count"])["fiscal_year"]
    first, last = int(counted.min()), int(counted.max())
    with contextlib.suppress(OSError):
        note.write_text(json.dumps({"register": register, "first": first, "last": last}))
    return first, last


if __name__ == "__main__":
    sys.exit(main())
