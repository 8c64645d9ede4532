"""Planning: which requests of an experiment come next, and what is set aside for each.

A turn is begun only where its cells may be paid for under every arm, if need be in fewer
repositories; so that a budget that is used up leaves no arm ahead of another.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from codybatch.domain.cells import Cell, CellState, Turn, Wanted, turns
from codybatch.domain.experiments import (
    Experiment,
    ExperimentRepository,
    ExperimentState,
    PlannedRequest,
)
from codybatch.domain.identifiers import RequestId
from codybatch.domain.money import NOTHING
from codybatch.services.allotments import Allotments
from codybatch.services.wording import money

_LEAST_RAISE = 4
"""A cap is raised by what was set aside first, and by a quarter of it at least."""


@dataclass
class Plan:
    """An experiment whose next requests are being planned."""

    experiment: Experiment
    allotments: Allotments
    new_id: Callable[[], RequestId]
    most_usd: Decimal | None = None
    """What a request may cost; None for no cap."""
    short_of: Decimal = NOTHING
    """What could not be set aside any more (US dollars)."""

    def fill(self, cells: Sequence[Cell], size: int) -> Experiment:
        """Plan until as many requests are under way as may be, or the budget holds no more.

        Args:
            cells: of the experiment.
            size: repositories in a request at most.

        Raises:
            ModelWithoutPrice: what a model costs is not known, and there is a budget.
        """
        for turn in turns(self.experiment, cells, size):
            chosen = self._chosen(turn)
            for part in turn.within(chosen):
                if self._is_full:
                    return self.experiment
                if not self._plan(part):
                    return self._short(cells)
            if len(chosen) < len(turn.repositories):
                return self._short(cells)
        return self._all_planned(cells)

    def raise_caps(self, stuck: Sequence[PlannedRequest]) -> Experiment:
        """Set more aside for requests whose jobs wait for their cap; where that cannot be for any
        of them and nothing else is under way, the experiment waits. Those that have what any
        request may cost are a person's to raise.

        Args:
            stuck: those requests.
        """
        stuck = [one for one in stuck if not self._is_at_most(one)]
        raised = [one for one in stuck if self._raise(one)]
        if stuck and not raised and len(stuck) == len(self.experiment.under_way):
            self.experiment = self._waiting()
        return self.experiment

    @property
    def _is_full(self) -> bool:
        return len(self.experiment.under_way) >= self.experiment.requests_at_once

    def _chosen(self, turn: Turn) -> tuple[ExperimentRepository, ...]:
        if turn.is_begun:  # what was reckoned with when it was begun
            return turn.repositories
        left = self.experiment.left_usd
        chosen = self.allotments.within(turn, left)
        if not chosen:
            self.short_of = self.allotments.high(turn.within(turn.repositories[:1]))
        return chosen

    def _plan(self, part: Wanted) -> bool:
        """Plan a request; False where the budget does not hold it."""
        cap = None
        if self.experiment.left_usd is not None:
            cap = self._bounded(self.allotments.high([part]))
            if cap > self.experiment.left_usd:
                self.short_of = cap
                return False
        planned = PlannedRequest(
            request=self.new_id(),
            arm=part.arm.key,
            repetition=part.repetition,
            attempt=part.attempt,
            repositories=tuple(one.repository_id for one in part.repositories),
            cap_usd=cap,
        )
        self.experiment = self.experiment.with_(under_way=(*self.experiment.under_way, planned))
        return True

    def _raise(self, planned: PlannedRequest) -> bool:
        left = self.experiment.left_usd
        first = self.allotments.high_of(planned)
        by = first if left is None else min(first, left)
        if planned.cap_usd is None or by * _LEAST_RAISE < first:
            self.short_of = first
            return False
        more = planned.with_(cap_usd=self._bounded(planned.cap_usd + by))
        under_way = (more if one is planned else one for one in self.experiment.under_way)
        self.experiment = self.experiment.with_(under_way=tuple(under_way))
        return True

    def _bounded(self, cap: Decimal) -> Decimal:
        return cap if self.most_usd is None else min(cap, self.most_usd)

    def _is_at_most(self, planned: PlannedRequest) -> bool:
        if self.most_usd is None or planned.cap_usd is None:
            return False
        return planned.cap_usd >= self.most_usd

    def _short(self, cells: Sequence[Cell]) -> Experiment:
        """Nothing more is planned before a request ends and leaves something of what it held."""
        if self.experiment.under_way or _is_running(cells):
            return self.experiment.with_(all_planned=True)
        return self._waiting()

    def _waiting(self) -> Experiment:
        one = self.experiment
        spent = money(one.spent_usd + one.reserved_usd)
        return one.with_(
            state=ExperimentState.WAITING,
            all_planned=True,
            trouble=(
                f"The budget of {money(one.budget_usd or NOTHING)} does not hold what comes next: "
                f"{spent} of it {'is spent or set aside' if one.under_way else 'is spent'}, and "
                f"the next cells may cost {money(self.short_of)}. Raise it: "
                f"`codybatch experiments budget {shlex.quote(one.name)} USD`."
            ),
        )

    def _all_planned(self, cells: Sequence[Cell]) -> Experiment:
        if self.experiment.under_way:
            return self.experiment.with_(all_planned=True)
        if _is_running(cells):  # for another experiment, which this one waits for
            return self.experiment
        return self.experiment.with_(state=ExperimentState.ENDED, all_planned=True)


def _is_running(cells: Sequence[Cell]) -> bool:
    return any(cell.state is CellState.RUNNING for cell in cells)
