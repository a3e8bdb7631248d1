"""What a run prints: a bar, notes and closing lines, or JSON for a program."""

from __future__ import annotations

import json
import os
import sys
from typing import NoReturn, TextIO

from tqdm import tqdm

from gunmane_analysis.batch.batch import Reporter, ReportOutcome
from gunmane_analysis.batch.plan import AreaResult
from gunmane_analysis.page.records import PAGE_NAME


class ProgressBar(Reporter):
    """A bar with rate and time left on a terminal; elsewhere only failures and notes."""

    def __init__(self, stream: TextIO | None = None, *, with_traces: bool = False) -> None:
        self._stream = stream or sys.stderr
        self._with_traces = with_traces
        self._bar: tqdm[NoReturn] | None = None
        self._failed = 0

    def begin(self, waiting: int, unchanged: int) -> None:
        """Show an empty bar."""
        if not waiting or not self._stream.isatty():
            return
        self._bar = tqdm(
            total=waiting,
            unit="地域",
            desc=f"作成中（変更なし {unchanged}）" if unchanged else "作成中",
            file=self._stream,
            leave=False,
            bar_format="{desc} {percentage:3.0f}%|{bar}| {n}/{total}地域 "
            "[経過 {elapsed}、残り {remaining}、{rate_fmt}]{postfix}",
        )

    def add(self, result: AreaResult) -> None:
        """Take note of one finished area."""
        record = result.record
        if record.status == "failed":
            self._failed += 1
            self.note(f"失敗 {record.area_id} {record.name}: {record.reason}")
            if self._with_traces and result.trace:
                self.note(result.trace)
        if self._bar is not None:
            if self._failed:
                self._bar.set_postfix_str(f"失敗 {self._failed}", refresh=False)
            self._bar.update()

    def note(self, sentence: str) -> None:
        """Write a line above the bar."""
        if self._bar is None:
            print(sentence, file=self._stream, flush=True)
        else:
            self._bar.write(sentence, file=self._stream)

    def close(self) -> None:
        """Clear the bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def closing_words(outcome: ReportOutcome, left: int = 0) -> str:
    """Return the lines that close a run: what was made, what not, and where to look."""
    lines = [
        f"作成 {len(outcome.made)}、変更なし {len(outcome.unchanged)}、"
        f"失敗 {len(outcome.failed)}（{outcome.seconds:.1f}秒）"
    ]
    if left:
        lines = [
            f"中断しました。{lines[0]}、未作成 {left}",
            "もう一度実行すると、残りから続けます。",
        ]
    elif not outcome.made and not outcome.failed:
        lines.append(
            "前回から何も変わっていないため、作り直していません（--force で作り直せます）。"
        )
    lines.append(f"一覧: {_shortest(outcome)}")
    lines += [
        f"失敗 {result.record.area_id} {result.record.name}: {result.record.reason}"
        for result in outcome.failed
    ]
    return "\n".join(lines)


def as_json(outcome: ReportOutcome, left: int = 0) -> str:
    """Return the same for a program: one JSON object on one line."""
    return json.dumps(
        {
            "made": [record.area_id for record in outcome.made],
            "unchanged": [record.area_id for record in outcome.unchanged],
            "failed": [
                {
                    "area_id": result.record.area_id,
                    "name": result.record.name,
                    "reason": result.record.reason,
                }
                for result in outcome.failed
            ],
            "left_count": left,
            "seconds": round(outcome.seconds, 3),
            "index": str(outcome.target / PAGE_NAME),
        },
        ensure_ascii=False,
    )


def _shortest(outcome: ReportOutcome) -> str:
    path = outcome.target / PAGE_NAME
    try:
        return min(os.path.relpath(path), str(path), key=len)
    except ValueError:  # on another drive
        return str(path)
