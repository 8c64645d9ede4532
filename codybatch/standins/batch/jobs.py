"""Jobs, their attempts and their states, and how the API describes them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import uuid4

from codybatch.standins.batch.retries import Rule

ACCOUNT = "123456789012"


class Status(StrEnum):
    """Where a job stands, in AWS's words."""

    SUBMITTED = "SUBMITTED"
    PENDING = "PENDING"
    RUNNABLE = "RUNNABLE"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"

    @property
    def has_ended(self) -> bool:
        """Whether the job stays as it is."""
        return self in {Status.SUCCEEDED, Status.FAILED}

    @property
    def has_begun(self) -> bool:
        """Whether a host works on it: such a job is terminated, never cancelled."""
        return self in {Status.STARTING, Status.RUNNING}


def now_ms() -> int:
    """The time as Batch tells it: integer milliseconds since the epoch."""
    return int(time.time() * 1000)


@dataclass(frozen=True)
class Order:
    """What was asked for; the children of an array share it.

    Arguments:
        name: of the job.
        queue, definition: ARNs.
        command: what the container gets after its entry point.
        environment: variables beside those of the definition.
        overrides_length: of the container overrides, in characters.
        attempts: at most.
        rules: what to do when one fails.
        timeout_seconds: of one attempt; None for no limit.
        tags: of the job.
        container: its name where the definition has ECS properties; empty where it has container
            properties. Batch describes the two differently.
    """

    name: str
    queue: str
    definition: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    overrides_length: int
    attempts: int
    rules: tuple[Rule, ...]
    timeout_seconds: int | None
    tags: Mapping[str, str]
    container: str = ""

    def told_of(self, container: dict[str, Any]) -> dict[str, Any]:
        """A container as a job or an attempt shows it."""
        if not self.container:
            return {"container": container, "taskProperties": []}
        named = {"name": self.container, **container}
        return {"taskProperties": [{"containers": [named]}]}


@dataclass
class Attempt:
    """One container."""

    log_stream: str
    started_at: int = field(default_factory=now_ms)
    stopped_at: int | None = None
    exit_code: int | None = None
    reason: str = ""
    status_reason: str = ""

    def as_json(self, order: Order) -> dict[str, Any]:
        """As DescribeJobs tells it."""
        return {
            **order.told_of(self.container()),
            "startedAt": self.started_at,
            **_given(stoppedAt=self.stopped_at, statusReason=self.status_reason),
        }

    def container(self) -> dict[str, Any]:
        """What is told of the container."""
        told = _given(exitCode=self.exit_code, reason=self.reason)
        return {**told, "logStreamName": self.log_stream, "networkInterfaces": []}


@dataclass(eq=False)
class BatchJob:
    """A single job, an array, or a child of one."""

    id: str
    order: Order
    sequence: int
    """In which order jobs were submitted."""
    created_at: int = field(default_factory=now_ms)
    status: Status = Status.SUBMITTED
    status_reason: str = ""
    attempts: list[Attempt] = field(default_factory=list)
    started_at: int = 0
    stopped_at: int | None = None
    is_cancelled: bool = False
    is_terminated: bool = False
    index: int | None = None
    parent: BatchJob | None = None
    children: list[BatchJob] = field(default_factory=list)
    counts: Counter[Status] = field(default_factory=Counter)
    """Of an array: how many children are in each state."""

    @property
    def is_array(self) -> bool:
        """Whether it has children, and no container of its own."""
        return bool(self.children)

    def move(self, status: Status, reason: str = "") -> None:
        """Put the job into another state."""
        if self.parent is not None:
            self.parent.counts[self.status] -= 1
            self.parent.counts[status] += 1
        self.status = status
        self.status_reason = reason
        if status.has_ended:
            self.stopped_at = now_ms()

    def arn(self, region: str) -> str:
        """Its name in all of AWS."""
        return f"arn:aws:batch:{region}:{ACCOUNT}:job/{self.id}"

    def summary(self, region: str) -> dict[str, Any]:
        """As ListJobs tells it."""
        last = self.attempts[-1] if self.attempts else None
        ended = _given(exitCode=last.exit_code, reason=last.reason) if last else {}
        return {
            "jobArn": self.arn(region),
            "jobId": self.id,
            "jobName": self.order.name,
            "createdAt": self.created_at,
            "status": self.status.value,
            "jobDefinition": self.order.definition,
            **_given(
                statusReason=self.status_reason,
                startedAt=self.started_at or None,
                stoppedAt=self.stopped_at,
                arrayProperties=self._array(with_summary=False),
                container=ended,
            ),
        }

    def detail(self, region: str) -> dict[str, Any]:
        """As DescribeJobs and the events tell it."""
        order = self.order
        return {
            "jobArn": self.arn(region),
            "jobName": order.name,
            "jobId": self.id,
            "jobQueue": order.queue,
            "status": self.status.value,
            "attempts": [one.as_json(order) for one in self.attempts if one.stopped_at],
            "createdAt": self.created_at,
            "startedAt": self.started_at,
            "retryStrategy": {
                "attempts": order.attempts,
                "evaluateOnExit": [rule.as_json() for rule in order.rules],
            },
            "dependsOn": [],
            "jobDefinition": order.definition,
            "parameters": {},
            **self._container(),
            "tags": dict(order.tags),
            "isCancelled": self.is_cancelled,
            "isTerminated": self.is_terminated,
            **_given(
                statusReason=self.status_reason,
                stoppedAt=self.stopped_at,
                arrayProperties=self._array(with_summary=True),
                timeout=order.timeout_seconds and {"attemptDurationSeconds": order.timeout_seconds},
            ),
        }

    def _container(self) -> dict[str, Any]:
        order = self.order
        environment = [{"name": n, "value": v} for n, v in order.environment.items()]
        container: dict[str, Any] = {"command": list(order.command), "environment": environment}
        if self.attempts:
            container |= self.attempts[-1].container()
        if order.container:
            return {"ecsProperties": order.told_of(container)}
        return {"container": container}

    def _array(self, *, with_summary: bool) -> dict[str, Any]:
        if self.index is not None:
            return {"index": self.index}
        if not self.is_array:
            return {}
        told: dict[str, Any] = {"size": len(self.children)}
        if with_summary:
            told["statusSummary"] = {status.value: self.counts[status] for status in Status}
        return told


def new_job(order: Order, sequence: int, size: int | None) -> BatchJob:
    """A job as it is submitted.

    Arguments:
        order: what was asked for.
        sequence: its place.
        size: how many children; None for a single job.
    """
    job = BatchJob(str(uuid4()), order, sequence)
    for index in range(size or 0):
        child = BatchJob(f"{job.id}:{index}", order, sequence, index=index, parent=job)
        job.children.append(child)
    job.counts[Status.SUBMITTED] = size or 0
    return job


def _given(**values: Any) -> dict[str, Any]:
    """What is there; AWS leaves out what is not."""
    return {name: value for name, value in values.items() if value not in (None, "", {})}
