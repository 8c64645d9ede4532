"""Which jobs a person may want to judge, and in which order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from codybatch.domain.cells import Cell, CellState
from codybatch.domain.errors import UnknownExperiment, UsageError
from codybatch.domain.findings import Verdict
from codybatch.domain.identifiers import (
    ExperimentId,
    JobId,
    Person,
    RequestId,
    experiment_id,
    request_id,
)
from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState
from codybatch.ports import PageRequest, Partition, PartitionKind, Records
from codybatch.services.blind import seed_of, shuffled
from codybatch.services.experiment_cells import ExperimentCells

AT_ONCE = 100
"""Jobs that a person goes through before it is asked what else there is, where none are named."""
MOST = 5_000
"""Jobs of one experiment that are looked at."""
MOST_RATERS = 20
_TO_COME = frozenset({CellState.MISSING, CellState.RUNNING})


@dataclass(frozen=True)
class Scope:
    """Whose jobs are judged: an experiment's or a request's; where neither is named, those of all
    that nobody has judged.
    """

    experiment: ExperimentId | None = None
    request: RequestId | None = None

    @property
    def name(self) -> str:
        """Its id; empty where it is all."""
        return self.experiment or self.request or ""


@dataclass(frozen=True)
class JudgedJob:
    """A job that can be judged, with its verdicts."""

    job: Job
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True)
class Line:
    """What stands in line for one person."""

    jobs: tuple[Job, ...]
    """Those to judge and those that this person judged, in the order in which they are shown."""
    judged: frozenset[JobId] = frozenset()
    """By this person."""
    raters: frozenset[Person] = frozenset()
    """Who has judged some of the jobs."""
    is_cut: bool = False
    """Whether there are more than were looked at."""


@dataclass(frozen=True)
class ToJudge:
    """Use cases of what waits for a verdict."""

    records: Records

    def scope(self, experiment: str = "", request: str = "") -> Scope:
        """What an address or a command names.

        Args:
            experiment: an id as it was written; empty for none.
            request: the same.

        Raises:
            UnknownIdentifier, UsageError: these are no ids, or both are given.
            NotFound, UnknownExperiment: there is no such thing.
        """
        if experiment and request:
            raise UsageError("A queue is of an experiment or of a request, not of both.")
        if request:
            return Scope(request=self.records.request(request_id(request)).id)
        if not experiment:
            return Scope()
        named = experiment_id(experiment)
        if named is None:
            raise UnknownExperiment(f"{experiment!r} is not the id of an experiment.")
        return Scope(experiment=self.records.experiment(named).id)

    def line(
        self, of: Scope, by: Person, *, blind: bool = False, raters: int | None = None
    ) -> Line:
        """What stands in line for a person.

        Args:
            of: whose jobs.
            by: who judges.
            blind: whether in an order of this person's own, with the arms spread evenly.
            raters: how many people are to judge a job; one that had so many others is left out.

        Raises:
            NotFound, UnknownExperiment: there is no such thing.
            UsageError: ``raters`` is no number that can be.
        """
        if raters is not None and not 1 <= raters <= MOST_RATERS:
            raise UsageError(f"A job is judged by 1 to {MOST_RATERS} people, not by {raters}.")
        jobs = self._jobs(of)
        found = self._with_verdicts(of, jobs)
        judged = {one.job.id for one in found if _by(one, by)}
        wanted = tuple(
            one.job
            for one in found
            if one.job.id in judged or raters is None or len(one.verdicts) < raters
        )
        return Line(
            jobs=shuffled(wanted, seed_of(by, of.name)) if blind else wanted,
            judged=frozenset(judged),
            raters=frozenset(verdict.rater for one in found for verdict in one.verdicts),
            is_cut=len(jobs) == MOST,
        )

    def judged_jobs(self, of: Scope) -> tuple[JudgedJob, ...]:
        """The jobs that can be judged or were, with their verdicts.

        Raises:
            NotFound, UnknownExperiment: there is no such thing.
        """
        return self._with_verdicts(of, self._jobs(of), judged=True)

    def still_at_work(self, of: Scope) -> int:
        """How many jobs have not ended; of an experiment, how many cells are still to come.

        Raises:
            NotFound, UnknownExperiment: there is no such thing.
        """
        if of.experiment is not None:
            return sum(cell.state in _TO_COME for cell in self._cells(of.experiment))
        if of.request is not None:
            return sum(not one.state.is_terminal for one in self._jobs(of))
        counts = self.records.job_counts()
        return counts.queued + counts.running + counts.waiting

    def _with_verdicts(
        self, of: Scope, jobs: Iterable[Job], *, judged: bool = False
    ) -> tuple[JudgedJob, ...]:
        """Those that can be judged, and, where wanted, all that were. In an experiment also what
        ended well and changed nothing: that no change is necessary may be right or wrong, and an
        arm's rate counts it.
        """
        ended = [job for job in jobs if job.state.is_terminal]
        given = self.records.verdicts_of([job.id for job in ended]) if of.name else {}
        return tuple(
            JudgedJob(job, given.get(job.id, ()))
            for job in ended
            if job.has_result
            or (of.experiment is not None and job.state is JobState.SUCCEEDED)
            or (judged and job.id in given)
        )

    def _jobs(self, of: Scope) -> tuple[Job, ...]:
        if of.experiment is not None:
            made = (cell.job for cell in self._cells(of.experiment))
            jobs = sorted((job for job in made if job is not None), key=lambda job: job.id)
            return tuple(jobs[:MOST])
        if of.request is not None:
            partition = Partition(PartitionKind.REQUEST, self.records.request(of.request).id)
            return self.records.list_jobs(partition, PageRequest(limit=1000)).items
        partition = Partition(PartitionKind.UNJUDGED)
        return self.records.list_jobs(partition, PageRequest(limit=AT_ONCE)).items

    def _cells(self, experiment: ExperimentId) -> tuple[Cell, ...]:
        return ExperimentCells(self.records).of(self.records.experiment(experiment))


def _by(one: JudgedJob, person: Person) -> bool:
    return any(verdict.rater == person for verdict in one.verdicts)
