"""Time `gunmane report` beside its peers and its limit, in one run on one machine.

    python -m benchmarks.report --areas 6 --repeats 3

The ways, each in a process of its own, taken in turn in every repeat:

serial      papermill with ipykernel, then nbconvert's HTMLExporter (lab), one after another
two         the same in two processes
kernel      one kernel kept for all areas, handed to papermill's own engine, with `%reset` between
            notebooks; then the same pages, tables and workbooks as gunmane's
gunmane     `gunmane report --force`, one process a core
limit       the same work without notebooks' machinery: a plain function that runs the cells' code
            area after area, in one process a core, and writes the same files, then the index
pages       the limit without the index

Another commit is compared by `python -m benchmarks.report --ways gunmane` in a worktree of it.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gunmane_analysis.page.records import AreaRecord

FISCAL_YEAR = 2024


def area_ids(count: int) -> list[str]:
    """So many areas: 11 are the nation and the blocks, others the first in code order."""
    from gunmane_analysis.areas import DEFAULT_SCHEME_ID, list_areas

    if count == 11:
        blocks = [area.area_id for area in list_areas("block", DEFAULT_SCHEME_ID)]
        return ["japan", *blocks]
    level = "prefecture" if count <= 47 else "municipality"
    return [area.area_id for area in list_areas(level, DEFAULT_SCHEME_ID)][:count]


def parameters(area_id: str) -> dict[str, object]:
    return {"area_id": area_id, "fiscal_year": FISCAL_YEAR, "scheme_id": "regional_bureaus"}


def themes(area_id: str):
    """All themes, those of BENCH_THEMES, or the page of the area's level (BENCH_THEMES=page)."""
    from gunmane_analysis.areas import find_area
    from gunmane_analysis.page.themes import read_notebooks

    wanted = os.environ.get("BENCH_THEMES", "").split(",")
    if wanted == ["page"]:
        return read_notebooks().of(find_area(area_id))
    return [
        theme for theme in read_notebooks().themes if wanted == [""] or theme.theme_id in wanted
    ]


def papermill_and_html(area_id: str, target: Path) -> None:
    import papermill
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(template_name="lab")
    for theme in themes(area_id):
        path = target / area_id / f"{theme.theme_id}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        papermill.execute_notebook(
            theme.path,
            path,
            parameters=parameters(area_id),
            progress_bar=False,
            cwd=theme.path.parent,
        )
        html, _ = exporter.from_filename(str(path))
        path.with_suffix(".html").write_text(html, encoding="utf-8")


def serial(areas: list[str], target: Path) -> None:
    for area_id in areas:
        papermill_and_html(area_id, target)


def two(areas: list[str], target: Path) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(papermill_and_html, areas, [target] * len(areas)))


def gunmane(areas: list[str], target: Path) -> None:
    chosen = ",".join(theme.theme_id for theme in themes(areas[0]))
    if os.environ.get("BENCH_THEMES") == "page":
        chosen = ""
    done = subprocess.run(
        f"{sys.executable} -m gunmane_analysis.cli report --force --json "
        f"--regions {','.join(areas)} --year {FISCAL_YEAR}".split()
        + ["--theme", chosen] * bool(chosen),
        stdout=subprocess.PIPE,
        check=True,
    )
    assert len(json.loads(done.stdout)["made"]) == len(areas)


RESET = """import gc
get_ipython().run_line_magic('reset', '-f')
get_ipython().execution_count = 1
gc.freeze()"""


def kernel(areas: list[str], target: Path) -> None:
    import papermill
    from jupyter_client import KernelManager

    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    try:
        for area_id in areas:
            executed = {}
            for theme in themes(area_id):
                executed[theme.theme_id] = papermill.execute_notebook(
                    theme.path,
                    None,
                    parameters(area_id),
                    progress_bar=False,
                    cwd=theme.path.parent,
                    km=manager,
                )
                client = manager.client()
                client.start_channels()
                client.wait_for_ready(60)
                client.execute_interactive(RESET, store_history=False, silent=True)
                client.stop_channels()
            _write(area_id, target, executed)
    finally:
        manager.shutdown_kernel()


def limit(areas: list[str], target: Path, *, with_index: bool = True) -> None:
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        records = tuple(pool.map(_plain_area, areas, [target] * len(areas)))
        if with_index:
            pool.submit(_plain_index, records, target).result()


def pages(areas: list[str], target: Path) -> None:
    limit(areas, target, with_index=False)


def _compiled(source: str):
    tree = ast.parse(source)
    shown = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        shown = compile(ast.Expression(tree.body.pop().value), "cell", "eval")
    return compile(tree, "cell", "exec"), shown


