"""A figure's repeated parts drawn once: what is seen must stay."""

from __future__ import annotations

import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from gunmane_analysis.charts import svg
from gunmane_analysis.charts.chart import draw, svg_of
from gunmane_analysis.charts.dense import draw_dense
from gunmane_analysis.charts.letter_path import letter_path
from gunmane_analysis.charts.style import chart_style


def lines(marker: str) -> Figure:
    figure = Figure(figsize=(4, 3))
    axes = figure.subplots()
    axes.plot(range(12), [3, 1, 2, 5, 4, 6, 7, 5, 8, 9, 7, 11], marker=marker, color="#0017C1")
    axes.set_ylim(0, 12)
    axes.set_title("－一ー 11")
    return figure


@pytest.mark.parametrize("marker", ["o", "s", "^", "D"])
def test_grid_ticks_and_marks_are_each_one_path(marker: str) -> None:
    content = draw(lambda: lines(marker), "図。").content
    assert not re.findall(r'<use href="#i\d', content)
    assert content.count('stroke="#d9d9d9"') == 1
    assert "clip-path" not in content and "clipPath" not in content
    own = [path for path in re.findall(r"<path [^>]*>", content) if "#0017c1" in path]
    assert len(own) == 2  # the line, and its twelve marks
    assert len(re.findall("[mM]", own[1].partition(' d="')[2].partition('"')[0])) == 12


def test_what_leaves_the_frame_stays_clipped() -> None:
    def beyond() -> Figure:
        figure = lines("o")
        figure.axes[0].set_ylim(2, 8)
        return figure

    content = draw(beyond, "図。").content
    assert content.count("clip-path=") == 2  # the line and its marks
    assert content.count("<clipPath") == 1


def test_text_of_one_letter_is_no_mark() -> None:
    with chart_style():
        figure = Figure(figsize=(3, 1))
        figure.text(0.1, 0.5, "一一一")
        content = svg.tidy_svg(svg_of(figure))
    assert content.count("<use") == 3


def test_letters_keep_their_shape_on_a_coarser_grid() -> None:
    assert letter_path("M 0 0 L 10 0 L 20 0 L 20 10 L 0 10 L 0 0 z", 0.5) == "M0,0h10v-5H0"
    assert letter_path("M 0 0 Q 50 100 100 0 z", 1.0) == "M0,0q50-100,100,0"  # a true curve stays


def test_a_dense_scatter_is_a_small_picture_with_sharp_axes() -> None:
    def cloud() -> Figure:
        random = np.random.default_rng(1)
        figure = Figure(figsize=(3, 3))
        axes = figure.subplots()
        right, up = random.random((2, 1741))
        axes.scatter(right, up, s=5, c="#8C8C8C", linewidths=0, rasterized=True)
        axes.set_xlabel("人口")
        return figure

    content = draw_dense(cloud, "散布図。").content
    assert svg.is_tidy(content)
    (picture,) = re.findall(r'href="data:image/png;base64,([^"]*)"', content)
    assert len(picture) < 8_000
    assert 'stroke="#d9d9d9"' in content and "<use href=" in content  # grid and texts are drawn
