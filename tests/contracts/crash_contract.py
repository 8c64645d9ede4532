"""The contract of a crash: a process that is killed in the middle of its work leaves a store that
is whole, on which another one goes on.

A killed process loses nothing that it handed over; a power cut can. That a disk is asked to keep it
is tested where its settings are; that it obeys cannot be tested from here.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from decimal import Decimal
from multiprocessing.connection import Connection
from pathlib import Path

from codybatch.domain.identifiers import JobId
from codybatch.domain.states import JobState
from codybatch.ports import Blobs, Records
from tests.contracts.examples import (
    NOON,
    SOON,
    TODAY,
    a_step,
    an_event,
    an_owner,
    lease_of,
    minutes,
    queued,
    succeeded,
)
from tests.contracts.fixtures import StoreFixtures
from tests.spawn_kit import spawning

KILLS = 3
STEPS_BEFORE_A_KILL = 25


def content_of(number: int) -> bytes:
    return f"step {number} ".encode() * 300


def work(
    make_records: Callable[[Path], Records],
    make_blobs: Callable[[Path], Blobs],
    place: Path,
    job_id: JobId,
    attempt: int,
    said: Connection,
) -> None:
    """Commit steps without end, and say of each that it was committed."""
    records, blobs = make_records(place), make_blobs(place)
    job = records.claim(job_id, an_owner(attempt=attempt), NOON, SOON)
    lease = lease_of(job)
    number = len(records.steps(job.id))
    while True:
        key = f"jobs/{job.id}/a{attempt}/{number:06d}"
        ref = blobs.put(key, iter([content_of(number)]))
        records.reserve(lease, Decimal("0.01"), Decimal(number) / 1000, TODAY, None)
        step = a_step(job, number).with_(blob=ref)
        records.commit(lease, job.with_(title=f"Step {number}"), [step], [an_event(str(number))])
        said.send(number)
        number += 1


class CrashContract(StoreFixtures):
    def worked_until_killed(self, place: Path, job: JobId, attempt: int) -> int:
        """Let a worker commit until it is killed in the middle; how many steps it said it had."""
        with spawning() as context:
            heard, said = context.Pipe(duplex=False)
            arguments = (self.make_records, self.make_blobs, place, job, attempt, said)
            worker = context.Process(target=work, args=arguments)
            worker.start()
        said.close()
        numbers = [heard.recv() for _ in range(STEPS_BEFORE_A_KILL)]
        assert worker.pid
        os.kill(worker.pid, signal.SIGKILL)
        numbers += _rest(heard)
        worker.join()
        assert worker.exitcode == -signal.SIGKILL
        worker.close()
        heard.close()
        return int(numbers[-1]) + 1

    def test_a_store_is_whole_after_every_kill_and_work_goes_on(self, place: Path) -> None:
        records, blobs = self.make_records(place), self.make_blobs(place)
        job = queued(records)
        done = 0

        for attempt in range(1, KILLS + 1):
            said = self.worked_until_killed(place, job.id, attempt)

            records.check()
            steps = records.steps(job.id)
            events = records.events(job.id)
            assert said >= done + STEPS_BEFORE_A_KILL
            assert [step.sequence for step in steps] == list(range(len(steps)))
            assert [event.text for event in events] == [str(step.sequence) for step in steps]
            assert said <= len(steps) <= said + 1
            assert records.job(job.id).title == f"Step {steps[-1].sequence}"
            for step in steps:
                assert step.blob
                assert blobs.get(step.blob) == content_of(step.sequence)
            done = len(steps)

        last = records.claim(job.id, an_owner(attempt=KILLS + 1), NOON, SOON + minutes(1))
        assert lease_of(last).fence == KILLS + 1
        records.settle(lease_of(last), succeeded(last))
        assert records.job(job.id).state is JobState.SUCCEEDED
        assert records.request(job.request).budget.reserved_usd == 0
        records.check()
        records.close()


def _rest(heard: Connection) -> Iterator[int]:
    """What it said until it was killed; it may have died over a word."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            yield heard.recv()
