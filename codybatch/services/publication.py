"""Publication: from a checked patch to the one branch and the one pull request of its lineage.

Every act is noted, durably, before and after it is done: whatever dies in between, the next attempt
knows which heads of the branch are ours, pushes over no other, and finds the pull request it made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from codybatch.domain.errors import (
    BaseConflict,
    BranchNotOurs,
    NotPermitted,
    PullRequestRefused,
    PushRefused,
)
from codybatch.domain.events import EventKind, EventLevel
from codybatch.domain.identifiers import Person
from codybatch.domain.jobs import Job
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
from codybatch.ports import Clock, CodeHost, CodeHostFactory, Records
from codybatch.services.pull_request_text import pull_request_text, title_line
from codybatch.workspace.checkout import Workspace
from codybatch.workspace.patch import MadePatch
from codybatch.workspace.push import Author, commit_patch, push, rebase
from codybatch.workspace.redaction import Net

AUTHOR_NAME = "Cody Batch"
AUTHOR_EMAIL = "cody-batch@users.noreply.github.com"


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
        self, proposal: Proposal, note: Callable[[Publication], None], tell: Tell
    ) -> Publication:
        """Publish as far as the request asks for and the rules allow.

        Args:
            proposal: what to publish.
            note: stores the publication so far, durably and fenced, before it returns.
            tell: adds an event.

        Raises:
            CodeHostThrottled, CodeHostCredentialRefused: the job must wait.
            RepositoryUnavailable: it is unknown how far it came; publish again.
        """
        course = _Course(self, proposal, note, tell)
        try:
            return course.run()
        except (Withheld, BaseConflict, BranchNotOurs, *_REFUSALS) as error:
            return self._withheld(course.so_far, _why(error), tell)

    def _withheld(self, before: Publication, withheld: Withheld, tell: Tell) -> Publication:
        detail = self.net.clean(withheld.detail)
        sentence = WITHHELD_SENTENCES[withheld.reason]
        tell(EventKind.WITHHELD, f"{sentence} {detail}".strip(), EventLevel.WARNING)
        return before.with_(
            kind=PublicationKind.WITHHELD, reasons=(withheld.reason,), detail=detail
        )


_REFUSALS = (PushRefused, PullRequestRefused, NotPermitted)


def _why(error: Exception) -> Withheld:
    if isinstance(error, Withheld):
        return error
    if isinstance(error, BaseConflict):
        return Withheld(WithheldReason.BASE_CONFLICT)
    if isinstance(error, BranchNotOurs):
        return Withheld(WithheldReason.BRANCH_NOT_OURS, str(error))
    return Withheld(WithheldReason.CODE_HOST_REFUSED, str(error))


class _Course:
    """One publication on its way."""

    def __init__(
        self,
        publisher: Publisher,
        proposal: Proposal,
        note: Callable[[Publication], None],
        tell: Tell,
    ) -> None:
        self._publisher = publisher
        self._proposal = proposal
        self._note = note
        self._tell = tell
        self._host: CodeHost = publisher.code_host()
        job = proposal.job
        self._branch = branch_of_lineage(
            job.lineage.root, job.repository_id, job.lineage.root_title
        )
        self.so_far = job.publication.with_(
            branch=self._branch, overridden_by=proposal.overridden_by, reasons=(), detail=""
        )

    def run(self) -> Publication:
        self._check()
        self._respect_closed()
        commit = self._commit()
        if commit is None:
            return Publication(detail="The base branch has this change already.")
        self._push(commit)
        if self._proposal.request.options.publish is PublishMode.BRANCH:
            return self.so_far
        return self._open()

    def _check(self) -> None:
        proposal, job = self._proposal, self._proposal.job
        if not self._host.may_push(job.repository):
            raise Withheld(WithheldReason.NOT_OWNED)
        if proposal.overridden_by is not None:
            return
        if job.gate:
            rules = ", ".join(dict.fromkeys(finding.rule.value for finding in job.gate))
            raise Withheld(WithheldReason.GATE, f"It names: {rules}.")
        if ENDINGS[proposal.ended_because].state is not JobState.SUCCEEDED:
            raise Withheld(WithheldReason.NOT_FINISHED)

    def _respect_closed(self) -> None:
        """A pull request that a person closed or merged is final: nothing more is pushed to it."""
        found = self._host.pull_request_of(self._proposal.job.repository, self._branch)
        if found is not None and found.state != "open":
            self.so_far = self.so_far.with_(pull_request=found)
            raise Withheld(WithheldReason.PULL_REQUEST_CLOSED, f"It is {found.state}: {found.url}")

    def _commit(self) -> str | None:
        """The commit to push, on the base branch's head of now; None where nothing is left."""
        proposal, job = self._proposal, self._proposal.job
        workspace, tree, parent = proposal.workspace, proposal.made.tree, job.commit
        head = self._host.branch_head(job.repository, job.base_branch)
        if head is not None and head != job.commit:
            access = self._host.git_access(job.repository)
            tree, parent = rebase(workspace, proposal.made.content, head, access), head
            if tree == workspace.tree_of(head):
                return None
        author = Author(AUTHOR_NAME, AUTHOR_EMAIL, job.created_at)
        return commit_patch(workspace, tree, parent, self._message(), author)

    def _message(self) -> str:
        job = self._proposal.job
        summary = "\n".join(
            title_line(line) if line.strip() else "" for line in job.summary.split("\n")
        )
        subject = title_line(job.title or job.request_title)
        return f"{subject}\n\n{summary[:2000].strip()}\n\nCody-Batch-Job: {job.id}\n"

    def _push(self, commit: str) -> None:
        job = self._proposal.job
        head = self._host.branch_head(job.repository, self._branch)
        if head is not None and head not in self._ours():
            raise BranchNotOurs(
                f"The branch {self._branch} points at {head[:12]}, which is not ours."
            )
        # The head we found is kept beside the intent: should we die now, both are known to be ours.
        self._remember(intended_commit=commit, pushed_commit=head)
        if head != commit:
            access = self._host.git_access(job.repository, write=True)
            push(self._proposal.workspace, access, commit, self._branch, head)
            self._tell(EventKind.PUSHED, f"Pushed {commit[:12]} to {self._branch}.")
        self._remember(kind=PublicationKind.BRANCH_PUSHED, pushed_commit=commit)

    def _ours(self) -> set[str]:
        """Every commit that a job of the lineage pushed to the branch, or was about to push."""
        root = self._proposal.job.lineage.root
        known = [job.publication for job in self._publisher.records.lineage(root)]
        known += [self._proposal.job.publication]
        return {
            commit
            for publication in known
            for commit in (publication.intended_commit, publication.pushed_commit)
            if commit
        }

    def _open(self) -> Publication:
        proposal, job = self._proposal, self._proposal.job
        draft = proposal.request.options.publish is PublishMode.DRAFT
        text = pull_request_text(job, proposal.request)
        earlier = self._host.pull_request_of(job.repository, self._branch)
        if earlier is not None and earlier.state == "open":
            made = self._host.update_pull_request(job.repository, earlier.number, text)
        else:
            base = job.base_branch
            made = self._host.open_pull_request(job.repository, self._branch, base, text, draft)
        self._say(made, is_new=earlier is None)
        self._remember(kind=PublicationKind.PULL_REQUEST, pull_request=made)
        return self.so_far

    def _say(self, made: PullRequest, *, is_new: bool) -> None:
        verb = "Opened" if is_new else "Updated"
        kind = "draft pull request" if made.draft else "pull request"
        self._tell(EventKind.PULL_REQUEST, f"{verb} {kind} #{made.number}: {made.url}")

    def _remember(self, **changes: object) -> None:
        self.so_far = self.so_far.with_(**changes)
        self._note(self.so_far)
