"""The queue in which a person judges job after job, as one session goes through it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from codybatch.domain.identifiers import JobId


@dataclass(frozen=True)
class Queue:
    """Jobs in the order in which they are shown, and which of them is shown now.

    It is made once and only grows at its end, so that nobody is shown the same job twice because
    others judge at the same time.
    """

    ids: tuple[JobId, ...] = ()
    place: int = 0
    """Of the job that is shown; behind the last one where all were."""

    @property
    def current(self) -> JobId | None:
        """The job that is shown; None behind the last one."""
        return self.ids[self.place] if self.place < len(self.ids) else None

    @property
    def progress(self) -> str:
        """How far one is: ``3 of 10``."""
        return f"{min(self.place + 1, len(self.ids))} of {len(self.ids)}"

    @property
    def share(self) -> float:
        """How much of it lies behind: 0 to 1."""
        return self.place / len(self.ids) if self.ids else 1.0

    def at(self, job: str) -> Queue:
        """The queue with this job shown, where it is in it."""
        names = [str(one) for one in self.ids]
        return replace(self, place=names.index(job)) if job in names else self

    def next(self) -> Queue:
        """The queue with the next job shown."""
        return replace(self, place=min(self.place + 1, len(self.ids)))

    def previous(self) -> Queue:
        """The queue with the job before shown."""
        return replace(self, place=max(self.place - 1, 0))

    def with_more(self, ids: Iterable[JobId]) -> Queue:
        """The queue with those jobs at its end that it does not hold."""
        more = (one for one in ids if one not in self.ids)
        return replace(self, ids=(*self.ids, *more))
