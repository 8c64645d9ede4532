"""Tallies of days and of prompt versions, kept with what they count."""

from __future__ import annotations

import sqlite3
from datetime import date
from decimal import Decimal

from codybatch.domain.findings import Verdict
from codybatch.domain.jobs import Job
from codybatch.domain.money import NOTHING
from codybatch.domain.prompts import PromptRef
from codybatch.domain.tallies import DayTally, PromptTally, Tally
from codybatch.stores import tallies
from codybatch.stores.embedded import rows

_FIELDS = tuple(Tally.model_fields)
_COLUMNS = ", ".join(_FIELDS)
_MARKS = ", ".join(f":{name}" for name in _FIELDS)
_CHANGES = ", ".join(f"{name} = excluded.{name}" for name in _FIELDS)
_OF_DAY = f"SELECT {_COLUMNS} FROM day_tallies WHERE day = ?"  # noqa: S608
_OF_VERSION = f"SELECT {_COLUMNS} FROM prompt_tallies WHERE prompt = ? AND version = ?"  # noqa: S608
_PUT_DAY = (
    f"INSERT INTO day_tallies (day, {_COLUMNS}) VALUES (:day, {_MARKS}) "  # noqa: S608
    f"ON CONFLICT (day) DO UPDATE SET {_CHANGES}"
)
_PUT_VERSION = (
    f"INSERT INTO prompt_tallies (prompt, version, {_COLUMNS}) "  # noqa: S608
    f"VALUES (:prompt, :version, {_MARKS}) ON CONFLICT (prompt, version) DO UPDATE SET {_CHANGES}"
)


def count_end(connection: sqlite3.Connection, job: Job) -> None:
    """Count a job that has just ended."""
    _count(connection, tallies.day_of_end(job), job.prompt, tallies.of_end(job))


def count_verdict(
    connection: sqlite3.Connection, prompt: PromptRef, verdict: Verdict, times: int = 1
) -> None:
    """Count a verdict; with ``times`` -1, count it back."""
    change = tallies.of_verdict(verdict)
    _count(connection, verdict.at.date(), prompt, change, times)


def _count(
    connection: sqlite3.Connection, day: date, prompt: PromptRef, change: Tally, times: int = 1
) -> None:
    of_day = _read(connection.execute(_OF_DAY, (day.isoformat(),)).fetchone())
    columns = _written(of_day.plus(change, times))
    connection.execute(_PUT_DAY, {"day": day.isoformat(), **columns})
    key = (prompt.name, prompt.version)
    of_version = _read(connection.execute(_OF_VERSION, key).fetchone())
    columns = _written(of_version.plus(change, times))
    connection.execute(_PUT_VERSION, {"prompt": prompt.name, "version": prompt.version, **columns})


def days(connection: sqlite3.Connection, since: date, until: date) -> tuple[DayTally, ...]:
    """The days of a range, with what was spent on them."""
    bounds = (since.isoformat(), until.isoformat())
    counted = {
        row["day"]: _read(row)
        for row in connection.execute(
            f"SELECT day, {_COLUMNS} FROM day_tallies WHERE day >= ? AND day < ?",  # noqa: S608
            bounds,
        )
    }
    spent = {
        row["day"]: Decimal(row["spent_usd"])
        for row in connection.execute(
            "SELECT day, spent_usd FROM day_budgets WHERE day >= ? AND day < ?", bounds
        )
    }
    return tuple(
        DayTally(
            day=date.fromisoformat(day),
            tally=counted.get(day, Tally()),
            spent_usd=spent.get(day, NOTHING),
        )
        for day in sorted(counted.keys() | spent.keys())
        if counted.get(day, Tally()) != Tally() or spent.get(day)
    )


def versions(connection: sqlite3.Connection, prompt: str) -> tuple[PromptTally, ...]:
    """The versions of a prompt that anything was counted of."""
    found = connection.execute(
        f"SELECT version, {_COLUMNS} FROM prompt_tallies "  # noqa: S608
        "WHERE prompt = ? ORDER BY version DESC",
        (prompt,),
    )
    counted = (PromptTally(version=row["version"], tally=_read(row)) for row in found)
    return tuple(one for one in counted if one.tally != Tally())


def _read(row: sqlite3.Row | None) -> Tally:
    if row is None:
        return Tally()
    counts = {name: row[name] for name in _FIELDS if name != "cost_usd"}
    return Tally(**counts, cost_usd=Decimal(row["cost_usd"]))


def _written(tally: Tally) -> rows.Columns:
    counts = {name: getattr(tally, name) for name in _FIELDS}
    return {**counts, "cost_usd": rows.money(tally.cost_usd)}
