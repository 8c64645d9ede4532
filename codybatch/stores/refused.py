"""What a store refuses, in words: the same for every store."""

from __future__ import annotations

from codybatch.domain.errors import (
    NotFound,
    StaleWrite,
    UnknownExperiment,
    UnknownPrompt,
    UnknownSchedule,
)
from codybatch.domain.identifiers import ExperimentId, JobId, RequestId, ScheduleId, SubmissionId
from codybatch.domain.threads import Step


def no_job(job: JobId) -> NotFound:
    """There is no such job."""
    return NotFound(f"There is no job {job}. `codybatch jobs list` shows them.")


def no_request(request: RequestId) -> NotFound:
    """There is no such request."""
    return NotFound(f"There is no request {request}. `codybatch requests list` shows them.")


def no_submission(submission: SubmissionId) -> NotFound:
    """There is no such submission."""
    return NotFound(f"There is no submission {submission}.")


def no_prompt(name: str, version: int | None = None) -> UnknownPrompt:
    """There is no such prompt, or it has no such version."""
    what = f"{name!r}" if version is None else f"{name!r} with the version {version}"
    return UnknownPrompt(f"There is no prompt {what}. `codybatch prompts list` shows them.")


def no_schedule(schedule: ScheduleId) -> UnknownSchedule:
    """There is no such schedule."""
    return UnknownSchedule(
        f"There is no schedule {schedule!r}. `codybatch schedules list` shows them."
    )


def no_experiment(experiment: ExperimentId) -> UnknownExperiment:
    """There is no such experiment."""
    return UnknownExperiment(
        f"There is no experiment {experiment!r}. `codybatch experiments list` shows them."
    )


def stale_experiment(name: str) -> StaleWrite:
    """An experiment was changed or removed since its writer read it."""
    return StaleWrite(
        f"The experiment {name!r} was changed or removed since it was read. Read it again first."
    )


def stale_request(request: RequestId) -> StaleWrite:
    """A request was changed since its writer read it."""
    return StaleWrite(f"The request {request} was changed since it was read. Read it again first.")


def stale_job(job: JobId) -> StaleWrite:
    """A job's publication cannot be replaced by who did not read the latest."""
    return StaleWrite(
        f"The job {job} was changed since it was read, or has not ended yet. Read it again first."
    )


def step_exists(step: Step) -> StaleWrite:
    """A thread already has the step that somebody wants to add."""
    return StaleWrite(
        f"The job {step.job} already has a step {step.sequence} of its conversation "
        f"{step.conversation}; its thread is only ever added to."
    )
