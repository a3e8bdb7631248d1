"""Ranking of technologies: by hand, against a plain product, on the published trials."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pytest

from gunmane_analysis.errors import DesignError
from gunmane_analysis.loaders.tables import load_activity_plan
from gunmane_analysis.metrics.people.seeds import (
    ngram_scorer,
    published_seeds,
    rank_seeds,
    ranking_quality,
    shared_terms,
)


def texts(name: str, *values: str) -> pd.DataFrame:
    return pd.DataFrame(
        {name: [f"{name[0]}{number}" for number in range(len(values))], "text": values}
    )


def test_the_published_trials_are_four_with_their_pitches() -> None:
    trials = published_seeds(load_activity_plan())
    assert trials["organisation_name"].tolist() == ["福山市", "岡山県", "北広島町", "広島県"]
    assert trials["pitch_on"].tolist() == ["2024-01-25", "2023-06-28", "2023-06-30", "2023-01-13"]


def test_a_need_finds_the_trial_that_answers_it() -> None:
    needs = texts(
        "need_id",
        "人が入れない導水路トンネルを点検したい",
        "出水の後に川の土砂の堆積を早く知りたい",
        "橋面の舗装が傷みやすく打ち替えを減らしたい",
        "道路の点検結果や修繕の台帳を一元的に管理したい",
    )
    ranking = rank_seeds(needs, published_seeds(load_activity_plan()), top=3)
    first = ranking[ranking["rank"] == 1].set_index("need_id")["seed_id"]
    assert first.tolist() == [f"chugoku_trial_{number}" for number in (14, 16, 15, 13)]


def test_the_ranking_is_that_of_the_plain_product() -> None:
    draw = random.Random(3)
    letters = "橋道路川点検補修水土砂舗装管理"
    made = ["".join(draw.choices(letters, k=12)) for _ in range(60)]
    needs, offered = texts("need_id", *made[:25]), texts("seed_id", *made[25:])
    whole = rank_seeds(needs, offered, top=4)
    scorer = ngram_scorer().fit([*offered["text"], *needs["text"]])
    plain = (scorer.transform(needs["text"]) @ scorer.transform(offered["text"]).T).toarray()
    best = whole[whole["rank"] == 1]["score"].to_numpy()
    np.testing.assert_allclose(best, plain.max(axis=1), rtol=1e-5)
    scores = whole.pivot(index="need_id", columns="rank", values="score").fillna(0.0)
    rows = [int(need[1:]) for need in scores.index]
    np.testing.assert_allclose(scores, -np.sort(-plain, axis=1)[rows, :4], atol=1e-6)


def test_what_shares_nothing_is_not_ranked() -> None:
    needs = texts("need_id", "雪の処理", "橋の点検")
    ranking = rank_seeds(needs, texts("seed_id", "橋の点検ロボット"))
    assert ranking["need_id"].tolist() == ["n1"]


def test_quality_by_hand() -> None:
    ranking = pd.DataFrame(
        {
            "need_id": ["n0", "n0", "n1", "n1"],
            "seed_id": ["s0", "s1", "s0", "s1"],
            "rank": [1, 2, 1, 2],
            "score": [0.9, 0.5, 0.8, 0.4],
        }
    )
    judged = pd.DataFrame(
        {
            "need_id": ["n0", "n1", "n2", "n2"],
            "seed_id": ["s0", "s1", "s5", "s0"],
            "is_relevant": [True, True, True, False],
        }
    )
    # n0 at rank 1, n1 at rank 2, n2 not ranked: (1 + 1/2 + 0) / 3; two of 3 x 2 places
    quality = ranking_quality(ranking, judged, k=2)
    assert quality["mean_reciprocal_rank"] == pytest.approx(0.5)
    assert quality["precision_at_k"] == pytest.approx(1 / 3)
    assert quality["need_count"] == 3


def test_shared_terms_explain() -> None:
    assert shared_terms("導水路トンネルの点検", "トンネル内部の点検")[0] == "トンネル"
    # a mark between theme and requirement is no word of either
    assert shared_terms("下水道。下水道管を", "管内。下水道管を") == ["下水道管を"]


@pytest.mark.parametrize("bad", ["", "　 "])
def test_empty_texts_are_refused(bad: str) -> None:
    with pytest.raises(DesignError, match="空の文"):
        rank_seeds(texts("need_id", bad), texts("seed_id", "橋"))
