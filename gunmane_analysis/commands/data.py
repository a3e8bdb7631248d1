"""``gunmane data``: check, file, build, list, explain delivered data, and hand out forms."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from gunmane_analysis.commands.output import write_output
from gunmane_analysis.commands.parser import EXIT_REFUSED
from gunmane_analysis.errors import SourceError
from gunmane_analysis.refusals import caution, refuse_if

if TYPE_CHECKING:
    from gunmane_analysis.intake.check import Checked


def _files(given: list[Path]) -> list[Path]:
    """Return the files that are given, and those of the folders that are given."""
    found: list[Path] = []
    for path in given:
        inside = sorted(path.rglob("[!.~]*")) if path.is_dir() else [path]
        shown = [
            each
            for each in inside
            if not each.is_dir() and not any(p[0] in ".~" for p in each.relative_to(path).parts)
        ]
        refuse_if(not shown, "folder-without-files", path=path)
        found += shown
    return list(dict.fromkeys(found))


def _checked(
    options: argparse.Namespace, path: Path, source: str | None, replacing: str = ""
) -> Checked:
    """Check a file, and compare it with what is filed for other years."""
    from gunmane_analysis.intake.check import check_file
    from gunmane_analysis.loaders.former import load_old_bodies
    from gunmane_analysis.loaders.previous import against_filed

    confirmed = frozenset(filter(None, map(str.strip, options.confirmed.split(","))))
    checked = check_file(path, source, options.fiscal_year, confirmed, load_old_bodies())
    return against_filed(checked, replacing)


def run_check(options: argparse.Namespace) -> int | None:
    """Print what is found in files; nothing is changed."""
    files = _files(options.files)
    every = [_checked(options, path, options.source) for path in files]
    if options.json:
        records = [checked.to_record(debug=options.debug) for checked in every]
        print(json.dumps(records[0] if len(every) == 1 else records, ensure_ascii=False, indent=1))
    else:
        print("\n\n".join(checked.words(debug=options.debug) for checked in every))
        if len(every) > 1:
            accepted = sum(checked.is_accepted for checked in every)
            counts = {"accepted": accepted, "refused": len(every) - accepted}
            print(caution("files-checked", count=len(every), **counts))
    return None if all(checked.is_accepted for checked in every) else EXIT_REFUSED


def run_add(options: argparse.Namespace) -> int | None:
    """Register files, each by itself, and print a summary of several."""
    files = _files(options.files)
    refused = []
    for path in files:
        try:
            is_registered = _register(options, path, options.source)
        except SourceError as fault:
            print(f"{path.name}: 登録しません\nエラー: {fault}", file=sys.stderr)
            is_registered = False
        if not is_registered:
            refused.append(path.name)
    if len(files) > 1:
        names = f"（{'、'.join(refused)}）" if refused else ""
        counts = {"done": len(files) - len(refused), "left": len(refused)}
        print(caution("files-added", count=len(files), names=names, **counts))
    return EXIT_REFUSED if refused else None


def run_replace(options: argparse.Namespace) -> int | None:
    """Register a corrected file in the place of an earlier one."""
    from gunmane_analysis.loaders.filing import entry_of, registered_name

    old = registered_name(entry_of(options.source), options.old)
    is_registered = _register(options, options.file, options.source, old, options.reason)
    return None if is_registered else EXIT_REFUSED


def _register(
    options: argparse.Namespace,
    path: Path,
    source: str | None,
    replacing: str = "",
    reason: str = "",
) -> bool:
    """Check a file and register it; print what was found, and whether it is registered now."""
    from gunmane_analysis.loaders.filing import register_file
    from gunmane_analysis.sources import sha256_of

    checked = _checked(options, path, source, replacing)
    if not checked.is_accepted:
        print(checked.words(debug=options.debug), file=sys.stderr)
        return False
    name = register_file(checked, replacing=replacing, reason=reason)
    print(checked.words(debug=options.debug))
    print(f"登録しました: data/raw/{name}（SHA-256 {sha256_of(path)[:12]}…）")
    if replacing:
        print(f"  差し替え前の「{replacing}」は、理由とともに .replaced に残しました。")
    if note := _first_year_note(checked):
        print(note)
    return True


def _first_year_note(checked: Checked) -> str:
    """Say from which report on figures as of a day are used; empty where a row has a year."""
    from gunmane_analysis.tables import describe, table_of_source

    table = describe(table_of_source()[str(checked.source_id)])
    days = {str(day) for row in checked.rows if (day := row.values.get("as_of_on"))}
    days |= {checked.period.as_of_on} if checked.period.as_of_on else set()
    if "as_of_on" not in table.key or not days:
        return ""
    first = min(days)
    year = int(first[:4]) - (first[5:7] < "04")
    return caution("first-year", first=first, year=year, before=year - 1)


def run_remove(options: argparse.Namespace) -> None:
    """Take a file out of the register."""
    from gunmane_analysis.loaders.filing import remove_file

    kept = remove_file(options.source, options.file, options.reason)
    print(f"登録から外しました: {options.file}（理由: {options.reason.strip()}）")
    if kept:
        print(f"  ファイルは data/raw/{kept} に残しています。")
    else:
        print("  ファイルは外す前に失われていました。")


def run_build(options: argparse.Namespace) -> None:
    """Bring every table up to date."""
    from tqdm import tqdm

    from gunmane_analysis.loaders.store import build_all, difference_lines

    started = time.monotonic()
    with tqdm(unit="表", disable=not sys.stderr.isatty()) as bar:
        for table_id, rows in build_all():
            bar.update()
            seconds, started = time.monotonic() - started, time.monotonic()
            line = f"資料なし {table_id}: 登録がありません"
            if rows is not None:
                line = f"作成 {table_id}: {rows:,}行（{seconds:.1f}秒）"
            bar.write(line, file=sys.stdout)
    for line in difference_lines():
        print(line)


def run_list(options: argparse.Namespace) -> None:
    """Print what is registered and what is missing."""
    from gunmane_analysis.intake.listing import list_sources, words_of_files, words_of_listing

    if options.json:
        print(json.dumps(list_sources(), ensure_ascii=False, indent=1))
    else:
        print(words_of_files() if options.files else words_of_listing(list_sources()))


def run_template(options: argparse.Namespace) -> None:
    """Write a form to fill in."""
    from gunmane_analysis.intake.forms import read_form
    from gunmane_analysis.intake.template import template_bytes

    target = options.out or Path(f"{options.source}_様式.xlsx")
    write_output(target, template_bytes(read_form(options.source)), is_new=True)
    print(f"様式を書き出しました: {target}")


def run_explain(options: argparse.Namespace) -> None:
    """Print the columns of a table, or the list of tables."""
    from gunmane_analysis.intake.listing import words_of_tables

    print(words_of_tables(options.table))


def run_fetch(options: argparse.Namespace) -> None:
    """Write what e-Stat's API gives."""
    from gunmane_analysis.intake.estat import DEFAULT_BASE_URL, fetch_ssds

    target = options.out or Path(f"ssds_{options.stats_id}.json")
    refuse_if(target.exists(), "output-exists", path=target)  # before it is fetched
    pages = fetch_ssds(
        options.app_id,
        options.stats_id,
        items=options.items.split(",") if options.items else (),
        base_url=options.base_url or DEFAULT_BASE_URL,
    )
    write_output(target, json.dumps(pages, ensure_ascii=False).encode(), is_new=True)
    print(f"{len(pages)}回の応答を書き出しました: {target}")
    print(f"続けて登録するには: gunmane data add {target} --source ssds")
