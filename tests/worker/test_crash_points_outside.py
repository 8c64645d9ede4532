"""Who submits, and the dispatcher, are killed just before and just after each of their writes."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

import pytest

from codybatch.domain.errors import EngineError
from codybatch.domain.identifiers import RequestId
from codybatch.domain.jobs import Job
from codybatch.domain.publication import PublicationKind
from codybatch.domain.states import JobState, WaitingReason
from codybatch.ports import PageRequest, Partition, PartitionKind
from tests.worker.crashing.points import Point
from tests.worker.crashing.program import STARTER, SUBJECT
from tests.worker.crashing.world import SMALL, CrashWorld, crash_world

pytestmark = pytest.mark.timeout(300)

KILLED = -9
UNDISTURBED = "acme/undisturbed"
SUBMISSION = ("records.submitted", "records.save_prompt", "records.create_request")
"""What a submission stores, once ``submitted`` has looked whether its key is known."""
HANDED_OVER = "records.add_submission"
DISPATCHER = ("records.forget_events", "crew.start", "records.put_back")
"""What a dispatcher does beside watching."""


def both_sides(process: str, names: tuple[str, ...]) -> list[Point]:
    """How a process can die at the first of each of its points."""
    points = [Point(process, name, 1) for name in names]
    return [one for point in points for one in (point, replace(point, when="after"))]


@pytest.fixture(scope="module")
def c(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrashWorld]:
    repositories = {UNDISTURBED: SMALL, "acme/small": SMALL}
    with crash_world(tmp_path_factory.mktemp("outside"), repositories) as opened:
        yield opened


def submit(c: CrashWorld, subject: str, repository: str) -> subprocess.CompletedProcess[str]:
    """What a person types; typed again, it holds the same key."""
    words = ("submit", "--prompt-file", "-", "-r", repository, "--publish", "draft")
    return subprocess.run(
        [*c.command.environment[STARTER].split("\n"), *words, "--idempotency-key", subject],
        env={**c.command.environment, SUBJECT: subject},
        input="Change a line.\n",
        capture_output=True,
        text=True,
        check=False,
    )


def requests_of(c: CrashWorld) -> set[RequestId]:
    """All requests there are."""
    return {request.id for request in c.world.app.requests.list(page=PageRequest(1000)).items}


def is_whole(c: CrashWorld, job: Job, repository: str) -> bool:
    """Whether a job has succeeded with its one pull request."""
    published = [pull.number for pull in c.world.github.pull_requests(repository)]
    return (
        job.state is JobState.SUCCEEDED
        and job.publication.kind is PublicationKind.PULL_REQUEST
        and job.publication.pull_request is not None
        and [job.publication.pull_request.number] == published
    )


def test_the_points_of_a_submission_and_a_dispatcher_are_all_that_they_have(c: CrashWorld) -> None:
    assert submit(c, "listed", UNDISTURBED).returncode == 0
    (job,) = c.world.app.jobs.list(Partition(PartitionKind.REPOSITORY, UNDISTURBED)).items
    assert is_whole(c, c.world.wait_for(job.id), UNDISTURBED)

    listed = [(point.name, point.number) for point in c.plan.listed("listed")]
    assert listed == [(name, 1) for name in (*SUBMISSION, HANDED_OVER)]
    assert {point.name for point in c.plan.listed("dispatcher")} == set(DISPATCHER[:2])


@pytest.mark.parametrize("death", both_sides("submit", (*SUBMISSION, HANDED_OVER)), ids=str)
def test_a_submission_that_is_killed_and_typed_again_is_one_request(
    c: CrashWorld, death: Point
) -> None:
    subject = str(death).replace(" ", "-")
    repository = f"acme/{subject}"
    c.world.github.add_repository(repository, files=SMALL, permissions={"service": "push"})
    c.plan.order(subject, death)
    before = requests_of(c)

    assert submit(c, subject, repository).returncode == KILLED
    stored = requests_of(c) - before
    again = submit(c, subject, repository)

    assert again.returncode == 0, again.stderr
    (made,) = requests_of(c) - before
    assert stored <= {made}
    (job,) = c.world.app.jobs.list(Partition(PartitionKind.REQUEST, made)).items
    assert is_whole(c, c.world.wait_for(job.id), repository)


def queued(c: CrashWorld, repository: str) -> Job:
    """A job that nobody has begun."""
    with suppress(EngineError):  # the dispatcher may die before it says that it is there
        c.world.submit(repository, publish="draft")
    (job,) = c.world.app.jobs.list(Partition(PartitionKind.REPOSITORY, repository)).items
    return job


def raised_cap_of(c: CrashWorld, repository: str) -> Job:
    """A job that waits for its request's cap, just as that is raised."""
    records = c.world.app.store.records
    (job,) = c.world.submit(repository, publish="draft", request_cost_cap_usd=Decimal("0.001")).jobs
    waiting = c.world.wait_for(job.id)
    assert waiting.waiting is not None
    assert waiting.waiting.reason is WaitingReason.REQUEST_BUDGET
    c.world.app.local_engine.stop()
    request = records.request(job.request)
    budget = request.budget.with_(cap_usd=Decimal(5))
    records.update_request(request.with_(budget=budget))
    return job


def wait_for_death(c: CrashWorld, number: int) -> None:
    """Wait until so many dispatchers have died, and let go of their place."""
    give_up_at = time.monotonic() + 30
    while len(c.plan.died("dispatcher")) < number or c.world.app.local_engine.status() is not None:
        assert time.monotonic() < give_up_at, c.plan.died("dispatcher")
        time.sleep(0.02)


@pytest.mark.parametrize("death", both_sides("dispatcher", DISPATCHER), ids=str)
def test_a_dispatcher_that_is_killed_leaves_every_job_to_the_next(
    c: CrashWorld, death: Point
) -> None:
    repository = f"acme/{str(death).replace(' ', '-')}"
    c.world.github.add_repository(repository, files=SMALL, permissions={"service": "push"})
    c.world.app.local_engine.stop()
    died = c.plan.died("dispatcher")
    waiting = raised_cap_of(c, repository) if death.name == "records.put_back" else None

    c.plan.order("dispatcher", *[death] * (len(died) + 1))  # the last one counts
    job = waiting or queued(c, repository)
    with suppress(EngineError):  # it may die before it says that it is there
        c.world.app.local_engine.ensure_dispatcher()
    wait_for_death(c, len(died) + 1)
    c.world.app.engine.reconcile()

    assert c.plan.died("dispatcher") == [*died, str(death)]
    assert is_whole(c, c.world.wait_for(job.id), repository)
