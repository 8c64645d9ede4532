"""The retry rules, as Batch would apply them, on how a worker can end."""

from __future__ import annotations

import pytest

from codybatch.engines.aws_batch.rules import RETRY_RULES, timeout_seconds
from codybatch.standins.batch import Reclaim
from codybatch.standins.batch.retries import Rule, is_tried_again
from codybatch.worker.departure import WorkerExit

RULES = [
    Rule(
        rule["action"],
        rule.get("onStatusReason", ""),
        rule.get("onReason", ""),
        rule.get("onExitCode", ""),
    )
    for rule in RETRY_RULES
]
EXITED = "Essential container in task exited"

AGAIN: dict[str, tuple[int | None, str, str]] = {
    "left in time": (WorkerExit.AGAIN, "", EXITED),
    "a fault of ours, or of the store": (1, "", EXITED),
    "killed": (137, "", EXITED),
    "out of memory": (137, "OutOfMemoryError: Container killed due to memory usage", EXITED),
    "ended by a signal": (143, "", EXITED),
    "crashed": (139, "", EXITED),
    "its host is gone": (None, "", "Host EC2 (instance i-0123456789abcdef0) terminated."),
    "Spot, in one field": (None, "", "Your Spot Task was interrupted."),
    "Spot, in the other": (143, "Your Spot Task was interrupted.", EXITED),
}
NOT_AGAIN: dict[str, tuple[int | None, str, str]] = {
    "wrong usage": (2, "", EXITED),
    "refused by policy": (3, "", EXITED),
    "no such image": (None, "CannotPullContainerError: pull image failed", "Task failed to start"),
}


@pytest.mark.parametrize("end", list(AGAIN.values()), ids=list(AGAIN))
def test_another_attempt_follows(end: tuple[int | None, str, str]) -> None:
    assert is_tried_again(RULES, *end)


@pytest.mark.parametrize("end", list(NOT_AGAIN.values()), ids=list(NOT_AGAIN))
def test_no_other_attempt_follows(end: tuple[int | None, str, str]) -> None:
    assert not is_tried_again(RULES, *end)


def test_every_way_to_lose_a_host_is_told_from_a_failing_job() -> None:
    for how in Reclaim:
        stop = how.value
        code = 137 if stop.leaves_exit_code else None
        assert is_tried_again(RULES, code, stop.reason, stop.status_reason), how


@pytest.mark.parametrize(("minutes", "seconds"), [(1, 960), (45, 3600), (14 * 24 * 60, 1_210_500)])
def test_a_container_may_take_a_quarter_of_an_hour_longer_than_its_job(
    minutes: int, seconds: int
) -> None:
    assert timeout_seconds(minutes) == seconds >= 60
