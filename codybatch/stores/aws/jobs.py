"""Jobs in DynamoDB: reading, listing, word_items; their steps and events."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice

from codybatch.domain.events import Event, StoredEvent
from codybatch.domain.identifiers import JobId, RequestId
from codybatch.domain.jobs import Job
from codybatch.domain.requests import JobCounts
from codybatch.domain.threads import Step
from codybatch.ports.lists import (
    EVERYTHING,
    FIRST_PAGE,
    FlagCounts,
    Page,
    PageRequest,
    Partition,
    PartitionKind,
)
from codybatch.stores import cursors
from codybatch.stores.aws import counters, event_log, kept_jobs, keys, listing, word_items
from codybatch.stores.aws.job_items import JobItems
from codybatch.stores.aws.kept_jobs import KeptJob
from codybatch.stores.aws.pages import Places, in_time, read_page
from codybatch.stores.aws.table import Table
from codybatch.stores.aws.texts import Texts
from codybatch.stores.aws.transaction import Transaction
from codybatch.stores.lists import flags_of, partition_value
from codybatch.stores.places import checked_limit
from codybatch.stores.words import job_words, words_asked

_NUMBER = re.compile(r"\d{6}")


class JobRecords:
    """The part of ``Records`` about jobs as they are read."""

    _table: Table
    _texts: Texts
    _jobs: JobItems
    _now: Callable[[], datetime]

    def job(self, job: JobId) -> Job:
        """See ``Records.job``."""
        return self._jobs.load(job).job

    def list_jobs(
        self, partition: Partition = EVERYTHING, page: PageRequest = FIRST_PAGE
    ) -> Page[Job]:
        """See ``Records.list_jobs``."""
        if partition.kind is PartitionKind.REQUEST:
            return self._jobs_of_request(RequestId(partition.value), page)
        name = f"jobs:{partition.kind}:{partition_value(partition)}"
        places = listing.jobs(self._table, partition, page)
        return self._page_of_jobs(page, name, places, lambda kept: _is_in(partition, kept))

    def _jobs_of_request(self, request: RequestId, page: PageRequest) -> Page[Job]:
        name = f"jobs:request:{request}"
        last = int(cursors.start_of(page, name, _NUMBER) or 0)
        limit = checked_limit(page)
        items = self._table.query(keys.jobs_of(request, last), limit=limit + 1)
        # All were created with their request: those of one page are in its time, or none is.
        some = [self._jobs.read(item) for item in islice(items, limit + 1)]
        found = [
            kept.job for kept in self._jobs.committed(some) if in_time(page, kept.job.created_at)
        ]
        more = len(found) > limit
        cursor = cursors.encode(name, f"{found[limit - 1].index:06d}") if more else None
        return Page(tuple(found[:limit]), cursor)

    def search_jobs(self, words: str, page: PageRequest = FIRST_PAGE) -> Page[Job]:
        """See ``Records.search_jobs``; without words nothing is found."""
        asked = words_asked(words)
        checked_limit(page)
        if not asked:
            return Page(())
        places = word_items.jobs(self._table, asked, page)
        name = word_items.name_of("jobs", asked)
        return self._page_of_jobs(page, name, places, lambda kept: asked <= job_words(kept.job))

    def _page_of_jobs(
        self,
        page: PageRequest,
        list_name: str,
        places: Places,
        is_listed: Callable[[KeptJob], bool],
    ) -> Page[Job]:
        def load(some: Sequence[str]) -> Mapping[str, KeptJob]:
            found = self._jobs.find_many([keys.job_at(place) for place in some])
            named = ((place, keys.job_at(place)) for place in some)
            return {place: found[key] for place, key in named if key in found}

        def belongs(kept: KeptJob) -> bool:
            return is_listed(kept) and in_time(page, kept.job.created_at)

        found = read_page(page, list_name, places, load, belongs)
        return Page(tuple(kept.job for kept in found.items), found.cursor)

    def job_counts(self) -> JobCounts:
        """See ``Records.job_counts``."""
        return counters.job_counts(self._table)

    def flag_counts(self) -> FlagCounts:
        """See ``Records.flag_counts``."""
        return counters.flag_counts(self._table)

    def lineage(self, root: JobId) -> tuple[Job, ...]:
        """See ``Records.lineage``."""
        prefix = len("J#")
        others = [
            keys.job_at(item.key.sk[prefix:]) for item in self._table.query(keys.lineage(root))
        ]
        names = [keys.job(root), *others]
        found = self._jobs.find_many(names)
        jobs = [found[name].job for name in names if name in found]
        return tuple(job for job in jobs if job.lineage.root == root)

    def steps(self, job: JobId) -> tuple[Step, ...]:
        """See ``Records.steps``."""
        return tuple(
            kept_jobs.record(Step, self._texts.text(item, "doc"), item)
            for item in self._table.query(keys.steps_of(job))
        )

    def add_events(self, job: JobId, events: Sequence[Event]) -> None:
        """See ``Records.add_events``."""
        for _ in self._table.tries("add events"):
            kept = self._jobs.load(job)
            if not events:
                return
            transaction = Transaction()
            self._jobs.keep(transaction, kept, kept, events)
            if self._table.attempt(transaction, "add events"):
                return

    def events(self, job: JobId, after: int = 0, limit: int = 500) -> tuple[StoredEvent, ...]:
        """See ``Records.events``."""
        found: list[StoredEvent] = []
        if limit <= 0:
            return ()
        for batch in event_log.batches(self._table, self._texts, job, self._now(), after):
            found += [event for event in batch.events if event.sequence > after]
            if len(found) >= limit:
                break
        return tuple(found[:limit])

    def forget_events(self, before: datetime) -> int:
        """See ``Records.forget_events``; DynamoDB drops events by itself when they have had their
        time, so nobody needs to call this.
        """
        entries = self._table.query(keys.jobs_with_events(before.astimezone(UTC).date()))
        jobs = [JobId(item.text("job")) for item in entries]
        return sum(self._forget_events_of(job, before) for job in jobs)

    def _forget_events_of(self, job: JobId, before: datetime) -> int:
        for _ in self._table.tries("drop events"):
            kept = self._jobs.load(job)
            transaction = Transaction()
            batches = event_log.batches(self._table, self._texts, job, self._now())
            forgotten = event_log.forget(transaction, kept, batches, before, self._texts)
            if not forgotten.number and forgotten.job == kept:
                return 0
            self._jobs.keep(transaction, kept, forgotten.job)
            if not self._table.attempt(transaction, "drop events"):
                continue
            if forgotten.is_all:
                return forgotten.number
            return forgotten.number + self._forget_events_of(job, before)
        raise AssertionError


def _is_in(partition: Partition, kept: KeptJob) -> bool:
    """Whether a job is in a partition that jobs may leave."""
    if partition.kind is PartitionKind.STATE:
        return kept.job.state == partition.value
    flags = flags_of(kept.job, is_judged=kept.is_judged)._asdict()
    return bool(flags.get(partition.kind.value, True))
