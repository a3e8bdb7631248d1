"""Linked views of the municipalities in JupyterLab: scatter, distribution, map and table."""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import Any

import altair as alt
import ipywidgets as widgets
import pandas as pd

from gunmane_analysis.areas import list_areas
from gunmane_analysis.areas.tiles import prefecture_tiles
from gunmane_analysis.charts.style import AREA_COLOR, GRID_COLOR
from gunmane_analysis.paths import parse_yaml
from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.tables.indicators import indicators

_BRUSH = "brush"
_NOT_GIVEN = ["tile_column", "tile_row"]
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
        unknown = [name for name in (x, y, distribution) if name not in known]
        refuse_if(unknown, "position-indicator", unknown=unknown, known=known)
        self._described = Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")
        self._words = parse_yaml(self._described)
        prefectures = {area.area_id: area.name for area in list_areas("prefecture")}
        tiles = pd.DataFrame.from_dict(prefecture_tiles(), "index", columns=_NOT_GIVEN)
        self._all = municipalities.join(tiles, on="prefecture_code")
        self._shown = {
            key: widgets.Dropdown(
                options=[(_label(each), each) for each in known],
                value=name, description=self._words["controls"][key], layout=_WIDE,
            )
            for key, name in {"x": x, "y": y, "shown": distribution}.items()
        }  # fmt: skip
        self._prefecture = widgets.Dropdown(
            options=[("全国", ""), *((name, code) for code, name in prefectures.items())],
            description="都道府県",
        )
        self._size = widgets.Dropdown(options=self._words["sizes"], description="人口規模")
        self._file = widgets.Text(value="選んだ市区町村.csv", description="ファイル名")
        self._export = widgets.Button(description="選んだ市区町村を書き出す", layout=_WIDE)
        self._message = widgets.HTML()
        alt.JupyterChart.enable_offline()
        self._view = alt.JupyterChart(self._chart())
        for control in (*self._shown.values(), self._prefecture, self._size):
            control.observe(lambda _: setattr(self._view, "chart", self._chart()), "value")
        self._export.on_click(lambda _: self._write())

    def _ipython_display_(self) -> None:
        from IPython.display import display

        x, y, shown = self._shown.values()
        rows = ([x, y], [shown, self._prefecture, self._size], [self._file, self._export])
        boxes = [widgets.HBox(row, layout={"flex_flow": "row wrap"}) for row in rows]
        display(widgets.VBox([*boxes, self._message, self._view]))  # type: ignore[no-untyped-call]

    @property
    def filtered(self) -> pd.DataFrame:
        """The municipalities of the prefecture and size that are set."""
        low, high = self._size.value
        sized = self._all["population_count"].fillna(0.0).between(low, high, inclusive="left")
        return self._all[
            sized & self._all["prefecture_code"].str.startswith(self._prefecture.value)
        ]

    @property
    def chosen(self) -> pd.DataFrame:
        """The filtered municipalities inside the dragged region; all of them without one."""
        table = self.filtered.drop(columns=_NOT_GIVEN)
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
        name = self._file.value
        try:
            words = self._words["written"].format(count=self.export(name), name=name)
        except OSError as fault:
            words = self._words["not_written"].format(fault=fault.strerror)
        self._message.value = words

    def _chart(self) -> Any:
        words = {"color": AREA_COLOR, "faint": GRID_COLOR}
        for key, control in self._shown.items():
            is_count = indicators()[control.value].kind == "count"
            words |= {
                key: control.value,
                f"{key}_label": _label(control.value),
                f"{key}_format": _format(control.value),
                f"{key}_axis": "~s" if is_count else _format(control.value),
                f"{key}_scale": "{type: log}" if is_count else "{zero: false}",
            }
        described = parse_yaml(Template(self._described).substitute(words))
        chart = alt.Chart.from_dict(described["chart"])
        shown = {words[key] for key in self._shown}
        chart.data = self.filtered[["area_name", "prefecture_name", *_NOT_GIVEN, *shown]]
        return chart


def _label(name: str) -> str:
    indicator = indicators()[name]
    return f"{indicator.label}（{indicator.unit}）" if indicator.unit else indicator.label


def _format(name: str) -> str:
    indicator = indicators()[name]
    return f",.{indicator.decimals}{'%' if indicator.kind in ('rate', 'change') else 'f'}"
