"""A real Dask cluster on loopback, one of whose workers is killed on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import distributed
import pytest

from gunmane_analysis.areas import list_areas
from gunmane_analysis.errors import ReportError
from tests.report.projects import Recorder, notebook, run, write_project

pytestmark = pytest.mark.timeout(600)


def dask(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "distributed.cli." + words[0], *words[1:]],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )


def wait_for_workers(address: str, count: int) -> None:
    with distributed.Client(address, timeout=60, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=120)


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    home = write_project(
        tmp_path / "project", plain=notebook(["x = 1"], ["import time\ntime.sleep(0.1)", "x"])
    )
    monkeypatch.setenv("GUNMANE_HOME", str(home))  # of the workers too
    port = 18000 + os.getpid() % 10000
    address = f"tcp://127.0.0.1:{port}"
    loopback = ["--host", "127.0.0.1", "--no-dashboard"]
    processes = [dask("dask_scheduler", "--port", str(port), *loopback)]
    for number in range(2):
        processes.append(
            dask(
                "dask_worker",
                address,
                "--nthreads=1",
                "--no-nanny",
                "--no-dashboard",
                "--host=127.0.0.1",
                f"--local-directory={tmp_path / str(number)}",
            )
        )
    wait_for_workers(address, 2)
    yield home, address, processes[1:]
    for process in processes:
        process.kill()
        process.wait()


def test_all_areas_arrive_although_a_worker_is_killed(cluster) -> None:
    home, address, workers = cluster
    done: list[str] = []

    def add(result) -> None:
        done.append(result.record.area_id)
        if len(done) == 5:
            workers[0].send_signal(signal.SIGKILL)

    areas = [area.area_id for area in list_areas("prefecture", "regional_bureaus")]
    outcome = run(home, ",".join(areas), Recorder(add=add), scheduler=address)
    assert [result.record.reason for result in outcome.failed] == []
    assert sorted(record.area_id for record in outcome.made) == areas
    assert len(areas) == 47
    assert all((home / "reports/2024" / area / "record.json").is_file() for area in areas)


def test_a_scheduler_that_does_not_answer_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = write_project(tmp_path / "project", plain=notebook(["x = 1"], ["x"]))
    monkeypatch.setenv("GUNMANE_HOME", str(home))
    with pytest.raises(ReportError, match="接続できません"):
        run(home, "05", scheduler="tcp://127.0.0.1:9")
