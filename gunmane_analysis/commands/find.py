"""``gunmane find``: look things up offline, with the source of every hit."""

from __future__ import annotations

import argparse
from typing import Any

EXIT_FOUND = 0
EXIT_NOTHING = 1


def add_find_command(commands: Any) -> None:
    """Add ``find`` to the parser's subcommands."""
    find = commands.add_parser("find", help="事例・窓口・用語・表・資料・文書を調べる")
    find.add_argument("words", nargs="+", metavar="言葉", help="調べる言葉か問い（例: 除草の費用）")
    find.add_argument("--top", type=int, default=10, help="示す数（省略時は10）")
    find.add_argument("--debug", action="store_true", default=argparse.SUPPRESS)
    find.set_defaults(run=_find)


def _find(options: argparse.Namespace) -> int:
    from gunmane_analysis.page.lookup import find

    query = " ".join(options.words)
    found = find(query, max(options.top, 1))
    if found.empty:
        print(f"「{query}」に当たるものは見つかりませんでした。言葉を短くして試してください。")
        return EXIT_NOTHING
    for row in found.to_dict("records"):
        print(f"[{row['種類']}] {row['名']}")
        print(f"    {row['内容']}")
        print(f"    出典: {row['出典']}")
    return EXIT_FOUND
