"""What became of a patch: withheld, a branch, a pull request; and what the gate found."""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum

from codybatch.domain.identifiers import JobId, Person
from codybatch.domain.records import Moment, Record


class PublishMode(StrEnum):
    """How far publication goes for owned repositories."""

    NONE = "none"
    BRANCH = "branch"
    DRAFT = "draft"
    READY = "ready"


class GateRule(StrEnum):
    """What the gate looks for in a patch."""

    SECRET = "secret"  # noqa: S105 - the name of a rule, not a password
    SYMLINK = "symlink"
    MODE = "mode"
    BINARY = "binary"
    SUBMODULE = "submodule"
    SIZE = "size"
    SENSITIVE_PATH = "sensitive_path"
    INVISIBLE_CHARACTER = "invisible_character"
    IGNORED_FILE = "ignored_file"


class GateFinding(Record):
    """One thing the gate found; any of them withholds publication."""

    rule: GateRule
    path: str
    line: int | None = None
    """In the file after the change, from 1."""
    message: str


class PublicationKind(StrEnum):
    """How far publication came."""

    NONE = "none"
    WITHHELD = "withheld"
    BRANCH_PUSHED = "branch_pushed"
    PULL_REQUEST = "pull_request"


class WithheldReason(StrEnum):
    """Why a patch that exists was not published."""

    GATE = "gate"
    NOT_OWNED = "not_owned"
    PATCH_DOES_NOT_APPLY = "patch_does_not_apply"
    BRANCH_NOT_OURS = "branch_not_ours"
    BASE_CONFLICT = "base_conflict"
    PULL_REQUEST_CLOSED = "pull_request_closed"
    CODE_HOST_REFUSED = "code_host_refused"
    NOT_FINISHED = "not_finished"
    GIT_FAILED = "git_failed"


WITHHELD_SENTENCES: dict[WithheldReason, str] = {
    WithheldReason.GATE: "The gate found something that a person should look at first.",
    WithheldReason.NOT_OWNED: (
        "The service account may not push there; the patch is here to download."
    ),
    WithheldReason.PATCH_DOES_NOT_APPLY: "The patch does not apply to a fresh checkout.",
    WithheldReason.BRANCH_NOT_OURS: "Somebody else changed the branch; it is never overwritten.",
    WithheldReason.BASE_CONFLICT: "The base branch moved on and the patch conflicts with it.",
    WithheldReason.PULL_REQUEST_CLOSED: "The pull request was closed by a person; closed is final.",
    WithheldReason.CODE_HOST_REFUSED: "The code host refused the push or the pull request.",
    WithheldReason.NOT_FINISHED: "The job did not finish, so its change may be incomplete.",
    WithheldReason.GIT_FAILED: "git could not make the commit or send it.",
}


class PullRequest(Record):
    """A pull request as the code host last showed it."""

    number: int
    url: str
    node_id: str
    state: str
    """``open``, ``closed`` or ``merged``."""
    draft: bool = True
    head_commit: str | None = None
    checks: str | None = None
    """``success``, ``failure``, ``pending``, or None where there are none."""
    mergeable: bool | None = None
    left_out: tuple[str, ...] = ()
    """What the code host did not take when it was opened, such as ``reviewer nobody``."""
    refreshed_at: Moment

    def is_like(self, other: PullRequest) -> bool:
        """Whether nothing of it differs, whenever it was looked at."""
        return self.with_(refreshed_at=other.refreshed_at) == other


class PublicationHold(Record):
    """Who publishes an ended job's patch right now, so that nobody else begins; it ends by itself.

    It keeps two people out of each other's way. That there is never a second branch or pull request
    does not rest on it, but on exact leases of pushes and on looking before anything is opened.
    """

    by: Person
    token: str
    """Of one call: the same person may call twice."""
    until: Moment


class Publication(Record):
    """What became of a job's patch."""

    kind: PublicationKind = PublicationKind.NONE
    reasons: tuple[WithheldReason, ...] = ()
    detail: str = ""
    """One sentence more, where there is one (what the code host said)."""
    branch: str | None = None
    intended_commit: str | None = None
    """What is about to be pushed, noted before the push, so that after a crash the branch's head is
    known to be ours."""
    pushed_commit: str | None = None
    """The commit we pushed last: the exact lease of the next push."""
    earlier_commits: tuple[str, ...] = ()
    """What was about to be pushed before ``intended_commit``, newest first: whoever was taken for
    dead may push it yet, and it is ours all the same."""
    pull_request: PullRequest | None = None
    overridden_by: Person | None = None
    hold: PublicationHold | None = None

    @property
    def our_commits(self) -> frozenset[str]:
        """What was pushed to the branch, or was about to be: where its head is ours."""
        noted = (self.intended_commit, self.pushed_commit, *self.earlier_commits)
        return frozenset(commit for commit in noted if commit)

    @property
    def url(self) -> str | None:
        """Where to look at it."""
        return self.pull_request.url if self.pull_request else None


def branch_of_lineage(root_job: JobId, repository_id: str, title: str) -> str:
    """The one branch of a lineage: ``cody-batch-<slug>-<8 hex digits>``.

    The digits are of the root job and the repository, so a retry or follow-up gets the same branch
    and two lineages never share one. A dash, no slash, follows the prefix: a branch named like the
    prefix would make every ``prefix/…`` impossible. ``title`` must be the request's, which never
    changes within a lineage.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40].strip("-") or "change"
    digest = hashlib.sha256(f"{root_job}\n{repository_id}".encode()).hexdigest()[:8]
    return f"cody-batch-{slug}-{digest}"
