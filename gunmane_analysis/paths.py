"""Where the project's folders are."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Any

import yaml

from gunmane_analysis.errors import SourceError

HOME_VARIABLE = "GUNMANE_HOME"


def project_root() -> Path:
    """Return the folder that holds ``notebooks/`` and ``data/raw/``.

    The environment variable ``GUNMANE_HOME`` comes first, then the nearest folder upwards
    from the current one, then the folder of the installed (editable) package.

    Raises
    ------
    SourceError
        If none of these places is a project folder.

    Examples
    --------
    >>> (project_root() / "notebooks").is_dir()
    True
    """
    return _root(os.environ.get(HOME_VARIABLE), Path.cwd())


@functools.cache  # 200 of a page's calls: 2 % of its time
def _root(named: str | None, current: Path) -> Path:
    if named:
        root = Path(named).expanduser().resolve()
        if _is_project(root):
            return root
        raise SourceError(
            f"環境変数 {HOME_VARIABLE} の示すフォルダー「{root}」に"
            "notebooks と data/raw がありません。",
            advice=f"{HOME_VARIABLE} を正しいフォルダーに直すか、設定を外してください。",
        )
    here = current.resolve()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[1]):
        if _is_project(folder):
            return folder
    raise SourceError(
        f"「{here}」から上のどのフォルダーにも notebooks と data/raw がありません。",
        expected="notebooks と data/raw を含むプロジェクトのフォルダー",
        advice=f"プロジェクトのフォルダーに移るか、環境変数 {HOME_VARIABLE} に示してください。",
    )


def _is_project(folder: Path) -> bool:
    return (folder / "notebooks").is_dir() and (folder / "data" / "raw").is_dir()


def shipped_home() -> Path:
    """Return the folder whose notebooks and delivered files came with the package.

    In an installed wheel that is a folder of the package, in a checkout the checkout itself.
    """
    in_wheel = Path(__file__).resolve().parent / "home"
    return in_wheel if _is_project(in_wheel) else Path(__file__).resolve().parents[1]


def raw_dir() -> Path:
    """Return the folder of the files as delivered."""
    return project_root() / "data" / "raw"


def processed_dir() -> Path:
    """Return the folder of the tables rebuilt from the delivered files."""
    return project_root() / "data" / "processed"


def notebooks_dir() -> Path:
    """Return the folder of the theme notebooks."""
    return project_root() / "notebooks"


def reports_dir() -> Path:
    """Return the folder under which each fiscal year's reports stand."""
    return project_root() / "reports"


def read_yaml(path: Path) -> Any:
    """Return the content of a YAML file.

    Raises
    ------
    OSError, UnicodeDecodeError, yaml.YAMLError
        As the file is unreadable, not UTF-8, or not YAML.
    """
    return parse_yaml(path.read_text(encoding="utf-8"))


def parse_yaml(text: str) -> Any:
    """Return the content of a YAML text, by libyaml where PyYAML was built with it.

    Raises
    ------
    yaml.YAMLError
    """
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
