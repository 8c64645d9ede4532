"""The contract of experiments, and of what was made for one."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from codybatch.domain.errors import (
    IdempotencyConflict,
    InvalidCursor,
    StaleWrite,
    UnknownExperiment,
    UsageError,
)
from codybatch.domain.experiments import MAX_REPOSITORIES, ExperimentState, Metric
from codybatch.domain.identifiers import ExperimentId
from codybatch.domain.requests import Origin, OriginKind
from codybatch.domain.threads import BlobRef
from codybatch.ports import Page, PageRequest, Partition, PartitionKind, Records
from tests.contracts.examples import (
    NOON,
    SOON,
    a_request,
    claimed,
    created,
    jobs_of,
    lease_of,
    minutes,
    settled,
    usd,
    waiting,
)
from tests.contracts.experiment_examples import (
    AN_EXPERIMENT,
    a_cell,
    a_pinned_repository,
    an_arm,
    an_experiment,
    created_for,
)
from tests.contracts.fixtures import StoreFixtures
from tests.contracts.lists_contract import FORGED, ids, pages

ANOTHER = ExperimentId("1" * 26)


class ExperimentContract(StoreFixtures):
    def test_an_experiment_is_read_as_it_was_put(self, records: Records) -> None:
        experiment = an_experiment(
            name="Ünïcode",
            question="Is it?",
            arms=(
                an_arm(1, variables={"level": "minor"}),
                an_arm(2),
                an_arm(2, name="A", replicate=2),
            ),
            repetitions=3,
            metric=Metric.COST,
            budget_usd=usd("12.50"),
            reused=(AN_EXPERIMENT, ANOTHER),
            state=ExperimentState.WAITING,
            trouble="Nobody answers.",
            try_again_at=SOON,
        )

        stored = records.put_experiment(experiment)

        assert stored == experiment.with_(version=1)
        assert records.experiment(experiment.id) == stored
        assert records.experiments().items == (stored,)
        assert records.active_experiments() == (stored,)

    def test_the_largest_is_read_as_it_was_put(self, records: Records) -> None:
        digests = [hashlib.sha256(b"%d" % n).hexdigest() for n in range(MAX_REPOSITORIES)]
        experiment = an_experiment(
            repositories=tuple(
                a_pinned_repository(
                    f"acme/{digest[:39]}",
                    commit=digest[:40],
                    changes_necessary=True,
                    reference=BlobRef(key=f"patches/{digest}", size=1, sha256=digest),
                )
                for digest in digests
            )
        )

        first = records.put_experiment(experiment)
        second = records.put_experiment(first.with_(state=ExperimentState.PAUSED))
        small = records.put_experiment(second.with_(repositories=second.repositories[:1]))

        assert first.repositories == experiment.repositories
        assert second.version == 2
        assert records.experiment(experiment.id) == small
        assert records.remove_experiment(experiment.id)

    def test_each_change_has_the_next_version(self, records: Records) -> None:
        first = records.put_experiment(an_experiment())

        second = records.put_experiment(first.with_(name="Another"))

        assert second.version == 2
        assert records.experiment(first.id) == second

    def test_a_stale_writer_is_refused(self, records: Records) -> None:
        first = records.put_experiment(an_experiment())
        second = records.put_experiment(first.with_(name="Another"))

        for stale in (first, first.with_(version=0), first.with_(version=9)):
            with pytest.raises(StaleWrite, match="better"):
                records.put_experiment(stale)
        assert records.experiment(first.id) == second

    def test_what_is_not_there_has_no_later_version(self, records: Records) -> None:
        with pytest.raises(StaleWrite):
            records.put_experiment(an_experiment(version=1))
        assert records.experiments() == Page(())

    def test_of_writers_at_once_one_goes_through(self, records: Records) -> None:
        first = records.put_experiment(an_experiment())

        def write(number: int) -> bool:
            state = list(ExperimentState)[number % 4]
            try:
                records.put_experiment(first.with_(name=f"Name {number}", state=state))
            except StaleWrite:
                return False
            return True

        with ThreadPoolExecutor(8) as writers:
            assert list(writers.map(write, range(8))).count(True) == 1
        stored = records.experiment(first.id)
        assert stored.version == 2
        assert records.active_experiments() == ((stored,) if stored.is_active else ())

    def test_of_makers_at_once_one_goes_through(self, records: Records) -> None:
        experiment = an_experiment()

        def make(number: int) -> bool:
            try:
                records.put_experiment(experiment.with_(name=f"Name {number}"))
            except StaleWrite:
                return False
            return True

        with ThreadPoolExecutor(4) as makers:
            assert list(makers.map(make, range(4))).count(True) == 1
        assert records.experiments().items == records.active_experiments()

    @pytest.mark.parametrize("unknown", ["0" * 26, "", "x" * 5_000, "a#b", "' OR '1'='1", "ü"])
    def test_an_unknown_experiment_is_refused(self, records: Records, unknown: str) -> None:
        with pytest.raises(UnknownExperiment):
            records.experiment(ExperimentId(unknown))
        assert not records.remove_experiment(ExperimentId(unknown))

    def test_a_removed_experiment_is_gone_and_its_jobs_stay(self, records: Records) -> None:
        stored = records.put_experiment(an_experiment())
        made = created_for(records, a_cell(stored.id))

        assert records.remove_experiment(stored.id)
        assert not records.remove_experiment(stored.id)

        with pytest.raises(UnknownExperiment):
            records.experiment(stored.id)
        with pytest.raises(StaleWrite):
            records.put_experiment(stored)
        assert records.experiments().items == ()
        assert records.active_experiments() == ()
        listed = records.list_jobs(Partition(PartitionKind.EXPERIMENT, stored.id))
        assert listed.items == made.jobs

    def test_the_list_is_newest_first_and_goes_on_while_experiments_are_added(
        self, records: Records
    ) -> None:
        made = [records.put_experiment(an_experiment(NOON + minutes(n))) for n in range(5)]
        first = records.experiments(PageRequest(limit=2))
        records.put_experiment(an_experiment(NOON + minutes(9)))

        second = records.experiments(PageRequest(limit=9, cursor=first.cursor))

        assert first.items == (made[4], made[3])
        assert second.items == (made[2], made[1], made[0])
        assert second.cursor is None

    @pytest.mark.parametrize("cursor", FORGED)
    def test_a_forged_cursor_is_refused(self, records: Records, cursor: str) -> None:
        with pytest.raises(InvalidCursor):
            records.experiments(PageRequest(cursor=cursor))

    def test_the_cursor_of_another_list_is_refused(self, records: Records) -> None:
        for number in range(2):
            created_for(records, a_cell(), NOON + minutes(number))
        cursor = records.list_jobs(page=PageRequest(limit=1)).cursor
        assert cursor

        with pytest.raises(InvalidCursor):
            records.experiments(PageRequest(cursor=cursor))

    @pytest.mark.parametrize("limit", [0, -1, 1_001])
    def test_a_page_has_1_to_1000_rows(self, records: Records, limit: int) -> None:
        with pytest.raises(UsageError):
            records.experiments(PageRequest(limit=limit))

    def test_the_active_ones_come_oldest_first(self, records: Records) -> None:
        states = [
            ExperimentState.WAITING,
            ExperimentState.PAUSED,
            ExperimentState.RUNNING,
            ExperimentState.ENDED,
            ExperimentState.RUNNING,
        ]
        made = [
            records.put_experiment(an_experiment(NOON + minutes(number), state=state))
            for number, state in reversed(list(enumerate(states)))
        ][::-1]

        assert records.active_experiments() == (made[0], made[2], made[4])
        assert records.active_experiments(limit=2) == (made[0], made[2])

    def test_a_change_of_the_state_counts_at_once(self, records: Records) -> None:
        stored = records.put_experiment(an_experiment())
        seen = [records.active_experiments() == (stored,)]
        for state in (
            ExperimentState.WAITING,
            ExperimentState.PAUSED,
            ExperimentState.ENDED,
            ExperimentState.RUNNING,
        ):
            stored = records.put_experiment(stored.with_(state=state))
            seen.append(records.active_experiments() == (stored,))

        assert seen == [True, True, False, False, True]


class ExperimentListContract(StoreFixtures):
    OF_IT = Partition(PartitionKind.EXPERIMENT, AN_EXPERIMENT)

    def test_an_experiment_has_its_own_jobs_and_requests_alone(self, records: Records) -> None:
        first = created_for(records, a_cell(), NOON, repositories="acme/api acme/web")
        second = created_for(records, a_cell(ANOTHER), NOON + minutes(1))
        third = created_for(records, a_cell(repetition=2, attempt=2), NOON + minutes(2))
        created(records, NOON + minutes(3))
        expected = {
            AN_EXPERIMENT: [third, first],
            ANOTHER: [second],
            "2" * 26: [],
            "": [],
            "' OR '1'='1": [],
        }

        for value, made in expected.items():
            of_it = Partition(PartitionKind.EXPERIMENT, value)
            jobs = [job.id for one in made for job in reversed(one.jobs)]
            assert ids(records.list_jobs(of_it)) == jobs
            requests = records.list_requests(of_it).items
            assert requests == tuple(one.request for one in made)

    def test_a_job_and_its_request_say_what_cell_they_are_of(self, records: Records) -> None:
        cell = a_cell(repetition=3, attempt=2)
        made = created_for(records, cell)
        other = created(records, NOON + minutes(1))

        assert records.job(made.jobs[0].id).cell == cell
        assert records.request(made.request.id).origin.cell == cell
        assert records.list_jobs(self.OF_IT).items[0].cell == cell
        assert records.job(other.jobs[0].id).cell is None

    def test_a_worker_cannot_move_its_job_to_another_cell(self, records: Records) -> None:
        cell = a_cell()
        job = claimed(records, created_for(records, cell).jobs[0].id)
        moved = job.with_(cell=a_cell(ANOTHER))

        records.commit(lease_of(job), moved)
        assert records.job(job.id).cell == cell
        records.release(lease_of(job), waiting(moved))
        records.put_back(job.id)
        again = claimed(records, job.id)
        ended = settled(records, again.with_(cell=None))

        assert ended.cell == cell
        assert records.list_jobs(self.OF_IT).items == (ended,)
        assert records.list_jobs(Partition(PartitionKind.EXPERIMENT, ANOTHER)).items == ()

    def test_a_request_that_comes_again_from_another_cell_is_another(
        self, records: Records
    ) -> None:
        origin = Origin(kind=OriginKind.EXPERIMENT, cell=a_cell())
        request = a_request(origin=origin)
        records.create_request(request, jobs_of(request, cell=origin.cell), "key")
        cell = a_cell(attempt=2)
        again = a_request(origin=origin.with_(cell=cell))

        with pytest.raises(IdempotencyConflict, match="origin"):
            records.create_request(again, jobs_of(again, cell=cell), "key")

        assert [one.id for one in records.list_requests(self.OF_IT).items] == [request.id]

    @pytest.mark.parametrize("limit", [1, 3, 4, 7])
    @pytest.mark.parametrize("oldest_first", [False, True])
    def test_pages_together_have_every_row_once(
        self, records: Records, limit: int, *, oldest_first: bool
    ) -> None:
        made = []
        for number in range(3):
            at = NOON + minutes(number)
            made.append(created_for(records, a_cell(), at, repositories="acme/api acme/web"))
            created_for(records, a_cell(ANOTHER), at)
            created(records, at)

        jobs = list(
            pages(
                lambda page: records.list_jobs(self.OF_IT, page), limit, oldest_first=oldest_first
            )
        )
        requests = list(
            pages(
                lambda page: records.list_requests(self.OF_IT, page),
                limit,
                oldest_first=oldest_first,
            )
        )

        step = 1 if oldest_first else -1
        expected = [job.id for one in made for job in one.jobs][::step]
        assert [job for page in jobs for job in ids(page)] == expected
        found = [request.id for page in requests for request in page.items]
        assert found == [one.request.id for one in made][::step]

    def test_a_cursor_stays_right_while_rows_are_added(self, records: Records) -> None:
        made = [
            created_for(records, a_cell(), NOON + minutes(number)).jobs[0].id for number in range(5)
        ]
        seen = []
        for number, page in enumerate(pages(lambda page: records.list_jobs(self.OF_IT, page), 2)):
            seen += ids(page)
            created_for(records, a_cell(), NOON + minutes(60 + number))

        assert seen == made[::-1]

    def test_the_cursor_of_another_experiment_is_refused(self, records: Records) -> None:
        for number in range(2):
            for experiment in (AN_EXPERIMENT, ANOTHER):
                created_for(records, a_cell(experiment), NOON + minutes(number))
        asked = PageRequest(limit=1)
        jobs = replace(asked, cursor=records.list_jobs(self.OF_IT, asked).cursor)
        requests = replace(asked, cursor=records.list_requests(self.OF_IT, asked).cursor)
        of_another = Partition(PartitionKind.EXPERIMENT, ANOTHER)

        for partition in (of_another, Partition()):
            with pytest.raises(InvalidCursor):
                records.list_jobs(partition, jobs)
            with pytest.raises(InvalidCursor):
                records.list_requests(partition, requests)
        with pytest.raises(InvalidCursor):
            records.list_jobs(self.OF_IT, requests)

    @pytest.mark.parametrize("cursor", FORGED)
    def test_a_forged_cursor_is_refused(self, records: Records, cursor: str) -> None:
        for read in (records.list_jobs, records.list_requests):
            with pytest.raises(InvalidCursor):
                read(self.OF_IT, PageRequest(cursor=cursor))

    def test_a_range_of_time_is_one_of_the_experiment(self, records: Records) -> None:
        made = [created_for(records, a_cell(), NOON + minutes(number)) for number in range(4)]
        page = PageRequest(since=NOON + minutes(1), until=NOON + minutes(3))

        jobs = records.list_jobs(self.OF_IT, page)
        requests = records.list_requests(self.OF_IT, page)

        assert jobs.items == (*made[2].jobs, *made[1].jobs)
        assert requests.items == (made[2].request, made[1].request)
