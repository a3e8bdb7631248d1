"""Which rows a printed total without a code is the total of, told by its word and its place."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence

from gunmane_analysis.areas.master import prefectures
from gunmane_analysis.intake.reading.plain_text import name_key
from gunmane_analysis.intake.rows import Row

Counted = Callable[[Sequence[Row]], list[Row]]
_KINDS: Mapping[str, tuple[str, ...]] = {
    "市計": ("市",),
    "町村計": ("町", "村"),
    "市町村計": ("市", "町", "村"),
    "区計": ("区",),
    "特別区計": ("区",),
    "郡計": ("町", "村"),
    "郡部計": ("町", "村"),
    "市部計": ("市",),
}
_PLAIN = re.compile(r"(?:小|合|総)?計|総数|全国(?:計|合計|総数)?")


def is_plain_total(total: Row) -> bool:
    """Whether a total's word says nothing of which kind of body it adds (小計, 計, 合計)."""
    return _PLAIN.fullmatch(name_key(total.name)) is not None or _prefecture_of(total) is not None


def parts_of(total: Row, members: Sequence[Row], counted: Counted) -> list[list[Row]]:
    """Return the sets of rows that a total without a code may be the total of, likeliest first.

    Parameters
    ----------
    total : Row
    members : sequence of Row
        The rows of one year in file order, totals among them.
    counted : callable
        Takes rows and leaves those that may be added (a ward not beside its city).

    Returns
    -------
    list of list of Row
        「秋田県計」: the municipalities of that prefecture. 「小計」「計」: the rows above it back
        to the total before; those below it up to the next where the table begins with a total.
        A total of one kind (「町村計」): those of that kind among them. 「合計」 at either end, or
        where nothing else fits: all.
        Without empty sets; sets that were met before are left out.
    """
    place = next(number for number, row in enumerate(members) if row is total)
    plain = [row for row in members if not row.is_total]
    prefecture = _prefecture_of(total)
    above, below = _above(members, place), _below(members, place)
    if not members[0].is_total:  # no table has its first total below and a later one above
        below = []
    elif not members[-1].is_total:
        above = []
    word = name_key(total.name)
    if prefecture is not None:
        found = [[row for row in plain if row.code[:2] == prefecture]]
    elif "小計" in word:
        found = [above, below]
    elif place == len(members) - 1 or not any(not row.is_total for row in members[:place]):
        found = [plain, above, below]
    else:
        found = [above, below, plain, _since_greater(members, place)]
    endings = _KINDS.get(word)
    if endings is not None:
        found = [
            [row for row in rows if row.name.rstrip().endswith(endings)]
            for rows in (above, below, plain, _since_greater(members, place))
        ]
    sets: list[list[Row]] = []
    for rows in found:
        parts = counted(rows)
        if parts and parts not in sets:
            sets.append(parts)
    return sets


def _above(members: Sequence[Row], place: int) -> list[Row]:
    rows: list[Row] = []
    for row in reversed(members[:place]):
        if row.is_total:
            break
        rows.append(row)
    return rows[::-1]


def _below(members: Sequence[Row], place: int) -> list[Row]:
    rows: list[Row] = []
    for row in members[place + 1 :]:
        if row.is_total:
            break
        rows.append(row)
    return rows


def _since_greater(members: Sequence[Row], place: int) -> list[Row]:
    """Return the rows above, past subtotals, back to a total of the same word."""
    own = name_key(members[place].name)
    rows: list[Row] = []
    for row in reversed(members[:place]):
        if row.is_total and name_key(row.name) == own:
            break
        if not row.is_total:
            rows.append(row)
    return rows[::-1]


def _prefecture_of(total: Row) -> str | None:
    return _prefectures_by_name().get(re.sub(r"(?:合|小)?計$", "", name_key(total.name)))


@functools.cache
def _prefectures_by_name() -> Mapping[str, str]:
    return {name_key(prefecture.name): code for code, prefecture in prefectures().items()}
