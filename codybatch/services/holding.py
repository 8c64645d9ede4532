"""Holding a job while its patch is published, so that two people do not do it at once.

The hold stands in the job's record and ends by itself, so whoever was killed blocks nobody for
long. It keeps people apart; that there is never a second branch or pull request rests on the exact
leases of pushes and on looking before anything is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from secrets import token_hex

from codybatch.domain.errors import PublicationUnderWay, StaleWrite
from codybatch.domain.identifiers import JobId, Person
from codybatch.domain.jobs import Job
from codybatch.domain.publication import Publication, PublicationHold
from codybatch.ports import Clock, Records

HELD_FOR = timedelta(minutes=2)
"""From each act on; a longer one may be overtaken, which is safe and only ends in an error."""
LONGEST_WAIT = timedelta(minutes=5)
LOOK_SECONDS = 0.5


class Held:
    """An ended job whose publication is ours to write, until somebody takes it over."""

    def __init__(self, records: Records, clock: Clock, job: Job, by: Person, token: str) -> None:
        """Keep ``job``, as it was stored with our hold."""
        self.job = job
        self._records = records
        self._clock = clock
        self._by = by
        self._token = token

    def note(self, publication: Publication) -> None:
        """Store how far the publication came, and hold the job for longer.

        Raises:
            PublicationUnderWay: somebody took it over; nothing of ours was stored.
        """
        self._store(publication.with_(hold=_hold(self._by, self._token, self._clock)))

    def end(self, publication: Publication) -> Job:
        """Store what became of it, and let go; gives back the job.

        Raises:
            PublicationUnderWay: somebody took it over; nothing of ours was stored.
        """
        self._store(publication.with_(hold=None))
        return self.job

    def let_go(self) -> None:
        """Let go of the job where it is still held."""
        if self.job.publication.hold is not None:
            with suppress(PublicationUnderWay):
                self._store(self.job.publication.with_(hold=None))

    def _store(self, publication: Publication) -> None:
        while True:
            try:
                self.job = self._records.update_job(self.job.with_(publication=publication))
                return
            except StaleWrite:  # a refresh, or somebody who took us for dead
                self.job = self._still_ours()

    def _still_ours(self) -> Job:
        job = self._records.job(self.job.id)
        hold = job.publication.hold
        if hold is None or hold.token != self._token:
            who = f"{hold.by} has" if hold else "Somebody else has"
            raise PublicationUnderWay(
                f"{who} taken over the publication of {job.id}, because nothing was heard of this "
                f"one for a while. `codybatch jobs show {job.id}` shows what became of it."
            )
        return job


@contextmanager
def holding(
    records: Records, clock: Clock, job: JobId, by: Person, watch: Callable[[str], None]
) -> Iterator[Held]:
    """Hold an ended job for the length of a block; waits for whoever holds it now.

    Args:
        records: where the hold is noted.
        clock: the time, and waiting for it.
        job: which one.
        by: who publishes it.
        watch: is told whom we wait for.

    Raises:
        PublicationUnderWay: somebody else holds it for longer than LONGEST_WAIT.
    """
    held = _take(records, clock, job, by, watch)
    try:
        yield held
    finally:
        held.let_go()


def _take(
    records: Records, clock: Clock, job: JobId, by: Person, watch: Callable[[str], None]
) -> Held:
    token = token_hex(8)
    give_up_at = clock.now() + LONGEST_WAIT
    waits_for = ""
    while True:
        found = records.job(job)
        other = found.publication.hold
        if other is None or other.until <= clock.now():
            wanted = found.publication.with_(hold=_hold(by, token, clock))
            with suppress(StaleWrite):
                stored = records.update_job(found.with_(publication=wanted))
                return Held(records, clock, stored, by, token)
            continue
        if clock.now() >= give_up_at:
            raise PublicationUnderWay(
                f"{other.by} publishes {job} right now. Try again in a few minutes."
            )
        if other.token != waits_for:
            waits_for = other.token
            watch(f"{other.by} publishes {job} right now, so this waits.")
        clock.sleep(LOOK_SECONDS)


def _hold(by: Person, token: str, clock: Clock) -> PublicationHold:
    return PublicationHold(by=by, token=token, until=clock.now() + HELD_FOR)
