"""What is compared, as it is recorded, wherever it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from codybatch.analysis.gathering.tried import Tried
from codybatch.domain.experiments import ExperimentChange, Metric
from codybatch.domain.identifiers import ExperimentId
from codybatch.domain.jobs import Job
from codybatch.domain.prompts import PromptRef
from codybatch.domain.requests import RequestOptions
from codybatch.domain.threads import BlobRef


@dataclass(frozen=True, slots=True)
class Contender:
    """An arm with all it did."""

    name: str
    prompt: PromptRef
    text: str
    """The prompt as it was saved."""
    variables: Mapping[str, str]
    options: RequestOptions
    tried: Mapping[str, tuple[Tried, ...]]
    """By repository (``Subject.name``), each in the order of the repetitions."""
    equal_to: str | None = None
    """Of an A/A run: the arm that it repeats."""

    def every(self) -> Iterator[tuple[str, Tried]]:
        """Each repetition with its repository, by repository."""
        for repository, repetitions in sorted(self.tried.items()):
            for one in repetitions:
                yield repository, one


@dataclass(frozen=True, slots=True)
class Subject:
    """A repository that arms worked on."""

    name: str
    """``owner/name``; with the code host's id behind it where two have had the same name."""
    changes_necessary: bool | None = None
    """What a person found; None where nobody looked."""
    reference: BlobRef | None = None
    """A patch that is known to be right."""
    reference_commit: str | None = None
    """The commit that it is a patch of."""


@dataclass(frozen=True, slots=True)
class Material:
    """All that a report is made from."""

    title: str
    question: str
    experiment: ExperimentId | None
    contenders: tuple[Contender, ...]
    """The baseline first."""
    subjects: tuple[Subject, ...]
    """By name."""
    repetitions: int
    metric: Metric
    """The one that is asked about."""
    metric_chosen_at: datetime | None = None
    """When it was settled what decides; None where nothing was settled before."""
    settled_metric: Metric | None = None
    """What was settled to decide, where that is another than is asked about."""
    clustered_by_owner: bool = False
    more_to_come: bool = False
    """Whether jobs that are not there yet will be."""
    budget_usd: Decimal | None = None
    spent_usd: Decimal | None = None
    """With jobs that were made again, and without those that another experiment paid for; None
    where that is what the jobs here cost."""
    changes: tuple[ExperimentChange, ...] = ()
    """Of the experiment, since it was set up."""
    notices: tuple[str, ...] = ()
    """What was noticed while it was put together: sentences."""

    def by_owner(self) -> Material:
        """The same with repositories of one owner counted as one."""
        return replace(self, clustered_by_owner=True)

    @property
    def baseline(self) -> Contender:
        """What the others are compared with."""
        return self.contenders[0]

    def contender(self, name: str) -> Contender:
        """The one of this name."""
        return next(one for one in self.contenders if one.name == name)

    def jobs(self) -> Iterator[Job]:
        """Every job there is."""
        for contender in self.contenders:
            for _, tried in contender.every():
                if tried.job is not None:
                    yield tried.job

    @property
    def truth(self) -> dict[str, bool]:
        """Where changes are necessary and where not, as far as a person looked."""
        return {
            one.name: one.changes_necessary
            for one in self.subjects
            if one.changes_necessary is not None
        }
