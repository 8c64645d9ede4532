"""The tab Result: what is concluded and how sure it is, as sentences, a chart and a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from codybatch.analysis.report.arms import ArmSummary
from codybatch.analysis.report.contents import Report
from codybatch.analysis.statistics.comparison import Comparison
from codybatch.domain.experiments import Metric
from codybatch.domain.unsaid import CannotBeSaid
from codybatch.ui.components import muted, notice
from codybatch.ui.experiments.checks import EXPLAINED, check_rows
from codybatch.ui.experiments.checks import HEADINGS as HEADINGS_OF_CHECKS
from codybatch.ui.experiments.forest import Forest, as_html, forest
from codybatch.ui.experiments.numbers import UNKNOWN, dollars, effect_of, percent
from codybatch.ui.experiments.words import METRICS
from codybatch.ui.plain_text import Clean, shown, shown_on_one_line
from codybatch.ui.words import Color, duration

_HEADINGS = (
    *("Arm", "Jobs", "Accepted", "Beside the baseline", "Rating", "Cost a job", "Per accepted"),
    "Time",
)


@dataclass(frozen=True)
class ResultView:
    """The tab in words; names are clean, and must be shown as text."""

    verdict: str
    color: Color
    is_final: bool
    reasons: tuple[str, ...]
    would_settle: tuple[str, ...]
    cautions: tuple[str, ...]
    chart: Forest | None
    chart_of: str
    rows: tuple[tuple[str, ...], ...]
    """A row of the table for each arm."""
    checks: tuple[tuple[str, ...], ...]
    """A row for each arm of what takes no opinion."""
    others: tuple[tuple[str, tuple[str, ...]], ...]
    """Of each metric that does not decide: its name and its sentences."""
    equal_arms: tuple[str, ...]


def result_view(report: Report, clean: Clean) -> ResultView:
    """The tab.

    Args:
        report: what it is made of.
        clean: takes secrets out of what people wrote.
    """
    metric, upshot = report.setup.metric, report.upshot
    deciding = _by(report, metric)
    color: Color = "green" if upshot.is_decided else "gray"
    return ResultView(
        verdict=shown(upshot.sentence, clean),
        color="blue" if report.unfinished else color,
        is_final=not report.unfinished,
        reasons=_clean(upshot.reasons, clean),
        would_settle=_clean(upshot.would_settle, clean),
        cautions=_clean(report.cautions, clean),
        chart=forest(deciding, clean),
        chart_of=METRICS[metric],
        rows=tuple(_row(report, arm, clean) for arm in report.arms),
        checks=check_rows(report, clean),
        others=tuple(
            (METRICS[other], _clean([one.sentence for one in _by(report, other)], clean))
            for other in Metric
            if other is not metric and _by(report, other)
        ),
        equal_arms=_clean([one.sentence for one in report.equal_arms], clean),
    )


def _by(report: Report, metric: Metric) -> list[Comparison]:
    found = (one.comparison(metric) for one in report.against_baseline)
    return [one for one in found if one is not None]


def _clean(sentences: Sequence[str], clean: Clean) -> tuple[str, ...]:
    return tuple(dict.fromkeys(shown(one, clean) for one in sentences))


def _row(report: Report, arm: ArmSummary, clean: Clean) -> tuple[str, ...]:
    against = next((one for one in report.against_baseline if one.arm == arm.arm), None)
    compared = against.comparison(report.setup.metric) if against else None
    rating, cost, time = arm.ratings, arm.cost, arm.seconds
    each = arm.cost_per_accepted
    return (
        shown_on_one_line(arm.arm, clean),
        _health(arm),
        percent(arm.acceptance),
        "the baseline" if against is None else effect_of(compared) if compared else UNKNOWN,
        UNKNOWN if isinstance(rating, CannotBeSaid) else f"{rating.mean:.1f}",
        UNKNOWN if isinstance(cost, CannotBeSaid) else dollars(cost.mean),
        UNKNOWN if isinstance(each, CannotBeSaid) else dollars(each.value),
        UNKNOWN if isinstance(time, CannotBeSaid) else duration(time.mean),
    )


def _health(arm: ArmSummary) -> str:
    health = arm.health
    lacking = (
        (health.failed, "failed"),
        (health.unjudged, "not judged"),
        (health.running, "under way"),
        (health.missing, "missing"),
    )
    told = ", ".join(f"{count} {word}" for count, word in lacking if count)
    return f"{health.done} of {health.planned}" + (f" ({told})" if told else "")


def show_result(view: ResultView) -> None:
    """The whole tab."""
    title = "What came of it" if view.is_final else "Not yet"
    notice("experiments-verdict", view.color, title, view.verdict, icon=_icon(view))
    with st.container(gap="xsmall", key="experiments-reasons"):
        for sentence in view.reasons:
            st.text(sentence)
    if view.chart:
        st.subheader(f"{view.chart_of}, beside the baseline", anchor=False)
        st.html(as_html(view.chart))
    st.subheader("The arms", anchor=False)
    st.html(table("arms", _HEADINGS, view.rows))
    muted("experiments-intervals", _INTERVALS)
    if view.would_settle:
        notice("experiments-settle", "blue", "What would settle it", *view.would_settle)
    if view.cautions:
        notice("experiments-cautions", "yellow", "Be careful", *view.cautions)
    for sentence in view.equal_arms:
        notice("experiments-equal", "gray", "Equal arms", sentence)
    with st.expander("What takes no opinion"):
        st.html(table("checks", HEADINGS_OF_CHECKS, view.checks))
        muted("experiments-checks", EXPLAINED)
    for name, sentences in view.others:
        with st.expander(f"{name} (describes, decides nothing)"):
            for sentence in sentences:
                st.text(sentence)


_INTERVALS = (
    "In brackets: 95 % intervals. They count repositories, not jobs: repetitions on one "
    "repository resemble each other. Jobs: those with a verdict, of those that were planned."
)


def _icon(view: ResultView) -> str:
    if not view.is_final:
        return ":material/hourglass_empty:"
    return ":material/emoji_events:" if view.color == "green" else ":material/drag_handle:"


def table(name: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table as markup: everything in it is escaped; numbers stand at the right.

    Args:
        name: of its style.
        headings: of the columns.
        rows: what stands in them, the first of each being its heading.
    """
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in headings)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>'
        + "".join(f"<td>{escape(one)}</td>" for one in rest)
        + "</tr>"
        for first, *rest in rows
    )
    return (
        f'<div class="cb-table cb-table-{name}" tabindex="0" role="region" aria-label="{name}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
