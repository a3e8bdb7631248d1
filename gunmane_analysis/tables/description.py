"""What each table holds, read from ``tables/<table>.yml``: schema, codebook and docstring."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gunmane_analysis.paths import read_yaml
from gunmane_analysis.refusals import first_lines, refusal

if TYPE_CHECKING:
    import pandas as pd
    from pandera.pandas import Check, DataFrameSchema

_LISTED = ["table_id", "title", "grain"]
SYNTHETIC = "is_synthetic"
REMARK = "remark"
_RULES = {"not_nullable": "空欄にできない", "field_uniqueness": "一度だけ"}
_SYNTHETIC_WORDS = r"合成データ|合成値|(?:^|[\s、。・(（])仮(?:$|[の値デ置\s、。・)）])"
_SHARES = {"rate": "割合（0〜1）", "change": "割合（符号付き）"}  # of indicators: shown in percent
_FAULTS_SHOWN = 20
_FOLDER = Path(__file__).parent


@functools.cache
def choices(name: str) -> Mapping[str, str]:
    """Return a list of choices: the word of each id, in order.

    Examples
    --------
    >>> choices("stage")["trialled"]
    '現場試行'
    """
    return MappingProxyType({each: words[0] for each, words in _choice_lists()[name].items()})


@functools.cache
def _choice_lists() -> dict[str, dict[str, list[str]]]:
    """Return every list of ``_choices.yml``; an id's first word is shown, others are read too."""
    return {
        name: {each: [words] if isinstance(words, str) else words for each, words in entry.items()}
        for name, entry in read_yaml(_FOLDER / "_choices.yml").items()
    }


@functools.cache
def _kinds() -> dict[str, dict[str, Any]]:
    """Return what follows from a column's kind: type, pattern, bounds."""
    kinds: dict[str, dict[str, Any]] = read_yaml(_FOLDER / "_kinds.yml")
    return kinds


def label_of(ids: str, joined_by: str = "・") -> str:
    """Word one id, or several joined by ``;``, that has one word in all lists of choices.

    Examples
    --------
    >>> label_of("road;river")
    '道路・河川'
    """
    return joined_by.join(_every_word()[each] for each in ids.split(";"))


@functools.cache
def _every_word() -> dict[str, str]:
    pairs = {pair for name in _choice_lists() for pair in choices(name).items()}
    counts = Counter(each for each, _ in pairs)
    return {each: word for each, word in pairs if counts[each] == 1}


@dataclass(frozen=True)
class ColumnDescription:
    """One column: what stands in it, in which unit and between which bounds.

    Attributes
    ----------
    kind : str
        As in the forms (``code``, ``count``, ``date``, ``choice`` …); gives type and pattern.
    choices : str
        The name of a list of choices.
    part_of : tuple of str
        Columns that hold this one as a part, which it may not exceed.
    watch_fold : float
        From how many times another year's figure on a delivered one draws a warning.
    is_derived : bool
        Made from other columns (``<name>_status``, ``is_synthetic``): asked for in no form.
    """

    name: str
    kind: str
    label: str
    unit: str = ""
    note: str = ""
    nullable: bool = False
    whole: bool = False
    unique: bool = False
    marks: bool = False
    low: float | None = None
    high: float | None = None
    above: float | None = None
    part_of: tuple[str, ...] = ()
    watch_fold: float = 0.0
    pattern: str = ""
    choices: str = ""
    example: Any = None
    is_derived: bool = False

    @property
    def dtype(self) -> str:
        """The type of the column in a table."""
        if self.whole:
            return "int64"
        if self.kind == "flag" and self.nullable:
            return "str"
        return str(_kinds().get(self.kind, {}).get("dtype", "str"))

    @property
    def status(self) -> str:
        """The column that keeps the marks of missing values; empty where there is none."""
        return ("status" if self.name == "value" else f"{self.name}_status") if self.marks else ""

    @property
    def words(self) -> Mapping[str, str]:
        """The word of each value that may be chosen; empty where values are free."""
        return choices(self.choices) if self.choices else {}

    @property
    def synonyms(self) -> Mapping[str, str]:
        """Other words by which a value may be chosen in a delivered file."""
        lists = _choice_lists()[self.choices] if self.choices else {}
        return {word: each for each, words in lists.items() for word in words[1:]}

    def checks(self) -> list[Check]:
        """Return pandera's checks of the column, each with its rule in Japanese."""
        from pandera.pandas import Check

        kind = _kinds().get(self.kind, {})
        low = kind.get("low") if self.low is None else self.low
        high = kind.get("high") if self.high is None else self.high
        bounds = (
            (low, Check.ge, "{:g}以上"),
            (self.above, Check.gt, "{:g}より大きい"),
            (high, Check.le, "{:g}以下"),
        )
        found = [
            check(bound, error=words.format(bound))
            for bound, check, words in bounds
            if bound is not None
        ]
        if self.kind == "flag" and self.nullable:
            found.append(Check.isin(("true", "false"), error="true か false"))
        allowed = "|".join(self.words)
        if self.kind == "choices":
            pattern = rf"^({allowed})(;({allowed}))*$"
            found.append(Check.str_matches(pattern, error=f"{'、'.join(self.words)} を ; でつなぐ"))
        elif self.words:
            found.append(Check.isin(tuple(self.words), error=f"{'、'.join(self.words)} のどれか"))
        if pattern := self.pattern or kind.get("pattern", ""):
            found.append(Check.str_matches(pattern, error=f"形 {pattern}"))
        return found


