"""A parser of the command line that says in Japanese what it cannot read."""

from __future__ import annotations

import argparse
import re
import sys
from typing import NoReturn

EXIT_REFUSED = 2
_FAULTS = (
    (r"argument (.+): invalid choice: '(.*)' \(choose from (.+)\)", "{0}「{1}」はありません。"),
    (r"the following arguments are required: (.+)", "{0} の指定がありません。"),
    (r"unrecognized arguments: (.+)", "「{0}」という指定は使えません。"),
    (r"argument (.+): invalid int value: '(.*)'", "{0} の値「{1}」は整数ではありません。"),
    (r"argument (.+): invalid \w+ value: '(.*)'", "{0} の値「{1}」は使えません。"),
    (r"argument (.+): expected .*", "{0} に値がありません。"),
    (r"ambiguous option: (.+) could match (.+)", "{0} は {1} のどれか分かりません。"),
    (r"argument (.+): not allowed with argument (.+)", "{0} と {1} は一緒に使えません。"),
)


class Parser(argparse.ArgumentParser):
    """As argparse's, with faults in Japanese: what was found, what may stand there, advice."""

    def error(self, message: str) -> NoReturn:
        """Print the fault and end with status 2."""
        lines = [f"エラー: {_worded(message)}"]
        choices = re.search(r"\(choose from (.+)\)", message)
        if choices:
            lines.append(f"  正しい形: {choices[1].replace(chr(39), '').replace(', ', '、')}")
        else:
            usage = " ".join(self.format_usage().split())
            lines.append(f"  正しい形: {usage.removeprefix('usage: ')}")
        lines.append(f"  対処: {self.prog} --help で、使える指定を確かめてください。")
        print("\n".join(lines), file=sys.stderr)
        raise SystemExit(EXIT_REFUSED)


def _worded(message: str) -> str:
    for pattern, words in _FAULTS:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return words.format(*found.groups())
    return "指定を読めません。"
