"""Checks across the rows of one table: keys given twice, dates that go backwards."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from gunmane_analysis.loaders.intake.forms import Form
from gunmane_analysis.loaders.intake.layout import Layout
from gunmane_analysis.loaders.intake.rows import Row
from gunmane_analysis.loaders.reading.remarks import Remark, shortened


def rows_twice(rows: Sequence[Row], form: Form, layout: Layout) -> list[Remark]:
    """Report rows with the same key."""
    seen: dict[tuple[object, ...], int] = {}
    remarks = []
    for row in rows:
        if row.level in ("former",) or not form.key_columns:
            continue
        key = tuple(
            (row.delivered_code or row.code)
            if name == "municipality_code"
            else row.values.get(name)
            for name in form.key_columns
        )
        if None in key and "municipality_code" not in form.key_columns:
            continue
        if key in seen:
            labels = "・".join(
                form.fields[name].label for name in form.key_columns if name in form.fields
            )
            remarks.append(
                Remark(
                    "fault",
                    f"{labels}が {seen[key]}行目と同じです。",
                    sheet=layout.sheet.name,
                    row=row.number,
                    value=shortened(row.name or row.code or str(key[0])),
                    expected=f"{labels}ごとに1行",
                    advice="二重に入った行を削除するか、団体コード・年度の誤りを直してください。",
                )
            )
        else:
            seen[key] = row.number
    return remarks


def choices_incomplete(rows: Sequence[Row], form: Form, layout: Layout) -> list[Remark]:
    """Report where not every choice of a column has its row (a stage without its 0)."""
    if not form.complete_choices:
        return []
    field = form.fields[form.complete_choices]
    rest = [name for name in form.key_columns if name != field.name]
    groups: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row.values.get(name) for name in rest), []).append(row)
    remarks = []
    for members in groups.values():
        there = {row.values.get(field.name) for row in members}
        missing = [word for word, stored in field.choices.items() if stored not in there]
        if missing:
            remarks.append(
                Remark(
                    "fault",
                    f"「{field.label}」の{'、'.join(missing)}の行がありません。",
                    sheet=layout.sheet.name,
                    row=members[0].number,
                    column=field.label,
                    expected=f"{'、'.join(field.choices)} が1行ずつ",
                    advice="0件の段階にも、0 の行を置いてください。",
                )
            )
    return remarks


def dates_out_of_order(rows: Sequence[Row], form: Form, layout: Layout) -> list[Remark]:
    """Report dates of one row that go backwards."""
    remarks = []
    for row in rows:
        dated = [
            (name, str(row.values[name]))
            for name in form.dates_in_order
            if isinstance(row.values.get(name), str)
        ]
        for (earlier, first), (later, second) in pairwise(dated):
            if second < first:
                remarks.append(
                    Remark(
                        "fault",
                        f"「{form.fields[later].label}」"
                        f"{second} が「{form.fields[earlier].label}」{first} より前です。",
                        sheet=layout.sheet.name,
                        row=row.number,
                        column=form.fields[later].label,
                        value=second,
                        expected=f"{first} 以後の日付",
                        advice="日付の打ち間違いを確かめてください。",
                    )
                )
    return remarks
