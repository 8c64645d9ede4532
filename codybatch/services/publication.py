"""Publication: from a checked patch to the one branch and the one pull request of its lineage.

Every act is noted, durably, before and after it is done: whatever dies in between, the next attempt
knows which heads of the branch are ours, pushes over no other, and finds the pull request it made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event as ThreadEvent
from typing import Protocol

from codybatch.domain.errors import (
    BaseConflict,
    BranchNotOurs,
    CalledOff,
    CodeHostCredentialRefused,
    CodeHostError,
    CodeHostThrottled,
    GitFailed,
    PatchDoesNotApply,
    PolicyError,
    RepositoryUnavailable,
    StoreFull,
)
from codybatch.domain.events import EventKind, EventLevel
from codybatch.domain.identifiers import Person
from codybatch.domain.jobs import Job, LineageRelation
from codybatch.domain.publication import (
    WITHHELD_SENTENCES,
    Publication,
    PublicationKind,
    PublishMode,
    PullRequest,
    WithheldReason,
    branch_of_lineage,
)
from codybatch.domain.requests import Request
from codybatch.domain.states import ENDINGS, EndedBecause, JobState
from codybatch.ports import Clock, CodeHost, CodeHostFactory, PullRequestText, Records
from codybatch.services.pull_request_text import commit_message, pull_request_text
from codybatch.workspace.checkout import Workspace
from codybatch.workspace.failures import local_failure
from codybatch.workspace.patch import MadePatch
from codybatch.workspace.processes import Bounds
from codybatch.workspace.push import NETWORK_SECONDS, Author, commit_patch, push, rebase
from codybatch.workspace.redaction import Net

AUTHOR_NAME = "Cody Batch"
AUTHOR_EMAIL = "cody-batch@users.noreply.github.com"
LOOKS_AT_THE_BRANCH = 3
"""Before a branch that moves between look and push is given up."""
MAX_EARLIER = 20
"""Commits of earlier attempts that are kept as ours."""


class Tell(Protocol):
    """Adds an event to the job's life."""

    def __call__(self, kind: EventKind, text: str, level: EventLevel = EventLevel.INFO) -> None:
        """Add it."""
        ...


@dataclass(frozen=True)
class Proposal:
    """A patch that somebody wants published, and where it comes from."""

    job: Job
    request: Request
    workspace: Workspace
    made: MadePatch
    ended_because: EndedBecause
    overridden_by: Person | None = None
    """Who lets it pass although the gate found something or the job did not finish."""


class Withheld(Exception):
    """The patch is not published, for a reason a person can act on."""

    def __init__(self, reason: WithheldReason, detail: str = "") -> None:
        """Keep why."""
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Publisher:
    """Publishes patches."""

    code_host: CodeHostFactory
    records: Records
    clock: Clock
    net: Net

    def publish(
        self,
        proposal: Proposal,
        note: Callable[[Publication], None],
        tell: Tell,
        abort: ThreadEvent | None = None,
    ) -> Publication:
        """Publish as far as the request asks for and the rules allow.

        Args:
            proposal: what to publish.
            note: stores the publication so far, durably and fenced, before it returns.
            tell: adds an event.
            abort: calls it off when set; publishing again goes on where it stopped.

        Raises:
            CodeHostThrottled, CodeHostCredentialRefused: the job must wait.
            RepositoryUnavailable: it is unknown how far it came; publish again.
            StoreFull: the disk is full; publish again when there is room.
            CalledOff: ``abort`` was set.
        """
        course = _Course(self, proposal, note, tell, abort or ThreadEvent())
        try:
            return course.run()
        except _RAISED:
            raise
        except (Withheld, CodeHostError, PolicyError, PatchDoesNotApply) as error:
            return self._withheld(course.so_far, _why(error), tell)
        except GitFailed as failure:
            return self._withheld(course.so_far, _why_git_failed(failure), tell)

    def _withheld(self, before: Publication, withheld: Withheld, tell: Tell) -> Publication:
        detail = self.net.clean(withheld.detail)
        sentence = WITHHELD_SENTENCES[withheld.reason]
        tell(EventKind.WITHHELD, f"{sentence} {detail}".strip(), EventLevel.WARNING)
        return before.with_(
            kind=PublicationKind.WITHHELD, reasons=(withheld.reason,), detail=detail
        )


_RAISED = (CodeHostThrottled, CodeHostCredentialRefused, RepositoryUnavailable)


def _why(error: Exception) -> Withheld:
    if isinstance(error, Withheld):
        return error
    if isinstance(error, BaseConflict):
        return Withheld(WithheldReason.BASE_CONFLICT, str(error))
    if isinstance(error, PatchDoesNotApply):
        return Withheld(WithheldReason.PATCH_DOES_NOT_APPLY, str(error))
    if isinstance(error, BranchNotOurs):
        return Withheld(WithheldReason.BRANCH_NOT_OURS, str(error))
    return Withheld(WithheldReason.CODE_HOST_REFUSED, str(error))


