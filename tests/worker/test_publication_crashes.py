"""Wherever a publication is cut off: one branch, one pull request, and the same patch.

A worker is held after each request of its publication in turn (the code host has acted, and its
answer does not come) and killed there. What it was about to do next is not done, so these are all
the places between two requests; the last of them stands before the settlement.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psutil
import pytest

from codybatch.domain.events import EventKind
from codybatch.domain.jobs import Job
from codybatch.domain.publication import PublicationKind
from codybatch.domain.states import JobState
from codybatch.standins.git.faults import Fault
from codybatch.standins.github.faults import bad_gateway, cut, stall
from tests.worker.world import CLOCKS, World, world

pytestmark = pytest.mark.timeout(300)

SECONDS = 100
UNDISTURBED = "acme/undisturbed"
POWER_CUT = "acme/power-cut"


@dataclass(frozen=True)
class Request:
    """A request of every publication: the ``number``-th (from 0) of its kind."""

    name: str
    route: str
    number: int = 0

    @property
    def repository(self) -> str:
        """The one whose worker is killed after it."""
        return f"acme/{self.name}"

    def route_in(self, repository: str) -> str:
        """The route in a repository."""
        return self.route.replace("{}", repository)

    def held(self, repository: str) -> Fault:
        """Hold its answer."""
        fault = stall(self.route_in(repository), seconds=600)
        return fault.model_copy(update={"skip": self.number})


ANNOUNCED = "GET /{}.git/info/refs?service=git-receive-pack"
PUSH = Request("pushed", "POST /{}.git/git-receive-pack")
REQUESTS = (
    Request("allowed", "GET /repos/{}"),
    Request("looked-for-a-pull-request", "GET /repos/{}/pulls", 0),
    Request("looked-at-the-base", "GET /repos/{}/git/ref/heads/main"),
    Request("looked-at-the-branch", "GET /repos/{}/git/ref/heads/cody-batch-*"),
    Request("asked-who-is-there", ANNOUNCED, 0),
    Request("announced-the-push", ANNOUNCED, 1),
    PUSH,
    Request("looked-again", "GET /repos/{}/pulls", 1),
    Request("opened-the-pull-request", "POST /repos/{}/pulls"),
)
"""What a publication asks the code host, in this order."""

LOST_ANSWERS = {
    # Twice: libcurl asks again once by itself.
    "acme/push-unanswered": cut(PUSH.route, after_acting=True, times=2),
    "acme/push-refused-late": bad_gateway(PUSH.route, after_acting=True),
    "acme/opening-unanswered": cut("POST /repos/{}/pulls", after_acting=True),
    "acme/opening-refused-late": bad_gateway("POST /repos/{}/pulls", after_acting=True),
}
NOT_DONE = "acme/opening-refused-at-once"
"""Nothing was done, so the job waits a little and another attempt opens the pull request."""
FAULTS = {**LOST_ANSWERS, NOT_DONE: bad_gateway("POST /repos/{}/pulls")}
KILLED = [*(request.repository for request in REQUESTS), POWER_CUT]
REPOSITORIES = [UNDISTURBED, *FAULTS, *KILLED]


@pytest.fixture(scope="module")
def w(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(
        tmp_path_factory.mktemp("publications"),
        dict.fromkeys(REPOSITORIES, CLOCKS),
        max_parallel_jobs=4,
        max_repositories_per_request=len(REPOSITORIES),
    ) as opened:
        yield opened


@pytest.fixture(scope="module")
def jobs(w: World) -> dict[str, Job]:
    """Every repository's job, ended, after its publication was disturbed."""
    for repository, fault in FAULTS.items():
        route = fault.route.replace("{}", repository)
        w.github.faults.add(fault.model_copy(update={"route": route}))
    for request in REQUESTS:
        w.github.faults.add(request.held(request.repository))
    w.github.faults.add(PUSH.held(POWER_CUT))

    created = w.submit(*REPOSITORIES, publish="draft")
    submitted = {job.repository.full_name: job for job in created.jobs}
    for request in REQUESTS:
        wait_until_held(w, request, request.repository)
        kill(worker_of(w, submitted[request.repository]))
    wait_until_held(w, PUSH, POWER_CUT)
    status = w.app.local_engine.status()
    assert status is not None
    kill(psutil.Process(status.pid), worker_of(w, submitted[POWER_CUT]))
    w.app.engine.reconcile()
    return {job.repository.full_name: job for job in w.wait(created)}


