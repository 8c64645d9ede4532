"""Verdicts: what people think of an ended job's result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from codybatch.domain.errors import JobNotEnded, NotFound, UsageError
from codybatch.domain.findings import MAX_COMMENT, Decision, Verdict
from codybatch.domain.identifiers import JobId, Person
from codybatch.domain.jobs import Job
from codybatch.domain.prompts import Kind
from codybatch.ports import Clock, Records
from codybatch.services.blind import Reveals


@dataclass(frozen=True)
class Verdicts:
    """Use cases of verdicts."""

    records: Records
    clock: Clock
    reasons: Callable[[Kind], tuple[str, ...]]
    """Which reasons there are to choose from, for jobs of a kind."""
    clean: Callable[[str], str]
    """Takes secrets out of what a person wrote."""

    def rate(
        self,
        job: JobId,
        by: Person,
        decision: Decision,
        *,
        rating: int | None = None,
        reasons: Iterable[str] = (),
        comment: str = "",
        blind: bool = False,
    ) -> Verdict:
        """Store a person's verdict of an ended job, in place of that person's earlier one.

        Args:
            job: which one.
            by: who judges.
            decision: whether the result is accepted.
            rating: 1 (bad) to 5 (good).
            reasons: some of ``self.reasons``, or of those that this person gave before, in any case
                of letters.
            comment: up to MAX_COMMENT characters.
            blind: whether prompt and model were hidden from whoever judged. Where this person was
                shown elsewhere what made the job, or said something of it that was not blind, the
                verdict is stored as not blind.

        Raises:
            NotFound: there is no such job.
            JobNotEnded: it has not ended.
            UsageError: a rating, reason or comment that cannot be; the message says what can.
        """
        verdict = self.checked(
            *(job, by, decision), rating=rating, reasons=reasons, comment=comment, blind=blind
        )
        if blind and self._knows(job, by):
            verdict = verdict.with_(blind=False)
        self.records.put_verdict(verdict)
        return verdict

    def _knows(self, job: JobId, by: Person) -> bool:
        """Whether a person knows what made a job, whatever an old page still hides."""
        given = (one for one in self.records.verdicts(job) if one.rater == by)
        return any(not one.blind for one in given) or Reveals(self.records).has_seen(by, job)

    def checked(
        self,
        job: JobId,
        by: Person,
        decision: Decision,
        *,
        rating: int | None,
        reasons: Iterable[str],
        comment: str,
        blind: bool,
    ) -> Verdict:
        """The verdict as it is said, not stored; raises what ``rate`` raises."""
        found = self.records.job(job)
        if not found.state.is_terminal:
            raise JobNotEnded(
                f"The job {job} has not ended ({found.state}), so there is nothing to judge yet. "
                f"`codybatch jobs wait {job}` waits for it."
            )
        if rating is not None and not 1 <= rating <= 5:
            raise UsageError(f"A rating is a number from 1 (bad) to 5 (good), not {rating}.")
        return Verdict(
            job=job,
            rater=by,
            decision=decision,
            rating=rating,
            reasons=self._chosen(found, by, reasons),
            comment=self._comment(comment),
            blind=blind,
            at=self.clock.now(),
        )

    def of(self, job: JobId) -> tuple[Verdict, ...]:
        """All verdicts of a job, by rater.

        Raises:
            NotFound: there is no such job.
        """
        return self.records.verdicts(self.records.job(job).id)

    def withdraw(self, job: JobId, by: Person) -> None:
        """Take a person's verdict of a job back.

        Raises:
            NotFound: there is no such job, or that person has not judged it.
        """
        if not self.records.withdraw_verdict(self.records.job(job).id, by):
            raise NotFound(f"There is no verdict of {by} on the job {job}.")

    def _chosen(self, job: Job, by: Person, written: Iterable[str]) -> tuple[str, ...]:
        wanted = tuple(written)
        if not wanted:
            return ()
        listed = self.reasons(job.kind)
        given = (one.reasons for one in self.records.verdicts(job.id) if one.rater == by)
        known = {one.casefold(): one for one in (*chain.from_iterable(given), *listed)}
        return tuple(dict.fromkeys(_reason(one, known, listed) for one in wanted))

    def _comment(self, written: str) -> str:
        if len(written) > MAX_COMMENT:
            raise UsageError(
                f"A comment has up to {MAX_COMMENT:,} characters; this one has {len(written):,}."
            )
        return self.clean(written.strip())[:MAX_COMMENT]


def _reason(written: str, known: Mapping[str, str], listed: Iterable[str]) -> str:
    reason = known.get(" ".join(written.split()).casefold())
    if reason is None:
        raise UsageError(
            f"{written!r} is none of the reasons: {', '.join(listed)}. The page of settings "
            "changes the list, which CODYBATCH_VERDICT_REASONS begins; a comment takes any text."
        )
    return reason
