"""The notebooks of a report, as their metadata declares them: themes, and pages of a level."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gunmane_analysis.areas import KIND_NAMES, Area
from gunmane_analysis.paths import notebooks_dir
from gunmane_analysis.refusals import refusal, refuse_if

if TYPE_CHECKING:
    from nbformat import NotebookNode

PARAMETERS_TAG = "parameters"
INJECTED_TAG = "injected-parameters"  # papermill's own
_DECLARATION = "gunmane"


@dataclass(frozen=True)
class Theme:
    """A notebook that is run for areas, and the parameters that it declares.

    Attributes
    ----------
    order : int
        Where it stands on a page; 0 for a page notebook, which is the whole page.
    levels : tuple of str
        The kinds of area whose whole page it makes; empty for one theme of a page.
    kernel_name : str
        The kernel it was saved with; a run takes the project's own Python instead.
    text : str
        The notebook as it was read, which is what a run executes, on whatever machine.
    """

    theme_id: str
    title: str
    order: int
    path: Path
    parameters: Mapping[str, Any]
    levels: tuple[str, ...] = ()
    kernel_name: str = "python3"
    text: str = ""

    def read(self) -> NotebookNode:
        """Return the notebook."""
        import nbformat  # takes a second to load, and not every run gets here

        notebook: NotebookNode = nbformat.reads(self.text, as_version=4)
        return notebook


@dataclass(frozen=True)
class Notebooks:
    """The notebooks of a run.

    Attributes
    ----------
    themes : tuple of Theme
        In the order they declare.
    pages : tuple of Theme
        Page notebooks; no two name the same level.
    ignored : tuple of str
        Names of notebooks that declare neither.
    """

    themes: tuple[Theme, ...]
    pages: tuple[Theme, ...] = ()
    ignored: tuple[str, ...] = ()

    def of(self, area: Area) -> tuple[Theme, ...]:
        """Return what makes an area's page: the page notebook of its level, else every theme."""
        named = tuple(page for page in self.pages if area.kind in page.levels)
        return named or self.themes


def read_notebooks() -> Notebooks:
    """Return the notebooks found in ``notebooks/``.

    ``metadata.gunmane = {"order": 3}`` declares a theme,
    ``metadata.gunmane = {"page": ["prefecture"]}`` the page of a level.

    Raises
    ------
    NotebookError
        If a notebook cannot be read, declares what is not known, or has no single cell tagged
        ``parameters``; if two notebooks declare the page of one level.
    """
    found = {path.name: read_theme(path) for path in sorted(notebooks_dir().glob("*.ipynb"))}
    known = [theme for theme in found.values() if theme is not None]
    pages = tuple(theme for theme in known if theme.levels)
    levels = [level for page in pages for level in page.levels]
    repeated = sorted({level for level in levels if levels.count(level) > 1})
    names = [page.path.name for page in pages]
    refuse_if(repeated, "notebook-level-twice", levels=repeated, names=names)
    themes = (theme for theme in known if not theme.levels)
    ordered = sorted(themes, key=lambda theme: (theme.order, theme.theme_id))
    ignored = tuple(name for name, theme in found.items() if theme is None)
    return Notebooks(tuple(ordered), pages, ignored)


def read_theme(path: Path) -> Theme | None:
    """Read one notebook; None if it declares neither a theme nor a page.

    Raises
    ------
    NotebookError
        As :func:`read_notebooks`.
    """
    try:
        text = path.read_text("utf-8")
        notebook = json.loads(text)
        is_declared = _DECLARATION in notebook["metadata"]
        return replace(theme_of(notebook, path), text=text) if is_declared else None
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise refusal("notebook-unreadable", path=path, fault=fault) from fault


