"""Experiments: arms x repositories x repetitions, as cells that are paid for once.

An arm is one prompt version with its variables, model and options. A cell is one arm on one
repository at one pinned commit, for one repetition; its job is what was made of it. Cells become
requests in blocks: the same repositories and the same repetition for every arm, one block after the
other, so that what is there after a stop in the middle still compares all arms alike.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple, Self

from pydantic import Field, field_validator, model_validator

from codybatch.domain.errors import InvalidExperiment
from codybatch.domain.identifiers import ExperimentId, Person, RequestId
from codybatch.domain.money import NOTHING, Usd
from codybatch.domain.prompts import PromptRef
from codybatch.domain.records import Moment, Record
from codybatch.domain.repositories import RepositoryRef
from codybatch.domain.requests import ExperimentCell, RequestOptions
from codybatch.domain.threads import BlobRef

MAX_NAME = 100
MAX_ARM_NAME = 80
MAX_ARMS = 20
MAX_REPOSITORIES = 500
MAX_REPETITIONS = 20
MAX_CELLS = 10_000
"""Of one experiment: each is a job, and all of them are looked through as it goes on."""

_DECIDES_NOTHING = frozenset(
    {"publish", "rehearse", "labels", "reviewers", "assignees", "existing_pull_request"}
)
"""Options that leave alone what the model is asked and how it may work."""


class Metric(StrEnum):
    """What arms are compared by."""

    ACCEPTED = "accepted"
    RATING = "rating"
    CORRECT = "correct"
    """Whether it saw where changes are necessary, against what a person found."""
    COST = "cost"
    DURATION = "duration"

    @property
    def less_is_better(self) -> bool:
        """Whether the lower of two is the better one."""
        return self in {Metric.COST, Metric.DURATION}


class ExperimentState(StrEnum):
    """Whether an experiment submits what is still missing."""

    RUNNING = "running"
    """Its next blocks are submitted as earlier ones end."""
    PAUSED = "paused"
    """A person stopped it; what was submitted runs on, or was cancelled with it."""
    WAITING = "waiting"
    """For a budget that was used up, or a service that could not be asked; ``trouble`` says it."""
    ENDED = "ended"
    """Every cell has a job that ended. Adding an arm or a repetition makes it run again."""


class Arm(Record):
    """What is compared: one prompt version with its variables, model and options."""

    name: str
    """What people call it; unique in its experiment."""
    prompt: PromptRef
    variables: dict[str, str] = Field(default_factory=dict)
    options: RequestOptions
    replicate: int = Field(default=1, ge=1)
    """Above 1: the same once more, to see how far two equal arms differ (an A/A run)."""

    @field_validator("name")
    @classmethod
    def _check_name(cls, name: str) -> str:
        return _named("An arm's", name, MAX_ARM_NAME)

    @cached_property
    def key(self) -> str:
        """The same for arms that ask the same of the same model: 16 hexadecimal digits."""
        options = self.options.model_dump(mode="json", exclude=set(_DECIDES_NOTHING))
        asked = [
            self.prompt.model_dump(mode="json"),
            dict(sorted(self.variables.items())),
            dict(sorted(options.items())),
            self.replicate,
        ]
        return sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


class ExperimentRepository(Record):
    """A repository at a pinned commit, and what is known to be right for it."""

    repository: RepositoryRef
    """As it was written, its ref included."""
    repository_id: str
    """The code host's."""
    commit: str
    """40 hexadecimal digits; every repetition of every arm works on this one."""
    changes_necessary: bool | None = None
    """What a person found; None where nobody looked."""
    reference: BlobRef | None = None
    """A patch that is known to be right."""
    size_kb: int = 0
    """The code host's figure when it was pinned: kilobytes of the whole history."""


class PlannedRequest(Record):
    """Cells of one arm that are submitted as one request.

    It is noted on its experiment, with what is set aside for it, before it is submitted: who comes
    to note something else at the same time is refused, and whoever comes after a death submits it.
    """

    request: RequestId
    """The id that it gets."""
    arm: str
    """The arm's key."""
    repetition: int = Field(ge=1)
    attempt: int = Field(default=1, ge=1)
    repositories: tuple[str, ...] = Field(min_length=1)
    """The code host's ids."""
    cap_usd: Usd | None = None
    """Its cap, and what is set aside of the experiment's budget; None where that has no cap."""


