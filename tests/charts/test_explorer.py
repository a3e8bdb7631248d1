"""The explorer of municipalities: what is filtered, dragged and written."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from gunmane_analysis import MunicipalityExplorer, load_municipalities
from gunmane_analysis.errors import DesignError


@pytest.fixture(scope="module")
def municipalities() -> pd.DataFrame:
    return load_municipalities(2024)


def test_filters_and_a_dragged_region_choose_and_the_file_has_japanese_headings(
    municipalities: pd.DataFrame, tmp_path: Path
) -> None:
    explorer = MunicipalityExplorer(municipalities)
    assert list(explorer.chosen) == list(municipalities)
    explorer._prefecture.value = "05"
    assert len(explorer.chosen) == 25  # 秋田県
    explorer._size.value = [50_000, 200_000]
    dragged = {"population_count": [60_000, 90_000]}
    explorer._view.selections = SimpleNamespace(brush=SimpleNamespace(value=dragged))
    names = set(explorer.chosen["area_name"])
    assert "大館市" in names and "秋田市" not in names
    assert explorer.export(tmp_path / "chosen.csv") == len(names)
    written = pd.read_csv(tmp_path / "chosen.csv", dtype="str")
    assert {"団体コード", "市区町村", "人口（人）"} <= set(written)
    assert len(written) == len(names)


def test_what_is_no_column_is_refused(municipalities: pd.DataFrame) -> None:
    with pytest.raises(DesignError, match="rainfall"):
        MunicipalityExplorer(municipalities, x="rainfall")
