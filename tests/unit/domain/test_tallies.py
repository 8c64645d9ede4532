"""Tallies: sums and what they say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from codybatch.domain.tallies import DayTally, PromptTally, Tally, total

SOME = Tally(succeeded=3, partial=1, cancelled=4, accepted=2, rejected=1, cost_usd=Decimal("0.1"))
MORE = Tally(failed=2, changes_necessary=1, changes_unnecessary=1, cost_usd=Decimal("0.2"))


def test_what_is_counted_and_counted_back_is_nothing() -> None:
    assert SOME.plus(MORE).plus(MORE, -1) == SOME
    assert SOME.plus(SOME, -1) == Tally()


def test_a_total_is_of_all() -> None:
    summed = total((PromptTally(version=2, tally=SOME), PromptTally(version=1, tally=MORE)))

    assert summed == MORE.plus(SOME)
    assert (summed.ended, summed.judged, summed.cost_usd) == (10, 3, Decimal("0.3"))
    assert total((DayTally(day=date(2026, 3, 1), tally=MORE),)) == MORE
    assert total(()) == Tally()


def test_what_was_cancelled_is_no_failure() -> None:
    assert SOME.success == 0.75
    assert Tally(cancelled=3).success is None


def test_parts_of_nothing_are_unknown() -> None:
    nothing = Tally()

    assert (nothing.success, nothing.acceptance, nothing.cost_of_one_usd) == (None, None, None)
    assert SOME.acceptance == 2 / 3
    assert MORE.cost_of_one_usd == Decimal("0.1")
