"""Each fault of each service, up to the publication: passed or waited out, and nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from codybatch.domain.jobs import Job
from codybatch.domain.publication import PublicationKind
from codybatch.domain.states import JobState, WaitingReason
from codybatch.standins.anthropic import Fault as ModelFault
from codybatch.standins.git.faults import Fault as HostFault
from codybatch.standins.github.faults import (
    bad_gateway,
    cut,
    primary_rate_limit,
    secondary_rate_limit,
    too_many_requests,
)
from tests.worker.test_faults import asked, is_still, let_time_pass, meant_for, wait_for
from tests.worker.world import CLOCKS, World, world

pytestmark = pytest.mark.timeout(300)

LONG = timedelta(hours=1)


class Case(NamedTuple):
    """A fault; with ``waits`` the job waits for about that long, else it passes by itself."""

    fault: ModelFault | HostFault
    waits: timedelta | None = None
    may_cost: bool = False
    """Whether the reply had begun, so that it may be paid for."""


def refused(status: int, retry_after: float | None = None) -> ModelFault:
    return ModelFault(kind="answer", turn=1, status=status, retry_after=retry_after)


CLONE = "POST /{0}.git/git-upload-pack"
CLONE_REFS = "GET /{0}.git/info/refs?service=git-upload-pack"
PUSH = "POST /{0}.git/git-receive-pack"
PUSH_REFS = "GET /{0}.git/info/refs?service=git-receive-pack"
READ = "GET /repos/{0}"
FIND = "GET /repos/{0}/pulls"
CREATE = "POST /repos/{0}/pulls"

MODEL = {
    "429-without-retry-after": Case(refused(429)),
    "429-in-a-second": Case(refused(429, 1)),
    "429-in-an-hour": Case(refused(429, LONG.total_seconds()), waits=LONG),
    "408": Case(refused(408)),
    "500": Case(refused(500)),
    "503": Case(refused(503)),
    "504": Case(refused(504)),
    "529": Case(refused(529)),
    "529-in-an-hour": Case(refused(529, LONG.total_seconds()), waits=LONG),
    "cut-before-the-head": Case(ModelFault(kind="cut", turn=1)),
    "cut-after-the-head": Case(ModelFault(kind="cut", turn=1, after_events=1), may_cost=True),
    "cut-in-the-middle": Case(ModelFault(kind="cut", turn=1, after_events=4), may_cost=True),
    "clean-end-in-the-middle": Case(ModelFault(kind="end", turn=1, after_events=4), may_cost=True),
    "error-in-the-middle": Case(
        ModelFault(kind="error_event", turn=1, after_events=4), may_cost=True
    ),
}
CODE_HOST = {
    "clone-refs-502": Case(bad_gateway(CLONE_REFS)),
    "clone-502": Case(bad_gateway(CLONE)),
    "clone-429": Case(too_many_requests(CLONE)),
    "clone-429-in-a-second": Case(too_many_requests(CLONE, 1)),
    "clone-cut": Case(cut(CLONE, after_bytes=40)),
    "push-refs-502": Case(bad_gateway(PUSH_REFS)),
    "push-502": Case(bad_gateway(PUSH)),
    "push-502-after-acting": Case(bad_gateway(PUSH, after_acting=True)),
    "push-429": Case(too_many_requests(PUSH)),
    "push-cut-after-acting": Case(cut(PUSH, after_acting=True, after_bytes=10)),
    "read-502": Case(bad_gateway(READ)),
    "find-cut": Case(cut(FIND)),
    "find-429-in-a-second": Case(too_many_requests(FIND, 1)),
    "find-429-in-an-hour": Case(too_many_requests(FIND, 3600, times=9), waits=LONG),
    "create-429": Case(too_many_requests(CREATE)),
    "create-502-after-acting": Case(bad_gateway(CREATE, after_acting=True)),
    "create-cut-after-acting": Case(cut(CREATE, after_acting=True)),
    "create-secondary-limit": Case(secondary_rate_limit(CREATE, 1)),
    "create-secondary-limit-for-an-hour": Case(secondary_rate_limit(CREATE, 3600), waits=LONG),
    "create-secondary-limit-for-no-time": Case(secondary_rate_limit(CREATE, None)),
    "find-primary-limit-for-an-hour": Case(primary_rate_limit(FIND, reset=0), waits=LONG),
}
CASES = {f"acme/{name}": case for name, case in {**MODEL, **CODE_HOST}.items()}


@pytest.fixture(scope="module")
def w(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(
        tmp_path_factory.mktemp("services"),
        dict.fromkeys(CASES, CLOCKS),
        max_parallel_jobs=4,
        max_repositories_per_request=len(CASES),
    ) as opened:
        yield opened


@pytest.fixture(scope="module")
def jobs(w: World) -> dict[str, Job]:
    """The job of each case, as it ended or as it waits for long."""
    for repository, case in CASES.items():
        if isinstance(case.fault, ModelFault):
            w.model.faults.add(meant_for(repository, case.fault))
        else:
            w.github.faults.add(code_host_fault(repository, case.fault))
    created = w.submit(*CASES, publish="draft")
    return {job.repository.full_name: wait_for(w, job, is_still) for job in created.jobs}


def code_host_fault(repository: str, fault: HostFault) -> HostFault:
    """A fault of one repository; a limit that is reached is over in an hour from now."""
    headers = dict(fault.headers)
    if "X-RateLimit-Reset" in headers:
        headers["X-RateLimit-Reset"] = str(int((datetime.now(UTC) + LONG).timestamp()))
    route = fault.route.format(repository)
    return fault.model_copy(update={"route": route, "headers": headers})


@pytest.mark.parametrize("repository", CASES)
def test_a_fault_is_passed_or_waited_out_and_nothing_is_lost_or_paid_twice(
    w: World, jobs: dict[str, Job], repository: str
) -> None:
    job, case = jobs[repository], CASES[repository]
    if case.waits:
        assert_waits(job, case.waits)
        w.github.faults.clear()
        let_time_pass(w, job)
        job = w.wait_for(job.id)

    assert job.state is JobState.SUCCEEDED, job.ended_detail
    assert job.publication.kind is PublicationKind.PULL_REQUEST
    assert len(w.github.pull_requests(repository)) == 1
    assert (job.uncertain_cost_usd > 0) == case.may_cost
    again = isinstance(case.fault, ModelFault)
    assert asked(w, repository) == job.progress.turn + again


def assert_waits(job: Job, expected: timedelta) -> None:
    """It holds nothing, and says for what and for how long it waits."""
    assert job.state is JobState.WAITING, job.ended_detail
    assert job.lease is None
    assert job.waiting is not None
    assert job.waiting.reason is WaitingReason.THROTTLED
    assert job.waiting.until is not None
    assert 0.9 * expected < job.waiting.until - job.waiting.since < 1.2 * expected
