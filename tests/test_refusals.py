"""refusals.yml: every code that is used has words, and every code is used."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import gunmane_analysis
from gunmane_analysis import errors
from gunmane_analysis.errors import SourceError
from gunmane_analysis.refusals import refusal, refusals


def codes_in(source: str) -> set[str]:
    """Return the codes that calls of ``refusal`` and its kin name."""
    return {
        part.value
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", "") in ("refusal", "refuse_if", "_stop_at")
        for argument in call.args
        for part in ast.walk(argument)
        if isinstance(part, ast.Constant) and re.fullmatch(r"[a-z]+(-[a-z]+)+", str(part.value))
    }


def test_no_code_is_left_over_and_none_is_missing() -> None:
    package = Path(gunmane_analysis.__file__).parent
    sources = (path for path in package.rglob("*.py") if "metrics" not in path.parts)
    used = set().union(*(codes_in(path.read_text("utf-8")) for path in sources))
    assert used == set(refusals())


def test_every_refusal_is_one_of_our_errors_and_says_what_was_found() -> None:
    for code, words in refusals().items():
        assert issubclass(getattr(errors, words["error"]), errors.GunmaneError), code
        assert set(words) - {"expected", "advice", "row"} == {"error", "found"}, code


def test_a_list_is_shown_as_names_and_a_number_in_its_format() -> None:
    fault = refusal("source-unknown", source_id="x", known={"a": 1, "b": 2})
    assert isinstance(fault, SourceError) and fault.expected == "a、b"
    assert "1,742" in refusal("master-count", count=1742, expected=1741).found
