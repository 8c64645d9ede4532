"""Who submits to the cloud, and the tick, die before and after each of their writes, or never learn
of an answer: what was submitted is one request, and every job runs once.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState, WaitingReason
from codybatch.ports import Created, PageRequest, Partition, PartitionKind
from codybatch.services.identities import new_idempotency_key, new_request_id
from codybatch.services.intake import new_job
from tests.cloud_kit import looks_later
from tests.worker.crashing.points import Point
from tests.worker.crashing.program import SUBJECT
from tests.worker.crashing.world import SMALL, CrashWorld, cloud_crash_world

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("aws")]

KILLED = -9
UNDISTURBED = "acme/undisturbed"
SUBMISSION = (
    ("records.save_prompt>TransactWriteItems", 1),
    ("records.create_request>BatchWriteItem", 1),
    ("records.create_request>TransactWriteItems", 1),
)
HANDING_OVER = (
    ("records.add_submission>TransactWriteItems", 1),
    ("engine>submitjob", 1),
    ("records.add_submission>TransactWriteItems", 2),
)
PUTTING_BACK = (("records.put_back>TransactWriteItems", 1),)
LONGER_THAN_ANYTHING_TAKES = timedelta(minutes=3)


def every_way(process: str, points: tuple[tuple[str, int], ...]) -> list[Point]:
    """How a process can fail at each of its points."""
    found = [Point(process, name, number) for name, number in points]
    sides: list[Point] = []
    for point in found:
        sides += [point, replace(point, when="after"), replace(point, when="unanswered")]
    return sides


@pytest.fixture(scope="module")
def c(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrashWorld]:
    folder = tmp_path_factory.mktemp("outside")
    with cloud_crash_world(folder, {UNDISTURBED: SMALL}) as opened:
        yield opened


def call(c: CrashWorld, subject: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the watched program."""
    return subprocess.run(
        [*c.command.arguments, *words],
        env={**c.command.environment, SUBJECT: subject},
        input=f"Change a line: {subject}.\n",  # a prompt that is saved already is not written
        capture_output=True,
        text=True,
        check=False,
    )


def submit(c: CrashWorld, subject: str, repository: str) -> subprocess.CompletedProcess[str]:
    """What a person types; typed again, it holds the same key."""
    words = ("submit", "--prompt-file", "-", "-r", repository, "--publish", "draft")
    return call(c, subject, *words, "--idempotency-key", subject)


def assert_ran_once(c: CrashWorld, job: Job) -> None:
    ended = c.world.wait_for(job.id)
    assert ended.state is JobState.SUCCEEDED, ended.ended_detail
    assert ended.attempts == 1


def listed(c: CrashWorld, subject: str) -> list[tuple[str, int]]:
    return [(point.name, point.number) for point in c.plan.listed(subject)]


def test_the_points_are_all_that_a_submission_has(c: CrashWorld) -> None:
    assert submit(c, "listed", UNDISTURBED).returncode == 0
    (job,) = c.world.app.jobs.list(Partition(PartitionKind.REPOSITORY, UNDISTURBED)).items
    assert_ran_once(c, job)

    assert listed(c, "listed") == [*SUBMISSION, *HANDING_OVER]


@pytest.mark.parametrize("point", every_way("submit", (*SUBMISSION, *HANDING_OVER)), ids=str)
def test_a_submission_that_fails_anywhere_and_is_typed_again_is_one_request(
    c: CrashWorld, point: Point
) -> None:
    subject = str(point).replace(" ", "-").replace(">", "-")
    repository = f"acme/{subject}"
    c.world.github.add_repository(repository, files=SMALL, permissions={"service": "push"})
    c.plan.order(subject, point)

    first = submit(c, subject, repository)
    assert first.returncode == (0 if point.when == "unanswered" else KILLED), first.stderr
    again = submit(c, subject, repository)
    looks_later(c.world, LONGER_THAN_ANYTHING_TAKES)

    assert c.plan.died(subject) == [str(point)]
    assert again.returncode == 0, again.stderr
    (job,) = c.world.app.jobs.list(Partition(PartitionKind.REPOSITORY, repository)).items
    assert_ran_once(c, job)
    assert len(c.world.github.pull_requests(repository)) == 1


