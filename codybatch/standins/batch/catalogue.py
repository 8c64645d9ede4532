"""The queues and job definitions that there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from codybatch.standins.batch.jobs import ACCOUNT
from codybatch.standins.batch.problems import BatchProblem


@dataclass
class Queue:
    """A job queue."""

    name: str
    is_enabled: bool = True


@dataclass(frozen=True)
class Definition:
    """One revision of a job definition.

    Arguments:
        name, revision: its own.
        command: what a job runs that says nothing else.
        container: the name of its container, where it has ECS properties; empty where it has
            container properties.
    """

    name: str
    revision: int
    command: tuple[str, ...] = ()
    container: str = ""


@dataclass
class Catalogue:
    """What a region holds.

    Arguments:
        region: requests that are signed for another one find nothing.
        queues: by name.
        definitions: all revisions of each, by name.
    """

    region: str
    queues: dict[str, Queue] = field(default_factory=dict)
    definitions: dict[str, list[Definition]] = field(default_factory=dict)

    @classmethod
    def of(cls, region: str, queue: str, definition: str, container: str = "") -> Catalogue:
        """One queue and one job definition, which has ECS properties where it names a container."""
        made = cls(region, {queue: Queue(queue)})
        made.register(definition, container=container)
        return made

    def register(self, name: str, command: tuple[str, ...] = (), container: str = "") -> Definition:
        """Add a revision of a job definition."""
        revisions = self.definitions.setdefault(name, [])
        revisions.append(Definition(name, len(revisions) + 1, command, container))
        return revisions[-1]

    def queue(self, name_or_arn: str, region: str) -> Queue:
        """A queue by its name or ARN.

        Raises:
            BatchProblem: there is none in that region.
        """
        found = self.queues.get(name_or_arn.rpartition("/")[2]) if region == self.region else None
        if found is None:
            raise BatchProblem(f"JobQueue {name_or_arn} not found.")
        return found

    def definition(self, name_or_arn: str, region: str) -> Definition:
        """The latest revision of a name, or the one that ``name:revision`` or an ARN names.

        Raises:
            BatchProblem: there is none in that region.
        """
        name, _, revision = name_or_arn.rpartition("/")[2].partition(":")
        revisions = self.definitions.get(name, []) if region == self.region else []
        wanted = [one for one in revisions if revision in ("", str(one.revision))]
        if not wanted:
            raise BatchProblem(f"JobDefinition {name_or_arn} not found or not ACTIVE.")
        return wanted[-1]

    def queue_arn(self, queue: Queue) -> str:
        """A queue's name in all of AWS."""
        return f"arn:aws:batch:{self.region}:{ACCOUNT}:job-queue/{queue.name}"

    def definition_arn(self, one: Definition) -> str:
        """A revision's name in all of AWS."""
        return f"arn:aws:batch:{self.region}:{ACCOUNT}:job-definition/{one.name}:{one.revision}"

    def queue_detail(self, queue: Queue) -> dict[str, Any]:
        """As DescribeJobQueues tells it."""
        return {
            "jobQueueName": queue.name,
            "jobQueueArn": self.queue_arn(queue),
            "state": "ENABLED" if queue.is_enabled else "DISABLED",
            "status": "VALID",
            "statusReason": "JobQueue Healthy",
            "priority": 1,
            "computeEnvironmentOrder": [],
        }

    def definition_detail(self, one: Definition) -> dict[str, Any]:
        """As DescribeJobDefinitions tells it."""
        command = list(one.command)
        named = {"name": one.container, "command": command}
        return {
            "jobDefinitionName": one.name,
            "jobDefinitionArn": self.definition_arn(one),
            "revision": one.revision,
            "status": "ACTIVE",
            "type": "container",
            **(
                {"ecsProperties": {"taskProperties": [{"containers": [named]}]}}
                if one.container
                else {"containerProperties": {"command": command}}
            ),
        }
