"""What the secretariat may file: read, checked, and absent until it is registered."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from gunmane_analysis.areas import find_area
from gunmane_analysis.errors import GunmaneError, SourceError, SourceMismatchError
from gunmane_analysis.findings.funnel import area_funnel_finding
from gunmane_analysis.findings.pages.area_parts import calendar_finding
from gunmane_analysis.loaders.tables import (
    load_activity_plan,
    load_funnel_cases,
    load_funnel_counts,
    load_kpi,
)
from gunmane_analysis.metrics.funnel.readings import area_funnel
from gunmane_analysis.sources import sha256_of
from gunmane_analysis.tables import describe, empty_table
from gunmane_analysis.tables.funnel import STAGES

# 合成データ: split by hand so that it adds up to the printed regional counts 83, 50, 29, 5.
SYNTHETIC_COUNTS = {
    "hokkaido": (5, 2, 1, 0), "tohoku": (12, 7, 4, 1), "kanto": (10, 6, 3, 0),
    "hokuriku": (3, 2, 1, 0), "chubu": (6, 4, 2, 1), "kinki": (20, 12, 8, 2),
    "chugoku": (15, 10, 7, 1), "shikoku": (4, 2, 1, 0), "kyushu": (6, 4, 2, 0),
    "okinawa": (2, 1, 0, 0),
}  # fmt: skip
CASE_HEADING = (
    "case_id,block_id,prefecture_code,municipality_code,field,considered_on,established_on,"
    "trialled_on,implemented_on,closed_on,as_of_on,remark"
)


def _counts_text(counts: dict[str, tuple[int, ...]], rule: str = "unknown") -> str:
    lines = ["fiscal_year,block_id,stage,case_count,counting_rule,as_of_on,remark"]
    for block, stages in counts.items():
        for stage, count in zip(STAGES, stages, strict=True):
            lines.append(f"2023,{block},{stage},{count},{rule},2024-03-31,合成データ")
    return "\n".join(lines) + "\n"


def _file(project: Path, source: str, texts: Sequence[str]) -> None:
    folder = project / "data" / "raw" / source
    folder.mkdir()
    files = {}
    for position, text in enumerate(texts):
        path = folder / f"part_{position}.csv"
        path.write_text(text, encoding="utf-8")
        files[f"{source}/{path.name}"] = {"sha256": sha256_of(path)}
    register = project / "data" / "raw" / "sources.yml"
    content = yaml.safe_load(register.read_text(encoding="utf-8"))
    content["sources"][source] = {"title": "合成データ", "producer": "試験", "files": files}
    register.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def test_the_example_adds_up_to_the_printed_counts() -> None:
    summed = [sum(stages) for stages in zip(*SYNTHETIC_COUNTS.values(), strict=True)]
    assert summed == [83, 50, 29, 5]


def test_nothing_filed_gives_empty_tables_with_their_columns() -> None:
    for table, model in (
        (load_funnel_counts(), describe("funnel_counts")),
        (load_funnel_cases(), describe("funnel_cases")),
    ):
        assert table.empty
        assert list(table.columns) == list(model.columns)


def test_filed_counts_give_a_block_its_own_funnel(own_project: Path) -> None:
    first = dict(list(SYNTHETIC_COUNTS.items())[:4])
    rest = dict(list(SYNTHETIC_COUNTS.items())[4:])
    _file(own_project, "funnel_counts", [_counts_text(first), _counts_text(rest)])
    counts = load_funnel_counts()
    funnel = area_funnel(
        load_kpi(), counts, empty_table("funnel_cases"), find_area("chugoku"), 2023
    )
    assert (funnel.origin, funnel.forum_count, len(funnel.own.rates)) == ("counts", 1, 2)
    assert funnel.own.rates["nested"]["reached_count"].tolist() == [15, 10, 7, 1]
    assert funnel.own.rates["status"]["reached_count"].tolist() == [33, 18, 8, 1]


@pytest.mark.parametrize(
    ("counts", "rule", "pairs"),
    [
        ((8, 2, 2, 1), "nested", ["検討は一覧3件、表8件"]),
        ((1, 0, 1, 1), "status", []),  # each case once: 3, 2, 2 and 1 reached the stages
        ((3, 3, 2, 1), "unknown", ["マッチング成立は一覧2件、表3件"]),
    ],
)
def test_a_ledger_and_counts_that_differ_are_both_shown(
    own_project: Path, counts: tuple[int, ...], rule: str, pairs: list[str]
) -> None:
    rows = [  # 合成データ
        "a,chugoku,34,,road,2023-04-10,2023-06-01,2023-09-01,,,2024-03-31,合成データ",
        "b,chugoku,33,,river,2023-05-10,,2024-02-01,2024-03-01,,2024-03-31,合成データ",
        "c,chugoku,34,,,2023-06-10,,,,2023-12-01,2024-03-31,合成データ",
    ]
    _file(own_project, "funnel_cases", ["\n".join([CASE_HEADING, *rows]) + "\n"])
    _file(own_project, "funnel_counts", [_counts_text({"chugoku": counts}, rule=rule)])
    chugoku = find_area("chugoku")
    funnel = area_funnel(load_kpi(), load_funnel_counts(), load_funnel_cases(), chugoku, 2023)
    assert funnel.origin == "cases"
    for finding in (
        area_funnel_finding(funnel, 2023),
        calendar_finding(load_activity_plan().iloc[:0], chugoku, 2023, funnel),
    ):
        words = [each for each in finding.caveats if "一致しない" in each]
        assert len(words) == bool(pairs)
        assert all(pair in words[0] for pair in pairs)


def test_a_stated_counting_rule_leaves_one_reading(own_project: Path) -> None:
    text = _counts_text({"kinki": (20, 12, 8, 2)}, rule="status")
    _file(own_project, "funnel_counts", [text])
    funnel = area_funnel(
        load_kpi(), load_funnel_counts(), empty_table("funnel_cases"), find_area("kinki"), 2024
    )
    assert list(funnel.own.rates) == ["status"]


def test_a_prefecture_gets_nothing_from_its_forums_counts(own_project: Path) -> None:
    _file(own_project, "funnel_counts", [_counts_text(SYNTHETIC_COUNTS)])
    funnel = area_funnel(
        load_kpi(), load_funnel_counts(), empty_table("funnel_cases"), find_area("34"), 2024
    )
    assert funnel.origin == "none"


@pytest.mark.parametrize(
    "counts",
    [{**SYNTHETIC_COUNTS, "okinawa": (3, 1, 0, 0)}, {"kinki": (84, 12, 8, 2)}],
    ids=["ten forums that add up to more", "one forum above the whole"],
)
def test_counts_that_contradict_the_printed_ones_stop(
    own_project: Path, counts: dict[str, tuple[int, ...]]
) -> None:
    _file(own_project, "funnel_counts", [_counts_text(counts)])
    with pytest.raises(SourceMismatchError, match="公表 83件"):
        load_funnel_counts()


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (",8,unknown", ",,unknown", "件数"),
        ("2023,kinki,trialled,8,unknown,2024-03-31,合成データ\n", "", "現場試行の行がありません"),
        ("kinki", "kansai", "kansai"),
    ],
)
def test_blank_missing_and_unknown_cells_of_counts_are_named(
    own_project: Path, before: str, after: str, told: str
) -> None:
    text = _counts_text({"kinki": (20, 12, 8, 2)})
    assert before in text
    _file(own_project, "funnel_counts", [text.replace(before, after)])
    with pytest.raises(SourceError, match=told):
        load_funnel_counts()


def test_a_ledger_is_read_with_six_digit_codes(own_project: Path) -> None:
    # 合成データ; 342076 is 福山市's code with its check digit.
    rows = [
        "a,chugoku,34,342076,road,2023-04-10,2023-06-01,2023-09-01,,,2024-03-31,合成データ",
        "b,chugoku,33,,river,2023-05-10,,2024-02-01,2024-03-01,,2024-03-31,合成データ",
        "c,chugoku,34,342076,,2023-06-10,,,,2023-12-01,2024-03-31,合成データ",
    ]
    _file(own_project, "funnel_cases", ["\n".join([CASE_HEADING, *rows]) + "\n"])
    cases = load_funnel_cases()
    assert cases["municipality_code"].iloc[0] == "34207"
    place = {"chugoku": [3, 2, 2, 1], "34": [2, 1, 1, 0], "34207": [2, 1, 1, 0]}
    for area_id, expected in place.items():
        funnel = area_funnel(
            load_kpi(), empty_table("funnel_counts"), cases, find_area(area_id), 2023
        )
        assert funnel.origin == "cases"
        assert funnel.own.rates["nested"]["reached_count"].tolist() == expected
        assert list(funnel.own.rates) == ["nested"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("a,kinki,27,,road,2023-04-10,2023-03-01,,,,2024-03-31,", "成立した日"),
        ("a,kinki,27,,road,2023-04-10,2023-13-01,,,,2024-03-31,", "暦にない日"),
        ("a,kinki,27,,road,2023-04-10,,,2024-06-01,,2024-03-31,", "最後に確かめた日"),
        ("a,kinki,27,,road,2023-04-10,,,2023-06-01,2023-07-01,2024-03-31,", "両方"),
        ("a,kinki,27,34207,road,2023-04-10,,,,,2024-03-31,", "都道府県と合わない"),
    ],
)
def test_cases_whose_dates_or_places_contradict_stop(
    own_project: Path, row: str, told: str
) -> None:
    _file(own_project, "funnel_cases", [f"{CASE_HEADING}\n{row}\n"])
    with pytest.raises(GunmaneError, match=told):
        load_funnel_cases()


def test_theme_and_prefecture_of_a_case_are_kept_whatever_wrote_the_code(own_project: Path) -> None:
    head = "案件番号,地方フォーラム,都道府県,技術テーマ,検討を始めた日,最後に確かめた日,備考\n"
    rows = "a,東北,5,橋梁の点検,2024-05-10,2025-03-31,\nb,東北,秋田県,,2024-05-10,2025-03-31,\n"
    _file(own_project, "funnel_cases", [head + rows])
    cases = load_funnel_cases().set_index("case_id")
    assert cases["prefecture_code"].to_dict() == {"a": "05", "b": "05"}
    assert cases.loc["a", "theme_text"] == "橋梁の点検"
