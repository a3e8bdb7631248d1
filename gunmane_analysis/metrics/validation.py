"""What a caller asks for besides the data: levels, seeds, columns, refused where impossible."""

from __future__ import annotations

import numbers

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gunmane_analysis.refusals import refuse_if, refuse_year


def check_confidence(confidence: object) -> None:
    """Refuse a level or probability that is no share, such as 95 for 95 %.

    Raises
    ------
    DesignError

    Examples
    --------
    >>> check_confidence(0.95)
    """
    is_share = isinstance(confidence, numbers.Real) and 0.0 < float(confidence) < 1.0
    refuse_if(not is_share, "confidence", given=confidence)


def check_seed(seed: object) -> None:
    """Refuse a seed that starts no random numbers.

    Raises
    ------
    DesignError

    Examples
    --------
    >>> check_seed(0)
    """
    is_whole = isinstance(seed, numbers.Integral) and int(seed) >= 0
    refuse_if(not is_whole, "seed", given=seed)


def seeded(seed: int) -> np.random.Generator:
    """Return random numbers of a seed.

    Raises
    ------
    DesignError
        If the seed starts none.

    Examples
    --------
    >>> int(seeded(1).integers(100))
    47
    """
    check_seed(seed)
    return np.random.default_rng(seed)


def check_has_columns(table: object, names: tuple[str, ...], words: str = "渡されたもの") -> None:
    """Refuse what is no table or lacks a column.

    Raises
    ------
    DesignError

    Examples
    --------
    >>> check_has_columns(pd.DataFrame({"a": [1]}), ("a",), "例の表")
    """
    missing = [name for name in names if name not in getattr(table, "columns", ())]
    shown = "」「".join(map(str, missing))
    refuse_if(missing, "table-columns", words=words, missing=shown, names=names)


def known_until(
    table: pd.DataFrame, fiscal_year: int, year: str = "known_fiscal_year"
) -> pd.DataFrame:
    """Return the rows of a table that were known in a fiscal year.

    ``year`` names the column of the year, or one of days (``as_of_on``), known by 31 March.

    Raises
    ------
    DesignError
        If the year is no number, or what was given is no table with a column of that name.

    Examples
    --------
    >>> known_until(pd.DataFrame({"fiscal_year": [2023, 2024]}), 2023, "fiscal_year").index.tolist()
    [0]
    """
    last = last_day(fiscal_year)
    check_has_columns(table, (year,))
    return table[table[year] <= (last if year.endswith("_on") else fiscal_year)]


def last_day(fiscal_year: int) -> str:
    """Return the last day of a fiscal year.

    Raises
    ------
    DesignError
        If the year is no number.

    Examples
    --------
    >>> last_day(2024)
    '2025-03-31'
    """
    refuse_year(fiscal_year)
    return f"{fiscal_year + 1}-03-31"


def as_numbers(values: object) -> NDArray[np.float64]:
    """Return numbers, missing where a value is none; the caller refuses what is missing.

    Examples
    --------
    >>> as_numbers([1, "二", None])
    array([ 1., nan, nan])
    """
    given = pd.Series(values) if not isinstance(values, pd.Series) else values
    return pd.to_numeric(given, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
