"""Pull requests after the job: what is asked, what is stored and what is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.errors import CodeHostError, NotFound
from codybatch.domain.events import EventLevel
from codybatch.domain.identifiers import RequestId
from codybatch.domain.jobs import Job, Lineage
from codybatch.domain.publication import Publication, PublicationKind, PullRequest
from codybatch.domain.repositories import RepositoryRef
from codybatch.github.code_host import GitHubCodeHost
from codybatch.github.write_gate import WriteGate
from codybatch.ports import PullRequestText, Records
from codybatch.services.pull_requests import PullRequests, Refreshed, what_to_do
from codybatch.standins.github import GitHubStandin, faults
from codybatch.stores.embedded import EmbeddedStore
from tests.contracts.examples import (
    NOON,
    UNKNOWN_JOB,
    a_request,
    created,
    jobs_of,
    lease_of,
    minutes,
    queued,
    running,
    settled,
)
from tests.unit.services.publishing import SteadyClock

APP = "acme/app"
CALLS = "POST /graphql"


@dataclass
class Desk:
    """A repository, a store, and what refreshes its pull requests."""

    github: GitHubStandin
    records: Records
    host: GitHubCodeHost
    clock: SteadyClock

    @property
    def service(self) -> PullRequests:
        """What refreshes."""
        return PullRequests(self.records, lambda: self.host, self.clock)

    def pull(self, branch: str = "work", *, draft: bool = False) -> PullRequest:
        """A pull request of a new branch, as it was when it was made."""
        bare = self.github.bare(APP)
        bare.set_branch(branch, bare.branches()["main"])
        bare.commit({f"{branch}.txt": "new\n"}, "Change", branch)
        text = PullRequestText(title=branch, body="A body.")
        app = RepositoryRef.parse(APP)
        return self.host.open_pull_request(app, branch, "main", text, draft)

    def alike(self, count: int) -> list[PullRequest]:
        """So many pull requests of one branch, made at the stand-in itself, as that is quicker."""
        first = self.pull()
        (made,) = self.github.pull_requests(APP)
        state = self.github._site.state
        others = [
            state.put_pull(made.model_copy(update={"id": state.new_id(), "number": number}))
            for number in range(2, count + 1)
        ]
        return [first, *(first.with_(number=o.number, node_id=o.node_id) for o in others)]

    def open_ones(self) -> list[PullRequest]:
        """Those that are stored as open, newest first."""
        found = [job.publication.pull_request for job in self.service.open_ones()]
        return [pull for pull in found if pull is not None]

    def job(self, pull: PullRequest | None, at: float = 0, **changes: Any) -> Job:
        """A job that ended with a pull request."""
        job = running(self.records, at=NOON + minutes(at), repositories=APP, **changes)
        return settled(self.records, job, publication=published(pull))

    def refresh(self, *jobs: Job) -> tuple[Refreshed, ...]:
        """Look at the pull requests of jobs, and at how many calls that took."""
        self.github.journal.clear()
        return self.service.refresh(jobs)

    def one(self, job: Job) -> Refreshed:
        """Look at the pull request of one job."""
        (refreshed,) = self.refresh(job)
        return refreshed

    def told(self, job: Job) -> list[str]:
        """The lines of a job's life."""
        return [event.text for event in self.records.events(job.id)]


def published(pull: PullRequest | None) -> Publication:
    if pull is None:
        return Publication()
    return Publication(
        kind=PublicationKind.PULL_REQUEST, pull_request=pull, pushed_commit=pull.head_commit
    )


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = EmbeddedStore(tmp_path / "home")
    clock = SteadyClock()
    with GitHubStandin(tmp_path / "github") as github:
        github.add_repository(APP, files={"a.txt": "a\n"}, permissions={"service": "push"})
        token = github.tokens["service"]
        host = GitHubCodeHost(github.api_url, github.url, token, clock, WriteGate(0.0))
        yield Desk(github, store.records, host, clock)
        host.close()
    store.close()


# what is stored


@pytest.mark.parametrize(("state", "end"), [("merged", "merge"), ("closed", "close")])
def test_a_pull_request_that_ended_is_stored_and_told(desk: Desk, state: str, end: str) -> None:
    job = desk.job(desk.pull())
    getattr(desk.github, f"{end}_pull_request")(APP, 1)

    refreshed = desk.one(job)

    stored = desk.records.job(job.id)
    assert (refreshed.job, refreshed.changed, refreshed.is_there) == (stored, True, True)
    assert stored.publication.pull_request is not None
    assert stored.publication.pull_request.state == state
    assert desk.told(job) == [f"Pull request #1 was {state}."]
    assert desk.service.open_ones() == ()


