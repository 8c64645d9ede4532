"""Slices of the request's and the day's budget, so that not every turn writes to the store."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from codybatch.domain.jobs import Waiting
from codybatch.domain.money import NOTHING
from codybatch.domain.states import WaitingReason
from codybatch.ports import BudgetScope, Clock, Records, Reservation
from codybatch.worker.attempt import Attempt

SLICE_TURNS = 3
"""A slice is enough for this many replies of the size asked for."""
PATIENCE_SECONDS = 60.0
POLL_SECONDS = 1.0


class BudgetSlices:
    """What an attempt may spend before it must ask the store again."""

    def __init__(
        self, attempt: Attempt, records: Records, clock: Clock, daily_cap: Decimal | None
    ) -> None:
        """Draw for ``attempt``; what its predecessors set aside is inherited."""
        self._attempt = attempt
        self._records = records
        self._clock = clock
        self._daily_cap = daily_cap
        self._held: Decimal | None = None
        self._spent_then = NOTHING

    def cover(self, amount: Decimal, spent: Decimal) -> Waiting | None:
        """Make sure that ``amount`` is set aside on top of what is ``spent``; else why to wait.

        Raises:
            Stopped: the attempt must stop meanwhile.
            LeaseLost: as ``Records.reserve``.
        """
        if self._held is None:
            self._take_stock(spent)
        if self._left(spent) >= amount:
            return None
        return self._draw(amount, spent)

    def _take_stock(self, spent: Decimal) -> None:
        self._ask(NOTHING, spent)
        self._held = self._records.job(self._attempt.job.id).reserved_usd
        self._spent_then = spent

    def _left(self, spent: Decimal) -> Decimal:
        return (self._held or NOTHING) - (spent - self._spent_then)

    def _draw(self, amount: Decimal, spent: Decimal) -> Waiting | None:
        missing = amount - max(NOTHING, self._left(spent))
        give_up_at = self._clock.monotonic() + PATIENCE_SECONDS
        while True:
            # A slice where there is room for one; else just what the next reply needs.
            answer = self._try(missing + amount * (SLICE_TURNS - 1), spent)
            if not answer.granted:
                answer = self._try(missing, spent)
            if answer.granted:
                return None
            if not answer.only_reserved:
                return self._waiting(answer)
            if self._clock.monotonic() > give_up_at:
                return self._blocked_by_others()
            self._clock.sleep(POLL_SECONDS, self._attempt.interrupted)
            self._attempt.check()

    def _try(self, wanted: Decimal, spent: Decimal) -> Reservation:
        answer = self._ask(wanted, spent)
        if answer.granted:
            self._held = max(NOTHING, self._left(spent)) + wanted
            self._spent_then = spent
        return answer

    def _ask(self, amount: Decimal, spent: Decimal) -> Reservation:
        day = self._clock.now().date()
        return self._records.reserve(self._attempt.lease, amount, spent, day, self._daily_cap)

    def _waiting(self, refusal: Reservation) -> Waiting:
        now, cap = self._clock.now(), refusal.cap_usd
        if refusal.refused_by is BudgetScope.DAY:
            tomorrow = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
            reason = WaitingReason.DAILY_BUDGET
            return Waiting(reason=reason, since=now, until=tomorrow, cap_usd=cap)
        return Waiting(reason=WaitingReason.REQUEST_BUDGET, since=now, cap_usd=cap)

    def _blocked_by_others(self) -> Waiting:
        now = self._clock.now()
        return Waiting(
            reason=WaitingReason.THROTTLED,
            since=now,
            until=now + timedelta(minutes=1),
            detail="What is left of the budget is set aside for other jobs.",
        )
