"""The cells of an experiment: what was made of each, and which requests are still to be made.

Pure rules: which job of a cell counts, which cells are still wanted, and in what turns. A turn is a
few repositories and one repetition under every arm, so that a stop leaves no arm ahead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from codybatch.domain.experiments import Arm, Block, Experiment, ExperimentRepository
from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState


class CellState(StrEnum):
    """What there is of a cell."""

    MISSING = "missing"
    """Nothing yet: it is submitted in its turn."""
    UNAVAILABLE = "unavailable"
    """Nothing, and its repository cannot be worked on now."""
    RUNNING = "running"
    """A job that has not ended."""
    DONE = "done"
    """A job that succeeded, or came to a limit with something to judge."""
    FAILED = "failed"
    CANCELLED = "cancelled"


_STATES = {
    JobState.SUCCEEDED: CellState.DONE,
    JobState.PARTIAL: CellState.DONE,
    JobState.FAILED: CellState.FAILED,
    JobState.CANCELLED: CellState.CANCELLED,
}
_CAME_TO_NOTHING = frozenset({CellState.FAILED, CellState.CANCELLED})


class CellKey(NamedTuple):
    """What makes two jobs the same cell, at one commit of the repository."""

    arm: str
    repository_id: str
    repetition: int


@dataclass(frozen=True)
class Cell:
    """One arm on one repository, for one repetition, with all that was made of it."""

    arm: Arm
    repository: ExperimentRepository
    repetition: int
    """From 1."""
    jobs: tuple[Job, ...] = ()
    """All attempts, the newest first; where there is none of this experiment, that of a reused
    one."""
    is_reused: bool = False
    """Whether its job was made for another experiment, and is not paid for again."""
    unavailable: str = ""
    """Why its repository cannot be worked on; empty where it can."""

    @property
    def key(self) -> CellKey:
        """Its place."""
        return CellKey(self.arm.key, self.repository.repository_id, self.repetition)

    @property
    def job(self) -> Job | None:
        """The job that counts: the newest attempt."""
        return self.jobs[0] if self.jobs else None

    @property
    def state(self) -> CellState:
        """What there is of it."""
        if self.job is not None:
            return state_of(self.job)
        return CellState.UNAVAILABLE if self.unavailable else CellState.MISSING

    def wanted_attempt(self, experiment: Experiment) -> int | None:
        """The attempt that is still to be made; None where there is none."""
        if self.unavailable:
            return None
        if self.job is None:
            return 1
        ended_at, retried_at = self.job.ended_at, experiment.retried_at
        if self.state not in _CAME_TO_NOTHING or ended_at is None or retried_at is None:
            return None
        if self.is_reused or ended_at > retried_at:
            return None
        return attempt_of(self.job) + 1


def state_of(job: Job) -> CellState:
    """What a cell is in whose job this is."""
    return _STATES.get(job.state, CellState.RUNNING)


def attempt_of(job: Job) -> int:
    """Which attempt of its cell a job is, from 1."""
    return job.cell.attempt if job.cell else 1


def cells_of(experiment: Experiment, own: Iterable[Job], reused: Iterable[Job]) -> tuple[Cell, ...]:
    """Every cell with its jobs: by arm, then repository, then repetition.

    Args:
        experiment: whose cells.
        own: the jobs that were made for it.
        reused: the jobs of the experiments that it reuses, in the order in which they are
            preferred; only those count that did not come to nothing.
    """
    mine = _by_key(experiment, own)
    others = _by_key(experiment, (job for job in reused if state_of(job) not in _CAME_TO_NOTHING))
    reasons = {one.repository_id: one.reason for one in experiment.unavailable}
    found = []
    for arm, repository, repetition in _places(experiment):
        key = CellKey(arm.key, repository.repository_id, repetition)
        made = sorted(mine.get(key, ()), key=lambda job: (attempt_of(job), job.id), reverse=True)
        adopted = [] if made else others.get(key, [])[:1]
        why_not = reasons.get(repository.repository_id, "")
        jobs = tuple(made or adopted)
        found.append(Cell(arm, repository, repetition, jobs, bool(adopted), why_not))
    return tuple(found)


def _places(experiment: Experiment) -> Iterator[tuple[Arm, ExperimentRepository, int]]:
    for arm in experiment.arms:
        for repository in experiment.repositories:
            for repetition in range(1, experiment.repetitions + 1):
                yield arm, repository, repetition


def _by_key(experiment: Experiment, jobs: Iterable[Job]) -> dict[CellKey, list[Job]]:
    """Jobs by the cell of this experiment that they fit; others are left out."""
    commits = {one.repository_id: one.commit for one in experiment.repositories}
    found: dict[CellKey, list[Job]] = {}
    for job in jobs:
        if job.cell is not None and commits.get(job.repository_id) == job.commit:
            key = CellKey(job.cell.arm, job.repository_id, job.cell.repetition)
            found.setdefault(key, []).append(job)
    return found


class Wanted(NamedTuple):
    """Cells that can be submitted as one request."""

    arm: Arm
    repetition: int
    attempt: int
    repositories: tuple[ExperimentRepository, ...]


@dataclass(frozen=True)
class Turn:
    """What is still wanted in a few repositories of one repetition."""

    repositories: tuple[ExperimentRepository, ...]
    """Those in which something is wanted."""
    is_begun: bool
    """Whether some arm has a job in these already; the others are to follow as soon as may be."""
    parts: tuple[Wanted, ...]
    """In the order in which they are submitted."""

    def within(self, repositories: Sequence[ExperimentRepository]) -> tuple[Wanted, ...]:
        """What is wanted in some of its repositories."""
        kept = {one.repository_id for one in repositories}
        narrowed = (
            part._replace(
                repositories=tuple(one for one in part.repositories if one.repository_id in kept)
            )
            for part in self.parts
        )
        return tuple(part for part in narrowed if part.repositories)


def turns(experiment: Experiment, cells: Iterable[Cell], size: int) -> Iterator[Turn]:
    """What is still wanted, turn by turn, in the order of ``Experiment.blocks``.

    Args:
        experiment: with what is under way already, which is not wanted again.
        cells: all of its cells.
        size: repositories in a request at most.
    """
    wanted = _wanted(experiment, cells)
    blocks = list(experiment.blocks(size))
    for begin in range(0, len(blocks), len(experiment.arms)):
        blocks_of_turn = blocks[begin : begin + len(experiment.arms)]
        for is_begun in (True, False):
            turn = _turn(blocks_of_turn, wanted, is_begun=is_begun)
            if turn is not None:
                yield turn


def _wanted(experiment: Experiment, cells: Iterable[Cell]) -> dict[CellKey, int]:
    """The attempt that is to be made, by cell."""
    under_way = {
        CellKey(planned.arm, repository, planned.repetition)
        for planned in experiment.under_way
        for repository in planned.repositories
    }
    attempts = ((cell.key, cell.wanted_attempt(experiment)) for cell in cells)
    return {key: attempt for key, attempt in attempts if attempt and key not in under_way}


def _turn(blocks: Sequence[Block], wanted: Mapping[CellKey, int], *, is_begun: bool) -> Turn | None:
    """What is wanted in those repositories of a turn in which some arm is ahead, or in the others;
    None where nothing is.
    """

    def attempts(repository: ExperimentRepository) -> list[int | None]:
        return [wanted.get(_key(block, repository)) for block in blocks]

    open_ones = {
        one.repository_id
        for one in blocks[0].repositories
        if any(attempts(one)) and (None in attempts(one)) is is_begun
    }
    parts = tuple(part for block in blocks for part in _parts(block, wanted, open_ones))
    repositories = tuple(one for one in blocks[0].repositories if one.repository_id in open_ones)
    return Turn(repositories, is_begun, parts) if parts else None


def _parts(block: Block, wanted: Mapping[CellKey, int], open_ones: set[str]) -> Iterator[Wanted]:
    """The requests of a block: one for each attempt."""
    by_attempt: dict[int, list[ExperimentRepository]] = {}
    for one in block.repositories:
        attempt = wanted.get(_key(block, one))
        if attempt and one.repository_id in open_ones:
            by_attempt.setdefault(attempt, []).append(one)
    for attempt, repositories in sorted(by_attempt.items()):
        yield Wanted(block.arm, block.repetition, attempt, tuple(repositories))


def _key(block: Block, repository: ExperimentRepository) -> CellKey:
    return CellKey(block.arm.key, repository.repository_id, block.repetition)
