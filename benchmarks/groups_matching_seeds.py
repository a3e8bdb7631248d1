"""Speed of proposals of groups, of matching and of ranking, on seeded synthetic data.

Run: ``python benchmarks/groups_matching_seeds.py``. No figure here is about a real place:
adjacency is that of nearest town halls, amounts, requests, experts and texts are drawn.
"""

from __future__ import annotations

import random
import resource
import time
from collections.abc import Callable

import pandas as pd
from tqdm import tqdm

from gunmane_analysis.areas import children, distances_km, list_areas, town_hall
from gunmane_analysis.loaders.assumed import load_matching_weights
from gunmane_analysis.metrics.groups.problem import group_problem
from gunmane_analysis.metrics.groups.proposal import propose_groups
from gunmane_analysis.metrics.people.matching import match_advisors
from gunmane_analysis.metrics.people.seeds import rank_seeds
from gunmane_analysis.tables import choices

NEAREST = 5
LARGEST = "01"


def main() -> None:
    largest = next(area for area in list_areas("prefecture") if area.area_id == LARGEST)
    tell("北海道の群の候補", 10, lambda: propose(largest.area_id))
    tell("全国の群の候補（都道府県ごと）", 300, whole_country)
    tell("相談2,000件と助言者500人の割当", 5, match)
    tell("ニーズ10,000件とシーズ10,000件の順位", 60, rank)


def tell(name: str, bar_seconds: float, run: Callable[[], str]) -> None:
    began, used = time.perf_counter(), time.process_time()
    found = run()
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cpu = time.process_time() - used
    print(
        f"{name}: {seconds:.1f}秒（CPU {cpu:.1f}秒、目標 {bar_seconds}秒未満）、"
        f"最大 {peak:,.0f}MB。{found}",
        flush=True,
    )


def propose(prefecture_code: str) -> str:
    area = next(place for place in list_areas("prefecture") if place.area_id == prefecture_code)
    codes = [place.area_id for place in children(area)]
    draw = random.Random(int(prefecture_code))
    amounts = {code: float(draw.choice([0, 0, 1, 2, 3, 5, 8, 13, 30])) for code in codes}
    proposals = propose_groups(group_problem(amounts, nearest_town_halls(codes), 10.0))
    return f"{len(codes)}市区町村、{proposals.group_count}群"


def whole_country() -> str:
    return "、".join(propose(area.area_id) for area in tqdm(list_areas("prefecture")))[-20:]


def match() -> str:
    draw = random.Random(1)
    codes = [place.area_id for place in list_areas("municipality")]
    fields, stages = tuple(choices("field")), tuple(choices("advice_stage"))
    requests = pd.DataFrame(
        {
            "request_id": f"相談{number}",
            "municipality_code": draw.choice(codes),
            "field": draw.choice(fields),
            "stage": draw.choice(stages),
            "population_count": 10 ** draw.uniform(3, 6),
        }
        for number in range(2000)
    )
    advisors = pd.DataFrame(
        {
            "advisor_id": f"助言者{number}",
            "base_municipality_code": draw.choice(codes),
            "fields": ";".join(draw.sample(fields, 3)),
            "stages": ";".join(draw.sample(stages, 2)),
            "available_days": draw.uniform(0, 24),
            "suited_population_low": 10 ** draw.uniform(3, 4),
            "suited_population_high": 10 ** draw.uniform(4.5, 6),
        }
        for number in range(500)
    )
    found = match_advisors(requests, advisors, load_matching_weights(2024))
    return f"割当{len(found.pairs)}、未割当{len(found.open_requests)}"


def rank() -> str:
    draw = random.Random(2)
    words = [a + b for a in "橋道川港園堤坑路管柵" for b in "点検補修更新舗装塗替監視計測"]

    def texts(name: str) -> pd.DataFrame:
        return pd.DataFrame(
            {name: number, "text": "".join(draw.choices(words, k=20))} for number in range(10_000)
        )

    ranking = rank_seeds(texts("need_id"), texts("seed_id"), top=10)
    return f"{len(ranking):,}組"


def nearest_town_halls(codes: list[str]) -> pd.DataFrame:
    halls = [town_hall(code) for code in codes]
    far = distances_km(halls, halls)
    pairs = {
        tuple(sorted((codes[place], codes[other])))
        for place in range(len(codes))
        for other in far[place].argsort()[1 : NEAREST + 1]
    }
    return pd.DataFrame(sorted(pairs), columns=["municipality_code", "neighbour_municipality_code"])


if __name__ == "__main__":
    main()
