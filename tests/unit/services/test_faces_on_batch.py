"""Who only watches jobs that AWS Batch runs leaves all others, and waiting ones, to the tick."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState
from codybatch.services.intake import Intake
from codybatch.services.jobs import Jobs
from codybatch.services.requests import Requests
from tests.unit.engines.aws_batch.depot import Depot, depot

UNUSED: Any = None


@pytest.fixture
def d(tmp_path: Path) -> Iterator[Depot]:
    with depot(tmp_path) as opened:
        yield opened


@pytest.fixture
def due(d: Depot) -> Job:
    """A job whose reason to wait is gone, so that a tick would put it back."""
    (job,) = d.submitted()
    d.leave_waiting(d.claim(job.id, d.in_batch(job).id))
    d.pass_(minutes=2)
    return d.now(job)


def intake(d: Depot) -> Intake:
    return Intake(d.records, d.engine, UNUSED, UNUSED, d.clock, UNUSED)


def check_that_the_tick_alone_puts_back(d: Depot, due: Job) -> None:
    assert d.now(due).state is JobState.WAITING
    d.engine.reconcile()
    assert d.now(due).state is JobState.QUEUED


def test_who_follows_jobs_brings_on_these_alone(d: Depot, due: Job) -> None:
    watched, another = d.jobs()[0], d.jobs()[0]

    jobs = Jobs(d.records, UNUSED, d.engine, d.clock)
    list(islice(jobs.follow([watched.id, due.id], every_seconds=6), 3))

    assert d.submission(watched).engine_id is not None
    assert d.now(another).submission is None
    assert d.asked("ListJobs") == 0
    check_that_the_tick_alone_puts_back(d, due)


def test_who_submits_a_request_again_brings_on_its_jobs_alone(d: Depot, due: Job) -> None:
    (another,) = d.jobs()

    intake(d).hand_over(due.request)

    assert d.now(another).submission is None
    check_that_the_tick_alone_puts_back(d, due)


def test_who_raises_a_budget_leaves_it_to_the_tick_to_go_on(d: Depot, due: Job) -> None:
    (another,) = d.jobs()
    requests = Requests(d.records, d.engine, UNUSED, intake(d), UNUSED, UNUSED, d.clock)

    requests.raise_budget(due.request, None)

    assert d.now(another).submission is None
    check_that_the_tick_alone_puts_back(d, due)
