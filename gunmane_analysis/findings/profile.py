"""Findings of the theme ``profile``: one municipality beside others, and what is not known."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.charts.dense import draw_dense
from gunmane_analysis.charts.profile import plot_places
from gunmane_analysis.findings.finding import Column, Definition, Finding, KeyFigure
from gunmane_analysis.findings.profile_filings import not_filed, sources_of
from gunmane_analysis.metrics.position.profile import Standing
from gunmane_analysis.wording import Kind, percent

LABELS: Mapping[str, tuple[str, str, Kind, int]] = MappingProxyType(
    {
        "population_count": ("人口", "人", "count", 0),
        "fiscal_strength_index": ("財政力指数", "", "number", 2),
        "expenditure_per_resident_jpy": ("住民1人当たり土木費", "円", "number", 0),
        "expenditure_per_km_jpy": ("市町村道1km当たり土木費", "円", "number", 0),
        "general_staff_per_1000_residents": ("人口千人当たり一般行政部門職員", "人", "number", 1),
        "staff_count": ("職員数", "人", "count", 0),
        "civil_staff_count": ("土木部門職員数", "人", "count", 0),
        "technician_count": ("土木技師・建築技師", "人", "count", 0),
        "road_length_km": ("市町村道", "km", "number", 0),
        "bridges_inspected_count": ("点検した橋", "橋", "count", 0),
        "bridges_needing_repair_count": ("措置の要る橋（III・IV）", "橋", "count", 0),
        "repair_share": ("措置の要る橋の割合", "%", "rate", 1),
        "construction_worker_count": ("建設業の従業者", "人", "count", 0),
    }
)
PEOPLE_AND_MONEY = (
    "population_count",
    "fiscal_strength_index",
    "expenditure_per_resident_jpy",
    "expenditure_per_km_jpy",
    "general_staff_per_1000_residents",
    "staff_count",
    "civil_staff_count",
    "technician_count",
)
_ASSETS = (
    "road_length_km",
    "bridges_inspected_count",
    "bridges_needing_repair_count",
    "repair_share",
    "construction_worker_count",
)
_LIKENESS = Definition(
    "似た市区町村",
    "人口、面積、市町村道の延長（いずれも対数）と財政力指数を、全国の市区町村で平均0・標準偏差1に"
    "そろえ、その距離が近い順に選んだ20の市区町村。",
    r"d_{ij}=\sqrt{\sum_{k}\left(z_{ik}-z_{jk}\right)^2}",
)
PROFILE_SOURCES = ("municipal_panel", "ssdse_a", "mic_fiscal_index", "teiin", "municipal_staffing")
_SIMILAR_NAMED = 5
_BEYOND = "図の枠より上の市区町村は、枠の上端に三角で示す。"
NOT_CIVIL = "一般行政部門職員は土木部門の職員ではない。"
_BRIDGES = "橋の数は5か年の点検を合わせたもので、年度の状態ではない。橋の欠ける市区町村がある。"


def standing_finding(standing: Standing, profile: pd.DataFrame, filings: pd.DataFrame) -> Finding:
    """Word staff, money and size beside similar municipalities, the block and the nation.

    Examples
    --------
    >>> from gunmane_analysis.metrics.position.profile import municipal_profile
    >>> from gunmane_analysis.metrics.position.profile import profile_standing
    >>> from gunmane_analysis.loaders.tables import load_profile_filings
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.tables import empty_table
    >>> panel = empty_table("municipal_panel").reindex(range(3)).assign(
    ...     municipality_code=["05201", "05202", "05204"], fiscal_year=2023,
    ...     population_count=[300e3, 50e3, 68e3],
    ...     civil_engineering_expenditure_jpy=[30e9, 4e9, 3.4e9],
    ...     fiscal_strength_index=[0.7, 0.3, 0.4], area_km2=[906.0, 427.0, 913.0],
    ...     road_length_m=[2.1e6, 0.9e6, 1.0e6])
    >>> profile = municipal_profile(panel, empty_table("municipal_indicators"),
    ...     empty_table("municipal_fiscal_index"), empty_table("municipal_staffing"), 2024)
    >>> standing = profile_standing(profile, find_area("05204"), 2024)
    >>> standing_finding(standing, profile, load_profile_filings()).finding_id
    'profile.standing'
    """
    return _measures_finding(
        standing,
        profile,
        filings,
        finding_id="profile.standing",
        title=f"{standing.area.name}の体制と土木費",
        measures=PEOPLE_AND_MONEY,
        leading="expenditure_per_resident_jpy",
        drawn=(
            ("expenditure_per_resident_jpy", "住民1人当たり土木費（千円）", 1_000.0),
            ("general_staff_per_1000_residents", "人口千人当たり職員（人）", 1.0),
        ),
        caveats=(
            NOT_CIVIL,
            "人口千人当たり職員の人口は国勢調査、ほかは住民基本台帳による。避難指示の出た地域では"
            "両者が大きく違う。",
            "土木費は年度の決算で、建設と維持を分けない。災害や大きな事業で年ごとに動く。",
        ),
        rank=1,
    )


def assets_finding(standing: Standing, profile: pd.DataFrame, filings: pd.DataFrame) -> Finding:
    """Word roads and bridges beside similar municipalities, the block and the nation.

    Examples
    --------
    >>> from gunmane_analysis.metrics.position.profile import municipal_profile
    >>> from gunmane_analysis.metrics.position.profile import profile_standing
    >>> from gunmane_analysis.loaders.tables import load_profile_filings
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.tables import empty_table
    >>> panel = empty_table("municipal_panel").reindex(range(3)).assign(
    ...     municipality_code=["05201", "05202", "05204"], fiscal_year=2023,
    ...     population_count=[300e3, 50e3, 68e3],
    ...     civil_engineering_expenditure_jpy=[30e9, 4e9, 3.4e9],
    ...     fiscal_strength_index=[0.7, 0.3, 0.4], area_km2=[906.0, 427.0, 913.0],
    ...     road_length_m=[2.1e6, 0.9e6, 1.0e6])
    >>> profile = municipal_profile(panel, empty_table("municipal_indicators"),
    ...     empty_table("municipal_fiscal_index"), empty_table("municipal_staffing"), 2024)
    >>> standing = profile_standing(profile, find_area("05204"), 2024)
    >>> assets_finding(standing, profile, load_profile_filings()).finding_id
    'profile.assets'
    """
    return _measures_finding(
        standing,
        profile,
        filings,
        finding_id="profile.assets",
        title=f"{standing.area.name}の道路・橋と担い手",
        measures=_ASSETS,
        leading="repair_share",
        drawn=(
            ("repair_share", "措置の要る橋の割合（%）", 0.01),
            ("road_length_km", "市町村道（km）", 1.0),
        ),
        caveats=(
            _BRIDGES,
            "建設業の従業者は民営事業所の全ての建設業で、維持管理の担い手の数ではない。",
        ),
        rank=2,
    )


def _measures_finding(
    standing: Standing,
    profile: pd.DataFrame,
    filings: pd.DataFrame,
    *,
    finding_id: str,
    title: str,
    measures: tuple[str, ...],
    leading: str,
    drawn: tuple[tuple[str, str, float], ...],
    caveats: tuple[str, ...],
    rank: int,
) -> Finding:
    known = standing.table[standing.table["measure"].isin(measures)]
    if known.empty:
        return not_filed(finding_id, title, filings)
    headline = _standing_sentence(
        standing, leading if leading in set(known["measure"]) else str(known["measure"].iloc[0])
    )
    shown = [entry for entry in drawn if profile[entry[0]].notna().any()]
    own = list(
        profile.loc[
            profile["municipality_code"].isin(_own_codes(standing.area, profile)),
            "municipality_code",
        ]
    )
    similar = list(standing.similar["municipality_code"])
    chart = (
        draw_dense(
            lambda: plot_places(profile, standing.area, own, similar, shown),
            f"散布図{len(shown)}枚。横軸は人口。{headline}",
        )
        if shown and profile["population_count"].notna().any()
        else None
    )
    return Finding(
        finding_id=finding_id,
        title=title,
        headline=headline,
        table=_beside_table(standing, known, profile),
        columns=(
            Column("area_name", "比べる相手"),
            *(_column(row) for row in known.to_dict("records")),
        ),
        source_ids=sources_of(filings, PROFILE_SOURCES),
        caveats=(
            *caveats,
            *([_BEYOND] if chart else []),
            "各列の年度は見出しのとおりで、列により異なる。",
        ),
        chart=chart,
        key_figures=_key_figures(standing, measures)
        if standing.area.kind == "municipality"
        else (),
        definitions=(_LIKENESS,) if similar else (),
        summary=headline if standing.area.kind == "municipality" else "",
        summary_rank=rank,
        method=_similar_words(standing),
    )


def _own_codes(area: Area, profile: pd.DataFrame) -> list[str]:
    codes = profile["municipality_code"]
    if area.kind == "municipality":
        return [area.area_id]
    return [] if area.kind == "nation" else list(codes[codes.str[:2].isin(area.prefecture_codes)])


def _column(row: Mapping[Hashable, Any]) -> Column:
    label, unit, kind, decimals = LABELS[str(row["measure"])]
    return Column(
        str(row["measure"]),
        f"{label} {row['fiscal_year']}年度",
        unit,
        kind,
        decimals,
    )


def _beside_table(standing: Standing, known: pd.DataFrame, profile: pd.DataFrame) -> pd.DataFrame:
    """Return one row per thing compared, then the nearest similar municipalities by name."""
    area = standing.area
    block = next((place for place in area.lineage if place.kind == "block"), None)
    own = area.name if area.kind == "municipality" else f"{area.name}の市区町村の中央値"
    rows = [("value", own)]
    if len(standing.similar):
        rows.append(("similar", f"似た{len(standing.similar)}市区町村の中央値"))
    if block is not None and block != area:
        rows.append(("block", f"{block.name}の市区町村の中央値"))
    if area.kind != "nation":
        rows.append(("nation", "全国の市区町村の中央値"))
    values = known.set_index("measure")
    compared = pd.DataFrame(
        {"area_name": name, **{str(m): values.loc[m, column] for m in values.index}}
        for column, name in rows
    )
    nearest = standing.similar["municipality_code"].head(_SIMILAR_NAMED)
    alike = profile.set_index("municipality_code").reindex(nearest)
    named = alike[["area_name", *map(str, values.index)]].assign(
        area_name="似た市区町村: " + alike["area_name"].astype("str")
    )
    return pd.concat([compared, named], ignore_index=True) if len(named) else compared


def _standing_sentence(standing: Standing, measure: str) -> str:
    row = standing.table[standing.table["measure"] == measure].iloc[0]
    label, unit, kind, decimals = LABELS[measure]
    column = Column(measure, label, unit, kind, decimals)
    area, year = standing.area, int(row["fiscal_year"])
    whose = "" if area.kind == "municipality" else "市区町村の中央値で、"
    if pd.isna(row["value"]):
        nation = f"{column.words(row['nation'])}{unit}"
        return f"{area.name}の{label}は、{year}年度の資料に値がない（全国の中央値は{nation}）。"
    beside = []
    if not pd.isna(row["similar"]):
        beside.append(f"似た市区町村の中央値は{column.words(row['similar'])}{unit}")
    if area.kind != "nation":
        beside.append(f"全国の中央値は{column.words(row['nation'])}{unit}")
    told = f"（{'、'.join(beside)}）" if beside else ""
    place = (
        f"全国の{int(row['known_count']):,}市区町村のうち{percent(float(row['place']))}がこれより低い。"
        if area.kind == "municipality"
        else ""
    )
    own = f"{whose}{column.words(row['value'])}{unit}"
    return f"{area.name}の{label}は、{year}年度に{own}{told}である。{place}"


def _similar_words(standing: Standing) -> str:
    if standing.similar.empty:
        return ""
    names = "、".join(str(name) for name in standing.similar["area_name"].head(10))
    return f"似た市区町村（近い順）: {names} など{len(standing.similar)}。順位ではない。"


def _key_figures(standing: Standing, measures: tuple[str, ...]) -> tuple[KeyFigure, ...]:
    wanted = [
        name
        for name in (
            "expenditure_per_resident_jpy",
            "civil_staff_count",
            "technician_count",
            "repair_share",
        )
        if name in measures
    ]
    figures = []
    for row in standing.table[standing.table["measure"].isin(wanted)].to_dict("records"):
        label, unit, kind, decimals = LABELS[str(row["measure"])]
        figures.append(
            KeyFigure(
                key=f"profile.{row['measure']}",
                label=label,
                value=_known(row["value"]),
                unit=unit,
                kind=kind,
                decimals=decimals,
                block=_known(row["block"]),
                nation=_known(row["nation"]),
                note=f"{row['fiscal_year']}年度。ブロックと全国は市区町村の中央値",
            )
        )
    return tuple(figures)


def _known(value: object) -> float | None:
    return None if pd.isna(value) else float(value)  # type: ignore[arg-type, call-overload]
