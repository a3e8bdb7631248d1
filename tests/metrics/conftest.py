"""What tests of metrics share: the county data of Callaway and Sant'Anna (2021)."""

from __future__ import annotations

import gzip
import pickle
from importlib.metadata import files

import pandas as pd
import pytest


@pytest.fixture(scope="session")
def mpdta() -> pd.DataFrame:
    """Return teen employment of 500 counties, 2003-2007 (R package ``did``, data set mpdta).

    Taken from the installed development package moderndid (MIT licence), whose modules are
    not imported; the data do not enter this project.
    """
    for file in files("moderndid") or []:
        if file.name == "mpdta_long.pkl.gz":
            table = pickle.loads(gzip.decompress(file.read_binary()))
            assert isinstance(table, pd.DataFrame)
            return table.rename(columns={"first.treat": "first_treat"})
    raise FileNotFoundError("moderndid carries no mpdta_long.pkl.gz")
