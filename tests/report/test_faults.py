"""Whatever happens to one area, it is listed with its reason and the others are made."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil
import pytest

from gunmane_analysis.batch.batch import ReportOutcome
from gunmane_analysis.paths import HOME_VARIABLE
from tests.report.projects import Recorder, notebook, run, write_project

FAULTS = """
import ctypes, os, resource, signal, subprocess, time
if area_id == "01":
    os.kill(os.getpid(), signal.SIGKILL)
elif area_id == "02":
    os._exit(7)
elif area_id == "03":
    ctypes.string_at(0)
elif area_id == "04":
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    taken = bytearray(1 << 34)
elif area_id == "05":
    while True:
        time.sleep(0.01)
elif area_id == "06":
    os.kill(os.getpid(), signal.SIGSTOP)
elif area_id == "07":
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        pass
elif area_id == "08":
    from gunmane_analysis.errors import DesignError
    raise DesignError("データが足りません。", advice="年度を変えてください。")
elif area_id == "09":
    input("?")
elif area_id == "10":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    subprocess.run(["sleep", "3600.25"])
elif area_id == "11":
    exit()
elif area_id == "12":
    raise SystemExit(0)
elif area_id == "13":
    class Odd(Exception):
        def __str__(self):
            raise RuntimeError("even its words fail")
    raise Odd
"""
LIMIT = 4  # seconds: the other faults shall come to happen on a busy machine too
REASONS = {
    "01": "SIGKILL",
    "02": "終了コード 7",
    "03": "SIGSEGV",
    "04": "MemoryError",
    "05": f"制限時間（{LIMIT}秒）",
    "06": f"制限時間（{LIMIT}秒）",
    "07": f"制限時間（{LIMIT}秒）",
    "08": "データが足りません。\n  対処: 年度を変えてください。",
    "09": "EOFError",
    "10": f"制限時間（{LIMIT}秒）",
    "11": "4番目のセルで止まりました（AttributeError",  # as where no kernel can be left
    "12": "SystemExit",
    "13": "RuntimeError: even its words fail",
}
SOUND = ("47", "japan")
ENDED: list[bool] = []  # whether each process that was ended was still there


@pytest.fixture(scope="module")
def happened(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ReportOutcome, dict]:
    home = write_project(
        tmp_path_factory.mktemp("faults") / "project",
        faults=notebook(["import os"], [FAULTS, "'as far as here'"]),
    )
    earlier = home / "reports" / "2024" / "01" / "index.html"
    earlier.parent.mkdir(parents=True)
    earlier.write_text("以前のページ", encoding="utf-8")
    told: dict[str, float] = {}
    reporter = Recorder(add=lambda result: told.setdefault(result.record.area_id, result.seconds))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(home))
        killpg = os.killpg
        patch.setattr(
            os,
            "killpg",
            lambda pid, number: (ENDED.append(psutil.pid_exists(pid)), killpg(pid, number)),
        )
        areas = ",".join([*REASONS, *SOUND])
        outcome = run(home, areas, reporter, jobs=4, cell_limit=float(LIMIT))
    return home, outcome, told


def test_no_process_is_ended_whose_number_may_belong_to_another_by_now(happened) -> None:
    assert ENDED
    assert all(ENDED)


@pytest.mark.parametrize("area_id", REASONS)
def test_each_fault_is_listed_with_its_reason(happened, area_id: str) -> None:
    _, outcome, _ = happened
    reasons = {result.record.area_id: result.record.reason for result in outcome.failed}
    assert REASONS[area_id] in reasons[area_id]


def test_the_place_of_a_sudden_end_is_named(happened) -> None:
    _, outcome, _ = happened
    reasons = {result.record.area_id: result.record.reason for result in outcome.failed}
    assert "「試験」の4番目のセル" in reasons["01"]


def test_the_others_are_made(happened) -> None:
    home, outcome, _ = happened
    assert {record.area_id for record in outcome.made} == set(SOUND)
    assert all((home / "reports/2024" / area_id / "record.json").is_file() for area_id in SOUND)


def test_no_page_of_a_failed_area_is_made_and_an_earlier_one_stays(happened) -> None:
    home, _, _ = happened
    pages = {path.parent.name for path in (home / "reports/2024").glob("*/index.html")}
    assert pages == {*SOUND, "01"}
    assert (home / "reports/2024/01/index.html").read_text(encoding="utf-8") == "以前のページ"


def test_the_index_and_the_summary_tell_the_reasons(happened) -> None:
    home, _, _ = happened
    for name in ("index.html", "run.json"):
        text = (home / "reports/2024" / name).read_text(encoding="utf-8")
        assert "SIGSEGV" in text
        assert "データが足りません。" in text


def test_nothing_half_written_and_nobody_is_left(happened) -> None:
    home, _, _ = happened
    assert not (home / "reports/2024/.writing").exists()
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline and _sleepers():
        time.sleep(0.05)
    assert _sleepers() == []


def _sleepers() -> list[int]:
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if "3600.25" in (process.info["cmdline"] or [])
    ]
