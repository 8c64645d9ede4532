"""The contract of requests: created once, changed by people, counted by the store."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.errors import IdempotencyConflict, NotFound, StaleWrite, StoreError
from codybatch.domain.identifiers import JobId, RequestId
from codybatch.domain.money import Budget
from codybatch.domain.prompts import PromptRef
from codybatch.domain.repositories import RepositoryRef
from codybatch.domain.requests import JobCounts, Origin, OriginKind, Request, RequestOptions
from codybatch.domain.states import JobState, WaitingReason
from codybatch.ports import Created, Partition, PartitionKind, Records
from tests.contracts.examples import (
    BOB,
    NOON,
    SOON,
    a_request,
    capped,
    claimed,
    created,
    jobs_of,
    lease_of,
    minutes,
    running,
    settled,
    usd,
    waiting,
)
from tests.contracts.fixtures import StoreFixtures, in_processes

FIVE = "acme/api acme/web acme/cli acme/docs other/tool"


class CreateContract(StoreFixtures):
    def test_a_request_and_its_jobs_are_read_as_they_were_created(self, records: Records) -> None:
        request = a_request(
            repositories=FIVE,
            title="Grüße, 世界 🐛",
            variables={"topic": "a\x00b\n"},
            budget=capped("12.340"),
            origin=Origin(kind=OriginKind.FOLLOW_UP, job=JobId("j")),
        )
        jobs = jobs_of(request)

        made = records.create_request(request, jobs, "key")

        assert not made.replayed
        assert made.request == request.with_(counts=JobCounts(queued=5))
        assert made.jobs == tuple(jobs)
        assert records.request(request.id) == made.request
        assert [records.job(job.id) for job in jobs] == jobs

    def test_jobs_may_begin_waiting(self, records: Records) -> None:
        request = a_request(repositories="acme/api acme/web")
        first, second = jobs_of(request)
        held = waiting(second, WaitingReason.HELD)

        made = records.create_request(request, [first, held], "key")

        assert made.request.counts == JobCounts(queued=1, waiting=1)
        assert records.job(second.id) == held
        assert records.job_counts() == JobCounts(queued=1, waiting=1)

    def test_what_only_the_store_keeps_is_not_taken_from_the_writer(self, records: Records) -> None:
        spent = Budget(cap_usd=usd("5"), spent_usd=usd("3"), reserved_usd=usd("1"))
        request = a_request(budget=spent, counts=JobCounts(failed=9), version=7)
        jobs = jobs_of(request, cancel_requested=True, reserved_usd=usd("1"), version=9)

        made = records.create_request(request, jobs, "key")

        assert made.request.budget == capped("5")
        assert made.request.counts == JobCounts(queued=1)
        assert made.request.version == 0
        assert made.jobs == tuple(jobs_of(request))

    def test_the_same_key_and_request_give_back_what_was_stored_first(
        self, records: Records
    ) -> None:
        first = a_request()
        records.create_request(first, jobs_of(first), "key")
        again = a_request(NOON + minutes(1))

        made = records.create_request(again, jobs_of(again), "key")

        assert made.replayed
        assert made.request.id == first.id
        assert [job.id for job in made.jobs] == [f"{first.id}-1"]
        assert [request.id for request in records.list_requests().items] == [first.id]
        assert records.job_counts() == JobCounts(queued=1)

    def test_a_replay_shows_the_request_as_it_is_now(self, records: Records) -> None:
        first = a_request(budget=capped("5"))
        made = records.create_request(first, jobs_of(first), "key")
        claimed(records, made.jobs[0].id)
        records.update_request(made.request.with_(title="Renamed", budget=capped("9")))

        again = records.create_request(first, jobs_of(first), "key")

        assert again.replayed
        assert again.request == records.request(first.id)
        assert again.request.title == "Renamed"
        assert again.jobs[0].state is JobState.RUNNING

    @pytest.mark.parametrize(
        "change",
        [
            {"title": "Another"},
            {"prompt": PromptRef(name="update", version=2)},
            {"prompt": PromptRef(name="other", version=1)},
            {"variables": {"topic": "other"}},
            {"repositories": (RepositoryRef.parse("acme/api@next"),)},
            {"repositories": tuple(map(RepositoryRef.parse, ["acme/api", "acme/web"]))},
            {"options": RequestOptions(model="claude-haiku-4-5")},
            {"options": RequestOptions(model="claude-sonnet-5-5", max_turns=61)},
            {"budget": capped("5.01")},
            {"budget": capped(None)},
            {"origin": Origin(kind=OriginKind.RETRY, job=JobId("j"))},
        ],
        ids=lambda change: str(*change),
    )
    def test_the_key_of_a_different_request_is_refused(
        self, records: Records, change: dict[str, Any]
    ) -> None:
        first = a_request(budget=capped("5"))
        records.create_request(first, jobs_of(first), "key")
        other = first.with_(**{"id": a_request(NOON + minutes(1)).id, **change})

        with pytest.raises(IdempotencyConflict):
            records.create_request(other, jobs_of(other), "key")

        assert len(records.list_requests().items) == 1

    def test_the_cap_of_a_request_that_comes_again_may_be_written_otherwise(
        self, records: Records
    ) -> None:
        first = a_request(budget=capped("5"))
        records.create_request(first, jobs_of(first), "key")

        again = records.create_request(first.with_(budget=capped("5.00")), jobs_of(first), "key")

        assert again.replayed

    def test_a_key_is_its_requesters(self, records: Records) -> None:
        ours, theirs = a_request(), a_request(NOON + minutes(1), requester=BOB)

        made = [records.create_request(r, jobs_of(r), "key") for r in (ours, theirs)]

        assert [one.replayed for one in made] == [False, False]

    def test_a_request_that_cannot_be_stored_whole_is_not_stored_at_all(
        self, records: Records
    ) -> None:
        request = a_request(repositories="acme/api acme/web")
        first, second = jobs_of(request)

        with pytest.raises(StoreError):
            records.create_request(request, [first, second, first], "key")

        with pytest.raises(NotFound):
            records.request(request.id)
        with pytest.raises(NotFound):
            records.job(first.id)
        assert records.job_counts() == JobCounts()
        assert records.search_requests("dependencies").items == ()
        assert not records.create_request(request, [first, second], "key").replayed

    def test_threads_that_create_at_once_create_one(self, records: Records) -> None:
        requests = [a_request(NOON + minutes(number)) for number in range(8)]

        def create(request: Request) -> Created:
            return records.create_request(request, jobs_of(request), "key")

        with ThreadPoolExecutor(8) as writers:
            made = list(writers.map(create, requests))

        assert sorted(one.replayed for one in made) == [False] + [True] * 7
        assert len({one.request.id for one in made}) == 1
        assert records.job_counts() == JobCounts(queued=1)

    def test_processes_that_create_at_once_create_one(self, records: Records, place: Path) -> None:
        tasks = [(_create, (self.make_records, place, number)) for number in range(2)]

        made = in_processes(tasks)

        assert sorted(replayed for _, replayed in made) == [False, True]
        assert len({request for request, _ in made}) == 1
        assert records.job_counts() == JobCounts(queued=1)


def _create(
    ready: Callable[[], object], make: Callable[[Path], Records], place: Path, number: int
) -> tuple[RequestId, bool]:
    records = make(place)
    request = a_request(NOON + minutes(number))
    ready()
    made = records.create_request(request, jobs_of(request), "key")
    records.close()
    return made.request.id, made.replayed


class UpdateRequestContract(StoreFixtures):
    def test_an_unknown_request_is_not_found(self, records: Records) -> None:
        unknown = a_request()

        with pytest.raises(NotFound):
            records.request(unknown.id)
        with pytest.raises(NotFound):
            records.update_request(unknown)

    def test_a_person_changes_title_cap_and_release(self, records: Records) -> None:
        request = created(records, budget=capped("5")).request
        change = {"title": "Renamed", "released_at": SOON, "budget": capped("7.5")}

        after = records.update_request(request.with_(**change))

        assert after == request.with_(**change, version=request.version + 1)
        assert records.request(request.id) == after

    def test_a_cap_may_be_taken_away(self, records: Records) -> None:
        request = created(records, budget=capped("5")).request

        assert records.update_request(request.with_(budget=capped(None))).budget.cap_usd is None

    def test_nothing_else_changes(self, records: Records) -> None:
        request = created(records).request

        after = records.update_request(
            request.with_(
                prompt_text="Other.",
                requester=BOB,
                counts=JobCounts(failed=3),
                budget=Budget(spent_usd=usd("3"), reserved_usd=usd("3")),
            )
        )

        assert after == request.with_(version=request.version + 1)

    def test_a_stale_writer_is_refused(self, records: Records) -> None:
        request = created(records).request
        records.update_request(request.with_(title="First"))

        with pytest.raises(StaleWrite):
            records.update_request(request.with_(title="Second"))

        assert records.request(request.id).title == "First"

    def test_a_version_that_is_not_there_yet_is_refused(self, records: Records) -> None:
        request = created(records).request

        with pytest.raises(StaleWrite):
            records.update_request(request.with_(title="Later", version=request.version + 1))

    def test_what_jobs_do_meanwhile_does_not_make_a_writer_stale(self, records: Records) -> None:
        made = created(records)
        job = claimed(records, made.jobs[0].id)
        settled(records, job, cost_usd=usd("0.5"))

        after = records.update_request(made.request.with_(title="Renamed"))

        assert after.counts == JobCounts(succeeded=1)
        assert after.budget.spent_usd == usd("0.5")

    def test_of_writers_at_once_one_wins(self, records: Records) -> None:
        request = created(records).request

        def rename(number: int) -> bool:
            try:
                records.update_request(request.with_(title=f"Title {number}"))
            except StaleWrite:
                return False
            return True

        with ThreadPoolExecutor(8) as writers:
            won = list(writers.map(rename, range(8)))

        assert won.count(True) == 1
        assert records.request(request.id).title == f"Title {won.index(True)}"

    def test_a_new_title_is_shown_on_the_jobs_too(self, records: Records) -> None:
        request = created(records, repositories=FIVE).request

        records.update_request(request.with_(title="Renamed"))

        of_request = Partition(PartitionKind.REQUEST, request.id)
        titles = {job.request_title for job in records.list_jobs(of_request).items}
        assert titles == {"Renamed"}

    def test_a_worker_does_not_bring_an_old_title_back(self, records: Records) -> None:
        job = running(records)
        records.update_request(records.request(job.request).with_(title="Renamed"))

        records.commit(lease_of(job), job)

        assert records.job(job.id).request_title == "Renamed"
