"""The run as a whole: what it leaves alone, who may run, how it stops."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from filelock import FileLock, Timeout

import gunmane_analysis
from gunmane_analysis.batch import worker
from gunmane_analysis.cli import main
from gunmane_analysis.page import pdf
from gunmane_analysis.page.themes import read_notebooks
from tests.areas.test_schemes import halves, write
from tests.report.projects import Recorder, executed, notebook, run, write_project

SLOW = ["import time\ntime.sleep(0 if area_id in ('05', '06') else 60)"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = write_project(tmp_path / "project", plain=notebook(["x = 1"], ["x"]))
    monkeypatch.setenv("GUNMANE_HOME", str(home))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1735689600")
    return home


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = write_project(
        tmp_path_factory.mktemp("pages") / "project", plain=notebook(["x = 1"], ["x"])
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GUNMANE_HOME", str(home))
        patch.setenv("SOURCE_DATE_EPOCH", "1735689600")
        assert len(run(home, "05,06,07,08,09").made) == 5
    return home


@pytest.fixture
def made(pages: Path, project: Path) -> Path:
    """Return a project of the test's own in which the pages of five areas were made."""
    shutil.copytree(pages, project, dirs_exist_ok=True)
    return project


def stamps(home: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path): (path.stat().st_mtime_ns, path.read_bytes())
        for path in (home / "reports").rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def made_files(home: Path) -> dict[str, bytes]:
    found = stamps(home).items()
    return {name: content for name, (_, content) in found if "run.json" not in name}


def test_a_run_with_nothing_changed_changes_nothing(made: Path, capsys) -> None:
    before = stamps(made)
    again = run(made, "05,06")
    assert [record.area_id for record in again.unchanged] == ["05", "06"]
    assert (again.made, again.failed) == ([], [])
    assert stamps(made) == before
    assert main(["report", "--regions", "05,06"]) == 0
    assert "何も変わっていない" in capsys.readouterr().out


def test_damaged_areas_are_made_anew_and_equal(made: Path) -> None:
    whole = made_files(made)
    truncated, altered, removed, record = (
        made / "reports/2024" / name
        for name in ("05/index.html", "06/index.html", "07/index.html", "08/record.json")
    )
    truncated.write_bytes(truncated.read_bytes()[:100])
    altered.write_bytes(altered.read_bytes().replace(b"2024", b"2042"))  # the same size
    removed.unlink()
    record.write_text("{", encoding="utf-8")
    again = run(made, "05,06,07,08,09")
    assert [record.area_id for record in again.made] == ["05", "06", "07", "08"]
    assert [record.area_id for record in again.unchanged] == ["09"]
    assert made_files(made) == whole


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
        "--regions 05,06,07,08 --jobs 2 --json --keep-notebooks".split(),
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
OPTIONAL = "import dask"  # installed for other work: a cell may use them


def test_what_works_in_the_lab_works_in_a_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = {
        "thread": THREAD,
        "openmp": OPENMP,
        "optional": OPTIONAL,
        "widgets": "import ipywidgets",
    }
    odd = {name: notebook([head], ["area_id + '!'"]) for name, head in heads.items()}
    elsewhere = notebook(["import sys"], ["sys.prefix"], kernel="my-env")
    home = write_project(tmp_path / "p", **odd, elsewhere=elsewhere)
    monkeypatch.setenv("GUNMANE_HOME", str(home))
    notes: list[str] = []
    outcome = run(home, "05,06", Recorder(note=notes.append))
    assert [result.record.reason for result in outcome.failed] == []
    shown = {
        name: executed(home, "05", name).cells[-1].outputs[0].data["text/plain"]
        for name in [*heads, "elsewhere"]
    }
    # the last was saved in another environment: it runs with this Python, and the run says so
    assert shown == {**dict.fromkeys(heads, "'05!'"), "elsewhere": repr(sys.prefix)}
    assert [("my-env" in note, "elsewhere.ipynb" in note) for note in notes] == [(True, True)]


def test_pages_are_made_although_nobody_reads_what_is_printed(project: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "gunmane_analysis.cli", "report", "--regions", "05"]
    done = subprocess.run(command, stdout=writing, stderr=writing, check=False)
    os.close(writing)
    assert done.returncode == 141
    assert (project / "reports/2024/05/record.json").is_file()
    assert [record.area_id for record in run(project, "05", keeps_notebooks=False).unchanged] == [
        "05"
    ]