def _why_git_failed(failure: GitFailed) -> Withheld:
    """Why git's failure withholds the patch, which is kept.

    Raises:
        StoreFull: the disk is full, which passes.
    """
    error = local_failure(failure)
    if isinstance(error, StoreFull):
        raise error from failure
    return Withheld(WithheldReason.GIT_FAILED, str(error))


class _Course:
    """One publication on its way."""

    def __init__(
        self,
        publisher: Publisher,
        proposal: Proposal,
        note: Callable[[Publication], None],
        tell: Tell,
        abort: ThreadEvent,
    ) -> None:
        self._publisher = publisher
        self._proposal = proposal
        self._job = _cleaned(proposal.job, publisher.net)
        self._note = note
        self._tell = tell
        self._abort = abort
        self._host: CodeHost = publisher.code_host().waiting(self._wait)
        self._branch = branch_of_lineage(
            self._job.lineage.root, self._job.repository_id, self._job.lineage.root_title
        )
        self.so_far = proposal.job.publication.with_(
            overridden_by=proposal.overridden_by, detail=""
        )

    def run(self) -> Publication:
        self._check()
        found = self._host.pull_request_of(self._job.repository, self._branch)
        if found is not None and found.state != "open":
            return self._ended(found)
        commit = self._commit()
        if commit is None:
            return self._done_already()
        self._push(commit)
        if self._proposal.request.options.publish is PublishMode.BRANCH:
            return self.so_far
        return self._propose(found)

    # 1: may it be published?

    def _check(self) -> None:
        proposal, job = self._proposal, self._job
        if not self._host.may_push(job.repository):
            raise Withheld(WithheldReason.NOT_OWNED)
        if job.patch is not None and not job.patch.applies:
            raise Withheld(WithheldReason.PATCH_DOES_NOT_APPLY)
        if proposal.overridden_by is not None:
            return
        if job.gate:
            rules = ", ".join(dict.fromkeys(finding.rule.value for finding in job.gate))
            raise Withheld(WithheldReason.GATE, f"It names: {rules}.")
        if ENDINGS[proposal.ended_because].state is not JobState.SUCCEEDED:
            raise Withheld(WithheldReason.NOT_FINISHED)

    def _ended(self, found: PullRequest) -> Publication:
        """A pull request that a person closed or merged is final: nothing more is pushed to it."""
        mine = self.so_far.our_commits
        self.so_far = self.so_far.with_(pull_request=found, branch=self._branch)
        if found.head_commit in mine:
            # This very change was proposed, and somebody was faster than our next attempt.
            return self._with(kind=PublicationKind.PULL_REQUEST)
        raise Withheld(WithheldReason.PULL_REQUEST_CLOSED, f"It is {found.state}: {found.url}")

    # 2: the commit, on the base branch's head of now

    def _commit(self) -> str | None:
        """The commit to push; None where the base branch has the change already."""
        proposal, job = self._proposal, self._job
        workspace, tree, parent = proposal.workspace, proposal.made.tree, job.commit
        head = self._host.branch_head(job.repository, job.base_branch)
        if head is None:
            detail = f"The base branch {job.base_branch!r} is gone."
            raise Withheld(WithheldReason.CODE_HOST_REFUSED, detail)
        if head != job.commit:
            access = self._host.git_access(job.repository)
            content, bounds = proposal.made.content, self._bounds()
            tree, parent = rebase(workspace, content, head, access, bounds), head
            if tree == workspace.tree_of(head):
                return None
            self._say_rebased(head)
        # The date is the job's, so that a commit made again after a crash is the same one.
        author = Author(AUTHOR_NAME, AUTHOR_EMAIL, job.created_at)
        return commit_patch(workspace, tree, parent, commit_message(job), author)

    def _say_rebased(self, head: str) -> None:
        job = self._job
        text = (
            f"The base branch {job.base_branch!r} moved on from {job.commit[:12]} to {head[:12]}; "
            "the patch was merged into it without conflict."
        )
        self._with(detail=text)
        self._tell(EventKind.REBASED, text)

    def _done_already(self) -> Publication:
        detail = f"The base branch {self._job.base_branch!r} has this change already."
        self._tell(EventKind.WITHHELD, detail)
        return self._with(kind=PublicationKind.NONE, detail=detail)

    # 3: the branch

    def _push(self, commit: str) -> None:
        for looks_left in reversed(range(LOOKS_AT_THE_BRANCH)):
            head = self._our_head()
            # The head we found is kept beside the intent: should we die now, both are ours.
            self._remember(
                branch=self._branch,
                intended_commit=commit,
                pushed_commit=head,
                earlier_commits=self._earlier_commits(commit),
            )
            try:
                self._move(head, commit)
                break
            except BranchNotOurs:  # it moved since we looked: perhaps by one of us taken for dead
                if not looks_left:
                    raise
        self._remember(kind=PublicationKind.BRANCH_PUSHED, pushed_commit=commit)

    def _our_head(self) -> str | None:
        """Where the branch points, which must be at a commit of ours."""
        head = self._host.branch_head(self._job.repository, self._branch)
        if head is not None and head not in self._ours():
            raise BranchNotOurs(
                f"The branch {self._branch} points at {head[:12]}, which is not ours."
            )
        return head

    def _move(self, head: str | None, commit: str) -> None:
        if head == commit:
            return
        access = self._host.git_access(self._job.repository, write=True)
        push(self._proposal.workspace, access, commit, self._branch, head, self._bounds())
        self._tell(EventKind.PUSHED, f"Pushed {commit[:12]} to {self._branch}.")

    def _earlier_commits(self, commit: str) -> tuple[str, ...]:
        before, earlier = self.so_far.intended_commit, self.so_far.earlier_commits
        return earlier if before in {None, commit} else (str(before), *earlier)[:MAX_EARLIER]

    def _ours(self) -> set[str]:
        """Every commit that a job of the lineage pushed to the branch, or was about to push.

        They are read after the branch was looked at: whoever pushed what stands there noted it
        before.
        """
        known = [job.publication for job in self._lineage()] + [self.so_far]
        return {commit for publication in known for commit in publication.our_commits}

    def _lineage(self) -> tuple[Job, ...]:
        return self._publisher.records.lineage(self._job.lineage.root)

    # 4: the pull request

    def _propose(self, earlier: PullRequest | None) -> Publication:
        if earlier is not None and self._was_noted(earlier):
            made = earlier if self._adds_nothing() else self._updated(earlier)
        else:
            # Also where there is one that nobody noted: it is left as it is, and made complete.
            made = self._open()
        if made.state != "open":
            return self._ended(made)
        if made is not earlier:
            self._say(made, is_new=earlier is None)
        self._remember(kind=PublicationKind.PULL_REQUEST, pull_request=made)
        return self.so_far

    def _adds_nothing(self) -> bool:
        """Whether a follow-up found nothing to do: what was said of the change before holds."""
        follows = self._job.lineage.relation is LineageRelation.FOLLOW_UP
        return follows and self._job.were_changes_necessary is False

    def _updated(self, earlier: PullRequest) -> PullRequest:
        return self._host.update_pull_request(self._job.repository, earlier.number, self._text())

    def _open(self) -> PullRequest:
        job, draft = self._job, self._proposal.request.options.publish is PublishMode.DRAFT
        return self._host.open_pull_request(
            job.repository, self._branch, job.base_branch, self._text(), draft
        )

    def _was_noted(self, found: PullRequest) -> bool:
        noted = (job.publication.pull_request for job in self._lineage())
        return any(known is not None and known.number == found.number for known in noted)

    def _text(self) -> PullRequestText:
        proposal, clean = self._proposal, self._publisher.net.clean
        request = proposal.request.with_(
            title=clean(proposal.request.title), prompt_text=clean(proposal.request.prompt_text)
        )
        return pull_request_text(self._job, request, proposal.ended_because, proposal.overridden_by)

    def _say(self, made: PullRequest, *, is_new: bool) -> None:
        verb = "Opened" if is_new else "Updated"
        kind = "draft pull request" if made.draft else "pull request"
        self._tell(EventKind.PULL_REQUEST, f"{verb} {kind} #{made.number}: {made.url}")
        if made.left_out:
            text = f"The code host did not take: {', '.join(made.left_out)}."
            self._tell(EventKind.PULL_REQUEST, text, EventLevel.WARNING)

    # throughout

    def _remember(self, **changes: object) -> None:
        self._with(**changes)
        self._note(self.so_far)

    def _with(self, **changes: object) -> Publication:
        if "kind" in changes:  # until then the reasons to withhold it hold
            changes["reasons"] = ()
        self.so_far = self.so_far.with_(**changes)
        return self.so_far

    def _bounds(self) -> Bounds:
        return Bounds(NETWORK_SECONDS, self._abort)

    def _wait(self, seconds: float, why: str) -> None:
        """Wait where the code host asks for it, so that people see why nothing happens."""
        self._tell(EventKind.THROTTLED, why, EventLevel.WARNING)
        self._publisher.clock.sleep(seconds, self._abort)
        if self._abort.is_set():
            raise CalledOff("The publication was called off.")


def _cleaned(job: Job, net: Net) -> Job:
    """The job without secrets in what it says of itself, before any of it is marked up."""
    return job.with_(
        request_title=net.clean(job.request_title),
        title=net.clean(job.title),
        summary=net.clean(job.summary),
        verification=net.clean(job.verification),
        claim_mismatch=net.clean(job.claim_mismatch),
        lineage=job.lineage.with_(instructions=net.clean(job.lineage.instructions)),
    )
