"""The patches of jobs, read once each, for what repetitions have in common and what they hit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations

from codybatch.analysis.gathering.material import Contender, Material
from codybatch.analysis.gathering.tried import Tried
from codybatch.analysis.report.arms import ReferenceHits, Repeats
from codybatch.domain.errors import CodyBatchError
from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState
from codybatch.domain.threads import BlobRef
from codybatch.domain.unsaid import CannotBeSaid
from codybatch.services.patch_files import PatchFile, read_patch
from codybatch.services.patch_likeness import Hits, Likeness, hits, likeness

Bytes = Callable[[BlobRef], bytes]
"""Reads an object of the store."""

_NOT_READ = CannotBeSaid("Its patch could not be read.")


class Patches:
    """Reads patches; one that cannot be read is counted, and says nothing."""

    def __init__(self, read: Bytes) -> None:
        """Begin with none read."""
        self._read = read
        self._known: dict[str, tuple[PatchFile, ...] | None] = {}

    @property
    def unread(self) -> int:
        """Different patches that could not be read."""
        return sum(one is None for one in self._known.values())

    def of(self, job: Job) -> tuple[PatchFile, ...] | None:
        """What a job changed: nothing where it ended well without a patch; None where it made
        nothing, or its patch cannot be read.
        """
        if job.patch is not None:
            return self.at(job.patch.blob)
        return () if job.state is JobState.SUCCEEDED else None

    def at(self, blob: BlobRef) -> tuple[PatchFile, ...] | None:
        """A patch that is stored; None where it cannot be read."""
        if blob.sha256 not in self._known:
            try:
                self._known[blob.sha256] = read_patch(self._read(blob))
            except CodyBatchError:
                self._known[blob.sha256] = None
        return self._known[blob.sha256]


def repeats_of(contender: Contender, patches: Patches) -> Repeats | CannotBeSaid:
    """How far an arm's repetitions agree: a mean for each repository, and the mean of these.

    Only patches of the same commit are compared: elsewhere the same line means another.
    """
    same_files: list[float] = []
    lines: list[float] = []
    for repetitions in contender.tried.values():
        pairs = _pairs(repetitions, patches)
        if pairs:
            same_files.append(sum(one.same_files for one in pairs) / len(pairs))
        shared = [one.lines for one in pairs if not isinstance(one.lines, CannotBeSaid)]
        if shared:
            lines.append(sum(shared) / len(shared))
    if not same_files:
        return CannotBeSaid("No repository has two repetitions with a result to compare.")
    return Repeats(
        repositories=len(same_files),
        same_files=sum(same_files) / len(same_files),
        lines=sum(lines) / len(lines)
        if lines
        else CannotBeSaid("None of the patches holds a line of text."),
    )


def _pairs(repetitions: tuple[Tried, ...], patches: Patches) -> list[Likeness]:
    read = [
        (job.commit, files)
        for tried in repetitions
        if (job := tried.ended) and (files := patches.of(job)) is not None
    ]
    return [
        likeness(one, other)
        for (commit, one), (another, other) in combinations(read, 2)
        if commit == another
    ]


def hits_of(
    contender: Contender, material: Material, patches: Patches
) -> Mapping[tuple[str, int], Hits | CannotBeSaid]:
    """What each job touches of its repository's reference patch, by repository and repetition."""
    references = {one.name: one for one in material.subjects if one.reference is not None}
    found: dict[tuple[str, int], Hits | CannotBeSaid] = {}
    for name, tried in contender.every():
        subject, job = references.get(name), tried.ended
        if subject is None or subject.reference is None or job is None:
            continue
        found[name, tried.repetition] = _hits(
            job, subject.reference, subject.reference_commit, patches
        )
    return found


def _hits(
    job: Job, reference: BlobRef, commit: str | None, patches: Patches
) -> Hits | CannotBeSaid:
    if commit is not None and commit != job.commit:
        return CannotBeSaid("The reference is a patch of another commit.")
    wanted, made = patches.at(reference), patches.of(job)
    if wanted is None:
        return CannotBeSaid("The reference patch could not be read.")
    if made is None and job.patch is not None:
        return _NOT_READ
    return hits(made or (), wanted)


def hits_together(
    found: Mapping[tuple[str, int], Hits | CannotBeSaid],
) -> ReferenceHits | CannotBeSaid:
    """The means over an arm's jobs on repositories with a reference patch."""
    told = [one for one in found.values() if isinstance(one, Hits)]
    if not told:
        reasons = [one.reason for one in found.values() if isinstance(one, CannotBeSaid)]
        return CannotBeSaid(reasons[0] if reasons else "No repository has a reference patch.")
    return ReferenceHits(
        jobs=len(told),
        files=_mean([one.part_of_files for one in told]),
        hunks=_mean([one.part_of_hunks for one in told]),
        files_besides=sum(one.files_besides for one in told) / len(told),
    )


def _mean(parts: list[float | CannotBeSaid]) -> float | CannotBeSaid:
    numbers = [one for one in parts if not isinstance(one, CannotBeSaid)]
    if numbers:
        return sum(numbers) / len(numbers)
    return next(one for one in parts if isinstance(one, CannotBeSaid))
