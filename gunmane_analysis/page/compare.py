"""What moved between two years' pages, and whether the year, the data or the method moved it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime

import pandas as pd

from gunmane_analysis.areas import KIND_NAMES
from gunmane_analysis.findings import Column, Finding, KeyFigure
from gunmane_analysis.page.records import AreaRecord
from gunmane_analysis.page.sheets import StatisticsBook
from gunmane_analysis.wording import MISSING, signed_words

COLUMNS = {
    "area_id": "地域の番号", "kind": "区分", "area": "地域", "label": "指標", "before": "前",
    "after": "後", "change": "差", "cause": "動いた理由",
}  # fmt: skip


def compare_records(
    before: Mapping[str, AreaRecord], after: Mapping[str, AreaRecord]
) -> pd.DataFrame:
    """Compare the key figures of areas that both years have.

    A record says by two hashes what it was made from (the delivered files and their register; the
    program), and a figure's note begins with the year of its value.

    Parameters
    ----------
    before, after : mapping of str to AreaRecord
        By area.

    Returns
    -------
    DataFrame
        One row per area and key figure that moved: the columns of ``COLUMNS``, in words. The
        cause is 年度 (a later year's value), 片方だけ (only one of the pages has the figure),
        資料, 方法, or several joined by 、; 不明 where neither hash nor year differs.
    """
    kinds = {str(kind): name for kind, name in KIND_NAMES.items()}
    rows = []
    for area_id in (area_id for area_id in after if area_id in before):
        one, other = before[area_id], after[area_id]
        halves = [r.inputs_fingerprint.partition("-")[::2] for r in (one, other)]
        causes = [
            word for word, *ends in zip(("資料", "方法"), *halves, strict=True) if len({*ends}) > 1
        ]
        earlier, later = _figures(one), _figures(other)
        for key, figure in {**earlier, **later}.items():
            ends = old, new = earlier.get(key), later.get(key)
            if (old and old.value) == (new and new.value):
                continue
            years = {each.note.partition("度")[0] for each in ends if each}
            reason = ["片方だけ"] if None in ends else ["年度"] if len(years) > 1 else []
            words = [each.words(each.value) if each else MISSING for each in ends]
            words += [_change(*ends), "、".join([*reason, *causes]) or "不明"]
            rows.append((area_id, kinds[other.kind], other.name, figure.label, *words))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _figures(record: AreaRecord) -> dict[str, KeyFigure]:
    """Return a record's key figures by key, without what other versions kept of them."""
    known = {item.name for item in fields(KeyFigure)}
    kept = ({n: v for n, v in each.items() if n in known} for each in record.key_figures)
    return {each["key"]: KeyFigure(**each) for each in kept}


def _change(old: KeyFigure | None, new: KeyFigure | None) -> str:
    if old is None or new is None or old.value is None or new.value is None:
        return MISSING
    is_share = new.kind in ("rate", "change")
    change = signed_words((new.value - old.value) * (100 if is_share else 1), new.decimals)
    return f"{change}{'ポイント' if is_share else new.unit}"


def comparison_book(moved: pd.DataFrame, years: tuple[int, int], made_at: str) -> bytes:
    """Return what moved as a workbook of one sheet."""
    title = f"{years[0]}年度と{years[1]}年度のページの比較"
    finding = Finding(
        finding_id="compare.figures",
        title=title,
        headline=f"主な指標のうち{len(moved):,}の値が動いた。",
        table=moved,
        columns=tuple(Column(name, label) for name, label in COLUMNS.items()),
        source_ids=(),
        caveats=("理由の「年度」は値の年度が進んだこと、「片方だけ」は一方のページにしかないこと、"
                 "「資料」「方法」は二つのページを作ったときの資料又はプログラムが違うことを示す。",),
    )  # fmt: skip
    book = StatisticsBook(title, datetime.fromisoformat(made_at).replace(tzinfo=None))
    book.add_finding("動いた値", finding, title)
    return book.content()
