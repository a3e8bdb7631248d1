"""metrics/messages.yml: every code that is used has words, and every code is used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import gunmane_analysis.metrics
from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.validation import caution, messages, refuse_if

SOURCES = "".join(
    path.read_text(encoding="utf-8")
    for path in Path(gunmane_analysis.metrics.__file__).parent.rglob("*.py")
)


@pytest.mark.parametrize("section", ["refusals", "cautions"])
def test_no_code_is_left_over_and_none_is_missing(section: str) -> None:
    codes = set(messages()[section])
    assert {code for code in codes if f'"{code}"' not in SOURCES} == set()
    called = "refuse_if" if section == "refusals" else "caution"
    used = set(re.findall(called + r'\([^"]*?"([a-z]+(?:-[a-z]+)+)"', SOURCES))
    assert used and used <= codes


def test_a_refusal_has_the_place_what_was_found_and_the_advice() -> None:
    with pytest.raises(DesignError) as fault:
        refuse_if(3, "panel-cluster-blank", name="block", count=3)
    assert fault.value.found == "クラスターの列「block」に空欄が3行あります。"
    assert "すべての行" in fault.value.expected and "外してください" in fault.value.advice
    refuse_if(0, "panel-cluster-blank")
    assert caution("few-adopters", count=2) == "導入した単位が2件しかない"
