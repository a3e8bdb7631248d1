"""messages/: every code that is used has words, every code is used, every call gives its facts."""

from __future__ import annotations

import ast
import re
import string
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import gunmane_analysis
from gunmane_analysis import errors
from gunmane_analysis.errors import DesignError, SourceError
from gunmane_analysis.intake.reading.issues import issue
from gunmane_analysis.paths import read_yaml
from gunmane_analysis.refusals import caution, messages, refusal, refuse_if

PACKAGE = Path(gunmane_analysis.__file__).parent
SOURCES = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")]
CALLS = {"refusal", "refuse_if", "_stop_at", "caution", "issue", "_error", "CellError"}
PLACE = {"sheet", "row", "column", "cell", "field", "heading", "value"}
OWN = {"issue": PLACE, "refusal": set(), "refuse_if": set(), "caution": set()}


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """Yield every call that words a message: its name, and each code that it may have."""
    for call in (node for source in SOURCES for node in ast.walk(ast.parse(source))):
        name = getattr(call.func, "id", getattr(call.func, "attr", "")) if is_call(call) else ""
        for argument in call.args if name in CALLS else ():
            for part in ast.walk(argument):
                if isinstance(part, ast.Constant) and is_code(part.value):
                    yield name, str(part.value), call


def is_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call)


def is_code(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", value) is not None


def fields_of(code: str) -> set[str]:
    return {
        name.partition(".")[0]  # a fact may be an object, of which the words name attributes
        for part in ("found", "expected", "advice")
        for _, name, _, _ in string.Formatter().parse(messages()[code].get(part, ""))
        if name
    }


def test_no_code_is_left_over_none_is_missing_and_none_is_in_two_files() -> None:
    quoted = "".join(SOURCES)
    assert [code for code in messages() if f'"{code}"' not in quoted] == []
    assert {code for _, code, _ in calls()} - set(messages()) == set()
    files = map(read_yaml, (PACKAGE / "messages").glob("*.yml"))
    counts = Counter(code for file in files for codes in file.values() for code in codes)
    assert counts.total() == len(counts)


def test_every_message_says_what_was_found_and_a_fault_of_a_file_what_to_do() -> None:
    delivered = read_yaml(PACKAGE / "messages" / "delivered.yml")["SourceError"]
    for code, words in messages().items():
        assert words["kind"] == "caution" or issubclass(
            getattr(errors, words["kind"]), errors.GunmaneError
        )
        assert words["found"]
        assert set(words) <= {"kind", "found", "expected", "advice", "level", "rule", "row"}, code
        shown = "".join(words.get(part, "") for part in ("found", "expected", "advice"))
        assert "Error" not in shown and "column_maps" not in shown, code
        if code in delivered:
            assert words.get("level") in ("repair", "warning") or words["advice"], code
            assert ".yml" not in shown, code


def test_every_call_gives_the_facts_that_its_words_need() -> None:
    seen = set()
    for name, code, call in calls():
        given = {keyword.arg for keyword in call.keywords}
        if name in OWN and None not in given:  # facts in a dictionary are checked when it runs
            seen.add(code)
            assert fields_of(code) <= given | OWN[name], (code, call.lineno)
    assert len(seen) > 200


def test_a_message_is_filled_with_its_facts() -> None:
    made = issue("row-width-differs", row=3, found=5, width=4)
    assert (made.code, made.level, made.row) == ("row-width-differs", "fault", 3)
    assert made.message == "列の数が 5 で、見出しの 4 と合いません。"


def test_a_list_is_shown_as_names_and_a_number_in_its_format() -> None:
    fault = refusal("source-unregistered", source_id="x", known={"a": 1, "b": 2})
    assert isinstance(fault, SourceError) and fault.expected == "a、b"
    assert (fault.code, fault.facts["source_id"]) == ("source-unregistered", "x")
    assert "1,742" in refusal("text-too-many-cells", count=1742, most=1741).found


def test_a_refusal_of_a_method_says_what_was_found_and_what_to_do() -> None:
    with pytest.raises(DesignError) as fault:
        refuse_if(3, "panel-cluster-blank", name="block", count=3)
    assert fault.value.found == "クラスターの列「block」に空欄が3行あります。"
    assert "すべての行" in fault.value.expected and "外してください" in fault.value.advice
    refuse_if(0, "panel-cluster-blank")
    assert caution("few-adopters", count=2) == "導入した単位が2件しかない"
