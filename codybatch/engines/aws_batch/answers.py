"""What AWS Batch says of a job, read from its answers with whatever they leave out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from codybatch.ports import EngineState

ENDED = frozenset({"SUCCEEDED", "FAILED"})
BEGUN = frozenset({"STARTING", "RUNNING"})
ALIVE = ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING")
"""In the order in which a job goes through them."""
_LONGEST_REASON = 300
_NO_ROOM = ("CAPACITY:", "MISCONFIGURATION:")
"""What the reasons of a job that is stuck in RUNNABLE name (user guide of AWS Batch, "Job
queue blocked events"); a queue's time limit names one where it cancels such a job."""
_SHORTEST_LIMIT_MS = 600_000
"""Of a state (API reference, JobStateTimeLimitAction)."""


@dataclass(frozen=True)
class BatchJob:
    """A job of AWS Batch: a single one, an array, or an array's child."""

    id: str
    """Of a child with its index: ``id:7``."""
    name: str
    status: str
    reason: str = ""
    """Why it has this status, in Batch's words."""
    log_stream: str = ""
    """Of its last container that had one."""
    size: int | None = None
    """Of an array."""
    ended_children: int = 0
    """Of an array, where it was described."""
    found_no_room: bool = False
    """Whether it ended while it waited for a host, by the time limit of RUNNABLE as far as can be
    told."""

    @property
    def has_ended(self) -> bool:
        """Whether it stays as it is."""
        return self.status in ENDED

    @property
    def has_begun(self) -> bool:
        """Whether a host works on it: it is terminated, while others are cancelled."""
        return self.status in BEGUN

    @property
    def state(self) -> EngineState:
        """The same in the words of the port."""
        if self.has_ended:
            return EngineState.ENDED
        return EngineState.RUNNING if self.status == "RUNNING" else EngineState.PENDING

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """Read an element of DescribeJobs or ListJobs."""
        array = told.get("arrayProperties") or {}
        counts = array.get("statusSummary") or {}
        return cls(
            id=told["jobId"],
            name=told["jobName"],
            status=told.get("status", ""),
            reason=_reason(told),
            log_stream=_log_stream(told),
            size=array.get("size"),
            ended_children=sum(counts.get(status, 0) for status in ENDED),
            found_no_room=_found_no_room(told),
        )


def _found_no_room(told: Mapping[str, Any]) -> bool:
    if told.get("status") != "FAILED":
        return False
    if any(word in told.get("statusReason", "") for word in _NO_ROOM):
        return True
    ended = told.get("stoppedAt", 0)
    never_began = not (told.get("attempts") or told.get("startedAt"))
    return never_began and ended - told.get("createdAt", ended) >= _SHORTEST_LIMIT_MS


def _reason(told: Mapping[str, Any]) -> str:
    """The job's reason and its container's; of a container that could not begin, only the second
    says what was wrong.
    """
    reasons = [told.get("statusReason")]
    reasons += [container.get("reason") for container in _containers(told)]
    given = dict.fromkeys(" ".join(reason.split()) for reason in reasons if reason)
    return "; ".join(given)[:_LONGEST_REASON].rstrip(" .")


def _log_stream(told: Mapping[str, Any]) -> str:
    streams = [container.get("logStreamName") for container in _containers(told)]
    return next((stream for stream in reversed(streams) if stream), "")


def _containers(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The containers of the attempts, oldest first, then the job's own; a job with ECS properties
    tells of each task's.
    """
    found: list[Mapping[str, Any]] = []
    for part in (*(told.get("attempts") or ())[-1:], told, told.get("ecsProperties") or {}):
        for task in part.get("taskProperties") or ():
            found += task.get("containers") or ()
        if part.get("container"):
            found.append(part["container"])
    return found
