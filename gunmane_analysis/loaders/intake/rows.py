"""The rows under the headings: each classified, each cell read, every fault with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from gunmane_analysis.areas.code_reading import CodeForm
from gunmane_analysis.loaders.intake.cells import CellReader, Stored
from gunmane_analysis.loaders.intake.codes import (
    CodeCell,
    NoCode,
    check_name,
    code_of_place,
    column_form,
    form_of_format,
    looks_like_code,
    read_code_cell,
)
from gunmane_analysis.loaders.intake.forms import Form
from gunmane_analysis.loaders.intake.layout import Binding, Layout
from gunmane_analysis.loaders.reading.plain_text import half_width, heading_key, plain_minus
from gunmane_analysis.loaders.reading.remarks import Remark, Remarks, shortened

ROWS_AT_MOST = 200_000
_TOTAL = re.compile(
    r"(?:総|合|小|市町村|市区町村|区市町村|都道府県|町村|市|全国|県|都|府|道|郡|特別区|一部事務組合等?)*計"
    r"|合計|総計|総数|全国|全国総数|(?:全国)?市(?:区)?町村?(?:合計|総数)|.*平均"
)
_PREFECTURE_TOTAL = re.compile(r".+[都道府県]計")
_FOOTNOTE = re.compile(r"[\s　]*(?:[※＊*注（(〔［\[]|出典|資料|備考|単位|出所|[0-9０-９]+[)）．.、 　])")
_BLANKS = frozenset("-—－―")


@dataclass(frozen=True)
class Row:
    """One accepted row.

    Attributes
    ----------
    number : int
        As the reader of the file counts it.
    code : str
        Five digits (two for a prefecture); empty where the source has no code.
    level : str
    values : dict
        By binding key: float, text, or None where a mark stands.
    statuses : dict
        By binding key, only where a mark or an empty cell stands.
    """

    number: int
    code: str
    level: str
    name: str
    values: dict[str, Stored]
    statuses: dict[str, str] = field(default_factory=dict)
    is_total: bool = False
    delivered_code: str = ""


@dataclass(frozen=True)
class Times:
    """What is known of a file's time before its rows are read."""

    fiscal_year: int | None = None
    as_of_on: str | None = None

    @property
    def day(self) -> str | None:
        """The ISO date of the figures, by which codes must be in force."""
        if self.as_of_on is not None:
            return self.as_of_on
        return None if self.fiscal_year is None else f"{self.fiscal_year}-04-01"


def read_rows(layout: Layout, form: Form, times: Times, remarks: Remarks) -> list[Row]:
    """Read every row under the headings; what is no row of data is said in the remarks.

    Returns
    -------
    list of Row
        Rows of areas (or events) and, with ``is_total``, rows of totals, in file order.
    """
    reader = _RowReader(layout, form, times, remarks)
    rows = [row for position in reader.positions() if (row := reader.read(position)) is not None]
    reader.finish()
    return rows


