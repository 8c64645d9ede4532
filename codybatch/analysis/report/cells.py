"""The matrix: every repetition of every arm on every repository."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from codybatch.analysis.statistics.trials import Outcome
from codybatch.domain.findings import Verdict
from codybatch.domain.identifiers import JobId, RequestId
from codybatch.domain.publication import GateFinding
from codybatch.domain.states import EndedBecause, JobState
from codybatch.domain.threads import BlobRef
from codybatch.domain.unsaid import CannotBeSaid
from codybatch.services.patch_likeness import Hits


class Standing(StrEnum):
    """How an arm did on a repository beside the baseline, by the metric that decides."""

    REGRESSED = "regressed"
    IMPROVED = "improved"
    EQUAL = "equal"
    NOT_COMPARED = "not compared"
    """One of both has no result there."""


@dataclass(frozen=True, slots=True)
class PatchSize:
    """A job's patch, without its lines: ``jobs.patch(job)`` has these."""

    blob: BlobRef
    files: int
    additions: int
    deletions: int
    paths: tuple[str, ...]
    applies: bool
    """Whether it was shown to apply to a fresh checkout."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One repetition of an arm on a repository."""

    arm: str
    repository: str
    repetition: int
    """From 1."""
    outcome: Outcome
    accepts: int
    """Verdicts that accept."""
    rejects: int
    is_disputed: bool
    """Whether as many raters accept as reject: then it counts as rejected, and is shown as a
    tie."""
    verdicts: tuple[Verdict, ...]
    """By rater; ``blind`` says of each whether prompt and model were hidden."""
    rating: float | None
    """The mean of its raters' (1 to 5)."""
    job: JobId | None = None
    """None where there is none, and so of what follows."""
    request: RequestId | None = None
    commit: str | None = None
    state: JobState | None = None
    ended_because: EndedBecause | None = None
    ended_detail: str = ""
    """What exactly was wrong; empty where nothing was."""
    title: str = ""
    """The result in one line."""
    were_changes_necessary: bool | None = None
    patch: PatchSize | None = None
    """None where nothing was changed."""
    gate: tuple[GateFinding, ...] = ()
    findings: int = 0
    """Of an audit."""
    has_answer: bool = False
    """Of an ask."""
    hits: Hits | CannotBeSaid | None = None
    """What its patch touches of the reference patch; None where there is no reference."""
    cost_usd: Decimal | None = None
    seconds: float | None = None
    """Worked, once it has ended; waiting is not counted."""
    turns: int = 0
    input_tokens: int = 0
    """Read fresh."""
    cached_tokens: int = 0
    """Read from the cache."""
    output_tokens: int = 0
    pull_request: str | None = None
    """Its address."""


@dataclass(frozen=True, slots=True)
class ArmCells:
    """All repetitions of one arm on one repository."""

    arm: str
    cells: tuple[Cell, ...]
    """By repetition."""
    value: float | None
    """By the metric that decides, a mean over the repetitions: a share (0 to 1), a rating, US
    dollars or seconds; None where there is none."""
    standing: Standing | None
    """None of the baseline itself."""

    def count(self, outcome: Outcome) -> int:
        """How many repetitions came to ``outcome``."""
        return sum(cell.outcome is outcome for cell in self.cells)


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One repository: a place for each arm, in the order of the set-up's."""

    repository: str
    arms: tuple[ArmCells, ...]

    def of(self, arm: str) -> ArmCells:
        """The place of one arm."""
        return next(one for one in self.arms if one.arm == arm)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Where an arm did otherwise than the baseline, with a job of each that shows it."""

    repository: str
    standing: Standing
    """Regressed or improved."""
    baseline: Cell
    """Of its repetitions, the one that shows the difference most: where it was better, the best."""
    arm: Cell
