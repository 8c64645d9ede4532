"""An attempt's events: each is stored once and in order, and hardly any by a write of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.clock import SystemClock
from codybatch.domain.events import EventKind, EventLevel
from codybatch.domain.identifiers import JobId
from codybatch.stores.embedded import EmbeddedStore
from codybatch.worker import attempt as attempts
from codybatch.worker.attempt import Attempt
from tests.contracts.examples import lease_of, running


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    made = EmbeddedStore(tmp_path)
    yield made
    made.close()


def made_attempt(store: EmbeddedStore) -> Attempt:
    job = running(store.records)
    return Attempt(job, lease_of(job), store.records, SystemClock())


def told(store: EmbeddedStore, job: JobId) -> list[str]:
    return [event.text for event in store.records.events(job) if event.kind is not EventKind.PHASE]


def test_an_event_is_stored_with_the_next_commit(store: EmbeddedStore) -> None:
    attempt = made_attempt(store)
    job = attempt.job.id
    before = told(store, job)

    attempt.tell(EventKind.TURN, "Turn 1.")
    attempt.tell(EventKind.TOOL, "grep x")
    assert told(store, job) == before

    attempt.commit()
    attempt.commit()
    assert told(store, job) == [*before, "Turn 1.", "grep x"]


def test_a_warning_is_stored_at_once_after_what_came_before_it(store: EmbeddedStore) -> None:
    attempt = made_attempt(store)
    before = told(store, attempt.job.id)

    attempt.tell(EventKind.TURN, "Turn 1.")
    attempt.tell(EventKind.RETRIED, "Asking again in 2 s.", EventLevel.WARNING)

    assert told(store, attempt.job.id) == [*before, "Turn 1.", "Asking again in 2 s."]


def test_a_heartbeat_stores_what_was_told(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "HEARTBEAT_SECONDS", 0.01)
    attempt = made_attempt(store)
    before = told(store, attempt.job.id)

    with attempt:
        attempt.tell(EventKind.TURN, "Turn 1.")
        while told(store, attempt.job.id) == before:
            attempt.check()

    assert told(store, attempt.job.id) == [*before, "Turn 1."]


def test_an_attempt_that_ends_leaves_nothing_untold(store: EmbeddedStore) -> None:
    attempt = made_attempt(store)
    before = told(store, attempt.job.id)

    with attempt:
        attempt.tell(EventKind.TURN, "Turn 1.")

    assert told(store, attempt.job.id) == [*before, "Turn 1."]
    assert attempt.untold() == []
