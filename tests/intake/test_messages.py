"""The messages of the intake: every code has its words, every call the facts that they need."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import gunmane_analysis.intake
from gunmane_analysis.intake.reading.issues import issue, messages
from gunmane_analysis.paths import read_yaml

PACKAGE = Path(gunmane_analysis.intake.__file__).parent
PLACE = {"sheet", "row", "column", "cell", "field", "heading", "detail"}
CALLS = {"issue", "add", "_note", "Refusal", "CellError"}


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Yield every call that makes an issue, with each code that its first argument names."""
    for path in sorted([*PACKAGE.rglob("*.py"), *(PACKAGE.parent / "loaders").glob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            for argument in node.args[:2] if name in CALLS else ():
                either = [argument.body, argument.orelse] if isinstance(argument, ast.IfExp) else []
                for code in (argument, *either):
                    if isinstance(code, ast.Constant) and code.value in messages():
                        yield str(code.value), node


def fields_of(code: str) -> set[str]:
    template = messages()[code]
    return {
        name.partition(".")[0]  # a fact may be an object, of which the words name attributes
        for part in ("found", "expected", "advice")
        for _, name, _, _ in string.Formatter().parse(template.get(part, ""))
        if name
    }


def test_every_code_of_the_table_is_used() -> None:
    modules = [*PACKAGE.rglob("*.py"), *(PACKAGE.parent / "loaders").glob("*.py")]
    sources = "".join(path.read_text(encoding="utf-8") for path in modules)
    of_codes = read_yaml(PACKAGE.parent / "reference_data" / "code_messages.yml")["kinds"]
    sources += "".join(f'"{kind["code"]}"' for kind in of_codes.values())
    assert [code for code in messages() if f'"{code}"' not in sources] == []


def test_every_message_says_what_was_found_and_a_fault_what_to_do() -> None:
    for code, template in messages().items():
        assert template["found"]
        assert set(template) <= {"found", "expected", "advice", "level", "rule"}
        if template.get("level", "fault") == "fault":
            assert template.get("advice"), code


def test_every_call_gives_the_facts_that_its_words_need() -> None:
    seen = set()
    for code, call in calls():
        seen.add(code)
        given = {keyword.arg for keyword in call.keywords}
        if None in given or len(call.args) > 1:  # facts in a dictionary: checked when it runs
            continue
        assert fields_of(code) - PLACE - {"value"} <= given, (code, call.lineno)
    assert len(seen) > 80


def test_no_message_names_a_file_of_the_program_or_an_english_library() -> None:
    for code, template in messages().items():
        words = "".join(str(template.get(part, "")) for part in ("found", "expected", "advice"))
        assert ".yml" not in words and "column_maps" not in words and "Error" not in words, code


def test_a_message_is_filled_with_its_facts() -> None:
    made = issue("row-width-differs", row=3, found=5, width=4)
    assert (made.code, made.level, made.row) == ("row-width-differs", "fault", 3)
    assert made.message == "列の数が 5 で、見出しの 4 と合いません。"
