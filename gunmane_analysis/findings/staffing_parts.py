"""Findings of the theme ``staffing``: what is shared, how it is spread, who has too few."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.staffing_course import (
    plot_decline_splits,
    plot_staffing_concentration,
)
from gunmane_analysis.findings.finding import Column, Definition, Finding
from gunmane_analysis.findings.national_points import POINTS
from gunmane_analysis.findings.staffing import NOT_CIVIL, SERIES
from gunmane_analysis.metrics.staffing.concentration import (
    StaffingConcentration,
    TechnicianThresholds,
)
from gunmane_analysis.metrics.staffing.decline_decomposition import (
    DeclineSplits,
    NationalDeclineSplit,
)
from gunmane_analysis.wording import change_words, interval_words, is_missing, percent

_WHOLES = {"nation": "全国の職員", "residents": "人口"}


def shared_decline_finding(splits: DeclineSplits) -> Finding:
    """Word how much of the decline is shared with a larger whole.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.staffing import load_national_points, load_staffing
    >>> from gunmane_analysis.metrics.staffing.decline_decomposition import decline_splits
    >>> splits = decline_splits(load_national_points(), load_staffing(), find_area("05"), 2024)
    >>> "57.9%は総職員の減少" in shared_decline_finding(splits).headline
    True
    """
    rows = _split_rows(splits)
    sentences = [*_national_sentence(splits.national), *_area_sentence(splits)]
    headline = "".join(sentences) or "比べる年度がそろわないため、減少の内訳は求められない。"
    return Finding(
        finding_id="staffing.shared_decline",
        title="減少のうち、全体と共通する分と固有の分",
        headline=headline,
        table=rows,
        columns=(
            Column("subject", "比べるもの"),
            Column("period", "期間"),
            Column("part_change", "変化", "%", "change", 1),
            Column("part_annual_rate", "年率", "%", "change", 2),
            Column("whole_change", "全体の変化", "%", "change", 1),
            Column("whole_annual_rate", "全体の年率", "%", "change", 2),
            Column("shared_share", "共通する分の割合", "%", "rate", 1),
            Column("shared_share_range", "丸めによる幅"),
        ),
        source_ids=(POINTS, SERIES) if splits.national else (SERIES,),
        caveats=(
            "計算上の内訳であり、減少の原因を示すものではない。",
            "土木部門職員の内訳は全国の公表値だけから求めた。地域の行は一般行政部門職員で、"
            "土木部門職員ではない。",
        ),
        chart=draw(lambda: plot_decline_splits(rows), f"横棒図。{headline}") if len(rows) else None,
        definitions=(
            Definition(
                "共通する分の割合",
                "変化率の対数を、全体の変化と、全体に占める割合の変化に分けたときの、前者の割合。"
                "全体も減り、全体より減り方が大きいときだけ求める。",
                r"\frac{\ln(1+g_{\mathrm{whole}})}{\ln(1+g_{\mathrm{part}})}",
            ),
        ),
        certainty=_national_certainty(splits.national),
    )


def _split_rows(splits: DeclineSplits) -> pd.DataFrame:
    names = ["subject", "period", "part_change", "part_annual_rate", "whole_change"]
    names += ["whole_annual_rate", "shared_log_change", "own_log_change", "shared_share"]
    rows = splits.of_area.assign(
        subject=[
            f"{splits.area.name}の職員と{_WHOLES[whole]}" for whole in splits.of_area["whole"]
        ],
        shared_share_range="…",
    )
    if len(rows):
        first, last = rows["first_fiscal_year"].astype(str), rows["last_fiscal_year"].astype(str)
        rows = rows.assign(period=first + "→" + last)
    if splits.national:
        national = splits.national
        shared = national.shared_share
        head = pd.DataFrame(
            [
                {
                    "subject": "全国の土木部門職員と総職員",
                    "period": f"{national.from_year}→{national.to_year}",
                    **vars(national.split),
                    "shared_share_range": interval_words(shared.low, shared.high),
                }
            ]
        )
        rows = pd.concat([head, rows], ignore_index=True) if len(rows) else head
    return rows.reindex(columns=[*names, "shared_share_range"])


def _national_sentence(national: NationalDeclineSplit | None) -> list[str]:
    if national is None or national.split.shared_share is None:
        return []
    split = national.split
    return [
        f"全国の市区町村の土木部門職員の減少（年{change_words(split.part_annual_rate, 2)}）のうち、"
        f"{percent(national.split.shared_share or 0.0)}は総職員の減少"
        f"（年{change_words(split.whole_annual_rate, 2)}）と共通し、残りは土木部門に固有である。"
    ]


def _area_sentence(splits: DeclineSplits) -> list[str]:
    rows = splits.of_area.to_dict("records")
    if not rows:
        return []
    change, first = float(rows[0]["part_change"]), int(rows[0]["first_fiscal_year"])
    subject = f"{splits.area.name}の一般行政部門職員は{first}年度から{change_words(change)}で、"
    shares = [
        f"{percent(row['shared_share'])}は{_WHOLES[row['whole']]}の減少と共通する"
        for row in rows
        if not is_missing(row["shared_share"])
    ]
    if shares:
        overlap = "（二つの内訳は重なる）" if len(shares) > 1 else ""
        return [f"{subject}このうち{'、'.join(shares)}{overlap}。"]
    wholes = [f"{_WHOLES[row['whole']]}は{change_words(row['whole_change'])}" for row in rows]
    return [f"{subject}その間に{'、'.join(wholes)}であった。"]


def _national_certainty(national: NationalDeclineSplit | None) -> str:
    if national is None:
        return ""
    part, whole, share = (
        national.part_annual_rate,
        national.whole_annual_rate,
        national.shared_share,
    )
    return (
        "公表値の丸めだけによる幅は、土木部門職員の年率が"
        f"{abs(part.high) * 100:.2f}〜{abs(part.low) * 100:.2f}%減、総職員の年率が"
        f"{abs(whole.high) * 100:.2f}〜{abs(whole.low) * 100:.2f}%減、共通する分の割合が"
        f"{interval_words(share.low, share.high)}である（総職員の率は「約」と印字され、"
        "幅は公表されたポイント差の丸めから求めた）。"
    )


def staffing_concentration_finding(spread: StaffingConcentration) -> Finding:
    """Word how unevenly staff is spread over residents, and this area's part in it.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.staffing import load_staffing
    >>> from gunmane_analysis.areas import list_areas
    >>> from gunmane_analysis.metrics.staffing.concentration import staffing_concentration
    >>> spread = staffing_concentration(
    ...     load_staffing(), find_area("tohoku"), list_areas("prefecture"), 2024
    ... )
    >>> "職員の8.0%を占める" in staffing_concentration_finding(spread).headline
    True
    """
    area, latest = spread.area, spread.shares.iloc[-1]
    own = (
        ""
        if area.kind == "nation"
        else f"{area.name}は人口の{percent(latest['area_resident_share'])}に対し、"
        f"職員の{percent(latest['area_staff_share'])}を占める。"
    )
    headline = (
        f"{spread.last.area_count}都道府県の間で、人口に対する職員の偏り（ジニ係数）は、"
        f"{spread.first_fiscal_year}年度の{spread.first.gini:.3f}から"
        f"{spread.last_fiscal_year}年度の{spread.last.gini:.3f}になった。{own}"
    )
    return Finding(
        finding_id="staffing.concentration",
        title="人口に対する職員の偏り（都道府県の間）",
        headline=headline,
        table=spread.shares,
        columns=(
            Column("fiscal_year", "年度", kind="year"),
            Column("gini", "ジニ係数", kind="number", decimals=3),
            Column("dissimilarity", "移せば均等になる職員の割合", "%", "rate", 1),
            Column("area_staff_share", f"{area.name}の職員の割合", "%", "rate", 1),
            Column("area_resident_share", f"{area.name}の人口の割合", "%", "rate", 1),
        ),
        source_ids=(SERIES,),
        caveats=(
            NOT_CIVIL,
            "都道府県の合計どうしの偏りで、市区町村の間の偏りは含まない。人口の少ない地域ほど"
            "人口当たりの職員が多いのは自然であり、偏りは過不足を意味しない。",
        ),
        chart=draw(lambda: plot_staffing_concentration(spread), f"ローレンツ曲線。{headline}"),
        definitions=(
            Definition(
                "ジニ係数",
                "0は人口当たりの職員がどこでも同じ、1に近いほど一部に集まっていることを示す。"
                "ローレンツ曲線と対角線の間の面積の2倍。",
                r"1-\sum_{i}(p_i-p_{i-1})(q_i+q_{i-1})",
            ),
        ),
    )


def technician_thresholds_finding(thresholds: TechnicianThresholds) -> Finding:
    """Word how many municipalities the printed shares stand for.

    Examples
    --------
    >>> from gunmane_analysis.loaders.staffing import load_national_points
    >>> from gunmane_analysis.metrics.staffing.concentration import technician_thresholds
    >>> few = technician_thresholds(load_national_points(), 1741, 2024)
    >>> "427〜443" in technician_thresholds_finding(few).headline
    True
    """
    words = {0: "0人", 5: "5人以下"}
    told = [
        f"技術系職員が{words[row['limit']]}の市区町村は{row['value_text']}で、"
        f"{thresholds.municipality_total:,}市区町村のうち"
        f"{row['municipality_low']:.0f}〜{row['municipality_high']:.0f}に当たる"
        if not is_missing(row["municipality_low"])
        else f"{words[row['limit']]}は{row['value_text']}と公表され、丸めの単位がなく数にできない"
        for row in thresholds.table.to_dict("records")
    ]
    headline = "。".join(told) + "。" if told else "対象年度までに公表された数値がない。"
    return Finding(
        finding_id="staffing.thresholds",
        title="技術系職員の少ない市区町村の数",
        headline=headline,
        table=thresholds.table.assign(
            limit_label=[words[limit] for limit in thresholds.table["limit"]]
        ),
        columns=(
            Column("limit_label", "技術系職員"),
            Column("value_text", "公表された割合"),
            Column("municipality_low", "市区町村数の下限", "団体", "count"),
            Column("municipality_high", "市区町村数の上限", "団体", "count"),
        ),
        source_ids=(POINTS,),
        caveats=(
            "全国の割合だけが公表されており、どの市区町村かは分からない。"
            f"分母は{thresholds.municipality_total:,}市区町村（特別区を含む）とした。",
        ),
        certainty="幅は公表値の丸めだけによるもので、全数調査のため標本の誤差はない。",
    )
