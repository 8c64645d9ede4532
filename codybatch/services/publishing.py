"""Publishing after the job: a patch that was withheld or not asked for, by a person.

The stored patch is applied to a fresh check-out of its pinned commit and looked at again, so that
what is published is what the gate saw now. Then it goes the way of every publication, each act
noted in the job's record before and after: who is killed in between is followed by somebody who
makes no second branch and no second pull request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from codybatch.domain.errors import (
    CodeHostError,
    JobNotEnded,
    PublicationRefused,
    RepositoryRefused,
    UsageError,
)
from codybatch.domain.events import Event, EventKind, EventLevel
from codybatch.domain.identifiers import JobId, Person
from codybatch.domain.jobs import Job, Patch
from codybatch.domain.prompts import Kind
from codybatch.domain.publication import (
    GateFinding,
    Publication,
    PublicationKind,
    PublishMode,
    PullRequest,
    WithheldReason,
)
from codybatch.domain.repositories import AllowList, RepositoryFacts
from codybatch.domain.requests import PullRequestWishes
from codybatch.domain.states import ENDINGS, EndedBecause, JobState
from codybatch.ports import Blobs, Clock, CodeHostFactory, Records, Unusable
from codybatch.services.holding import holding
from codybatch.services.publication import Proposal, Publisher
from codybatch.workspace.checkout import Workspace, WorkspaceLimits, check_out
from codybatch.workspace.gate import inspect
from codybatch.workspace.patch import MadePatch, tree_of_patch
from codybatch.workspace.secrets_in_lines import SecretFinder
from codybatch.workspace.temporary import remove_left, temporary_folder

_FAILURES = frozenset(
    {
        WithheldReason.BASE_CONFLICT,
        WithheldReason.CODE_HOST_REFUSED,
        WithheldReason.GIT_FAILED,
        WithheldReason.PATCH_DOES_NOT_APPLY,
    }
)
NAMED = 5
"""Findings of the gate that a refusal names."""
_OUT = (PublicationKind.BRANCH_PUSHED, PublicationKind.PULL_REQUEST)


class Outcome(StrEnum):
    """What came of publishing."""

    PUBLISHED = "published"
    ALREADY_PUBLISHED = "already_published"
    NOTHING = "nothing_to_publish"
    WITHHELD = "withheld"


@dataclass(frozen=True)
class Published:
    """A job after it was to be published."""

    job: Job
    outcome: Outcome


@dataclass(frozen=True)
class Publishing:
    """Publishes the patches of ended jobs."""

    records: Records
    blobs: Blobs
    code_host: CodeHostFactory
    publisher: Publisher
    clock: Clock
    allowed: AllowList
    limits: WorkspaceLimits
    scanner: SecretFinder
    folder: Path
    """Where check-outs stand for the length of a call."""

    def publish(
        self,
        job: JobId,
        by: Person,
        *,
        mode: PublishMode | None = None,
        override: bool = False,
        wishes: PullRequestWishes | None = None,
        watch: Callable[[str], None] | None = None,
    ) -> Published:
        """Publish an ended job's patch.

        Args:
            job: which one.
            by: who asks for it.
            mode: how far; as the request asked for, else as a draft pull request.
            override: whether it may go out although the gate found something or the job did not
                finish. Nothing else can be overridden.
            wishes: labels and people of the pull request; as the request said where not given.
            watch: is told what happens.

        Raises:
            NotFound: there is no such job.
            JobNotEnded: it has not ended.
            PolicyError: the allow-list, the gate or the lineage speaks against it; nothing changed.
            PublicationUnderWay: somebody else publishes it for a long time already.
            CodeHostError: the code host could not be asked; publishing again goes on.
        """
        remove_left(self.folder)
        found = self.records.job(job)
        wanted = mode or self._mode_of(found)
        if wanted is PublishMode.NONE:
            raise UsageError("Publishing goes as far as branch, draft or ready; not none.")
        if known := _known(found, wanted):
            return known
        self.check(found, override=override)
        with temporary_folder(self.folder) as folder:
            return _OnePatch(self, found, by, wanted, override, wishes, watch or _unseen).do(folder)

    def _mode_of(self, job: Job) -> PublishMode:
        asked = self.records.request(job.request).options.publish
        return PublishMode.DRAFT if asked is PublishMode.NONE else asked

    def check(self, job: Job, *, override: bool) -> None:
        """Refuse what needs no look at the repository to be refused.

        Raises:
            PolicyError: the allow-list, the gate or the lineage speaks against it.
        """
        self.allowed.check(job.repository)
        if job.patch is not None and not job.patch.applies:
            raise PublicationRefused(
                f"The patch of {job.id} does not apply to a fresh checkout, so it is never "
                f"published. Take it with `codybatch jobs patch {job.id}` and mend it by hand."
            )
        self._check_lineage(job)
        if not override:
            check_needs_no_override(job, job.gate)

    def _check_lineage(self, job: Job) -> None:
        lineage = self.records.lineage(job.lineage.root)
        later = lineage[[one.id for one in lineage].index(job.id) + 1 :]
        for one in later:
            if one.publication.kind in _OUT:
                raise PublicationRefused(
                    f"{one.id}, which continues {job.id}, is published already, and both have one "
                    "branch: publishing the older change would undo the newer one."
                )
        for one in lineage:
            if not one.state.is_terminal:
                raise PublicationRefused(
                    f"{one.id} of the same lineage has not ended, and may publish to the same "
                    f"branch. Wait for it with `codybatch jobs wait {one.id}`, or cancel it."
                )


def _known(job: Job, mode: PublishMode) -> Published | None:
    """What is known without looking anywhere: it is published, or there is nothing to publish."""
    if not job.state.is_terminal:
        raise JobNotEnded(
            f"The job {job.id} has not ended ({job.state}). `codybatch jobs wait {job.id}` waits."
        )
    if job.kind is not Kind.CHANGE or job.patch is None:
        return Published(job, Outcome.NOTHING)
    made = job.publication
    if made.pull_request is not None and made.kind is PublicationKind.PULL_REQUEST:
        _check_not_closed(job, made.pull_request)
        return Published(job, Outcome.ALREADY_PUBLISHED)
    if made.kind is PublicationKind.BRANCH_PUSHED and mode is PublishMode.BRANCH:
        return Published(job, Outcome.ALREADY_PUBLISHED)
    return None


def _check_not_closed(job: Job, pull: PullRequest) -> None:
    if pull.state == "closed":
        raise PublicationRefused(
            f"A person closed the pull request of {job.id}, and closed is final: {pull.url} "
            f"Was it opened again? `codybatch jobs refresh {job.id}` looks."
        )


def _unseen(text: str) -> None:
    """Nobody watches."""


def is_unfinished(job: Job) -> bool:
    """Whether the job ended before its task was done."""
    because = job.ended_because
    return because is None or ENDINGS[because].state is not JobState.SUCCEEDED


def why_not(job: Job) -> tuple[str, ...]:
    """What speaks against publishing a job's patch and may be overridden, a line each."""
    found = [f"{one.rule.value}: {one.path}: {one.message}" for one in job.gate]
    if is_unfinished(job):
        because = ENDINGS[job.ended_because].sentence if job.ended_because else ""
        found.append(f"The job did not finish: {because}")
    return tuple(found)


