"""What a person can do with a job now, and what each act means before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from codybatch.domain.jobs import Job
from codybatch.domain.prompts import Kind
from codybatch.domain.publication import GateRule, PublicationKind, PublishMode
from codybatch.domain.states import JobState, WaitingReason
from codybatch.services.publishing import is_unfinished
from codybatch.services.wording import money


class Act(StrEnum):
    """An act on one job."""

    PUBLISH = "publish"
    FOLLOW_UP = "follow_up"
    RETRY = "retry"
    RELEASE = "release"
    RAISE_BUDGET = "raise_budget"
    CANCEL = "cancel"


LABELS: dict[Act, tuple[str, str]] = {
    Act.PUBLISH: ("Publish", ":material/publish:"),
    Act.FOLLOW_UP: ("Follow up", ":material/add_comment:"),
    Act.RETRY: ("Retry", ":material/replay:"),
    Act.RELEASE: ("Release", ":material/play_arrow:"),
    Act.RAISE_BUDGET: ("Raise budget", ":material/savings:"),
    Act.CANCEL: ("Cancel", ":material/stop_circle:"),
}
"""What each act's button says, and its icon."""


@dataclass(frozen=True)
class Acts:
    """What can be done: at most one thing first, and the rest."""

    primary: Act | None = None
    others: tuple[Act, ...] = ()


def acts_of(job: Job, lineage: Sequence[Job]) -> Acts:
    """What can be done with a job.

    Args:
        job: which one.
        lineage: all jobs of it: while one of them works, nothing goes on from another.
    """
    if not job.state.is_terminal:
        return _while_it_lives(job)
    if any(not one.state.is_terminal for one in lineage):
        return Acts()
    publish = (Act.PUBLISH,) if is_publishable(job) else ()
    if job.state is not JobState.SUCCEEDED:
        again, further = Act.RETRY, (Act.FOLLOW_UP, *publish)
        return Acts(None, (again, *further)) if has_pull_request(job) else Acts(again, further)
    # Where there is a pull request, looking at it comes first, and is a link.
    return Acts(publish[0] if publish else None, (Act.FOLLOW_UP, Act.RETRY))


def _while_it_lives(job: Job) -> Acts:
    if job.cancel_requested:
        return Acts()
    reason = job.waiting.reason if job.waiting else None
    if reason is WaitingReason.HELD:
        return Acts(Act.RELEASE, (Act.CANCEL,))
    if reason is WaitingReason.REQUEST_BUDGET:
        return Acts(Act.RAISE_BUDGET, (Act.CANCEL,))
    return Acts(None, (Act.CANCEL,))


def has_pull_request(job: Job) -> bool:
    """Whether its change is a pull request."""
    return job.publication.kind is PublicationKind.PULL_REQUEST


def is_publishable(job: Job) -> bool:
    """Whether there is a patch that could go out and has not."""
    if job.kind is not Kind.CHANGE or job.patch is None or not job.patch.applies:
        return False
    return job.owned and not has_pull_request(job)


# what people are told before they do it


@dataclass(frozen=True)
class Warned:
    """What an act does, before it is done."""

    question: str
    lines: tuple[str, ...]


def before_cancel(job: Job) -> Warned:
    """What cancelling a job stops, what stays, and what was spent."""
    running = job.state is JobState.RUNNING
    stops = f"Claude stops within seconds, in turn {job.progress.turn}." if running else ""
    stays = "What it changed so far is kept and shown; nothing of it is published."
    cost = max(job.cost_usd, job.progress.cost_usd)
    spent = f"Spent so far: {money(cost)}." if cost else "Nothing was spent."
    lines = (
        stops or "The job does not begin.",
        stays if running or cost else "",
        f"{spent} A reply that is under way is paid for." if running else spent,
    )
    return Warned(
        f"Cancel the job on {job.repository.full_name}?", tuple(line for line in lines if line)
    )


def before_retry(job: Job) -> Warned:
    """What a retry does."""
    return Warned(
        f"Run the job on {job.repository.full_name} again?",
        (
            "It begins anew, as a job of a new request, with the same prompt and options.",
            "This job and its result stay as they are.",
            "Where it is published, it takes the place of this change in its pull request.",
            _may_cost(job),
        ),
    )


def before_follow_up(job: Job) -> Warned:
    """What a follow-up does."""
    return Warned(
        f"Follow up on {job.repository.full_name}",
        (
            "Claude begins with this job's change, and is told what was asked and how it ended.",
            "What it does goes to the same branch and pull request.",
            _may_cost(job),
        ),
    )


def before_release(job: Job, held: int) -> Warned:
    """What releasing a rehearsal does."""
    what, they = ("the held job", "It") if held == 1 else (f"all {held} held jobs", "Each")
    told = f"{they} runs with the same prompt and options as the first one, and may cost as much."
    return Warned(f"Release {what} of “{job.request_title}”?", (told,))


def _may_cost(job: Job) -> str:
    return f"This job cost {money(job.cost_usd)}; the same caps hold for the new one."


MODES: dict[PublishMode, str] = {
    PublishMode.DRAFT: "Draft pull request",
    PublishMode.READY: "Pull request",
    PublishMode.BRANCH: "Branch only",
}
"""How far one can publish."""

CONSEQUENCES: dict[GateRule, str] = {
    GateRule.SECRET: "Everybody who can read the repository can read it, for good: a secret that "
    "was pushed must be replaced.",
    GateRule.SYMLINK: "Programs that follow it may read or write what it leads to.",
    GateRule.MODE: "The file can be run as a program by whoever checks it out.",
    GateRule.BINARY: "A review cannot show what is in it.",
    GateRule.SUBMODULE: "Whoever checks it out fetches code of another repository.",
    GateRule.SIZE: "So large a change is hard to review, and stays in the history for good.",
    GateRule.SENSITIVE_PATH: "Such files decide what runs with the repository's rights, or who "
    "must approve a change.",
    GateRule.INVISIBLE_CHARACTER: "The code may do something else than what a reviewer reads.",
    GateRule.IGNORED_FILE: "The repository asks to keep such files out of it.",
}
"""What publishing means where the gate found something."""


@dataclass(frozen=True)
class BeforePublishing:
    """What a person looks at before a patch goes out."""

    question: str
    found: tuple[str, ...]
    """What the gate found, a line each; as the record has it, so still to be shown with care."""
    consequences: tuple[str, ...]
    needs_override: bool


def before_publishing(job: Job, shown_finding: Sequence[str]) -> BeforePublishing:
    """What publishing a job's patch means.

    Args:
        job: an ended one with a patch.
        shown_finding: what the gate found, a line each.
    """
    rules = dict.fromkeys(finding.rule for finding in job.gate)
    consequences = [CONSEQUENCES[rule] for rule in rules]
    unfinished = is_unfinished(job)
    if unfinished:
        consequences.append("The job did not finish, so the change may be incomplete.")
    return BeforePublishing(
        question=f"Publish to {job.repository.full_name}?",
        found=tuple(shown_finding),
        consequences=tuple(consequences),
        needs_override=bool(job.gate) or unfinished,
    )
