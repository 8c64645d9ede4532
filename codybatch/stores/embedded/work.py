"""Working on jobs in SQLite: each method loads a job, changes it by a rule and saves it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from codybatch.domain.events import Event
from codybatch.domain.identifiers import JobId, Person
from codybatch.domain.jobs import AttemptOwner, Job, Lease, Progress
from codybatch.domain.threads import Step
from codybatch.ports.lists import Reservation, Signal
from codybatch.stores import accounts, transitions
from codybatch.stores.embedded import budget_table, event_table, job_table
from codybatch.stores.embedded.database import Database
from codybatch.stores.refused import stale_job
from codybatch.stores.transitions import check_held


class WorkRecords:
    """The part of ``Records`` about attempts and their ends."""

    _database: Database

    def claim(self, job: JobId, owner: AttemptOwner, now: datetime, expires_at: datetime) -> Job:
        """See ``Records.claim``."""
        with self._database.write() as connection:
            before = job_table.load(connection, job)
            after = transitions.claimed(before, owner, now, expires_at)
            return before.job if after is before else job_table.save(connection, before, after)

    def renew(self, lease: Lease, progress: Progress, expires_at: datetime) -> Signal:
        """See ``Records.renew``."""
        with self._database.write() as connection:
            before = check_held(job_table.find(connection, lease.job), lease)
            job_table.save(connection, before, transitions.renewed(before, progress, expires_at))
            return Signal(before.job.cancel_requested)

    def commit(
        self, lease: Lease, job: Job, steps: Sequence[Step] = (), events: Sequence[Event] = ()
    ) -> Signal:
        """See ``Records.commit``."""
        with self._database.write() as connection:
            before = check_held(job_table.find(connection, lease.job), lease)
            job_table.save(connection, before, transitions.committed(before, job))
            event_table.add_steps(connection, lease.job, steps)
            event_table.add_events(connection, lease.job, events)
            return Signal(before.job.cancel_requested)

    def reserve(
        self, lease: Lease, amount: Decimal, spent: Decimal, day: date, daily_cap: Decimal | None
    ) -> Reservation:
        """See ``Records.reserve``."""
        with self._database.write() as connection:
            before = check_held(job_table.find(connection, lease.job), lease)
            request = budget_table.of_request(connection, before.job.request)
            today = budget_table.of_day(connection, day).with_(cap_usd=daily_cap)
            answer, account, postings = accounts.reserve(
                before.account, request, today, amount=amount, spent=spent, day=day
            )
            if account != before.account:
                job_table.save(connection, before, before.with_account(account), postings)
            return answer

    def release(self, lease: Lease, job: Job, events: Sequence[Event] = ()) -> None:
        """See ``Records.release``."""
        with self._database.write() as connection:
            before = check_held(job_table.find(connection, lease.job), lease)
            job_table.save(connection, before, *transitions.released(before, job))
            event_table.add_events(connection, lease.job, events)

    def settle(self, lease: Lease, job: Job, events: Sequence[Event] = ()) -> None:
        """See ``Records.settle``."""
        with self._database.write() as connection:
            before = check_held(job_table.find(connection, lease.job), lease)
            job_table.save(connection, before, *transitions.settled(before, job))
            event_table.add_events(connection, lease.job, events)

    def request_cancel(self, job: JobId, now: datetime, by: Person) -> Job:
        """See ``Records.request_cancel``; who asked is kept as an event."""
        with self._database.write() as connection:
            before = job_table.load(connection, job)
            change = transitions.cancelled(before, now, by)
            if change is None:
                return before.job
            event = transitions.cancel_event(now, by)
            event_table.add_events(connection, job, [event])
            return job_table.save(connection, before, *change)

    def put_back(self, job: JobId, events: Sequence[Event] = ()) -> bool:
        """See ``Records.put_back``."""
        with self._database.write() as connection:
            before = job_table.find(connection, job)
            after = transitions.put_back(before) if before else None
            if before is None or after is None:
                return False
            job_table.save(connection, before, after)
            event_table.add_events(connection, job, events)
            return True

    def update_job(self, job: Job, events: Sequence[Event] = ()) -> Job:
        """See ``Records.update_job``."""
        with self._database.write() as connection:
            before = job_table.load(connection, job.id)
            if before.job.version != job.version or not before.job.state.is_terminal:
                raise stale_job(job.id)
            event_table.add_events(connection, job.id, events)
            after = before.with_job(publication=job.publication)
            return job_table.save(connection, before, after)
