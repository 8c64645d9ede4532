"""Budgets of requests and of days, read and posted to."""

from __future__ import annotations

import sqlite3
from datetime import date

from codybatch.domain.identifiers import RequestId
from codybatch.domain.money import Budget
from codybatch.stores.accounts import Posting, Postings
from codybatch.stores.embedded import rows


def of_request(connection: sqlite3.Connection, request: RequestId) -> Budget:
    """A request's budget with its cap."""
    row = connection.execute(
        "SELECT cap_usd, spent_usd, reserved_usd FROM requests WHERE id = ?", (request,)
    ).fetchone()
    return rows.budget(row, rows.amount(row["cap_usd"]))


def of_day(connection: sqlite3.Connection, day: date) -> Budget:
    """A day's budget, without a cap."""
    row = connection.execute(
        "SELECT spent_usd, reserved_usd FROM day_budgets WHERE day = ?", (day.isoformat(),)
    ).fetchone()
    return rows.budget(row) if row else Budget()


def post(connection: sqlite3.Connection, request: RequestId, postings: Postings) -> None:
    """Add postings to a request's budget and to the days' that they name."""
    for posting in postings:
        _post_to_request(connection, request, posting)
        _post_to_day(connection, posting)


def _post_to_request(connection: sqlite3.Connection, request: RequestId, posting: Posting) -> None:
    budget = posting.added_to(of_request(connection, request))
    rows.update(connection, "requests", request, _columns(budget))


def _post_to_day(connection: sqlite3.Connection, posting: Posting) -> None:
    budget = posting.added_to(of_day(connection, posting.day))
    connection.execute(
        "INSERT INTO day_budgets (day, spent_usd, reserved_usd) "
        "VALUES (:day, :spent_usd, :reserved_usd) ON CONFLICT (day) DO UPDATE "
        "SET spent_usd = excluded.spent_usd, reserved_usd = excluded.reserved_usd",
        {"day": posting.day.isoformat(), **_columns(budget)},
    )


def _columns(budget: Budget) -> rows.Columns:
    return {
        "spent_usd": rows.money(budget.spent_usd),
        "reserved_usd": rows.money(budget.reserved_usd),
    }
