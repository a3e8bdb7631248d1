"""The run as a whole: what it leaves alone, who may run, how it stops."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from gunmane_analysis.batch.batch import Watcher
from gunmane_analysis.batch.processes import can_fork
from gunmane_analysis.cli import main
from tests.report.projects import executed, notebook, run, write_project

pytestmark = pytest.mark.skipif(not can_fork(), reason="forking is for Linux")

SLOW = ["import time\ntime.sleep(0 if area_id in ('05', '06') else 60)"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = write_project(tmp_path / "project", plain=notebook(["x = 1"], ["x"]))
    monkeypatch.setenv("GUNMANE_HOME", str(home))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1735689600")
    return home


def stamps(home: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path): (path.stat().st_mtime_ns, path.read_bytes())
        for path in (home / "reports").rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def made_files(home: Path) -> dict[str, bytes]:
    found = stamps(home).items()
    return {name: content for name, (_, content) in found if "run.json" not in name}


def test_a_run_with_nothing_changed_changes_nothing(project: Path, capsys) -> None:
    assert run(project, "05,06").engine == "forked"
    before = stamps(project)
    again = run(project, "05,06")
    assert [record.area_id for record in again.unchanged] == ["05", "06"]
    assert (again.made, again.failed) == ((), ())
    assert stamps(project) == before
    assert main(["report", "--regions", "05,06"]) == 0
    assert "何も変わっていない" in capsys.readouterr().out


@pytest.mark.parametrize("harm", ["truncate", "remove", "record"])
def test_a_damaged_area_is_made_anew_and_equal(project: Path, harm: str) -> None:
    run(project, "05,06")
    whole = {
        name: content for name, (_, content) in stamps(project).items() if "run.json" not in name
    }
    page = project / "reports/2024/05/index.html"
    if harm == "truncate":
        page.write_bytes(page.read_bytes()[:100])
    elif harm == "remove":
        page.unlink()
    else:
        (page.parent / "record.json").write_text("{", encoding="utf-8")
    again = run(project, "05,06")
    assert [record.area_id for record in again.made] == ["05"]
    assert made_files(project) == whole


def test_force_makes_everything_anew(project: Path) -> None:
    run(project, "05")
    assert [record.area_id for record in run(project, "05", force=True).made] == ["05"]


def test_a_second_batch_on_the_same_target_is_refused(project: Path, capsys) -> None:
    target = project / "reports" / "2024"
    target.mkdir(parents=True)
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from filelock import FileLock\n"
            "lock = FileLock(sys.argv[1]); lock.acquire()\n"
            "print('held', flush=True); time.sleep(600)",
            str(target / ".lock"),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    assert main(["report", "--regions", "05"]) == 2
    told = capsys.readouterr().err
    assert "別の実行が書き込み中" in told
    assert str(target) in told
    holder.kill()
    holder.wait()
    assert [record.area_id for record in run(project, "05").made] == ["05"]  # the lock died too


def test_an_interruption_tells_what_is_done_and_the_rerun_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = write_project(tmp_path / "project", slow=notebook(["import os"], SLOW))
    monkeypatch.setenv("GUNMANE_HOME", str(home))
    process = subprocess.Popen(
        f"{sys.executable} -m gunmane_analysis.cli report "
        "--regions 05,06,07,08 --jobs 2 --json".split(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # a shell starts what it runs in the background with the interrupt ignored
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    _wait_for(home / "reports/2024/05/record.json", home / "reports/2024/06/record.json")
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    summary = json.loads(told)
    assert (sorted(summary["made"]), summary["left_count"]) == (["05", "06"], 2)
    path = home / "notebooks" / "slow.ipynb"
    assert "sleep(0" in path.read_text(encoding="utf-8")
    again = run(home, "05,06", jobs=2)
    assert [record.area_id for record in again.unchanged] == ["05", "06"]


def _wait_for(*paths: Path) -> None:
    deadline = time.monotonic() + 200
    while not all(path.is_file() for path in paths):
        assert time.monotonic() < deadline, "the areas were not made in time"
        time.sleep(0.1)


def test_a_failing_cell_before_the_parameters_fails_every_area_with_one_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = [
        "from gunmane_analysis.errors import SourceError",
        "raise SourceError('元データがありません。', advice='戻してください。')",
    ]
    home = write_project(tmp_path / "project", broken=notebook(head, ["1"]))
    monkeypatch.setenv("GUNMANE_HOME", str(home))
    outcome = run(home, "05,06")
    assert [result.record.reason for result in outcome.failed] == [
        "元データがありません。\n  対処: 戻してください。"
    ] * 2
    assert "Traceback" in outcome.failed[0].trace


THREAD = """
import threading, time
threading.Thread(target=time.sleep, args=(99,), daemon=True).start()
"""
OPENMP = """
import numpy as np
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits
threadpool_limits(2)
KMeans(2, n_init=1).fit(np.arange(4000.0).reshape(-1, 2))
"""


@pytest.mark.parametrize(
    ("head", "word"),
    [(THREAD, "スレッド"), (OPENMP, "スレッド"), ("import ipywidgets", "ウィジェット")],
    ids=["thread", "openmp", "widgets"],
)
def test_where_a_fork_is_unsafe_the_stock_kernel_takes_over_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: str, word: str
) -> None:
    home = write_project(tmp_path / "p", odd=notebook([head], ["area_id + '!'"]))
    monkeypatch.setenv("GUNMANE_HOME", str(home))
    notes: list[str] = []
    outcome = run(home, "05", Watcher(note=notes.append))
    assert outcome.engine == "stock"
    assert len(notes) == 1
    assert word in notes[0]
    assert [record.area_id for record in outcome.made] == ["05"]
    assert executed(home, "05", "odd").cells[-1].outputs[0].data["text/plain"] == "'05!'"


def test_a_kernel_that_dies_or_hangs_under_the_stock_engine_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = (
        "import os, time\nif area_id == '05':\n    os._exit(1)\n"
        "if area_id == '06':\n    time.sleep(600)"
    )
    home = write_project(tmp_path / "project", faults=notebook([], [fault]))
    monkeypatch.setenv("GUNMANE_HOME", str(home))
    outcome = run(home, "05,06,07", engine="stock", cell_limit=5.0)
    assert outcome.engine == "stock"
    reasons = {result.record.area_id: result.record.reason for result in outcome.failed}
    assert "カーネルが突然終わりました" in reasons["05"]
    assert "制限時間（5秒）" in reasons["06"]
    assert [record.area_id for record in outcome.made] == ["07"]


def test_a_target_that_cannot_be_written_is_named(project: Path, capsys) -> None:
    (project / "reports").write_text("a file where the folder should be", encoding="utf-8")
    assert main(["report", "--regions", "05"]) == 2
    told = capsys.readouterr().err
    assert str(project / "reports" / "2024") in told
    assert "書き込めません" in told


def test_a_file_size_limit_fails_the_area_and_keeps_the_earlier_report(project: Path) -> None:
    assert main(["report", "--regions", "05"]) == 0
    before = {name: content for name, (_, content) in stamps(project).items()}
    done = subprocess.run(
        [sys.executable, "-m", "gunmane_analysis.cli", "report", "--regions", "05", "--force"],
        capture_output=True,
        text=True,
        preexec_fn=_limit_file_size,
        check=False,
    )
    assert done.returncode != 0
    assert "書き込めません" in done.stdout + done.stderr
    assert "05" in done.stdout + done.stderr
    after = {name: content for name, (_, content) in stamps(project).items()}
    area = {name: content for name, content in before.items() if "/05/" in name}
    assert area == {name: content for name, content in after.items() if "/05/" in name}


def _limit_file_size() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))


@pytest.mark.timeout(900)
def test_a_killed_batch_leaves_nothing_half_written_and_the_rerun_completes_it(
    tmp_path: Path,
) -> None:
    times = os.environ.get("GUNMANE_KILLS", "3")
    home = write_project(
        tmp_path / "project", plain=notebook(["x = 1"], ["import time\ntime.sleep(0.05)", "x"])
    )
    done = subprocess.run(
        [
            *f"{sys.executable} -m benchmarks.kill --times {times} --project {home}".split(),
            "--options=--regions 05,06,07,08,09,10",
        ],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["faults"] == []


def test_a_library_that_starts_threads_in_a_child_does_not_reach_the_parent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = write_project(
        tmp_path / "project", plain=notebook(["import os"], ["import starts_a_thread", "1"])
    )
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "starts_a_thread.py").write_text(
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(99,), daemon=True).start()\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("GUNMANE_HOME", str(home))
    known = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(modules), known]))
    outcome = run(home, "05,06,07,08", jobs=1)
    assert (outcome.engine, len(outcome.made)) == ("forked", 4)


def test_a_batch_killed_while_its_server_loads_a_library_leaves_nobody(tmp_path: Path) -> None:
    """Found by benchmarks/kill.py: a server that was loading lived on for longer than 3 s."""
    home = write_project(
        tmp_path / "project", plain=notebook(["import os"], ["import loads_slowly", "1"])
    )
    modules, loading = tmp_path / "modules", tmp_path / "loading"
    modules.mkdir()
    (modules / "loads_slowly.py").write_text(
        "import os, pathlib, time\n"
        f"loading = pathlib.Path({str(loading)!r})\n"
        "if loading.exists():  # the first child has loaded it, now the server does\n"
        "    loading.write_text('again')\n"
        "    time.sleep(30)\n"
        "loading.touch()\n",
        encoding="utf-8",
    )
    known = os.environ.get("PYTHONPATH", "")
    batch = subprocess.Popen(
        f"{sys.executable} -m gunmane_analysis.cli report --jobs 1 --regions 05,06".split(),
        env={
            **os.environ,
            "GUNMANE_HOME": str(home),
            "PYTHONPATH": os.pathsep.join([str(modules), str(Path(__file__).parents[2]), known]),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while batch.poll() is None and not (loading.exists() and loading.read_text()):
        time.sleep(0.05)
    family = psutil.Process(batch.pid).children(recursive=True)
    assert family, "it ended before anything was loaded again"
    batch.kill()
    batch.wait()
    _, alive = psutil.wait_procs(family, timeout=3)
    assert alive == []
