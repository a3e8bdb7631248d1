"""Charts in a researcher's hands: own plots in the house style, a figure to go on with."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest
import seaborn as sns
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from gunmane_analysis import (
    find_area,
    load_municipalities,
    load_staffing,
    staffing_trend,
    staffing_trend_finding,
    use_house_style,
)
from gunmane_analysis.errors import DesignError
from gunmane_analysis.findings import Column, Finding


def trend() -> Finding:
    return staffing_trend_finding(staffing_trend(load_staffing(), find_area("05"), 2024))


def test_japanese_is_drawn_in_own_plots_and_the_settings_come_back() -> None:
    before = dict(mpl.rcParams)
    with use_house_style():
        figure = Figure()
        figure.subplots().set_title("職員数")
        FigureCanvasAgg(figure).draw()  # a missing glyph is an error in our tests
        assert mpl.rcParams["font.family"] == ["IPAexGothic"]
    assert dict(mpl.rcParams) == before
    use_house_style()
    assert mpl.rcParams["svg.fonttype"] == "none"
    mpl.rcParams.update(before)


def test_seaborn_draws_own_plots_with_japanese_in_the_house_style() -> None:
    towns = load_municipalities(2024).query("prefecture_name == '秋田県'")
    with use_house_style():
        grid = sns.relplot(
            towns, x="population_count", y="staff_per_1000_residents", hue="area_name", legend=True
        )
        grid.set_axis_labels("人口（人）", "人口千人当たり職員数")
        FigureCanvasAgg(grid.figure).draw()  # a missing glyph is an error in our tests
    names = {text.get_text() for text in grid.legend.get_texts()}
    assert {"大館市", "上小阿仁村"} <= names
    plt.close(grid.figure)


def test_a_finding_gives_its_figure_its_table_and_files(tmp_path: Path) -> None:
    finding = trend()
    figure = finding.figure()
    assert isinstance(figure, Figure)
    figure.axes[0].set_title("自分の題")
    assert isinstance(finding.table, pd.DataFrame)
    for name in ("chart.png", "chart.svg", "table.csv"):
        finding.save(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 500
    assert (tmp_path / "table.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_finding_is_short_in_print_and_compares_by_identity() -> None:
    finding = trend()
    assert len(repr(finding)) < 400
    assert "staffing.trend" in repr(finding)
    assert (finding == trend()) is False


def test_what_has_no_chart_says_so() -> None:
    plain = Finding("staffing.x", "表", "文。", pd.DataFrame({"a": [1]}), (Column("a", "甲"),), ())
    with pytest.raises(DesignError, match="図はありません"):
        plain.figure()
    again = Finding.from_record(trend().to_record())
    with pytest.raises(DesignError, match="描き直せません"):
        again.figure()
