"""The queue in which jobs are judged."""

from __future__ import annotations

import pytest

from codybatch.domain.identifiers import JobId
from codybatch.services.to_judge import Line
from codybatch.ui.jobs.queue import Queue
from tests.contracts.examples import a_request, jobs_of

A, B, C = JobId("a"), JobId("b"), JobId("c")


def test_each_job_is_shown_once_and_then_none() -> None:
    queue, shown = Queue((A, B, C)), []
    while queue.current:
        shown.append((queue.current, queue.progress))
        queue = queue.next()

    assert shown == [(A, "1 of 3"), (B, "2 of 3"), (C, "3 of 3")]
    assert queue.next() == queue
    assert queue.share == 0  # none was judged


def test_one_can_go_back_but_not_before_the_first() -> None:
    queue = Queue((A, B)).next().next()

    assert queue.previous().current == B
    assert queue.previous().previous().previous().current == A


def test_a_verdict_leads_on_to_the_next_one_that_is_not_judged() -> None:
    queue = Queue((A, B, C), judged=frozenset({B}))

    on = queue.with_judged(A).onward()
    assert on.current == C
    assert on.with_judged(C).onward().current is None
    assert on.previous().current == B


def test_what_was_skipped_is_left_and_found_again() -> None:
    queue = Queue((A, B, C)).next().with_judged(B).onward().with_judged(C).onward()

    assert (queue.current, queue.left) == (None, 1)
    assert queue.begun().current == A


def test_progress_says_what_is_judged_and_by_how_many() -> None:
    queue = Queue((A, B, C), others=1)

    assert queue.progress == "1 of 3 · 1 rater"
    assert queue.with_judged(A).progress == "1 of 3 · 1 judged by you · 2 raters"
    assert queue.with_judged(A).with_judged(A, judged=False) == queue
    assert queue.with_judged(A).share == pytest.approx(1 / 3)


def test_the_address_leads_to_a_job_of_the_queue_and_to_no_other() -> None:
    assert Queue((A, B)).at(B).current == B
    assert Queue((A, B)).at(C).current == A


def test_more_jobs_come_behind_those_that_were_there() -> None:
    (one,) = jobs_of(a_request())
    line = Line(tuple(one.with_(id=job) for job in (B, C, A)), judged=frozenset({A}))
    queue = Queue((A, B)).next().next().with_more(line)

    assert queue.ids == (A, B, C)
    assert queue.current == C
    assert queue.judged == {A}


def test_an_empty_queue_shows_nothing() -> None:
    assert Queue().current is None
    assert Queue().share == 1
