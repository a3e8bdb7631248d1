"""Linked views of the municipalities in JupyterLab: scatter, distribution, map and table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import altair as alt
import ipywidgets as widgets
import pandas as pd

from gunmane_analysis.areas import list_areas
from gunmane_analysis.areas.tiles import TILES
from gunmane_analysis.errors import DesignError
from gunmane_analysis.tables.indicators import indicators

_BRUSH = "brush"
_POINT_COLOUR, _OTHER_COLOUR = "#0b3d91", "#c4c9d4"
_ROWS_SHOWN = 15
_LARGEST = 100_000_000
_SIZES: tuple[tuple[str, tuple[int, int]], ...] = (
    ("すべての規模", (0, _LARGEST)),
    ("1万人未満", (0, 10_000)),
    ("1万〜5万人未満", (10_000, 50_000)),
    ("5万〜20万人未満", (50_000, 200_000)),
    ("20万人以上", (200_000, _LARGEST)),
)


class MunicipalityExplorer:
    """Linked views of the municipalities, drawn without a network.

    A region dragged in the scatter selects municipalities in every view and in :attr:`chosen`.

    Parameters
    ----------
    municipalities : DataFrame
        One row per municipality as :func:`load_municipalities` returns it.
    x, y, distribution : str
        The indicators shown first: on the axes of the scatter, and as a distribution and on
        the map (median of the selected municipalities of each prefecture).

    Raises
    ------
    DesignError
        If an indicator is not a column of the table.

    Examples
    --------
    >>> from gunmane_analysis import MunicipalityExplorer, load_municipalities
    >>> explorer = MunicipalityExplorer(load_municipalities(2024))
    >>> len(explorer.chosen)
    1741
    """

    def __init__(
        self,
        municipalities: pd.DataFrame,
        x: str = "population_count",
        y: str = "staff_per_1000_residents",
        distribution: str = "repair_share",
    ) -> None:
        known = [name for name in indicators() if name in municipalities]
        for name in (x, y, distribution):
            if name not in known:
                raise DesignError(f"指標「{name}」は表にありません。", expected="、".join(known))
        self._all = municipalities
        choices = [(f"{indicators()[n].label}（{indicators()[n].unit}）", n) for n in known]
        wide = widgets.Layout(width="28em")
        self._x = widgets.Dropdown(options=choices, value=x, description="横軸", layout=wide)
        self._y = widgets.Dropdown(options=choices, value=y, description="縦軸", layout=wide)
        self._shown = widgets.Dropdown(
            options=choices, value=distribution, description="分布と地図", layout=wide
        )
        prefectures = [("全国", ""), *((p.name, p.area_id) for p in list_areas("prefecture"))]
        self._prefecture = widgets.Dropdown(options=prefectures, description="都道府県")
        self._size = widgets.Dropdown(options=list(_SIZES), description="人口規模")
        self._file = widgets.Text(value="選んだ市区町村.csv", description="ファイル名")
        self._export = widgets.Button(description="選んだ市区町村を書き出す", layout=wide)
        self._message = widgets.HTML()
        alt.JupyterChart.enable_offline()
        self._view = alt.JupyterChart(self._chart())
        for control in (self._x, self._y, self._shown, self._prefecture, self._size):
            control.observe(self._redraw, "value")
        self._export.on_click(lambda _: self._write())

    def _ipython_display_(self) -> None:
        from IPython.display import display

        rows = (
            [self._x, self._y],
            [self._shown, self._prefecture, self._size],
            [self._file, self._export],
        )
        boxes = [widgets.HBox(row, layout=widgets.Layout(flex_flow="row wrap")) for row in rows]
        display(widgets.VBox([*boxes, self._message, self._view]))  # type: ignore[no-untyped-call]

    @property
    def filtered(self) -> pd.DataFrame:
        """The municipalities of the prefecture and size that are set."""
        table = self._all
        if self._prefecture.value:
            table = table[table["prefecture_code"] == self._prefecture.value]
        low, high = self._size.value
        if (low, high) == (0, _LARGEST):
            return table
        return table[table["population_count"].between(low, high, inclusive="left")]

    @property
    def chosen(self) -> pd.DataFrame:
        """The filtered municipalities inside the dragged region; all of them without one."""
        table = self.filtered
        dragged: dict[str, list[float]] = getattr(self._view.selections, _BRUSH).value or {}
        for name, (low, high) in dragged.items():
            table = table[table[name].between(low, high)]
        return table

    def export(self, path: str | Path) -> int:
        """Write the chosen municipalities as CSV that Excel opens; return how many.

        Columns are those of the table, headed by the indicators' labels and units.
        """
        described = indicators()
        labels = {n: f"{described[n].label}（{described[n].unit}）" for n in described}
        labels |= {f"{n}_year": f"{described[n].label}の年度" for n in described}
        labels |= {"municipality_code": "団体コード", "area_name": "市区町村"}
        table = self.chosen.rename(columns=labels).dropna(axis="columns", how="all")
        table.to_csv(path, index=False, encoding="utf-8-sig")
        return len(table)

    def _write(self) -> None:
        try:
            count = self.export(self._file.value)
        except OSError as fault:
            self._message.value = (
                f"書き込めません（{fault.strerror}）。"
                "ほかのソフトで開いていないか確かめてください。"
            )
            return
        self._message.value = f"{count:,}市区町村を「{self._file.value}」に書き出しました。"

    def _redraw(self, _: Any) -> None:
        self._view.chart = self._chart()

    def _chart(self) -> Any:
        x, y, shown = self._x.value, self._y.value, self._shown.value
        names = {p.area_id: p.name for p in list_areas("prefecture")}
        columns = dict.fromkeys(["area_name", "prefecture_code", x, y, shown])
        table = self.filtered[list(columns)].copy()
        table["prefecture_name"] = table["prefecture_code"].map(names)
        for place, axis in enumerate(("tile_column", "tile_row")):
            table[axis] = table["prefecture_code"].map({k: v[place] for k, v in TILES.items()})
        brush = alt.selection_interval(name=_BRUSH)
        base = alt.Chart(table)
        tooltip = [
            alt.Tooltip("prefecture_name:N", title="都道府県"),
            alt.Tooltip("area_name:N", title="市区町村"),
            *(alt.Tooltip(f"{n}:Q", title=_label(n), format=_format(n)) for n in (x, y, shown)),
        ]
        scatter = (
            base.mark_circle(size=28)
            .encode(
                x=alt.X(f"{x}:Q", title=_label(x), scale=_scale(x), axis=_axis(x)),
                y=alt.Y(f"{y}:Q", title=_label(y), scale=_scale(y), axis=_axis(y)),
                color=alt.condition(brush, alt.value(_POINT_COLOUR), alt.value(_OTHER_COLOUR)),
                tooltip=tooltip,
            )
            .add_params(brush)
            .properties(width=430, height=300, title="一つの点が一つの市区町村（囲むと選べる）")
        )
        histogram = (
            base.mark_bar(color=_POINT_COLOUR)
            .encode(
                x=alt.X(
                    f"{shown}:Q", bin=alt.Bin(maxbins=30), title=_label(shown), axis=_axis(shown)
                ),
                y=alt.Y("count()", title="市区町村数"),
            )
            .transform_filter(brush)
            .properties(width=330, height=130, title="選んだ市区町村の分布")
        )
        tiles = base.transform_filter(brush).encode(
            x=alt.X("tile_column:O", axis=None), y=alt.Y("tile_row:O", axis=None)
        )
        median = f"median({shown}):Q"
        tile_map = (
            tiles.mark_rect().encode(
                color=alt.Color(
                    median,
                    title="中央値",
                    legend=alt.Legend(format=_format(shown)),
                    scale=alt.Scale(scheme="blues"),
                ),
                tooltip=[
                    alt.Tooltip("prefecture_name:N", title="都道府県"),
                    alt.Tooltip(median, title=f"{_label(shown)}の中央値", format=_format(shown)),
                    alt.Tooltip("count()", title="市区町村数"),
                ],
            )
        ).properties(width=330, height=250, title="都道府県別の中央値（選んだ市区町村）")
        listed = (
            base.mark_text(align="left")
            .transform_filter(brush)
            .transform_window(place="row_number()", sort=[alt.SortField(y, order="descending")])
            .transform_filter(alt.datum.place <= _ROWS_SHOWN)
            .encode(y=alt.Y("place:O", axis=None))
            .properties(height=15 * _ROWS_SHOWN)
        )
        texts = {
            "都道府県": alt.Text("prefecture_name:N"),
            "市区町村": alt.Text("area_name:N"),
            **{_label(n): alt.Text(f"{n}:Q", format=_format(n)) for n in dict.fromkeys((y, x))},
        }
        columns_of_table = [
            listed.encode(text=text).properties(
                width=90, title=alt.Title(title, anchor="start", fontSize=10)
            )
            for title, text in texts.items()
        ]
        rows = alt.hconcat(*columns_of_table, spacing=12).properties(
            title=f"選んだ市区町村（{_label(y)}の大きい順に{_ROWS_SHOWN}まで）"
        )
        return (
            alt.hconcat(alt.vconcat(scatter, rows), alt.vconcat(histogram, tile_map))
            .configure_view(stroke=None)
            .configure_axis(labelFontSize=11, titleFontSize=12)
        )


def _label(name: str) -> str:
    indicator = indicators()[name]
    return f"{indicator.label}（{indicator.unit}）" if indicator.unit else indicator.label


def _format(name: str) -> str:
    indicator = indicators()[name]
    return f",.{indicator.decimals}{'%' if indicator.kind in ('rate', 'change') else 'f'}"


def _axis(name: str) -> alt.Axis:
    return alt.Axis(format="~s" if indicators()[name].kind == "count" else _format(name))


def _scale(name: str) -> alt.Scale:
    return alt.Scale(type="log") if indicators()[name].kind == "count" else alt.Scale(zero=False)
