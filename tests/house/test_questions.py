"""The page from question to function: each chain of loader, metric and finding runs as printed."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import gunmane_analysis
from gunmane_analysis.findings.finding import Finding

TEXT = (Path(__file__).parents[2] / "docs" / "questions.md").read_text("utf-8")
CHAINS = re.findall(r"^\| [^|]+ \| `([^`]+)` \|(?: `([^`]+)`)? \|$", TEXT, re.MULTILINE)


def test_two_dozen_questions_are_answered() -> None:
    assert len(CHAINS) >= 24


@pytest.mark.parametrize(("metric", "finding"), CHAINS, ids=lambda text: text.partition("(")[0])
def test_a_chain_gives_an_answer(metric: str, finding: str) -> None:
    names = {name: getattr(gunmane_analysis, name) for name in gunmane_analysis.__all__}
    names |= {"area": gunmane_analysis.find_area("秋田県"), "year": 2024}
    names["result"] = eval(metric, names)
    assert names["result"] is not None
    if finding:
        assert isinstance(eval(finding.replace("…", "result"), names), Finding)


def test_the_loaders_that_take_a_year_are_those_named() -> None:
    paragraph = TEXT.partition("**表を読む")[2].partition("- **指標")[0]
    assert set(re.findall(r"`(load_[a-z_]+)`", paragraph)) == {
        name
        for name in gunmane_analysis.__all__
        if name.startswith("load_")
        and "fiscal_year" in inspect.signature(getattr(gunmane_analysis, name)).parameters
    }
