"""What the lists of the port mean, the same for every store."""

from __future__ import annotations

from typing import NamedTuple

from codybatch.domain.errors import UsageError
from codybatch.domain.jobs import Job
from codybatch.ports.lists import Partition, PartitionKind

OPEN = "open"
"""The state of a pull request that still asks for something."""

_OF_JOBS_ALONE = frozenset(
    {
        PartitionKind.STATE,
        PartitionKind.REQUEST,
        PartitionKind.OPEN_PULL_REQUEST,
        PartitionKind.UNJUDGED,
        PartitionKind.WITHHELD,
    }
)
_WITHOUT_VALUE = frozenset(
    {PartitionKind.EVERYTHING, PartitionKind.UNJUDGED, PartitionKind.WITHHELD}
)
_BY_REPOSITORY = frozenset({PartitionKind.REPOSITORY, PartitionKind.OPEN_PULL_REQUEST})


def has_open_pull_request(job: Job) -> bool:
    """Whether the job's pull request was open when it was last looked at.

    So the jobs of one lineage may all be listed for the one pull request that they share.
    """
    noted = job.publication.pull_request
    return noted is not None and noted.state == OPEN


class Flags(NamedTuple):
    """The partitions that only few jobs are in for long; named like these."""

    open_pull_request: bool
    unjudged: bool
    withheld: bool


def flags_of(job: Job, *, is_judged: bool) -> Flags:
    """Which of them a job is in.

    Args:
        job: as it is now.
        is_judged: whether there is a verdict of anybody.
    """
    return Flags(
        open_pull_request=has_open_pull_request(job),
        unjudged=job.has_result and not is_judged,
        withheld=job.is_withheld,
    )


def partition_value(partition: Partition) -> str:
    """What a partition's rows have in common; repositories are named without regard to case."""
    if partition.kind in _WITHOUT_VALUE:
        return ""
    return partition.value.lower() if partition.kind in _BY_REPOSITORY else partition.value


def check_has_requests(partition: Partition) -> None:
    """Refuse a partition that only jobs have.

    Raises:
        UsageError: there is no such list of requests.
    """
    if partition.kind in _OF_JOBS_ALONE:
        shown = partition.kind.value.replace("_", " ")
        raise UsageError(f"There is no list of requests by {shown}: only jobs have one.")
