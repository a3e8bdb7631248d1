"""The grammar of charts: print width, type size, and no text over another."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from gunmane_analysis.areas import list_areas
from gunmane_analysis.charts import effects, grammar, maps
from gunmane_analysis.charts.outlines import outlines_of
from gunmane_analysis.charts.style import FULL, use_house_style

YEARS = list(range(1998, 2025))
PREFECTURES = {area.area_id: area.name for area in list_areas("prefecture")}


def positions(kind: str) -> Figure:
    labels = ["2050年の人口（2020年に対する比）", "住民1人当たり土木費（円）", "財政力指数"]
    rows = pd.DataFrame(
        {
            "label": labels,
            "place": [0.0, 0.5, np.nan],
            "marks": [[0.0, 1.0], [0.2, 0.5], []],
            "reference": [0.5, np.nan, 0.99],
            "value_words": ["△57.3%", "1,058,072円", "…"],
            "reference_words": ["64.3%", "61,252円", "0.44"],
            "rank_words": ["1,112／1,728"] * 3,
            "below_place": [0.0, float("nan"), 0.4],
            "below_words": ["北陸 △28.0%"] * 3,
            "above_place": [1.0, 0.6, float("nan")],
            "above_words": ["沖縄 129.0人"] * 3,
        }
    )
    return grammar.plot_positions(rows, kind, ("大館市", "全国の中央値", "順位（大きい順）"))


def lines() -> Figure:
    table = pd.DataFrame({n: 100.0 - level for level, n in enumerate("甲乙丙")}, index=YEARS)
    return grammar.plot_lines({"指数": table}, {name: {"color": "#000000"} for name in "甲乙丙"})


def panels() -> Figure:
    table = pd.DataFrame(90.0, YEARS, list(PREFECTURES)[:8])
    titles = {code: f"{PREFECTURES[code]} 90" for code in table}
    return grammar.plot_panels(table, pd.Series(95.0, YEARS), titles, ["05"])


def bars() -> Figure:
    rows = pd.DataFrame({"label": ["甲", "乙"], "value": [3.0, -1.0], "words": ["3.0", "△1.0"]})
    return grammar.plot_bars(rows, "人", reference=("全国 1.0", 1.0))


def bar_panels() -> Figure:
    rows = pd.DataFrame(
        {
            "panel": ["検討98件に対する比"] * 3 + ["内訳の計184件に対する割合"] * 3,
            "label": ["マッチング成立", "現場試行", "社会実装"] * 2,
            "value": [51.0, 31.6, 5.1, 46.7, 19.6, 2.7],
            "words": ["50件（51.0%）", "31件（31.6%）", "5件（5.1%）"] * 2,
            "low": [41.3, 23.2, 2.2, 39.6, 14.5, 1.2],
            "high": [60.7, 41.4, 11.4, 54.0, 25.9, 6.2],
        }
    )
    return grammar.plot_bars(rows, "%")


def line_panels() -> Figure:
    table = pd.DataFrame({name: level for level, name in enumerate("甲乙_")}, index=YEARS)
    styles = {name: {"color": "#000000"} for name in "甲乙_"}
    return grammar.plot_lines({"人": table, "円": table}, styles)


def tiles() -> Figure:
    values = pd.Series({code: float(code) for code in PREFECTURES})
    words = {code: code for code in PREFECTURES}
    return maps.plot_tile_map(values, words, {c: n[:-1] for c, n in PREFECTURES.items()})


def outlines() -> Figure:
    square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]])
    rings = pd.DataFrame(
        {
            "area_code": ["1", "2"],
            "longitudes": [square[:, 0] + 139.0, square[:, 0] + 140.0],
            "latitudes": [square[:, 1] + 35.0] * 2,
        }
    )
    names = {"1": "甲市", "2": "乙町"}
    shown = outlines_of(rings, ["1", "2"])
    return maps.plot_outline_map(shown, pd.Series({"1": 1.0}), names, ["1"])


def events() -> Figure:
    paths = pd.DataFrame({"unit": ["1"] * 2 + ["2"] * 2 + ["3"] * 3, "gap": 0.1})
    paths["event_time"] = [-1, 1, -1, 1, -1, 1, 2]
    mean = pd.DataFrame({"event_time": [-1, 1], "adopter_count": 3, "estimate": [0.0, 0.1]})
    effect = SimpleNamespace(by_event_time=mean.assign(low=-1.0, high=1.0), paths=paths)
    outcome = SimpleNamespace(label="土木費", unit="%", is_log=True)
    names = {"1": "下田市", "2": "大館市", "3": "四日市市"}
    return effects.plot_matched_effect(effect, outcome, names)  # type: ignore[arg-type]


FIGURES: dict[str, tuple[Callable[[], Figure], float]] = {
    "band": (lambda: positions("band"), FULL),
    "dots": (lambda: positions("dots"), FULL),
    "lines": (lines, FULL),
    "panels": (panels, FULL),
    "bars": (bars, FULL),
    "bar_panels": (bar_panels, FULL),
    "line_panels": (line_panels, FULL),
    "tiles": (tiles, 7.0),
    "outlines": (outlines, 4.5),
    "events": (events, FULL),
}


def drawn(name: str) -> tuple[Figure, list[Text]]:
    plot, _ = FIGURES[name]
    with use_house_style():
        figure = plot()
        FigureCanvasAgg(figure).draw()
        unseen = {
            label
            for axes in figure.axes
            for axis, (low, high) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim()))
            for tick in axis.get_major_ticks()
            for label in (tick.label1, tick.label2)
            if not (axes.axison and min(low, high) <= tick.get_loc() <= max(low, high))
        }
        texts = [
            text
            for text in figure.findobj(Text)
            if isinstance(text, Text) and text.get_text().strip() and text not in unseen
        ]
    return figure, texts


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_has_the_width_it_is_printed_in_and_type_of_8_to_9_points(name: str) -> None:
    figure, texts = drawn(name)
    assert figure.get_figwidth() == FIGURES[name][1]
    assert texts
    assert {text.get_fontsize() for text in texts} <= {8.0, 8.5}


@pytest.mark.parametrize(
    "name",
    ["band", "dots", "lines", "line_panels", "bars", "bar_panels", "tiles", "outlines", "events"],
)
def test_no_text_lies_over_another_or_leaves_the_figure(name: str) -> None:
    figure, texts = drawn(name)
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
    over = [
        (one, other)
        for (one, box), (other, beside) in combinations(boxes, 2)
        if min(box.x1, beside.x1) - max(box.x0, beside.x0) > 1.0
        and min(box.y1, beside.y1) - max(box.y0, beside.y0) > 2.0
    ]
    assert over == []
    frame = figure.bbox
    outside = [
        words
        for words, box in boxes
        if box.x0 < frame.x0 - 1 or box.x1 > frame.x1 + 1 or box.y0 < -1 or box.y1 > frame.y1 + 1
    ]
    assert outside == []


def test_drawing_leaves_no_state_behind() -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    drawn("lines")
    assert dict(mpl.rcParams) == before
