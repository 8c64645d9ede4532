"""A world in which nothing runs by itself, with a clock that a test moves, and its experiments."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from codybatch.domain.cells import Cell, CellState
from codybatch.domain.experiments import Experiment
from codybatch.domain.jobs import Job
from codybatch.domain.prompts import PromptDraft
from codybatch.domain.requests import Request
from codybatch.domain.states import EndedBecause
from codybatch.ports import PageRequest, Partition, PartitionKind
from codybatch.services.experiment_form import ExperimentForm, RepositoryForm
from codybatch.services.experiments import Experiments
from tests.attempt_kit import SteeredClock
from tests.unit.services.still import Still

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
COST = Decimal("0.05")
"""What a job costs that a test ends, in US dollars."""


@dataclass
class Laboratory:
    """Experiments of a still world."""

    still: Still
    clock: SteeredClock = field(default_factory=lambda: SteeredClock(MONDAY))
    request_cap_usd: Decimal | None = Decimal(10)
    """What the operator lets a request cost."""
    _names: Any = field(default_factory=count)

    def __post_init__(self) -> None:
        """Save the prompts that are compared where a test names no others."""
        app = self.still.world.app
        for text in ("Add hints.", "Add all hints."):
            app.prompts.save(PromptDraft(name="hints", template=text), app.person)

    @property
    def service(self) -> Experiments:
        """The service, with the test's clock."""
        made = self.still.world.app.experiments
        policy = replace(made.requests.intake.policy, request_cap_usd=self.request_cap_usd)
        intake = replace(made.requests.intake, clock=self.clock, policy=policy)
        submissions = replace(made.runs.submissions, intake=intake, clock=self.clock)
        runs = replace(made.runs, clock=self.clock, submissions=submissions)
        growth = replace(made.growth, clock=self.clock, intake=intake)
        return replace(made, clock=self.clock, runs=runs, growth=growth)

    def form(self, *repositories: str, **given: Any) -> ExperimentForm:
        """A form for two versions of one prompt, over two repositories of its own."""
        app = self.still.world.app
        named = repositories or (self.still.repository(), self.still.repository())
        return ExperimentForm(
            **{
                "name": f"Experiment {next(self._names)}",
                "prompts": ("hints@1", "hints@2"),
                "options": app.default_options(),
                "repositories": tuple(RepositoryForm(repository=one) for one in named),
                **given,
            }
        )

    def create(self, *repositories: str, **given: Any) -> Experiment:
        """Set an experiment up; nothing of it is submitted."""
        return self.service.create(self.form(*repositories, **given), self.still.world.app.person)

    def advance(self, experiment: Experiment) -> Experiment:
        """Let it go on by one look, as it is stored now."""
        return self.service.runs.advance(self.now(experiment))

    def now(self, experiment: Experiment) -> Experiment:
        """The experiment as it is stored."""
        return self.still.records.experiment(experiment.id)

    def cells(self, experiment: Experiment) -> tuple[Cell, ...]:
        """Its cells as they are now."""
        return self.service.cells.of(self.now(experiment))

    def states(self, experiment: Experiment) -> Counter[CellState]:
        """How many of its cells are in each state."""
        return Counter(cell.state for cell in self.cells(experiment))

    def requests(self, experiment: Experiment) -> list[Request]:
        """All requests that it submitted, oldest first."""
        partition = Partition(PartitionKind.EXPERIMENT, experiment.id)
        listed = self.still.records.list_requests(partition, PageRequest(1000)).items
        return sorted(listed, key=lambda one: one.id)

    def running(self, experiment: Experiment) -> list[Job]:
        """Its jobs that have not ended."""
        jobs = self.service.cells.jobs_of(experiment.id)
        return [job for job in jobs if not job.state.is_terminal]

    def end(
        self,
        *jobs: Job,
        because: EndedBecause = EndedBecause.FINISHED,
        cost: Decimal = COST,
    ) -> None:
        """Have workers end jobs, each at the same cost."""
        for job in jobs:
            if job.waiting is not None:
                self.still.records.put_back(job.id)
            self.still.end(job, because, cost_usd=cost)

    def run(self, experiment: Experiment, cost: Decimal = COST) -> Experiment:
        """Let it go on until nothing of it moves any more."""
        while True:
            after = self.advance(experiment)
            jobs = self.running(experiment)
            if not jobs:
                return after
            self.end(*jobs, cost=cost)
