"""The engine without a kernel shows what papermill with ipykernel shows.

By nature different, and left out of the comparison here: how a stream is cut into pieces
(ipykernel flushes every 0.2 s; the text is compared whole), where in a stream the writes of
subprocesses fall, the addresses in a ``repr``, names of files in warnings and tracebacks
(they hold the kernel's process number), cell identifiers, clock readings, random numbers that
nobody seeded. Tasks left behind by ``await`` do not run on between cells.
"""

from __future__ import annotations

import copy
import os
from pathlib import Path

import nbformat
import papermill
import pytest

from gunmane_analysis.batch.heads import Head, run_head
from gunmane_analysis.batch.isolation import ProcessState
from gunmane_analysis.batch.processes import can_fork
from gunmane_analysis.batch.stock import run_theme_stock
from gunmane_analysis.errors import NotebookError
from gunmane_analysis.page.themes import read_notebooks, read_theme
from tests.report.projects import executed, notebook, run, write_project

pytestmark = pytest.mark.skipif(not can_fork(), reason="forking is for Linux")

HEAD = [
    "import asyncio, os, subprocess, sys\nimport numpy as np\nimport pandas as pd",
    "from IPython.display import HTML, clear_output, display\nimport matplotlib.pyplot as plt",
    "table = pd.DataFrame({'a': [1, 2], 'b': ['x', None]})\n"
    "handle = display('first', display_id='h')",
    "plt.rcParams['lines.linewidth'] = 5.0\nprint('head')",
]
TAIL = [
    "print(area_id)\nprint('warned', file=sys.stderr)\ntable",
    "await asyncio.sleep(0.01)\nasync def double(x):\n    return 2 * x\nawait double(21)",
    "fig, ax = plt.subplots(figsize=(3, 2))\nax.plot([1, 3, 2])\nplt.show()",
    "fig, ax = plt.subplots(figsize=(3, 2))\nax.bar([1, 2], [3, 4]);",
    "handle.update('second')\ndisplay(HTML('<b>bold</b>'), metadata={'text/html': {'k': 1}})",
    "%%bash\necho from bash",
    "os.system('echo from a subprocess')",
    "os.write(1, b'from the descriptor\\n')",
    "print('gone')\nclear_output()\nprint('stays')",
    "display('shown'); clear_output(wait=True); display('instead')",
    "!echo shell",
    "pd.get_option('display.max_rows'), pd.get_option('display.max_columns'), plt.get_backend()",
    "table.describe()",
    "In[1][:6], len(In), sorted(Out)",
    "get_ipython().__class__.__name__[-5:], __name__, sys.stdout.isatty()",
    "class Odd:\n    def _repr_mimebundle_(self, **_):\n"
    "        return {'text/plain': 'odd', 'application/x+json': {'t': (1, 2), 1: None}}\nOdd()",
    "import pickle\nclass Point:\n    pass\ntype(pickle.loads(pickle.dumps(Point()))).__name__",
]


def shown(node) -> list:
    """Every output of every cell, in a form that can be compared."""
    cells = []
    for cell in node.cells:
        if cell.cell_type != "code":
            continue
        streams: dict[str, str] = {}
        others = []
        for output in copy.deepcopy(cell.outputs):
            if output.output_type == "stream":
                streams[output.name] = streams.get(output.name, "") + output.text
            else:
                others.append(dict(output))
        cells.append((cell.source, cell.execution_count, streams, others))
    return cells


def stock(path: Path, **parameters):
    return run_theme_stock(read_theme(path), parameters, 120.0)


def given(area_id: str) -> dict:
    return {"area_id": area_id, "fiscal_year": 2024, "scheme_id": "regional_bureaus"}


def test_what_a_notebook_can_show_is_the_same(tmp_path, monkeypatch) -> None:
    # ipykernel leaves the descriptors alone when it believes itself under test
    monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)
    home = write_project(tmp_path / "p", features=notebook(HEAD, TAIL))
    monkeypatch.setenv("GUNMANE_HOME", str(home))
    outcome = run(home, "05")
    assert outcome.engine == "forked"
    assert [result.record.reason for result in outcome.failed] == []
    ours = shown(executed(home, "05", "features"))
    theirs = shown(stock(home / "notebooks" / "features.ipynb", **given("05")))
    for mine, other in zip(ours, theirs, strict=True):
        assert mine == other


@pytest.mark.parametrize("theme", read_notebooks().themes, ids=lambda theme: theme.theme_id)
def test_each_theme_is_the_same_to_the_byte(theme, pages_of_our_engine) -> None:
    ours = executed(pages_of_our_engine, "tohoku", theme.theme_id)
    theirs = run_theme_stock(theme, given("tohoku"), 300.0)
    for mine, other in zip(shown(ours), shown(theirs), strict=True):
        assert mine == other