@pytest.fixture(scope="module")
def like(c: CrashWorld) -> Created:
    """A request that others are made like."""
    created = c.world.submit(UNDISTURBED, name="like")
    c.world.wait(created)
    return created


def stored(c: CrashWorld, like: Created) -> Job:
    """A queued job of which AWS Batch knows nothing: whoever submitted it died in between."""
    app = c.world.app
    request = like.request.with_(id=new_request_id(app.clock.now()))
    (fact,) = app.requests.intake.look_up(request.repositories)
    key = new_idempotency_key(request.created_at)
    return app.store.records.create_request(request, [new_job(request, 1, fact)], key).jobs[0]


def raised(c: CrashWorld) -> Job:
    """A job that waits for its request's cap, just as that is raised."""
    records = c.world.app.store.records
    (job,) = c.world.submit(UNDISTURBED, request_cost_cap_usd=Decimal("0.001")).jobs
    waiting = c.world.wait_for(job.id)
    assert waiting.waiting is not None
    assert waiting.waiting.reason is WaitingReason.REQUEST_BUDGET
    request = records.request(job.request)
    records.update_request(request.with_(budget=request.budget.with_(cap_usd=Decimal(5))))
    return job


def test_the_points_are_all_that_a_tick_has(c: CrashWorld, like: Created) -> None:
    job, waiting = stored(c, like), raised(c)

    assert call(c, "tick", "tick").returncode == 0

    assert_ran_once(c, job)
    assert c.world.wait_for(waiting.id).state is JobState.SUCCEEDED
    assert set(listed(c, "tick")) >= {*PUTTING_BACK, *HANDING_OVER}
    names = {name for name, _ in (*PUTTING_BACK, *HANDING_OVER)}
    assert {name for name, _ in listed(c, "tick")} == names


@pytest.mark.parametrize("point", every_way("tick", HANDING_OVER), ids=str)
def test_a_tick_that_fails_where_it_hands_over_leaves_the_job_to_the_next(
    c: CrashWorld, like: Created, point: Point
) -> None:
    job = stored(c, like)

    assert_left_to_the_next(c, point)

    assert_ran_once(c, job)


@pytest.mark.parametrize("point", every_way("tick", PUTTING_BACK), ids=str)
def test_a_tick_that_fails_where_it_puts_back_leaves_the_job_to_the_next(
    c: CrashWorld, point: Point
) -> None:
    job = raised(c)

    assert_left_to_the_next(c, point)

    assert c.world.wait_for(job.id).state is JobState.SUCCEEDED


def assert_left_to_the_next(c: CrashWorld, point: Point) -> None:
    subject = str(point).replace(" ", "-").replace(">", "-")
    c.plan.order(subject, point)
    done = call(c, subject, "tick")
    assert done.returncode == (0 if point.when == "unanswered" else KILLED), done.stderr
    assert c.plan.died(subject) == [str(point)]
    looks_later(c.world, LONGER_THAN_ANYTHING_TAKES)


def test_everything_is_counted_once(c: CrashWorld) -> None:
    """After all of that, and of whatever ran before."""
    jobs = c.world.app.jobs.list(page=PageRequest(1000)).items
    counts = c.world.app.store.records.job_counts()

    assert {job.state for job in jobs} == {JobState.SUCCEEDED}
    assert counts.succeeded == len(jobs)
    assert counts.queued == counts.running == counts.waiting == 0
    requests = [c.world.app.requests.find(name) for name in {job.request for job in jobs}]
    assert sum(one.budget.spent_usd for one in requests) == sum(job.cost_usd for job in jobs)
