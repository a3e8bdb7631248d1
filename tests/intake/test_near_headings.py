"""A heading that is nearly one that a form lacks: the file is refused, naming the known one."""

from __future__ import annotations

import csv
from collections.abc import Collection
from pathlib import Path

import pytest

from gunmane_analysis.intake.check import Checked, check_file
from gunmane_analysis.intake.forms import Field, read_form
from gunmane_analysis.intake.layout import match_layout, missing_columns, unread_columns
from gunmane_analysis.intake.reading.sheet import Sheet
from gunmane_analysis.intake.template import heading
from gunmane_analysis.tables import describe, table_of_source

FORMS = [
    name
    for name, table_id in table_of_source().items()
    if describe(table_id).sources[name].get("is_form")
]

VALUES = read_form("municipal_staffing").at_least_one_of


def checked_with(
    path: Path,
    source_id: str | None,
    renamed: dict[str, str],
    left_out: Collection[str] = (),
    **given: int,
) -> Checked:
    """Check one row of a form's examples, some headings renamed and some columns left out."""
    fields = read_form(source_id or "municipal_staffing").fields.values()
    fields = [each for each in fields if each.name not in left_out]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([renamed.get(each.name, heading(each)) for each in fields])
        writer.writerow(["" if each.example is None else each.example for each in fields])
    return check_file(path, source_id, **given)


def misspelt(field: Field) -> str:
    """Return a field's label without its second character, with its unit."""
    label = field.label.replace("/", "・")
    return heading(field).replace(label, label[0] + label[2:])


@pytest.mark.parametrize("source_id", FORMS)
def test_a_misspelt_heading_is_named_with_the_one_that_is_meant(source_id: str) -> None:
    form = read_form(source_id)
    for name, field in form.fields.items():
        if len(field.label) < 4 or (name in form.at_least_one_of and not field.is_required):
            continue
        headings = {each.name: heading(each) for each in form.fields.values()}
        headings[name] = misspelt(field)
        sheet = Sheet("", [list(headings.values()), ["1"] * len(headings)], lines=[1, 2])
        match = match_layout(sheet, form)
        assert match.fits is not field.is_required
        told = unread_columns(match.layout, form) if match.layout else missing_columns(match, None)
        (issue,) = [each for each in told if field.label in each.message]
        assert issue.level == "fault"
        assert misspelt(field).partition("（")[0] in issue.message, name


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("source_id", [None, "municipal_staffing"])
def test_the_only_column_of_values_misspelt_is_one_fault(
    source_id: str | None, name: str, tmp_path: Path
) -> None:
    field = read_form("municipal_staffing").fields[name]
    others = set(VALUES) - {name}
    checked = checked_with(tmp_path / "a.csv", source_id, {name: misspelt(field)}, others)
    (fault,) = checked.issues.of("fault")
    assert fault.code == ("column-of-near-name" if source_id else "source-unknown")
    assert f"「{misspelt(field)}」" in fault.message
    assert field.label in fault.message


def test_without_any_column_of_values_a_file_is_refused(tmp_path: Path) -> None:
    checked = checked_with(tmp_path / "a.csv", "municipal_staffing", {}, VALUES)
    assert [each.code for each in checked.issues.of("fault")] == ["value-columns-missing"]


def test_civil_staff_under_another_heading_are_not_lost(tmp_path: Path) -> None:
    renamed = {"civil_staff_count": "土木職員数（人）"}
    checked = checked_with(tmp_path / "a.csv", None, renamed)
    (fault,) = checked.issues.of("fault")
    assert fault.code == "column-of-near-name"
    assert "「土木職員数（人）」" in fault.message and "「土木部門職員数」" in fault.message


def test_a_column_of_ones_own_is_left_out_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("団体コード,年度,土木技師数（人）,庁内メモ\n052043,2024,6,済\n", "utf-8")
    checked = check_file(path)
    assert checked.issues.of("fault") == []
    assert [each.code for each in checked.issues.kept if each.column == "庁内メモ"] == [
        "column-unread"
    ]


@pytest.mark.parametrize("year", ["会計年度", "年度分", "年 度（西暦）"])
def test_a_year_under_another_heading_is_refused_though_a_year_is_given(
    year: str, tmp_path: Path
) -> None:
    """The column may say another year than the one that is given."""
    checked = checked_with(
        tmp_path / "a.csv", "municipal_staffing", {"fiscal_year": year}, fiscal_year=2023
    )
    (fault,) = [each for each in checked.issues.of("fault") if each.code == "column-of-near-name"]
    assert (fault.row, fault.column) == (1, year)
    assert "「年度」" in fault.advice


def test_a_file_of_no_known_source_names_the_nearest_heading_too(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("団体コード,団体名,年度,職員総数（人）\n052043,大館市,2024,600\n", "utf-8")
    (fault,) = check_file(path).issues.of("fault")
    assert fault.code == "source-unknown"
    assert "似た見出し「職員総数（人）」" in fault.message
