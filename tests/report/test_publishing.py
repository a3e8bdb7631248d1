"""A file appears whole or not at all, inside the report's folder and nowhere else."""

from __future__ import annotations

import errno
import io
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from gunmane_analysis.areas import parse_regions
from gunmane_analysis.batch.batch import locked
from gunmane_analysis.errors import AreaError, GunmaneError, ReportError
from gunmane_analysis.page.publishing import WRITING_NAME, clean_temp, publish, unpublish


def files(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def test_a_file_is_published_with_its_folders(tmp_path) -> None:
    publish(tmp_path, "05/notebooks/staffing.ipynb", b"one")
    publish(tmp_path, "05/notebooks/staffing.ipynb", b"two")
    assert files(tmp_path) == {"05/notebooks/staffing.ipynb": b"two"}


@pytest.mark.parametrize(
    "name",
    ["../x", "05/../../x", "/etc/x", "-rf", ".hidden", "05/.hidden", "a\nb", "a\x00b", "", "05//x"],
)
def test_a_name_that_could_lead_elsewhere_is_refused(tmp_path, name: str) -> None:
    root = tmp_path / "report"
    with pytest.raises(ReportError, match="名前に使えない"):
        publish(root, name, b"x")
    with pytest.raises(ReportError, match="名前に使えない"):
        unpublish(root, name)
    assert files(tmp_path) == {}


@pytest.mark.parametrize("asked", ["../x", "/etc", "-rf", ".hidden", "05\n06", "x;y", "05/.."])
def test_an_area_that_could_lead_elsewhere_is_refused(asked: str) -> None:
    with pytest.raises(GunmaneError) as told:
        parse_regions(asked, "regional_bureaus")
    assert isinstance(told.value, AreaError | ReportError)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO, errno.EDQUOT])
@pytest.mark.parametrize("step", ["open", "write", "replace"])
def test_a_failing_write_leaves_the_earlier_file_and_names_path_and_cause(
    tmp_path, monkeypatch, code: int, step: str
) -> None:
    publish(tmp_path, "05/index.html", b"earlier")

    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    class Full(io.BytesIO):
        write = fail

    with monkeypatch.context() as broken:
        if step == "open":
            broken.setattr(Path, "open", fail)
        elif step == "write":
            broken.setattr(Path, "open", lambda *_: Full())
        else:
            broken.setattr(os, "replace", fail)
        with pytest.raises(ReportError) as told:
            publish(tmp_path, "05/index.html", b"new")
    assert str(tmp_path / "05/index.html") in told.value.found
    assert os.strerror(code) in told.value.found
    assert files(tmp_path) == {"05/index.html": b"earlier"}


def test_a_file_is_on_the_disk_before_it_takes_its_place(tmp_path, monkeypatch) -> None:
    done: list[str] = []
    for name in ("fsync", "replace"):
        call = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *a, n=name, c=call: (done.append(n), c(*a))[1])
    (tmp_path / "05").mkdir()
    publish(tmp_path, "05/index.html", b"whole")
    assert done == ["fsync", "replace"]


def test_what_was_half_written_is_swept(tmp_path) -> None:
    publish(tmp_path, "05/index.html", b"whole")
    (tmp_path / WRITING_NAME).mkdir(exist_ok=True)
    (tmp_path / WRITING_NAME / "123-05-index.html").write_bytes(b"ha")
    clean_temp(tmp_path)
    assert files(tmp_path) == {"05/index.html": b"whole"}


def test_a_run_that_ends_in_any_way_leaves_no_folder_of_half_written_files(tmp_path) -> None:
    with pytest.raises(KeyError), locked(tmp_path):
        publish(tmp_path, "05/05.pdf", b"whole")
        raise KeyError
    assert not (tmp_path / WRITING_NAME).exists()


def test_a_file_size_limit_of_the_system_leaves_the_earlier_file(tmp_path) -> None:
    publish(tmp_path, "05/index.html", b"earlier")
    script = (
        "import sys; from pathlib import Path; from gunmane_analysis.errors import ReportError\n"
        "from gunmane_analysis.page.publishing import publish\n"
        "try: publish(Path(sys.argv[1]), '05/index.html', b'x' * 100_000)\n"
        "except ReportError as fault: print(fault.found); sys.exit(3)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert str(tmp_path / "05/index.html") in done.stdout
    assert files(tmp_path) == {"05/index.html": b"earlier"}
