"""The map of groups: every name can be read."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from gunmane_analysis.areas import Area, children, find_area, list_areas, town_hall
from gunmane_analysis.charts.maps import plot_groups
from gunmane_analysis.charts.style import use_house_style
from gunmane_analysis.loaders.tables import load_adjacency


def squares(codes: list[str]) -> pd.DataFrame:
    side = np.array([-0.02, 0.02, 0.02, -0.02, -0.02])
    halls = [town_hall(code) for code in codes]
    return pd.DataFrame(
        {
            "area_code": codes,
            "longitudes": [east + side for _, east in halls],
            "latitudes": [north + np.roll(side, 1) for north, _ in halls],
        }
    )


@pytest.mark.parametrize("outlined", [False, True])
@pytest.mark.parametrize("prefecture", list_areas("prefecture"), ids=lambda area: area.area_id)
def test_no_name_lies_over_another_or_leaves_the_map(prefecture: Area, outlined: bool) -> None:
    codes = [area.area_id for area in children(prefecture)]
    division = pd.DataFrame({"municipality_code": codes, "group_no": np.arange(len(codes)) // 3})
    with use_house_style():
        figure = plot_groups(division, load_adjacency(), squares(codes) if outlined else None)
        names = [text for text in figure.axes[0].findobj(Text) if text.get_text().strip()]
        if len(codes) > 40:  # numbers only
            written = "　".join(text.get_text() for text in names)
            assert [area.name for area in children(prefecture) if area.name in written] == []
            return
        FigureCanvasAgg(figure)
        figure.draw_without_rendering()
        seen = [(text.get_text(), Text.get_window_extent(text)) for text in names]
    assert len(seen) > len(codes) / 2
    over = [
        (one, other)
        for (one, box), (other, beside) in combinations(seen, 2)
        if min(box.x1, beside.x1) - max(box.x0, beside.x0) > 1.0
        and min(box.y1, beside.y1) - max(box.y0, beside.y0) > 2.0
    ]
    assert over == []
    assert [w for w, b in seen if b.x0 < -1 or b.x1 > figure.bbox.x1 + 1] == []


def test_a_group_has_the_look_of_no_bordering_one() -> None:
    codes = [area.area_id for area in children(find_area("05"))]
    division = pd.DataFrame({"municipality_code": codes, "group_no": range(len(codes))})
    with use_house_style():
        axes = plot_groups(division, load_adjacency()).axes[0]
    assert len({tuple(drawn.get_facecolor()[0]) for drawn in axes.collections}) > 3
