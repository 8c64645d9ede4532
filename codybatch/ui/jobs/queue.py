"""The queue in which a person judges job after job, as one session goes through it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from codybatch.domain.identifiers import JobId
from codybatch.services.to_judge import Line
from codybatch.services.wording import counted


@dataclass(frozen=True)
class Queue:
    """Jobs in the order in which they are shown, and which of them is shown now.

    It is made once and only grows at its end, so that nobody is shown the same job twice because
    others judge at the same time.
    """

    ids: tuple[JobId, ...] = ()
    place: int = 0
    """Of the job that is shown; behind the last one where all were."""
    judged: frozenset[JobId] = frozenset()
    """By the person whose queue it is."""
    others: int = 0
    """How many others have judged some of the jobs."""

    @property
    def current(self) -> JobId | None:
        """The job that is shown; None behind the last one."""
        return self.ids[self.place] if self.place < len(self.ids) else None

    @property
    def left(self) -> int:
        """How many are not judged."""
        return sum(one not in self.judged for one in self.ids)

    @property
    def progress(self) -> str:
        """How far one is: ``3 of 10 · 2 judged by you · 2 raters``."""
        place = f"{min(self.place + 1, len(self.ids))} of {len(self.ids)}"
        mine = len(self.ids) - self.left
        raters = self.others + bool(mine)
        judged = f" · {mine} judged by you" if mine else ""
        return f"{place}{judged}" + (f" · {counted(raters, 'rater')}" if raters else "")

    @property
    def share(self) -> float:
        """How much of it is judged: 0 to 1."""
        return 1 - self.left / len(self.ids) if self.ids else 1.0

    def at(self, job: JobId | None) -> Queue:
        """The queue with this job shown, where it is in it."""
        return replace(self, place=self.ids.index(job)) if job in self.ids else self

    def next(self) -> Queue:
        """The queue with the next job shown."""
        return replace(self, place=min(self.place + 1, len(self.ids)))

    def previous(self) -> Queue:
        """The queue with the job before shown."""
        return replace(self, place=max(self.place - 1, 0))

    def onward(self) -> Queue:
        """The queue with the next job shown that is not judged; behind the last one without any."""
        later = range(self.place + 1, len(self.ids))
        fresh = (place for place in later if self.ids[place] not in self.judged)
        return replace(self, place=next(fresh, len(self.ids)))

    def begun(self) -> Queue:
        """The queue with the first job shown that is not judged."""
        return replace(self, place=-1).onward()

    def with_judged(self, job: JobId, *, judged: bool = True) -> Queue:
        """The queue with a job judged, or not judged any more."""
        own = frozenset({job})
        return replace(self, judged=self.judged | own if judged else self.judged - own)

    def with_more(self, line: Line) -> Queue:
        """The queue with those jobs at its end that it does not hold."""
        more = (one.id for one in line.jobs if one.id not in self.ids)
        return replace(self, ids=(*self.ids, *more), judged=self.judged | line.judged)
