"""Processor seconds of the metrics that an area's page asks for, in one warm process.

    python -m benchmarks.metrics

The cells of each level's page notebook are run as they are, with a clock around every metric that
they call; loaders, findings and charts are outside it. The first area of a level loads tables and
libraries and is not counted; every other is asked for the first time. The search for groups has a
column of its own.
"""

from __future__ import annotations

import functools
import gc
import inspect
import statistics
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from benchmarks.report import parameters
from gunmane_analysis import find_area, list_areas
from gunmane_analysis.page.themes import read_notebooks

EVERY = {"block": 1, "prefecture": 1, "municipality": 29}
GROUPS = "area_groups"


def clocked(function: Callable[..., Any], spent: Counter[str]) -> Callable[..., Any]:
    @functools.wraps(function)
    def timed(*args: Any, **kwargs: Any) -> Any:
        started = time.process_time()
        try:
            return function(*args, **kwargs)
        finally:
            spent[function.__name__] += time.process_time() - started

    return timed


def is_metric(value: object) -> bool:
    return inspect.isfunction(value) and value.__module__.startswith("gunmane_analysis.metrics")


def seconds_of(area_id: str) -> Counter[str]:
    """Seconds by metric of one area's page."""
    spent: Counter[str] = Counter()
    (page,) = read_notebooks().of(find_area(area_id))
    variables: dict[str, Any] = {}
    for cell in page.read().cells:
        if cell.cell_type == "code":
            exec(cell.source, variables)
        if "parameters" in cell.metadata.get("tags", []):
            variables |= parameters(area_id)
        if cell.source.startswith("from gunmane_analysis import"):
            variables |= {k: clocked(v, spent) for k, v in variables.items() if is_metric(v)}
    return spent


def main() -> None:
    print("| level | areas | median | longest | search for groups, median | longest |")
    print("|---|---|---|---|---|---|")
    for level, step in EVERY.items():
        first, *ids = [area.area_id for area in list_areas(level)][::step]
        seconds_of(first)
        gc.freeze()  # as a worker does: what is loaded is not looked through for garbage again
        spent = [seconds_of(area_id) for area_id in ids]
        groups = [each.pop(GROUPS, 0.0) for each in spent]
        others = [each.total() for each in spent]
        shown = (statistics.median(others), max(others), statistics.median(groups), max(groups))
        print(f"| {level} | {len(ids)} | {' | '.join(f'{each:.3f}' for each in shown)} |")


if __name__ == "__main__":
    main()