class UnavailableRepository(Record):
    """A repository in which no more cells can be made."""

    repository_id: str
    reason: str
    """For people: what is wrong with it, secrets redacted."""
    noted_at: Moment


class ChangeKind(StrEnum):
    """What of an experiment was changed after it was set up."""

    ARMS = "arms"
    BASELINE_AGAIN = "baseline again"
    """The baseline runs once more, beside all others (an A/A run)."""
    REPOSITORIES = "repositories"
    REPETITIONS = "repetitions"
    BASELINE = "baseline"
    """Another arm became the one that the others are compared with."""


class ExperimentChange(Record):
    """A change of what is compared: who makes one after looking at results may bend the answer."""

    kind: ChangeKind
    number: int = Field(default=1, ge=1)
    """How many were added."""
    at: Moment
    results: int = Field(ge=0)
    """Cells that had a job that had ended by then, reused ones among them."""


class Block(NamedTuple):
    """Cells that are submitted as one request."""

    arm: Arm
    repetition: int
    """From 1."""
    repositories: tuple[ExperimentRepository, ...]


class Experiment(Record):
    """A question about prompts, the cells that answer it, and how it is decided."""

    id: ExperimentId
    name: str
    question: str = Field(default="", max_length=2_000)
    arms: tuple[Arm, ...] = Field(min_length=1, max_length=MAX_ARMS)
    repositories: tuple[ExperimentRepository, ...] = Field(
        min_length=1, max_length=MAX_REPOSITORIES
    )
    repetitions: int = Field(default=1, ge=1, le=MAX_REPETITIONS)
    baseline: str
    """The name of the arm that the others are compared with."""
    metric: Metric = Metric.ACCEPTED
    """The one that decides."""
    metric_chosen_at: Moment
    budget_usd: Usd | None = None
    """For all of it, what was reused not counted; None for no cap of its own."""
    requests_at_once: int = Field(default=4, ge=1, le=100)
    """How many of its requests may be unfinished at the same time."""
    reused: tuple[ExperimentId, ...] = ()
    """Experiments whose jobs stand for cells of the same key here."""
    reuses: bool = True
    """Whether such experiments are looked for; else every cell is made anew."""
    created_by: Person
    """In whose name its requests are submitted."""
    created_at: Moment
    state: ExperimentState = ExperimentState.RUNNING
    cancelled_by: Person | None = None
    """Who cancelled it, until it goes on again: what is submitted just then is cancelled, too."""
    trouble: str = ""
    """While it waits: why, and what to do."""
    try_again_at: Moment | None = None
    """While it waits for a service: when it is asked again."""
    under_way: tuple[PlannedRequest, ...] = ()
    """Requests that have not ended, or are still to be submitted."""
    all_planned: bool = False
    """Whether there is nothing to plan before one of them ends or the experiment is changed."""
    spent_usd: Usd = NOTHING
    """What its requests cost that have ended."""
    unavailable: tuple[UnavailableRepository, ...] = ()
    retried_at: Moment | None = None
    """Cells whose job had failed or was cancelled by then are made again, where no later job of
    theirs exists."""
    changes: tuple[ExperimentChange, ...] = ()
    """What was added, and other baselines, in the order in which that came."""
    version: int = 0
    """Rises with every change; a writer names the one it read, and 0 for a new one."""

    @field_validator("name")
    @classmethod
    def _check_name(cls, name: str) -> str:
        return _named("An experiment's", name, MAX_NAME)

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = Counter(arm.name.casefold() for arm in self.arms)
        for arm in self.arms:
            if names[arm.name.casefold()] > 1:
                raise InvalidExperiment(f"Two arms are called {arm.name!r}; name each differently.")
        asked: dict[str, Arm] = {}
        for arm in self.arms:
            twin = asked.setdefault(arm.key, arm)
            if twin is not arm:
                raise InvalidExperiment(
                    f"The arms {twin.name!r} and {arm.name!r} ask the same. To see how far equal "
                    "arms differ, ask for an A/A run."
                )
        if all(arm.name != self.baseline for arm in self.arms):
            raise InvalidExperiment(f"The baseline {self.baseline!r} is none of the arms.")
        ids = Counter(one.repository_id for one in self.repositories)
        for one in self.repositories:
            if ids[one.repository_id] > 1:
                raise InvalidExperiment(f"{one.repository.full_name} is named twice.")
        if self.cells > MAX_CELLS:
            raise InvalidExperiment(
                f"{len(self.arms)} arms x {len(self.repositories)} repositories x "
                f"{self.repetitions} repetitions are {self.cells:,} cells, and an experiment has "
                f"at most {MAX_CELLS:,}. Leave something out."
            )
        return self

    @property
    def is_active(self) -> bool:
        """Whether somebody must look at it from time to time."""
        return self.state in {ExperimentState.RUNNING, ExperimentState.WAITING}

    @property
    def cells(self) -> int:
        """How many there are."""
        return len(self.arms) * len(self.repositories) * self.repetitions

    @property
    def reserved_usd(self) -> Decimal:
        """What is set aside for the requests that have not ended (US dollars)."""
        return sum((one.cap_usd or NOTHING for one in self.under_way), start=NOTHING)

    @property
    def left_usd(self) -> Decimal | None:
        """What may still be set aside of the budget; None where there is no cap."""
        if self.budget_usd is None:
            return None
        return self.budget_usd - self.spent_usd - self.reserved_usd

    def noting(self, *changes: ExperimentChange) -> Self:
        """The same with changes noted. Of baselines that were tried between two results only the
        last is kept, so that nobody makes it long by turning back and forth.
        """
        noted = list(self.changes)
        for one in changes:
            if noted and one.kind is ChangeKind.BASELINE and _is_like(noted[-1], one):
                noted.pop()
            noted.append(one)
        return self.with_(changes=tuple(noted))

    def arm(self, name: str) -> Arm:
        """The arm of this name.

        Raises:
            InvalidExperiment: there is none; the message names those there are.
        """
        for arm in self.arms:
            if arm.name.casefold() == name.strip().casefold():
                return arm
        listed = ", ".join(arm.name for arm in self.arms)
        raise InvalidExperiment(f"{name!r} is no arm of {self.name!r}: it has {listed}.")

    def arm_of(self, planned: PlannedRequest) -> Arm:
        """The arm of a planned request; no arm is ever taken away."""
        return next(arm for arm in self.arms if arm.key == planned.arm)

    def cell(self, arm: Arm, repetition: int, attempt: int = 1) -> ExperimentCell:
        """Where a job of an arm stands in this experiment."""
        return ExperimentCell(
            experiment=self.id, arm=arm.key, repetition=repetition, attempt=attempt
        )

    def blocks(self, size: int) -> Iterator[Block]:
        """All cells in the order in which they are submitted.

        Every arm gets the same repositories in turn, and begins as often as any other: the order of
        arms moves on by one from block to block, so that no arm always meets a colder cache.

        Args:
            size: repositories in a request at most.
        """
        turn = 0
        for repetition in range(1, self.repetitions + 1):
            for begin in range(0, len(self.repositories), size):
                repositories = self.repositories[begin : begin + size]
                for place in range(len(self.arms)):
                    yield Block(
                        self.arms[(place + turn) % len(self.arms)], repetition, repositories
                    )
                turn += 1


def _is_like(one: ExperimentChange, other: ExperimentChange) -> bool:
    return (one.kind, one.results) == (other.kind, other.results)


def _named(whose: str, name: str, limit: int) -> str:
    shown = " ".join(name.split())
    if not shown or len(shown) > limit or not shown.isprintable():
        raise InvalidExperiment(
            f"{whose} name has 1 to {limit} printable characters, not {name!r}."
        )
    return shown
