"""Where to turn: which desk is in charge of an area."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import DEFAULT_SCHEME_ID, Area, list_areas
from gunmane_analysis.errors import DesignError

_DESK_COLUMNS = (
    "block_id",
    "block_name",
    "office",
    "section",
    "phone",
    "email",
    "is_email_disputed",
)


def desks_of(desks: pd.DataFrame, area: Area) -> pd.DataFrame:
    """Return the consultation desks of an area, one row per desk however many documents print it.

    Parameters
    ----------
    desks : DataFrame
        One row per document and desk.
    area : Area
        Its desks are those of the regional bureaus in charge of its prefectures, whatever
        scheme of blocks the area stands in; the nation has the ministry's, too.

    Returns
    -------
    DataFrame
        One row per desk: ``block_id``, ``block_name``, ``office``, ``section``, ``phone`` and
        ``email``, which is missing where documents differ (``is_email_disputed``).

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_consultation_desks
    >>> desks_of(load_consultation_desks(), find_area("05204"))["office"].tolist()
    ['東北地方整備局']
    """
    bureaus = [
        block
        for block in list_areas("block", DEFAULT_SCHEME_ID)
        if set(block.prefecture_codes) & set(area.prefecture_codes)
    ]
    names = {block.area_id: block.name for block in bureaus}
    if area.kind == "nation":
        names[area.area_id] = area.name
    rows = [
        _one_desk(block_id, name, desks[desks["block_id"] == block_id])
        for block_id, name in names.items()
    ]
    return pd.DataFrame(rows, columns=list(_DESK_COLUMNS))


def _one_desk(block_id: str, block_name: str, printed: pd.DataFrame) -> dict[str, object]:
    if printed.empty:
        raise DesignError(f"{block_name}の相談窓口が資料にありません。")
    fullest = printed.iloc[int(printed["section"].str.len().to_numpy().argmax())]
    emails = printed["email"].unique()
    return {
        "block_id": block_id,
        "block_name": block_name,
        "office": fullest["office"],
        "section": fullest["section"],
        "phone": "、".join(printed["phone"].unique()),
        "email": emails[0] if len(emails) == 1 else None,
        "is_email_disputed": len(emails) > 1,
    }
