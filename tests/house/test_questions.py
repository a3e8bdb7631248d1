"""The page from question to function: each expression runs as it is printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import gunmane_analysis

TEXT = (Path(__file__).parents[2] / "docs" / "questions.md").read_text("utf-8")
EXPRESSIONS = re.findall(r"^\| .+ \| `(.+)` \|$", TEXT, re.MULTILINE)


def test_a_dozen_questions_are_answered() -> None:
    assert len(EXPRESSIONS) >= 12


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=lambda text: text.partition("(")[0])
def test_an_expression_gives_an_answer(expression: str) -> None:
    names = {name: getattr(gunmane_analysis, name) for name in gunmane_analysis.__all__}
    names |= {"area": gunmane_analysis.find_area("秋田県"), "year": 2024}
    assert eval(expression, names) is not None
