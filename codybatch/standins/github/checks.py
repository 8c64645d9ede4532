"""What checks and statuses on a commit add up to."""

from __future__ import annotations

from codybatch.standins.github.records import Check

FAILED = {"failure", "error", "cancelled", "timed_out", "action_required", "startup_failure"}


def rollup(checks: list[Check]) -> str | None:
    """Return the state of GraphQL's StatusCheckRollup, or None where nothing was checked."""
    if not checks:
        return None
    if any(check.conclusion in FAILED for check in checks):
        return "FAILURE"
    if any(_is_pending(check) for check in checks):
        return "PENDING"
    return "SUCCESS"


def combined_state(statuses: list[Check]) -> str:
    """Return the state of REST's combined status: without any status it is `pending`."""
    if any(status.conclusion in {"failure", "error"} for status in statuses):
        return "failure"
    if not statuses or any(_is_pending(status) for status in statuses):
        return "pending"
    return "success"


def _is_pending(check: Check) -> bool:
    return check.status != "completed" or check.conclusion in {None, "pending"}
