"""Working on jobs in DynamoDB: each method reads a job, changes it by a rule and writes it where
it is still the one that was read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal

from codybatch.domain.events import Event
from codybatch.domain.identifiers import JobId, Person
from codybatch.domain.jobs import AttemptOwner, Job, Lease, Progress
from codybatch.domain.states import JobState
from codybatch.domain.threads import Step
from codybatch.ports.lists import Reservation, Signal
from codybatch.stores import accounts, transitions
from codybatch.stores.accounts import Postings
from codybatch.stores.aws import amounts, budget_items, kept_requests, keys, word_items
from codybatch.stores.aws.expressions import Condition, absent, equals, every
from codybatch.stores.aws.items import Item
from codybatch.stores.aws.job_items import JOB, JobItems
from codybatch.stores.aws.kept_jobs import MARK, KeptJob
from codybatch.stores.aws.table import ConditionsFailed, Table
from codybatch.stores.aws.texts import Texts
from codybatch.stores.aws.transaction import Transaction
from codybatch.stores.refused import no_job, stale_job, step_exists
from codybatch.stores.stored_job import StoredJob
from codybatch.stores.transitions import check_held

Saved = tuple[StoredJob, Postings, Sequence[Event]]


class WorkRecords:
    """The part of ``Records`` about attempts and their ends."""

    _table: Table
    _texts: Texts
    _jobs: JobItems

    def claim(self, job: JobId, owner: AttemptOwner, now: datetime, expires_at: datetime) -> Job:
        """See ``Records.claim``."""

        def take(kept: KeptJob) -> Saved | None:
            after = transitions.claimed(kept.stored, owner, now, expires_at)
            return None if after is kept.stored else (after, (), ())

        return self._change(job, take)

    def renew(self, lease: Lease, progress: Progress, expires_at: datetime) -> Signal:
        """See ``Records.renew``; it writes without reading, because it happens so often."""
        extended = lease.with_(expires_at=expires_at)
        for _ in self._table.tries("renew a lease"):
            item = self._table.update(
                keys.job(lease.job),
                put={"lease": extended.to_json(), "progress": progress.to_json()},
                add={"version": 1, "rev": 1},
                condition=every(equals("state", JobState.RUNNING), equals("fence", lease.fence)),
                mark=MARK,
            )
            if item is not None:
                return Signal(item.flag("cancel"))
            self._held(lease)
        raise AssertionError

    def commit(
        self, lease: Lease, job: Job, steps: Sequence[Step] = (), events: Sequence[Event] = ()
    ) -> Signal:
        """See ``Records.commit``."""
        for _ in self._table.tries("commit"):
            before = self._held(lease)
            after = transitions.committed(before.stored, job)
            transaction = Transaction()
            self._jobs.change(transaction, before, after, (), events)
            self._add_steps(transaction, lease.job, steps)
            if self._goes_through(transaction, before, after, steps):
                return Signal(before.job.cancel_requested)
        raise AssertionError

    def reserve(
        self, lease: Lease, amount: Decimal, spent: Decimal, day: date, daily_cap: Decimal | None
    ) -> Reservation:
        """See ``Records.reserve``."""
        wanted = [keys.job(lease.job), keys.head_of(lease.job), *budget_items.keys_of(day)]
        for _ in self._table.tries("reserve"):
            items = self._table.get_many(wanted)
            before = self._check_held(items.get(keys.job(lease.job)), lease)
            head = items[keys.head_of(lease.job)]
            of_day = budget_items.of_day(day, items.values())
            answer, account, postings = accounts.reserve(
                before.stored.account,
                kept_requests.budget(head),
                of_day.budget.with_(cap_usd=daily_cap),
                amount=amount,
                spent=spent,
                day=day,
            )
            if account == before.stored.account:
                return answer
            after = before.stored.with_account(account)
            transaction = Transaction()
            self._jobs.change(transaction, before, after, postings)
            if answer.granted:
                _hold_request(transaction, head)
                if daily_cap is not None:
                    gate = keys.budget(day, keys.GATE)
                    transaction.update(gate, condition=_same_budget(of_day.gate))
            if self._goes_through(transaction, before, after):
                return answer
        raise AssertionError

    def release(self, lease: Lease, job: Job, events: Sequence[Event] = ()) -> None:
        """See ``Records.release``."""
        self._leave(lease, job, events, transitions.released)

    def settle(self, lease: Lease, job: Job, events: Sequence[Event] = ()) -> None:
        """See ``Records.settle``."""
        self._leave(lease, job, events, transitions.settled)

    def _leave(
        self,
        lease: Lease,
        job: Job,
        events: Sequence[Event],
        rule: Callable[[StoredJob, Job], transitions.Change],
    ) -> None:
        for _ in self._table.tries("leave a job"):
            before = self._held(lease)
            after, postings = rule(before.stored, job)
            transaction = Transaction()
            self._jobs.change(transaction, before, after, postings, events)
            if self._goes_through(transaction, before, after):
                return

    def request_cancel(self, job: JobId, now: datetime, by: Person) -> Job:
        """See ``Records.request_cancel``; who asked is kept as an event."""

        def cancel(kept: KeptJob) -> Saved | None:
            change = transitions.cancelled(kept.stored, now, by)
            return (*change, [transitions.cancel_event(now, by)]) if change else None

        return self._change(job, cancel)

    def put_back(self, job: JobId, events: Sequence[Event] = ()) -> bool:
        """See ``Records.put_back``."""
        moved = False

        def queue(kept: KeptJob) -> Saved | None:
            nonlocal moved
            after = transitions.put_back(kept.stored)
            moved = after is not None
            return (after, (), events) if after else None

        if self._jobs.find(job) is not None:
            self._change(job, queue)
        return moved

    def update_job(self, job: Job, events: Sequence[Event] = ()) -> Job:
        """See ``Records.update_job``."""

        def publish(kept: KeptJob) -> Saved:
            if kept.job.version != job.version or not kept.job.state.is_terminal:
                raise stale_job(job.id)
            return kept.stored.with_job(publication=job.publication), (), events

        return self._change(job.id, publish)

    def _change(self, job: JobId, rule: Callable[[KeptJob], Saved | None]) -> Job:
        """Change a job by a rule, again where somebody else was faster; where the rule says None
        it stays as it is.
        """
        for _ in self._table.tries("change a job"):
            before = self._jobs.load(job)
            change = rule(before)
            if change is None:
                return before.job
            after, postings, events = change
            transaction = Transaction()
            saved = self._jobs.change(transaction, before, after, postings, events)
            if self._goes_through(transaction, before, after):
                return saved
        raise AssertionError

    def _goes_through(
        self,
        transaction: Transaction,
        before: KeptJob,
        after: StoredJob,
        steps: Sequence[Step] = (),
    ) -> bool:
        """Write a changed job; False where it, or a budget with a cap, was changed meanwhile.

        Raises:
            StaleWrite: a step exists.
        """
        self._table.put_many(word_items.of_job(before.job, after.job))
        try:
            self._table.transact(transaction, "change a job")
        except ConditionsFailed as failed:
            if JOB not in failed.found:
                for step in steps:
                    if _label(step) in failed.found:
                        raise step_exists(step) from failed
            return False
        return True

    def _add_steps(self, transaction: Transaction, job: JobId, steps: Sequence[Step]) -> None:
        """Append steps to a job's thread.

        Raises:
            StaleWrite: one comes twice.
        """
        seen: set[str] = set()
        for step in steps:
            if _label(step) in seen:
                raise step_exists(step)
            seen.add(_label(step))
            key = keys.step(job, step.conversation, step.sequence)
            document = self._texts.packed("doc", step.to_json())
            transaction.put(key, document, absent(), _label(step))

    def _held(self, lease: Lease) -> KeptJob:
        """The job that a lease still holds.

        Raises:
            LeaseLost: it does not.
        """
        return self._check_held(self._table.get(keys.job(lease.job)), lease)

    def _check_held(self, item: Item | None, lease: Lease) -> KeptJob:
        kept = self._jobs.read(item) if item else None
        check_held(kept.stored if kept else None, lease)
        if kept is None:
            raise no_job(lease.job)
        return kept


def _label(step: Step) -> str:
    return f"step {step.conversation} {step.sequence}"


def _hold_request(transaction: Transaction, head: Item) -> None:
    """Let a reservation depend on its request's budget, where that has a cap."""
    cap = head.maybe_text("cap")
    if cap is None:
        transaction.update(head.key, condition=absent("cap"))
    else:
        transaction.update(head.key, condition=every(equals("cap", cap), _same_budget(head)))


def _same_budget(item: Item | None) -> Condition:
    return amounts.same(item, budget_items.SPENT, budget_items.RESERVED)
