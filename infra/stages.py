"""The stages: what dev and prod differ in, and in nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from codybatch.domain.errors import InvalidSetting


@dataclass(frozen=True)
class Stage:
    """One deployment of everything.

    Args:
        name: stands in the names of its stacks.
        keeps_data: whether table and buckets outlive their stacks and refuse to be deleted.
        log_days: how long CloudWatch keeps logs.
        noncurrent_days: how long an object that was deleted or replaced can be had back.
        most_vcpus: how many vCPUs all running jobs may take, in each of the two kinds of capacity.
        api_rate: requests a second that the HTTP API takes for long, from all callers together.
        api_burst: how many may come at once.
        table_most_writes: write units a second beyond which the table throttles: a runaway loop
            costs no more than this.
        table_most_reads: the same for read units.
    """

    name: str
    keeps_data: bool
    log_days: int
    noncurrent_days: int
    most_vcpus: int
    api_rate: int
    api_burst: int
    table_most_writes: int
    table_most_reads: int

    @property
    def prefix(self) -> str:
        """What the names of its stacks, of its queues and of its job definition begin with."""
        return f"codybatch-{self.name}"

    def queue(self, capacity: str) -> str:
        """The name of the queue for ``spot`` or ``on-demand`` capacity."""
        return f"{self.prefix}-{capacity}"

    @property
    def job_definition(self) -> str:
        """The name of the job definition; without a revision, so that the newest counts."""
        return f"{self.prefix}-worker"

    @property
    def job_log_group(self) -> str:
        """Where the output of jobs goes."""
        return f"/codybatch/{self.name}/jobs"


STAGES = {
    "dev": Stage(
        name="dev",
        keeps_data=False,
        log_days=14,
        noncurrent_days=7,
        most_vcpus=32,
        api_rate=20,
        api_burst=40,
        table_most_writes=1_000,
        table_most_reads=2_000,
    ),
    "prod": Stage(
        name="prod",
        keeps_data=True,
        log_days=90,
        noncurrent_days=30,
        most_vcpus=256,
        api_rate=100,
        api_burst=200,
        table_most_writes=10_000,
        table_most_reads=20_000,
    ),
}


def stage_named(name: str) -> Stage:
    """The stage of a name.

    Raises:
        InvalidSetting: there is none.
    """
    if name not in STAGES:
        raise InvalidSetting(
            f"There is no stage {name!r}: CODYBATCH_STAGE is one of {', '.join(STAGES)}."
        )
    return STAGES[name]