def test_checks_that_turn_are_stored_and_told(desk: Desk) -> None:
    job = desk.job(desk.pull())
    for conclusion in (None, "failure", "success"):
        desk.github.set_check(APP, "work", "tests", conclusion)
        (refreshed,) = desk.refresh(desk.records.job(job.id))
        assert refreshed.changed

    assert desk.told(job)[:1] == ["Pull request #1: its checks run."]
    events = desk.records.events(job.id)
    assert [(event.text.partition(": ")[2], event.level) for event in events] == [
        ("its checks run.", EventLevel.INFO),
        ("its checks failed.", EventLevel.WARNING),
        ("its checks passed.", EventLevel.INFO),
    ]


def test_a_conflict_with_the_base_is_stored_and_told(desk: Desk) -> None:
    job = desk.job(desk.pull())
    desk.one(job)
    desk.github.commit(APP, {"work.txt": "other\n"})

    refreshed = desk.one(desk.records.job(job.id))

    assert refreshed.pull_request is not None
    assert refreshed.pull_request.mergeable is False
    assert desk.told(job)[-1] == "Pull request #1 conflicts with its base."


def test_a_push_by_somebody_else_is_told(desk: Desk) -> None:
    job = desk.job(desk.pull())
    theirs = desk.github.commit(APP, {"work.txt": "by hand\n"}, branch="work")

    desk.one(job)

    assert f"Somebody else pushed {theirs[:12]} to pull request #1" in desk.told(job)[-1]


def test_a_push_of_the_lineage_is_nobody_elses(desk: Desk) -> None:
    pull = desk.pull()
    job = desk.job(pull)
    ours = desk.github.commit(APP, {"work.txt": "follow-up\n"}, branch="work")
    lineage = Lineage(root=job.id, root_title=job.request_title, parent=job.id)
    later = running(desk.records, at=NOON + minutes(1), job={"lineage": lineage})
    settled(desk.records, later, publication=Publication(pushed_commit=ours))

    assert desk.one(job).changed
    assert not any("Somebody" in line for line in desk.told(job))


def test_nothing_is_stored_or_told_where_nothing_changed(desk: Desk) -> None:
    job = desk.job(desk.pull())
    desk.one(job)
    before = desk.records.job(job.id), desk.told(job)
    desk.clock.ahead += timedelta(hours=1)

    refreshed = desk.one(before[0])

    assert (desk.records.job(job.id), desk.told(job)) == before
    assert not refreshed.changed
    assert refreshed.pull_request is not None
    assert refreshed.pull_request.refreshed_at >= desk.clock.now() - timedelta(minutes=1)


def test_a_job_changed_meanwhile_is_read_again(desk: Desk) -> None:
    job = desk.job(desk.pull())
    desk.records.update_job(job.with_(publication=job.publication.with_(branch="noted")))
    desk.github.merge_pull_request(APP, 1)

    refreshed = desk.one(job)  # as it was before

    stored = desk.records.job(job.id).publication
    assert stored == refreshed.job.publication
    assert stored.branch == "noted"
    assert stored.pull_request is not None
    assert stored.pull_request.state == "merged"


def test_what_a_newer_look_found_is_kept(desk: Desk) -> None:
    pull = desk.pull()
    job = desk.job(pull)
    newer = pull.with_(state="closed", refreshed_at=desk.clock.now() + timedelta(hours=1))
    stored = desk.records.update_job(job.with_(publication=published(newer)))
    desk.github.merge_pull_request(APP, 1)

    desk.one(job)

    assert desk.records.job(job.id) == stored


def test_a_job_at_work_is_looked_at_and_left_alone(desk: Desk) -> None:
    job = running(desk.records)
    desk.records.commit(lease_of(job), job.with_(publication=published(desk.pull())))
    desk.github.merge_pull_request(APP, 1)
    before = desk.records.job(job.id)

    refreshed = desk.one(before)

    assert refreshed.pull_request is not None
    assert refreshed.pull_request.state == "merged"
    assert desk.records.job(job.id) == before


# many at once


def test_hundreds_cost_a_call_for_each_hundred(desk: Desk) -> None:
    jobs = [desk.job(pull, number) for number, pull in enumerate(desk.alike(250))]
    closed = [1, 101, 250]
    for number in closed:
        desk.github.close_pull_request(APP, number)

    refreshed = desk.refresh(*jobs)

    assert len(desk.github.requests()) == len(desk.github.requests(CALLS)) == 3
    assert [one.job.id for one in refreshed] == [job.id for job in jobs]
    states = [one.pull_request.state for one in refreshed if one.pull_request]
    assert [number for number, state in enumerate(states, 1) if state == "closed"] == closed
    assert states.count("open") == 247
    stored = [pull.number for pull in desk.open_ones()]
    assert stored == [number for number in range(250, 0, -1) if number not in closed]


