"""Results show themselves in a line, whatever tables they have, and can be compared."""

from __future__ import annotations

import ast
from pathlib import Path

import gunmane_analysis
from gunmane_analysis import find_area, load_staffing, staffing_projection, staffing_trend

PACKAGE = Path(gunmane_analysis.__file__).parent
TABLES = ("DataFrame", "Series", "ndarray")


def dataclasses_with_tables() -> dict[str, ast.ClassDef]:
    return {
        node.name: node
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
        and any("dataclass" in ast.unparse(each) for each in node.decorator_list)
        and any(
            isinstance(line, ast.AnnAssign) and table in ast.unparse(line.annotation)
            for line in node.body
            for table in TABLES
        )
    }


def test_no_dataclass_prints_or_compares_its_tables() -> None:
    """A table in a frozen dataclass would be printed whole, and == would end in a ValueError."""
    written = dataclasses_with_tables()
    assert len(written) > 20
    for name, node in written.items():
        (decorator,) = map(ast.unparse, node.decorator_list)
        assert "eq=False, repr=False" in decorator, name


def test_a_result_is_one_short_line() -> None:
    trend = staffing_trend(load_staffing(), "東北", 2024)
    shown = repr(trend)
    assert "\n" not in shown
    assert shown.startswith(
        "StaffingTrend(area=<tohoku 東北>, series=<27 rows, columns fiscal_year"
    )
    assert len(repr(staffing_projection(load_staffing(), find_area("05"), 2024))) < 1500


def test_a_result_can_be_compared() -> None:
    one, other = (staffing_trend(load_staffing(), "東北", 2024) for _ in range(2))
    assert one == one
    assert one != other
    assert len({one, other}) == 2
