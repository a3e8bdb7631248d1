"""The commands of ``commands.yml``, and a parser that says in Japanese what it cannot read."""

from __future__ import annotations

import argparse
import importlib
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from gunmane_analysis.errors import GunmaneError
from gunmane_analysis.paths import read_yaml
from gunmane_analysis.version import __version__

EXIT_REFUSED = 2
_TYPES = {"int": int, "float": float, "path": Path}


class Parser(argparse.ArgumentParser):
    """As argparse's, with faults in Japanese: what was found, what may stand there, advice."""

    def error(self, message: str) -> NoReturn:
        """Print the fault and end with status 2."""
        choices = re.search(r"\(choose from (.+)\)", message)
        usage = " ".join(self.format_usage().split()).removeprefix("usage: ")
        expected = choices[1].replace("'", "").replace(", ", "、") if choices else usage
        advice = f"{self.prog} --help で、使える指定を確かめてください。"
        fault = GunmaneError(_worded(message), expected=expected, advice=advice)
        print(f"エラー: {fault}", file=sys.stderr)
        raise SystemExit(EXIT_REFUSED)


def _worded(message: str) -> str:
    for pattern, words in read_yaml(Path(__file__).with_name("faults.yml")).items():
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return str(words.format(*found.groups()))
    return "指定を読めません。"


def command_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line; ``command`` names module and command."""
    parser = Parser(prog="gunmane", description="群マネの地域分析レポートを作成する。")
    parser.add_argument("--version", action="version", version=f"gunmane {__version__}")
    parser.add_argument("--debug", action="store_true", help="エラーの詳しい経過を表示する")
    _add_commands(parser, read_yaml(Path(__file__).with_name("commands.yml")), "コマンド")
    return parser


def _add_commands(
    parser: argparse.ArgumentParser, described: Mapping[str, Any], metavar: str, module: str = ""
) -> None:
    commands = parser.add_subparsers(required=True, metavar=metavar)
    for name, entry in described.items():
        command = commands.add_parser(name, help=entry["help"])
        if "commands" in entry:
            _add_commands(command, entry["commands"], "操作", module=name)
            continue
        for argument, facts in entry.get("arguments", {}).items():
            typed = {"type": _TYPES[facts["type"]]} if "type" in facts else {}
            command.add_argument(argument, **facts | typed)
        command.add_argument("--debug", action="store_true", default=argparse.SUPPRESS)
        command.set_defaults(command=(module or name, name))


def run_command(options: argparse.Namespace) -> int:
    """Run the command that was parsed, and return its exit status; one that is done has none."""
    module, name = options.command
    run = getattr(importlib.import_module(f"{__package__}.{module}"), f"run_{name}")
    return run(options) or 0
