"""How often a page looks again."""

from __future__ import annotations

from codybatch.domain.states import JobState
from codybatch.ui.pace import refresh_seconds


def test_a_page_is_looked_at_again_while_something_can_change() -> None:
    assert refresh_seconds([JobState.SUCCEEDED, JobState.RUNNING]) == 2
    assert refresh_seconds([JobState.QUEUED]) == 2
    assert refresh_seconds([JobState.WAITING, JobState.FAILED]) == 10
    assert refresh_seconds([JobState.PARTIAL, JobState.CANCELLED]) is None
    assert refresh_seconds([]) is None
