"""Looks at a job queue and a job definition for the doctor; changes nothing there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any, TypeVar

from codybatch.engines.aws_batch.connection import Connection
from codybatch.engines.aws_batch.refusals import AWS_ERRORS, explained
from codybatch.engines.aws_batch.rules import BatchPlace
from codybatch.ports import Clock
from codybatch.ports.cloud import DefinitionFacts, MachineFacts, QueueFacts

T = TypeVar("T")


class BatchLook:
    """Looks at one queue and one definition; nothing is asked before that."""

    def __init__(self, place: BatchPlace, clock: Clock) -> None:
        """Keep where to look."""
        self.queue_name = place.queue
        self.definition_name = place.definition
        self._place = place
        self._clock = clock

    def queue(self) -> QueueFacts | None:
        """The queue with its machines; None where there is none of that name.

        Raises:
            EngineError: AWS Batch cannot be asked.
        """

        def look(batch: Any) -> QueueFacts | None:
            found = batch.describe_job_queues(jobQueues=[self.queue_name])["jobQueues"]
            if not found:
                return None
            (queue,) = found
            names = [one["computeEnvironment"] for one in queue.get("computeEnvironmentOrder", ())]
            machines = (
                batch.describe_compute_environments(computeEnvironments=names)[
                    "computeEnvironments"
                ]
                if names
                else ()
            )
            return QueueFacts(
                name=queue["jobQueueName"],
                is_enabled=queue["state"] == "ENABLED",
                problem=_problem(queue),
                machines=tuple(map(_machine, machines)),
            )

        return self._ask("DescribeJobQueues", look)

    def definition(self) -> DefinitionFacts | None:
        """The newest active definition of that name; None where there is none.

        Raises:
            EngineError: AWS Batch cannot be asked.
        """
        name = self.definition_name
        by_name = {"jobDefinitionName": name, "status": "ACTIVE"}
        query = {"jobDefinitions": [name]} if ":" in name else by_name

        def look(batch: Any) -> Sequence[Mapping[str, Any]]:
            told = batch.describe_job_definitions(**query)["jobDefinitions"]
            return [one for one in told if one["status"] == "ACTIVE"]

        found = self._ask("DescribeJobDefinitions", look)
        if not found:
            return None
        newest = max(found, key=lambda one: one["revision"])
        return DefinitionFacts(f"{newest['jobDefinitionName']}:{newest['revision']}")

    def _ask(self, operation: str, look: Callable[[Any], T]) -> T:
        with closing(Connection(self._place, self._clock)) as batch:
            try:
                return look(batch.client)
            except AWS_ERRORS as error:
                region = batch.client.meta.region_name
                raise explained(error, f"batch:{operation}", region) from error


def _machine(told: Mapping[str, Any]) -> MachineFacts:
    problem = _problem(told)
    if told["state"] != "ENABLED":
        problem = "it is disabled"
    return MachineFacts(told["computeEnvironmentName"], problem)


def _problem(told: Mapping[str, Any]) -> str:
    """Why something is not valid; empty where it is."""
    if told["status"] in {"VALID", "UPDATING"}:
        return ""
    return f"{told['status']} ({told.get('statusReason', 'no reason given').rstrip('.')})"