def test_a_deleted_pull_request_spoils_nothing_for_the_rest(desk: Desk) -> None:
    first, second = desk.pull("one"), desk.pull("two")
    gone = first.with_(node_id="PR_kgDO999999", number=9)
    jobs = [desk.job(pull, at) for at, pull in enumerate([first, gone, second])]
    for number in (1, 2):
        desk.github.merge_pull_request(APP, number)

    refreshed = desk.refresh(*jobs)

    assert [one.is_there for one in refreshed] == [True, False, True]
    assert [one.pull_request.state for one in refreshed if one.pull_request] == [
        "merged",
        "open",
        "merged",
    ]
    assert desk.records.job(jobs[1].id) == jobs[1]


def test_the_jobs_of_a_lineage_share_one_look(desk: Desk) -> None:
    pull = desk.pull()
    jobs = [desk.job(pull, at) for at in range(150)]
    desk.github.merge_pull_request(APP, 1)

    refreshed = desk.refresh(*jobs)

    assert len(desk.github.requests(CALLS)) == 1
    assert all(one.changed for one in refreshed)


def test_jobs_without_a_pull_request_cost_nothing(desk: Desk) -> None:
    jobs = [desk.job(None), queued(desk.records, NOON + minutes(1))]

    refreshed = desk.refresh(*jobs)

    assert [(one.job, one.pull_request, one.changed) for one in refreshed] == [
        (job, None, False) for job in jobs
    ]
    assert desk.github.requests() == []
    assert desk.refresh() == ()


def test_what_was_seen_before_the_code_host_failed_is_stored(desk: Desk) -> None:
    first = desk.pull()
    rest = [first.with_(node_id=f"PR_zz{number:06d}") for number in range(150)]
    assert first.node_id < rest[0].node_id
    jobs = [desk.job(pull, at) for at, pull in enumerate([first, *rest])]
    desk.github.merge_pull_request(APP, 1)
    broken = faults.unauthorized(CALLS).model_copy(update={"skip": 1})
    desk.github.faults.add(broken)

    with pytest.raises(CodeHostError):
        desk.refresh(*jobs)

    stored = desk.records.job(jobs[0].id).publication.pull_request
    assert stored is not None
    assert stored.state == "merged"


# which ones


def test_all_open_ones_are_found_newest_first_over_all_pages(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("codybatch.services.pull_requests._PAGE", 2)
    pull = desk.pull()
    jobs = [desk.job(pull, at) for at in range(5)]
    desk.job(pull.with_(state="merged"), 6)
    desk.job(None, 7)

    assert [job.id for job in desk.service.open_ones()] == [job.id for job in jobs[::-1]]
    assert len(desk.service.open_ones("Acme/App")) == 5
    assert desk.service.open_ones("acme/other") == ()


def test_a_requests_pull_requests_are_found_whatever_became_of_them(desk: Desk) -> None:
    merged = desk.job(desk.pull().with_(state="merged"))

    assert desk.service.of_request(merged.request) == (merged,)
    without = created(desk.records, NOON + minutes(1)).request
    assert desk.service.of_request(without.id) == ()
    with pytest.raises(NotFound):
        desk.service.of_request(RequestId("0" * 26))


def test_named_jobs_are_looked_at_once_each(desk: Desk) -> None:
    job = desk.job(desk.pull())

    assert desk.service.of_jobs([job.id, job.id]) == (job,)
    with pytest.raises(NotFound):
        desk.service.of_jobs([job.id, UNKNOWN_JOB])


# what to do


def pull_request(**facts: Any) -> PullRequest:
    given = {"number": 1, "url": "u", "node_id": "n", "state": "open", "refreshed_at": NOON}
    return PullRequest(**{**given, "draft": False, **facts})


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"state": "merged"}, "Nothing"),
        ({"state": "closed", "checks": "failure"}, "final"),
        ({"checks": "failure", "mergeable": False}, "jobs retry"),
        ({"checks": "failure"}, "jobs follow-up"),
        ({"checks": "pending"}, "Wait"),
        ({"checks": "success", "draft": True}, "mark it ready"),
        ({"draft": True}, "mark it ready"),
        ({"checks": "success"}, "merge it"),
        ({}, "merge it"),
    ],
)
def test_each_standing_has_a_next_step(facts: dict[str, Any], said: str) -> None:
    (job,) = jobs_of(a_request())

    assert said in what_to_do(Refreshed(job, pull_request(**facts)))


def test_what_is_gone_and_what_never_was_is_said() -> None:
    (job,) = jobs_of(a_request())

    assert "does not show it" in what_to_do(Refreshed(job, pull_request(), is_there=False))
    assert "no pull request" in what_to_do(Refreshed(job, None))
