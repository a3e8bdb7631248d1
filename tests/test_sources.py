"""The register, and what happens to a delivered file that is not as registered."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from gunmane_analysis.errors import SourceError
from gunmane_analysis.paths import HOME_VARIABLE, project_root, raw_dir
from gunmane_analysis.sources import (
    check_all_raw_files,
    find_source,
    raw_file,
    read_register,
    sha256_of,
)

SERIES = "prefecture_series/prefecture_series.csv"


def test_every_raw_file_is_registered_and_as_registered() -> None:
    on_disk = {
        path.relative_to(raw_dir()).as_posix()
        for path in raw_dir().rglob("*")
        if path.is_file() and path.name not in ("sources.yml", "README.md", ".gitkeep")
    }
    assert set(check_all_raw_files()) == on_disk


def test_every_source_tells_who_what_when_and_what_it_cannot_show() -> None:
    for source in read_register().values():
        assert source.title
        assert source.cited[0].producer
        assert source.caveat, source.source_id
        assert "」" in source.citation


def test_sha256_is_the_standard_one(tmp_path: Path) -> None:
    file = tmp_path / "abc"
    file.write_bytes(b"abc")
    # FIPS 180-2, appendix B.1
    assert sha256_of(file) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_an_altered_file_is_refused_with_both_hashes(own_project: Path) -> None:
    file = own_project / "data" / "raw" / SERIES
    file.write_text(file.read_text(encoding="utf-8").replace("44701", "44702"), encoding="utf-8")
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    with pytest.raises(SourceError, match="登録時から変わっています") as refusal:
        raw_file("prefecture_series", "prefecture_series.csv")
    assert found[:12] in refusal.value.found
    assert find_source("prefecture_series").files[SERIES][:12] in refusal.value.expected


def test_every_faulty_file_is_named_at_once(own_project: Path) -> None:
    raw = own_project / "data" / "raw"
    (raw / SERIES).unlink()
    (raw / "kpi" / "kpi.csv").write_text("x", encoding="utf-8")
    with pytest.raises(SourceError) as refusal:
        check_all_raw_files()
    assert "prefecture_series.csv" in refusal.value.found
    assert "kpi.csv" in refusal.value.found


def test_a_broken_register_is_refused(own_project: Path) -> None:
    (own_project / "data" / "raw" / "sources.yml").write_text("sources: [", encoding="utf-8")
    with pytest.raises(SourceError, match="登録簿"):
        read_register()


def test_an_unknown_source_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SourceError, match="kpi2") as refusal:
        find_source("kpi2")
    assert "kpi" in refusal.value.expected


def test_an_unreadable_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("gunmane_analysis.sources.sha256_of", refuse)
    with pytest.raises(SourceError, match="読めません（Permission denied）"):
        raw_file("kpi")


def test_the_project_is_found_from_a_folder_inside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    root = project_root()
    monkeypatch.chdir(root / "notebooks")
    assert project_root() == root


def test_a_wrong_home_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    with pytest.raises(SourceError, match=HOME_VARIABLE):
        project_root()
