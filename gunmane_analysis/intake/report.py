"""A checked file told in Japanese, for the person who has to mend it."""

from __future__ import annotations

from gunmane_analysis.intake.check import Checked
from gunmane_analysis.intake.forms import GENERAL, document_sources, read_form
from gunmane_analysis.intake.reading.issues import KEPT_AT_MOST, Level, grouped

_LEVEL_NAMES = {
    "prefecture": "都道府県",
    "municipality": "市区町村",
    "ward": "政令指定都市の区",
    "association": "一部事務組合等",
}
_SECTIONS: tuple[tuple[Level, str], ...] = (
    ("fault", "誤り（直すまで登録できません）"),
    ("repair", "直して読んだ箇所"),
    ("warning", "注意"),
)


def words_of(checked: Checked) -> str:
    """Return the whole result in Japanese: the verdict, the totals, then every issue."""
    verdict = "登録できます" if checked.is_accepted else "登録できません"
    lines = [f"{checked.path.name}: {verdict}", f"  資料: {_source_words(checked)}"]
    if checked.times.as_of_on:
        lines.append(f"  時点: {checked.times.as_of_on}")
    elif checked.times.fiscal_year is not None:
        lines.append(f"  年度: {checked.times.fiscal_year}年度")
    if checked.is_accepted:
        lines.append(f"  行数: {checked.row_count:,}")
        lines += _totals(checked)
    for level, heading in _SECTIONS:
        issues = checked.issues.of(level)
        if issues:
            lines += ["", f"{heading}: {checked.issues.counts[level]:,}件", *grouped(issues)]
            if checked.issues.counts[level] > KEPT_AT_MOST:
                lines.append(f"（{KEPT_AT_MOST:,}件までを示しました）")
    return "\n".join(lines)


def _source_words(checked: Checked) -> str:
    source_id = checked.source_id
    if source_id is None or source_id == GENERAL:
        return "分かりません"
    title = document_sources().get(source_id) or read_form(source_id).title
    return f"{source_id}（{title}）"


def _totals(checked: Checked) -> list[str]:
    if checked.form is None:
        return []
    lines = []
    labels = {
        b.key: b.field.label + (f"（{b.year}年）" if b.field.has_year_headings else "")
        for b in (checked.layout.bindings if checked.layout else ())
    }
    added = {
        b.key
        for b in (checked.layout.bindings if checked.layout else ())
        if b.field.kind != "number"
    }
    for key, total in checked.totals.items():
        if key not in added:  # the sum of rates and indices means nothing to a person
            continue
        lines.append(f"  合計 {labels.get(key, key)}: {total:,}")
    levels = checked.totals_by_level
    if len(levels) > 1:
        counts = {name: sum(row.level == name for row in checked.rows) for name in levels}
        told = "、".join(f"{_LEVEL_NAMES[name]} {counts[name]:,}行" for name in levels)
        lines.append(f"  内訳: {told}（段階をまたいで足していません）")
    return lines
