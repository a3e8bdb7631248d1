"""What the person at the keyboard sees while a run goes on."""

from __future__ import annotations

import sys
from types import TracebackType

from tqdm import tqdm

from gunmane_analysis.report.records import AreaRecord


class ProgressBar:
    """A bar on a terminal, one line per failure, and silence elsewhere."""

    def __init__(self, total: int) -> None:
        self._bar = tqdm(
            total=total, unit="地域", desc="作成中", disable=not sys.stderr.isatty(), leave=False
        )
        self._failed = 0

    def __enter__(self) -> ProgressBar:
        """Start with an empty bar."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Clear the bar."""
        self._bar.close()

    def tell(self, record: AreaRecord, left: int) -> None:
        """Take note of one finished area."""
        if record.status == "failed":
            self._failed += 1
            tqdm.write(f"失敗 {record.area_id} {record.name}: {record.reason}", file=sys.stderr)
        self._bar.update()
        self._bar.set_postfix_str(f"失敗 {self._failed}、残り {left}")
