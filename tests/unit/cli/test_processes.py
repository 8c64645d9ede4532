"""What engines start: which job a worker works on, and how it leaves where it cannot."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from codybatch.domain.identifiers import SubmissionId
from codybatch.domain.submissions import Submission
from codybatch.stores.embedded import EmbeddedStore
from tests.contracts.examples import NOON, queued

BATCH = {"AWS_BATCH_JOB_ID": "b-1", "AWS_BATCH_JOB_ATTEMPT": "1"}


def worker(home: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "codybatch", "worker", "run", *words],
        env={**os.environ, "CODYBATCH_HOME": str(home), **variables},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize("words", [(), ("JOB", "--submission", "S")])
def test_a_worker_needs_a_job_or_a_submission(tmp_path: Path, words: tuple[str, ...]) -> None:
    left = worker(tmp_path, *words)

    assert left.returncode == 2
    assert "one of the two" in left.stderr


def test_a_submission_needs_a_container_of_batch(tmp_path: Path) -> None:
    left = worker(tmp_path, "--submission", "s")

    assert left.returncode == 2
    assert "AWS_BATCH_JOB_ID" in left.stderr


def test_a_submission_that_is_not_there_is_wrong_usage_which_batch_does_not_retry(
    tmp_path: Path,
) -> None:
    left = worker(tmp_path, "--submission", "s", **BATCH)

    assert left.returncode == 2
    assert "There is no submission s" in left.stderr


def test_a_job_that_has_ended_leaves_its_worker_nothing_to_do(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    job = queued(store.records)
    submission = Submission(
        id=SubmissionId("s"), engine="aws-batch", jobs=(job.id,), created_at=NOON
    )
    store.records.add_submission(submission)
    store.records.request_cancel(job.id, NOON, job.requester)
    store.close()

    left = worker(tmp_path, "--submission", "s", **BATCH)

    assert left.returncode == 0, left.stderr
    assert "nothing to do" in left.stderr


def test_a_worker_that_is_asked_to_leave_before_it_has_a_job_leaves(tmp_path: Path) -> None:
    """Its first act is to listen, since a container's first process is deaf to SIGTERM else."""
    said = "import codybatch.settings as s\ns.load_settings = lambda: signal.raise_signal(15)"
    program = f"import signal\n{said}\nfrom codybatch.cli.main import main\nmain()"

    left = subprocess.run(
        [sys.executable, "-c", program, "worker", "run", "x"],
        env={**os.environ, "CODYBATCH_HOME": str(tmp_path)},
        capture_output=True,
        timeout=100,
        check=False,
    )

    assert left.returncode == 128 + signal.SIGTERM