class _RowReader:
    """Reads the rows of one table; keeps what is common to all of them."""

    def __init__(self, layout: Layout, form: Form, times: Times, remarks: Remarks) -> None:
        self.layout = layout
        self.form = form
        self.times = times
        self.remarks = remarks
        self.sheet = layout.sheet
        self.cells = CellReader(layout, form, remarks)
        self.code = layout.of_kind("code")
        self.name = layout.of_kind("name")
        self.prefecture = layout.of_kind("prefecture_name")
        self.year = layout.of_kind("fiscal_year")
        self.fill = _merged_texts(layout)
        self.hidden = set(self.sheet.hidden_rows)
        self.code_form: CodeForm = self._code_form()
        self.code_formats = self._code_formats()
        self.headings = {heading_key(binding.heading.rpartition("/")[2]) for binding in layout.bindings}
        self.numeric_columns = {b.column for b in layout.bindings if b.field.is_numeric}
        self.footnotes: list[int] = []
        self.hidden_read: list[int] = []
        self.no_successor: list[tuple[int, str]] = []
        self.is_over = False

    def positions(self) -> Iterator[int]:
        """Yield the positions of the rows that hold anything."""
        last = len(self.sheet.rows)
        if last - self.layout.first_row > ROWS_AT_MOST:
            self._say("fault", self.layout.first_row, None, f"行が {ROWS_AT_MOST:,} を超えます。",
                      advice="年度や県ごとに分けてください。")
            last = self.layout.first_row + ROWS_AT_MOST
        for position in range(self.layout.first_row, last):
            if any(text.strip() for text in self.sheet.rows[position]):
                yield position
                if self.is_over:
                    return

    def _code_form(self) -> CodeForm:
        if self.code is None or self.form.code_form != "auto":
            return "any" if self.form.code_form == "auto" else self.form.code_form
        column = self.code.column
        rows = self.sheet.rows[self.layout.first_row :]
        return column_form(row[column] for row in rows if column < len(row))

    def _code_formats(self) -> dict[int, CodeForm]:
        if self.code is None:
            return {}
        return {
            row: found
            for code, positions in self.sheet.formats.items()
            if (found := form_of_format(code))
            for row, column in positions
            if column == self.code.column
        }

    def text(self, position: int, binding: Binding | None) -> str:
        """Return a cell's text; of a merged range, its upper left cell's."""
        if binding is None:
            return ""
        own = self.sheet.text(position, binding.column)
        return own or self.fill.get((position, binding.column), "")

    def read(self, position: int) -> Row | None:
        """Read one row, or say what it is."""
        texts = self.sheet.rows[position]
        if self._is_heading_again(position):
            self.is_over = True
            self._say(
                "fault", position, None,
                f"{self.sheet.number_of(position)}行目に、もう一つの表の見出しがあります。",
                value=shortened("、".join(text for text in texts if text.strip())),
                expected="一つのシートに一つの表", advice="表ごとにシートかファイルを分けてください。",
                rule="2-2",
            )
            return None
        if not self._has_same_width(position, texts):
            return None
        if position in self.hidden:
            self.hidden_read.append(position)
        code_text = self.text(position, self.code).strip()
        code_text = "" if plain_minus(code_text) == "-" else self._without_prefix(code_text)
        if not looks_like_code(code_text) and self._is_footnote(position, texts):
            self.footnotes.append(position)
            return None
        total = self._is_total(position, code_text, texts)
        if total and not looks_like_code(code_text):
            return self._total_row(position, texts)
        if self.code is None and self.form.key != "prefecture_and_name":
            return self._event_row(position)
        return self._area_row(position, code_text, is_total=total)

    def _event_row(self, position: int) -> Row | None:
        values, statuses = self.cells.read(position, self.times)
        return Row(self.sheet.number_of(position), "", "event", "", values, statuses)

    def _area_row(self, position: int, code_text: str, *, is_total: bool) -> Row | None:
        name = self.text(position, self.name).strip()
        values, statuses = self.cells.read(position, self.times)
        cell = self._code_cell(position, code_text, name, values)
        if cell is None:
            return None
        if "再掲" in name:
            self._say("warning", position, self.name, "（再掲）の行は、足し合わせの対象にしません。",
                      value=name)
            return None
        self._check_name(position, cell, name)
        return Row(
            self.sheet.number_of(position), cell.code, cell.level, name, values, statuses,
            is_total=is_total, delivered_code=cell.delivered_code,
        )

    def _total_row(self, position: int, texts: list[str]) -> Row:
        values, statuses = self.cells.read(position, self.times, is_total=True)
        label = next((text.strip() for text in texts if _TOTAL.fullmatch(heading_key(text))), "計")
        return Row(
            self.sheet.number_of(position), "", "nation", label, values, statuses, is_total=True
        )

    def _code_cell(
        self, position: int, code_text: str, name: str, values: dict[str, Stored]
    ) -> CodeCell | None:
        if self.code is None:
            return self._placed_by_name(position, name)
        if not code_text:
            if self.code.field.is_nullable and self.form.period == "none":
                return CodeCell("", "event")
            self._no_code(position, "", NoCode(
                "団体コードがありません", "5桁または6桁の団体コード",
                "コードを入れるか、注記なら表の外（欄外の行）に移してください。"))
            return None
        year = values.get(self.year.key) if self.year else None
        day = f"{int(year)}-04-01" if isinstance(year, float) else self.times.day
        if day is None and (on := self.layout.of_kind("date")) is not None:
            stated = values.get(on.key)
            day = stated if isinstance(stated, str) else None
        found = read_code_cell(
            code_text,
            self.code_formats.get(position, self.code_form),
            as_of_on=day,
            declared=self.form.declared_areas,
            allows_districts=self.form.allows_districts,
            keeps_former=self.form.declares_former,
        )
        if isinstance(found, NoCode):
            self._no_code(position, code_text, found)
            return None
        if found.note:
            self._say("repair", position, self.code, found.note, value=code_text)
        return found

    def _without_prefix(self, text: str) -> str:
        prefix = self.form.code_prefix
        return half_width(text).removeprefix(prefix) if prefix else text

    def _no_code(self, position: int, value: str, why: NoCode) -> None:
        self._say("fault", position, self.code, f"{why.reason}。", value=value,
                  expected=why.expected, advice=why.advice)

    def _placed_by_name(self, position: int, name: str) -> CodeCell | None:
        prefecture = self.text(position, self.prefecture).strip()
        code = code_of_place(prefecture, name)
        if code is None:
            self.no_successor.append((position, f"{prefecture}{name}"))
            return CodeCell("", "former")
        day = self.times.day or "2020-04-01"
        found = read_code_cell(code, "five", as_of_on=day, declared={})
        if isinstance(found, NoCode):
            self._no_code(position, name, found)
            return None
        if found.note:
            self._say("repair", position, self.name, found.note, value=name)
        return found

    def _check_name(self, position: int, cell: CodeCell, name: str) -> None:
        if not name or set(name) <= _BLANKS or cell.level in ("event", "former"):
            return
        outcome = check_name(cell, name)
        if outcome == "other":
            self._say("fault", position, self.name,
                      f"団体コードと団体名が合いません。{cell.code} は「{_own_name(cell)}」です。",
                      value=name, expected=_own_name(cell),
                      advice="行がずれていないか、番号の打ち間違いでないかを確かめてください。")
        elif outcome == "unknown":
            self._say("warning", position, self.name,
                      f"団体名が、コード {cell.code} の「{_own_name(cell)}」と異なります。コードで読みました。",
                      value=name, advice="旧名・略称・外字でなければ、コードを確かめてください。")

    def _is_heading_again(self, position: int) -> bool:
        keys = [
            heading_key(text)
            for binding in self.layout.bindings
            if (text := self.sheet.text(position, binding.column)).strip()
        ]
        return len(keys) > 1 and sum(key in self.headings for key in keys) >= max(2, len(keys) - 1)

    def _has_same_width(self, position: int, texts: list[str]) -> bool:
        """Check the number of cells of a CSV row; a shifted row is never read."""
        if not self.sheet.is_csv:
            return True
        filled = len(texts)
        while filled and not texts[filled - 1].strip():
            filled -= 1
        width = self.layout.width
        if filled > width or (len(texts) < width and filled > 1 and self._is_data(texts)):
            self._say(
                "fault", position, None,
                f"列の数が {len(texts)} で、見出しの {width} と合いません。",
                value=shortened(",".join(texts)), expected=f"{width} 列",
                advice="桁区切りのコンマ（15,000）が引用符なしで入っていないか、列が欠けていないかを確かめてください。",
            )
            return False
        return True

    def _is_data(self, texts: list[str]) -> bool:
        return self.code is None or looks_like_code(texts[self.code.column] if self.code.column < len(texts) else "")

    def _is_footnote(self, position: int, texts: list[str]) -> bool:
        filled = [text for text in texts if text.strip()]
        has_number = any(
            re.search("[0-9０-９]", self.sheet.text(position, binding.column))
            or (position, binding.column) in self.cells.uncached
            for binding in self.layout.bindings
            if binding.field.is_numeric
        )
        if has_number:
            return False
        return len(filled) == 1 or bool(_FOOTNOTE.match(filled[0])) or (
            self.code is not None and all(set(text.strip()) <= _BLANKS or _FOOTNOTE.match(text) for text in filled)
        )

    def _is_total(self, position: int, code_text: str, texts: list[str]) -> bool:
        if self.code is None and self.form.key != "prefecture_and_name":
            return False
        if code_text and looks_like_code(code_text):
            places = (self.text(position, self.name), self.text(position, self.prefecture))
            return any(_PREFECTURE_TOTAL.fullmatch(heading_key(place)) for place in places)
        words = [
            heading_key(text) for column, text in enumerate(texts)
            if text.strip() and column not in self.numeric_columns
        ]
        return any(_TOTAL.fullmatch(word) or _PREFECTURE_TOTAL.fullmatch(word) for word in words) or (
            "".join(words[:2]) in ("全国市町村平均", "全国市区町村平均")
        )

    def finish(self) -> None:
        """Say once what concerns many rows."""
        if self.footnotes:
            first = self.footnotes[0]
            self._say(
                "warning", first, None,
                f"注記の行 {len(self.footnotes)} 行は、データとして読みません。",
                value=shortened(next(t for t in self.sheet.rows[first] if t.strip())),
            )
        if self.hidden_read:
            filtered = "（絞り込みで隠れた行を含む）" if self.sheet.is_filtered else ""
            self._say(
                "warning", self.hidden_read[0], None,
                f"非表示の行 {len(self.hidden_read)} 行{filtered}も読みました。",
                advice="読んではならない行なら、削除して保存し直してください。",
            )
        if self.no_successor:
            shown = "、".join(name for _, name in self.no_successor[:8])
            self._say(
                "warning", self.no_successor[0][0], self.name,
                f"現在の団体に結び付かない旧団体が {len(self.no_successor)} あります（{shown} など）。"
                "率や指数は足し合わせられないため、表に入れません。",
                advice="合併前の団体です。現在の団体の値が要る場合は、合併後の年度の資料を使ってください。",
            )

    def _say(
        self, level: str, position: int, binding: Binding | None, message: str, *,
        value: str = "", expected: str = "", advice: str = "", rule: str = "",
    ) -> None:
        row = self.sheet.number_of(position)
        self.remarks.add(
            Remark(
                level,  # type: ignore[arg-type]
                message,
                sheet=self.sheet.name,
                row=row,
                column=binding.heading if binding else "",
                cell=f"{binding.letters}{row}" if binding else "",
                value=value,
                expected=expected,
                advice=advice,
                rule=rule,
            )
        )


def _own_name(cell: CodeCell) -> str:
    from gunmane_analysis.areas.master import known_name

    return known_name(cell.code if len(cell.code) == 5 else f"{cell.code}000") or cell.code


def _merged_texts(layout: Layout) -> dict[tuple[int, int], str]:
    """Return the text that a vertically merged range of key columns gives each of its cells."""
    keys = {
        binding.column
        for binding in layout.bindings
        if binding.field.kind in ("code", "name", "prefecture_name", "fiscal_year", "block", "choice")
    }
    filled: dict[tuple[int, int], str] = {}
    for top, left, bottom, right in layout.sheet.merged:
        if left != right or left not in keys or top < layout.first_row:
            continue
        text = layout.sheet.text(top, left) if top < len(layout.sheet.rows) else ""
        for row in range(top + 1, min(bottom + 1, len(layout.sheet.rows))):
            filled[(row, left)] = text
    return filled
