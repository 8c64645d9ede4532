"""Pauses grow, have an end, and are never the same for two processes."""

from __future__ import annotations

from codybatch.stores.aws.patience import Patience


def test_there_is_a_pause_after_each_attempt_but_the_last() -> None:
    patience = Patience(attempts=5, first_ceiling=1.0, last_ceiling=4.0)

    assert list(patience.pauses(lambda: 1.0)) == [1.0, 2.0, 4.0, 4.0]


def test_a_pause_is_drawn_from_nothing_to_its_ceiling() -> None:
    patience = Patience(attempts=3, first_ceiling=1.0)

    assert list(patience.pauses(lambda: 0.0)) == [0.0, 0.0]
    assert list(patience.pauses(lambda: 0.5)) == [0.5, 1.0]
    drawn = [tuple(patience.pauses()) for _ in range(10)]
    assert len(set(drawn)) == 10
    assert all(0 <= first <= 1.0 and 0 <= second <= 2.0 for first, second in drawn)


def test_one_attempt_has_no_pause() -> None:
    assert list(Patience(attempts=1).pauses()) == []
