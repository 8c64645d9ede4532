"""The events of a job: an item for those that came together, named by the number of the last.

So a reader finds what is new by one range, and a turn's events cost one write. They have a time to
live; DynamoDB removes them late, so readers pass over what has had its time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import NamedTuple

from codybatch.domain.events import KEPT_FOR, Event, StoredEvent
from codybatch.domain.identifiers import JobId
from codybatch.stores.aws import keys
from codybatch.stores.aws.items import Item, damaged
from codybatch.stores.aws.kept_jobs import KeptJob
from codybatch.stores.aws.schema import TIME_TO_LIVE
from codybatch.stores.aws.table import Table
from codybatch.stores.aws.texts import Texts
from codybatch.stores.aws.transaction import Transaction

_IN_ONE_ITEM = 1_000
_CHANGED_AT_ONCE = 90


def append(
    transaction: Transaction, kept: KeptJob, events: Sequence[Event], texts: Texts, now: datetime
) -> KeptJob:
    """Add events to a transaction; gives the job with their numbers counted.

    Args:
        transaction: that changes the job too.
        kept: the job as it will be.
        events: in their order.
        texts: for long ones.
        now: aware; their time to live begins then.
    """
    if not events:
        return kept
    numbered = [
        StoredEvent(**dict(event), sequence=number)
        for number, event in enumerate(events, kept.last_event + 1)
    ]
    expires = int((now + KEPT_FOR).timestamp())
    for start in range(0, len(numbered), _IN_ONE_ITEM):
        _put(transaction, kept.job.id, numbered[start : start + _IN_ONE_ITEM], texts, expires)
    since = min(event.at.astimezone(UTC).date() for event in events)
    if kept.events_since is None or since < kept.events_since:
        note_days(transaction, kept.job.id, kept.events_since, since)
        kept = replace(kept, events_since=since)
    return replace(kept, last_event=numbered[-1].sequence)


def _put(
    transaction: Transaction,
    job: JobId,
    events: Sequence[StoredEvent],
    texts: Texts,
    expires: int,
    last: int | None = None,
) -> None:
    document = f"[{','.join(event.to_json() for event in events)}]"
    transaction.put(
        keys.events(job, last or events[-1].sequence),
        {**texts.packed("events", document), TIME_TO_LIVE: expires},
    )


def note_days(
    transaction: Transaction, job: JobId, before: date | None, after: date | None
) -> None:
    """Note of which day a job's oldest event is, in place of what was noted."""
    if before is not None:
        transaction.delete(keys.job_with_events(job, before))
    if after is not None:
        transaction.put(keys.job_with_events(job, after), {"job": job})


class Batch(NamedTuple):
    """Events that were added together, as far as they are still there."""

    item: Item
    last: int
    """The number in its key."""
    events: tuple[StoredEvent, ...]


def batches(
    table: Table, texts: Texts, job: JobId, now: datetime, after: int = 0
) -> Iterator[Batch]:
    """A job's events from a number on, oldest first, without those that have had their time."""
    for item in table.query(keys.events_of(job, after)):
        if item.number(TIME_TO_LIVE) > now.timestamp():
            yield Batch(item, int(item.key.sk), _read(item, texts))


class Forgotten(NamedTuple):
    """What dropping old events comes to."""

    job: KeptJob
    """As it will be."""
    number: int
    is_all: bool
    """Whether no old ones stay; a transaction takes only so many."""


def forget(
    transaction: Transaction,
    kept: KeptJob,
    found: Iterable[Batch],
    before: datetime,
    texts: Texts,
) -> Forgotten:
    """Drop a job's events that are older than a moment, as many as a transaction takes.

    Args:
        transaction: that changes the job too.
        kept: the job.
        found: its events.
        before: aware.
        texts: for long ones.
    """
    count, changed, since = 0, 0, None
    is_all = True
    for batch in found:
        left = tuple(event for event in batch.events if event.at >= before)
        if len(left) < len(batch.events) and changed == _CHANGED_AT_ONCE:
            is_all, left = False, batch.events
        elif len(left) < len(batch.events):
            changed += 1
            count += len(batch.events) - len(left)
            _replace(transaction, kept.job.id, batch, left, texts)
        days = [event.at.date() for event in left]
        since = min([since, *days] if since else days, default=None)
    if since != kept.events_since:
        note_days(transaction, kept.job.id, kept.events_since, since)
    return Forgotten(replace(kept, events_since=since), count, is_all)


def _replace(
    transaction: Transaction,
    job: JobId,
    batch: Batch,
    left: Sequence[StoredEvent],
    texts: Texts,
) -> None:
    if left:
        _put(transaction, job, left, texts, batch.item.number(TIME_TO_LIVE), batch.last)
    else:
        transaction.delete(batch.item.key)


def _read(item: Item, texts: Texts) -> tuple[StoredEvent, ...]:
    try:
        documents = json.loads(texts.text(item, "events"))
        return tuple(StoredEvent.model_validate(document) for document in documents)
    except (ValueError, TypeError) as error:
        raise damaged(item.key, "events cannot be read") from error
