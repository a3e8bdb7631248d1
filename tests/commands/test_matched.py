"""Judged pairs become first-stage rows of the case ledger; nothing is overwritten."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pandas as pd
import pytest

from gunmane_analysis.cli import main
from gunmane_analysis.errors import DesignError
from gunmane_analysis.intake.check import check_file
from gunmane_analysis.loaders.tables import load_funnel_cases
from gunmane_analysis.metrics.funnel.ledger import matched_cases
from gunmane_analysis.paths import project_root
from gunmane_analysis.tables import empty_table

NEEDS = pd.DataFrame(
    {
        "need_id": ["合成1", "合成2", "合成3"],
        "technology_theme": ["橋梁の点検", "舗装の点検", "管の点検"],
        "field": ["road", "road", "sewerage"],
        "municipality_code": ["05204", None, "34202"],
        "body_name": ["大館市", "島根県", "呉市"],
        "requirement": ["合成データ", "合成データ", "合成データ"],
        "as_of_on": "2024-05-01",
    }
)
JUDGED = pd.DataFrame(
    {
        "need_id": ["合成1", "合成2", "合成3"],
        "seed_id": ["甲", "甲", "乙"],
        "is_relevant": [True, True, False],
        "judged_by": "合成データ",
    }
)


def test_only_pairs_that_fit_are_cases_and_a_prefecture_is_placed_by_its_name() -> None:
    cases = matched_cases(NEEDS, JUDGED, empty_table("funnel_cases"), "2024-06-01")
    assert cases["case_id"].tolist() == ["合成1×甲", "合成2×甲"]
    assert cases["block_id"].tolist() == ["tohoku", "chugoku"]
    assert cases["prefecture_code"].tolist() == ["05", "32"]
    assert cases["established_on"].isna().all()


def test_a_case_that_the_ledger_holds_is_not_written_again() -> None:
    known = matched_cases(NEEDS, JUDGED.iloc[:1], empty_table("funnel_cases"), "2024-04-01")
    cases = matched_cases(NEEDS, JUDGED, known, "2024-06-01")
    assert cases["case_id"].tolist() == ["合成2×甲"]


def test_what_has_no_day_no_need_or_no_place_is_refused() -> None:
    with pytest.raises(DesignError, match="日付ではありません"):
        matched_cases(NEEDS, JUDGED, empty_table("funnel_cases"), "2024-13-01")
    with pytest.raises(DesignError, match="合成1"):
        matched_cases(NEEDS.iloc[1:], JUDGED, empty_table("funnel_cases"), "2024-06-01")
    nowhere = NEEDS.assign(municipality_code=None, body_name="どこか組合")
    with pytest.raises(DesignError, match="どこか組合"):
        matched_cases(nowhere, JUDGED, empty_table("funnel_cases"), "2024-06-01")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with needs and judged pairs filed in the schema's own names."""
    shutil.copytree(project_root() / "data" / "raw", tmp_path / "data" / "raw")
    (tmp_path / "notebooks").mkdir()
    register = tmp_path / "data" / "raw" / "sources.yml"
    added = ""
    for name, table in (("technology_needs", NEEDS), ("judged_pairs", JUDGED)):
        path = tmp_path / "data" / "raw" / name / "filed.csv"
        path.parent.mkdir()
        table.assign(
            **{
                c: table[c].map({True: "true", False: "false"})
                for c in table
                if table[c].dtype == bool
            }
        ).to_csv(path, index=False)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        added += (
            f"  {name}:\n    title: 合成データ\n    producer: 試験\n"
            f"    files:\n      {name}/filed.csv: {{sha256: {digest}}}\n"
        )
    register.write_text(register.read_text("utf-8").rstrip() + "\n" + added, "utf-8")
    monkeypatch.setenv("GUNMANE_HOME", str(tmp_path))
    return tmp_path


def test_the_written_form_is_accepted_and_feeds_the_funnel(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = home / "組.csv"
    assert main(["matched", str(out), "--on", "2024-06-01"]) == 0
    assert "2件を書き出しました" in capsys.readouterr().out
    before = out.read_bytes()
    assert main(["matched", str(out), "--on", "2024-06-02"]) == 2
    assert "上書きしません" in capsys.readouterr().err
    assert out.read_bytes() == before
    assert check_file(out, "funnel_cases").is_accepted
    assert main(["data", "add", str(out), "--source", "funnel_cases"]) == 0
    assert load_funnel_cases()["case_id"].tolist() == ["合成1×甲", "合成2×甲"]
    # what the ledger now holds is not written a second time
    assert main(["matched", str(home / "次.csv"), "--on", "2024-07-01"]) == 1
    assert not (home / "次.csv").exists()
