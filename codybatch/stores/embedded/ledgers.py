"""Submissions, verdicts, days and credentials in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from codybatch.domain.findings import Verdict
from codybatch.domain.identifiers import JobId, Person, SubmissionId
from codybatch.domain.money import Budget
from codybatch.domain.states import JobState
from codybatch.domain.submissions import Submission
from codybatch.ports.lists import CredentialTrouble
from codybatch.stores.embedded import budget_table, flag_table, job_table, rows, tally_table
from codybatch.stores.embedded.database import Database
from codybatch.stores.refused import no_submission

ASKED_AT_ONCE = 500
"""Jobs that one query names; SQLite takes 999 parameters in its oldest builds."""


class SubmissionRecords:
    """The part of ``Records`` about submissions."""

    _database: Database

    def add_submission(self, submission: Submission, *, is_noted: bool = False) -> None:
        """See ``Records.add_submission``; stored again, it takes the place of what was stored."""
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO submissions (id, document) VALUES (?, ?) "
                "ON CONFLICT (id) DO UPDATE SET document = excluded.document",
                (submission.id, submission.to_json()),
            )
            for job in () if is_noted else submission.jobs:
                _note(connection, job, submission.id)

    def submission(self, submission: SubmissionId) -> Submission:
        """See ``Records.submission``."""
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT document FROM submissions WHERE id = ?", (submission,)
            ).fetchone()
            if row is None:
                raise no_submission(submission)
            return rows.record(Submission, row["document"], connection)


def _note(connection: sqlite3.Connection, job: JobId, submission: SubmissionId) -> None:
    stored = job_table.find(connection, job)
    if stored and stored.job.state is JobState.QUEUED and stored.job.submission != submission:
        job_table.save(connection, stored, stored.with_job(submission=submission))


class VerdictRecords:
    """The part of ``Records`` about verdicts."""

    _database: Database

    def put_verdict(self, verdict: Verdict) -> None:
        """See ``Records.put_verdict``."""
        with self._database.write() as connection:
            job = job_table.load(connection, verdict.job).job
            earlier = _verdict(connection, verdict.job, verdict.rater)
            connection.execute(
                "INSERT INTO verdicts (job, rater, document) VALUES (?, ?, ?) "
                "ON CONFLICT (job, rater) DO UPDATE SET document = excluded.document",
                (verdict.job, verdict.rater, verdict.to_json()),
            )
            if earlier:
                tally_table.count_verdict(connection, job.prompt, earlier, times=-1)
            tally_table.count_verdict(connection, job.prompt, verdict)
            flag_table.refresh(connection, job)

    def withdraw_verdict(self, job: JobId, rater: Person) -> bool:
        """See ``Records.withdraw_verdict``."""
        with self._database.write() as connection:
            given = _verdict(connection, job, rater)
            if given is None:
                return False
            connection.execute("DELETE FROM verdicts WHERE job = ? AND rater = ?", (job, rater))
            judged = job_table.load(connection, job).job
            tally_table.count_verdict(connection, judged.prompt, given, times=-1)
            flag_table.refresh(connection, judged)
            return True

    def verdicts(self, job: JobId) -> tuple[Verdict, ...]:
        """See ``Records.verdicts``."""
        with self._database.read() as connection:
            found = connection.execute(
                "SELECT document FROM verdicts WHERE job = ? ORDER BY rater", (job,)
            ).fetchall()
            return tuple(rows.record(Verdict, row["document"], connection) for row in found)

    def verdicts_of(self, jobs: Sequence[JobId]) -> Mapping[JobId, tuple[Verdict, ...]]:
        """See ``Records.verdicts_of``."""
        found: dict[JobId, tuple[Verdict, ...]] = {}
        every = list(dict.fromkeys(jobs))
        with self._database.read() as connection:
            for begin in range(0, len(every), ASKED_AT_ONCE):
                some = every[begin : begin + ASKED_AT_ONCE]
                places = ", ".join("?" * len(some))
                query = (
                    f"SELECT document FROM verdicts WHERE job IN ({places}) "  # noqa: S608
                    "ORDER BY job, rater"
                )
                for row in connection.execute(query, some):
                    one = rows.record(Verdict, row["document"], connection)
                    found[one.job] = (*found.get(one.job, ()), one)
        return found


def _verdict(connection: sqlite3.Connection, job: JobId, rater: Person) -> Verdict | None:
    row = connection.execute(
        "SELECT document FROM verdicts WHERE job = ? AND rater = ?", (job, rater)
    ).fetchone()
    return rows.record(Verdict, row["document"], connection) if row else None


class MoneyRecords:
    """The part of ``Records`` about days and credentials."""

    _database: Database

    def day_budget(self, day: date) -> Budget:
        """See ``Records.day_budget``."""
        with self._database.read() as connection:
            return budget_table.of_day(connection, day)

    def note_credential_trouble(self, trouble: CredentialTrouble) -> None:
        """See ``Records.note_credential_trouble``."""
        since, until = trouble.since.isoformat(), trouble.until.isoformat()
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO credential_troubles (credential, reason, since, until) "
                "VALUES (?, ?, ?, ?)",
                (trouble.credential, trouble.reason, since, until),
            )

    def credential_trouble(self, credential: str) -> CredentialTrouble | None:
        """See ``Records.credential_trouble``."""
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT * FROM credential_troubles WHERE credential = ?", (credential,)
            ).fetchone()
        return row and CredentialTrouble(
            credential=row["credential"],
            reason=row["reason"],
            since=datetime.fromisoformat(row["since"]),
            until=datetime.fromisoformat(row["until"]),
        )

    def forget_credential_trouble(self, credential: str) -> None:
        """See ``Records.forget_credential_trouble``."""
        with self._database.write() as connection:
            connection.execute(
                "DELETE FROM credential_troubles WHERE credential = ?", (credential,)
            )
