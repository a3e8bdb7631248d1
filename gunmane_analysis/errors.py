"""Errors that a reader can act on: what was found, what was expected, what to do."""

from __future__ import annotations

from typing import Any

_EXPECTED = "  正しい形: "
_ADVICE = "  対処: "


class GunmaneError(Exception):
    """A fault worded in Japanese for the reader; JupyterLab shows it without a traceback.

    Parameters
    ----------
    found : str
        What was found, with file, row, column and value where there is one.
    expected : str, optional
        What would have been right.
    advice : str, optional
        What the reader can do about it.

    Attributes
    ----------
    code, facts
        Of the message in ``messages/`` that the words are from; empty where they are of none.

    Examples
    --------
    >>> print(GunmaneError(found="地域「x」はない。", advice="一覧を見る。"))
    地域「x」はない。
      対処: 一覧を見る。
    """

    def __init__(self, found: str, *, expected: str = "", advice: str = "") -> None:
        self.found = found
        self.expected = expected
        self.advice = advice
        self.code = ""
        self.facts: dict[str, Any] = {}
        super().__init__(found)

    def __str__(self) -> str:
        lines = [self.found]
        if self.expected:
            lines.append(f"{_EXPECTED}{self.expected}")
        if self.advice:
            lines.append(f"{_ADVICE}{self.advice}")
        return "\n".join(lines)

    def _render_traceback_(self) -> list[str]:
        """Return what JupyterLab shows in place of a traceback: the message."""
        return [f"エラー: {self}"]

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.found,), vars(self)  # as another process gets it


class AreaError(GunmaneError):
    """A code, name or scheme of areas that is unknown, wrong or ambiguous."""


class SourceError(GunmaneError):
    """A delivered file or its register entry is missing, unreadable or altered."""


class SourceMismatchError(SourceError):
    """A figure in a delivered file contradicts another figure that must agree with it."""


class TableError(GunmaneError):
    """A table does not hold what its schema says."""


class DesignError(GunmaneError):
    """The data cannot answer the question that was asked."""


class NotebookError(GunmaneError):
    """A notebook is not parameterised as the batch needs, or did not run to its end."""


class ReportError(GunmaneError):
    """A report cannot be written as asked."""
