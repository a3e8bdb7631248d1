"""The rows under the headings: each classified, each cell read, every fault with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from gunmane_analysis.intake.cells import CellReader, Stored
from gunmane_analysis.intake.codes import looks_like_code
from gunmane_analysis.intake.forms import Form
from gunmane_analysis.intake.layout import ColumnMatch, Layout
from gunmane_analysis.intake.old_codes import FormerMunicipality
from gunmane_analysis.intake.placing import AreaResolver, ReferencePeriod
from gunmane_analysis.intake.reading.issues import Issues, shortened
from gunmane_analysis.intake.reading.plain_text import heading_key, plain_minus
from gunmane_analysis.intake.reporter import Reporter

ROWS_AT_MOST = 200_000
_TOTAL = re.compile(
    r"(?:総|合|小|市町村|市区町村|区市町村|都道府県|町村|市|全国|県|都|府|道|郡|特別区|一部事務組合等?)*計"
    r"|合計|総計|総数|全国|全国総数|(?:全国)?市(?:区)?町村?(?:合計|総数)|.*平均"
)
_PREFECTURE_TOTAL = re.compile(r".+[都道府県]計")
_FOOTNOTE = re.compile(
    r"[\s　]*(?:[※＊*注（(〔［\[]|出典|資料|備考|単位|出所|[0-9０-９]+[)）．.、 　])"
)
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


def read_rows(
    layout: Layout,
    form: Form,
    times: ReferencePeriod,
    issues: Issues,
    old: Mapping[str, FormerMunicipality] = MappingProxyType({}),
) -> list[Row]:
    """Read every row under the headings; what is no row of data is said in the issues.

    Returns
    -------
    list of Row
        Rows of areas (or events) and, with ``is_total``, rows of totals, in file order.
    """
    reader = _RowReader(layout, form, times, issues, old)
    rows = [row for position in reader.positions() if (row := reader.read(position)) is not None]
    reader.finish()
    return rows


class _RowReader:
    """Reads the rows of one table; keeps what is common to all of them."""

    def __init__(
        self,
        layout: Layout,
        form: Form,
        times: ReferencePeriod,
        issues: Issues,
        old: Mapping[str, FormerMunicipality],
    ) -> None:
        self.layout = layout
        self.form = form
        self.reporter = Reporter(layout.sheet, issues)
        self.resolver = AreaResolver(layout, form, times, self.reporter, old)
        self.sheet = layout.sheet
        self.cells = CellReader(layout, form, issues)
        self.code, self.name = layout.of_kind("code"), layout.of_kind("name")
        self.prefecture = layout.of_kind("prefecture_name")
        self.fill = _merged_texts(layout)
        self.hidden = set(self.sheet.hidden_rows)
        self.headings = {
            heading_key(binding.heading.rpartition("/")[2]) for binding in layout.bindings
        }
        self.numeric_columns = {b.column for b in layout.bindings if b.field.is_numeric}
        self.footnotes: list[int] = []
        self.hidden_read: list[int] = []
        self.is_over = False

    def positions(self) -> Iterator[int]:
        """Yield the positions of the rows that hold anything."""
        last = len(self.sheet.rows)
        if last - self.layout.first_row > ROWS_AT_MOST:
            self.reporter.add(
                "fault",
                self.layout.first_row,
                None,
                f"行が {ROWS_AT_MOST:,} を超えます。",
                advice="年度や県ごとに分けてください。",
            )
            last = self.layout.first_row + ROWS_AT_MOST
        for position in range(self.layout.first_row, last):
            if any(text.strip() for text in self.sheet.rows[position]):
                yield position
                if self.is_over:
                    return

    def text(self, position: int, binding: ColumnMatch | None) -> str:
        """Return a cell's text; of a merged range, its upper left cell's."""
        if binding is None:
            return ""
        own = self.sheet.text(position, binding.column)
        return own or self.fill.get((position, binding.column), "")

    def read(self, position: int) -> Row | None:
        """Read one row, or say what it is."""
        texts = self.sheet.rows[position]
        code_text = self.text(position, self.code).strip()
        code_text = "" if plain_minus(code_text) == "-" else self.resolver.without_prefix(code_text)
        if not looks_like_code(code_text) and self._is_heading_again(position):
            self.is_over = True
            self.reporter.add(
                "fault",
                position,
                None,
                f"{self.sheet.number_of(position)}行目に、もう一つの表の見出しがあります。",
                value=shortened("、".join(text for text in texts if text.strip())),
                expected="一つのシートに一つの表",
                advice="表ごとにシートかファイルを分けてください。",
                rule="2-2",
            )
            return None
        if not self._has_same_width(position, texts):
            return None
        if position in self.hidden:
            self.hidden_read.append(position)
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
        values, statuses = self.cells.read(position)
        return Row(self.sheet.number_of(position), "", "event", "", values, statuses)

    def _area_row(self, position: int, code_text: str, *, is_total: bool) -> Row | None:
        name = self.text(position, self.name).strip()
        values, statuses = self.cells.read(position)
        prefecture = self.text(position, self.prefecture).strip()
        cell = self.resolver.place(position, code_text, prefecture, name, values)
        if cell is None:
            return None
        if "再掲" in name:
            self.reporter.add(
                "warning",
                position,
                self.name,
                "（再掲）の行は、足し合わせの対象にしません。",
                value=name,
            )
            return None
        self.resolver.check_name(position, cell, name)
        return Row(
            self.sheet.number_of(position),
            cell.code,
            cell.level,
            name,
            values,
            statuses,
            is_total=is_total,
            delivered_code=cell.delivered_code,
        )

    def _total_row(self, position: int, texts: list[str]) -> Row:
        values, statuses = self.cells.read(position, is_total=True)
        label = next((text.strip() for text in texts if _TOTAL.fullmatch(heading_key(text))), "計")
        return Row(
            self.sheet.number_of(position), "", "nation", label, values, statuses, is_total=True
        )

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
            self.reporter.add(
                "fault",
                position,
                None,
                f"列の数が {len(texts)} で、見出しの {width} と合いません。",
                value=shortened(",".join(texts)),
                expected=f"{width} 列",
                advice="桁区切りのコンマ（15,000）が引用符なしで入っていないか、列が欠けていないかを確かめてください。",
            )
            return False
        return True

    def _is_data(self, texts: list[str]) -> bool:
        return self.code is None or looks_like_code(
            texts[self.code.column] if self.code.column < len(texts) else ""
        )

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
        return (
            len(filled) == 1
            or bool(_FOOTNOTE.match(filled[0]))
            or (
                self.code is not None
                and all(set(text.strip()) <= _BLANKS or _FOOTNOTE.match(text) for text in filled)
            )
        )

    def _is_total(self, position: int, code_text: str, texts: list[str]) -> bool:
        if self.code is None and self.form.key != "prefecture_and_name":
            return False
        if code_text and looks_like_code(code_text):
            places = (self.text(position, self.name), self.text(position, self.prefecture))
            return any(_PREFECTURE_TOTAL.fullmatch(heading_key(place)) for place in places)
        words = [
            heading_key(text)
            for column, text in enumerate(texts)
            if text.strip() and column not in self.numeric_columns
        ]
        return any(
            _TOTAL.fullmatch(word) or _PREFECTURE_TOTAL.fullmatch(word) for word in words
        ) or ("".join(words[:2]) in ("全国市町村平均", "全国市区町村平均"))

    def finish(self) -> None:
        """Say once what concerns many rows."""
        if self.footnotes:
            first = self.footnotes[0]
            self.reporter.add(
                "warning",
                first,
                None,
                f"注記の行 {len(self.footnotes)} 行は、データとして読みません。",
                value=shortened(next(t for t in self.sheet.rows[first] if t.strip())),
            )
        if self.hidden_read:
            filtered = "（絞り込みで隠れた行を含む）" if self.sheet.is_filtered else ""
            self.reporter.add(
                "warning",
                self.hidden_read[0],
                None,
                f"非表示の行 {len(self.hidden_read)} 行{filtered}も読みました。",
                advice="読んではならない行なら、削除して保存し直してください。",
            )
        if self.resolver.no_successor:
            shown = "、".join(name for _, name in self.resolver.no_successor[:8])
            self.reporter.add(
                "warning",
                self.resolver.no_successor[0][0],
                self.name,
                f"現在の団体に結び付かない旧団体が {len(self.resolver.no_successor)} あります（"
                f"{shown} など）。"
                "率や指数は足し合わせられないため、表に入れません。",
                advice="合併前か改称前の団体です。現在の団体の値が要る場合は、合併後の年度の資料を使ってください。",
            )


def _merged_texts(layout: Layout) -> dict[tuple[int, int], str]:
    """Return the text that a vertically merged range of key columns gives each of its cells."""
    keys = {
        binding.column
        for binding in layout.bindings
        if binding.field.kind
        in ("code", "name", "prefecture_name", "fiscal_year", "block", "choice")
    }
    filled: dict[tuple[int, int], str] = {}
    for top, left, bottom, right in layout.sheet.merged:
        if left != right or left not in keys or top < layout.first_row:
            continue
        text = layout.sheet.text(top, left) if top < len(layout.sheet.rows) else ""
        for row in range(top + 1, min(bottom + 1, len(layout.sheet.rows))):
            filled[(row, left)] = text
    return filled
