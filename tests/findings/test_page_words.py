"""The share of a page's printed lines that another page has, too."""

from __future__ import annotations

from benchmarks.likeness import masked_lines, shared_lines


def test_lines_that_differ_in_names_only_count_as_the_same() -> None:
    one = masked_lines("東北 の職員は減った。\n東北の職員は5人である。\n 1 / 4\n方法は全国に示す。")
    other = masked_lines("四国の職員は減った。\n四国の職員は7人である。\n方法は全国に示す。")
    assert len(one) == 3  # the page's number is no line
    assert shared_lines(one, other) == ["＿の職員は減った。", "方法は全国に示す。"]


def test_another_wrap_of_the_same_sentence_is_the_same() -> None:
    one = masked_lines("件数は一年の活動の数で、\n同じ案件を追ったものではない。")
    other = masked_lines("件数は一年の活動の数で、同じ案件を\n追ったものではない。")
    assert shared_lines(one, other) == one
