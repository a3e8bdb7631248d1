"""``gunmane data``: check, file, build, list, explain delivered data, and hand out forms."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gunmane_analysis.errors import SourceError

if TYPE_CHECKING:
    from gunmane_analysis.intake.check import Checked

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
    _with_confirmed(check)
    check.add_argument("--json", action="store_true", help="結果を JSON で出す")
    _with_debug(check, _check)

    add = parts.add_parser("add", help="確かめたファイルを data/raw に写し、登録する")
    add.add_argument("file", type=Path, metavar="FILE")
    add.add_argument("--source", help="資料の名前（省略時は見出しから判定）")
    add.add_argument("--fiscal-year", type=int, help="年度がファイルにない場合の年度")
    _with_confirmed(add)
    add.add_argument(
        "--replace", action="store_true", help="同じ名前の登録済みのファイルと差し替える"
    )
    _with_debug(add, _add)

    build = parts.add_parser("build", help="登録した資料を全て表に組み立てる")
    _with_debug(build, _build)

    listing = parts.add_parser("list", help="登録した資料と、各テーマに足りない資料を示す")
    listing.add_argument("--json", action="store_true", help="結果を JSON で出す")
    _with_debug(listing, _list)

    template = parts.add_parser("template", help="記入用の様式（.xlsx）を作る")
    template.add_argument("source", metavar="ID", help="資料の名前（例: municipal_staffing）")
    template.add_argument("--out", type=Path, help="書き出す場所（省略時は ID_様式.xlsx）")
    _with_debug(template, _template)

    explain = parts.add_parser("explain", help="表の列の意味と単位を示す")
    explain.add_argument("table", metavar="TABLE", help="表の名前（例: staffing）")
    _with_debug(explain, _explain)

    fetch = parts.add_parser("fetch", help="e-Stat から都道府県の系列を取り寄せる")
    fetch.add_argument("source", choices=["ssds"])
    fetch.add_argument("--app-id", required=True, help="e-Stat の利用登録で得た appId")
    fetch.add_argument("--stats-id", required=True, help="統計表ID（例: 0000010104）")
    fetch.add_argument("--items", help="項目コードをコンマ区切りで（例: D1202,D320308）")
    fetch.add_argument("--out", type=Path, help="書き出す場所（省略時は ssds_統計表ID.json）")
    fetch.add_argument("--base-url", help=argparse.SUPPRESS)
    _with_debug(fetch, _fetch)


def _with_confirmed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--confirmed",
        metavar="コード",
        default="",
        help="桁の変わる増減を元の資料で確かめた団体（5桁、コンマ区切り。登録簿に残る）",
    )


def _checked(options: argparse.Namespace) -> Checked:
    """Check a file, and hold it against what is filed for other years."""
    from gunmane_analysis.intake.check import check_file
    from gunmane_analysis.loaders.former import load_old_bodies
    from gunmane_analysis.loaders.previous import against_filed

    confirmed = _confirmed(options)
    checked = check_file(
        options.file, options.source, options.fiscal_year, confirmed, load_old_bodies()
    )
    return against_filed(checked, confirmed)


def _confirmed(options: argparse.Namespace) -> frozenset[str]:
    return frozenset(code for part in options.confirmed.split(",") if (code := part.strip()))


def _with_debug(parser: argparse.ArgumentParser, run: Any) -> None:
    parser.add_argument("--debug", action="store_true", default=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def _check(options: argparse.Namespace) -> int:
    checked = _checked(options)
    if options.json:
        record = checked.to_record(debug=_is_debug(options))
        print(json.dumps(record, ensure_ascii=False, indent=1))
    else:
        print(checked.words(debug=_is_debug(options)))
    return EXIT_ACCEPTED if checked.is_accepted else EXIT_REFUSED


def _is_debug(options: argparse.Namespace) -> bool:
    return bool(getattr(options, "debug", False))


def _add(options: argparse.Namespace) -> int:
    from gunmane_analysis.intake.filing import file_away

    checked = _checked(options)
    if not checked.is_accepted:
        print(checked.words(debug=_is_debug(options)), file=sys.stderr)
        return EXIT_REFUSED
    filed = file_away(checked, replace=options.replace, confirmed=_confirmed(options))
    print(checked.words(debug=_is_debug(options)))
    print(f"登録しました: data/raw/{filed.name}（SHA-256 {filed.sha256[:12]}…）")
    return EXIT_ACCEPTED


def _build(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from gunmane_analysis.loaders.store import build_all, difference_lines

    with tqdm(unit="表", disable=not sys.stderr.isatty()) as bar:
        for built in build_all():
            bar.update()
            word = "作成" if built.rows is not None else "資料なし"
            rows = f"{built.rows:,}行" if built.rows is not None else built.reason
            bar.write(f"{word} {built.table_id}: {rows}（{built.seconds:.1f}秒）", file=sys.stdout)
    for line in difference_lines():
        print(line)
    return EXIT_ACCEPTED


def _list(options: argparse.Namespace) -> int:
    from gunmane_analysis.intake.listing import list_sources, words_of_listing

    listing = list_sources()
    if options.json:
        print(json.dumps(listing.to_record(), ensure_ascii=False, indent=1))
    else:
        print(words_of_listing(listing))
    return EXIT_ACCEPTED


def _template(options: argparse.Namespace) -> int:
    from gunmane_analysis.intake.forms import read_form
    from gunmane_analysis.intake.template import write_template

    form = read_form(options.source)
    target = options.out or Path(f"{options.source}_様式.xlsx")
    if target.exists():
        raise SourceError(
            f"「{target}」はすでにあります。", advice="--out で別の名前を指定してください。"
        )
    write_template(form, target)
    print(f"様式を書き出しました: {target}")
    return EXIT_ACCEPTED


def _explain(options: argparse.Namespace) -> int:
    from gunmane_analysis.intake.listing import words_of_table

    print(words_of_table(options.table))
    return EXIT_ACCEPTED


def _fetch(options: argparse.Namespace) -> int:
    from gunmane_analysis.intake.estat import DEFAULT_BASE_URL, fetch_ssds

    target = options.out or Path(f"ssds_{options.stats_id}.json")
    pages = fetch_ssds(
        options.app_id,
        options.stats_id,
        items=options.items.split(",") if options.items else (),
        base_url=options.base_url or DEFAULT_BASE_URL,
    )
    target.write_text(json.dumps(pages, ensure_ascii=False), encoding="utf-8")
    print(f"{len(pages)}回の応答を書き出しました: {target}")
    print(f"続けて登録するには: gunmane data add {target} --source ssds")
    return EXIT_ACCEPTED
