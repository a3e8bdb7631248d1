"""Prose, formulas, figures and cells as HTML."""

from __future__ import annotations

import base64
import io
import re

import pandas as pd
import pytest
from matplotlib.figure import Figure

from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.grammar import plot_stacked
from gunmane_analysis.charts.svg import clean_svg, text_of
from gunmane_analysis.charts.typeface import font_face
from gunmane_analysis.findings import Column, Finding, KeyFigure
from gunmane_analysis.findings.markup import inline_svg, markdown, mathml, spoken, table_rows


def labelled_figure() -> Figure:
    figure = Figure()
    axes = figure.subplots()
    axes.plot([0, 1, 2], [3, 1, 2], marker="o")
    axes.set_title("職員数")
    return figure


def test_formula_becomes_mathml_offline() -> None:
    assert str(mathml(r"\frac{a}{b}")).startswith("<math")
    assert "<mfrac>" in mathml(r"\frac{a}{b}")
    assert "<mfrac>" in markdown(r"割合は $\frac{a}{b}$ である。")


def test_links_in_formulas_are_dropped() -> None:
    assert "javascript" not in mathml(r"\href{javascript:x}{y}")


def test_pictures_from_elsewhere_become_their_text() -> None:
    assert "<img" not in markdown("![絵](https://example.org/x.png)")


def test_headings_stand_one_lower_than_in_the_notebook() -> None:
    assert markdown("# 題\n\n## 問い") == "<h2>題</h2>\n<h3>問い</h3>\n"


@pytest.mark.parametrize(
    ("shown", "heard"),
    [("△21.7", "マイナス"), ("…", "数値なし"), ("－", "該当なし"), ("x", "秘匿")],
)
def test_signs_are_heard_as_words(shown: str, heard: str) -> None:
    html = spoken(shown)
    assert f"<i aria-hidden=true>{shown[0]}</i>" in html
    assert f"<b class=h>{heard}</b>" in html


def test_rows_have_scoped_headers_and_the_own_row_stands_out() -> None:
    finding = Finding(
        "staffing.x", "表", "文。",
        pd.DataFrame({"name": ["秋田県", "東北"], "change": [-0.35, None]}),
        (Column("name", "地域"), Column("change", "増減", "%", "change", 1)),
        ("prefecture_series",),
    )  # fmt: skip
    own, other = str(table_rows(finding, "秋田県")).splitlines()
    assert own.startswith('<tr class="own"><th scope=row>秋田県<td>')
    assert "マイナス" in own and "数値なし" in other


def test_a_drawn_figure_is_clean_named_and_its_text_is_text() -> None:
    chart = draw(labelled_figure, "折れ線図。3から1に減り、2に増えた。")
    assert clean_svg(chart.content) == chart.content
    assert "style=" not in chart.content
    assert "職員数" in text_of(chart.content)
    html = inline_svg(chart.content, "f1-", "職員数の推移", chart.alt)
    assert '<title id="f1-title">職員数の推移</title>' in html
    assert 'aria-labelledby="f1-title f1-alt"' in html and 'role="img"' in html
    assert html.count("<svg") == 1


def test_figures_share_no_id() -> None:
    chart = draw(labelled_figure, "図。")
    for prefix in ("f1-", "f2-"):
        figure = str(inline_svg(chart.content, prefix, "一", "甲"))
        ids = re.findall(r' id="([^"]*)"', figure)
        assert len(ids) > 2 and len(set(ids)) == len(ids)
        referred = re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', figure)
        assert {one or other for one, other in referred} <= set(ids)
        assert all(name.startswith(prefix) for name in ids)


def test_a_hatched_bar_keeps_its_filling() -> None:
    parts = pd.DataFrame({"委託": [3.0], "直営": [2.0], "導入": [1.0]}, index=["導入前"])
    content = draw(lambda: plot_stacked(parts, "百万円"), "図。").content
    ids = set(re.findall(r' id="([^"]*)"', content))
    filled = re.findall(r'fill="url\(#([^)]*)\)"', content)
    assert len(set(filled)) == 2 and set(filled) <= ids


def test_the_page_brings_the_outlines_of_what_its_charts_write() -> None:
    from fontTools.ttLib import TTFont

    rule = font_face(frozenset("秋田県0.5"))
    content = re.search(r"base64,([^)]*)\)", rule)
    assert content is not None
    font = TTFont(io.BytesIO(base64.b64decode(content[1])))
    assert {chr(code) for code in font.getBestCmap()} == set("秋田県0.5")
    assert font_face(frozenset()) == ""


def test_what_is_no_svg_is_shown_as_nothing() -> None:
    html = inline_svg("<svg><script>x</svg>", "f1-", "題", "文")
    assert "script" not in html and html.endswith("</svg>")


@pytest.mark.parametrize(
    "inner",
    [
        "<script>x</script>",
        '<path d="M 0 0 L 1 1" onclick="x"/>',
        '<image href="https://example.org/x.png"/>',
        '<path d="M 0 0 L 1 1" style="fill: url(https://example.org)"/>',
        '<a href="javascript:x"><path d="M 0 0 L 1 1"/></a>',
        "<style>*{color:red}</style>",
    ],
)
def test_only_known_elements_pass_into_a_figure(inner: str) -> None:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">{inner}</svg>'
    clean = clean_svg(svg)
    assert clean_svg(clean) == clean
    assert not any(word in clean for word in ("script", "onclick", "https://example", "style"))


def test_yen_on_cards_in_the_units_that_readers_use() -> None:
    figure = KeyFigure("k", "1人当たり土木費", 9_737_731.0, "円", "number")
    assert figure.words(figure.value) == "974万円"
    assert figure.words(120_000_000.0) == "1.20億円"
    assert figure.words(995_000_000.0) == "9.95億円"
    assert figure.words(9_996_000_000.0) == "100億円"
    assert figure.words(2_500.0) == "2,500円"
    assert figure.words(None) == "…"


def test_spaces_in_labels_leave_nothing_behind() -> None:
    def spaced() -> Figure:
        figure = labelled_figure()
        figure.axes[0].set_xlabel("A B C")
        return figure

    content = draw(spaced, "図。").content
    outlined = re.findall(r'<path id="([A-Z]\w*)" d="[^"]', content)
    assert set(re.findall(r'<use href="#([A-Z]\w*)"', content)) == set(outlined)
    assert len(outlined) == len(set(outlined)) == len(re.findall(r' id="[A-Z]', content))
