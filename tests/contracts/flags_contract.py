"""The contract of the lists of what waits for a person: results to judge, patches withheld."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from codybatch.domain.errors import InvalidCursor, UsageError
from codybatch.domain.findings import Decision, Finding, Severity
from codybatch.domain.jobs import Job
from codybatch.domain.publication import Publication, PublicationKind, WithheldReason
from codybatch.domain.states import JobState
from codybatch.ports import FlagCounts, PageRequest, Partition, PartitionKind, Records
from tests.contracts.examples import (
    ALICE,
    BOB,
    NOON,
    SOON,
    a_patch,
    a_verdict,
    claimed,
    lease_of,
    minutes,
    queued,
    running,
    settled,
    waiting,
)
from tests.contracts.fixtures import StoreFixtures
from tests.contracts.lists_contract import ids, pages, with_pull_request

UNJUDGED = Partition(PartitionKind.UNJUDGED)
WITHHELD = Partition(PartitionKind.WITHHELD)
KEPT_BACK = Publication(kind=PublicationKind.WITHHELD, reasons=(WithheldReason.GATE,))
A_FINDING = Finding(severity=Severity.LOW, rule="r", path="a", message="m")
RESULTS: list[dict[str, Any]] = [
    {"patch": a_patch()},
    {"findings": (A_FINDING,)},
    {"answer": {}},
]


def to_judge(records: Records, at: datetime = NOON, **changes: Any) -> Job:
    """A job that ended with a patch."""
    return settled(records, running(records, at=at), **{"patch": a_patch(), **changes})


class UnjudgedContract(StoreFixtures):
    @pytest.mark.parametrize("result", RESULTS, ids=lambda result: next(iter(result)))
    @pytest.mark.parametrize("state", [JobState.SUCCEEDED, JobState.PARTIAL, JobState.FAILED])
    def test_whoever_ended_with_a_result_is_listed(
        self, records: Records, result: dict[str, Any], state: JobState
    ) -> None:
        job = settled(records, running(records), state=state, **result)

        assert records.list_jobs(UNJUDGED).items == (job,)
        assert records.flag_counts() == FlagCounts(unjudged=1)

    def test_whoever_has_nothing_to_judge_is_not(self, records: Records) -> None:
        settled(records, running(records))
        cancelled = running(records, at=NOON + minutes(1))
        settled(records, cancelled, state=JobState.CANCELLED, patch=a_patch())

        assert records.list_jobs(UNJUDGED).items == ()
        assert records.flag_counts() == FlagCounts()

    def test_a_job_is_listed_from_its_end_to_the_first_verdict(self, records: Records) -> None:
        job = queued(records)
        seen = [ids(records.list_jobs(UNJUDGED))]
        job = claimed(records, job.id).with_(patch=a_patch())
        records.commit(lease_of(job), job)
        seen.append(ids(records.list_jobs(UNJUDGED)))
        records.release(lease_of(job), waiting(job))
        records.put_back(job.id)
        seen.append(ids(records.list_jobs(UNJUDGED)))
        job = settled(records, claimed(records, job.id), patch=a_patch())
        seen.append(ids(records.list_jobs(UNJUDGED)))
        records.put_verdict(a_verdict(job))
        seen.append(ids(records.list_jobs(UNJUDGED)))

        assert seen == [[], [], [], [job.id], []]
        assert records.flag_counts() == FlagCounts()

    def test_it_comes_back_when_the_last_verdict_is_withdrawn(self, records: Records) -> None:
        job = to_judge(records)
        for rater, decision in ((ALICE, "accept"), (BOB, "accept"), (ALICE, "reject")):
            records.put_verdict(a_verdict(job, rater, decision=Decision(decision)))
        seen = []
        for rater in (ALICE, ALICE, BOB):
            records.withdraw_verdict(job.id, rater)
            seen.append((ids(records.list_jobs(UNJUDGED)), records.flag_counts().unjudged))

        assert seen == [([], 0), ([], 0), ([job.id], 1)]

    def test_what_was_judged_before_its_end_is_not_listed(self, records: Records) -> None:
        job = running(records)
        records.put_verdict(a_verdict(job))

        settled(records, job, patch=a_patch())
        assert records.list_jobs(UNJUDGED).items == ()

        records.withdraw_verdict(job.id, ALICE)
        assert ids(records.list_jobs(UNJUDGED)) == [job.id]

    def test_publishing_does_not_judge(self, records: Records) -> None:
        job = to_judge(records)

        after = records.update_job(job.with_(publication=KEPT_BACK))

        assert records.list_jobs(UNJUDGED).items == (after,)
        assert records.flag_counts() == FlagCounts(unjudged=1, withheld=1)

    def test_they_come_newest_first_by_cursors_that_stay_right(self, records: Records) -> None:
        made = [to_judge(records, NOON + minutes(number)) for number in range(6)]
        first = records.list_jobs(UNJUDGED, PageRequest(limit=2))
        for job in (made[5], made[2]):
            records.put_verdict(a_verdict(job))

        second = records.list_jobs(UNJUDGED, PageRequest(limit=2, cursor=first.cursor))
        oldest = pages(lambda page: records.list_jobs(UNJUDGED, page), 3, oldest_first=True)
        middle = PageRequest(since=NOON + minutes(1), until=NOON + minutes(4))

        assert ids(first) == [made[5].id, made[4].id]
        assert ids(second) == [made[3].id, made[1].id]
        left = [made[number].id for number in (0, 1, 3, 4)]
        assert [job for page in oldest for job in ids(page)] == left
        assert ids(records.list_jobs(UNJUDGED, middle)) == [made[3].id, made[1].id]
        with pytest.raises(InvalidCursor):
            records.list_jobs(WITHHELD, PageRequest(cursor=first.cursor))

    def test_requests_have_no_such_list(self, records: Records) -> None:
        for partition in (UNJUDGED, WITHHELD):
            with pytest.raises(UsageError, match=partition.kind):
                records.list_requests(partition)


class WithheldContract(StoreFixtures):
    def test_a_job_is_listed_from_its_end_until_it_is_published(self, records: Records) -> None:
        job = running(records).with_(publication=KEPT_BACK)
        records.commit(lease_of(job), job)
        seen = [ids(records.list_jobs(WITHHELD))]
        job = settled(records, job, publication=KEPT_BACK)
        seen.append(ids(records.list_jobs(WITHHELD)))
        branch = Publication(kind=PublicationKind.BRANCH_PUSHED, branch="cody-batch-1")
        job = records.update_job(job.with_(publication=branch))
        seen.append(ids(records.list_jobs(WITHHELD)))
        records.update_job(job.with_(publication=KEPT_BACK))
        seen.append(ids(records.list_jobs(WITHHELD)))

        assert seen == [[], [job.id], [], [job.id]]
        assert records.flag_counts() == FlagCounts(withheld=1)

    def test_each_list_has_a_count_of_its_own(self, records: Records) -> None:
        with_pull_request(records, NOON)
        for number in range(3):
            to_judge(records, NOON + minutes(number), publication=KEPT_BACK)
        judged = to_judge(records, SOON)
        records.put_verdict(a_verdict(judged))

        assert records.flag_counts() == FlagCounts(open_pull_request=1, unjudged=3, withheld=3)
        records.check()
