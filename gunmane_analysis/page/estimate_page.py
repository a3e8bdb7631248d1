"""One estimate from its input to its findings, its page and its workbook."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from gunmane_analysis.charts.estimator import setting_words
from gunmane_analysis.errors import DesignError
from gunmane_analysis.findings import estimator
from gunmane_analysis.findings.finding import Finding
from gunmane_analysis.findings.markup import charts_font_face
from gunmane_analysis.findings.rendering import environment
from gunmane_analysis.metrics.contracts.estimator import break_even_curve, cost_comparison, tornado
from gunmane_analysis.metrics.contracts.estimator_risk import Shape, simulate_saving
from gunmane_analysis.tables import choices
from gunmane_analysis.tables.estimate import TAX_WORDS, EstimateInput


def estimate_findings(
    given: EstimateInput, *, seed: int = 0, draws: int = 10_000, shape: Shape = "pert"
) -> list[Finding]:
    """Return everything the tool has to say about one estimate.

    Parameters
    ----------
    given : EstimateInput
    seed, draws, shape
        Of the Monte Carlo; see :func:`~gunmane_analysis.metrics.contracts.simulate_saving`.

    Returns
    -------
    list of Finding
        Cost before and after, by year, and the break-even (where there is one); tornado and
        probability only where settings carry a range.
    """
    comparison = cost_comparison(given)
    findings = [
        estimator.cost_comparison_finding(comparison),
        estimator.cost_years_finding(comparison),
    ]
    with suppress(DesignError):  # nothing is outsourced after bundling: the comparison says so
        findings.append(estimator.break_even_finding(comparison, break_even_curve(given)))
    if any(not one.is_certain for one in given.settings.uncertain.values()):
        findings.append(estimator.tornado_finding(tornado(given), given))
        simulated = simulate_saving(given, seed=seed, draws=draws, shape=shape)
        findings.append(estimator.saving_probability_finding(simulated, given))
    return findings


def render_estimate(given: EstimateInput, findings: Sequence[Finding]) -> str:
    """Return the estimate's page: one self-contained HTML file."""
    definitions = {item.term: item for finding in findings for item in finding.definitions}
    template = environment().get_template("estimate_page.html.j2")
    return template.render(
        title=f"効果試算　{given.title}",
        given=given,
        findings=findings,
        font_face=charts_font_face(findings),
        definitions=list(definitions.values()),
        settings=_settings_rows(given),
    )


def _settings_rows(given: EstimateInput) -> list[tuple[str, ...]]:
    settings = given.settings
    rows: list[tuple[str, ...]] = [
        ("税の扱い", TAX_WORDS[settings.tax], "", ""),
        ("価格の基準年度", f"{settings.price_base_fiscal_year}年度", "", ""),
    ]
    for name, one in settings.uncertain.items():
        shown = (setting_words(name, value) for value in (one.value, one.low, one.high))
        rows.append((choices("estimate_setting")[name], *shown))
    return rows
