"""A table held against 総務省「統計表における機械判読可能なデータの表記方法の統一ルール」(2020).

Warnings only, with the number of the check item; none of them keeps a file out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gunmane_analysis.intake.forms import Form
from gunmane_analysis.intake.layout import ColumnMatch, Layout
from gunmane_analysis.intake.reading.issues import Issue, shortened
from gunmane_analysis.intake.reading.plain_text import half_width, heading_key, split_unit

# Characters whose code differs between systems: enclosed, Roman numerals, units, era names.
_SYSTEM_DEPENDENT = re.compile("[①-⑳㈠-㉃㊀-㊰㋀-㋾Ⅰ-ⅿ㍉-㏿㍱-㍿㈱㈲㈹№℡㊤-㊨\u32ff]")
_SCALED = re.compile(r"[0#],+(?![0#?])")  # a comma after the last digit divides by 1,000
_ERA_ONLY = re.compile(r"^(?:明治|大正|昭和|平成|令和|[MTSHR])\s*(?:元|[0-9]{1,2})(?:年度?)?$")


def lint(layout: Layout, form: Form) -> Iterator[Issue]:
    """Yield one warning per rule that the table breaks, naming the first place."""
    sheet = layout.sheet
    body = range(layout.first_row, len(sheet.rows))
    if sheet.merged:
        top = sheet.merged[0][0]
        yield _warn(
            layout,
            "1-4",
            f"結合されたセルが {len(sheet.merged)} か所あります。",
            top,
            "セルの結合を解き、1行に1件を書いてください。",
        )
    if sheet.formula_count:
        yield _warn(
            layout,
            "1-7",
            f"数式のセルが {sheet.formula_count} あります。",
            layout.first_row,
            "数式を値に直してください。",
        )
    if sheet.has_objects:
        yield _warn(
            layout,
            "1-8",
            "図形や画像などのオブジェクトがあります。",
            0,
            "オブジェクトを削除してください。",
        )
    yield from _scaling_formats(layout)
    yield from _text_numbers(layout, body)
    yield from _layout_spaces(layout, body)
    yield from _units(layout)
    yield from _system_dependent(layout)
    yield from _years(layout, body)
    yield from _marks(layout, form, body)
    yield from _gaps(layout, body)
    if layout.of_kind("code") is None and form.period != "none":
        yield _warn(
            layout,
            "1-12",
            "地域コードの列がありません。名前で読みました。",
            layout.first_heading_row,
            "団体コードの列を加えてください。",
        )


def _warn(
    layout: Layout,
    rule: str,
    message: str,
    position: int,
    advice: str,
    binding: ColumnMatch | None = None,
    value: str = "",
) -> Issue:
    row = layout.sheet.number_of(min(position, max(len(layout.sheet.rows) - 1, 0)))
    return Issue(
        "warning",
        message,
        sheet=layout.sheet.name,
        row=row,
        column=binding.heading if binding else "",
        cell=f"{binding.letters}{row}" if binding else "",
        value=value,
        advice=advice,
        rule=rule,
    )


def _numeric(layout: Layout) -> list[ColumnMatch]:
    return [binding for binding in layout.bindings if binding.field.is_numeric]


def _scaling_formats(layout: Layout) -> Iterator[Issue]:
    """Warn where a cell looks like another number than it stores; the stored one is read."""
    columns = {binding.column: binding for binding in _numeric(layout)}
    for code, positions in layout.sheet.formats.items():
        positive = code.split(";")[0]
        if not (_SCALED.search(positive) or "%" in positive):
            continue
        inside = [(r, c) for r, c in positions if c in columns and r >= layout.first_row]
        if inside:
            row, column = inside[0]
            yield _warn(
                layout,
                "1-3",
                f"表示と値の異なる書式「{shortened(code)}」のセルが {len(inside)} あります。"
                "保存された値で読みました。",
                row,
                "表示形式を「標準」に直してください。",
                columns[column],
                layout.sheet.text(row, column),
            )


def _text_numbers(layout: Layout, body: range) -> Iterator[Issue]:
    for binding in _numeric(layout):
        if layout.sheet.is_csv:
            places = [r for r in body if "," in layout.sheet.text(r, binding.column)]
            message = "桁区切りのある数値が {} あります。"
        else:
            places = [
                r
                for r in body
                if layout.sheet.kind(r, binding.column) == "s"
                and re.search("[0-9０-９]", layout.sheet.text(r, binding.column))
            ]
            message = "文字列で保存された数値が {} あります。数値に直して読みました。"
        if places:
            yield _warn(
                layout,
                "1-3",
                message.format(len(places)),
                places[0],
                "数値は数値として、桁区切りのない形で保存してください。",
                binding,
                layout.sheet.text(places[0], binding.column),
            )


def _layout_spaces(layout: Layout, body: range) -> Iterator[Issue]:
    for binding in layout.bindings:
        if binding.field.kind not in ("name", "prefecture_name", "code"):
            continue
        for row in body:
            text = layout.sheet.text(row, binding.column)
            if text and (text != text.strip() or "\n" in text or "　" in text.strip()):
                yield _warn(
                    layout,
                    "1-5",
                    "空白や改行で体裁を整えたセルがあります。",
                    row,
                    "空白と改行を取り除いてください。",
                    binding,
                    shortened(text),
                )
                break


def _units(layout: Layout) -> Iterator[Issue]:
    titles = "".join(
        heading_key(cell)
        for row in range(layout.first_row)
        for cell in layout.sheet.rows[row]
        if cell
    )
    if "単位" in titles:
        return
    for binding in _numeric(layout):
        parts = [split_unit(heading_key(part)) for part in binding.heading.split("/")]
        if f"({binding.field.unit.replace('/', '・')})" in heading_key(binding.heading):
            continue  # a unit such as 日/年度, as our own forms write it
        if binding.field.unit and not any(
            unit or name == binding.field.unit for name, unit in parts
        ):
            yield _warn(
                layout,
                "1-9",
                "数値の単位が書かれていません。",
                layout.first_heading_row,
                f"見出しに単位（{binding.field.unit}）を書いてください。",
                binding,
            )
            return


def _system_dependent(layout: Layout) -> Iterator[Issue]:
    for row, cells in enumerate(layout.sheet.rows):
        if match := _SYSTEM_DEPENDENT.search(" ".join(cells)):
            cell = next(cell for cell in cells if match[0] in cell)
            yield _warn(
                layout,
                "1-10",
                f"機種依存文字「{match[0]}」があります。",
                row,
                "(1)、III、平方メートルのように書き換えてください。",
                value=shortened(cell),
            )
            return


def _years(layout: Layout, body: range) -> Iterator[Issue]:
    binding = layout.of_kind("fiscal_year")
    if binding is None:
        return
    for row in body:
        text = half_width(layout.sheet.text(row, binding.column))
        if _ERA_ONLY.fullmatch(text):
            yield _warn(
                layout,
                "1-11",
                "和暦だけの年があります。",
                row,
                "西暦を書くか、併記してください。",
                binding,
                text,
            )
            return


def _marks(layout: Layout, form: Form, body: range) -> Iterator[Issue]:
    for binding in _numeric(layout):
        for row in body:
            text = half_width(layout.sheet.text(row, binding.column))
            if text and text in form.marks:
                yield _warn(
                    layout,
                    "1-13",
                    f"数値の列に記号「{text}」があります。0 には数えません。",
                    row,
                    "記号は数値と別の列に書いてください。",
                    binding,
                    text,
                )
                break


def _gaps(layout: Layout, body: range) -> Iterator[Issue]:
    blank = [r for r in body if not any(cell.strip() for cell in layout.sheet.rows[r])]
    inner = [r for r in blank if r + 1 < len(layout.sheet.rows) and r + 1 not in blank]
    code = layout.of_kind("code")
    if inner and code is not None and any(layout.sheet.text(r + 1, code.column) for r in inner):
        yield _warn(
            layout,
            "2-1",
            f"表の途中に空白の行が {len(inner)} か所あります。飛ばして読みました。",
            inner[0],
            "空白の行を削除してください。",
        )
