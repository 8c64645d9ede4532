"""Reading and writing jobs, with everything that is kept in step with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from codybatch.domain.events import Event
from codybatch.domain.identifiers import JobId, RequestId
from codybatch.domain.jobs import Job
from codybatch.stores.accounts import Postings
from codybatch.stores.aws import budget_items, event_log, flags, kept_jobs, keys, tally_items
from codybatch.stores.aws.expressions import absent, either, equals
from codybatch.stores.aws.flags import ENTRY
from codybatch.stores.aws.items import Item, Key
from codybatch.stores.aws.kept_jobs import KeptJob
from codybatch.stores.aws.table import Table
from codybatch.stores.aws.texts import Texts
from codybatch.stores.aws.transaction import Transaction
from codybatch.stores.lists import flags_of
from codybatch.stores.places import place_of_job
from codybatch.stores.refused import no_job
from codybatch.stores.stored_job import StoredJob, new_job
from codybatch.stores.transitions import check_legal

JOB = "job"
"""The label of a write that somebody else's change of the job refuses."""
NEW_JOB = "new job"
"""The label of a write that a job of the same name refuses."""


class JobItems:
    """The jobs of a table."""

    def __init__(self, table: Table, texts: Texts, now: Callable[[], datetime]) -> None:
        """Keep where they are."""
        self._table = table
        self._texts = texts
        self._now = now

    def find(self, job: JobId) -> KeptJob | None:
        """A job, where there is one."""
        item = self._table.get(keys.job(job))
        found = self.committed([self.read(item)]) if item else []
        return found[0] if found else None

    def load(self, job: JobId) -> KeptJob:
        """A job.

        Raises:
            NotFound: there is none.
        """
        found = self.find(job)
        if found is None:
            raise no_job(job)
        return found

    def find_many(self, names: Sequence[Key]) -> dict[Key, KeptJob]:
        """Those of some jobs that there are."""
        found = self._table.get_many(names)
        there = self.committed([self.read(item) for item in found.values()])
        return {keys.job(kept.job.id): kept for kept in there}

    def of_request(self, request: RequestId) -> tuple[KeptJob, ...]:
        """A request's jobs by their index."""
        found = [self.read(item) for item in self._table.query(keys.jobs_of(request))]
        return tuple(self.committed(found))

    def committed(self, found: Sequence[KeptJob]) -> list[KeptJob]:
        """Those of some jobs that there are: of a large request they are written before it is, and
        without it they are nothing.
        """
        staged = [keys.head(kept.job.request) for kept in found if kept.staged]
        heads = self._table.get_many(staged) if staged else {}
        return [kept for kept in found if not kept.staged or keys.head(kept.job.request) in heads]

    def read(self, item: Item) -> KeptJob:
        """A job out of its item."""
        return kept_jobs.read(item, self._texts)

    def add(self, transaction: Transaction, job: Job, staged: str | None = None) -> Job:
        """Store a new job and count it; its request has its counts already.

        Args:
            transaction: that creates its request too.
            job: as it shall be.
            staged: where it is written before its request: the mark of that creation.
        """
        kept = KeptJob(new_job(job), staged=staged)
        made = kept.job
        attributes = kept_jobs.written(kept, self._texts)
        is_new = either(absent(), equals(kept_jobs.STAGED, staged)) if staged else absent()
        transaction.put(keys.job(made.id), attributes, is_new, NEW_JOB)
        entry = Key(keys.state_list(made.state, made.id), place_of_job(made))
        transaction.put(entry, label=ENTRY)
        transaction.add(keys.counter(made.id), made.state, 1)
        flags.change(transaction, flags.NONE, made, is_judged=False)
        if made.state.is_terminal:
            tally_items.count_end(transaction, made)
        return made

    def change(
        self,
        transaction: Transaction,
        before: KeptJob,
        after: StoredJob,
        postings: Postings = (),
        events: Sequence[Event] = (),
    ) -> Job:
        """Write a changed job, its counters, its lists, its events and what it does to the budgets.

        Raises:
            IllegalTransition: its state cannot change like this.
        """
        check_legal(before.stored, after)
        saved = after.with_job(version=before.job.version + 1)
        self.keep(transaction, before, replace(before, stored=saved), events)
        _change_state(transaction, before.job, saved.job)
        budget_items.post(transaction, saved.job, postings)
        return saved.job

    def keep(
        self,
        transaction: Transaction,
        before: KeptJob,
        after: KeptJob,
        events: Sequence[Event] = (),
    ) -> None:
        """Write what changed of a job's item, its flags and events; its version stays.

        The write holds only where the item is still the one that was read.
        """
        after = event_log.append(transaction, after, events, self._texts, self._now())
        after = replace(after, revision=before.revision + 1, staged=None)
        put, gone = kept_jobs.differences(before.attributes, kept_jobs.written(after, self._texts))
        is_same = equals("rev", before.revision)
        transaction.update(keys.job(before.job.id), put, gone, is_same, JOB)
        had = flags_of(before.job, is_judged=before.is_judged)
        flags.change(transaction, had, after.job, is_judged=after.is_judged)


def _change_state(transaction: Transaction, before: Job, after: Job) -> None:
    if before.state is after.state:
        return
    place = place_of_job(after)
    transaction.delete(Key(keys.state_list(before.state, after.id), place))
    transaction.put(Key(keys.state_list(after.state, after.id), place))
    for key in (keys.head(after.request), keys.counter(after.id)):
        transaction.add(key, before.state, -1)
        transaction.add(key, after.state, 1)
    if after.state.is_terminal:
        tally_items.count_end(transaction, after)
        if after.lineage.root != after.id:
            transaction.delete(keys.busy(after.lineage.root))
