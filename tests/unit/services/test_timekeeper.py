"""The timekeeper ticks for as long as its block lasts, whatever a tick does."""

from __future__ import annotations

import logging
from threading import Event

import pytest

from codybatch.services.timekeeper import Timekeeper

PATIENCE = 30


def test_it_ticks_until_the_block_ends() -> None:
    twice, ticks = Event(), []

    def tick() -> None:
        ticks.append(1)
        if len(ticks) == 2:
            twice.set()

    with Timekeeper(tick, seconds=0.01) as keeper:
        assert twice.wait(PATIENCE)
    done = len(ticks)

    assert not keeper._thread.is_alive()
    assert len(ticks) == done


def test_a_tick_that_fails_is_told_once_and_the_next_one_follows(
    caplog: pytest.LogCaptureFixture,
) -> None:
    thrice, ticks = Event(), []

    def tick() -> None:
        ticks.append(1)
        if len(ticks) == 3:
            thrice.set()
        raise RuntimeError("The disk is full.")

    with caplog.at_level(logging.ERROR), Timekeeper(tick, seconds=0.01):
        assert thrice.wait(PATIENCE)

    assert len([line for line in caplog.records if "trying again" in line.message]) == 1
