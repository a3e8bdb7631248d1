"""Filing: a copy, an entry with its hash, everything else in the register left as it was."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlparse

import openpyxl
import pytest
import yaml
from filelock import FileLock

from gunmane_analysis.cli import main
from gunmane_analysis.errors import SourceError
from gunmane_analysis.intake.check import check_file
from gunmane_analysis.intake.estat import fetch_ssds
from gunmane_analysis.intake.forms import read_form
from gunmane_analysis.intake.listing import list_sources
from gunmane_analysis.intake.template import heading, template_bytes
from gunmane_analysis.loaders.filing import register_file, with_entry
from gunmane_analysis.loaders.reading import read_own
from gunmane_analysis.loaders.store import load_table
from gunmane_analysis.loaders.tables import load_municipal_staffing, load_staffing
from gunmane_analysis.sources import check_all_raw_files, find_source, sha256_of
from gunmane_analysis.tables import describe, table_of_source


def staff_file(folder: Path, name: str, *rows: str) -> Path:
    path = folder / name
    path.write_text("\n".join(["団体コード,年度,土木部門職員数", *rows]) + "\n", encoding="utf-8")
    return path


def register_text(project: Path) -> str:
    return (project / "data" / "raw" / "sources.yml").read_text(encoding="utf-8")


def test_a_filed_file_is_copied_registered_and_loaded(own_project: Path, tmp_path: Path) -> None:
    before = register_text(own_project)
    path = staff_file(tmp_path, "R6.csv", "052043,2024,61", "011002,2024,-")
    filed = register_file(check_file(path))
    copy = own_project / "data" / "raw" / filed
    assert copy.read_bytes() == path.read_bytes()
    assert find_source("municipal_staffing").files == {filed: sha256_of(path)}
    assert register_text(own_project).startswith(before.rstrip("\n"))
    check_all_raw_files()
    table = load_municipal_staffing().set_index("municipality_code")
    assert table.loc["05204", "civil_staff_count"] == 61
    assert table["civil_staff_count"].isna()["01100"]
    assert table.loc["01100", "civil_staff_count_status"] == "none"


def test_a_refused_file_changes_nothing(own_project: Path, tmp_path: Path) -> None:
    before = register_text(own_project)
    path = staff_file(tmp_path, "bad.csv", "052043,2024,61人")
    with pytest.raises(SourceError, match="人"):
        register_file(check_file(path))
    assert main(["data", "add", str(path)]) == 2
    assert register_text(own_project) == before
    assert not (own_project / "data" / "raw" / "municipal_staffing").exists()


def test_the_same_name_is_refused_with_the_command_that_replaces(
    own_project: Path, tmp_path: Path
) -> None:
    register_file(check_file(staff_file(tmp_path, "a.csv", "052043,2024,61")))
    with pytest.raises(SourceError, match="違う内容") as refusal:
        register_file(check_file(staff_file(tmp_path, "a.csv", "052043,2024,60")))
    assert "gunmane data replace" in refusal.value.advice


def test_rows_that_a_registered_file_has_are_refused_before_anything_is_written(
    own_project: Path, tmp_path: Path
) -> None:
    register_file(check_file(staff_file(tmp_path, "a.csv", "052043,2024,61", "011002,2024,5")))
    before = register_text(own_project)
    later = check_file(staff_file(tmp_path, "b.csv", "052043,2024,61", "011002,2025,5"))
    with pytest.raises(SourceError, match=r"1 行.*municipal_staffing/a\.csv") as refusal:
        register_file(later)
    advice = f"gunmane data replace municipal_staffing a.csv {later.path} --reason"
    assert advice in refusal.value.advice
    assert register_text(own_project) == before
    assert not (own_project / "data/raw/municipal_staffing/b.csv").exists()
    assert main(["data", "build"]) == 0


def test_the_same_content_is_recognised_under_any_name(own_project: Path, tmp_path: Path) -> None:
    register_file(check_file(staff_file(tmp_path, "a.csv", "052043,2024,61")))
    with pytest.raises(SourceError, match=r"municipal_staffing/a\.csv.*登録済み"):
        register_file(check_file(staff_file(tmp_path, "copy.csv", "052043,2024,61")))


def test_a_cumulative_register_may_repeat_an_equal_row(own_project: Path, tmp_path: Path) -> None:
    form = read_form("step_positions")
    first, second, third = (tmp_path / f"{name}.xlsx" for name in "abc")
    given = {"as_of_on": "2025-03-01"}
    later = {"entered_on": "2024-06-01", "step_no": 2, **given}
    assert faults_of_form(first, form.source_id, given) == []
    assert faults_of_form(second, form.source_id, given, later) == []
    assert faults_of_form(third, form.source_id, {"step_no": 3, **given}) == []
    register_file(check_file(first))
    register_file(check_file(second))
    assert len(load_table("step_positions")) == 2
    with pytest.raises(SourceError, match="値の違う行が 1 行"):
        register_file(check_file(third))


def test_what_is_replaced_or_removed_is_kept_with_date_and_reason(
    own_project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = staff_file(tmp_path, "a.csv", "052043,2024,61")
    sha256 = sha256_of(old)
    assert main(["data", "add", str(old)]) == 0
    new = staff_file(tmp_path, "a.csv", "052043,2024,60")
    source = "municipal_staffing"
    assert main(["data", "replace", source, "a.csv", str(new), "--reason", "再提出"]) == 0
    assert load_table(source)["civil_staff_count"].tolist() == [60.0]
    assert main(["data", "remove", source, "a.csv", "--reason", "取り下げ"]) == 0
    assert load_table(source)["civil_staff_count"].tolist() == []
    kept = find_source(source).replaced
    assert [facts["reason"] for facts in kept.values()] == ["再提出", "取り下げ"]
    assert [sha256_of(own_project / "data/raw" / name) for name in kept] == [sha256, sha256_of(new)]
    capsys.readouterr()
    assert main(["data", "list", "--files"]) == 0
    shown = capsys.readouterr().out
    assert "理由: 再提出" in shown and "理由: 取り下げ" in shown
    assert main(["data", "build"]) == 0


def test_a_file_that_somebody_deleted_can_be_taken_out(
    own_project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    filed = register_file(check_file(staff_file(tmp_path, "a.csv", "052043,2024,61")))
    (own_project / "data/raw" / filed).unlink()
    assert main(["data", "build"]) == 2
    assert "gunmane data remove" in capsys.readouterr().err
    assert main(["data", "remove", "municipal_staffing", "a.csv", "--reason", "紛失"]) == 0
    assert main(["data", "build"]) == 0
    assert main(["data", "list", "--files"]) == 0
    assert "外す前に失われていた" in capsys.readouterr().out


def test_what_came_with_the_project_or_is_not_there_is_not_removed(own_project: Path) -> None:
    for source, name in (("kpi", "kpi.csv"), ("none", "x"), ("municipal_staffing", "x.csv")):
        assert main(["data", "remove", source, name, "--reason", "試し"]) == 2
    assert (own_project / "data/raw/kpi/kpi.csv").is_file()


def test_several_files_and_folders_have_one_summary(
    own_project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "delivered"
    folder.mkdir()
    staff_file(folder, "a.csv", "052043,2023,61")
    staff_file(folder, "b.csv", "052043,2024,61人")
    staff_file(folder, ".hidden.csv", "052043,2022,61")
    other = staff_file(tmp_path, "c.csv", "052043,2025,61")
    assert main(["data", "check", str(folder), str(other)]) == 2
    assert "3件のうち、登録できるもの 2件、できないもの 1件" in capsys.readouterr().out
    assert main(["data", "add", str(folder), str(other)]) == 2
    assert "登録 2件、登録しなかったもの 1件（b.csv）" in capsys.readouterr().out
    assert set(find_source("municipal_staffing").files) == {
        "municipal_staffing/a.csv",
        "municipal_staffing/c.csv",
    }


def test_the_first_report_that_uses_a_day_is_said(
    own_project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "form.xlsx"
    assert faults_of_form(path, "municipal_participation", {}) == []  # as of 2025-04-01
    assert main(["data", "add", str(path)]) == 0
    assert "2025年度以後の報告書で使います。2024年度以前" in capsys.readouterr().out


def test_no_kill_of_a_filing_loses_a_file_or_spoils_the_home() -> None:
    command = [sys.executable, "-m", "benchmarks.kill_filing", "--every", "5"]
    ran = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    result = json.loads(ran.stdout.splitlines()[-1])
    assert {name for name, each in result.items() if each["points"] >= 3} == {
        *("add", "replace", "remove")
    }


def test_a_register_in_use_is_said_in_japanese(
    own_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gunmane_analysis.sources._LOCK_SECONDS", 0)
    checked = check_file(staff_file(tmp_path, "a.csv", "052043,2024,61"))
    with (
        FileLock(own_project / "data/raw/.sources.lock"),
        pytest.raises(SourceError, match="ほかの処理"),
    ):
        register_file(checked)


def test_an_entry_in_the_middle_is_replaced_alone() -> None:
    text = "documents: {}\nsources:\n  a:\n    title: x\n  # 注\n  b:\n    title: y\n"
    written = with_entry(text, "a", {"title": "z"})
    assert yaml.safe_load(written)["sources"] == {"a": {"title": "z"}, "b": {"title": "y"}}
    assert written.endswith("  b:\n    title: y\n")


COLLECTED_IDS = [
    name for name, table_id in table_of_source().items()
    if describe(table_id).sources[name].get("is_form")
]  # fmt: skip


@pytest.mark.parametrize("source_id", COLLECTED_IDS)
def test_a_filled_form_is_accepted_filed_and_loaded(
    source_id: str, own_project: Path, tmp_path: Path
) -> None:
    form, path = read_form(source_id), tmp_path / "form.xlsx"
    path.write_bytes(template_bytes(form))
    empty = check_file(path, source_id)
    assert [fault.message for fault in empty.issues.of("fault")] == [
        "見出しの下にデータの行がありません。"
    ]
    book = openpyxl.load_workbook(path)
    headings = [cell.value for cell in book["記入"][1]]
    complete = form.fields.get(form.complete_choices)
    words = list(complete.words.values()) if complete else [""]  # one row, or one for each stage
    for column, field in enumerate(form.fields.values(), start=1):
        assert headings[column - 1] == heading(field)
        for row, word in enumerate(words, start=2):
            if field.example is not None:
                book["記入"].cell(row, column, word if field is complete else field.example)
    book.save(path)
    assert main(["data", "check", str(path), "--source", source_id]) == 0
    assert main(["data", "add", str(path), "--source", source_id]) == 0
    checked = check_file(path, source_id)
    assert checked.row_count == len(words)
    assert check_file(path).source_id == source_id  # found by its headings alone
    assert all(issue.rule != "1-9" for issue in checked.issues.of("warning"))
    table_id = table_of_source()[source_id]
    assert len(read_own(path, table_id)) == len(words)
    assert len(load_table(table_id)) == len(words)


def test_every_listed_source_has_a_form_or_says_why_not(own_project: Path, tmp_path: Path) -> None:
    listing = list_sources()
    listed = {entry["source_id"] for entry in listing["sources"]}
    listed |= {name for names in listing["lacking"].values() for name in names}
    with_form = set()
    for name in sorted(listed):
        target = tmp_path / f"{name}.xlsx"
        try:
            target.write_bytes(template_bytes(read_form(name)))
        except SourceError as told:
            assert "様式はありません" in str(told)
            continue
        with_form.add(name)
        assert target.is_file()
    assert with_form == set(COLLECTED_IDS) & listed


def test_a_form_is_the_same_file_each_time(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        (tmp_path / name).write_bytes(template_bytes(read_form("municipal_staffing")))
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_there_is_no_form_for_an_official_file() -> None:
    with pytest.raises(SourceError, match="様式はありません"):
        template_bytes(read_form("ssdse_a"))


def test_listing_names_what_each_theme_lacks(own_project: Path) -> None:
    listing = list_sources()
    assert "municipal_panel" in listing["lacking"]["profile"]
    assert any(entry["source_id"] == "prefecture_series" for entry in listing["sources"])


def test_the_commands_print_and_return(
    own_project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = staff_file(tmp_path, "R6.csv", "052043,2024,61")
    assert main(["data", "check", str(path), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["source"] == "municipal_staffing"
    assert record["totals"] == {"civil_staff_count": 61}
    assert record["totals_by_level"] == {"municipality": {"civil_staff_count": 61}}
    assert main(["data", "add", str(path)]) == 0
    assert main(["data", "list"]) == 0
    assert "municipal_staffing" in capsys.readouterr().out
    assert main(["data", "explain", "municipal_staffing"]) == 0
    assert "土木部門職員数［人］" in capsys.readouterr().out
    assert main(["data", "template", "contracts", "--out", str(tmp_path / "c.xlsx")]) == 0


def test_the_list_as_json_has_what_the_list_of_files_shows(
    own_project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = staff_file(tmp_path, "R6.csv", "052043,2024,61")
    register_file(check_file(path))
    for words in (["--json"], ["--json", "--files"]):
        assert main(["data", "list", *words]) == 0
        by_id = {s["source_id"]: s for s in json.loads(capsys.readouterr().out)["sources"]}
        files = by_id["municipal_staffing"]["files"]
        assert [(Path(name).name, sha256) for name, sha256 in files.items()] == [
            ("R6.csv", sha256_of(path))
        ]


class EStat(BaseHTTPRequestHandler):
    """A server that speaks the API: two pages, a busy answer first, an error on request."""

    busy: ClassVar[int] = 0

    def do_GET(self) -> None:
        query = {key: values[0] for key, values in parse_qs(urlparse(self.path).query).items()}
        if EStat.busy:
            EStat.busy -= 1
            self.send_error(503)
            return
        body = json.dumps(answer_to(query)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def answer_to(query: dict[str, str]) -> dict[str, Any]:
    if query["appId"] != "good":
        result = {"STATUS": 100, "ERROR_MSG": "認証に失敗しました。"}
        return {"GET_STATS_DATA": {"RESULT": result}}
    first = "startPosition" not in query
    codes = range(1, 25) if first else range(25, 48)
    values: Any = [
        {"@cat01": "#D1202", "@area": f"{code:02d}000", "@time": "2025100000", "$": str(code * 100)}
        for code in codes
    ]
    info = {"TOTAL_NUMBER": 47, **({"NEXT_KEY": 25} if first else {})}
    # one class comes as an object, not as a list
    item = {"@code": "#D1202", "@name": "D1202_一般行政部門職員数", "@unit": "人"}
    return {
        "GET_STATS_DATA": {
            "RESULT": {"STATUS": 0},
            "STATISTICAL_DATA": {
                "RESULT_INF": info,
                "CLASS_INF": {"CLASS_OBJ": [{"@id": "cat01", "CLASS": item}]},
                "DATA_INF": {"NOTE": {"@char": "***", "$": "不詳"}, "VALUE": values},
            },
        }
    }


@pytest.fixture
def estat() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), EStat)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    EStat.busy = 0
    yield f"http://127.0.0.1:{server.server_port}/getStatsData"
    server.shutdown()
    thread.join()


def test_a_new_year_is_fetched_filed_and_lengthens_the_series(
    own_project: Path, tmp_path: Path, estat: str
) -> None:
    EStat.busy = 1
    pages = fetch_ssds("good", "0000010104", base_url=estat, wait_seconds=0.01)
    assert len(pages) == 2
    path = tmp_path / "ssds.json"
    path.write_text(json.dumps(pages), encoding="utf-8")
    checked = check_file(path)
    assert checked.totals == {"D1202_2025": sum(code * 100 for code in range(1, 48))}
    register_file(checked)
    staffing = load_staffing()
    assert staffing.loc[staffing["fiscal_year"] == 2024, "general_staff_count"].sum() == 709_421
    assert staffing.loc[staffing["fiscal_year"] == 2025, "general_staff_count"].sum() == 112_800


def test_a_year_of_some_prefectures_is_refused_before_the_series_is_spoilt(
    own_project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = answer_to({"appId": "good"})
    del page["GET_STATS_DATA"]["STATISTICAL_DATA"]["RESULT_INF"]["NEXT_KEY"]
    page["GET_STATS_DATA"]["STATISTICAL_DATA"]["RESULT_INF"]["TOTAL_NUMBER"] = 24
    path = tmp_path / "ssds.json"
    path.write_text(json.dumps(page), encoding="utf-8")
    assert main(["data", "check", str(path)]) == 2
    assert "D1202 2025年 24件" in capsys.readouterr().out
    assert main(["data", "add", str(path)]) == 2
    assert load_staffing()["fiscal_year"].max() == 2024


def test_a_file_is_written_where_it_can_be_and_never_over_another(
    own_project: Path, tmp_path: Path, estat: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each command that writes a file where its user wants: exit status 2 and the reason."""
    fetch = ["data", "fetch", "ssds", "--app-id", "good", "--stats-id", "1", "--base-url", estat]
    (tmp_path / "file").write_bytes(b"earlier")
    for words in (
        ["data", "template", "contracts", "--out"],
        [*fetch, "--out"],
        ["estimate", "--template"],
    ):
        assert main([*words, str(tmp_path / "file")]) == 2
        assert "上書きしません" in capsys.readouterr().err
        assert main([*words, str(tmp_path / "file" / "x")]) == 2
        assert "書き込めません" in capsys.readouterr().err
        assert main([*words, str(tmp_path / "new" / words[1])]) == 0
    assert (tmp_path / "file").read_bytes() == b"earlier"
    assert len(json.loads((tmp_path / "new" / "fetch").read_bytes())) == 2


