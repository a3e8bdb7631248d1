"""``gunmane find``: look things up offline, with the source of every hit."""

from __future__ import annotations

import argparse

from gunmane_analysis.page.lookup import find

EXIT_NOTHING = 1


def run_find(options: argparse.Namespace) -> int | None:
    """Print the best hits, each with its source."""
    query = " ".join(options.words)
    found = find(query, max(options.top, 1))
    if found.empty:
        print(f"「{query}」に当たるものは見つかりませんでした。言葉を短くして試してください。")
        return EXIT_NOTHING
    for row in found.to_dict("records"):
        print(f"[{row['種類']}] {row['名']}")
        print(f"    {row['内容']}")
        print(f"    出典: {row['出典']}")
    return None
