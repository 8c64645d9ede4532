"""Jobs: look at one, follow it, take its patch and its thread, cancel it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codybatch.domain.errors import JobEnded, NotFound
from codybatch.domain.events import StoredEvent
from codybatch.domain.findings import Verdict
from codybatch.domain.identifiers import JobId, Person
from codybatch.domain.jobs import Job, Patch
from codybatch.domain.threads import Step, StepKind, ThreadLine
from codybatch.ports import (
    EVERYTHING,
    FIRST_PAGE,
    Blobs,
    Clock,
    Engine,
    Page,
    PageRequest,
    Partition,
    Records,
)
from codybatch.services.conversations import Conversation, conversation_of
from codybatch.services.threads import lines_of, read_lines

RECONCILE_SECONDS = 5.0


@dataclass(frozen=True)
class Jobs:
    """Use cases of jobs."""

    records: Records
    blobs: Blobs
    engine: Engine
    clock: Clock

    def find(self, job: JobId) -> Job:
        """One job.

        Raises:
            NotFound: there is none.
        """
        return self.records.job(job)

    def lineage(self, job: Job) -> tuple[Job, ...]:
        """The job with all that went before it and went on from it, oldest first."""
        return self.records.lineage(job.lineage.root)

    def list(self, partition: Partition = EVERYTHING, page: PageRequest = FIRST_PAGE) -> Page[Job]:
        """Jobs, newest first."""
        return self.records.list_jobs(partition, page)

    def search(self, words: str, page: PageRequest = FIRST_PAGE) -> Page[Job]:
        """Jobs that hold all the words."""
        return self.records.search_jobs(words, page)

    def cancel(self, job: JobId, by: Person) -> Job:
        """Cancel a job: at once where it does not run, soon where it does.

        Raises:
            NotFound: there is none.
            JobEnded: it has ended already.
        """
        if self.records.job(job).state.is_terminal:
            raise JobEnded(f"The job {job} has already ended; there is nothing to cancel.")
        cancelled = self.records.request_cancel(job, self.clock.now(), by)
        self.engine.cancel(cancelled)
        return cancelled

    def verdicts(self, job: JobId) -> tuple[Verdict, ...]:
        """What people think of a job, by rater."""
        return self.records.verdicts(job)

    def patch(self, job: JobId) -> bytes:
        """The job's patch, byte for byte.

        Raises:
            NotFound: there is no such job, or it made no patch.
        """
        return self.blobs.get(self._patch_of(job).blob)

    def thread(self, job: JobId, start: int = 0, stop: int | None = None) -> Iterator[ThreadLine]:
        """The conversation's lines from ``start`` (from 0) up to ``stop``, also while it runs.

        Raises:
            NotFound: there is no such job.
        """
        found = self.records.job(job)
        if found.thread is not None:
            end = found.thread.count if stop is None else stop
            yield from read_lines(found.thread, self.blobs, start, end)
            return
        said = [step for step in self.records.steps(job) if step.kind is not StepKind.REQUEST]
        yield from lines_of(said[start:stop], self.blobs)

    def conversation(self, job: JobId) -> Conversation:
        """The same turn by turn: what a turn says is read once it is asked for.

        Raises:
            NotFound: there is no such job.
        """
        return conversation_of(self.records.job(job), self.records.steps(job), self.blobs)

    def patch_link(self, job: JobId) -> str | None:
        """An address from which a job's patch is downloaded past us; None where there is none, and
        its bytes are to be given out. It is a secret.

        Raises:
            NotFound: there is no such job, or it made no patch.
        """
        return self.blobs.link(self._patch_of(job).blob, f"{job}.patch")

    def steps(self, job: JobId) -> tuple[Step, ...]:
        """What each turn used and cost: the explanation of a job's cost."""
        return self.records.steps(job)

    def events(self, job: JobId, after: int = 0) -> tuple[StoredEvent, ...]:
        """A job's events after a sequence number, oldest first."""
        return self.records.events(job, after)

    def follow(
        self, jobs: Sequence[JobId], every_seconds: float = 0.5, *, only_look: bool = False
    ) -> Iterator[tuple[Job, ...]]:
        """Give the jobs again and again, until all have ended or wait for a person.

        Whoever follows jobs also sees to it that these go on, should the engine's own process die;
        but for those who only look.
        """
        looked_at = self.clock.monotonic()
        while True:
            now = tuple(self.records.job(job) for job in jobs)
            yield now
            if all(job.state.is_terminal or needs_person(job) for job in now):
                return
            if not only_look and self.clock.monotonic() - looked_at > RECONCILE_SECONDS:
                self.engine.reconcile([job for job in now if not job.state.is_terminal])
                looked_at = self.clock.monotonic()
            self.clock.sleep(every_seconds)

    def _patch_of(self, job: JobId) -> Patch:
        patch = self.records.job(job).patch
        if patch is None:
            raise NotFound(f"The job {job} made no patch.")
        return patch


def needs_person(job: Job) -> bool:
    """Whether a waiting job goes on only after somebody did something."""
    return job.waiting is not None and job.waiting.until is None
