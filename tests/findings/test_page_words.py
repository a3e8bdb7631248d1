"""The share of a page's printed lines that another page has, too."""

from __future__ import annotations

import pytest

from benchmarks.likeness import likeness, printed_lines

_PAGE = "<main><h1>{0}</h1><p>{0}の職員は{1}人である。</p><p>方法は全国のページに示す。</p></main>"


def test_lines_that_differ_in_names_only_count_as_the_same() -> None:
    # 4 lines of which the sentence on staff alone differs
    one, other = _PAGE.format("東北", "5"), _PAGE.format("四国", "7")
    same = sum(len(line) for line in printed_lines(one) if "職員" not in line)
    assert likeness(one, other) == same / sum(map(len, printed_lines(one)))
    assert likeness(one, one) == 1.0


@pytest.mark.parametrize("hidden", ["<details><p>データの行</p></details>", "<nav>目次の行</nav>"])
def test_what_is_not_printed_is_not_counted(hidden: str) -> None:
    assert printed_lines(f"<main>{hidden}<p>印刷される行</p></main>") == ["印刷される行"]
