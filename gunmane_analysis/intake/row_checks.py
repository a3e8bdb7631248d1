"""Checks across the cells and rows of one table: keys twice, dates and bounds the wrong way."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from gunmane_analysis.areas import list_areas
from gunmane_analysis.intake.forms import Form
from gunmane_analysis.intake.layout import Layout
from gunmane_analysis.intake.reading.issues import Issue, shortened
from gunmane_analysis.intake.rows import Row


def duplicate_keys(rows: Sequence[Row], form: Form, layout: Layout) -> list[Issue]:
    """Report rows with the same key."""
    seen: dict[tuple[object, ...], int] = {}
    issues = []
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
            issues.append(
                Issue(
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
    return issues


def choices_incomplete(rows: Sequence[Row], form: Form, layout: Layout) -> list[Issue]:
    """Report where not every choice of a column has its row (a stage without its 0)."""
    if not form.complete_choices:
        return []
    field = form.fields[form.complete_choices]
    rest = [name for name in form.key_columns if name != field.name]
    groups: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row.values.get(name) for name in rest), []).append(row)
    issues = []
    for members in groups.values():
        there = {row.values.get(field.name) for row in members}
        missing = [word for word, stored in field.choices.items() if stored not in there]
        if missing:
            issues.append(
                Issue(
                    "fault",
                    f"「{field.label}」の{'、'.join(missing)}の行がありません。",
                    sheet=layout.sheet.name,
                    row=members[0].number,
                    column=field.label,
                    expected=f"{'、'.join(field.choices)} が1行ずつ",
                    advice="0件の段階にも、0 の行を置いてください。",
                )
            )
    return issues


def dates_out_of_order(rows: Sequence[Row], form: Form, layout: Layout) -> list[Issue]:
    """Report dates of one row that go backwards."""
    issues = []
    for row in rows:
        dated = [
            (name, str(row.values[name]))
            for name in form.dates_in_order
            if isinstance(row.values.get(name), str)
        ]
        for (earlier, first), (later, second) in pairwise(dated):
            if second < first:
                issues.append(
                    Issue(
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
    return issues


def inverted_ranges(rows: Sequence[Row], form: Form, layout: Layout) -> list[Issue]:
    """Report rows whose lower bound of a range lies above its upper bound."""
    stems = [name.removesuffix("_low") for name in form.fields if name.endswith("_low")]
    pairs = [(f"{stem}_low", f"{stem}_high") for stem in stems if f"{stem}_high" in form.fields]
    issues = []
    for row in rows:
        for low, high in pairs:
            first, last = row.values.get(low), row.values.get(high)
            if isinstance(first, float) and isinstance(last, float) and last < first:
                label = form.fields[high].label
                issues.append(
                    Issue(
                        "fault",
                        f"「{label}」{last:,.0f} が「{form.fields[low].label}」{first:,.0f} "
                        "より小さくなっています。",
                        sheet=layout.sheet.name,
                        row=row.number,
                        column=label,
                        value=f"{last:,.0f}",
                        expected=f"{first:,.0f} 以上",
                        advice="上限と下限が入れ替わっていないかを確かめてください。",
                    )
                )
    return issues


def step_repeated(rows: Sequence[Row], form: Form, layout: Layout) -> list[Issue]:
    """Report a municipality that enters the step in which it already is."""
    if not {"step_no", "entered_on"} <= set(form.fields):
        return []
    dated = [row for row in rows if isinstance(row.values.get("entered_on"), str)]
    ordered = sorted(dated, key=lambda row: (row.code, str(row.values["entered_on"])))
    return [
        Issue(
            "fault",
            f"{earlier.number}行目と同じ段階が続いています。",
            sheet=layout.sheet.name,
            row=row.number,
            column=form.fields["step_no"].label,
            value=f"{row.values['step_no']:.0f}",
            expected="前の行とは別の段階",
            advice="同じ段階にとどまっているなら、前の行の「最後に状況を確かめた日」を新しくしてください。",
        )
        for earlier, row in pairwise(ordered)
        if row.code == earlier.code
        and isinstance(row.values.get("step_no"), float)
        and row.values["step_no"] == earlier.values.get("step_no")
    ]


def place_missing(rows: Sequence[Row], form: Form, layout: Layout) -> list[Issue]:
    """Report rows without a code whose body is no prefecture, where either may be given."""
    code, name = form.fields.get("municipality_code"), form.fields.get("body_name")
    if form.keeps_prefectures or code is None or name is None or code.is_required:
        return []
    prefectures = {place.name for place in list_areas("prefecture")}
    return [
        Issue(
            "fault",
            f"団体コードがなく、「{shortened(row.name)}」は都道府県の名前ではありません。",
            sheet=layout.sheet.name,
            row=row.number,
            column=code.label,
            value=shortened(row.name),
            expected="市区町村は団体コード、都道府県は「秋田県」のような名前",
            advice="市区町村の団体コードを書いてください。",
        )
        for row in rows
        if not row.code and row.name not in prefectures
    ]