def _plain_area(area_id: str, target: Path) -> AreaRecord:
    from nbformat.v4 import new_output

    executed = {}
    for theme in themes(area_id):
        notebook, variables = theme.read(), {}
        for cell in notebook.cells:
            if cell.cell_type != "code":
                continue
            run, shown = _compiled(cell.source)
            exec(run, variables)
            if "parameters" in cell.metadata.get("tags", []):
                variables.update(parameters(area_id))
            value = eval(shown, variables) if shown is not None else None
            if hasattr(value, "_repr_mimebundle_"):
                bundle = value._repr_mimebundle_()
                cell.outputs = [new_output("execute_result", data=bundle)]
        executed[theme.theme_id] = notebook
    return _write(area_id, target, executed)


def _plain_index(records: tuple[AreaRecord, ...], target: Path) -> None:
    from gunmane_analysis.loaders.indicators import load_municipal_values
    from gunmane_analysis.loaders.tables import load_staffing
    from gunmane_analysis.metrics.position.position import area_values
    from gunmane_analysis.page.index import render_index
    from gunmane_analysis.page.publishing import publish

    values = area_values(load_municipal_values(), load_staffing())
    for name, content in render_index(FISCAL_YEAR, records, values=values).items():
        publish(target, name, content)


def _write(area_id: str, target: Path, executed: dict) -> AreaRecord:
    from gunmane_analysis.areas import find_area
    from gunmane_analysis.page.files import area_files
    from gunmane_analysis.page.page import Provenance, make_page
    from gunmane_analysis.page.publishing import publish
    from gunmane_analysis.page.records import AreaRecord

    chosen = tuple(theme for theme in themes(area_id) if theme.theme_id in executed)
    made = Provenance("2026-01-01T00:00:00+09:00", "")
    page = make_page(find_area(area_id), FISCAL_YEAR, chosen, executed, made)
    for name, content in area_files(page, executed).items():
        publish(target, f"{area_id}/{name}", content)
    return AreaRecord(
        area_id,
        page.area.name,
        page.area.kind,
        "made",
        "",
        parameters(area_id),
        tuple(executed),
        made.made_at,
        kana=page.area.kana,
        summary=tuple(page.summary),
        key_figures=tuple(map(vars, page.key_figures)),
    )


WAYS: dict[str, Callable[[list[str], Path], None]] = {
    "serial": serial,
    "two": two,
    "kernel": kernel,
    "gunmane": gunmane,
    "limit": limit,
    "pages": pages,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--areas", type=int, default=6)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--ways", default="serial,two,kernel,gunmane,limit")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    areas = area_ids(options.areas)
    if options.one:
        WAYS[options.one](areas, Path(os.environ["GUNMANE_HOME"]) / "bench" / options.one)
        return
    from gunmane_analysis.loaders.tables import load_staffing
    from gunmane_analysis.paths import project_root

    times: dict[str, list[float]] = {way: [] for way in options.ways.split(",")}
    cores: dict[str, list[float]] = {way: [] for way in times}
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "project"
        for name in ("notebooks", "data/raw"):
            shutil.copytree(project_root() / name, home / name)
        os.environ["GUNMANE_HOME"] = str(home)
        load_staffing()  # builds the processed tables once, for every way alike
        for _ in range(options.repeats):
            for way in times:
                started, used = time.monotonic(), _processor_seconds()
                subprocess.run(
                    f"{sys.executable} -m benchmarks.report --one {way} "
                    f"--areas {options.areas}".split(),
                    check=True,
                )
                times[way].append(time.monotonic() - started)
                cores[way].append(_processor_seconds() - used)
                told = f"{way} {times[way][-1]:.2f} s, processor {cores[way][-1]:.2f} s"
                print(told, file=sys.stderr, flush=True)
    print(table(options.areas, times, cores))
    print(f"load average before the run: {load_before:.1f}; cores: {os.cpu_count()}")


def _processor_seconds() -> float:
    """Processor seconds of all processes that have ended below this one."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def table(count: int, times: dict[str, list[float]], cores: dict[str, list[float]]) -> str:
    """A Markdown table: seconds and processor seconds of each way, and how many times ours.

    Processor seconds are what to compare while other work shares the machine.
    """
    ours = statistics.median(times["gunmane"]) if "gunmane" in times else float("nan")
    ours_used = statistics.median(cores["gunmane"]) if "gunmane" in cores else float("nan")
    lines = [
        f"| {count} areas | median, s | min–max, s | × gunmane | processor, s | × gunmane |",
        "|---|---|---|---|---|---|",
    ]
    for way, taken in times.items():
        middle, used = statistics.median(taken), statistics.median(cores[way])
        lines.append(
            f"| {way} (n = {len(taken)}) | {middle:.1f} | {min(taken):.1f}–{max(taken):.1f} "
            f"| {middle / ours:.2f} | {used:.1f} | {used / ours_used:.2f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
