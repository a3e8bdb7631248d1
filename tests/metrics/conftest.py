"""What tests of metrics share: data with which publications print effects."""

from __future__ import annotations

import gzip
import pickle
from importlib.metadata import files

import pandas as pd
import pytest


def _of_moderndid(name: str) -> pd.DataFrame:
    """Return a data set of the installed development package moderndid (MIT licence).

    Its modules are not imported; the data do not enter this project.
    """
    for file in files("moderndid") or []:
        if file.name == name:
            table = pickle.loads(gzip.decompress(file.read_binary()))
            assert isinstance(table, pd.DataFrame)
            return table
    raise FileNotFoundError(f"moderndid carries no {name}")


@pytest.fixture(scope="session")
def mpdta() -> pd.DataFrame:
    """Return teen employment of 500 counties, 2003-2007 (R package ``did``, data set mpdta)."""
    return _of_moderndid("mpdta_long.pkl.gz").rename(columns={"first.treat": "first_treat"})


@pytest.fixture(scope="session")
def medicaid() -> pd.DataFrame:
    """Return the insured share of low-income adults by state (readme of R's HonestDiD)."""
    return _of_moderndid("ehec_data.pkl.gz")
