"""The command line: parses words, calls the library, prints Japanese."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Sequence

from gunmane_analysis.commands.parser import EXIT_REFUSED, command_parser, run_command
from gunmane_analysis.errors import GunmaneError

EXIT_UNFORESEEN = 3
EXIT_INTERRUPTED = 130
EXIT_UNREAD = 141  # as a shell calls what a closed pipe has ended


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status.

    Returns
    -------
    int
        0 done, 1 an area failed, 2 refused (input, request or place), 3 a fault of the program,
        130 interrupted, 141 whoever read what was printed has stopped reading.
    """
    _write_utf8()
    options = command_parser().parse_args(arguments)
    try:
        status = run_command(options)
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


if __name__ == "__main__":
    sys.exit(main())
