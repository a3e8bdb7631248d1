"""Linked views of the municipalities in JupyterLab: scatter, distribution, map and table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import altair as alt
import ipywidgets as widgets
import pandas as pd

from gunmane_analysis.areas import list_areas
from gunmane_analysis.areas.tiles import TILES
from gunmane_analysis.charts.style import AREA_COLOR, GRID_COLOR
from gunmane_analysis.errors import DesignError
from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.tables.indicators import indicators

_BRUSH = "brush"
_ROWS_SHOWN = 15
_COUNT = "市区町村数"
_CONTROLS = {"x": "横軸", "y": "縦軸", "shown": "分布と地図"}
_SIZES = {
    "すべての規模": (0.0, float("inf")),
    "1万人未満": (0.0, 10_000.0),
    "1万〜5万人未満": (10_000.0, 50_000.0),
    "5万〜20万人未満": (50_000.0, 200_000.0),
    "20万人以上": (200_000.0, float("inf")),
}
_NAMES = {"prefecture_name": "都道府県", "area_name": "市区町村"}
_TILES = ("tile_column", "tile_row")
_WIDE = {"width": "28em"}


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
        If it is not such a table, or an indicator is not one of its columns.

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
        is_table = isinstance(municipalities, pd.DataFrame)
        refuse_if(not is_table, "explorer-table", given=municipalities)
        known = [name for name in indicators() if name in municipalities]
        for name in (x, y, distribution):
            if name not in known:
                raise DesignError(f"指標「{name}」は表にありません。", expected="、".join(known))
        prefectures = {area.area_id: area.name for area in list_areas("prefecture")}
        tiles = pd.DataFrame.from_dict(dict(TILES), "index", columns=list(_TILES))
        named = municipalities["prefecture_code"].map(prefectures)
        self._all = municipalities.assign(prefecture_name=named).join(tiles, on="prefecture_code")
        choices = [(_label(name), name) for name in known]
        self._controls = {
            key: widgets.Dropdown(options=choices, value=value, description=words, layout=_WIDE)
            for (key, words), value in zip(_CONTROLS.items(), (x, y, distribution), strict=True)
        }
        self._controls["prefecture"] = widgets.Dropdown(
            options=[("全国", ""), *((name, code) for code, name in prefectures.items())],
            description="都道府県",
        )
        self._controls["size"] = widgets.Dropdown(options=_SIZES, description="人口規模")
        self._file = widgets.Text(value="選んだ市区町村.csv", description="ファイル名")
        self._export = widgets.Button(description="選んだ市区町村を書き出す", layout=_WIDE)
        self._message = widgets.HTML()
        alt.JupyterChart.enable_offline()
        self._view = alt.JupyterChart(self._chart())
        for control in self._controls.values():
            control.observe(lambda _: setattr(self._view, "chart", self._chart()), "value")
        self._export.on_click(lambda _: self._write())

    def _ipython_display_(self) -> None:
        from IPython.display import display

        controls = [*self._controls.values(), self._file, self._export]
        rows = [controls[:2], controls[2:5], controls[5:]]
        boxes = [widgets.HBox(row, layout={"flex_flow": "row wrap"}) for row in rows]
        display(widgets.VBox([*boxes, self._message, self._view]))  # type: ignore[no-untyped-call]

    @property
    def filtered(self) -> pd.DataFrame:
        """The municipalities of the prefecture and size that are set."""
        low, high = self._controls["size"].value
        sized = self._all["population_count"].fillna(0.0).between(low, high, inclusive="left")
        code = self._controls["prefecture"].value
        return self._all[sized & self._all["prefecture_code"].str.startswith(code)]

    @property
    def chosen(self) -> pd.DataFrame:
        """The filtered municipalities inside the dragged region; all of them without one."""
        table = self.filtered.drop(columns=["prefecture_name", *_TILES])
        dragged: dict[str, list[float]] = getattr(self._view.selections, _BRUSH).value or {}
        for name, (low, high) in dragged.items():
            table = table[table[name].between(low, high)]
        return table

    def export(self, path: str | Path) -> int:
        """Write the chosen municipalities as CSV that Excel opens; return how many.

        Columns are those of the table, headed by the indicators' labels and units.
        """
        labels = {name: _label(name) for name in indicators()}
        labels |= {f"{name}_year": f"{each.label}の年度" for name, each in indicators().items()}
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

    def _chart(self) -> Any:
        x, y, shown = (self._controls[key].value for key in _CONTROLS)
        columns = dict.fromkeys([*_NAMES, *_TILES, x, y, shown])
        base = alt.Chart(self.filtered[list(columns)])
        brush = alt.selection_interval(name=_BRUSH)
        names = [alt.Tooltip(f"{name}:N", title=title) for name, title in _NAMES.items()]
        points = base.mark_circle(size=28).encode(
            x=_channel(alt.X, x, scale=_scale(x), axis=_axis(x)),
            y=_channel(alt.Y, y, scale=_scale(y), axis=_axis(y)),
            color=alt.condition(brush, alt.value(AREA_COLOR), alt.value(GRID_COLOR)),
            tooltip=[*names, *(_channel(alt.Tooltip, n, format=_format(n)) for n in (x, y, shown))],
        )
        scatter = points.add_params(brush).properties(
            width=430, height=300, title="一つの点が一つの市区町村（囲むと選べる）"
        )
        selected = base.transform_filter(brush)
        bins = _channel(alt.X, shown, bin=alt.Bin(maxbins=30), axis=_axis(shown))
        bars = selected.mark_bar(color=AREA_COLOR).encode(bins, alt.Y("count()", title=_COUNT))
        median = f"median({shown}):Q"
        tiles = selected.mark_rect().encode(
            x=alt.X("tile_column:O", axis=None),
            y=alt.Y("tile_row:O", axis=None),
            color=alt.Color(
                median, title="中央値", scale=alt.Scale(scheme="blues"),
                legend=alt.Legend(format=_format(shown)),
            ),
            tooltip=[
                names[0],
                alt.Tooltip(median, title=f"{_label(shown)}の中央値", format=_format(shown)),
                alt.Tooltip("count()", title=_COUNT),
            ],
        )  # fmt: skip
        listed = (
            selected.mark_text(align="left")
            .transform_window(place="row_number()", sort=[alt.SortField(y, order="descending")])
            .transform_filter(alt.datum.place <= _ROWS_SHOWN)
            .encode(y=alt.Y("place:O", axis=None))
            .properties(height=15 * _ROWS_SHOWN, width=90)
        )
        texts = {title: alt.Text(f"{name}:N") for name, title in _NAMES.items()}
        texts |= {_label(name): alt.Text(f"{name}:Q", format=_format(name)) for name in (y, x)}
        table = [
            listed.encode(text=text).properties(title=alt.Title(title, anchor="start", fontSize=10))
            for title, text in texts.items()
        ]
        rows = alt.hconcat(*table, spacing=12).properties(
            title=f"選んだ市区町村（{_label(y)}の大きい順に{_ROWS_SHOWN}まで）"
        )
        right = alt.vconcat(
            bars.properties(width=330, height=130, title="選んだ市区町村の分布"),
            tiles.properties(width=330, height=250, title="都道府県別の中央値（選んだ市区町村）"),
        )
        return (
            alt.hconcat(alt.vconcat(scatter, rows), right)
            .configure_view(stroke=None)
            .configure_axis(labelFontSize=11, titleFontSize=12)
        )


def _channel(kind: Any, name: str, **options: Any) -> Any:
    return kind(f"{name}:Q", title=_label(name), **options)


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
