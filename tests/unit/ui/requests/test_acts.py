"""What a person can do with a request, and what is said before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.ui.requests.acts import (
    RequestAct,
    RequestActs,
    acts_of,
    before_cancel,
    before_retry,
)
from tests.ui_kit import Gallery


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    made = Gallery(tmp_path)
    yield made
    made.close()


def test_while_it_goes_on_it_can_be_cancelled_and_what_it_waits_for_comes_first(
    gallery: Gallery,
) -> None:
    jobs = gallery.mixed_request()

    found = acts_of(gallery.records.request(jobs[0].request), jobs)

    assert found == RequestActs(RequestAct.RAISE_BUDGET, (RequestAct.CANCEL,))


def test_when_it_has_ended_it_is_reviewed_retried_and_followed_up(gallery: Gallery) -> None:
    jobs = gallery.mixed_request()
    for job in jobs[3:]:
        gallery.records.request_cancel(job.id, job.created_at, job.requester)
    gallery.settle(gallery.records.job(jobs[3].id))
    ended = [gallery.records.job(job.id) for job in jobs]

    found = acts_of(gallery.records.request(jobs[0].request), ended)

    assert found == RequestActs(RequestAct.REVIEW, (RequestAct.RETRY, RequestAct.FOLLOW_UP))
    assert before_retry(gallery.records.request(jobs[0].request), ended).question == (
        "Retry 3 jobs?"
    )


def test_before_a_cancellation_it_is_said_what_stops_what_stays_and_what_was_spent(
    gallery: Gallery,
) -> None:
    jobs = gallery.mixed_request()

    warned = before_cancel(jobs)

    assert warned.question == f"Cancel 2 jobs of “{jobs[0].request_title}”?"
    assert warned.act == "Cancel 2 jobs"
    assert warned.lines[0].startswith("1 job at work stops within seconds")
    assert warned.lines[1] == "3 ended jobs stay as they are."
    assert warned.lines[2].startswith("Spent so far: $2.52.")
