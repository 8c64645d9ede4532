"""The cells of experiments as the records hold them, with those that another one paid for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from codybatch.domain.cells import Cell, cells_of
from codybatch.domain.experiments import Experiment
from codybatch.domain.identifiers import ExperimentId
from codybatch.domain.jobs import Job
from codybatch.ports import PageRequest, Partition, PartitionKind, Records

MAX_REUSED = 20
"""Experiments whose cells one takes over at most, the newest."""
_PAGE = 1000


@dataclass(frozen=True)
class ExperimentCells:
    """Reads cells."""

    records: Records

    def of(self, experiment: Experiment) -> tuple[Cell, ...]:
        """Every cell with its jobs: by arm, then repository, then repetition. All jobs of the
        experiment, and of those that it reuses, are read.
        """
        reused = (job for one in experiment.reused for job in self.jobs_of(one))
        return cells_of(experiment, self.jobs_of(experiment.id), reused)

    def jobs_of(self, experiment: ExperimentId) -> Iterator[Job]:
        """All jobs that were made for an experiment, every attempt, newest first; also of one that
        was removed.
        """
        partition = Partition(PartitionKind.EXPERIMENT, experiment)
        cursor: str | None = None
        while True:
            page = self.records.list_jobs(partition, PageRequest(_PAGE, cursor))
            yield from page.items
            cursor = page.cursor
            if cursor is None:
                return

    def all(self) -> Iterator[Experiment]:
        """All experiments, newest first."""
        cursor: str | None = None
        while True:
            page = self.records.experiments(PageRequest(100, cursor))
            yield from page.items
            cursor = page.cursor
            if cursor is None:
                return

    def reusable(self, experiment: Experiment) -> tuple[ExperimentId, ...]:
        """Other experiments that have jobs which stand for cells of this one, newest first; those
        that it reuses already stay, in front.
        """
        found = list(experiment.reused)
        for other in self.all():
            if len(found) >= MAX_REUSED:
                break
            if other.id != experiment.id and other.id not in found and _meet(experiment, other):
                alone = experiment.with_(reused=(other.id,))
                if any(cell.is_reused for cell in cells_of(alone, (), self.jobs_of(other.id))):
                    found.append(other.id)
        return tuple(found)


def _meet(one: Experiment, other: Experiment) -> bool:
    """Whether two experiments have an arm and a repository at one commit in common."""
    arms = {arm.key for arm in one.arms} & {arm.key for arm in other.arms}
    return bool(arms and _pinned(one) & _pinned(other))


def _pinned(experiment: Experiment) -> set[tuple[str, str]]:
    return {(one.repository_id, one.commit) for one in experiment.repositories}