def wait_until(condition: Callable[[], object]) -> None:
    """Look again and again until something holds."""
    give_up_at = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < give_up_at
        time.sleep(0.02)


def wait_until_held(w: World, request: Request, repository: str) -> None:
    """Wait until the code host has acted on a request and holds its answer back."""
    route = request.route_in(repository).partition("?")[0]

    def is_held() -> bool:
        return any(seen.fault == "stall" and seen.status for seen in w.github.requests(route))

    wait_until(is_held)
    if request is PUSH:  # its answer begins before git has done what it asks for
        wait_until(lambda: len(w.github.bare(repository).branches()) == 2)


def worker_of(w: World, job: Job) -> psutil.Process:
    """The process that works on a job."""
    lease = w.app.jobs.find(job.id).lease
    assert lease is not None
    assert lease.owner.pid is not None
    return psutil.Process(lease.owner.pid)


def kill(*victims: psutil.Process) -> None:
    for victim in victims:
        victim.kill()
    psutil.wait_procs(victims, timeout=20)


def test_a_publication_asks_for_these_things_and_no_others(w: World, jobs: dict[str, Job]) -> None:
    """Else there are places where no worker was killed."""
    ended = jobs[UNDISTURBED]
    asked = w.github.requests()
    mine = [
        f"{request.method} {request.path.replace(UNDISTURBED, '{}')}"
        for request in asked
        if UNDISTURBED in request.path and "upload-pack" not in request.path + request.query
    ]
    branch = str(ended.publication.branch)
    expected = [request.route.replace("cody-batch-*", branch) for request in REQUESTS]
    assert mine == [route.partition("?")[0] for route in expected]


@pytest.mark.parametrize("repository", REPOSITORIES)
def test_a_disturbed_publication_ends_like_any_other(
    w: World, jobs: dict[str, Job], repository: str
) -> None:
    job = jobs[repository]
    bare = w.github.bare(repository)

    assert job.state is JobState.SUCCEEDED, job.ended_detail
    (pull,) = w.github.pull_requests(repository)
    assert pull.draft
    assert bare.branches() == {"main": job.commit, pull.head_ref: pull.head_oid}
    assert job.publication.kind is PublicationKind.PULL_REQUEST
    assert job.publication.pushed_commit == pull.head_oid
    assert job.publication.pull_request is not None
    assert job.publication.pull_request.number == pull.number
    assert w.app.jobs.patch(job.id) == w.app.jobs.patch(jobs[UNDISTURBED].id)
    assert bare.git("rev-parse", f"{pull.head_oid}~") == f"{job.commit}\n".encode()


@pytest.mark.parametrize("repository", REPOSITORIES)
def test_a_disturbed_publication_asks_the_model_for_nothing_more(
    w: World, jobs: dict[str, Job], repository: str
) -> None:
    asked = [
        exchange
        for exchange in w.model.exchanges
        if exchange.path == "/v1/messages" and f"name: {repository}\\n".encode() in exchange.body
    ]
    told = [event.kind for event in w.app.jobs.events(jobs[repository].id)]

    assert len(asked) == jobs[repository].progress.turn
    assert jobs[repository].attempts == (2 if repository in {*KILLED, NOT_DONE} else 1)
    assert told.count(EventKind.ENDED) == 1


def test_every_job_was_settled_once(w: World, jobs: dict[str, Job]) -> None:
    request = w.app.requests.find(jobs[UNDISTURBED].request)

    assert request.counts.succeeded == len(REPOSITORIES)
    assert request.budget.reserved_usd == 0
    assert request.budget.spent_usd == sum(job.cost_usd for job in jobs.values())