@dataclass(frozen=True)
class TableDescription:
    """One table: its grain, key, columns, and the sources that fill it, most trusted first.

    Attributes
    ----------
    shown : tuple of str
        Themes whose pages use the table.
    found_as : mapping of str to str or list
        How a row appears in ``gunmane find``: ``kind``, and the columns ``title`` and ``text``.
    answers : str
        What the table would answer, for the list of what is missing.
    uses, filled_from : tuple of str
        Other tables that it is made from or checked against; and those shipped with the
        project whose figures stand where no filed file has one.
    sources : mapping of str to mapping
        By source: the facts of :class:`gunmane_analysis.intake.forms.Form`, with the headings
        of each column; ``is_keyed`` for a CSV file in the table's own columns.
    """

    table_id: str
    title: str
    grain: str
    key: tuple[str, ...]
    columns: Mapping[str, ColumnDescription]
    sources: Mapping[str, Mapping[str, Any]]
    shown: tuple[str, ...] = ()
    answers: str = ""
    newest_edition_wins: bool = False
    found_as: Mapping[str, Any] = field(default_factory=dict)
    uses: tuple[str, ...] = ()
    filled_from: tuple[str, ...] = ()

    def empty(self) -> pd.DataFrame:
        """Return the table without rows, in its types."""
        import pandas as pd

        return self.typed(pd.DataFrame())

    def typed(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a frame in the table's columns and types.

        A mark that is not given is empty; a row whose remark says so is marked as synthetic.
        """
        marks = {name: "" for name, each in self.columns.items() if each.choices == "mark"}
        types = {name: each.dtype for name, each in self.columns.items()}
        typed = frame.reindex(columns=list(types)).astype(types).fillna(marks)
        if SYNTHETIC in types:
            typed[SYNTHETIC] = synthetic_rows(typed[REMARK])
        return typed

    @property
    def delivered_types(self) -> dict[str, str]:
        """The type of each column that a file in the table's own columns has."""
        return {name: each.dtype for name, each in self.columns.items() if not each.is_derived}

    def schema(self) -> DataFrameSchema:
        """Return the table's schema; the key is checked apart, so that its rows can be named."""
        import pandera.pandas as pa

        columns = {
            name: pa.Column(
                each.dtype,
                each.checks(),
                nullable=each.nullable,
                unique=each.unique,
                required=name not in (REMARK, SYNTHETIC),
            )
            for name, each in self.columns.items()
        }
        return pa.DataFrameSchema(columns, strict=True, name=self.table_id)

    def check(self, frame: pd.DataFrame, origin: str) -> pd.DataFrame:
        """Return the table unchanged, or raise with every fault found.

        Parameters
        ----------
        frame : DataFrame
            The table to check.
        origin : str
            Where it came from, for the message.

        Raises
        ------
        TableError
            Listing column, row, value and the broken rule.
        """
        from pandera.errors import SchemaErrors

        faults = self.repeated_keys(frame)
        try:
            self.schema().validate(frame, lazy=True)
        except SchemaErrors as found:
            faults += self._broken_rules(found.failure_cases)
        if faults:
            facts = {"table_id": self.table_id, "grain": self.grain, "origin": origin}
            raise refusal("table-rules", rows=first_lines(faults, _FAULTS_SHOWN), **facts)
        return frame

    def repeated_keys(self, frame: pd.DataFrame) -> list[str]:
        """Return one line for each row whose key an earlier row has."""
        if not self.key or not set(self.key) <= set(frame.columns):
            return []
        labels = "・".join(self.columns[name].label for name in self.key)
        is_repeated = frame.duplicated(list(self.key)).tolist()
        values = zip(*(frame[name] for name in self.key), strict=True)
        return [
            f"  {number}行目 {labels}「{'・'.join(map(str, row))}」が前の行と同じ"
            for number, (row, repeated) in enumerate(zip(values, is_repeated, strict=True), start=1)
            if repeated
        ]

    def _broken_rules(self, cases: pd.DataFrame) -> list[str]:
        lines = []
        for case in cases.to_dict("records"):
            name, value, position = case["column"], case["failure_case"], case["index"]
            if case["check"] in ("column_in_dataframe", "column_in_schema"):
                word = "がありません" if case["check"] == "column_in_dataframe" else "は余分です"
                lines.append(f"  列「{value}」{word}")
                continue
            rule = str(case["check"])
            rule = f"型 {self.columns[name].dtype}" if rule.startswith("dtype") else rule
            is_of_row = position is not None and position == position
            place = f" {int(position) + 1}行目" if is_of_row else ""
            lines.append(f"  列「{name}」{place} 値「{value}」 規則: {_RULES.get(rule, rule)}")
        return lines

    def docstring(self) -> str:
        """Return the docstring of the table's loader: what it is, its grain and columns."""
        columns = "".join(
            f"\n    ``{name}``: {each.label}{f'［{each.unit}］' if each.unit else ''}"
            for name, each in self.columns.items()
        )
        return (
            f"Load ``{self.table_id}``: {self.title}; no rows until a source is filed.\n\n"
            f"Returns\n-------\nDataFrame\n    1行 = {self.grain}。{columns}\n"
        )


def table_ids() -> tuple[str, ...]:
    """Return the ids of all tables."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("[!_]*.yml")))


@functools.cache
def describe(table_id: str) -> TableDescription:
    """Return the description of one table.

    Raises
    ------
    TableError
        If no table has this id.

    Examples
    --------
    >>> describe("kpi").grain
    '年度 × フォーラムの別 × 項目（又は段階）'
    """
    if table_id not in table_ids():
        raise refusal("table-unknown", table_id=table_id, known=table_ids())
    return description_from(table_id, read_yaml(_FOLDER / f"{table_id}.yml"))


def description_from(table_id: str, entries: Mapping[str, Any]) -> TableDescription:
    """Return the description that the content of a YAML file gives."""
    content = dict(entries)
    columns = _columns(content.pop("columns"))
    sources = content.pop("sources", {table_id: {"is_keyed": True}})
    if any(facts.get("is_form") for facts in sources.values()):
        columns.setdefault(REMARK, ColumnDescription(REMARK, "text", "備考", nullable=True))
        note = "備考に「合成データ」または「仮」とある行"
        columns[SYNTHETIC] = ColumnDescription(
            SYNTHETIC, "flag", "合成・仮の値か", note=note, is_derived=True
        )
    for name in ("key", "shown", "uses", "filled_from"):
        content[name] = tuple(content.get(name, ()))
    return TableDescription(
        table_id, columns=MappingProxyType(columns), sources=MappingProxyType(sources), **content
    )


def _columns(entries: Mapping[str, Mapping[str, Any]]) -> dict[str, ColumnDescription]:
    columns: dict[str, ColumnDescription] = {}
    for name, entry in entries.items():
        column = columns[name] = ColumnDescription(name, **entry)
        if status := column.status:
            facts: dict[str, Any] = {"choices": "mark", "is_derived": True}
            columns[status] = ColumnDescription(status, "choice", f"{column.label}の記号", **facts)
    return columns


def synthetic_rows(remarks: pd.Series) -> pd.Series:
    """Return which rows say in their remark that they are 合成データ or 仮 (not 仮設, 仮橋 …).

    Examples
    --------
    >>> import pandas as pd
    >>> synthetic_rows(pd.Series(["合成データ", "仮の値", "仮設橋", None])).tolist()
    [True, True, False, False]
    """
    said = remarks.astype("str").str.contains(_SYNTHETIC_WORDS, regex=True)
    return said.fillna(False).astype("bool")


def marked_rows(rows: pd.DataFrame) -> pd.Series:
    """Return which rows are marked as 合成データ or 仮, or say 合成データ in their remark.

    Examples
    --------
    >>> import pandas as pd
    >>> marked_rows(pd.DataFrame({"case_id": ["A1", "A2"], "is_synthetic": [True, None]})).tolist()
    [True, False]
    """
    marks = rows.reindex(columns=[SYNTHETIC, "remark"])
    return marks[SYNTHETIC].eq(True) | marks["remark"].astype("str").str.contains("合成データ")


def empty_table(table_id: str) -> pd.DataFrame:
    """Return a table without rows, in the types of its columns.

    Examples
    --------
    >>> len(empty_table("kpi"))
    0
    """
    return describe(table_id).empty()


@functools.cache
def table_of_source() -> Mapping[str, str]:
    """Return the table that each source fills."""
    return MappingProxyType({name: each for each in table_ids() for name in describe(each).sources})


def codebook(table_id: str = "") -> pd.DataFrame:
    """Return the codebook of a table, or the list of all tables.

    Parameters
    ----------
    table_id : str, optional
        A table, or ``"municipalities"`` for the indicators of ``load_municipalities``.

    Returns
    -------
    DataFrame
        One row per column: ``column``, ``label``, ``unit``, ``dtype``, ``choices``,
        ``required`` and ``note``; without a table one row per table: ``table_id``, ``title``
        and ``grain``.

    Raises
    ------
    TableError
        If no table has this id.

    Examples
    --------
    >>> codebook("kpi")["label"].iloc[0]
    '年度'
    >>> codebook("municipalities").set_index("column").loc["repair_share", "unit"]
    '割合（0〜1）'
    """
    import pandas as pd

    if not table_id:
        tables = map(describe, table_ids())
        return pd.DataFrame([(t.table_id, t.title, t.grain) for t in tables], columns=_LISTED)
    is_wide = table_id == "municipalities"  # a column an indicator
    columns = _indicator_columns() if is_wide else describe(table_id).columns.values()
    return pd.DataFrame(
        {
            "column": each.name,
            "label": each.label,
            "unit": each.unit,
            "dtype": each.dtype,
            "choices": "、".join(f"{value}={word}" for value, word in each.words.items()),
            "required": not each.nullable,
            "note": each.note,
        }
        for each in columns
    )


def _indicator_columns() -> list[ColumnDescription]:
    from gunmane_analysis.tables.indicators import indicators

    known = {n: each for n, each in indicators().items() if "municipality" in each.sources}
    units = {name: _SHARES.get(each.kind, each.unit) for name, each in known.items()}
    return [
        ColumnDescription(name, "number", each.label, units[name], each.note, nullable=True)
        for name, each in known.items()
    ]
