"""Submissions, days and tallies in DynamoDB."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from codybatch.domain.identifiers import JobId, SubmissionId
from codybatch.domain.money import NOTHING, Budget
from codybatch.domain.states import JobState
from codybatch.domain.submissions import Submission
from codybatch.domain.tallies import DayTally, PromptTally, Tally
from codybatch.stores.aws import budget_items, kept_jobs, keys, tally_items
from codybatch.stores.aws.items import Attributes
from codybatch.stores.aws.job_items import JobItems
from codybatch.stores.aws.table import Table
from codybatch.stores.aws.texts import Texts
from codybatch.stores.aws.transaction import Transaction
from codybatch.stores.refused import no_submission

NOTED_AT_ONCE = 90
"""Jobs of a submission that are noted with it in one transaction; of more, the submission comes
first, and then its jobs, so many at a time: storing it again notes what a crash left out."""


class SubmissionRecords:
    """The part of ``Records`` about submissions."""

    _table: Table
    _texts: Texts
    _jobs: JobItems

    def add_submission(self, submission: Submission, *, is_noted: bool = False) -> None:
        """See ``Records.add_submission``; stored again, it takes the place of what was stored."""
        attributes = self._texts.packed("doc", submission.to_json())
        jobs = [] if is_noted else list(dict.fromkeys(submission.jobs))
        if len(jobs) <= NOTED_AT_ONCE:
            self._note(submission.id, jobs, attributes)
            return
        self._table.put(keys.submission(submission.id), attributes)
        for start in range(0, len(jobs), NOTED_AT_ONCE):
            self._note(submission.id, jobs[start : start + NOTED_AT_ONCE])

    def _note(
        self,
        submission: SubmissionId,
        jobs: Sequence[JobId],
        attributes: Attributes | None = None,
    ) -> None:
        """Note a submission on those of some jobs that are queued, and store it with that."""
        for _ in self._table.tries("note a submission"):
            transaction = Transaction()
            if attributes is not None:
                transaction.put(keys.submission(submission), attributes)
            for kept in self._jobs.find_many([keys.job(job) for job in jobs]).values():
                if kept.job.state is JobState.QUEUED and kept.job.submission != submission:
                    noted = kept.stored.with_job(submission=submission)
                    self._jobs.change(transaction, kept, noted)
            if self._table.attempt(transaction, "note a submission"):
                return

    def submission(self, submission: SubmissionId) -> Submission:
        """See ``Records.submission``."""
        item = self._table.get(keys.submission(submission))
        if item is None:
            raise no_submission(submission)
        return kept_jobs.record(Submission, self._texts.text(item, "doc"), item)


class MoneyRecords:
    """The part of ``Records`` about days."""

    _table: Table

    def day_budget(self, day: date) -> Budget:
        """See ``Records.day_budget``."""
        items = self._table.query(budget_items.range_of(day))
        return budget_items.of_day(day, items).budget


class TallyRecords:
    """The part of ``Records`` about tallies."""

    _table: Table

    def day_tallies(self, since: date, until: date) -> tuple[DayTally, ...]:
        """See ``Tallies.day_tallies``."""
        if since >= until:
            return ()
        counted = tally_items.summed(self._table.query(keys.day_tallies(since, until)))
        spent = budget_items.spent_by_day(self._table.query(keys.budgets(since, until)))
        return tuple(
            DayTally(
                day=date.fromisoformat(day),
                tally=counted.get(day, Tally()),
                spent_usd=spent.get(day, NOTHING),
            )
            for day in sorted(counted.keys() | spent.keys())
        )

    def prompt_tallies(self, name: str) -> tuple[PromptTally, ...]:
        """See ``Tallies.prompt_tallies``."""
        counted = tally_items.summed(self._table.query(keys.prompt_tallies(name)))
        return tuple(
            PromptTally(version=int(version), tally=counted[version])
            for version in sorted(counted, reverse=True)
        )
