"""One description a table: it is whole, every form fits its columns, one word a choice."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pandera.errors
import pytest
import yaml

from gunmane_analysis.errors import GunmaneError, TableError
from gunmane_analysis.intake.check import check_file
from gunmane_analysis.intake.forms import read_form, source_ids
from gunmane_analysis.intake.frames import frame_of
from gunmane_analysis.intake.template import heading
from gunmane_analysis.tables import (
    choices,
    codebook,
    describe,
    empty_table,
    label_of,
    table_ids,
    table_of_source,
)
from gunmane_analysis.tables.description import description_from

FORMS = [
    name
    for name, table_id in table_of_source().items()
    if describe(table_id).sources[name].get("is_form")
]
# What says where a row is, and is compared with its code: not stored.
PLACES = {"name", "prefecture_name"}


def filled(source_id: str, path: Path, **given: str) -> Path:
    """Write one row of a form's examples, with other cells for some kinds or names."""
    fields = read_form(source_id).fields.values()
    row = [given.get(each.name, given.get(each.kind, each.example)) for each in fields]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([heading(each) for each in fields])
        writer.writerow(["" if cell is None else cell for cell in row])
    return path


@pytest.mark.parametrize("table_id", table_ids())
def test_a_description_is_whole(table_id: str) -> None:
    table = describe(table_id)
    assert table.title and table.grain
    assert set(table.key) <= set(table.columns)
    assert all(column.label for column in table.columns.values())
    for other in (*table.uses, *table.filled_from):
        describe(other)
    empty = table.empty()
    assert table.check(empty, "空の表") is empty
    assert len(codebook(table.table_id)) == len(table.columns)


@pytest.mark.parametrize("source_id", source_ids())
def test_every_field_of_a_source_has_a_column(source_id: str) -> None:
    table = describe(table_of_source()[source_id])
    if "is_document" in table.sources[source_id]:
        return
    for name, field in read_form(source_id).fields.items():
        assert name in table.columns or field.kind in PLACES, name


@pytest.mark.parametrize("source_id", FORMS)
def test_every_column_of_a_table_is_asked_for_in_its_form(source_id: str) -> None:
    table = describe(table_of_source()[source_id])
    asked = [name for name, column in table.columns.items() if not column.is_derived]
    fields = read_form(source_id).fields
    assert set(asked) <= set(fields)
    assert fields["remark"].label == "備考"


@pytest.mark.parametrize("source_id", FORMS)
def test_what_is_asked_for_is_stored(source_id: str, tmp_path: Path) -> None:
    name = "大館市" if "body_name" in read_form(source_id).fields else "札幌市"
    given = {"code": "052043", "name": "大館市", "body_name": name, "remark": "合成データ"}
    path = filled(source_id, tmp_path / "a.csv", **given)
    checked = check_file(path, source_id)
    faults = [issue.message for issue in checked.issues.of("fault")]
    if source_id == "funnel_counts":  # its four stages come together
        assert all("行がありません" in message for message in faults)
        return
    assert faults == []
    (row,) = frame_of(checked, describe(table_of_source()[source_id])).to_dict("records")
    for name, field in read_form(source_id).fields.items():
        if field.example is not None and field.kind not in PLACES:
            assert not pd.isna(row[name]), name
    assert row["is_synthetic"] is True


@pytest.mark.parametrize("source_id", FORMS)
def test_a_form_handed_out_before_it_had_a_remark_is_found_and_read(
    source_id: str, tmp_path: Path
) -> None:
    given = {"code": "052043", "name": "大館市", "body_name": "大館市"}
    path = filled(source_id, tmp_path / "a.csv", **given)
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    place = rows[0].index("備考")
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(row[:place] + row[place + 1 :] for row in rows)
    assert check_file(path).source_id == source_id


@pytest.mark.parametrize("source_id", FORMS)
def test_a_code_of_five_digits_among_others_is_read_in_every_form(
    source_id: str, tmp_path: Path
) -> None:
    """さいたま市 11100 is also 札幌市清田区 without its zero, but not beside 05204."""
    fields = read_form(source_id).fields.values()
    if not any(field.kind == "code" for field in fields):
        return
    path = filled(source_id, tmp_path / "a.csv", code="11100", name="", prefecture="埼玉県",
                  body_name="さいたま市")  # fmt: skip
    first, second = path.read_text("utf-8").splitlines()
    other = second.replace("11100", "05204").replace("さいたま市", "大館市")
    other = other.replace("埼玉県", "秋田県")
    ids = [name for name in read_form(source_id).key_columns if name.endswith("_id")]
    example = next((str(read_form(source_id).fields[name].example) for name in ids), "")
    other = other.replace(example, f"{example}2", 1) if example else other
    path.write_text("\n".join((first, second, other)) + "\n", encoding="utf-8")
    assert [issue.message for issue in check_file(path, source_id).issues.of("fault")] == []


