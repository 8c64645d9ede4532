"""What each arm came to by itself."""

from __future__ import annotations

from dataclasses import dataclass

from codybatch.analysis.statistics.cost_per_accepted import CostPerAccepted
from codybatch.analysis.statistics.necessity import Necessity
from codybatch.analysis.statistics.passes import Passes
from codybatch.analysis.statistics.wilson import Share
from codybatch.domain.identifiers import JobId
from codybatch.domain.states import EndedBecause
from codybatch.domain.unsaid import CannotBeSaid


@dataclass(frozen=True, slots=True)
class Failure:
    """Jobs that ended without anything to judge, for one cause."""

    cause: EndedBecause
    sentence: str
    jobs: tuple[JobId, ...]


@dataclass(frozen=True, slots=True)
class ArmHealth:
    """What became of an arm's planned jobs; the counts but ``disputed`` add up to ``planned``."""

    planned: int
    accepted: int
    rejected: int
    failed: int
    """Ended without anything to judge."""
    unjudged: int
    running: int
    """Are queued, wait or run."""
    missing: int
    """There is no such job, or a person cancelled it."""
    disputed: int
    """Of the rejected: as many raters accept as reject."""
    failures: tuple[Failure, ...]
    """By cause, the most frequent first."""

    @property
    def done(self) -> int:
        """Jobs with a verdict."""
        return self.accepted + self.rejected


@dataclass(frozen=True, slots=True)
class Amounts:
    """How something is distributed over an arm's jobs that ended."""

    jobs: int
    total: float
    mean: float
    median: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Tokens:
    """What an arm's jobs read and wrote together."""

    input: int
    """Read fresh."""
    cached: int
    """Read from the cache."""
    output: int


@dataclass(frozen=True, slots=True)
class Ratings:
    """What raters gave an arm's jobs, 1 to 5."""

    mean: float
    """Of the repositories' means: each weighs the same."""
    counts: tuple[int, int, int, int, int]
    """Verdicts with 1, 2, … 5."""


@dataclass(frozen=True, slots=True)
class Repeats:
    """How far an arm's repetitions agree: means over the repositories with two or more."""

    repositories: int
    same_files: float
    """The part of the pairs that touch the same files."""
    lines: float | CannotBeSaid
    """How many of the added and removed lines two share, as a part of those that either has."""


@dataclass(frozen=True, slots=True)
class ReferenceHits:
    """How much of the reference patches an arm's patches touch, over all its jobs on repositories
    that have one.
    """

    jobs: int
    files: float | CannotBeSaid
    """The mean part of the reference's files that is touched."""
    hunks: float | CannotBeSaid
    """The same of its places."""
    files_besides: float
    """The mean number of files that the reference leaves alone."""


@dataclass(frozen=True, slots=True)
class ArmSummary:
    """One arm."""

    arm: str
    health: ArmHealth
    acceptance: Share | CannotBeSaid
    """With its interval on the effective sample size."""
    passes: tuple[Passes, ...]
    """For 1, 2, … attempts, up to as many as were planned."""
    ratings: Ratings | CannotBeSaid
    necessity: Necessity | CannotBeSaid
    """What it said of whether changes are necessary, against what a person found."""
    steadiness: Share | CannotBeSaid
    """The chance that two of its repetitions say the same of that."""
    repeats: Repeats | CannotBeSaid
    hits: ReferenceHits | CannotBeSaid
    cost: Amounts | CannotBeSaid
    """US dollars a job."""
    cost_per_accepted: CostPerAccepted | CannotBeSaid
    seconds: Amounts | CannotBeSaid
    """Worked, a job."""
    lines: Amounts | CannotBeSaid
    """Added and removed, a job with a patch."""
    tokens: Tokens
    gate_findings: int
    """Jobs in whose patch the gate found something."""
    does_not_apply: int
    """Jobs whose patch does not apply to a fresh checkout."""
