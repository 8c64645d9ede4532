"""A job as an item: the record, and what stands beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

from pydantic import ValidationError

from codybatch.domain.identifiers import SubmissionId
from codybatch.domain.jobs import Job, Lease, Progress
from codybatch.domain.records import Record
from codybatch.domain.states import JobState
from codybatch.stores.aws.items import Attributes, Item, Value, damaged
from codybatch.stores.aws.texts import Texts
from codybatch.stores.stored_job import STORES_FIELDS, Account, StoredJob

R = TypeVar("R", bound=Record)

_BESIDE = STORES_FIELDS | {"state", "progress", "submission"}
"""The fields with attributes of their own: they change alone, or conditions ask for them."""


@dataclass(frozen=True)
class KeptJob:
    """A job with what only this store knows of it."""

    stored: StoredJob
    revision: int = 0
    """Rises with every write of the item; every write names the one it read."""
    last_event: int = 0
    events_since: date | None = None
    """The UTC day of the oldest event; None where there are none."""
    judges: int = 0
    """How many people have a verdict of it."""
    staged: str | None = None
    """Of a job that was written before its request, and never since: the mark of its creation."""
    attributes: Attributes = field(default_factory=dict)
    """As they were read."""

    @property
    def job(self) -> Job:
        """The record."""
        return self.stored.job

    @property
    def is_judged(self) -> bool:
        """Whether there is a verdict of anybody."""
        return self.judges > 0


def read(item: Item, texts: Texts) -> KeptJob:
    """A job out of its item.

    Raises:
        StoreDamaged: it is none.
    """
    lease = item.maybe_text("lease")
    submission = item.maybe_text("submission")
    progress = item.maybe_text("progress")
    job = record(Job, texts.text(item, "doc"), item).model_copy(
        update={
            "state": _state(item),
            "progress": record(Progress, progress, item) if progress else Progress(),
            "submission": SubmissionId(submission) if submission else None,
            "lease": record(Lease, lease, item) if lease else None,
            "cancel_requested": item.flag("cancel"),
            "version": item.number("version"),
        }
    )
    since = item.maybe_text("events_since")
    return KeptJob(
        stored=StoredJob(job, item.number("fence")).with_account(_account(item)),
        revision=item.number("rev"),
        last_event=item.number("last_event"),
        events_since=date.fromisoformat(since) if since else None,
        judges=item.number("judges"),
        staged=item.maybe_text(STAGED),
        attributes=item.attributes,
    )


def written(kept: KeptJob, texts: Texts) -> dict[str, Value]:
    """The attributes of a job's item."""
    job, account = kept.job, kept.stored.account
    everything: dict[str, Value | None] = {
        **texts.packed("doc", job.model_dump_json(by_alias=True, exclude=set(_BESIDE))),
        "state": job.state.value,
        "progress": job.progress.to_json() if job.progress != Progress() else None,
        "submission": job.submission,
        "lease": job.lease.to_json() if job.lease else None,
        "cancel": job.cancel_requested or None,
        "version": job.version,
        "fence": kept.stored.fence,
        "held": _money(account.held),
        "held_day": account.day.isoformat() if account.day else None,
        "counted": _money(account.counted),
        "rev": kept.revision,
        "last_event": kept.last_event,
        "events_since": kept.events_since.isoformat() if kept.events_since else None,
        "judges": kept.judges or None,
        STAGED: kept.staged,
    }
    return {name: value for name, value in everything.items() if value is not None}


def differences(before: Attributes, after: Attributes) -> tuple[dict[str, Value], Iterable[str]]:
    """What must be put and what removed to make one item of another."""
    put = {name: value for name, value in after.items() if before.get(name) != value}
    return put, before.keys() - after.keys() - {MARK}


STAGED = "staged"
MARK = "mark"
"""The attribute by which an update knows itself when its answer was lost; it stays."""


def record(kind: type[R], document: str, item: Item) -> R:
    """Read a stored document.

    Raises:
        StoreDamaged: it is not one of this kind.
    """
    try:
        return kind.model_validate_json(document)
    except ValidationError as error:
        reason = f"a stored {kind.__name__.lower()} cannot be read: {error.errors()[0]['msg']}"
        raise damaged(item.key, reason) from error


def _state(item: Item) -> JobState:
    try:
        return JobState(item.text("state"))
    except ValueError as error:
        raise damaged(item.key, "there is no such state") from error


def _account(item: Item) -> Account:
    day = item.maybe_text("held_day")
    return Account(
        held=Decimal(item.maybe_text("held") or 0),
        day=date.fromisoformat(day) if day else None,
        counted=Decimal(item.maybe_text("counted") or 0),
    )


def _money(amount: Decimal) -> str | None:
    return format(amount, "f") if amount else None
