"""Rows out of many jobs' threads: read job by job, and one damaged thread stops no frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from codybatch.domain.errors import BlobDamaged, BlobMissing, StoreDamaged
from codybatch.domain.jobs import Job
from codybatch.services.conversations import Conversation, turns_of
from codybatch.services.findings import Clean
from codybatch.services.jobs import Jobs

T = TypeVar("T")

ROWS_AT_ONCE = 1_000


@dataclass
class Problems:
    """What could not be read, and of which job; ``attrs["problems"]`` of the frame holds it."""

    clean: Clean
    found: list[dict[str, str]] = field(default_factory=list)

    @contextmanager
    def noted(self, job: Job) -> Iterator[None]:
        """Where damage of one job is noted instead of raised."""
        try:
            yield
        except (BlobDamaged, BlobMissing, StoreDamaged) as error:
            repository = job.repository.full_name
            problem = self.clean(error.message)
            self.found.append({"job": job.id, "repository": repository, "problem": problem})

    def __str__(self) -> str:
        """Whose threads are damaged, in words."""
        named = ", ".join(one["job"] for one in self.found[:5])
        more = f" and {len(self.found) - 5} more" if len(self.found) > 5 else ""
        return (
            f"Of {len(self.found)} jobs not everything could be read: {named}{more}. "
            "frame.attrs['problems'] says why."
        )


def conversation_of(jobs: Jobs, job: Job) -> Conversation:
    """A job's conversation, as far as it is committed."""
    return Conversation(turns_of(jobs.steps(job.id)), job.thread, jobs.blobs)


def in_pages(rows: Iterable[T]) -> Iterator[list[T]]:
    """Rows some at a time."""
    left = iter(rows)
    while page := list(islice(left, ROWS_AT_ONCE)):
        yield page
