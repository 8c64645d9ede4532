"""The contract of lineages: one job at a time, whoever wants to continue it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from codybatch.domain.errors import LineageBusy, NotFound
from codybatch.domain.jobs import Job, LineageRelation
from codybatch.domain.requests import Request
from codybatch.domain.states import JobState, WaitingReason
from codybatch.ports import Records
from tests.contracts.examples import (
    BOB,
    LATER,
    NOON,
    SOON,
    a_request,
    claimed,
    jobs_of,
    minutes,
    running,
    settled,
    waiting,
)
from tests.contracts.fixtures import StoreFixtures, in_processes


def a_retry_of(root: Job, number: int = 1) -> tuple[Request, list[Job]]:
    """A request whose one job continues a lineage."""
    lineage = root.lineage.with_(parent=root.id, relation=LineageRelation.RETRY)
    request = a_request(NOON + minutes(number))
    return request, jobs_of(request, lineage=lineage)


class LineageContract(StoreFixtures):
    def test_a_lineage_whose_jobs_have_ended_is_continued(self, records: Records) -> None:
        root = settled(records, running(records))
        request, jobs = a_retry_of(root)

        records.create_request(request, jobs, "key")

        assert [job.id for job in records.lineage(root.id)] == [root.id, jobs[0].id]

    @pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING, JobState.WAITING])
    def test_a_job_that_has_not_ended_keeps_others_out_of_its_lineage(
        self, records: Records, state: JobState
    ) -> None:
        root = settled(records, running(records))
        request, (job,) = a_retry_of(root)
        if state is JobState.WAITING:
            job = waiting(job, WaitingReason.HELD)
        records.create_request(request, [job], "key")
        if state is JobState.RUNNING:
            claimed(records, job.id)
        second, its_jobs = a_retry_of(root, 2)

        with pytest.raises(LineageBusy, match=job.id):
            records.create_request(second, its_jobs, "other key")

        assert len(records.lineage(root.id)) == 2
        with pytest.raises(NotFound):
            records.request(second.id)
        assert records.submitted(second.requester, "other key") is None

    def test_a_root_that_has_not_ended_keeps_others_out(self, records: Records) -> None:
        root = running(records)

        with pytest.raises(LineageBusy, match=root.id):
            records.create_request(*a_retry_of(root), "key")

    def test_one_busy_lineage_keeps_the_whole_request_out(self, records: Records) -> None:
        ended, busy = settled(records, running(records)), running(records, at=SOON)
        request = a_request(LATER, "acme/api acme/web")
        jobs = [
            job.with_(lineage=root.lineage.with_(parent=root.id))
            for job, root in zip(jobs_of(request), (ended, busy), strict=True)
        ]

        with pytest.raises(LineageBusy):
            records.create_request(request, jobs, "key")

        assert records.lineage(ended.id) == (ended,)

    def test_the_same_key_gives_back_the_job_that_is_at_work(self, records: Records) -> None:
        root = settled(records, running(records))
        request, jobs = a_retry_of(root)
        records.create_request(request, jobs, "key")
        again, its_jobs = a_retry_of(root, 2)

        made = records.create_request(again, its_jobs, "key")

        assert (made.replayed, made.request.id) == (True, request.id)

    def test_threads_that_continue_a_lineage_at_once_get_one_job(self, records: Records) -> None:
        root = settled(records, running(records))

        def retry(number: int) -> bool:
            try:
                records.create_request(*a_retry_of(root, number), f"key {number}")
            except LineageBusy:
                return False
            return True

        with ThreadPoolExecutor(8) as writers:
            went = list(writers.map(retry, range(8)))

        assert went.count(True) == 1
        assert len(records.lineage(root.id)) == 2

    def test_processes_that_continue_a_lineage_at_once_get_one_job(
        self, records: Records, place: Path
    ) -> None:
        root = settled(records, running(records))
        tasks = [(_continue, (self.make_records, place, root, number)) for number in range(2)]

        went = in_processes(tasks)

        assert sorted(went) == [False, True]
        assert len(records.lineage(root.id)) == 2

    def test_a_request_is_found_by_its_requesters_key(self, records: Records) -> None:
        request = a_request()
        records.create_request(request, jobs_of(request), "key")
        renamed = records.update_request(records.request(request.id).with_(title="Renamed"))

        assert records.submitted(request.requester, "key") == renamed
        assert records.submitted(BOB, "key") is None
        assert records.submitted(request.requester, "other") is None


def _continue(
    ready: Callable[[], object],
    make: Callable[[Path], Records],
    place: Path,
    root: Job,
    number: int,
) -> bool:
    records = make(place)
    ready()
    try:
        records.create_request(*a_retry_of(root, number), f"key {number}")
    except LineageBusy:
        return False
    finally:
        records.close()
    return True
