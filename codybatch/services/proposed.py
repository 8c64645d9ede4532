"""What was proposed before: the pull requests of earlier jobs, as the code host shows them now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from codybatch.domain.errors import LineageBusy, PullRequestIsOpen
from codybatch.domain.jobs import Job, Lineage
from codybatch.domain.prompts import Kind
from codybatch.domain.publication import PublishMode, PullRequest
from codybatch.domain.repositories import RepositoryFacts, RepositoryRef
from codybatch.domain.requests import ExistingPullRequest, RequestOptions, SkippedRepository
from codybatch.ports import Records
from codybatch.services.lineages import OPEN, last_noted
from codybatch.services.pull_requests import PullRequests, Refreshed

PROPOSING = frozenset({PublishMode.DRAFT, PublishMode.READY})
_QUESTION = (
    "Say what to do there (--existing on the command line, options.existingPullRequest in the "
    "API): update (the new change takes the place of the old one), "
    "another (a second pull request beside it), or skip (leave the repository out)."
)


class NothingToSubmit(Exception):
    """Every repository is skipped, as was asked for: nothing is wrong, and nothing is to do."""

    def __init__(self, message: str, skipped: tuple[SkippedRepository, ...]) -> None:
        """Keep a sentence for people, and which are skipped."""
        super().__init__(message)
        self.message = message
        self.skipped = skipped


@dataclass(frozen=True)
class Admission:
    """What a request works on, once it is known what to do where a pull request is open."""

    facts: tuple[RepositoryFacts, ...]
    """The repositories that are worked on."""
    lineages: dict[str, Lineage]
    """By a repository's id: the lineage that its job joins; the others begin one of their own."""
    skipped: tuple[SkippedRepository, ...] = ()

    @classmethod
    def as_before(
        cls, facts: Sequence[RepositoryFacts], skipped: tuple[SkippedRepository, ...]
    ) -> Self:
        """The same repositories as when the request came first."""
        names = {one.repository.full_name.lower() for one in skipped}
        kept = [fact for fact in facts if fact.repository.full_name.lower() not in names]
        return cls(tuple(kept or facts), {}, skipped)

    def __contains__(self, fact: object) -> bool:
        """Whether a repository is worked on."""
        return fact in self.facts


