"""The contract of lists: one partition, newest first, by cursors that stay right."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

import pytest

from codybatch.domain.errors import InvalidCursor, StaleWrite, UsageError
from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import Job, Lineage
from codybatch.domain.prompts import PromptRef
from codybatch.domain.publication import Publication, PublicationKind, PullRequest
from codybatch.domain.requests import JobCounts
from codybatch.domain.states import JobState
from codybatch.ports import Page, PageRequest, Partition, PartitionKind, Records
from tests.contracts.examples import (
    ALICE,
    BOB,
    NOON,
    SOON,
    claimed,
    created,
    lease_of,
    minutes,
    queued,
    running,
    settled,
    waiting,
)
from tests.contracts.fixtures import StoreFixtures

T = TypeVar("T")
KINDS = PartitionKind
TWELVE = " ".join(f"acme/r{number}" for number in range(1, 13))
FORGED = [
    "forged",
    "",
    "é",
    "====",
    "A" * 5_000,
    base64.urlsafe_b64encode(b'["x", "y"]').decode(),
    base64.urlsafe_b64encode(b"[" * 300).decode(),
    base64.urlsafe_b64encode(b'{"last": 1}').decode(),
    "../../etc/passwd",
    "\ud800",
]


def pages(
    read: Callable[[PageRequest], Page[T]], limit: int, *, oldest_first: bool = False
) -> Iterator[Page[T]]:
    """All pages of a list."""
    asked = PageRequest(limit=limit, oldest_first=oldest_first)
    page = read(asked)
    yield page
    while page.cursor:
        page = read(replace(asked, cursor=page.cursor))
        yield page


def ids(page: Page[Job]) -> list[JobId]:
    """Whose jobs are on a page."""
    return [job.id for job in page.items]


class JobListContract(StoreFixtures):
    def test_an_empty_store_has_an_empty_page(self, records: Records) -> None:
        assert records.list_jobs() == Page(())
        assert records.list_requests() == Page(())
        assert records.prompts() == Page(())
        assert records.job_counts() == JobCounts()

    def test_jobs_come_newest_first_and_in_a_request_the_last_first(self, records: Records) -> None:
        newer = created(records, NOON + minutes(1), repositories=TWELVE)
        older = created(records, NOON)
        newest = created(records, NOON + minutes(2))

        listed = ids(records.list_jobs())

        expected = [job.id for made in (older, newer, newest) for job in made.jobs]
        assert listed == expected[::-1]

    def test_the_jobs_of_one_request_come_by_their_index(self, records: Records) -> None:
        made = created(records, repositories=TWELVE)
        created(records, NOON + minutes(1))
        partition = Partition(KINDS.REQUEST, made.request.id)

        found = list(pages(lambda page: records.list_jobs(partition, page), 5))

        assert [job.index for page in found for job in page.items] == list(range(1, 13))
        assert [len(page.items) for page in found] == [5, 5, 2]

    def test_a_partition_has_its_own_jobs_alone(self, records: Records) -> None:
        update, audit = (PromptRef(name=name, version=1) for name in ("update", "audit"))
        first = queued(records, NOON, repositories="acme/api", prompt=update)
        second = queued(records, NOON + minutes(1), repositories="acme/api", prompt=audit)
        third = queued(
            records, NOON + minutes(2), repositories="acme/web", prompt=update, requester=BOB
        )
        claimed(records, second.id)
        partitions = {
            (KINDS.EVERYTHING, ""): [third, second, first],
            (KINDS.STATE, "queued"): [third, first],
            (KINDS.STATE, "running"): [second],
            (KINDS.STATE, "failed"): [],
            (KINDS.REPOSITORY, "acme/api"): [second, first],
            (KINDS.REPOSITORY, "Acme/API"): [second, first],
            (KINDS.REPOSITORY, "acme"): [],
            (KINDS.PROMPT, "update"): [third, first],
            (KINDS.PROMPT, "update@1"): [],
            (KINDS.REQUEST, second.request): [second],
            (KINDS.REQUESTER, ALICE): [second, first],
            (KINDS.REQUESTER, BOB): [third],
            (KINDS.REQUESTER, "' OR '1'='1"): [],
        }

        found = {
            (kind, value): ids(records.list_jobs(Partition(kind, value)))
            for kind, value in partitions
        }

        assert found == {key: [job.id for job in jobs] for key, jobs in partitions.items()}

    def test_a_job_moves_between_the_lists_of_states(self, records: Records) -> None:
        job = queued(records)

        def where() -> list[str]:
            lists = {state: records.list_jobs(Partition(KINDS.STATE, state)) for state in JobState}
            return [state for state, page in lists.items() if ids(page) == [job.id]]

        seen = where()
        lease = lease_of(claimed(records, job.id))
        seen += where()
        records.release(lease, waiting(records.job(job.id)))
        seen += where()
        records.put_back(job.id)
        seen += where()
        settled(records, claimed(records, job.id))
        seen += where()

        assert seen == ["queued", "running", "waiting", "queued", "succeeded"]

    @pytest.mark.parametrize("limit", [1, 2, 3, 6, 7])
    def test_pages_together_have_every_row_once(self, records: Records, limit: int) -> None:
        made = [queued(records, NOON + minutes(number)).id for number in range(6)]

        found = list(pages(records_page(records), limit))

        assert [job for page in found for job in ids(page)] == made[::-1]
        assert [len(page.items) for page in found[:-1]] == [limit] * (len(found) - 1)
        assert len(found) == -(-6 // limit)

    @pytest.mark.parametrize("limit", [1, 4, 6, 7])
    def test_a_list_may_come_the_other_way_round(self, records: Records, limit: int) -> None:
        made = [created(records, NOON + minutes(number)) for number in range(6)]
        of_queued = Partition(KINDS.STATE, "queued")

        found = [
            pages(records_page(records), limit, oldest_first=True),
            pages(lambda page: records.list_jobs(of_queued, page), limit, oldest_first=True),
            pages(lambda page: records.search_jobs("acme", page), limit, oldest_first=True),
        ]
        requests = pages(lambda page: records.list_requests(page=page), limit, oldest_first=True)

        expected = [one.jobs[0].id for one in made]
        assert [[job for page in one for job in ids(page)] for one in found] == [expected] * 3
        assert [request for page in requests for request in page.items] == [
            one.request for one in made
        ]

    def test_a_cursor_goes_one_way(self, records: Records) -> None:
        for number in range(3):
            queued(records, NOON + minutes(number))
        newest = records.list_jobs(page=PageRequest(limit=1))
        oldest = records.list_jobs(page=PageRequest(limit=1, oldest_first=True))

        for page in (
            PageRequest(cursor=newest.cursor, oldest_first=True),
            PageRequest(cursor=oldest.cursor),
        ):
            with pytest.raises(InvalidCursor):
                records.list_jobs(page=page)

    def test_what_is_added_comes_on_the_last_page_of_the_oldest_first(
        self, records: Records
    ) -> None:
        made = [queued(records, NOON + minutes(number)).id for number in range(4)]
        seen: list[JobId] = []
        for number, page in enumerate(pages(records_page(records), 2, oldest_first=True)):
            seen += ids(page)
            if number == 0:
                made.append(queued(records, NOON + minutes(60)).id)

        assert seen == made

    def test_a_cursor_stays_right_while_rows_are_added(self, records: Records) -> None:
        made = [queued(records, NOON + minutes(number)).id for number in range(6)]
        seen: list[JobId] = []
        for number, page in enumerate(pages(records_page(records), 2)):
            seen += ids(page)
            queued(records, NOON + minutes(60 + number))

        assert seen == made[::-1]

    def test_a_cursor_stays_right_while_rows_leave_the_list(self, records: Records) -> None:
        made = [queued(records, NOON + minutes(number)).id for number in range(6)]
        of_queued = Partition(KINDS.STATE, "queued")
        first = records.list_jobs(of_queued, PageRequest(limit=2))
        for job in (*ids(first), made[3]):
            claimed(records, job)

        second = records.list_jobs(of_queued, PageRequest(limit=2, cursor=first.cursor))

        assert ids(first) == [made[5], made[4]]
        assert ids(second) == [made[2], made[1]]

    def test_requests_of_one_millisecond_are_paged_without_loss(self, records: Records) -> None:
        made = {queued(records, NOON).id for _ in range(7)}

        found = [job for page in pages(records_page(records), 2) for job in ids(page)]

        assert found == sorted(made, reverse=True)

    @pytest.mark.parametrize("cursor", FORGED)
    def test_a_forged_cursor_is_refused(self, records: Records, cursor: str) -> None:
        for partition in (Partition(), Partition(KINDS.REQUEST, "r"), Partition(KINDS.STATE, "x")):
            with pytest.raises(InvalidCursor):
                records.list_jobs(partition, PageRequest(cursor=cursor))
        for read in (records.list_requests, records.prompts):
            with pytest.raises(InvalidCursor):
                read(page=PageRequest(cursor=cursor))
        for search in (records.search_jobs, records.search_requests):
            with pytest.raises(InvalidCursor):
                search("acme", PageRequest(cursor=cursor))

    def test_a_changed_cursor_is_refused(self, records: Records) -> None:
        for number in range(3):
            queued(records, NOON + minutes(number))
        cursor = records.list_jobs(page=PageRequest(limit=1)).cursor
        assert cursor

        for changed in (cursor[:-1], cursor[1:], cursor + "A", cursor + "=", cursor.swapcase()):
            with pytest.raises(InvalidCursor):
                records.list_jobs(page=PageRequest(cursor=changed))

    def test_the_cursor_of_another_list_is_refused(self, records: Records) -> None:
        for number in range(3):
            queued(records, NOON + minutes(number), repositories="acme/api acme/web")
        cursor = records.list_jobs(page=PageRequest(limit=1)).cursor
        page = PageRequest(cursor=cursor)

        for partition in (
            Partition(KINDS.STATE, "queued"),
            Partition(KINDS.REPOSITORY, "acme/api"),
            Partition(KINDS.REQUEST, records.list_jobs().items[0].request),
        ):
            with pytest.raises(InvalidCursor):
                records.list_jobs(partition, page)
        for read in (records.list_requests, records.prompts):
            with pytest.raises(InvalidCursor):
                read(page=page)
        with pytest.raises(InvalidCursor):
            records.search_jobs("acme", page)

    def test_the_cursor_of_another_value_is_refused(self, records: Records) -> None:
        for number in range(3):
            queued(records, NOON + minutes(number))
        page = records.list_jobs(Partition(KINDS.STATE, "queued"), PageRequest(limit=1))

        with pytest.raises(InvalidCursor):
            records.list_jobs(Partition(KINDS.STATE, "running"), PageRequest(cursor=page.cursor))

    @pytest.mark.parametrize("limit", [0, -1, 1_001])
    def test_a_page_has_1_to_1000_rows(self, records: Records, limit: int) -> None:
        page = PageRequest(limit=limit)
        for partition in (Partition(), Partition(KINDS.REQUEST, "r")):
            with pytest.raises(UsageError):
                records.list_jobs(partition, page)
        for read in (records.list_requests, records.prompts):
            with pytest.raises(UsageError):
                read(page=page)
        for search in (records.search_jobs, records.search_requests):
            for words in ("acme", ""):
                with pytest.raises(UsageError):
                    search(words, page)

    def test_a_page_may_have_1000_rows(self, records: Records) -> None:
        assert records.list_jobs(page=PageRequest(limit=1_000)) == Page(())

    def test_a_lineage_has_its_jobs_oldest_first(self, records: Records) -> None:
        root = settled(records, running(records))
        lineage = Lineage(root=root.id, root_title=root.request_title, parent=root.id)
        retry = settled(records, running(records, at=NOON + minutes(1), job={"lineage": lineage}))
        follow_up = queued(records, NOON + minutes(2), job={"lineage": lineage})
        queued(records, NOON + minutes(3))

        assert records.lineage(root.id) == (root, retry, follow_up)
        assert records.lineage(retry.id) == ()


class OpenPullRequestContract(StoreFixtures):
    ALL = Partition(KINDS.OPEN_PULL_REQUEST)

    def test_a_job_is_listed_as_long_as_its_pull_request_is_open(self, records: Records) -> None:
        job = running(records)
        seen = [ids(records.list_jobs(self.ALL))]
        records.commit(lease_of(job), published(job))
        seen.append(ids(records.list_jobs(self.ALL)))
        ended = settled(records, job, publication=published(job).publication)
        seen.append(ids(records.list_jobs(self.ALL)))
        for state in ("merged", "open", "closed"):
            ended = records.update_job(published(ended, state))
            seen.append(ids(records.list_jobs(self.ALL)))

        assert seen == [[], [job.id], [job.id], [], [job.id], []]

    def test_a_job_is_listed_by_what_is_stored_and_not_by_what_was_refused(
        self, records: Records
    ) -> None:
        job = settled(records, running(records))
        records.update_job(published(job))

        with pytest.raises(StaleWrite):
            records.update_job(published(job, "closed"))

        assert ids(records.list_jobs(self.ALL)) == [job.id]

    def test_a_job_that_was_never_published_is_not_listed(self, records: Records) -> None:
        queued(records)
        settled(records, running(records, at=NOON + minutes(1)))
        branch = Publication(kind=PublicationKind.BRANCH_PUSHED, branch="cody-batch-1")
        settled(records, running(records, at=NOON + minutes(2)), publication=branch)

        assert records.list_jobs(self.ALL) == Page(())

    def test_one_repository_has_its_own_alone(self, records: Records) -> None:
        api = with_pull_request(records, NOON, repositories="acme/api")
        web = with_pull_request(records, NOON + minutes(1), repositories="acme/web")
        again = with_pull_request(records, NOON + minutes(2), repositories="acme/api")
        queued(records, NOON + minutes(3), repositories="acme/api")
        partitions = {
            "": [again, web, api],
            "acme/api": [again, api],
            "Acme/API": [again, api],
            "acme/web": [web],
            "acme": [],
            "acme/other": [],
            "' OR '1'='1": [],
        }

        found = {
            value: ids(records.list_jobs(Partition(KINDS.OPEN_PULL_REQUEST, value)))
            for value in partitions
        }

        assert found == partitions

    @pytest.mark.parametrize("oldest_first", [False, True])
    @pytest.mark.parametrize("value", ["", "acme/api"])
    def test_pages_together_have_every_row_once(
        self, records: Records, value: str, oldest_first: bool
    ) -> None:
        made = [with_pull_request(records, NOON + minutes(number)) for number in range(5)]
        partition = Partition(KINDS.OPEN_PULL_REQUEST, value)

        found = pages(lambda page: records.list_jobs(partition, page), 2, oldest_first=oldest_first)

        expected = made if oldest_first else made[::-1]
        assert [job for page in found for job in ids(page)] == expected

    def test_a_time_range_bounds_it(self, records: Records) -> None:
        made = [with_pull_request(records, NOON + minutes(number)) for number in range(4)]
        page = PageRequest(since=NOON + minutes(1), until=NOON + minutes(3))

        assert ids(records.list_jobs(self.ALL, page)) == made[1:3][::-1]

    def test_a_cursor_stays_right_while_pull_requests_close(self, records: Records) -> None:
        made = [with_pull_request(records, NOON + minutes(number)) for number in range(6)]
        first = records.list_jobs(self.ALL, PageRequest(limit=2))
        for job in (made[5], made[4], made[2]):
            records.update_job(published(records.job(job), "merged"))

        second = records.list_jobs(self.ALL, PageRequest(limit=2, cursor=first.cursor))

        assert ids(first) == [made[5], made[4]]
        assert ids(second) == [made[3], made[1]]

    def test_the_cursor_of_another_repository_is_refused(self, records: Records) -> None:
        for number in range(3):
            with_pull_request(records, NOON + minutes(number))
        cursor = records.list_jobs(self.ALL, PageRequest(limit=1)).cursor

        for partition in (Partition(KINDS.OPEN_PULL_REQUEST, "acme/api"), Partition()):
            with pytest.raises(InvalidCursor):
                records.list_jobs(partition, PageRequest(cursor=cursor))

    @pytest.mark.parametrize("kind", [KINDS.STATE, KINDS.REQUEST, KINDS.OPEN_PULL_REQUEST])
    def test_requests_have_no_such_list(self, records: Records, kind: PartitionKind) -> None:
        with pytest.raises(UsageError, match=kind.replace("_", " ")):
            records.list_requests(Partition(kind, "acme/api"))


def published(job: Job, state: str = "open") -> Job:
    """The job with a pull request in a state."""
    pull = PullRequest(
        number=7, url="https://github.test/7", node_id="PR_7", state=state, refreshed_at=SOON
    )
    made = Publication(kind=PublicationKind.PULL_REQUEST, pull_request=pull)
    return job.with_(publication=made)


def with_pull_request(records: Records, at: datetime, **changes: Any) -> JobId:
    """A job that ended with an open pull request."""
    job = running(records, at=at, **changes)
    return settled(records, job, publication=published(job).publication).id


def records_page(records: Records) -> Callable[[PageRequest], Page[Job]]:
    return lambda page: records.list_jobs(page=page)
