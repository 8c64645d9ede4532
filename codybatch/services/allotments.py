"""What is set aside of an experiment's budget for a cell: the high end of what it may cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from codybatch.domain.cells import Turn, Wanted
from codybatch.domain.errors import ModelWithoutPrice
from codybatch.domain.estimates import Estimate, summed
from codybatch.domain.experiments import Arm, Experiment, ExperimentRepository, PlannedRequest
from codybatch.domain.money import NOTHING, rounded_up
from codybatch.domain.repositories import RepositoryFacts
from codybatch.domain.requests import Request
from codybatch.ports import Records
from codybatch.services.estimates import Estimates


@dataclass
class Allotments:
    """Estimates of one experiment's cells, each arm worked out once."""

    experiment: Experiment
    records: Records
    estimates: Estimates
    _known: dict[str, dict[str, Estimate] | None] = field(default_factory=dict)

    def of(self, arm: Arm, repositories: Iterable[ExperimentRepository]) -> Estimate | None:
        """What cells of an arm may cost; None where the model has no price."""
        known = self._of_arm(arm)
        return None if known is None else summed(known[one.repository_id] for one in repositories)

    def estimate_of(self, planned: PlannedRequest) -> Estimate | None:
        """What a planned request may cost; None where the model has no price."""
        chosen = set(planned.repositories)
        found = [one for one in self.experiment.repositories if one.repository_id in chosen]
        return self.of(self.experiment.arm_of(planned), found)

    def high_of(self, planned: PlannedRequest) -> Decimal:
        """The most that a planned request is expected to cost (US dollars); what is set aside for
        it already where that is not known.
        """
        estimate = self.estimate_of(planned)
        return rounded_up(estimate.high_usd) if estimate else planned.cap_usd or NOTHING

    def held_for(
        self, planned: PlannedRequest, request: Request | None, most_usd: Decimal | None
    ) -> PlannedRequest:
        """A planned request with all set aside for it that it may cost, also where a person gave
        it another cap, or there was no budget when it began.

        Args:
            planned: as it is noted.
            request: as it is stored; None where it was not submitted.
            most_usd: what a request may cost; None for no cap.
        """
        cap = planned.cap_usd
        if cap is None:
            high = self.high_of(planned)
            cap = high if most_usd is None else min(high, most_usd)
        if request is not None:
            cap = max(cap, request.budget.cap_usd or NOTHING, request.budget.spent_usd)
        return planned if cap == planned.cap_usd else planned.with_(cap_usd=cap)

    def high(self, parts: Iterable[Wanted]) -> Decimal:
        """The most that requests are expected to cost (US dollars).

        Raises:
            ModelWithoutPrice: what a model costs is not known.
        """
        return sum(map(self._high, parts), start=NOTHING)

    def within(self, turn: Turn, left: Decimal | None) -> tuple[ExperimentRepository, ...]:
        """The first repositories of a turn of which every arm's cells may be paid from ``left``
        (US dollars; None for no cap).

        Raises:
            ModelWithoutPrice: what a model costs is not known.
        """
        if left is None:
            return turn.repositories
        kept: Sequence[ExperimentRepository] = turn.repositories
        while kept and self.high(turn.within(kept)) > left:
            kept = kept[:-1]
        return tuple(kept)

    def size(self, most: int, cap_usd: Decimal | None) -> int:
        """How many repositories a request may have so that all its jobs may come to their end: one
        at least.

        Args:
            most: repositories in a request at most.
            cap_usd: what a request may cost (US dollars); None for no cap.
        """
        if cap_usd is None:
            return most
        found = self.experiment
        each = (self.of(arm, [one]) for arm in found.arms for one in found.repositories)
        highest = max((one.high_usd for one in each if one is not None), default=NOTHING)
        return most if highest * most <= cap_usd else max(1, int(cap_usd / highest))

    def _high(self, part: Wanted) -> Decimal:
        estimate = self.of(part.arm, part.repositories)
        if estimate is None:
            raise ModelWithoutPrice(
                f"The price of {part.arm.options.model} is not known, so that no budget can hold. "
                "Give it one with CODYBATCH_PRICES."
            )
        return rounded_up(estimate.high_usd)

    def _of_arm(self, arm: Arm) -> dict[str, Estimate] | None:
        if arm.key not in self._known:
            self._known[arm.key] = self._worked_out(arm)
        return self._known[arm.key]

    def _worked_out(self, arm: Arm) -> dict[str, Estimate] | None:
        kind = self.records.prompt(arm.prompt.name, arm.prompt.version).kind
        facts = [_facts(one) for one in self.experiment.repositories]
        try:
            found = self.estimates.forecast(arm.prompt.name, kind, arm.options, None, facts)
        except ModelWithoutPrice:
            return None
        return {one.facts.id: one.estimate for one in found.repositories}


def _facts(one: ExperimentRepository) -> RepositoryFacts:
    """What was known of a repository when it was pinned, as far as an estimate asks for it."""
    return RepositoryFacts(
        id=one.repository_id,
        repository=one.repository,
        default_branch="",
        head_commit=one.commit,
        size_kb=one.size_kb,
    )
