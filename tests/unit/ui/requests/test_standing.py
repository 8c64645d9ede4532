"""How a request stands, by the counts of its jobs."""

from __future__ import annotations

import pytest

from codybatch.domain.requests import JobCounts
from codybatch.domain.states import JobState
from codybatch.ui.requests.standing import explanation, standing, state_of


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        (JobCounts(queued=2), JobState.QUEUED),
        (JobCounts(queued=1, succeeded=1), JobState.RUNNING),
        (JobCounts(running=1, failed=4), JobState.RUNNING),
        (JobCounts(waiting=1, succeeded=4), JobState.WAITING),
        (JobCounts(succeeded=5), JobState.SUCCEEDED),
        (JobCounts(failed=1), JobState.FAILED),
        (JobCounts(cancelled=3), JobState.CANCELLED),
        (JobCounts(partial=2), JobState.PARTIAL),
        (JobCounts(succeeded=4, failed=1), JobState.PARTIAL),
        (JobCounts(failed=1, cancelled=1), JobState.PARTIAL),
    ],
)
def test_a_request_has_one_state(counts: JobCounts, state: JobState) -> None:
    assert state_of(counts) is state


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (JobCounts(queued=5), "5 jobs: 5 are queued."),
        (JobCounts(queued=1), "1 job: 1 is queued."),
        (
            JobCounts(succeeded=2, failed=1, running=1, waiting=1),
            "3 of 5 jobs have ended: 2 succeeded, 1 failed. 1 runs, 1 waits.",
        ),
        (JobCounts(succeeded=1), "1 of 1 job has ended: 1 succeeded."),
        (JobCounts(cancelled=2), "2 of 2 jobs have ended: 2 were cancelled."),
    ],
)
def test_how_far_it_came_is_a_sentence(counts: JobCounts, said: str) -> None:
    assert standing(counts) == said


def test_mixed_endings_are_explained_and_others_need_no_explanation() -> None:
    told = explanation(JobCounts(succeeded=2, partial=1, failed=1, cancelled=1))

    assert told.startswith("2 results are complete")
    for part in ("1 job ended early", "1 job failed", "1 job was cancelled", "“Retry”"):
        assert part in told
    for plain in (JobCounts(succeeded=5), JobCounts(failed=2), JobCounts(failed=1, running=1)):
        assert explanation(plain) == ""
