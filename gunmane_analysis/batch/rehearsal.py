"""A page of nothing, made once before the fork.

Libraries set up much at first use: templates and schemas are compiled, fonts measured, patterns
and dates cached. A child's first use ends with the child, so that every area would pay for it;
what the process that forks has once done is there for all of them.
"""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from gunmane_analysis.areas import NATION_ID, find_area
from gunmane_analysis.batch.engine import prepared_for_papermill, run_theme
from gunmane_analysis.batch.inprocess import ENGINE_NAME
from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.style import count_axis, year_axis
from gunmane_analysis.findings.finding import Column, Finding, KeyFigure
from gunmane_analysis.page.files import area_files
from gunmane_analysis.page.page import Provenance, make_page
from gunmane_analysis.page.themes import PARAMETERS_TAG, Theme
from gunmane_analysis.paths import notebooks_dir

_YEAR = 2024
_CELL = """from gunmane_analysis.batch.rehearsal import rehearsed_finding

rehearsed_finding()"""


def rehearse() -> None:
    """Run a small notebook, draw, and make an area's files, of which none is kept."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    parameters = {"area_id": NATION_ID, "fiscal_year": _YEAR}
    theme = Theme("rehearsal", "予行", 0, notebooks_dir() / "rehearsal.ipynb", parameters)
    declared = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    notebook = new_notebook(
        cells=[
            new_markdown_cell("# 予行\n\n文章。"),
            new_code_cell(declared, metadata={"tags": [PARAMETERS_TAG]}),
            new_code_cell(_CELL),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "", "language": "python"}},
    )
    loaded = prepared_for_papermill(notebook, parameters, ENGINE_NAME)
    executed = run_theme(theme, loaded, parameters, engine_name=ENGINE_NAME, seed=0)
    provenance = Provenance("2024-04-01T00:00:00+09:00", "")
    page = make_page(find_area(NATION_ID), _YEAR, (theme,), {theme.theme_id: executed}, provenance)
    area_files(page, {theme.theme_id: executed})


def rehearsed_finding() -> Finding:
    """Return a finding with a table, a chart and a key figure, about nothing."""
    return Finding(
        finding_id="rehearsal.nothing",
        title="予行",
        headline="予行の表です。",
        table=pd.DataFrame({"fiscal_year": [2023, 2024], "count": [1, 2], "share": [0.5, None]}),
        columns=(
            Column("fiscal_year", "年度", kind="year"),
            Column("count", "数", "人", "count"),
            Column("share", "割合", "%", "rate", 1),
        ),
        source_ids=(),
        chart=draw(_plot, "予行の図。"),
        key_figures=(KeyFigure("nothing", "予行", 1.0),),
        summary="予行の文です。",
    )


def _plot() -> Figure:
    figure = Figure()
    axes = figure.subplots()
    axes.plot([2023, 2024], [1.0, 2.0], marker="o", label="予行 0123456789,.%−（）")
    axes.legend()
    count_axis(axes, "人")
    year_axis(axes)
    return figure
