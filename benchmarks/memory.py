"""How much memory a worker takes, and whether it grows from area to area.

    python -m benchmarks.memory --areas 500 --level municipality

One worker makes the pages of so many areas, as `gunmane report --jobs 1` would, into a folder of
its own; its resident memory is printed after every fiftieth area, and its largest at the end. A
worker is replaced after `AREAS_PER_WORKER` areas; `--per-worker 1000` keeps one for all of them.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from pathlib import Path

import psutil

from benchmarks.report import FISCAL_YEAR
from gunmane_analysis.areas import list_areas
from gunmane_analysis.batch import worker
from gunmane_analysis.batch.batch import Reporter, run_report
from gunmane_analysis.batch.plan import AreaResult, ReportRequest
from gunmane_analysis.page.themes import read_notebooks

EVERY = 50
MEGABYTE = 2**20


class Memory(Reporter):
    """Prints what the worker occupies after its first areas and every fiftieth."""

    def __init__(self) -> None:
        self.made = 0

    def add(self, result: AreaResult) -> None:
        self.made += 1
        if self.made in (1, 10) or self.made % EVERY == 0:
            workers = psutil.Process().children()
            occupied = max(each.memory_info().rss for each in workers) / MEGABYTE
            print(f"{self.made:5d} areas  {occupied:5.0f} MB  pid {workers[-1].pid}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--areas", type=int, default=500)
    parser.add_argument("--level", default="municipality")
    parser.add_argument("--per-worker", type=int, default=worker.AREAS_PER_WORKER)
    options = parser.parse_args()
    worker.AREAS_PER_WORKER = options.per_worker
    with tempfile.TemporaryDirectory() as folder:
        request = ReportRequest(
            fiscal_year=FISCAL_YEAR,
            areas=tuple(list_areas(options.level))[: options.areas],
            notebooks=read_notebooks(),
            target=Path(folder) / "reports",
            jobs=1,
        )
        outcome = run_report(request, Memory())
        sizes = [path.stat().st_size for path in request.target.glob("*/*")]
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    made = len(outcome.made)
    print(f"{made} made, {len(outcome.failed)} failed; largest worker {largest:.0f} MB")
    print(f"an area: {len(sizes) / made:.1f} files, {sum(sizes) / made / MEGABYTE:.2f} MB")


if __name__ == "__main__":
    main()
