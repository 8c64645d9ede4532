"""Reports are worked out once for all who look, and again when something of them has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
import streamlit as st

from codybatch.analysis.report.contents import Report
from codybatch.domain.errors import StoreError
from codybatch.domain.identifiers import ExperimentId
from codybatch.ui.experiments.reports import FRESH_SECONDS, MOST_KEPT, REST, Known, Reports
from codybatch.ui.inquiries import Tell
from tests.experiment_report_kit import a_report

ONE = ExperimentId("0" * 26)
REPORT = a_report(repositories=2, repetitions=1)


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    yield
    st.cache_resource.clear()


@dataclass
class Maker:
    """Makes reports, and counts them."""

    made: int = 0
    now: float = 0.0
    takes: float = 0.0
    error: Exception | None = None

    def __call__(self, _tell: Tell) -> Report:
        self.made += 1
        self.now += self.takes
        if self.error:
            raise self.error
        return REPORT


def ended(ask: Callable[[], Known]) -> Known:
    """What is known once nothing is under way."""
    while (known := ask()).inquiry is not None:
        known.inquiry.wait(10)
    return known


def test_a_report_is_made_again_after_a_while_for_ratings_move_no_counter() -> None:
    maker = Maker()
    reports = Reports(lambda: maker.now)
    ended(lambda: reports.of(ONE, "stamp", maker))

    maker.now += FRESH_SECONDS
    assert ended(lambda: reports.of(ONE, "stamp", maker)).number == 1
    maker.now += 1
    assert ended(lambda: reports.of(ONE, "stamp", maker)).number == 2


def test_a_report_is_made_once_while_nothing_has_changed() -> None:
    reports, maker = Reports(), Maker()

    first = ended(lambda: reports.of(ONE, "stamp", maker))
    again = ended(lambda: reports.of(ONE, "stamp", maker))

    assert first.report is again.report is REPORT
    assert (maker.made, again.number) == (1, 1)


def test_what_is_known_stays_while_a_newer_one_is_worked_out() -> None:
    maker = Maker()
    reports = Reports(lambda: maker.now)
    ended(lambda: reports.of(ONE, "before", maker))

    known = reports.of(ONE, "after", maker)

    assert known.report is REPORT
    assert known.is_old or known.number == 2
    newer = ended(lambda: reports.of(ONE, "after", maker))
    assert (newer.number, newer.is_old) == (2, False)


def test_what_changes_all_the_time_is_not_worked_out_all_the_time() -> None:
    maker = Maker(takes=10)
    reports = Reports(lambda: maker.now)

    def ask(stamp: int, *, is_active: bool) -> Known:
        return ended(lambda: reports.of(ONE, stamp, maker, is_active=is_active))

    ask(1, is_active=True)
    waits = ask(2, is_active=True)
    assert maker.made == 1
    assert waits.is_old  # so that a page looks again until it is not
    maker.now += REST * maker.takes
    ask(3, is_active=True)
    assert maker.made == 2

    assert ask(4, is_active=False).number == 3


def test_a_report_that_is_forgotten_is_made_again_at_once() -> None:
    maker = Maker(takes=10)
    reports = Reports(lambda: maker.now)
    ended(lambda: reports.of(ONE, 1, maker))

    reports.forget(ONE)

    assert ended(lambda: reports.of(ONE, 1, maker, is_active=True)).number == 2


def test_why_there_is_none_is_told_and_it_is_not_tried_again_until_something_changes() -> None:
    reports, maker = Reports(), Maker(error=StoreError("The disk is full."))

    known = ended(lambda: reports.of(ONE, 1, maker))

    assert (known.report, known.failed) == (None, "The disk is full.")
    ended(lambda: reports.of(ONE, 1, maker))
    assert maker.made == 1


def test_what_stands_is_known_in_short_once_it_was_worked_out_and_all_is_judged() -> None:
    reports = Reports(lambda: 0)
    brief = "tidy v2 and tidy v3 are better than tidy v1"
    won = replace(REPORT, upshot=replace(REPORT.upshot, brief=brief))
    assert not reports.brief(ONE)

    ended(lambda: reports.of(ONE, 1, lambda _: won))
    assert reports.brief(ONE) == brief
    ended(lambda: reports.of(ONE, 2, lambda _: replace(won, unfinished=1)))

    assert not reports.brief(ONE)


def test_the_oldest_are_let_go() -> None:
    reports, maker = Reports(), Maker()
    for number in range(MOST_KEPT + 1):
        ended(lambda n=number: reports.of(ExperimentId(f"{n:026}"), 1, maker))  # type: ignore[misc]

    ended(lambda: reports.of(ExperimentId(f"{0:026}"), 1, maker))

    assert maker.made == MOST_KEPT + 2
