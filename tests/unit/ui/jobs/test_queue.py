"""The queue in which jobs are judged."""

from __future__ import annotations

from codybatch.domain.identifiers import JobId
from codybatch.ui.jobs.queue import Queue

A, B, C = JobId("a"), JobId("b"), JobId("c")


def test_each_job_is_shown_once_and_then_none() -> None:
    queue, shown = Queue((A, B, C)), []
    while queue.current:
        shown.append((queue.current, queue.progress))
        queue = queue.next()

    assert shown == [(A, "1 of 3"), (B, "2 of 3"), (C, "3 of 3")]
    assert queue.next() == queue
    assert queue.share == 1


def test_one_can_go_back_but_not_before_the_first() -> None:
    queue = Queue((A, B)).next().next()

    assert queue.previous().current == B
    assert queue.previous().previous().previous().current == A


def test_the_address_leads_to_a_job_of_the_queue_and_to_no_other() -> None:
    assert Queue((A, B)).at("b").current == B
    assert Queue((A, B)).at("c").current == A


def test_more_jobs_come_behind_those_that_were_there() -> None:
    queue = Queue((A, B)).next().next().with_more((B, C, A))

    assert queue.ids == (A, B, C)
    assert queue.current == C


def test_an_empty_queue_shows_nothing() -> None:
    assert Queue().current is None
    assert Queue().share == 1
