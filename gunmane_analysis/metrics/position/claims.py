"""検算: national figures as the documents print them, beside what other figures give for them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from gunmane_analysis.areas import Area

AGREES, DIFFERS, NOT_COMPARABLE = "合う", "合わない", "比べられない"
_OUTLOOK = ("municipal_population_outlook",)
_MAN = 10_000.0
_CASE_POPULATION_YEAR = 2023  # the register of 1 January 2024; the document prints no date
_MUNICIPALITY_COUNT = 1741
_STAGE_ITEM = "matching_trial_implementation_count"


@dataclass(frozen=True)
class Claim:
    """A printed figure and the same figure computed from others.

    ``printed`` and ``recomputed`` are numbers in ``unit`` (missing where there is none to
    compute); they agree where they differ by no more than ``half_digit``, half of the last
    printed digit. ``computation`` shows both numbers of a rate. ``obstacle`` says why two
    figures must not be compared.
    """

    claim_id: str
    label: str
    printed_text: str
    printed: float
    recomputed: float
    half_digit: float
    unit: str
    computation: str
    source_ids: tuple[str, ...]
    reason: str = ""
    obstacle: str = ""

    @property
    def verdict(self) -> str:
        """「合う」「合わない」「比べられない」."""
        if self.obstacle:
            return NOT_COMPARABLE
        gap = abs(self.printed - self.recomputed)
        return AGREES if gap <= self.half_digit + 1e-9 else DIFFERS


def check_claims(
    points: pd.DataFrame,
    participation: pd.DataFrame,
    membership: pd.DataFrame,
    kpi: pd.DataFrame,
    cases: pd.DataFrame,
    facts: pd.DataFrame,
    staffing: pd.DataFrame,
    municipal: pd.DataFrame,
    fiscal_year: int,
    area: Area | None = None,
) -> pd.DataFrame:
    """Recompute every national figure of the documents that other figures can check.

    Parameters
    ----------
    points, participation, membership, kpi, cases, facts : DataFrame
        What is printed: ``national_points``, ``participation``, ``membership``, ``kpi``,
        ``contract_cases``, ``national_facts_public``.
    staffing, municipal : DataFrame
        ``staffing`` and :func:`gunmane_analysis.load_municipal_values`.
    fiscal_year : int
        Claims that became known later are left out.
    area : Area, optional
        Whose page asks; nothing is computed for any but the nation's.

    Returns
    -------
    DataFrame
        One row per claim: the fields of :class:`Claim` and ``verdict``.

    Examples
    --------
    >>> import gunmane_analysis as g
    >>> claims = check_claims(g.load_national_points(), g.load_participation(),
    ...     g.load_membership(), g.load_kpi(), g.load_contract_cases(), g.load_national_facts(),
    ...     g.load_staffing(), g.load_municipal_values(), 2024)
    >>> claims.set_index("claim_id").loc["municipalities_losing_30pct_share", "computation"]
    '1,047／1,729市区町村'
    """

    def known(table: pd.DataFrame) -> pd.DataFrame:
        return table[table["known_fiscal_year"] <= fiscal_year]

    columns = [*Claim.__dataclass_fields__, "verdict"]
    if area is not None and area.kind != "nation":
        return pd.DataFrame(columns=columns)
    values = municipal[municipal["year"] <= fiscal_year]
    claims = [
        *_of_points(known(points), facts, staffing[staffing["fiscal_year"] <= fiscal_year], values),
        *_of_series(staffing, values, fiscal_year),
        *_of_participation(known(participation)),
        *_of_membership(known(membership)),
        *_of_kpi(known(kpi)),
        *_of_cases(known(cases), values),
        *(_of_facts(facts) if fiscal_year >= facts["as_of"].str[:4].astype("int64").max() else ()),
    ]
    return pd.DataFrame(
        [{**asdict(claim), "verdict": claim.verdict} for claim in claims], columns=columns
    )


def _of_points(
    points: pd.DataFrame, facts: pd.DataFrame, staffing: pd.DataFrame, values: pd.DataFrame
) -> Iterator[Claim]:
    printed = {str(row["point_id"]): row for row in points.to_dict("records")}  # the last edition
    for point_id, count, total in _outlook_counts(values):
        if point_id in printed:
            yield _share(point_id, printed[point_id], count, total, 0.05, _OUTLOOK)
    if "no_technician_municipality_share" in printed:
        zero = facts[facts["what"].str.startswith("土木・建築の技師数が0人")]
        parts = [int(value) for value in zero["value"]]
        claim = _share(
            "no_technician_municipality_share",
            printed["no_technician_municipality_share"],
            sum(parts), _MUNICIPALITY_COUNT, 0.005, ("national_facts_public",),
        )  # fmt: skip
        yield Claim(
            **asdict(claim)
            | {
                "computation": f"（{'＋'.join(map(str, parts))}）＝{claim.computation}",
                "reason": "分母を特別区を除く1,718としても25.2%で、同じ印字になる。",
            }
        )
    if {"civil_staff_change_rate", "total_staff_change_rate"} <= set(printed):
        yield from _of_staff(printed, facts, staffing)


def _outlook_counts(values: pd.DataFrame) -> Iterator[tuple[str, int, int]]:
    share = values.loc[values["indicator_id"] == "population_2050_share", "value"]
    later = values.loc[values["indicator_id"] == "population_2050_count", "value"]
    if len(share):
        yield "municipalities_losing_30pct_share", int((share <= 0.7).sum()), len(share)
        yield "municipalities_under_10000_share", int((later < _MAN).sum()), len(later)


def _of_staff(
    printed: Mapping[str, Mapping[Hashable, Any]], facts: pd.DataFrame, staffing: pd.DataFrame
) -> Iterator[Claim]:
    """Yield the claims on civil-engineering and all staff since 1996."""
    civil, whole = (printed[f"{name}_staff_change_rate"] for name in ("civil", "total"))
    both = facts[facts["what"] == "土木部門職員数(地方公共団体計)"].sort_values("as_of")["value"]
    first, last = (int(value) for value in both.iloc[[0, -1]])
    yield Claim(
        "civil_staff_change_rate", str(civil["label_ja"]), str(civil["value_text"]),
        float(civil["value"]), last / first - 1.0, 0.005, "%", f"{last:,}／{first:,}人－1",
        ("national_facts_public",),
        obstacle="印字は市区町村だけで1996→2024年度、計算は都道府県を含む計で1996→2023年度。"
        "市区町村だけの1996年度の人数は公表値にない。",
    )  # fmt: skip
    staff = staffing.groupby("fiscal_year")["general_staff_count"].sum(min_count=1).dropna()
    start, end = int(staff.index.min()), int(staff.index.max())
    yield Claim(
        "total_staff_change_rate", str(whole["label_ja"]), str(whole["value_text"]),
        float(whole["value"]), staff[end] / staff[start] - 1.0, 0.005, "%",
        f"{staff[end]:,.0f}／{staff[start]:,.0f}人－1（{start}→{end}年度）", ("prefecture_series",),
        obstacle="印字は1996年から。系列は1998年度からで一部事務組合等を含む。大きさは近い。",
    )  # fmt: skip
    if "civil_minus_total_rate_gap" in printed:
        gap = printed["civil_minus_total_rate_gap"]
        yield Claim(
            "civil_minus_total_rate_gap", str(gap["label_ja"]), str(gap["value_text"]),
            float(gap["value"]), float(civil["value"]) - float(whole["value"]), 0.01, "ポイント",
            "△26－△16", ("national_points",),
            reason="印字された二つの率の差。元の率が丸めのため1ポイントまでは動き得る。",
        )  # fmt: skip


def _of_series(staffing: pd.DataFrame, values: pd.DataFrame, fiscal_year: int) -> Iterator[Claim]:
    """Compare the staff of the prefecture series with the sum over municipalities."""
    for year in sorted(set(values["year"]) & {fiscal_year}):
        is_staff = (values["indicator_id"] == "general_staff_count") & (values["year"] == year)
        whole = staffing.loc[staffing["fiscal_year"] == year, "general_staff_count"].sum()
        if is_staff.any() and whole:
            yield Claim(
                f"general_staff_{year}",
                f"市区町村の一般行政部門職員数 {year}年度（都道府県系列の計）",
                f"{whole:,.0f}人", float(whole), float(values.loc[is_staff, "value"].sum()), 0.0,
                "人", f"{int(is_staff.sum()):,}市区町村の和",
                ("prefecture_series", "municipal_series"),
                obstacle="都道府県系列は一部事務組合等の職員を含み、市区町村の和は含まない。",
            )  # fmt: skip


def _share(
    claim_id: str,
    row: Mapping[Hashable, Any],
    count: int,
    total: int,
    half: float,
    sources: tuple[str, ...],
) -> Claim:
    return Claim(
        claim_id, str(row["label_ja"]), str(row["value_text"]), float(row["value"]),
        count / total, half, "%", f"{count:,}／{total:,}市区町村", sources,
        reason="浜通り地域の13市町村は一つと数える。" if total == 1729 else "",
    )  # fmt: skip


def _of_participation(participation: pd.DataFrame) -> Iterator[Claim]:
    words = {
        "mayors_conference": "市区町村長会議の参画率",
        "government_membership": "行政会員の加入率",
    }
    for row in participation.dropna(subset=["municipality_count", "rate_printed"]).to_dict(
        "records"
    ):
        is_given = not pd.isna(row["municipality_total"])
        total = row["municipality_total"] if is_given else _MUNICIPALITY_COUNT
        yield Claim(
            f"{row['programme']}_{row['as_of_on']}", f"{words[row['programme']]} {row['as_of_on']}",
            row["rate_text"], row["rate_printed"], row["municipality_count"] / total, 0.005, "%",
            f"{row['municipality_count']:,.0f}／{total:,.0f}市区町村", ("participation",),
            reason="" if is_given else "分母の印字がなく、1,741とした。",
        )  # fmt: skip


def _of_membership(membership: pd.DataFrame) -> Iterator[Claim]:
    for column, word in (("member_count", "会員数"), ("increase_printed", "会員数の増加")):
        for day, rows in membership.dropna(subset=[column]).groupby("as_of_on"):
            parts = rows[rows["member_kind"] != "total"][column]
            if parts.empty:
                continue
            total = float(rows.loc[rows["member_kind"] == "total", column].iloc[0])
            yield _sum(
                f"{column}_{day}", f"国民会議の{word} {day}", parts, total, "者", "membership"
            )
    counts = membership.dropna(subset=["member_count"])
    first = counts.sort_values("as_of_on").drop_duplicates("member_kind").set_index("member_kind")
    for row in counts.dropna(subset=["increase_printed"]).to_dict("records"):
        before = float(first.loc[row["member_kind"], "member_count"])
        yield Claim(
            f"increase_{row['member_kind']}_{row['as_of_on']}",
            f"{row['member_kind_label']}の増加 設立時から{row['as_of_on']}",
            f"{row['increase_printed']:,.0f}増", row["increase_printed"],
            row["member_count"] - before, 0.0, "者",
            f"{row['member_count']:,.0f}－{before:,.0f}", ("membership",),
        )  # fmt: skip


def _sum(
    claim_id: str, label: str, parts: pd.Series, total: float, unit: str, source_id: str
) -> Claim:
    return Claim(
        claim_id, label, f"{total:,.0f}", total, float(parts.sum()), 0.0, unit,
        "＋".join(f"{part:,.0f}" for part in parts), (source_id,),
    )  # fmt: skip


def _of_kpi(kpi: pd.DataFrame) -> Iterator[Claim]:
    results = kpi.dropna(subset=["result"])
    levels = {"total": "全体", "national": "全国フォーラム", "regional": "地方フォーラム"}
    for (year, level), rows in results[results["item_id"] == _STAGE_ITEM].groupby(
        ["fiscal_year", "forum_level"], sort=False
    ):
        parts, whole = rows[rows["stage"].notna()]["result"], rows[rows["stage"].isna()]["result"]
        if len(parts) and len(whole):
            yield _sum(
                f"stages_{level}_{year}", f"マッチング等の実施数 {levels[str(level)]} {year}年度",
                parts, float(whole.iloc[0]), "件", "kpi",
            )  # fmt: skip
    for (year, item, stage), rows in results.groupby(
        ["fiscal_year", "item_id", results["stage"].fillna("")], sort=False
    ):
        by_level = rows.set_index("forum_level")["result"]
        if set(levels) <= set(by_level.index):
            label = rows.loc[rows["forum_level"] == "total", "item_label"].iloc[0]
            yield _sum(
                f"levels_{item}_{stage}_{year}", f"{label} {year}年度（全国と地方の和）",
                by_level[["national", "regional"]], float(by_level["total"]),
                str(rows["unit"].iloc[0]), "kpi",
            )  # fmt: skip


def _of_cases(cases: pd.DataFrame, values: pd.DataFrame) -> Iterator[Claim]:
    for row in cases.dropna(subset=["annual_printed_jpy"]).to_dict("records"):
        years = row["term_months"] / 12.0
        yield Claim(
            f"annual_{row['case_id']}", f"{row['municipality_name']}の契約の年額",
            f"{row['annual_printed_jpy'] / 1e8:.1f}億円/年", row["annual_printed_jpy"] / 1e8,
            row["amount_low_jpy"] / years / 1e8, 0.05, "億円",
            f"{row['amount_text']}÷{years:.0f}年", ("contract_cases",),
            reason="印字は丸めた年額。" if row["amount_low_jpy"] / years % 1e7 else "",
        )  # fmt: skip
    here = values[
        (values["indicator_id"] == "population_count") & (values["year"] == _CASE_POPULATION_YEAR)
    ]
    residents = dict(zip(here["area_id"], here["value"], strict=True))
    for row in cases[cases["municipality_code"].isin(list(residents))].to_dict("records"):
        count, printed = residents[row["municipality_code"]], row["population_count"]
        half, decimals = (0.5, 0) if printed % _MAN == 0 else (0.05, 1)
        yield Claim(
            f"population_{row['case_id']}", f"{row['municipality_name']}の人口",
            f"約{printed / _MAN:.{decimals}f}万人", printed / _MAN,
            count / _MAN, half, "万人", f"{count:,.0f}人（2024年1月1日の住民基本台帳）",
            ("municipal_series",),
            reason="資料に時点の印字がない。",
        )  # fmt: skip


def _of_facts(facts: pd.DataFrame) -> Iterator[Claim]:
    figures = facts[facts["what"].str.startswith("土木部門職員数(")].copy()
    for day, rows in figures[figures["as_of"].str.len() == 10].groupby("as_of"):
        by_body = rows.set_index("what")["value"].astype("float64")
        if "土木部門職員数(全団体)" in by_body:
            total = float(by_body.pop("土木部門職員数(全団体)"))
            yield _sum(
                f"civil_staff_{day}", f"土木部門職員数（都道府県と市町村の和） {day}",
                by_body, total, "人", "national_facts_public",
            )  # fmt: skip
    both = figures[figures["what"].str.contains("地方公共団体計")].sort_values("as_of")
    rate = facts[facts["what"] == "土木部門職員数の増減(地方公共団体計)"]
    if len(both) and len(rate):
        first, last = (float(value) for value in both["value"].iloc[[0, -1]])
        printed = float(rate["value"].iloc[0]) / 100.0
        yield Claim(
            "civil_staff_all_bodies_change",
            "土木部門職員数の増減（都道府県を含む計、1996→2023年度）",
            f"△{abs(printed) * 100:.1f}%", printed, last / first - 1.0, 0.0005, "%",
            f"{last:,.0f}／{first:,.0f}人－1", ("national_facts_public",),
            reason="四捨五入では△28.4%。切り捨てて印字されたとみられる。",
        )  # fmt: skip
