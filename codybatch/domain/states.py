"""The states of a job, its phases, why it waits and why it ended.

The machine is ``queued → running → {succeeded | partial | failed | cancelled}``, with ``waiting``
to and from ``queued`` and ``running``. A terminal job never changes state again. A waiting job
holds no process, no lease and no running clock.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from codybatch.domain.errors import IllegalTransition


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_terminal(self) -> bool:
        """Whether the job has ended."""
        return self in TERMINAL


TERMINAL = frozenset({JobState.SUCCEEDED, JobState.PARTIAL, JobState.FAILED, JobState.CANCELLED})

TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.WAITING, JobState.CANCELLED}),
    JobState.RUNNING: frozenset({JobState.QUEUED, JobState.WAITING}) | TERMINAL,
    JobState.WAITING: frozenset({JobState.QUEUED, JobState.RUNNING, JobState.CANCELLED}),
    **dict.fromkeys(TERMINAL, frozenset()),
}


def check_transition(before: JobState, after: JobState) -> None:
    """Refuse a step the state machine does not have.

    Raises:
        IllegalTransition: there is no such step.
    """
    if after not in TRANSITIONS[before]:
        raise IllegalTransition(f"A job cannot go from {before} to {after}.")


class Phase(StrEnum):
    """What a running job does now."""

    STARTING = "starting"
    CLONING = "cloning"
    PROFILING = "profiling"
    CONVERSING = "conversing"
    CHECKING = "checking"
    PUBLISHING = "publishing"


class WaitingReason(StrEnum):
    """Why a job waits."""

    HELD = "held"
    REQUEST_BUDGET = "request_budget"
    DAILY_BUDGET = "daily_budget"
    THROTTLED = "throttled"
    CREDENTIAL = "credential"


class WaitingText(NamedTuple):
    """A waiting reason in words."""

    sentence: str
    next_step: str


WAITING_TEXTS: dict[WaitingReason, WaitingText] = {
    WaitingReason.HELD: WaitingText(
        "Held until the first job of its rehearsal has been looked at.",
        "Like what the first job did? `codybatch requests release`; else cancel it.",
    ),
    WaitingReason.REQUEST_BUDGET: WaitingText(
        "The request has reached its cost cap.", "Raise it: `codybatch requests raise`; or cancel."
    ),
    WaitingReason.DAILY_BUDGET: WaitingText(
        "Today's cost cap is reached (the day is UTC's).",
        "Raise CODYBATCH_DAILY_COST_CAP_USD, or wait until tomorrow: the job goes on by itself.",
    ),
    WaitingReason.THROTTLED: WaitingText(
        "Pauses before it tries again.", "Nothing to do: the job goes on by itself."
    ),
    WaitingReason.CREDENTIAL: WaitingText(
        "A service refused the credential or its quota, so every job that uses it waits.",
        "Mend the key or its quota (`codybatch doctor` checks it); "
        "the jobs then go on by themselves.",
    ),
}


class EndedBecause(StrEnum):
    """Why a job ended: a closed list."""

    FINISHED = "finished"
    FINISHED_IMPLICITLY = "finished_implicitly"
    TURN_LIMIT = "turn_limit"
    JOB_COST_LIMIT = "job_cost_limit"
    TIME_LIMIT = "time_limit"
    CONTEXT_LIMIT = "context_limit"
    STUCK = "stuck"
    REFUSED = "refused"
    REPOSITORY_UNAVAILABLE = "repository_unavailable"
    REPOSITORY_TOO_LARGE = "repository_too_large"
    REPOSITORY_UNSUPPORTED = "repository_unsupported"
    NOT_PERMITTED = "not_permitted"
    PATCH_DOES_NOT_APPLY = "patch_does_not_apply"
    ANSWER_INVALID = "answer_invalid"
    MODEL_REJECTED_REQUEST = "model_rejected_request"
    INTERNAL_ERROR = "internal_error"
    CANCELLED = "cancelled"


class Ending(NamedTuple):
    """What an ending means: the state it leads to, a sentence for people, and a next step."""

    state: JobState
    sentence: str
    next_step: str


_GO_FURTHER = (
    "Look at what it did. `codybatch jobs follow-up` goes on from there; `codybatch jobs retry` "
    "begins again, with a higher limit where you give one."
)

ENDINGS: dict[EndedBecause, Ending] = {
    EndedBecause.FINISHED: Ending(
        JobState.SUCCEEDED, "Claude finished the task.", "Review the result."
    ),
    EndedBecause.FINISHED_IMPLICITLY: Ending(
        JobState.SUCCEEDED,
        "Claude stopped without saying that it had finished.",
        "Review the result with care: the summary is its last message.",
    ),
    EndedBecause.TURN_LIMIT: Ending(
        JobState.PARTIAL, "The limit of turns was reached.", _GO_FURTHER
    ),
    EndedBecause.JOB_COST_LIMIT: Ending(
        JobState.PARTIAL, "The job's cost cap was reached.", _GO_FURTHER
    ),
    EndedBecause.TIME_LIMIT: Ending(JobState.PARTIAL, "The time limit was reached.", _GO_FURTHER),
    EndedBecause.CONTEXT_LIMIT: Ending(
        JobState.PARTIAL,
        "The conversation outgrew the model's context, also after starting afresh.",
        "Split the task into smaller prompts.",
    ),
    EndedBecause.STUCK: Ending(
        JobState.PARTIAL,
        "Claude repeated itself without getting further.",
        "Make the prompt more specific, then submit it again.",
    ),
    EndedBecause.REFUSED: Ending(
        JobState.FAILED,
        "The model refused the task.",
        "Reword the prompt, or choose another model.",
    ),
    EndedBecause.REPOSITORY_UNAVAILABLE: Ending(
        JobState.FAILED,
        "The repository could not be cloned.",
        "Check that it still exists and can be reached, then `codybatch jobs retry`.",
    ),
    EndedBecause.REPOSITORY_TOO_LARGE: Ending(
        JobState.FAILED,
        "The repository is larger than the limits allow.",
        "Raise the limits, or leave it out.",
    ),
    EndedBecause.REPOSITORY_UNSUPPORTED: Ending(
        JobState.FAILED,
        "The repository holds something that a work tree cannot hold safely.",
        "Leave it out, or mend what the message names.",
    ),
    EndedBecause.NOT_PERMITTED: Ending(
        JobState.FAILED,
        "The allow-list or a permission forbids this.",
        "Ask for the permission, then `codybatch jobs retry`.",
    ),
    EndedBecause.PATCH_DOES_NOT_APPLY: Ending(
        JobState.FAILED,
        "The patch does not apply to a fresh checkout.",
        "The message says why; begin again with `codybatch jobs retry`.",
    ),
    EndedBecause.ANSWER_INVALID: Ending(
        JobState.FAILED,
        "The answer does not fit the prompt's JSON Schema.",
        "Loosen the schema or reword the prompt.",
    ),
    EndedBecause.MODEL_REJECTED_REQUEST: Ending(
        JobState.FAILED,
        "The model's service rejected the request.",
        "The message says why; mend it, then `codybatch jobs retry`.",
    ),
    EndedBecause.INTERNAL_ERROR: Ending(
        JobState.FAILED,
        "Something went wrong inside Cody Batch.",
        "Try `codybatch jobs retry`; if that fails too, report it with the job's log in "
        "CODYBATCH_HOME/logs.",
    ),
    EndedBecause.CANCELLED: Ending(
        JobState.CANCELLED,
        "Cancelled by a person.",
        "Was that a mistake? Use `codybatch jobs retry`.",
    ),
}
