"""What AWS Batch is told about every job: its command, its timeout, and when to try again.

Sources: the API references of SubmitJob and EvaluateOnExit. Of the rules the first that fits
decides, and where none fits Batch tries again; so the last one fits always.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codybatch.domain.submissions import Submission

if TYPE_CHECKING:
    from types_boto3_batch.type_defs import (
        EvaluateOnExitTypeDef,
        SubmitJobRequestTypeDef,
        TaskContainerOverridesTypeDef,
    )

CONTAINER = "worker"
"""The container's name in the job definition."""
ATTEMPTS = 5
"""Of one job of Batch; the sweep hands a job over again where these were not enough."""
LARGEST_ARRAY = 10_000
SMALLEST_ARRAY = 2
SHORTEST_TIMEOUT_SECONDS = 60
TIMEOUT_MARGIN_SECONDS = 15 * 60
"""For cloning, checking and publishing, which a job's own limit counts too, and for a worker that
is late: the timeout only ends what does not end by itself."""
SECONDS_PER_MINUTE = 60

RETRY_RULES: tuple[EvaluateOnExitTypeDef, ...] = (
    # A Spot host that AWS took back: of EC2, and of Fargate, which no source says the field of.
    {"onStatusReason": "Host EC2*", "action": "RETRY"},
    {"onStatusReason": "Your Spot*", "action": "RETRY"},
    {"onReason": "Your Spot*", "action": "RETRY"},
    # Our own statuses that ask for another attempt all begin with a 1, and so do 137 (out of
    # memory, killed) and the other signals; 2 and 3 do not (`worker/departure.py`).
    {"onExitCode": "1*", "action": "RETRY"},
    {"onReason": "*", "action": "EXIT"},
)


@dataclass(frozen=True)
class BatchPlace:
    """Where jobs are submitted."""

    queue: str
    """Name or ARN."""
    definition: str
    """Name, ``name:revision`` or ARN of the job definition."""
    log_group: str = "/aws/batch/job"
    """Of CloudWatch, where the job definition sends the logs."""
    region: str | None = None
    """None is that of AWS_REGION and its kin."""


def timeout_seconds(max_minutes: int) -> int:
    """How long an attempt at a job may take that may work so many minutes."""
    wanted = max_minutes * SECONDS_PER_MINUTE + TIMEOUT_MARGIN_SECONDS
    return max(SHORTEST_TIMEOUT_SECONDS, wanted)


def order(submission: Submission, place: BatchPlace, timeout: int) -> SubmitJobRequestTypeDef:
    """The call that hands a submission over: ids only, since overrides are limited to 8,192
    characters and can be read by whoever may describe jobs.

    Args:
        submission: at most LARGEST_ARRAY jobs.
        place: where to.
        timeout: of an attempt, in seconds.
    """
    command = ["worker", "run", "--submission", submission.id]
    worker: TaskContainerOverridesTypeDef = {"name": CONTAINER, "command": command}
    wanted: SubmitJobRequestTypeDef = {
        "jobName": submission.name,
        "jobQueue": place.queue,
        "jobDefinition": place.definition,
        "ecsPropertiesOverride": {"taskProperties": [{"containers": [worker]}]},
        "retryStrategy": {"attempts": ATTEMPTS, "evaluateOnExit": list(RETRY_RULES)},
        "timeout": {"attemptDurationSeconds": timeout},
        "tags": _tags(submission),
    }
    if len(submission.jobs) >= SMALLEST_ARRAY:
        wanted["arrayProperties"] = {"size": len(submission.jobs)}
    return wanted


def _tags(submission: Submission) -> dict[str, str]:
    """What bills and the console show a job by; a job's id begins with its request's."""
    requests = {job.rpartition("-")[0] for job in submission.jobs}
    of_request = {"codybatch:request": requests.pop()} if len(requests) == 1 else {}
    return {"codybatch:submission": submission.id, **of_request}
