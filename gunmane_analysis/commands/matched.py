"""``gunmane matched``: write judged pairs of needs and technologies as a case ledger's rows."""

from __future__ import annotations

import argparse
import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gunmane_analysis.errors import ReportError

if TYPE_CHECKING:
    import pandas as pd

EXIT_WRITTEN = 0
EXIT_NOTHING = 1


def add_matched_command(commands: Any) -> None:
    """Add ``matched`` to the parser's subcommands."""
    matched = commands.add_parser(
        "matched", help="合うと判断されたニーズとシーズの組を、案件の台帳の様式に書き出す"
    )
    matched.add_argument("out", type=Path, metavar="FILE.csv", help="書き出す場所（上書きしない）")
    matched.add_argument("--on", required=True, help="検討を始めた日（YYYY-MM-DD）")
    matched.add_argument("--debug", action="store_true", default=argparse.SUPPRESS)
    matched.set_defaults(run=_matched)


def _matched(options: argparse.Namespace) -> int:
    from gunmane_analysis.loaders.tables import (
        load_funnel_cases,
        load_judged_pairs,
        load_technology_needs,
    )
    from gunmane_analysis.metrics.funnel.ledger import matched_cases

    judged = load_judged_pairs()
    cases = matched_cases(load_technology_needs(), judged, load_funnel_cases(), options.on)
    if cases.empty:
        print(
            "書き出す組がありません。"
            + ("判断の表（judged_pairs）が登録されていません。" if judged.empty else "")
            + "合うと判断された組は、すべて台帳にあるか、まだ判断されていません。"
        )
        return EXIT_NOTHING
    content = form_text(cases)
    try:
        with options.out.open("x", encoding="utf-8-sig", newline="") as stream:
            stream.write(content)
    except FileExistsError as fault:
        raise ReportError(
            f"「{options.out}」はすでにあり、上書きしません。",
            advice="別の名前を付けるか、前のファイルを移してください。",
        ) from fault
    except OSError as fault:
        raise ReportError(
            f"「{options.out}」に書き込めません（{fault.strerror or fault}）。",
            advice="フォルダーと書き込み権限を確認してください。",
        ) from fault
    print(f"{len(cases)}件を書き出しました: {options.out}")
    print(
        f"確かめてから、gunmane data add {options.out} --source funnel_cases で登録してください。"
    )
    return EXIT_WRITTEN


def form_text(cases: pd.DataFrame) -> str:
    """Return cases as CSV under the form's own headings, choices in its words."""
    from gunmane_analysis.areas import find_area
    from gunmane_analysis.intake.forms import read_form

    form = read_form("funnel_cases")
    words = {name: field.words for name, field in form.fields.items()}
    columns = {name: entry for name, entry in form.fields.items() if name in cases.columns}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([entry.label for entry in columns.values()])
    for row in cases.to_dict("records"):
        line = []
        for name in columns:
            value = row[name]
            text = value if isinstance(value, str) else ""
            if name == "block_id":
                text = find_area(text).name
            line.append(words[name].get(text, text))
        writer.writerow(line)
    return out.getvalue()
