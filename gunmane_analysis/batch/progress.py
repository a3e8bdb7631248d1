"""What a run prints: a bar, notes and closing lines, or JSON for a program."""

from __future__ import annotations

import json
import os
import sys
from typing import NoReturn

from tqdm import tqdm

from gunmane_analysis.batch.batch import Reporter, ReportOutcome
from gunmane_analysis.batch.plan import AreaResult
from gunmane_analysis.page.records import PAGE_NAME, AreaRecord
from gunmane_analysis.refusals import caution

_FAILURE = ("area_id", "name", "reason")


def _failure(record: AreaRecord) -> str:
    return f"失敗 {record.area_id} {record.name}: {record.reason}"


class ProgressBar(Reporter):
    """A bar with rate and time left on a terminal; elsewhere only failures and notes."""

    def __init__(self, *, with_traces: bool = False) -> None:
        self._with_traces = with_traces
        self._bar: tqdm[NoReturn] = tqdm(disable=True)  # until the areas are counted
        self._failed = 0

    def begin(self, waiting: int, unchanged: int) -> None:
        """Show an empty bar."""
        self._bar = tqdm(
            total=waiting,
            unit="地域",
            desc=f"作成中（変更なし {unchanged}）" if unchanged else "作成中",
            file=sys.stderr,
            leave=False,
            disable=None if waiting else True,  # None: where there is no terminal
            bar_format="{desc} {percentage:3.0f}%|{bar}| {n}/{total}地域 "
            "[経過 {elapsed}、残り {remaining}、{rate_fmt}]{postfix}",
        )

    def add(self, result: AreaResult) -> None:
        """Take note of one finished area."""
        if result.record.status == "failed":
            self._failed += 1
            self._bar.set_postfix_str(f"失敗 {self._failed}", refresh=False)
            self.note(_failure(result.record))
            if self._with_traces and result.trace:
                self.note(result.trace)
        self._bar.update()

    def note(self, sentence: str) -> None:
        """Write a line above the bar."""
        tqdm.write(sentence, file=sys.stderr)

    def close(self) -> None:
        """Clear the bar."""
        self._bar.close()


def closing_words(outcome: ReportOutcome) -> str:
    """Return the lines that close a run: what was made, what not, and where to look."""
    made, unchanged, failed = len(outcome.made), len(outcome.unchanged), len(outcome.failed)
    lines = [f"作成 {made}、変更なし {unchanged}、失敗 {failed}（{outcome.seconds:.1f}秒）"]
    if outcome.left_count:
        lines = [caution("run-interrupted", done=lines[0], left=outcome.left_count)]
    elif not made and not failed:
        lines.append(caution("nothing-changed"))
    lines.append(f"一覧: {_shortest(outcome)}")
    return "\n".join([*lines, *(_failure(result.record) for result in outcome.failed)])


def as_json(outcome: ReportOutcome) -> str:
    """Return the same for a program: one JSON object on one line."""
    content = {
        "made": [record.area_id for record in outcome.made],
        "unchanged": [record.area_id for record in outcome.unchanged],
        "failed": [{n: getattr(each.record, n) for n in _FAILURE} for each in outcome.failed],
        "left_count": outcome.left_count,
        "seconds": round(outcome.seconds, 3),
        "index": str(outcome.target / PAGE_NAME),
    }
    return json.dumps(content, ensure_ascii=False)


def _shortest(outcome: ReportOutcome) -> str:
    path = outcome.target / PAGE_NAME
    try:
        return min(os.path.relpath(path), str(path), key=len)
    except ValueError:  # on another drive
        return str(path)
