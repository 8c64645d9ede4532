"""Pull requests after the job: what became of them, hundreds in a few calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codybatch.domain.errors import StaleWrite
from codybatch.domain.events import Event, EventKind, EventLevel
from codybatch.domain.identifiers import JobId, RequestId
from codybatch.domain.jobs import Job
from codybatch.domain.publication import PullRequest
from codybatch.ports import Clock, CodeHostFactory, PageRequest, Partition, PartitionKind, Records

AT_ONCE = 100
"""Pull requests of one call; what it said is stored before the next one."""
_PAGE = 500


@dataclass(frozen=True)
class Refreshed:
    """A job after its pull request was looked at."""

    job: Job
    pull_request: PullRequest | None
    """As it is now; None where the job has none."""
    is_there: bool = True
    """Whether the code host still shows it; where not, it is as it was last seen."""
    changed: bool = False
    """Whether it is another than the one that was noted before."""


@dataclass(frozen=True)
class PullRequests:
    """Use cases of pull requests that exist."""

    records: Records
    code_host: CodeHostFactory
    clock: Clock

    def open_ones(self, repository: str = "") -> tuple[Job, ...]:
        """The jobs whose pull request was open when it was last looked at, newest first.

        Args:
            repository: ``owner/name``; those of all repositories where it is empty.
        """
        partition = Partition(PartitionKind.OPEN_PULL_REQUEST, repository)
        found: list[Job] = []
        cursor: str | None = None
        while True:
            page = self.records.list_jobs(partition, PageRequest(limit=_PAGE, cursor=cursor))
            found.extend(page.items)
            cursor = page.cursor
            if cursor is None:
                return tuple(found)

    def of_request(self, request: RequestId) -> tuple[Job, ...]:
        """A request's jobs that have a pull request, whatever became of it.

        Raises:
            NotFound: there is no such request.
        """
        self.records.request(request)
        partition = Partition(PartitionKind.REQUEST, request)
        jobs = self.records.list_jobs(partition, PageRequest(limit=1000)).items
        return tuple(job for job in jobs if job.publication.pull_request)

    def of_jobs(self, jobs: Sequence[JobId]) -> tuple[Job, ...]:
        """These jobs, each once.

        Raises:
            NotFound: there is no such job.
        """
        return tuple(self.records.job(job) for job in dict.fromkeys(jobs))

    def refresh(self, jobs: Sequence[Job]) -> tuple[Refreshed, ...]:
        """Look at the pull requests of jobs, in this order, and store what changed.

        Jobs without one are given back as they are. A pull request that is gone spoils nothing for
        the rest.

        Raises:
            CodeHostError: the code host could not be asked; what it said before is stored.
        """
        done: dict[JobId, Refreshed] = {}
        for some in _in_groups([job for job in jobs if job.publication.pull_request]):
            for refreshed in self._refresh_some(some):
                done[refreshed.job.id] = refreshed
        return tuple(done.get(job.id, Refreshed(job, None)) for job in jobs)

    def _refresh_some(self, jobs: Sequence[Job]) -> Iterator[Refreshed]:
        known = {_pull(job).node_id: _pull(job) for job in jobs}
        fresh = dict(zip(known, self.code_host().refresh(tuple(known.values())), strict=True))
        for job in jobs:
            before = _pull(job)
            now = fresh[before.node_id]
            if now == known[before.node_id]:  # not even looked at anew: it is not to be seen
                yield Refreshed(job, before, is_there=False)
            elif now.is_like(before):
                yield Refreshed(job, now)
            else:
                yield Refreshed(self._store(job, now), now, changed=True)

    def _store(self, job: Job, now: PullRequest) -> Job:
        """Store what changed of a job's pull request, unless somebody newer did it meanwhile."""
        while job.state.is_terminal:  # a worker writes what it finds by itself
            before = job.publication.pull_request
            if before is None or before.node_id != now.node_id or before.is_like(now):
                return job
            if before.refreshed_at > now.refreshed_at:
                return job
            publication = job.publication.with_(pull_request=now)
            events = [*_events(before, now), *self._pushed_by_others(job, before, now)]
            try:
                return self.records.update_job(job.with_(publication=publication), events)
            except StaleWrite:
                job = self.records.job(job.id)
        return job

    def _pushed_by_others(self, job: Job, before: PullRequest, now: PullRequest) -> list[Event]:
        if now.head_commit in {None, before.head_commit}:
            return []
        lineage = self.records.lineage(job.lineage.root)
        if any(now.head_commit in one.publication.our_commits for one in lineage):
            return []
        text = (
            f"Somebody else pushed {str(now.head_commit)[:12]} to pull request #{now.number}; "
            "what is there is never overwritten."
        )
        return [_event(now, text, EventLevel.WARNING)]


def what_to_do(refreshed: Refreshed) -> str:
    """What a person can do next about a pull request."""
    pull, job = refreshed.pull_request, refreshed.job
    if pull is None:
        return "It has no pull request."
    if not refreshed.is_there:
        return "The code host does not show it any more: it was deleted, or may not be seen."
    if pull.state == "merged":
        return "Nothing: it is merged."
    if pull.state == "closed":
        return "Closed by a person, which is final."
    if pull.mergeable is False:
        return (
            f"It conflicts with its base: `codybatch jobs retry {job.id}` begins anew from there."
        )
    if pull.checks == "failure":
        return f'See its checks; `codybatch jobs follow-up {job.id} "…"` has them mended.'
    if pull.checks == "pending":
        return "Wait for its checks."
    return "Review it, then mark it ready." if pull.draft else "Review and merge it."


def _pull(job: Job) -> PullRequest:
    assert job.publication.pull_request is not None  # noqa: S101 - the others were left out
    return job.publication.pull_request


def _in_groups(jobs: Sequence[Job]) -> Iterator[list[Job]]:
    """Jobs by the hundred pull requests; those of one lineage share one."""
    group: list[Job] = []
    seen: set[str] = set()
    for job in sorted(jobs, key=lambda job: _pull(job).node_id):
        if len(seen | {_pull(job).node_id}) > AT_ONCE:
            yield group
            group, seen = [], set()
        group.append(job)
        seen.add(_pull(job).node_id)
    if group:
        yield group


def _events(before: PullRequest, now: PullRequest) -> list[Event]:
    """What turned, a line each."""
    name = f"Pull request #{now.number}"
    told: list[Event] = []
    if now.state != before.state:
        verb = {"open": "was opened again", "merged": "was merged", "closed": "was closed"}
        level = EventLevel.WARNING if now.state == "closed" else EventLevel.INFO
        told.append(_event(now, f"{name} {verb.get(now.state, 'is ' + now.state)}.", level))
    if now.state != "open":
        return told
    if now.draft != before.draft:
        told.append(_event(now, f"{name} is {'a draft again' if now.draft else 'ready'}."))
    if now.checks != before.checks:
        level = EventLevel.WARNING if now.checks == "failure" else EventLevel.INFO
        told.append(_event(now, f"{name}: {_CHECKS[now.checks]}", level))
    if now.mergeable is False and before.mergeable is not False:
        told.append(_event(now, f"{name} conflicts with its base.", EventLevel.WARNING))
    return told


_CHECKS = {
    "success": "its checks passed.",
    "failure": "its checks failed.",
    "pending": "its checks run.",
    None: "it has no checks any more.",
}


def _event(now: PullRequest, text: str, level: EventLevel = EventLevel.INFO) -> Event:
    return Event(at=now.refreshed_at, kind=EventKind.PULL_REQUEST, text=text, level=level)
