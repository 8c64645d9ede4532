"""What can be said of a job's result without an opinion, for one job."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from codybatch.domain.errors import CodyBatchError, UnknownExperiment
from codybatch.domain.experiments import ExperimentRepository
from codybatch.domain.jobs import Job
from codybatch.domain.publication import GateFinding
from codybatch.domain.requests import ExperimentCell
from codybatch.domain.states import JobState
from codybatch.domain.threads import BlobRef
from codybatch.domain.unsaid import CannotBeSaid
from codybatch.ports import Blobs, Records
from codybatch.services.experiment_cells import ExperimentCells
from codybatch.services.patch_files import PatchFile, read_patch
from codybatch.services.patch_likeness import Hits, hits, likeness
from codybatch.services.wording import counted


@dataclass(frozen=True, slots=True)
class Siblings:
    """How far the other repetitions of its arm, on its repository, did the same as a job."""

    others: int
    """Repetitions that ended, besides this one."""
    said: int
    """Of these, those that said whether changes are necessary, where this one did."""
    said_the_same: int
    compared: int
    """Of these, those whose patch could be compared with this one's."""
    same_files: int
    """Of the compared, those that touch the same files."""
    lines: float | CannotBeSaid
    """The mean part of the added and removed lines that both hold (0 to 1)."""


@dataclass(frozen=True, slots=True)
class Checks:
    """What can be said of an ended job without an opinion."""

    applies: bool | None
    """Whether its patch was shown to apply to a fresh checkout; None where it made none."""
    gate: tuple[GateFinding, ...]
    """What the gate found in the patch."""
    paths: tuple[str, ...]
    """Files that the patch changes, at most 1,000 of them."""
    files: int
    additions: int
    deletions: int
    were_changes_necessary: bool | None
    """What the job says."""
    truth: bool | None
    """What a person found; None where nobody looked."""
    siblings: Siblings | None
    """None of a job that was made for no experiment."""
    hits: Hits | CannotBeSaid | None
    """What its patch touches of the reference patch; None where there is none."""


@dataclass(frozen=True)
class JobChecks:
    """Use cases of what is checked."""

    records: Records
    blobs: Blobs

    def of(self, job: Job) -> Checks:
        """What can be said of a job.

        Of one that was made for an experiment, its siblings are looked for among all jobs of that:
        this takes longer, the larger it is.
        """
        patch = job.patch
        known = self._repository(job)
        return Checks(
            applies=None if patch is None else patch.applies,
            gate=job.gate,
            paths=() if patch is None else patch.paths,
            files=0 if patch is None else patch.files,
            additions=0 if patch is None else patch.additions,
            deletions=0 if patch is None else patch.deletions,
            were_changes_necessary=job.were_changes_necessary,
            truth=None if known is None else known.changes_necessary,
            siblings=None if job.cell is None else self._siblings(job, job.cell),
            hits=self._hits(job, known),
        )

    def _repository(self, job: Job) -> ExperimentRepository | None:
        """What its experiment knows of its repository at its commit."""
        if job.cell is None:
            return None
        try:
            experiment = self.records.experiment(job.cell.experiment)
        except UnknownExperiment:
            return None
        pinned = (job.repository_id, job.commit)
        return next(
            (one for one in experiment.repositories if (one.repository_id, one.commit) == pinned),
            None,
        )

    def _siblings(self, job: Job, cell: ExperimentCell) -> Siblings:
        others = [
            one
            for one in self._newest_of_cells(job, cell).values()
            if one.state.is_terminal and one.state is not JobState.CANCELLED
        ]
        mine = job.were_changes_necessary
        said = [one.were_changes_necessary for one in others if mine is not None]
        told = [one for one in said if one is not None]
        own = self._files_of(job)
        theirs = [found for one in others if (found := self._files_of(one)) is not None]
        pairs = [] if own is None else [likeness(own, one) for one in theirs]
        shared = [one.lines for one in pairs if not isinstance(one.lines, CannotBeSaid)]
        return Siblings(
            others=len(others),
            said=len(told),
            said_the_same=sum(one is mine for one in told),
            compared=len(pairs),
            same_files=sum(one.same_files for one in pairs),
            lines=sum(shared) / len(shared)
            if shared
            else CannotBeSaid("There are no two patches with lines of text to compare."),
        )

    def _newest_of_cells(self, job: Job, cell: ExperimentCell) -> dict[int, Job]:
        """The newest attempt of each other repetition, at the same commit."""
        found: dict[int, Job] = {}
        for one in ExperimentCells(self.records).jobs_of(cell.experiment):
            other = one.cell
            if other is None or other.arm != cell.arm or other.repetition == cell.repetition:
                continue
            if (one.repository_id, one.commit) != (job.repository_id, job.commit):
                continue
            before = found.get(other.repetition)
            if before is None or _attempt(one) > _attempt(before):
                found[other.repetition] = one
        return found

    def _hits(self, job: Job, known: ExperimentRepository | None) -> Hits | CannotBeSaid | None:
        if known is None or known.reference is None or not job.state.is_terminal:
            return None
        reference, made = self._read(known.reference), self._files_of(job)
        if reference is None:
            return CannotBeSaid("The reference patch could not be read.")
        if made is None and job.patch is not None:
            return CannotBeSaid("Its patch could not be read.")
        return hits(made or (), reference)

    def _files_of(self, job: Job) -> tuple[PatchFile, ...] | None:
        """What a job changed: nothing where it ended well without a patch; None where it made
        nothing, or its patch cannot be read.
        """
        if job.patch is not None:
            return self._read(job.patch.blob)
        return () if job.state is JobState.SUCCEEDED else None

    def _read(self, blob: BlobRef) -> tuple[PatchFile, ...] | None:
        try:
            return read_patch(self.blobs.get(blob))
        except CodyBatchError:
            return None