def is_refusal(publication: Publication) -> bool:
    """Whether a rule withholds the patch, and not something that failed."""
    return not set(publication.reasons) & _FAILURES


def check_needs_no_override(job: Job, gate: tuple[GateFinding, ...]) -> None:
    """Refuse what a person must let pass.

    Raises:
        PublicationRefused: the gate found something, or the job did not finish.
    """
    again = f"Look at `codybatch jobs diff {job.id}`; publish it all the same with --override."
    if gate:
        named = "; ".join(f"{one.rule.value} in {one.path or 'it'}" for one in gate[:NAMED])
        more = f" and {len(gate) - NAMED} more" if len(gate) > NAMED else ""
        raise PublicationRefused(
            f"The gate found something in {job.id} that a person should look at first: "
            f"{named}{more}. {again}"
        )
    if is_unfinished(job):
        raise PublicationRefused(
            f"The job {job.id} did not finish, so its change may be incomplete. {again}"
        )


@dataclass(frozen=True)
class _OnePatch:
    """One patch on its way out."""

    around: Publishing
    job: Job
    by: Person
    mode: PublishMode
    override: bool
    wishes: PullRequestWishes | None
    watch: Callable[[str], None]

    def do(self, folder: Path) -> Published:
        """Look at the patch again, then publish it while nobody else does."""
        workspace, made = self._apply(folder, self._patch())
        gate = self._look_again(workspace, made)
        if not self.override:
            check_needs_no_override(self.job, gate)
        passed = self.by if gate or is_unfinished(self.job) else None
        around, job = self.around, self.job.id
        with holding(around.records, around.clock, job, self.by, self.watch) as held:
            if known := _known(held.job, self.mode):  # by the one we waited for
                return known
            around.check(held.job, override=self.override)
            self._begin(gate, passed)
            proposal = self._proposal(held.job.with_(gate=gate), workspace, made, passed)
            try:
                publication = around.publisher.publish(proposal, held.note, self._tell)
            except CodeHostError as error:
                text = around.publisher.net.clean(f"It could not be published now: {error}")
                self._tell(EventKind.PUBLISHING, text, EventLevel.WARNING)
                raise
            return _ended(held.end(publication))

    def _patch(self) -> Patch:
        assert self.job.patch is not None  # noqa: S101 - else nothing would be published
        return self.job.patch

    def _apply(self, folder: Path, patch: Patch) -> tuple[Workspace, MadePatch]:
        """The pinned commit with the stored patch on it, all doors shut."""
        self._check_repository()
        content = self.around.blobs.get(patch.blob)
        access = self.around.code_host().git_access(self.job.repository)
        workspace = check_out(folder, access, self.job.commit, self.around.limits, content)
        made = MadePatch(
            content,
            files=patch.files,
            additions=patch.additions,
            deletions=patch.deletions,
            paths=patch.paths,
            removed_secret=patch.redacts_secret,
            tree=tree_of_patch(workspace, content),
        )
        return workspace, made

    def _check_repository(self) -> None:
        """The repository may have another name by now, or the name another repository."""
        (found,) = self.around.code_host().look_up([self.job.repository.with_(ref=None)])
        if isinstance(found, Unusable):
            raise found.error
        self._check_identity(found)

    def _check_identity(self, found: RepositoryFacts) -> None:
        if found.id != self.job.repository_id:
            raise RepositoryRefused(
                f"{self.job.repository.full_name} is another repository than the one that the job "
                "worked on: it was deleted and made anew. Submit the job again."
            )
        self.around.allowed.check(found.repository)

    def _look_again(self, workspace: Workspace, made: MadePatch) -> tuple[GateFinding, ...]:
        """What the gate found when the job ended, and what it finds now."""
        now = inspect(made.content, workspace, self.around.scanner)
        for one in now:
            if one not in self.job.gate:
                self.watch(f"The gate finds now: {one.rule.value}: {one.path}: {one.message}")
        return tuple(dict.fromkeys((*self.job.gate, *now)))

    def _proposal(
        self, job: Job, workspace: Workspace, made: MadePatch, passed: Person | None
    ) -> Proposal:
        request = self.around.records.request(job.request)
        wishes = self.wishes.model_dump() if self.wishes else {}
        options = request.options.with_(publish=self.mode, **wishes)
        because = job.ended_because or EndedBecause.INTERNAL_ERROR
        return Proposal(job, request.with_(options=options), workspace, made, because, passed)

    def _begin(self, gate: tuple[GateFinding, ...], passed: Person | None) -> None:
        text = f"{self.by} publishes the patch as {_MODES[self.mode]}"
        if passed and gate:
            text += f", although the gate found {len(gate)} thing(s)"
        if passed and is_unfinished(self.job):
            text += ", although the job did not finish"
        level = EventLevel.WARNING if passed else EventLevel.INFO
        self._tell(EventKind.PUBLISHING, f"{text}.", level)

    def _tell(self, kind: EventKind, text: str, level: EventLevel = EventLevel.INFO) -> None:
        event = Event(at=self.around.clock.now(), kind=kind, text=text, level=level)
        self.around.records.add_events(self.job.id, [event])
        self.watch(text)


def _ended(job: Job) -> Published:
    if job.publication.kind is PublicationKind.WITHHELD:
        return Published(job, Outcome.WITHHELD)
    is_out = job.publication.kind in _OUT
    return Published(job, Outcome.PUBLISHED if is_out else Outcome.NOTHING)


_MODES = {
    PublishMode.BRANCH: "a branch",
    PublishMode.DRAFT: "a draft pull request",
    PublishMode.READY: "a pull request",
}