def test_pdfs_are_printed_while_the_run_holds_its_folder(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def printed(target: Path, area_ids: list[str], *, force: bool) -> list[str]:
        with pytest.raises(Timeout):
            FileLock(target / ".lock", timeout=0).acquire()
        return area_ids

    monkeypatch.setattr(pdf, "write_pdfs", printed)
    assert run(project, "05", prints_pdf=True).pdf_count == 1


def test_a_run_executes_the_notebook_that_its_record_vouches_for(project: Path) -> None:
    notebooks, path = read_notebooks(), project / "notebooks" / "plain.ipynb"
    nbformat.write(notebook(["x = 1"], ["x + 41"]), path)  # saved while a run is on
    run(project, "05", notebooks=notebooks)
    assert executed(project, "05", "plain").cells[-1].source == "x"
    assert [record.area_id for record in run(project, "05").made] == ["05"]
    assert executed(project, "05", "plain").cells[-1].source == "x + 41"


def test_a_target_that_cannot_be_written_is_named(project: Path, capsys) -> None:
    (project / "reports").write_text("a file where the folder should be", encoding="utf-8")
    assert main(["report", "--regions", "05"]) == 2
    told = capsys.readouterr().err
    assert str(project / "reports" / "2024") in told
    assert "書き込めません" in told


def test_a_missing_library_is_named_before_the_run(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    needed = ["pandas[x]>=3.0", "no-such-library>=1.0", "other>=1; extra == 'cluster'"]
    monkeypatch.setattr("importlib.metadata.requires", lambda name: needed)
    assert main(["report", "--regions", "05"]) == 2
    refusal = capsys.readouterr().err
    assert "この環境にありません（no-such-library）" in refusal
    assert not (project / "reports").exists()


def test_a_file_size_limit_fails_the_area_and_keeps_the_earlier_report(made: Path) -> None:
    before = {name: content for name, (_, content) in stamps(made).items()}
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
    after = {name: content for name, (_, content) in stamps(made).items()}
    area = {name: content for name, content in before.items() if "/05/" in name}
    assert area == {name: content for name, content in after.items() if "/05/" in name}


def _limit_file_size() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))