def test_an_error_under_http_200_is_told(estat: str) -> None:
    with pytest.raises(SourceError, match="認証に失敗"):
        fetch_ssds("bad", "0000010104", base_url=estat, wait_seconds=0.01)


def test_a_server_that_stays_away_is_told() -> None:
    with pytest.raises(SourceError, match="取り寄せられません"):
        fetch_ssds("good", "x", base_url="http://127.0.0.1:9/none", wait_seconds=0.01)


def test_a_page_without_its_continuation_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "half.json"
    path.write_text(json.dumps(answer_to({"appId": "good"})), encoding="utf-8")
    faults = check_file(path).issues.of("fault")
    assert "NEXT_KEY 25" in faults[0].message


def test_the_downloaded_csv_of_estat_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "estat.csv"
    path.write_bytes(
        '"統計名：","社会・人口統計体系"\r\n'
        '"調査年 コード","調査年","地域 コード","地域","D1202_一般行政部門職員数【人】"\r\n'
        '"2024100000","2024年度","01000","北海道","31,000"\r\n'
        '"2024100000","2024年度","02000","青森県","***"\r\n'.encode("cp932")
    )
    checked = check_file(path)
    assert checked.issues.of("fault") == []
    assert checked.source_id == "ssds"
    assert checked.totals == {"D1202_2024": 31_000}


