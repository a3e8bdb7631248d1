"""Texts that want to run: through every path into a page, none does, even when clicked."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from gunmane_analysis.areas import find_area
from gunmane_analysis.charts.chart import Chart
from gunmane_analysis.findings import Column, Definition, Finding, KeyFigure
from gunmane_analysis.page.files import area_files
from gunmane_analysis.page.index import render_index
from gunmane_analysis.page.page import Provenance, make_page
from gunmane_analysis.page.records import AreaRecord
from gunmane_analysis.page.themes import Theme

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

RUN = "window.ran=1"
HOSTILE = (
    f'<img src=x onerror="{RUN}">',
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"</style><script>{RUN}</script>",
    f"</title><svg onload={RUN}>",
    f'"><svg/onload="{RUN}">',
    f"' onmouseover='{RUN}",
    f'" autofocus onfocus="{RUN}',
    f"[押す](javascript:{RUN})",
    f"[押す](JaVaScRiPt:{RUN})",
    f"[押す](data:text/html,<script>{RUN}</script>)",
    "![絵](https://example.org/x.png)",
    f'<a href="javascript:{RUN}">押す</a>',
    f'<iframe srcdoc="<script>parent.{RUN}</script>"></iframe>',
    f"<svg><title><script>{RUN}</script></title></svg>",
    f"<math><mtext><img src=x onerror={RUN}></mtext></math>",
    rf"$\href{{javascript:{RUN}}}{{x}}$",
    rf"$\text{{<img src=x onerror={RUN}>}}$",
    f"<style>@import 'https://example.org/x.css'</style><b onclick={RUN}>",
    '<meta http-equiv="refresh" content="0;url=https://example.org/">',
    '<base href="https://example.org/">',
    f"{{{{ ''.__class__ }}}}{{% raw %}}<script>{RUN}</script>",
    f"<!-- --><script>{RUN}</script><!--",
    f"=HYPERLINK(\"javascript:{RUN}\")&amp;<form action='https://example.org'><button>押す",
)


def hostile_svg(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 10 10" onload="{RUN}"><script>{RUN}</script><title>{escaped}</title>'
        f'<a xlink:href="javascript:{RUN}"><path d="M 0 0 L 10 10"/></a>'
        f'<image href="https://example.org/x.png"/><g onclick="{RUN}"><path d="M 0 0 L 9 9"/></g>'
        f'<foreignObject><img xmlns="http://www.w3.org/1999/xhtml" src="x" onerror="{RUN}"/>'
        f'</foreignObject><path id="{escaped}" d="M 1 1 L 2 2" style="fill: url(https://example.org)"/>'
        "</svg>"
    )


def hostile_finding(number: int, text: str) -> Finding:
    return Finding(
        finding_id=f"staffing.hostile_{number}",
        title=text,
        headline=text,
        table=pd.DataFrame({"name": [text, text], text: [text, text], "value": [-1.5, None]}),
        columns=(
            Column("name", text, text),
            Column(text, text),
            Column("value", text, text, "number", 1),
        ),
        source_ids=("prefecture_series",),
        caveats=(text,),
        chart=Chart(hostile_svg(text) if number % 2 else text, text),
        key_figures=(KeyFigure(f"k{number}", text, 1.0, text, note=text),),
        definitions=(Definition(text, text, text), Definition(f"{text}2", text, text.strip("$"))),
        summary=text,
        summary_rank=number,
        certainty=text,
        status="illustrative",
        placement="comparison" if number == 0 else "theme",
        method=text,
    )  # fmt: skip


def hostile_notebook() -> NotebookNode:
    cells = [new_markdown_cell("# 職員体制")]
    for number, text in enumerate(HOSTILE):
        bundle = hostile_finding(number, text)._repr_mimebundle_()
        styled = pd.DataFrame({text: [text]}).style.set_caption(text)
        shown = [
            new_output("execute_result", data=bundle, execution_count=1),
            new_output("display_data", data={"text/html": styled._repr_html_()}),
            new_output("display_data", data={"text/html": text, "text/markdown": text}),
            new_output("stream", text=text),
        ]
        cells.append(new_markdown_cell(f"## {text}\n\n{text}\n\n- {text}\n\n> {text}\n\n`{text}`"))
        cells.append(new_code_cell(text, outputs=shown, execution_count=1, metadata={"name": text}))
    return new_notebook(cells=cells, metadata={"title": text, "authors": [{"name": text}]})


@pytest.fixture(scope="module")
def hostile_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("hostile")
    everything = " ".join(HOSTILE)
    theme = Theme("staffing", everything, 1, Path("staffing.ipynb"), {})
    area = find_area("05")
    executed = {"staffing": hostile_notebook()}
    provenance = Provenance(
        "2026-11-20T10:00:00+09:00", everything, {everything: everything}, {everything: everything}
    )
    page = make_page(area, 2024, (theme,), executed, provenance)
    scheme = replace(page.scheme, title=everything, note=everything)
    vars(page).update(scheme=scheme, coverage=everything)
    named = type(area)(
        area.area_id, area.kind, everything, everything, area.prefecture_codes, area.parent,
        area.scheme_id,
    )  # fmt: skip
    object.__setattr__(page, "area", named)
    for name, content in area_files(page, executed).items():
        place = target / "05" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    record = AreaRecord(
        "05", everything, "prefecture", "made", everything, {"scheme_id": "regional_bureaus"},
        (everything,), provenance.made_at, everything, summary=tuple(HOSTILE),
        key_figures=tuple(vars(figure) for figure in page.key_figures),
    )  # fmt: skip
    nation = AreaRecord(**{**vars(record), "area_id": "japan", "kind": "nation"})
    failure = AreaRecord(**{**vars(record), "area_id": "06", "status": "failed"})
    index = render_index(2024, (record, nation), (failure,))
    (target / "index.html").write_bytes(index["index.html"])
    return target


@pytest.fixture(params=["05/index.html", "index.html"])
def visited(
    request: pytest.FixtureRequest, browser: Browser, hostile_folder: Path
) -> Iterator[tuple[Page, list[str]]]:
    asked: list[str] = []
    with browser.new_context(offline=True) as context:
        tab = context.new_page()
        context.on("request", lambda item: asked.append(item.url))
        tab.on("dialog", lambda dialog: dialog.dismiss())
        tab.goto((hostile_folder / request.param).as_uri())
        yield tab, asked


def test_there_are_24_texts() -> None:
    assert len(set(HOSTILE)) == 24


def test_nothing_runs_and_nothing_is_asked_for(visited: tuple[Page, list[str]]) -> None:
    tab, asked = visited
    tab.wait_for_load_state("load")
    assert tab.evaluate("window.ran") is None
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in asked if url.startswith("file:")]) == 1


def test_nothing_runs_when_clicked(visited: tuple[Page, list[str]]) -> None:
    tab, _ = visited
    place = tab.url
    tab.evaluate(
        """document.addEventListener('click', event => {
             const link = event.target.closest('a');
             if (link && /^(https?|file|mailto):/.test(link.href)) event.preventDefault();
           }, true)"""
    )
    tab.evaluate(
        """const reached = 'a, b, button, summary, svg, svg *, td, th';
           for (const item of document.querySelectorAll(reached)) {
             if (!item.isConnected) continue;  // sorting has drawn its row anew
             item.dispatchEvent(new MouseEvent('mouseover', {bubbles: true}));
             item.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}));
             if (item.focus) item.focus();
           }"""
    )
    assert tab.evaluate("window.ran") is None
    assert tab.url.partition("#")[0] == place


def test_no_hostile_element_or_attribute_is_there(visited: tuple[Page, list[str]]) -> None:
    tab, _ = visited
    elements = tab.evaluate(
        "[...document.querySelectorAll('iframe, base, form, object, foreignObject, image,"
        " link, meta[http-equiv=refresh], body style, svg a')].map(item => item.outerHTML)"
    )
    attributes = tab.evaluate(
        """[...document.querySelectorAll('*')].flatMap(item => [...item.attributes])
             .filter(({name, value}) => name.startsWith('on') || name === 'style'
               || /^\\s*(javascript|data:text)/i.test(value))
             .map(({name, value}) => name + value)"""
    )
    assert elements == []
    assert attributes == []


def test_the_texts_are_shown_as_they_are(browser: Browser, hostile_folder: Path) -> None:
    tab = browser.new_page()
    tab.goto((hostile_folder / "05/index.html").as_uri())
    captions = tab.eval_on_selector_all(
        "figcaption", "items => items.map(item => item.textContent.replace(/^図[0-9]+　/, ''))"
    )
    assert captions == list(HOSTILE)
    tab.close()


def test_csv_holds_no_formula(hostile_folder: Path) -> None:
    archive = zipfile.ZipFile(hostile_folder / "05/05_csv.zip")
    assert archive.namelist()
    for name in archive.namelist():
        cells = pd.read_csv(archive.open(name), dtype=str, header=None).to_numpy().ravel()
        texts = [cell for cell in cells if isinstance(cell, str) and cell != "-1.5"]
        assert not [text for text in texts if text.startswith(("=", "+", "-", "@", "\t"))]