@pytest.mark.timeout(900)
def test_a_killed_batch_leaves_nothing_half_written_and_the_rerun_completes_it(
    tmp_path: Path,
) -> None:
    times = os.environ.get("GUNMANE_KILLS", "2")  # 200 by python -m benchmarks.kill
    home = write_project(
        tmp_path / "project", plain=notebook(["x = 1"], ["import time\ntime.sleep(0.05)", "x"])
    )
    done = subprocess.run(
        [
            *f"{sys.executable} -m benchmarks.kill --times {times} --seed 5".split(),
            *["--project", str(home), "--options=--jobs 1 --regions 05,06,07"],
        ],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["faults"] == []


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGHUP], ids=["killed", "terminal closed"])
def test_a_batch_ended_while_a_worker_computes_leaves_nobody(
    tmp_path: Path, end: signal.Signals
) -> None:
    begun = tmp_path / "begun"
    busy = "import pathlib, subprocess, time\nsubprocess.Popen(['sleep', '3600.5'])\n"
    busy += f"pathlib.Path({str(begun)!r}).touch()\ntime.sleep(600)"
    home = write_project(tmp_path / "project", busy=notebook([], [busy]))
    batch = subprocess.Popen(
        f"{sys.executable} -m gunmane_analysis.cli report --jobs 1 --regions 05,06".split(),
        env={**os.environ, "GUNMANE_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # a shell may start what it runs in the background deaf to the end of its terminal
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # noqa: PLW1509
    )
    _wait_for(begun)
    family = psutil.Process(batch.pid).children(recursive=True)
    assert "3600.5" in {word for child in family for word in child.cmdline()}
    batch.send_signal(end)
    assert batch.wait(timeout=60) == -end
    _, alive = psutil.wait_procs(family, timeout=3)
    assert alive == []


def test_a_worker_is_replaced_after_so_many_areas(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "AREAS_PER_WORKER", 2)
    nbformat.write(notebook(["import os"], ["os.getpid()"]), project / "notebooks" / "plain.ipynb")
    assert len(run(project, "05,06,07", jobs=1).made) == 3
    pids = [
        executed(project, area_id, "plain").cells[-1].outputs[0].data["text/plain"]
        for area_id in ("05", "06", "07")
    ]
    assert pids[0] == pids[1] != pids[2]


def test_a_worker_that_cannot_start_fails_its_areas_and_the_run_ends(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "broken").mkdir()
    (project / "broken" / "papermill.py").write_text("raise ImportError('broken')")
    monkeypatch.syspath_prepend(str(project / "broken"))  # which a worker takes over
    outcome = run(project, "05,06")
    assert {result.record.area_id for result in outcome.failed} == {"05", "06"}
    assert all("開始直後" in result.record.reason for result in outcome.failed)


def test_a_terminal_without_utf8_and_a_home_in_japanese_work(tmp_path: Path) -> None:
    home = write_project(tmp_path / "群マネ　報告", plain=notebook(["x = 1"], ["x"]))
    command = [sys.executable, "-m", "gunmane_analysis.cli", "report", "--regions", "05"]
    for settings, counts in (
        ({"LC_ALL": "C"}, "作成 1、変更なし 0、失敗 0"),
        ({"PYTHONIOENCODING": "latin-1"}, "作成 0、変更なし 1、失敗 0"),
    ):
        done = subprocess.run(
            command,
            env={**os.environ, "GUNMANE_HOME": str(home), **settings},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
        assert counts in done.stdout.decode("utf-8")
        assert (home / "reports/2024/05/index.html").is_file()


CHANGES = {
    "register": ("data/raw/sources.yml", b"\n# another caveat\n"),
    "notebook": ("notebooks/plain.ipynb", b"\n"),
}


@pytest.mark.parametrize("what", ["register", "notebook", "program", "template", "library"])
def test_whatever_shapes_a_page_makes_it_old(
    made: Path, monkeypatch: pytest.MonkeyPatch, what: str, tmp_path: Path
) -> None:
    if what in CHANGES:
        name, more = CHANGES[what]
        with (made / name).open("ab") as stream:
            stream.write(more)
    elif what == "library":
        (tmp_path / "site" / "numpy-99.0.dist-info").mkdir(parents=True)
        monkeypatch.syspath_prepend(str(tmp_path / "site"))
    else:
        package = tmp_path / "package"
        shutil.copytree(Path(gunmane_analysis.__file__).parent, package)
        monkeypatch.setattr(gunmane_analysis, "__file__", str(package / "__init__.py"))
        changed = {"program": "wording.py", "template": "page/templates/index_page.html.j2"}[what]
        with (package / changed).open("a") as stream:
            stream.write("\n")
    again = run(made, "05")
    assert [record.area_id for record in again.made] == ["05"]
    index = (made / "reports/2024/index.html").read_text("utf-8")
    marked = what != "notebook"  # the page of 06 is older than what it would be made from now
    assert ("資料・方法の更新前のページ" in index) is marked


def test_pages_of_two_schemes_share_a_year(project: Path) -> None:
    (project / "schemes").mkdir()
    write(project / "schemes", "halves", halves())
    assert main(["report", "--jobs", "1", "--regions", "tohoku,kinki"]) == 0
    assert main(["report", "--jobs", "1", "--scheme", "halves", "--regions", "east"]) == 0
    index = (project / "reports/2024/index.html").read_text("utf-8")
    assert [f'id="area-{name}"' in index for name in ("tohoku", "kinki", "east")] == [True] * 3


def test_an_areas_folder_is_small_and_has_few_files(made: Path) -> None:
    assert (made / "reports/2024/05/notebooks/plain.ipynb").is_file()  # asked for
    pdfs = [made / "reports/2024" / name for name in ("05/05.pdf", "index.pdf")]
    for printed in pdfs:
        printed.write_bytes(b"%PDF of the earlier page")
    run(made, "05")
    assert all(printed.is_file() for printed in pdfs)
    assert main(["report", "--regions", "05", "--force"]) == 0
    names = {path.name for path in (made / "reports/2024/05").rglob("*")}
    assert names == {"index.html", "record.json"}  # a notebook without a table
    assert not any(printed.exists() for printed in pdfs)
