"""The matrix: every repetition a mark, filtered and sorted by the difference to the baseline."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from codybatch.analysis.statistics.trials import Outcome
from codybatch.domain.states import JobState
from codybatch.ui.experiments.matrix import (
    ROWS,
    MatrixView,
    Order,
    as_html,
    counts_in_words,
    mark_of,
    matrix,
)
from tests.experiment_report_kit import a_report, with_first_cell
from tests.ui_kit import AWKWARD, SECRET

ACCEPTED, REJECTED = Outcome.ACCEPTED, Outcome.REJECTED


def decide(arm: int, repository: int, _repetition: int) -> Outcome:
    """The arm is worse on the first repository, better on the second, and equal elsewhere."""
    good = {(0, 0), (1, 1), (0, 2), (1, 2)}
    return ACCEPTED if (arm, repository) in good else REJECTED


REPORT = a_report(repositories=4, decide=decide)


def seen(which: str = "all", order: Order = Order.DIFFERENCE, against: str = "") -> MatrixView:
    return matrix(REPORT, str, against, which, order)


def names(view: MatrixView) -> list[str]:
    return [line.name for line in view.lines]


@pytest.mark.parametrize(
    ("which", "left"),
    [
        ("regressed", ["service-00"]),
        ("improved", ["service-01"]),
        ("differ", ["service-00", "service-01"]),
        ("equal", ["service-02", "service-03"]),
    ],
)
def test_a_filter_leaves_what_its_count_says(which: str, left: list[str]) -> None:
    view = seen(which)

    assert names(view) == left
    assert view.found == view.counts[which] == len(left)


def test_the_worst_or_the_best_beside_the_baseline_stands_first() -> None:
    assert names(seen())[0] == "service-00"
    assert names(seen(order=Order.GAIN))[0] == "service-01"
    assert names(seen(order=Order.NAME)) == sorted(names(seen()))


def test_one_of_several_arms_can_be_the_one_that_filters() -> None:
    def third(arm: int, repository: int, repetition: int) -> Outcome:
        return ACCEPTED if arm == 2 else decide(arm, repository, repetition)

    report = a_report(arms=3, repositories=4, decide=third)

    assert matrix(report, str, "tidy v2", "regressed", Order.NAME).found == 1
    assert matrix(report, str, "tidy v3", "regressed", Order.NAME).found == 0
    assert matrix(report, str, "", "regressed", Order.NAME).found == 1


def test_counts_of_any_arm_say_that_one_is_enough() -> None:
    assert counts_in_words(seen(), of_any=False) == (
        "4 repositories shown; 1 regressed, 1 improved, 2 differ, 2 equal"
    )
    report = a_report(
        arms=3, repositories=1, decide=lambda arm, *_: (REJECTED, ACCEPTED, REJECTED)[arm]
    )
    of_any = matrix(report, str, "", "improved", Order.NAME)
    assert counts_in_words(of_any, of_any=True) == (
        "1 repository shown; in at least one arm: 0 regressed, 1 improved, 1 differ, 1 equal"
    )


def test_every_repetition_is_a_mark_that_leads_to_its_job() -> None:
    html = as_html(seen())

    assert html.count('<a href="/job?id=') == 2 * 4 * 2
    assert "acme/service-00, tidy v1, repetition 2: accepted, $0.50" in html


def test_a_repetition_without_a_job_is_a_mark_that_leads_nowhere() -> None:
    report = a_report(repositories=1, decide=lambda *_: Outcome.MISSING)

    html = as_html(matrix(report, str, "", "all", Order.NAME))

    assert "<a " not in html
    assert html.count("no result") == 2 * 2 * 2


def test_what_is_under_way_what_was_cancelled_and_what_raters_dispute_is_told_apart() -> None:
    missing = a_report(decide=lambda *_: Outcome.MISSING)

    def word(state: JobState | None) -> str:
        return mark_of(with_first_cell(missing, state=state)).word

    assert word(JobState.RUNNING) == "running"
    assert word(JobState.CANCELLED) == "cancelled"
    assert word(None) == "no result"
    assert mark_of(with_first_cell(REPORT, is_disputed=True)).word == "raters are tied"


def test_foreign_words_are_text_and_secrets_do_not_show() -> None:
    name = f"{AWKWARD} \"' {SECRET}"
    setup = replace(REPORT.setup, arms=(replace(REPORT.setup.arms[0], name=name),))
    rows = tuple(replace(row, arms=row.arms[:1]) for row in REPORT.matrix)
    report = replace(REPORT, setup=setup, matrix=rows)

    html = as_html(matrix(report, lambda text: text.replace(SECRET, "***"), "", "all", Order.NAME))

    assert "<b>bold" not in html
    assert SECRET not in html
    assert "&lt;b&gt;bold&lt;/b&gt;" in html


def test_the_largest_experiment_is_shown_a_page_at_a_time_and_quickly() -> None:
    small = a_report(arms=20, repositories=2, repetitions=5)
    report = replace(small, matrix=small.matrix * 25)
    began = time.perf_counter()

    html = as_html(matrix(report, str, "", "all", Order.DIFFERENCE))

    assert time.perf_counter() - began < 1
    assert html.count("cb-mark") == ROWS * 20 * 5
    assert len(html) < 700_000
