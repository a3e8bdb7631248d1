"""The cells of one row, each read as its field declares, every fault with its place."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from gunmane_analysis.areas import list_areas
from gunmane_analysis.areas.code_reading import CodeForm
from gunmane_analysis.intake.codes import CodeError, column_form, read_code_cell
from gunmane_analysis.intake.forms import Form
from gunmane_analysis.intake.layout import ColumnMatch, Layout
from gunmane_analysis.intake.reading.dates import NoDate, read_date, read_fiscal_year
from gunmane_analysis.intake.reading.issues import Issues, Level, shortened
from gunmane_analysis.intake.reading.numbers import Mark, NoNumber, Number, read_number
from gunmane_analysis.intake.reading.plain_text import half_width, name_key
from gunmane_analysis.intake.reporter import Reporter

Stored = float | str | bool | None
_YES = frozenset({"有", "あり", "はい", "○", "〇", "◯", "加入", "参加", "1", "true", "該当"})
_NO = frozenset({"無", "なし", "いいえ", "×", "未加入", "不参加", "0", "false", "非該当", "-"})
_LONGEST_TEXT = 2_000


def _places(binding: ColumnMatch) -> bool:
    """Whether a column says where a row is, which is read elsewhere."""
    kind, name = binding.field.kind, binding.field.name
    return kind in ("name", "prefecture_name") or (kind, name) == ("code", "municipality_code")


class CellReader:
    """Reads the cells of rows under one layout."""

    def __init__(self, layout: Layout, form: Form, issues: Issues) -> None:
        self.layout = layout
        self.form = form
        self.sheet = layout.sheet
        self.reporter = Reporter(layout.sheet, issues)
        self.uncached = {(row, column): formula for row, column, formula in self.sheet.uncached}
        self.bindings = [binding for binding in layout.bindings if not _places(binding)]
        self.code_forms: dict[int, CodeForm] = {}

    def read(
        self, position: int, *, is_total: bool = False
    ) -> tuple[dict[str, Stored], dict[str, str]]:
        """Return a row's values and the statuses of those that are missing.

        In a row of totals only numbers are read, and a cell that is none is no fault.
        """
        values: dict[str, Stored] = {}
        statuses: dict[str, str] = {}
        for binding in self.bindings:
            text = self.sheet.text(position, binding.column)
            if is_total and not binding.field.is_numeric:
                year = read_fiscal_year(text)
                if binding.field.kind == "fiscal_year" and isinstance(year, int):
                    values[binding.key] = float(year)
                continue
            kind = self.sheet.kind(position, binding.column)
            if self.uncached and (position, binding.column) in self.uncached:
                self._no_cached_value(position, binding)
                continue
            if kind == "e":
                self._fault(
                    position,
                    binding,
                    f"Excel のエラー値 {text} です。",
                    text,
                    "数値",
                    "数式の参照を直し、値として保存し直してください。",
                )
                continue
            if binding.field.is_numeric:
                values[binding.key] = self._number(
                    position, binding, text, kind, statuses, is_total=is_total
                )
            else:
                values[binding.key] = self._other(position, binding, text, statuses)
        return values, statuses

    def _no_cached_value(self, position: int, binding: ColumnMatch) -> None:
        formula = self.uncached[(position, binding.column)]
        self._fault(
            position,
            binding,
            f"数式（={shortened(formula)}）に計算結果が保存されていません。",
            f"={formula}",
            "計算済みの値",
            "Excel で開いて保存し直すと、計算結果が保存されます。",
            rule="1-7",
        )

    def _number(
        self,
        position: int,
        binding: ColumnMatch,
        text: str,
        kind: str,
        statuses: dict[str, str],
        *,
        is_total: bool,
    ) -> float | None:
        entry = binding.field
        if kind in ("d", "b"):
            if not is_total:
                word = "日付" if kind == "d" else "真偽の値"
                self._fault(
                    position,
                    binding,
                    f"数値の列に{word}があります。",
                    text,
                    "数値",
                    "セルの表示形式を「標準」に直し、元の資料と照らし合わせてください。",
                )
            return None
        found = read_number(
            text, self.form.marks, is_stored_number=kind == "n", is_percent=entry.is_percent
        )
        if isinstance(found, Mark):
            statuses[binding.key] = found.status
            if found.status == "empty" and not entry.is_nullable and not is_total:
                self._fault(
                    position,
                    binding,
                    "値がありません。",
                    text,
                    entry.label,
                    "値を入れるか、不詳なら「…」と書いてください。",
                )
            return None
        if isinstance(found, NoNumber):
            if not is_total:
                self._fault(
                    position, binding, f"{found.reason}。", text, found.expected, found.advice
                )
            return None
        return self._within(position, binding, text, found, is_total=is_total)

    def _within(
        self, position: int, binding: ColumnMatch, text: str, found: Number, *, is_total: bool
    ) -> float | None:
        entry, value = binding.field, found.value
        if found.note:
            self._say("repair", position, binding, found.note, text)
        if entry.kind == "count" and not value.is_integer():
            self._fault(
                position,
                binding,
                "整数の列に端数があります。",
                text,
                "整数",
                "短時間勤務の換算などが混ざっていないか、元の資料で確かめてください。",
            )
            return None
        if is_total:
            return value * binding.scale
        stored = value * binding.scale
        if entry.low is not None and stored < entry.low:
            self._fault(
                position,
                binding,
                "値が小さすぎます。" if value >= 0 else "負の値です。",
                text,
                f"{entry.low:g} 以上",
                "元の資料と照らし合わせてください。",
            )
            return None
        if entry.high is not None and stored > entry.high:
            self._fault(
                position,
                binding,
                "値が大きすぎます。",
                text,
                f"{entry.high / binding.scale:,.0f} 以下",
                "単位（千円・円など）の取り違えがないか確かめてください。",
            )
            return None
        return stored

    def _other(
        self, position: int, binding: ColumnMatch, text: str, statuses: dict[str, str]
    ) -> Stored:
        entry = binding.field
        plain = half_width(text)
        if not plain or (entry.kind != "flag" and plain in self.form.marks):
            statuses[binding.key] = "empty" if not plain else self.form.marks[plain]
            if entry.is_required:
                self._fault(
                    position,
                    binding,
                    f"「{entry.label}」がありません。",
                    text,
                    entry.label,
                    "値を入れてください。",
                )
            return None
        if entry.kind == "date":
            return self._date(position, binding, text)
        if entry.kind == "fiscal_year":
            year = read_fiscal_year(text)
            if isinstance(year, int):
                return float(year)
            self._no_date(position, binding, text, year)
            return None
        if entry.kind in ("choice", "choices"):
            return self._choice(position, binding, text)
        if entry.kind == "flag":
            return self._flag(position, binding, plain)
        if entry.kind == "block":
            return self._block(position, binding, text)
        if entry.kind == "prefecture":
            return self._prefecture(position, binding, plain)
        if entry.kind == "code":
            return self._second_code(position, binding, plain)
        return self._text(position, binding, text)

    def _text(self, position: int, binding: ColumnMatch, text: str) -> str | None:
        if self.sheet.kind(position, binding.column) == "n":
            found = read_number(text, {}, is_stored_number=True)
            if isinstance(found, NoNumber):
                self._fault(
                    position, binding, f"{found.reason}。", text, found.expected, found.advice
                )
                return None
        if len(text) > _LONGEST_TEXT:
            self._fault(
                position,
                binding,
                f"文字が {_LONGEST_TEXT:,} を超えます。",
                text[:40],
                f"{_LONGEST_TEXT:,} 文字以下",
                "要点だけを書いてください。",
            )
            return None
        return text.strip()

    def _date(self, position: int, binding: ColumnMatch, text: str) -> str | None:
        is_number = self.sheet.kind(position, binding.column) == "n"
        found = read_date(text, is_stored_number=is_number, uses_1904=self.sheet.uses_1904)
        if isinstance(found, NoDate):
            self._no_date(position, binding, text, found)
            return None
        if is_number:
            self._say(
                "repair",
                position,
                binding,
                f"日付の通し番号を {found.isoformat()} と読みました。",
                text,
            )
        return found.isoformat()

    def _no_date(self, position: int, binding: ColumnMatch, text: str, why: NoDate) -> None:
        self._fault(position, binding, f"{why.reason}。", text, why.expected, why.advice)

    def _choice(self, position: int, binding: ColumnMatch, text: str) -> str | None:
        choices = {name_key(word): stored for word, stored in binding.field.choices.items()}
        choices |= {name_key(word): each for word, each in binding.field.synonyms.items()}
        choices |= {stored: stored for stored in binding.field.choices.values()}
        is_many = binding.field.kind == "choices"
        keys = [name_key(text)]
        if is_many and keys[0] not in choices:
            parts = (
                text.replace("、", "・").replace(";", "・").replace("；", "・").replace("/", "・")
            )
            keys = [name_key(part) for part in parts.split("・") if part.strip()]
        unknown = [key for key in keys if key not in choices]
        if unknown or not keys:
            self._fault(
                position,
                binding,
                f"「{shortened('・'.join(unknown))}」は選べません。",
                text,
                "、".join(binding.field.choices),
                "様式の選択肢から選んでください。",
            )
            return None
        return ";".join(dict.fromkeys(choices[key] for key in keys))

    def _second_code(self, position: int, binding: ColumnMatch, plain: str) -> str | None:
        """Read a code beside the row's own (a neighbour's)."""
        found = read_code_cell(
            plain, self._code_form(binding.column), as_of_on="2020-04-01", declared={}
        )
        if isinstance(found, CodeError):
            self._fault(position, binding, f"{found.reason}。", plain, found.expected, found.advice)
            return None
        return found.code

    def _code_form(self, column: int) -> CodeForm:
        """Return whether a column's codes have five or six digits, from all of its cells."""
        if self.form.code_form != "auto":
            return self.form.code_form
        if column not in self.code_forms:
            rows = self.sheet.rows[self.layout.first_row :]
            self.code_forms[column] = column_form(row[column] for row in rows if column < len(row))
        return self.code_forms[column]

    def _flag(self, position: int, binding: ColumnMatch, plain: str) -> bool | None:
        word = plain.lower()
        if word in _YES or word in _NO:
            return word in _YES
        self._fault(
            position,
            binding,
            "有無が読み取れません。",
            plain,
            "有 または 無",
            "「有」か「無」で書いてください。",
        )
        return None

    def _block(self, position: int, binding: ColumnMatch, text: str) -> str | None:
        blocks = _blocks()
        key = name_key(text)
        for candidate in (key, key.removesuffix("フォーラム"), key.removesuffix("地方")):
            if candidate in blocks:
                return blocks[candidate]
        self._fault(
            position,
            binding,
            "地方の名前が見つかりません。",
            text,
            "、".join(area.name for area in list_areas("block")),
            "名前を確かめてください。",
        )
        return None

    def _prefecture(self, position: int, binding: ColumnMatch, plain: str) -> str | None:
        """Read a prefecture's name, or its code with or without the leading zero."""
        for area in list_areas("prefecture"):
            if plain in (area.name, area.name[:-1], area.area_id, area.area_id.lstrip("0")):
                return area.area_id
        self._fault(
            position,
            binding,
            "都道府県の名前が見つかりません。",
            plain,
            "秋田県 のような名前か、05 のような2桁のコード",
            "名前を確かめてください。",
        )
        return None

    def _fault(
        self,
        position: int,
        binding: ColumnMatch,
        message: str,
        value: str,
        expected: str,
        advice: str,
        rule: str = "",
    ) -> None:
        self._say("fault", position, binding, message, value, expected, advice, rule)

    def _say(
        self,
        level: Level,
        position: int,
        binding: ColumnMatch,
        message: str,
        value: str,
        expected: str = "",
        advice: str = "",
        rule: str = "",
    ) -> None:
        self.reporter.add(
            level,
            position,
            binding,
            message,
            value=value,
            expected=expected,
            advice=advice,
            rule=rule,
        )


@functools.cache
def _blocks() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for area in list_areas("block"):
        for name in (area.area_id, area.name, area.name.removesuffix("地方")):
            found[name_key(name)] = area.area_id
    return found
