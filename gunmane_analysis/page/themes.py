"""The themes of a report: each is a notebook that declares its order, title and parameters."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from gunmane_analysis.errors import NotebookError, ReportError
from gunmane_analysis.paths import notebooks_dir

PARAMETERS_TAG = "parameters"


@dataclass(frozen=True)
class Theme:
    """One theme: its notebook, and the parameters that notebook declares."""

    theme_id: str
    title: str
    order: int
    path: Path
    parameters: Mapping[str, Any]

    def read(self) -> NotebookNode:
        """Read the notebook."""
        return _read_notebook(self.path)


def read_themes() -> tuple[Theme, ...]:
    """Return the themes found in ``notebooks/``, in the order they declare.

    Raises
    ------
    NotebookError
        If a notebook cannot be read or has no single cell tagged ``parameters``.
    """
    themes = [read_theme(path) for path in sorted(notebooks_dir().glob("*.ipynb"))]
    return tuple(sorted(themes, key=lambda theme: (theme.order, theme.theme_id)))


def read_theme(path: Path) -> Theme:
    """Read one theme from its notebook."""
    try:
        notebook = _read_notebook(path)
    except (OSError, ValueError) as fault:
        raise NotebookError(
            f"ノートブック「{path}」を読めません（{fault}）。",
            advice="配布されたファイルに戻してください。",
        ) from fault
    return Theme(
        theme_id=path.stem,
        title=_title(notebook, path),
        order=int(notebook.metadata.get("gunmane", {}).get("order", 99)),
        path=path,
        parameters=declared_parameters(notebook, path.name),
    )


def select_themes(wanted: str | None) -> tuple[Theme, ...]:
    """Return the themes named in a comma-separated list; all when nothing is named.

    Raises
    ------
    ReportError
        If a name is no theme.
    """
    themes = read_themes()
    if not wanted:
        return themes
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    known = {theme.theme_id for theme in themes}
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise ReportError(
            f"テーマ「{'、'.join(unknown) or wanted}」はありません。",
            expected="、".join(theme.theme_id for theme in themes),
            advice="--theme の指定を確認してください。",
        )
    return tuple(theme for theme in themes if theme.theme_id in names)


def _title(notebook: NotebookNode, path: Path) -> str:
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("# "):
            return str(cell.source.splitlines()[0].removeprefix("# ").strip())
    raise NotebookError(
        f"ノートブック「{path.name}」に題名がありません。", expected="「# 題名」で始まるセル"
    )


def declared_parameters(notebook: NotebookNode, name: str) -> dict[str, Any]:
    """Return the parameters that the notebook's tagged cell declares, with their defaults.

    Raises
    ------
    NotebookError
        If there is not exactly one such cell, or it holds more than plain literals.
    """
    tagged = [cell for cell in notebook.cells if PARAMETERS_TAG in cell.metadata.get("tags", [])]
    if len(tagged) != 1:
        raise NotebookError(
            f"ノートブック「{name}」に parameters の印のあるセルが{len(tagged)}個あります。",
            expected="1個",
        )
    declared: dict[str, Any] = {}
    try:
        for statement in ast.parse(tagged[0].source).body:
            if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
                raise ValueError(ast.unparse(statement))
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in targets:
                declared[ast.unparse(target)] = ast.literal_eval(statement.value)
    except (SyntaxError, ValueError) as fault:
        raise NotebookError(
            f"ノートブック「{name}」の parameters セルに、"
            f"値の代入でないものがあります（{fault}）。",
            expected="名前 = 値 の行だけ",
        ) from fault
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
    if missing or unknown or mistyped:
        raise NotebookError(
            f"ノートブック「{theme.path.name}」の引数が合いません"
            f"（足りない: {missing}、余分: {unknown}、型が違う: {mistyped}）。",
            expected="、".join(
                f"{name}: {type(value).__name__}" for name, value in theme.parameters.items()
            ),
            advice="ノートブックの parameters セルを確認してください。",
        )


def _read_notebook(path: Path) -> NotebookNode:
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook
