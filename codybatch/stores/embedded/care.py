"""The care of the database: whether it is whole, whether its counters are right, and its end."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import Decimal

from codybatch.domain.money import EXACT
from codybatch.domain.states import TERMINAL, JobState
from codybatch.stores.embedded import failures
from codybatch.stores.embedded.database import Database
from codybatch.stores.lists import Flags

Check = Callable[[sqlite3.Connection], str | None]


class CareRecords:
    """The part of ``Records`` about the store itself."""

    _database: Database

    def check(self) -> None:
        """See ``Records.check``; this reads every record, and writes once."""
        with self._database.write() as connection:
            for find_fault in _CHECKS:
                if reason := find_fault(connection):
                    raise failures.damaged(self._database.path, reason)
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            connection.execute(f"PRAGMA user_version = {version}")

    def close(self) -> None:
        """See ``Records.close``."""
        self._database.close()


def _pages(connection: sqlite3.Connection) -> str | None:
    said: str = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    return None if said == "ok" else said


def _references(connection: sqlite3.Connection) -> str | None:
    dangling = connection.execute("PRAGMA foreign_key_check").fetchone()
    return "a record points to one that is not there" if dangling else None


def _job_counts(connection: sqlite3.Connection) -> str | None:
    wrong = connection.execute(
        "SELECT state FROM (SELECT state, jobs FROM job_counts UNION ALL "
        "SELECT state, -count(*) FROM jobs GROUP BY state) GROUP BY state HAVING sum(jobs) <> 0"
    ).fetchone()
    return "the counts of jobs are not those of the jobs that are there" if wrong else None


def _flag_counts(connection: sqlite3.Connection) -> str | None:
    found = connection.execute("SELECT flag, jobs FROM flag_counts").fetchall()
    counted = {row["flag"]: row["jobs"] for row in found}
    for flag in Flags._fields:
        statement = f"SELECT count(*) FROM jobs WHERE {flag} = 1"  # noqa: S608
        if connection.execute(statement).fetchone()[0] != counted.get(flag, 0):
            return f"the count of jobs with the flag {flag} is not that of those that have it"
    judged = connection.execute(
        "SELECT id FROM jobs WHERE unjudged = 1 AND id IN (SELECT job FROM verdicts)"
    ).fetchone()
    return f"a judged job is among those to judge: {judged['id']}" if judged else None


def _tallies(connection: sqlite3.Connection) -> str | None:
    states = ", ".join(f"sum({state})" for state in sorted(TERMINAL))
    counted = ", ".join(f"count(*) FILTER (WHERE state = '{state}')" for state in sorted(TERMINAL))
    ended = " OR ".join(f"state = '{state}'" for state in sorted(TERMINAL))
    wrong = connection.execute(
        f"SELECT prompt, {counted} FROM jobs WHERE {ended} GROUP BY prompt "  # noqa: S608
        f"EXCEPT SELECT prompt, {states} FROM prompt_tallies GROUP BY prompt"
    ).fetchone()
    return f"the tally of a prompt is not that of its jobs: {wrong['prompt']}" if wrong else None


def _request_counts(connection: sqlite3.Connection) -> str | None:
    counted = ", ".join(f"count(*) FILTER (WHERE state = '{state}')" for state in JobState)
    wrong = connection.execute(
        f"SELECT id, {', '.join(JobState)} FROM requests EXCEPT "  # noqa: S608
        f"SELECT request, {counted} FROM jobs GROUP BY request"
    ).fetchone()
    return f"the counts of a request are not those of its jobs: {wrong['id']}" if wrong else None


def _reservations(connection: sqlite3.Connection) -> str | None:
    of_requests: dict[str, Decimal] = defaultdict(Decimal)
    of_days: dict[str, Decimal] = defaultdict(Decimal)
    for row in connection.execute(
        "SELECT request, held_usd, held_day FROM jobs WHERE held_day IS NOT NULL"
    ):
        held = Decimal(row["held_usd"])
        of_requests[row["request"]] = EXACT.add(of_requests[row["request"]], held)
        of_days[row["held_day"]] = EXACT.add(of_days[row["held_day"]], held)
    budgets = connection.execute("SELECT id, reserved_usd FROM requests")
    days = connection.execute("SELECT day, reserved_usd FROM day_budgets")
    if _same(budgets, of_requests) and _same(days, of_days):
        return None
    return "what budgets have set aside is not what jobs hold"


def _same(budgets: Iterable[sqlite3.Row], held: dict[str, Decimal]) -> bool:
    return all(Decimal(reserved) == held.get(name, 0) for name, reserved in budgets)


_CHECKS: tuple[Check, ...] = (
    _pages,
    _references,
    _job_counts,
    _flag_counts,
    _tallies,
    _request_counts,
    _reservations,
)
"""Each gives what is wrong, or None."""
