"""The contract of time ranges, and of the lists of requests."""

from __future__ import annotations

from datetime import datetime

import pytest

from codybatch.domain.errors import UsageError
from codybatch.domain.identifiers import JobId
from codybatch.domain.prompts import PromptRef
from codybatch.domain.requests import JobCounts
from codybatch.domain.states import WaitingReason
from codybatch.ports import PageRequest, Partition, PartitionKind, Records
from tests.contracts.examples import (
    ALICE,
    BOB,
    NOON,
    SOON,
    a_key,
    a_request,
    created,
    jobs_of,
    lease_of,
    minutes,
    queued,
    reserve,
    running,
    usd,
    waiting,
)
from tests.contracts.fixtures import StoreFixtures
from tests.contracts.lists_contract import ids, pages

KINDS = PartitionKind


class TimeRangeContract(StoreFixtures):
    @pytest.mark.parametrize(
        ("since", "until", "expected"),
        [
            (None, None, [3, 2, 1, 0]),
            (NOON, None, [3, 2, 1, 0]),
            (NOON + minutes(1), None, [3, 2, 1]),
            (NOON + minutes(1.5), None, [3, 2]),
            (None, NOON, []),
            (None, NOON + minutes(1), [0]),
            (None, NOON + minutes(1.5), [1, 0]),
            (NOON + minutes(1), NOON + minutes(3), [2, 1]),
            (NOON + minutes(3), NOON + minutes(1), []),
            (NOON + minutes(4), None, []),
        ],
    )
    def test_a_range_is_from_since_up_to_before_until(
        self,
        records: Records,
        since: datetime | None,
        until: datetime | None,
        expected: list[int],
    ) -> None:
        made = [created(records, NOON + minutes(number)) for number in range(4)]
        page = PageRequest(since=since, until=until)
        reversed_page = PageRequest(since=since, until=until, oldest_first=True)
        wanted = [made[number] for number in expected]

        jobs = records.list_jobs(page=page)
        of_state = records.list_jobs(Partition(KINDS.STATE, "queued"), page)
        requests = records.list_requests(page=page)
        of_repository = records.list_requests(Partition(KINDS.REPOSITORY, "acme/api"), page)
        found = records.search_jobs("acme", page)

        expected_jobs = [one.jobs[0].id for one in wanted]
        assert ids(jobs) == ids(of_state) == ids(found) == expected_jobs
        assert ids(records.list_jobs(page=reversed_page)) == expected_jobs[::-1]
        expected_requests = [one.request.id for one in wanted]
        assert [request.id for request in requests.items] == expected_requests
        assert [request.id for request in of_repository.items] == expected_requests

    def test_a_range_is_exact_to_the_microsecond(self, records: Records) -> None:
        moment = NOON.replace(microsecond=500)
        job = queued(records, moment)
        one = moment.resolution

        def seen(since: datetime, until: datetime) -> bool:
            return ids(records.list_jobs(page=PageRequest(since=since, until=until))) == [job.id]

        assert seen(moment, moment + one)
        assert not seen(moment + one, moment + minutes(1))
        assert not seen(moment - one, moment)

    def test_a_range_holds_over_all_pages(self, records: Records) -> None:
        made = [queued(records, NOON + minutes(number)).id for number in range(8)]
        since, until = NOON + minutes(2), NOON + minutes(7)
        seen: list[JobId] = []
        cursor: str | None = None
        while True:
            page = records.list_jobs(
                page=PageRequest(limit=2, cursor=cursor, since=since, until=until)
            )
            seen += ids(page)
            cursor = page.cursor
            if cursor is None:
                break

        assert seen == made[2:7][::-1]

    def test_a_range_holds_in_one_request(self, records: Records) -> None:
        made = created(records, repositories="acme/api acme/web")
        partition = Partition(KINDS.REQUEST, made.request.id)

        later = NOON + minutes(1)

        assert len(records.list_jobs(partition, PageRequest(since=NOON, until=later)).items) == 2
        assert records.list_jobs(partition, PageRequest(since=later)).items == ()
        assert records.list_jobs(partition, PageRequest(until=NOON)).items == ()


