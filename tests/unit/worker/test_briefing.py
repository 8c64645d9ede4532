"""What a conversation is told of the job that it follows up on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.findings import Finding, Severity
from codybatch.domain.jobs import Job, LineageRelation, Patch
from codybatch.domain.prompts import Kind
from codybatch.domain.states import EndedBecause, JobState
from codybatch.stores.embedded import EmbeddedStore
from codybatch.worker.briefing import MAX_EARLIER_ASKED, parents_outcome, parents_patch
from tests.contracts.examples import NOON, minutes, running, settled

PATCH = b"--- a/x\n+++ b/x\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    opened = EmbeddedStore(tmp_path)
    yield opened
    opened.close()


def ended(
    store: EmbeddedStore,
    parent: Job | None = None,
    relation: LineageRelation = LineageRelation.FOLLOW_UP,
    text: str = "",
    kind: Kind = Kind.CHANGE,
    **ending: Any,
) -> Job:
    """A job of a lineage, ended."""
    number = len(store.records.list_jobs().items)
    changes: dict[str, Any] = {"kind": kind}
    if parent is not None:
        told = {"parent": parent.id, "relation": relation, "instructions": text}
        changes["lineage"] = parent.lineage.with_(**told)
    job = running(store.records, at=NOON + minutes(number), job=changes)
    return settled(store.records, job, **ending)


def patched(store: EmbeddedStore, key: str) -> Patch:
    blob = store.blobs.put(key, PATCH)
    return Patch(blob=blob, files=2, additions=3, deletions=1, paths=("src/a.py", "b.py"))


def test_a_job_of_its_own_is_told_nothing(store: EmbeddedStore) -> None:
    first = ended(store)
    again = ended(store, first, LineageRelation.RETRY)

    assert [parents_outcome(job, store.records) for job in (first, again)] == ["", ""]
    assert parents_patch(again, store.records, store.blobs) is None


def test_a_follow_up_is_told_what_was_asked_changed_and_said(store: EmbeddedStore) -> None:
    first = ended(
        store,
        patch=patched(store, "jobs/p"),
        title="Update the pins",
        summary="Updated two pins.",
        verification="Searched again.",
        claim_mismatch="Says nothing of b.py.",
    )
    later = ended(store, first, text="And the docs.")

    told = parents_outcome(later, store.records)

    assert told.splitlines() == [
        "It was asked: Update what is old.",
        "How it ended: Claude finished the task.",
        "What it changed: 2 file(s), +3 -1: src/a.py, b.py",
        "Its title: Update the pins",
        "Its summary: Updated two pins.",
        "What it said of checks: Searched again.",
        "What did not match: Says nothing of b.py.",
    ]
    assert parents_patch(later, store.records, store.blobs) == PATCH


def test_a_failure_is_told_with_what_was_wrong_and_that_nothing_changed(
    store: EmbeddedStore,
) -> None:
    failed = ended(
        store,
        state=JobState.FAILED,
        ended_because=EndedBecause.REPOSITORY_UNAVAILABLE,
        ended_detail="The clone broke off.",
    )
    later = ended(store, failed, text="Try this.")

    told = parents_outcome(later, store.records)

    assert "could not be cloned. The clone broke off." in told
    assert "What it changed: nothing." in told
    assert parents_patch(later, store.records, store.blobs) is None


def test_the_findings_and_the_answer_of_the_earlier_job_are_told(store: EmbeddedStore) -> None:
    finding = Finding(severity=Severity.HIGH, rule="yaml-load", path="a.py", message="Unsafe.")
    audit = ended(store, kind=Kind.AUDIT, findings=(finding,))
    ask = ended(store, kind=Kind.ASK, answer={"count": 3})

    of_audit = parents_outcome(ended(store, audit, text="Why?", kind=Kind.AUDIT), store.records)
    of_ask = parents_outcome(ended(store, ask, text="Sure?", kind=Kind.ASK), store.records)

    assert '"rule":"yaml-load"' in of_audit
    assert "What it changed" not in of_audit
    assert '"count": 3' in of_ask


def test_a_retry_of_a_follow_up_is_told_the_same(store: EmbeddedStore) -> None:
    first = ended(store, patch=patched(store, "jobs/p"), summary="Updated two pins.")
    failed = ended(store, first, text="And the docs.", state=JobState.FAILED)
    again = ended(store, failed, LineageRelation.RETRY, text="And the docs.")

    assert parents_outcome(again, store.records) == parents_outcome(failed, store.records)
    assert parents_patch(again, store.records, store.blobs) == PATCH


def test_of_a_long_lineage_the_parent_is_told_first_and_the_rest_in_short(
    store: EmbeddedStore,
) -> None:
    first = ended(store, summary="First.")
    second = ended(store, first, text="Second wish. " + "x" * 50_000, summary="Second.")
    third = ended(store, second, text="Third wish.", summary="Third.")
    fourth = ended(store, third, text="Fourth wish.")

    told = parents_outcome(fourth, store.records)

    assert told.startswith("It was asked: Third wish.")
    assert "Its summary: Third." in told
    assert "Second." not in told
    assert told.index("Before that it was asked: Second wish.") < told.index("Update what is old.")
    assert len(told) < MAX_EARLIER_ASKED + 1_000