@pytest.fixture(scope="module")
def pages_of_our_engine(tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("ours")
    outcome = run(home, "tohoku")
    assert [result.record.reason for result in outcome.failed] == []
    return home


def test_settings_of_one_notebook_and_area_do_not_reach_another(tmp_path, monkeypatch) -> None:
    home = write_project(
        tmp_path / "p",
        first=notebook(
            ["import os\nimport matplotlib, pandas, warnings"],
            [
                "matplotlib.rcParams['lines.linewidth'] = 9.0\n"
                "pandas.set_option('display.precision', 1)\nos.environ['LEAK'] = 'yes'\n"
                "os.chdir('/')\nwarnings.filterwarnings('ignore', 'leaky')\nleak = 1",
            ],
            order=1,
        ),
        second=notebook(
            ["import os\nimport matplotlib, pandas, warnings"],
            [
                "matplotlib.rcParams['lines.linewidth'], pandas.get_option('display.precision'), "
                "os.environ.get('LEAK'), os.getcwd() == '/', 'leak' in dir(), "
                "'leaky' in str(warnings.filters)",
            ],
            order=2,
        ),
    )
    monkeypatch.setenv("GUNMANE_HOME", str(home))
    run(home, "05,06", jobs=1)
    for area_id in ("05", "06"):
        (output,) = executed(home, area_id, "second").cells[-1].outputs
        assert output.data["text/plain"] == "(1.5, 6, None, False, False, False)"


def test_last_results_are_those_of_the_notebook_itself(tmp_path, monkeypatch) -> None:
    home = write_project(
        tmp_path / "p",
        first=notebook(["'head of the first'"], ["'first'"], order=1),
        second=notebook(["'head'"], ["'one'", "_, __, ___"], order=2),
    )
    monkeypatch.setenv("GUNMANE_HOME", str(home))
    run(home, "05,06", jobs=1)
    for area_id in ("05", "06"):
        (output,) = executed(home, area_id, "second").cells[-1].outputs
        assert output.data["text/plain"] == "('one', 'head', '')"


def test_random_numbers_differ_by_area_and_repeat_by_run(tmp_path, monkeypatch) -> None:
    home = write_project(
        tmp_path / "p",
        free=notebook(
            ["import random\nimport numpy as np\nnp.random.random(5000)\nrandom.random()"],
            ["print(np.random.random(), random.random())"],
        ),
        seeded=notebook(
            ["import numpy as np\nnp.random.seed(1)"], ["print(np.random.random())"], order=2
        ),
    )
    monkeypatch.setenv("GUNMANE_HOME", str(home))

    def drawn(area_id: str, theme: str) -> str:
        return executed(home, area_id, theme).cells[-1].outputs[0].text

    run(home, "05,06")
    first = {area_id: drawn(area_id, "free") for area_id in ("05", "06")}
    assert first["05"] != first["06"]
    # the first number of NumPy's legacy generator seeded with 1, as its documentation prints it
    assert drawn("05", "seeded") == drawn("06", "seeded") == "0.417022004702574\n"
    run(home, "05,06", force=True)
    assert {area_id: drawn(area_id, "free") for area_id in ("05", "06")} == first


def test_papermill_finds_the_engine_by_its_name(tmp_path) -> None:
    from gunmane_analysis.batch.engine import prepared_for_papermill, run_theme

    home = write_project(tmp_path / "p", plain=notebook(["x = 1"], ["x + len(area_id)"]))
    theme = read_theme(home / "notebooks" / "plain.ipynb")
    before = ProcessState.take()
    ready = prepared_for_papermill(theme.read(), theme.parameters, "gunmane")
    done = run_theme(theme, ready, given("05"), engine_name="gunmane")
    assert done.cells[-1].outputs[0].data["text/plain"] == "3"
    assert os.getcwd() == before.folder
    assert papermill.engines.papermill_engines.get_engine("gunmane") is not None


def test_papermills_own_command_keeps_its_clock_readings(tmp_path) -> None:
    kept = tmp_path / "kept.ipynb"
    papermill.execute_notebook(
        notebook(["x = 1"], ["x"]), str(kept), engine_name="gunmane", progress_bar=False
    )
    cells = nbformat.read(kept, as_version=4).cells
    assert [cell.metadata.papermill.status for cell in cells] == ["completed"] * len(cells)
    assert all(cell.metadata.papermill.duration >= 0 for cell in cells)


def test_a_head_of_another_notebook_is_refused(tmp_path) -> None:
    from gunmane_analysis.batch.shell import open_shell

    head = run_head(open_shell(), notebook(["y = 2"], []), str(tmp_path))
    assert isinstance(head, Head)
    with pytest.raises(ValueError, match="does not begin"):
        papermill.execute_notebook(
            notebook(["y = 3"], []), None, engine_name="gunmane", head=head, progress_bar=False
        )


def test_an_error_that_the_shell_could_not_show_is_named(tmp_path, monkeypatch) -> None:
    from gunmane_analysis.batch.engine import prepared_for_papermill, run_theme
    from gunmane_analysis.batch.shell import open_shell

    home = write_project(tmp_path / "p", plain=notebook(["x = 1"], ["raise MemoryError"]))
    theme = read_theme(home / "notebooks" / "plain.ipynb")
    ready = prepared_for_papermill(theme.read(), theme.parameters, "gunmane")
    monkeypatch.setattr(open_shell(), "showtraceback", lambda *args, **kwargs: None)
    with pytest.raises(NotebookError, match="MemoryError"):
        run_theme(theme, ready, given("05"), engine_name="gunmane")
