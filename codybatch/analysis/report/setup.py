"""How arms were compared: what each was, on which repositories, and what was settled before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from codybatch.domain.experiments import Metric
from codybatch.domain.threads import BlobRef


@dataclass(frozen=True, slots=True)
class ArmSetup:
    """One prompt version with its variables, model and options."""

    name: str
    prompt: str
    """The prompt's name."""
    version: int
    text: str
    """As it was saved, with its ``{{variables}}``; the baseline's and an arm's make a diff."""
    variables: tuple[tuple[str, str], ...]
    """Names and values, by name."""
    model: str
    options: tuple[tuple[str, str], ...]
    """Other options that decide what the model may do, each as a name and a value in words."""
    is_baseline: bool
    equal_to: str | None
    """Of an A/A run: the arm that it repeats."""

    @property
    def label(self) -> str:
        """``hints@2 · model``."""
        return f"{self.prompt}@{self.version} · {self.model}"


@dataclass(frozen=True, slots=True)
class RepositorySetup:
    """A repository, and what is known to be right for it."""

    repository: str
    """``owner/name``."""
    commits: tuple[str, ...]
    """40 hex digits each; more than one where the arms did not work on the same."""
    changes_necessary: bool | None
    """What a person found; None where nobody looked."""
    reference: BlobRef | None
    """A patch that is known to be right."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What was compared, and how it was to be decided."""

    arms: tuple[ArmSetup, ...]
    """The baseline first."""
    repositories: tuple[RepositorySetup, ...]
    """By name."""
    repetitions: int
    """Planned, on each repository; the most that any has where nothing was planned."""
    baseline: str
    metric: Metric
    """The one that decides."""
    metric_chosen_at: datetime | None
    """None where no experiment settled it: then it was chosen by whoever asked."""
    first_result_at: datetime | None
    last_result_at: datetime | None
    changes: tuple[str, ...]
    """What was added and changed since the experiment was set up, when, and after how many
    results: sentences, in the order in which that came."""
    clustered_by_owner: bool
    """Whether repositories of one owner count as one."""
    budget_usd: Decimal | None
    spent_usd: Decimal
    """With jobs that were made again, and without those that another experiment paid for."""
    program: str
    """Version of this program that made the report."""
    price_tables: tuple[str, ...]
    """Names and versions of the prices that its jobs were charged by."""
    content_hash: str
    """SHA-256 over all that the report was made from: jobs, patches' digests and verdicts."""
