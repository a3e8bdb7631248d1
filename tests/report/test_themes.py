"""Which notebooks make which page: declared in their metadata, and in nothing else."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_notebook

from gunmane_analysis.areas import find_area, list_areas
from gunmane_analysis.cli import main
from gunmane_analysis.errors import NotebookError, ReportError
from gunmane_analysis.page.records import read_record
from gunmane_analysis.page.themes import read_notebooks, select_notebooks
from gunmane_analysis.paths import HOME_VARIABLE
from tests.report.projects import notebook, write_project


def page_notebook(*levels: str):
    page = notebook([], ["area_id"])
    page.metadata.gunmane = {"page": list(levels)}
    return page


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = write_project(
        tmp_path / "project",
        staffing=notebook([], ["1"], order=2),
        funnel=notebook([], ["1"], order=1),
        prefecture_page=page_notebook("prefecture", "municipality"),
    )
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    return home


def ids(area_id: str) -> list[str]:
    return [theme.theme_id for theme in read_notebooks().of(find_area(area_id))]


def test_a_level_is_made_by_its_page_notebook_and_every_other_by_the_themes(home: Path) -> None:
    assert ids("05") == ids("05202") == ["prefecture_page"]
    assert ids("japan") == ids("tohoku") == ["funnel", "staffing"]


def test_a_named_theme_is_made_without_the_page_notebook(home: Path) -> None:
    chosen = select_notebooks("staffing").of(find_area("05"))
    assert [theme.theme_id for theme in chosen] == ["staffing"]
    with pytest.raises(ReportError, match="prefecture_page"):
        select_notebooks("prefecture_page")


def test_a_new_notebook_of_jupyterlab_is_left_out_with_one_line(home: Path, capsys) -> None:
    nbformat.write(new_notebook(), home / "notebooks" / "Untitled.ipynb")
    assert main(["report", "--regions", "tohoku,05"]) == 0
    lines = [line for line in capsys.readouterr().err.splitlines() if "Untitled.ipynb" in line]
    assert len(lines) == 1
    made = {area_id: read_record(home / "reports/2024" / area_id) for area_id in ("tohoku", "05")}
    assert {area_id: record.themes for area_id, record in made.items() if record} == {
        "tohoku": ("funnel", "staffing"),
        "05": ("prefecture_page",),
    }


@pytest.mark.parametrize(
    "declared",
    [{}, {"order": "first"}, {"page": []}, {"page": ["town"]}, {"page": "nation"}, {"title": "x"}],
)
def test_a_declaration_that_says_neither_is_refused(home: Path, declared: dict) -> None:
    odd = notebook([], ["1"])
    odd.metadata.gunmane = declared
    nbformat.write(odd, home / "notebooks" / "odd.ipynb")
    with pytest.raises(NotebookError, match=r"odd\.ipynb"):
        read_notebooks()


def test_two_pages_of_one_level_are_refused(home: Path) -> None:
    nbformat.write(page_notebook("municipality"), home / "notebooks" / "town_page.ipynb")
    with pytest.raises(NotebookError, match="municipality"):
        read_notebooks()


def test_a_level_that_nothing_makes_is_refused(tmp_path: Path, monkeypatch, capsys) -> None:
    home = write_project(tmp_path / "project", prefecture_page=page_notebook("prefecture"))
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    assert main(["report", "--regions", "05,tohoku"]) == 2
    assert "東北" in capsys.readouterr().err
    assert not (home / "reports" / "2024" / "05").exists()


def test_every_notebook_of_the_project_says_what_it_is() -> None:
    found = read_notebooks()
    assert found.ignored == ()
    for kind in ("nation", "block", "prefecture", "municipality"):
        assert found.of(list_areas(kind)[0])