@dataclass(frozen=True)
class Proposed:
    """Looks at earlier pull requests before something new is submitted."""

    records: Records
    pull_requests: PullRequests

    def admit(
        self,
        prompt: str,
        kind: Kind,
        options: RequestOptions,
        asked: Sequence[RepositoryRef],
        facts: Sequence[RepositoryFacts],
    ) -> Admission:
        """Decide by the request's options where a job of the same prompt has an open pull request.

        Args:
            prompt: its name; versions of a prompt propose the same thing.
            kind: only a change proposes anything.
            options: say how far to publish, and what to do with what is open already.
            asked: the repositories as they were named; a job of before a rename is found by that.
            facts: what the code host says of each, under its name of today.

        Raises:
            PullRequestIsOpen: one is, and the options do not say what to do.
            LineageBusy: it is to be updated, and a job works on it right now.
            CodeHostError: the code host could not be asked.
        """
        if kind is not Kind.CHANGE or options.publish not in PROPOSING:
            return Admission(tuple(facts), {})
        found = self._open_ones(prompt, asked, facts)
        choice = options.existing_pull_request
        if found and choice is None:
            opened = _opened(prompt, list(found.values()))
            raise PullRequestIsOpen(f"{opened} {_QUESTION}", found=opened)
        if choice is ExistingPullRequest.SKIP:
            kept = tuple(fact for fact in facts if fact.id not in found)
            return Admission(kept, {}, tuple(_skipped(job) for job in found.values()))
        if choice is ExistingPullRequest.UPDATE:
            return Admission(tuple(facts), {i: self._joined(job) for i, job in found.items()})
        return Admission(tuple(facts), {})

    def hindrances(self, publish: PublishMode, parents: Sequence[Job]) -> list[str]:
        """A sentence for each lineage whose pull request will not show another change.

        Args:
            publish: what the new jobs are to do.
            parents: a job of each lineage.

        Raises:
            CodeHostError: the code host could not be asked.
        """
        lineages = [
            self.records.lineage(parent.lineage.root)
            for parent in parents
            if parent.kind is Kind.CHANGE
        ]
        if publish is PublishMode.NONE:
            return [left for lineage in lineages if (left := _left_as_it_is(lineage))]
        noted = [(lineage, job) for lineage in lineages if (job := _last_noted(lineage))]
        now = self.pull_requests.refresh([job for _, job in noted])
        told = (_hindrance(lineage, it) for (lineage, _), it in zip(noted, now, strict=True))
        return [sentence for sentence in told if sentence]

    def _open_ones(
        self, prompt: str, asked: Sequence[RepositoryRef], facts: Sequence[RepositoryFacts]
    ) -> dict[str, Job]:
        """The newest job of the prompt with an open pull request, by the repository's id."""
        candidates = [
            job
            for named, fact in zip(asked, facts, strict=True)
            for name in _names(named, fact.repository)
            for job in self.pull_requests.open_ones(name)
            if job.prompt.name == prompt
            and job.repository_id == fact.id
            and job.base_branch == (fact.base_branch or fact.default_branch)
        ]
        refreshed = self.pull_requests.refresh(candidates)
        newest_last = reversed([it.job for it in refreshed if _is_open(it)])
        return {job.repository_id: job for job in newest_last}

    def _joined(self, job: Job) -> Lineage:
        for one in self.records.lineage(job.lineage.root):
            if not one.state.is_terminal:
                raise LineageBusy(
                    f"The job {one.id} works for {job.publication.url} right now ({one.state}). "
                    f"Wait until it has ended (`codybatch jobs wait {one.id}`), or cancel it."
                )
        return job.lineage.with_(parent=None, relation=None, instructions="")


def _names(*repositories: RepositoryRef) -> list[str]:
    """Their names, each once."""
    return list(dict.fromkeys(one.full_name.lower() for one in repositories))


def _is_open(refreshed: Refreshed) -> bool:
    pull = refreshed.pull_request
    return refreshed.is_there and pull is not None and pull.state == OPEN


def _opened(prompt: str, jobs: Sequence[Job]) -> str:
    listed = ", ".join(
        f"{job.publication.url} ({job.repository.full_name}, by {job.id})" for job in jobs
    )
    one = "a pull request" if len(jobs) == 1 else f"{len(jobs)} pull requests"
    return f"The prompt {prompt!r} has {one} open already: {listed}."


def _left_as_it_is(lineage: Sequence[Job]) -> str:
    pull = last_noted(lineage)
    if pull is None or pull.state != OPEN:
        return ""
    return (
        f"The pull request {pull.url} will not show the new change, since nothing is to be "
        "published: add --publish draft, or publish the new job once it has ended."
    )


def _last_noted(lineage: Sequence[Job]) -> Job | None:
    """The newest job of a lineage that has a pull request."""
    return next((job for job in reversed(lineage) if job.publication.pull_request), None)


def _hindrance(lineage: Sequence[Job], refreshed: Refreshed) -> str:
    pull: PullRequest | None = refreshed.pull_request
    if pull is None:
        return ""
    if pull.state != OPEN:
        return (
            f"The pull request {pull.url} is {pull.state}, and that is final: the new patch will "
            "be kept, and not published. Submit a new request for a pull request of its own."
        )
    ours = {commit for job in lineage for commit in job.publication.our_commits}
    if pull.head_commit is not None and pull.head_commit not in ours:
        return (
            f"Somebody else pushed to the branch of {pull.url}, which is never overwritten: the "
            "new patch will be kept, and not published."
        )
    return ""


def _skipped(job: Job) -> SkippedRepository:
    return SkippedRepository(repository=job.repository, job=job.id, url=job.publication.url or "")