def _attempt(job: Job) -> int:
    return job.cell.attempt if job.cell else 1


def in_words(checks: Checks) -> tuple[str, ...]:
    """The checks as sentences, those that say something."""
    return tuple(_sentences(checks))


def _sentences(checks: Checks) -> Iterator[str]:
    if checks.applies is not None:
        does = "applies" if checks.applies else "does not apply"
        files = counted(checks.files, "file")
        size = f"+{checks.additions} \N{MINUS SIGN}{checks.deletions}"
        yield f"The patch {does} to a fresh checkout; it changes {files}, {size}."
        rules = ", ".join(dict.fromkeys(one.rule.value for one in checks.gate))
        found = f"{counted(len(checks.gate), 'thing')}: {rules}" if rules else "nothing"
        yield f"The gate found {found}."
    if checks.truth is not None and checks.were_changes_necessary is not None:
        right = checks.truth is checks.were_changes_necessary
        necessary = "necessary" if checks.were_changes_necessary else "not necessary"
        found = "and so did a person" if right else "but a person found the contrary"
        yield f"It found changes {necessary}, {found}."
    if checks.siblings is not None:
        yield from _of_siblings(checks.siblings)
    if isinstance(checks.hits, Hits):
        yield _of_hits(checks.hits)
    elif isinstance(checks.hits, CannotBeSaid):
        yield checks.hits.reason


def _of_siblings(siblings: Siblings) -> Iterator[str]:
    if not siblings.others:
        yield "No other repetition of it has ended."
        return
    if siblings.said:
        others = counted(siblings.said, "other repetition")
        yield (
            f"{siblings.said_the_same} of {others} said the same of whether changes are necessary."
        )
    if siblings.compared:
        lines = siblings.lines
        shared = (
            f" and share {100 * lines:.0f} % of the changed lines with it on average"
            if not isinstance(lines, CannotBeSaid)
            else ""
        )
        others = counted(siblings.compared, "other repetition")
        yield f"{siblings.same_files} of {others} touch the same files{shared}."


def _of_hits(hits: Hits) -> str:
    besides = f", and {counted(hits.files_besides, 'file')} besides" if hits.files_besides else ""
    files, places = counted(hits.files_of_reference, "file"), hits.hunks_of_reference
    return (
        f"It touches {hits.files} of {files} and {hits.hunks} of {counted(places, 'place')} of the "
        f"reference patch{besides}."
    )
