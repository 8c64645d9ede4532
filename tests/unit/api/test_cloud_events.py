"""Events of AWS: whatever of them comes, and how often, the jobs come to the same state."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from codybatch.api import cloud_events
from codybatch.domain.errors import UsageError
from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState
from codybatch.services.upkeep import Upkeep
from codybatch.standins.batch import EventSink
from tests.unit.engines.aws_batch.depot import Depot, depot

EVENT: dict[str, Any] = {
    "version": "0",
    "detail-type": "Batch Job State Change",
    "source": "aws.batch",
    "detail": {"jobName": "nightly", "jobId": "x", "status": "FAILED", "attempts": []},
}


@pytest.fixture
def d(tmp_path: Path) -> Iterator[Depot]:
    with depot(tmp_path) as opened:
        yield opened


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home directory for the handlers, which keep their application."""
    monkeypatch.setenv("CODYBATCH_HOME", str(tmp_path / "home"))
    cloud_events._upkeep.cache_clear()
    yield tmp_path / "home"
    cloud_events._upkeep.cache_clear()


def run_with_events(d: Depot, copies: int, *, is_reversed: bool) -> list[Job]:
    """Four jobs: one ends well, one fails in Batch, one waits, one fails under its worker."""
    upkeep = Upkeep(d.records, d.engine, list, list)
    jobs = d.submitted(4)
    for job in (jobs[0], jobs[2], jobs[3]):
        d.claim(job.id, d.in_batch(job).id)
    d.settle(d.now(jobs[0]))
    d.leave_waiting(d.now(jobs[2]))
    has_run = Event()

    def deliver(event: dict[str, Any]) -> None:
        # What is handed over again must not begin while Batch still has room for these four.
        assert has_run.wait(60)
        cloud_events.look_at(event, upkeep)

    sink = EventSink(deliver, copies, is_reversed=is_reversed)
    d.batch.send_events(sink)
    d.run('case "$AWS_BATCH_JOB_ARRAY_INDEX" in 1|3) exit 2;; esac')
    has_run.set()
    while not sink.is_idle():
        d.batch.wait_until(lambda: False, seconds=0.02)
    d.batch.send_events(None)
    assert sink.failures == []
    for _ in range(3):
        upkeep.tick()
    return [d.now(job) for job in jobs]


@pytest.mark.parametrize(
    ("copies", "is_reversed"), [(1, False), (2, False), (1, True), (3, True), (0, False)]
)
def test_events_twice_out_of_order_or_never_come_to_the_same(
    d: Depot, copies: int, is_reversed: bool
) -> None:
    jobs = run_with_events(d, copies, is_reversed=is_reversed)
    if not copies:
        d.pass_(minutes=1)
        d.engine.reconcile()

    states = [d.now(job).state for job in jobs]
    assert states[:2] == [JobState.SUCCEEDED, JobState.QUEUED]
    assert states[3] is JobState.QUEUED
    again = [one for one in d.batch.jobs() if not one.status.has_ended]
    handed_over = {d.submission(job).id for job in (jobs[1], jobs[3])}
    assert {one.order.command[-1] for one in again} >= handed_over
    told = [text for text in d.told(jobs[1]) if "AWS Batch ended the worker" in text]
    assert len(told) == 1


def test_the_events_of_others_and_of_arrays_are_taken_no_notice_of(d: Depot) -> None:
    upkeep = Upkeep(d.records, d.engine, list, list)
    submission = d.engine.submit(d.jobs(2))
    array = {"jobName": submission.name, "status": "FAILED", "arrayProperties": {"size": 2}}
    before = d.asked()

    assert cloud_events.look_at(EVENT, upkeep) == 0
    assert cloud_events.look_at({**EVENT, "detail": array}, upkeep) == 0
    assert d.asked() == before


@pytest.mark.parametrize(
    "changed",
    [
        {"source": "aws.ec2"},
        {"detail-type": "Another Change"},
        {"detail": {}},
        {"detail": {"jobName": 7, "status": "FAILED"}},
        {"detail": None},
    ],
)
def test_what_is_no_event_of_batch_is_refused(d: Depot, changed: dict[str, Any]) -> None:
    upkeep = Upkeep(d.records, d.engine, list, list)

    with pytest.raises(UsageError, match="no event of a job of AWS Batch"):
        cloud_events.look_at({**EVENT, **changed}, upkeep)


def test_the_handlers_work_on_what_the_settings_say(home: Path) -> None:
    assert cloud_events.tick({}, None) == {"schedules": 0, "experiments": 0, "jobs": 0}
    assert cloud_events.batch_event(EVENT, None) == {"jobs": 0}
    assert home.is_dir()
    assert not logging.getLogger("codybatch").propagate  # their lines are made fit, once
    assert len(logging.getLogger("codybatch").handlers) == 1