def test_a_stage_without_its_row_is_told_at_the_check(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    head = "年度,地方フォーラム,段階,件数,数え方,時点"
    rows = [f"2024,東北,{stage},3,延べ数,2025-03-31" for stage in ("検討", "成立", "実装")]
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    (fault,) = check_file(path).issues.of("fault")
    assert (fault.row, fault.message) == (2, "「段階」の現場試行の行がありません。")


def faults_of_form(path: Path, source_id: str, *rows: dict[str, object]) -> list[str]:
    """Fill a form by the names of its columns and return the faults, with their rows."""
    form = read_form(source_id)
    path.write_bytes(template_bytes(form))
    book = openpyxl.load_workbook(path)
    for number, values in enumerate(rows, start=2):
        for column, (name, field) in enumerate(form.fields.items(), start=1):
            book["記入"].cell(number, column, values.get(name, field.example))
    book.save(path)
    return [f"{fault.row}: {fault.message}" for fault in check_file(path).issues.of("fault")]


@pytest.mark.parametrize(
    ("source_id", "wrong", "told"),
    [
        ("advisors", {"available_days": -3}, "負の値"),
        (
            "advisors",
            {"suited_population_low": 5e5, "suited_population_high": 1000},
            "1,000 が「得意な自治体の人口（下限）」500,000 より小さく",
        ),
        ("step_positions", {"step_no": 7}, "値が大きすぎます"),
        ("step_positions", {"as_of_on": "2020-01-01"}, "2024-04-01 より前です"),
        ("municipal_participation", {"joined_on": "2025-05-01"}, "より前です"),
        (
            "technology_needs",
            {"municipality_code": None, "body_name": "どこか市"},
            "都道府県の名前",
        ),
        ("technology_needs", {"body_name": "札幌市"}, "団体コードと団体名が合いません"),
    ],
)
def test_what_a_form_cannot_mean_is_refused_where_it_stands(
    tmp_path: Path, source_id: str, wrong: dict[str, object], told: str
) -> None:
    given: dict[str, object] = {"body_name": "大館市"} if source_id == "technology_needs" else {}
    path = tmp_path / "form.xlsx"
    assert faults_of_form(path, source_id, given) == []
    found = faults_of_form(path, source_id, {**given, **wrong})
    assert len(found) == 1
    assert found[0].startswith("2: ") and told in found[0]


def test_a_need_of_a_prefecture_needs_no_code(tmp_path: Path) -> None:
    need: dict[str, object] = {"municipality_code": None, "body_name": "秋田県"}
    assert faults_of_form(tmp_path / "form.xlsx", "technology_needs", need) == []


def test_entering_the_step_in_which_one_is_is_refused_and_going_back_is_not(tmp_path: Path) -> None:
    entered = [("2024-04-01", 0), ("2024-06-01", 1), ("2024-08-01", 0)]
    rows: list[dict[str, object]] = [
        {"entered_on": day, "step_no": step, "as_of_on": "2025-03-01"} for day, step in entered
    ]
    path = tmp_path / "form.xlsx"
    assert faults_of_form(path, "step_positions", *rows) == []
    rows[2]["step_no"] = 1
    assert faults_of_form(path, "step_positions", *rows) == ["4: 3行目と同じ段階が続いています。"]


def test_fields_of_technology_are_chosen_in_japanese(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    given: dict[str, object] = {"body_name": "大館市", "field": "下水道"}
    assert faults_of_form(path, "technology_needs", given) == []
    notes = "".join(
        field.note for name in COLLECTED_IDS for field in read_form(name).fields.values()
    )
    assert "=" not in notes  # the pairs of value and word are for programs
    assert check_file(path).rows[0].values["field"] == "sewerage"


def test_a_population_in_thousands_is_refused_and_an_unknown_column_told(tmp_path: Path) -> None:
    path = tmp_path / "staff.csv"
    rows = "団体コード,団体名,年度,{},土木技師数（人）\n052043,大館市,2024,5,6\n"
    path.write_text(rows.format("職員数（千人）"), encoding="utf-8")
    faults = check_file(path, "municipal_staffing").issues.of("fault")
    assert len(faults) == 1
    assert "単位が違います" in faults[0].message and "千人" in faults[0].message
    path.write_text(rows.format("技能職"), encoding="utf-8")
    checked = check_file(path, "municipal_staffing")
    assert checked.totals == {"civil_engineer_count": 6}
    warnings = [warning.message for warning in checked.issues.of("warning")]
    assert "様式にない列「技能職」は読みませんでした。" in warnings


STAGES = ("検討", "成立", "現場試行", "社会実装")
COUNTS_HEAD = "年度,地方フォーラム,段階,件数（件）,数え方,時点\n"


def counts_file(folder: Path, name: str, forum: str, *counts: int) -> Path:
    rows = [
        f"2023,{forum},{stage},{count},分からない,2024-03-31"
        for stage, count in zip(STAGES, counts, strict=True)
    ]
    path = folder / name
    path.write_text(COUNTS_HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_what_contradicts_a_printed_figure_is_refused_before_it_spoils_the_home(
    own_project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Printed for all forums: 83 considered. A file, or files together, may not exceed them."""
    before = register_text(own_project)
    too_many = counts_file(tmp_path, "a.csv", "近畿", 84, 12, 8, 2)
    assert main(["data", "check", str(too_many)]) == 2
    assert "公表 83件" in capsys.readouterr().out
    assert main(["data", "add", str(too_many)]) == 2
    assert register_text(own_project) == before

    assert main(["data", "add", str(counts_file(tmp_path, "b.csv", "近畿", 50, 12, 8, 2))]) == 0
    together = counts_file(tmp_path, "c.csv", "東北", 40, 3, 1, 0)
    assert main(["data", "add", str(together)]) == 2
    assert "2023年度マッチング検討 90件（公表 83件）" in capsys.readouterr().err
    smaller = counts_file(tmp_path, "d.csv", "近畿", 40, 12, 8, 2)
    words = ["funnel_counts", "b.csv", str(smaller), "--reason", "数え直し"]
    assert main(["data", "replace", *words]) == 0
    assert main(["data", "add", str(together)]) == 0  # 80 of 83
    assert main(["data", "build"]) == 0


@pytest.mark.parametrize("closed_on", ["2024-04-01", ""])
def test_a_row_whose_meaning_contradicts_itself_is_refused_at_the_check(
    own_project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], closed_on: str
) -> None:
    path = tmp_path / "台帳.csv"
    head = "案件番号,地方フォーラム,検討を始めた日,実装した日,取りやめた日,最後に確かめた日\n"
    days = f"2023-04-01,2024-03-01,{closed_on},2025-03-31"
    path.write_text(f"{head}A-1,東北,{days}\n", encoding="utf-8")
    assert main(["data", "check", str(path)]) == (2 if closed_on else 0)
    assert ("両方" in capsys.readouterr().out) == bool(closed_on)


@pytest.mark.parametrize("words", [["--fiscal-year", "1980"], []], ids=["given", "written"])
def test_a_year_that_no_table_has_is_refused_before_it_spoils_the_home(
    own_project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    year = "" if words else "1980年度,"
    path = tmp_path / "定員管理.csv"
    heads = f"団体コード,団体名,{'' if words else '年度,'}総合計,土木,土木技師,建築技師"
    path.write_text(f"{heads}\n052043,大館市,{year}467,61,3,1\n", encoding="utf-8")
    before = register_text(own_project)
    assert main(["data", "add", str(path), "--source", "teiin", *words]) == 2
    assert ("1990以上" if words else "範囲の外") in capsys.readouterr().err
    assert register_text(own_project) == before