class RequestListContract(StoreFixtures):
    def test_a_partition_has_its_own_requests_alone(self, records: Records) -> None:
        audit = PromptRef(name="audit", version=3)
        first = created(records, NOON, repositories="acme/api acme/web").request.id
        second = created(records, NOON + minutes(1), prompt=audit, requester=BOB).request.id
        partitions = {
            (KINDS.EVERYTHING, ""): [second, first],
            (KINDS.REPOSITORY, "acme/api"): [second, first],
            (KINDS.REPOSITORY, "ACME/web"): [first],
            (KINDS.REPOSITORY, "acme/other"): [],
            (KINDS.PROMPT, "audit"): [second],
            (KINDS.REQUESTER, ALICE): [first],
            (KINDS.REQUESTER, "nobody"): [],
        }

        found = {
            (kind, value): [
                request.id for request in records.list_requests(Partition(kind, value)).items
            ]
            for kind, value in partitions
        }

        assert found == partitions

    def test_a_repository_is_named_without_regard_to_case(self, records: Records) -> None:
        made = created(records, repositories="Acme/API")

        for name in ("Acme/API", "acme/api", "ACME/Api"):
            partition = Partition(KINDS.REPOSITORY, name)
            assert records.list_requests(partition).items == (made.request,)
            assert records.list_jobs(partition).items == made.jobs

    def test_a_request_is_of_a_repository_where_it_has_a_job(self, records: Records) -> None:
        request = a_request(repositories="acme/api acme/web")
        records.create_request(request, jobs_of(request)[:1], a_key())

        with_job = records.list_requests(Partition(KINDS.REPOSITORY, "acme/api"))
        without = records.list_requests(Partition(KINDS.REPOSITORY, "acme/web"))

        assert [one.id for one in with_job.items] == [request.id]
        assert without.items == ()

    def test_two_jobs_in_one_repository_show_their_request_once(self, records: Records) -> None:
        made = created(records, repositories="acme/api@main acme/api@next")

        listed = records.list_requests(Partition(KINDS.REPOSITORY, "acme/api"))

        assert [request.id for request in listed.items] == [made.request.id]

    @pytest.mark.parametrize("kind", [KINDS.STATE, KINDS.REQUEST])
    def test_requests_have_no_list_by_state_or_request(
        self, records: Records, kind: PartitionKind
    ) -> None:
        with pytest.raises(UsageError):
            records.list_requests(Partition(kind, "queued"))

    @pytest.mark.parametrize(
        "partition",
        [
            Partition(),
            Partition(KINDS.REPOSITORY, "acme/api"),
            Partition(KINDS.PROMPT, "update"),
            Partition(KINDS.REQUESTER, ALICE),
        ],
        ids=lambda partition: partition.kind,
    )
    def test_pages_together_have_every_row_once(
        self, records: Records, partition: Partition
    ) -> None:
        made = [created(records, NOON + minutes(number)).request.id for number in range(5)]

        found = list(pages(lambda page: records.list_requests(partition, page), 2))

        assert [request.id for page in found for request in page.items] == made[::-1]

    def test_a_listed_request_has_its_counts_and_budget(self, records: Records) -> None:
        job = running(records)
        reserve(records, job, "1.25")

        assert records.list_requests().items == (records.request(job.request),)
        assert records.list_requests().items[0].counts == JobCounts(running=1)
        assert records.list_requests().items[0].budget.reserved_usd == usd("1.25")

    def test_a_waiting_job_shows_why_in_every_list(self, records: Records) -> None:
        job = running(records)
        records.release(lease_of(job), waiting(job, WaitingReason.CREDENTIAL))

        for partition in (Partition(), Partition(KINDS.STATE, "waiting")):
            (listed,) = records.list_jobs(partition).items
            assert listed == records.job(job.id)
            assert listed.waiting
            assert listed.waiting.reason is WaitingReason.CREDENTIAL
            assert listed.waiting.since < SOON