@pytest.mark.parametrize("word", ["建築物", "建物"])
@pytest.mark.parametrize(
    ("source_id", "column"),
    [("technology_needs", "field"), ("funnel_cases", "field"), ("advisors", "fields"),
     ("contracts", "infrastructure_fields")],
)  # fmt: skip
def test_a_field_has_one_word_and_another_word_for_it_is_read(
    source_id: str, column: str, word: str, tmp_path: Path
) -> None:
    field = read_form(source_id).fields[column]
    assert "建築物" in field.words.values() and "建物" not in field.words.values()
    given = {"code": "052043", "name": "大館市", "body_name": "大館市", column: word}
    (row,) = check_file(filled(source_id, tmp_path / "a.csv", **given), source_id).rows
    assert row.values[column] == "building"


@pytest.mark.parametrize(
    "shared",
    [("field", "contract_field"), ("step_up", "bundling"), ("step_up", "requirement"),
     ("contract_task", "contract_field"), ("stage", "advice_stage")],
)  # fmt: skip
def test_lists_that_share_an_id_share_its_word(shared: tuple[str, str]) -> None:
    one, other = map(choices, shared)
    assert {each: one[each] for each in one.keys() & other.keys()} == {
        each: other[each] for each in one.keys() & other.keys()
    }


@pytest.mark.parametrize("name", ["contract_field", "contract_task", "contractor_form", "pricing",
                                  "amount_basis", "speaker", "step_up"])  # fmt: skip
def test_every_choice_of_contracts_can_be_worded(name: str) -> None:
    for each, word in choices(name).items():
        assert label_of(each) == word


def test_the_codebook_says_unit_choices_and_note() -> None:
    book = codebook("funnel_counts").set_index("column")
    assert book.loc["case_count", "unit"] == "件"
    assert book.loc["stage", "choices"].startswith("considered=マッチング検討")
    assert list(codebook("kpi").columns) == [
        "column", "label", "unit", "dtype", "choices", "required", "note",
    ]  # fmt: skip


def test_every_broken_rule_is_told_at_once_in_japanese() -> None:
    table = empty_table("funnel_counts").reindex(range(3))
    table = table.assign(
        fiscal_year=[2023, 2023, 2010], block_id="tohoku",
        stage=["considered", "considered", "won"],
        case_count=[1, 2, 3], counting_rule="nested", as_of_on=["2024-03-31", "2024-03-31", "春"],
        is_synthetic=False,
    )  # fmt: skip
    with pytest.raises(TableError) as refused:
        describe("funnel_counts").check(table, "試験の表")
    message = str(refused.value)
    repeated = "2行目 年度・地方フォーラム・段階「2023・tohoku・considered」が前の行と同じ"
    for told in ("2016以上", "won", "のどれか", "春", repeated):
        assert told in message
    for word in ("greater_than", "isin", "str_matches", "uniqueness", "pandera"):
        assert word not in message


def test_a_column_of_another_type_or_name_is_told_in_japanese() -> None:
    table = empty_table("kpi").drop(columns="unit").assign(other=1, fiscal_year=1.5)
    with pytest.raises(TableError, match="列「unit」がありません") as refused:
        describe("kpi").check(table, "試験の表")
    assert "列「other」は余分です" in str(refused.value)


def test_the_example_of_contributing_is_a_whole_table() -> None:
    text = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text("utf-8")
    example = text.partition("### A new table")[2].partition("```yaml\n")[2].partition("```")[0]
    table = description_from("snow_depots", yaml.safe_load(example))
    assert list(table.columns) == [
        "municipality_code", "fiscal_year", "vehicle_count", "driver_count", "remark",
        "is_synthetic",
    ]  # fmt: skip
    row = {"municipality_code": "05204", "fiscal_year": 2024, "vehicle_count": 1001.0}
    rows = table.empty().reindex(range(1)).assign(**row, is_synthetic=False)
    with pytest.raises(TableError, match=r"vehicle_count.*1000以下"):
        table.check(rows, "試験の表")
    assert table.docstring().startswith("Load ``snow_depots``: 除雪の体制")


def test_an_unknown_table_is_refused_with_the_names_of_all() -> None:
    with pytest.raises(TableError, match="kpi"):
        describe("no_such_table")


def test_no_error_of_ours_has_the_name_of_a_librarys() -> None:
    """What a cell raised is known by its name: a bare ``SchemaError`` would pass for ours."""
    ours = {GunmaneError, *GunmaneError.__subclasses__()}
    libraries = {name for module in (pandera.errors, pd.errors) for name in dir(module)}
    assert {error.__name__ for error in ours} & libraries == set()