def theme_of(notebook: Mapping[str, Any], path: Path) -> Theme:
    """Return what a notebook declares; one that declares nothing is a theme of its own."""
    metadata, cells = notebook["metadata"], notebook["cells"]
    declared = metadata.get(_DECLARATION, {"order": 1})
    levels, order = _declared_place(declared, path.name)
    kernel = metadata.get("kernelspec", {})
    language = kernel.get("language", "python")
    refuse_if(language != "python", "notebook-language", name=path.name, language=language)
    return Theme(
        theme_id=path.stem,
        title=_title(cells, path),
        order=order,
        path=path,
        parameters=declared_parameters(cells, path.name),
        levels=levels,
        kernel_name=kernel.get("name", "python3"),
    )


def _declared_place(declared: Any, name: str) -> tuple[tuple[str, ...], int]:
    """Return the levels of a page notebook, or none and the order of a theme."""
    match declared:
        case {"page": [_, *_] as levels} if set(levels) <= set(KIND_NAMES):
            return tuple(levels), 0
        case {"order": int(order)} if "page" not in declared:
            return (), order
    raise refusal("notebook-declaration", name=name, declared=str(declared), kinds=KIND_NAMES)


def select_notebooks(wanted: str | None) -> Notebooks:
    """Return the themes named in a comma-separated list; everything when nothing is named.

    Raises
    ------
    ReportError
        If a name is no theme, or there is no notebook at all.
    """
    found = read_notebooks()
    if not wanted:
        refuse_if(not (found.themes or found.pages), "themes-none", folder=notebooks_dir())
        return found
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    known = [theme.theme_id for theme in found.themes]
    unknown = [name for name in names if name not in known]
    refuse_if(unknown or not names, "theme-unknown", unknown=unknown or wanted, known=known)
    chosen = tuple(theme for theme in found.themes if theme.theme_id in names)
    return Notebooks(chosen, (), found.ignored)


def _source(cell: Mapping[str, Any]) -> str:
    return "".join(cell["source"])  # a text, or a list of its lines


def _title(cells: list[Mapping[str, Any]], path: Path) -> str:
    for cell in cells:
        if cell["cell_type"] == "markdown" and _source(cell).startswith("# "):
            return _source(cell).splitlines()[0].removeprefix("# ").strip()
    raise refusal("notebook-title", name=path.name)


def declared_parameters(cells: list[Mapping[str, Any]], name: str) -> dict[str, Any]:
    """Return the parameters that the notebook's tagged cell declares, with their defaults.

    Raises
    ------
    NotebookError
        If there is not exactly one such cell, or it holds more than plain literals.
    """
    tagged = [cell for cell in cells if PARAMETERS_TAG in cell["metadata"].get("tags", [])]
    refuse_if(len(tagged) != 1, "notebook-parameters", name=name, count=len(tagged))
    return _literals(_source(tagged[0]), name)


def injected_parameters(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that papermill gave a notebook; none where it was run by hand."""
    tagged = [c for c in notebook["cells"] if INJECTED_TAG in c["metadata"].get("tags", [])]
    return _literals(_source(tagged[-1]), INJECTED_TAG) if tagged else {}


def _literals(source: str, name: str) -> dict[str, Any]:
    declared: dict[str, Any] = {}
    try:
        for statement in ast.parse(source).body:
            if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
                raise ValueError(ast.unparse(statement))
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in targets:
                declared[ast.unparse(target)] = ast.literal_eval(statement.value)
    except (SyntaxError, ValueError) as fault:
        raise refusal("notebook-literals", name=name, fault=fault) from fault
    return declared


def check_parameters(theme: Theme, given: Mapping[str, Any]) -> None:
    """Stop unless given and declared parameters are the same names and types.

    Raises
    ------
    NotebookError
        Naming what is missing, what is unknown, and what has another type.
    """
    missing = sorted(set(theme.parameters) - set(given))
    unknown = sorted(set(given) - set(theme.parameters))
    mistyped = sorted(
        name
        for name in set(given) & set(theme.parameters)
        if type(given[name]) is not type(theme.parameters[name])
    )
    refuse_if(
        missing or unknown or mistyped,
        "notebook-arguments",
        name=theme.path.name,
        missing=missing or "なし",
        unknown=unknown or "なし",
        mistyped=mistyped or "なし",
        expected=[f"{name}: {type(value).__name__}" for name, value in theme.parameters.items()],
    )
