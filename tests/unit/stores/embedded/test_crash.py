"""A process that is killed in the middle of its work leaves a store that is whole.

A killed process loses nothing that it handed to the operating system; a power cut can. That the
disk is asked to keep it (``synchronous = FULL``, fsync of files and folders) is tested where the
settings are; that the disk obeys cannot be tested from here.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from codybatch.domain.states import JobState
from codybatch.stores.embedded import EmbeddedStore
from tests.contracts.examples import NOON, SOON, an_owner, lease_of, minutes, queued, succeeded

ROOT = Path(__file__).parents[4]
KILLS = 3
STEPS_BEFORE_A_KILL = 25

WORKER = """
import sys
from decimal import Decimal
from pathlib import Path
from codybatch.domain.identifiers import JobId
from codybatch.stores.embedded import EmbeddedStore
from tests.contracts.examples import NOON, SOON, TODAY, a_step, an_event, an_owner, lease_of

store = EmbeddedStore(Path(sys.argv[1]))
records, blobs, attempt = store.records, store.blobs, int(sys.argv[3])
job = records.claim(JobId(sys.argv[2]), an_owner(attempt=attempt), NOON, SOON)
lease = lease_of(job)
number = len(records.steps(job.id))
while True:
    content = f"step {number} ".encode() * 300
    ref = blobs.put(f"jobs/{job.id}/a{attempt}/{number:06d}", content)
    records.reserve(lease, Decimal("0.01"), Decimal(number) / 1000, TODAY, None)
    step = a_step(job, number).with_(blob=ref)
    records.commit(lease, job.with_(title=f"Step {number}"), [step], [an_event(str(number))])
    print(number, flush=True)
    number += 1
"""


def work_until_killed(place: Path, job: str, attempt: int) -> int:
    """Let a worker commit until it is killed in the middle; how many steps it said it had."""
    with subprocess.Popen(
        [sys.executable, "-c", WORKER, str(place), job, str(attempt)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stdout
        for _ in range(STEPS_BEFORE_A_KILL):
            assert worker.stdout.readline()
        os.kill(worker.pid, signal.SIGKILL)
        rest = worker.stdout.read().splitlines()
    assert worker.returncode == -signal.SIGKILL
    return int(rest[-1]) + 1 if rest else 0


def test_a_store_is_whole_after_every_kill_and_work_goes_on(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    job = queued(store.records)
    store.close()
    said = 0

    for attempt in range(1, KILLS + 1):
        said = max(work_until_killed(tmp_path, job.id, attempt), said + STEPS_BEFORE_A_KILL)

        store = EmbeddedStore(tmp_path)
        store.records.check()
        steps = store.records.steps(job.id)
        events = store.records.events(job.id)
        assert [step.sequence for step in steps] == list(range(len(steps)))
        assert [event.text for event in events] == [str(step.sequence) for step in steps]
        assert said <= len(steps) <= said + 1
        assert store.records.job(job.id).title == f"Step {steps[-1].sequence}"
        for step in steps:
            assert step.blob
            assert store.blobs.get(step.blob) == f"step {step.sequence} ".encode() * 300
        said = len(steps)
        store.close()

    store = EmbeddedStore(tmp_path)
    last = store.records.claim(job.id, an_owner(attempt=KILLS + 1), NOON, SOON + minutes(1))
    assert lease_of(last).fence == KILLS + 1
    store.records.settle(lease_of(last), succeeded(last))
    assert store.records.job(job.id).state is JobState.SUCCEEDED
    assert store.records.request(job.request).budget.reserved_usd == 0
    store.records.check()
    store.close()
