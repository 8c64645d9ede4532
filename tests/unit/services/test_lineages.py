"""What a job begins with, through any chain of retries and follow-ups."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.domain.jobs import Job, LineageRelation, Patch
from codybatch.domain.states import JobState
from codybatch.domain.threads import BlobRef
from codybatch.ports import Records
from codybatch.services.lineages import begins_with, followed_up, left_by, newest_ended
from codybatch.stores.embedded import EmbeddedStore
from tests.contracts.examples import NOON, minutes, queued, running, settled

RETRY, FOLLOW_UP = LineageRelation.RETRY, LineageRelation.FOLLOW_UP
A_PATCH = Patch(
    blob=BlobRef(key="jobs/x/change.patch", sha256="0" * 64, size=1),
    files=1,
    additions=1,
    deletions=0,
)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    store = EmbeddedStore(tmp_path)
    yield store.records
    store.close()


class Family:
    """Jobs of one lineage, each ended before the next begins."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.size = 0

    def add(
        self,
        parent: Job | None = None,
        relation: LineageRelation | None = None,
        patch: bool = True,
        state: JobState = JobState.SUCCEEDED,
    ) -> Job:
        self.size += 1
        changes = {}
        if parent is not None:
            changes["lineage"] = parent.lineage.with_(parent=parent.id, relation=relation)
        job = running(self.records, at=NOON + minutes(self.size), job=changes)
        made = A_PATCH if patch else None
        return settled(self.records, job, patch=made, state=state)


def test_a_first_job_and_its_retries_begin_with_nothing(records: Records) -> None:
    family = Family(records)
    first = family.add()
    again = family.add(family.add(first, RETRY), RETRY)

    assert [begins_with(job, records) for job in (first, again)] == [None, None]
    assert followed_up(again, records) is None


def test_a_follow_up_begins_with_its_parents_patch(records: Records) -> None:
    family = Family(records)
    first = family.add()
    second = family.add(first, FOLLOW_UP)
    third = family.add(second, FOLLOW_UP)

    assert begins_with(second, records) == first
    assert begins_with(third, records) == second


def test_a_retry_of_a_follow_up_begins_where_that_began(records: Records) -> None:
    family = Family(records)
    first = family.add()
    follow_up = family.add(first, FOLLOW_UP, patch=False, state=JobState.FAILED)
    again = family.add(follow_up, RETRY)
    once_more = family.add(again, RETRY)

    assert begins_with(again, records) == first
    assert begins_with(once_more, records) == first
    assert followed_up(once_more, records) == first


def test_a_follow_up_of_a_retry_begins_with_the_retrys_patch(records: Records) -> None:
    family = Family(records)
    again = family.add(family.add(), RETRY)

    assert begins_with(family.add(again, FOLLOW_UP), records) == again


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_a_job_that_came_to_no_patch_left_what_it_began_with(
    records: Records, state: JobState
) -> None:
    family = Family(records)
    first = family.add()
    lost = family.add(first, FOLLOW_UP, patch=False, state=state)

    assert left_by(lost, records) == first
    assert begins_with(family.add(lost, FOLLOW_UP), records) == first


@pytest.mark.parametrize("state", [JobState.SUCCEEDED, JobState.PARTIAL])
def test_a_job_that_took_every_change_back_left_nothing(records: Records, state: JobState) -> None:
    family = Family(records)
    undone = family.add(family.add(), FOLLOW_UP, patch=False, state=state)

    assert left_by(undone, records) is None
    assert begins_with(family.add(undone, FOLLOW_UP), records) is None


def test_a_first_job_that_failed_left_nothing(records: Records) -> None:
    failed = Family(records).add(patch=False, state=JobState.FAILED)

    assert left_by(failed, records) is None


def test_the_newest_that_has_ended_is_named(records: Records) -> None:
    family = Family(records)
    first = family.add()
    second = family.add(first, RETRY)
    lineage = second.lineage.with_(parent=second.id, relation=RETRY)
    waiting = queued(records, NOON + minutes(9), job={"lineage": lineage})

    assert newest_ended(records.lineage(first.id)) == second
    assert newest_ended((waiting,)) == waiting
