"""AWS leaves much out of its answers, and tells of containers in two forms."""

from __future__ import annotations

from typing import Any

import pytest

from codybatch.engines.aws_batch.answers import BatchJob
from codybatch.ports import EngineState

LEAST = {"jobId": "j", "jobName": "n", "status": "RUNNING"}


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("SUBMITTED", EngineState.PENDING),
        ("PENDING", EngineState.PENDING),
        ("RUNNABLE", EngineState.PENDING),
        ("STARTING", EngineState.PENDING),
        ("RUNNING", EngineState.RUNNING),
        ("SUCCEEDED", EngineState.ENDED),
        ("FAILED", EngineState.ENDED),
    ],
)
def test_each_status_is_a_state_of_the_port(status: str, state: EngineState) -> None:
    assert BatchJob.of({**LEAST, "status": status}).state is state


def test_the_least_that_aws_says_is_enough() -> None:
    job = BatchJob.of(LEAST)

    assert (job.reason, job.log_stream, job.size, job.ended_children) == ("", "", None, 0)


@pytest.mark.parametrize(
    "form",
    [
        {"container": {"reason": "no such image", "logStreamName": "w/1"}},
        {
            "ecsProperties": {
                "taskProperties": [
                    {"containers": [{"reason": "no such image", "logStreamName": "w/1"}]}
                ]
            }
        },
        {
            "container": {},
            "attempts": [
                {"container": {"reason": "an older one", "logStreamName": "w/0"}},
                {
                    "taskProperties": [
                        {"containers": [{"reason": "no such image", "logStreamName": "w/1"}]}
                    ]
                },
            ],
        },
    ],
    ids=["container", "ecs", "attempts"],
)
def test_reason_and_log_are_those_of_the_last_container(form: dict[str, Any]) -> None:
    job = BatchJob.of({**LEAST, "statusReason": "Task  failed\nto start.", **form})

    assert job.reason == "Task failed to start.; no such image"
    assert job.log_stream == "w/1"


def test_an_array_says_how_many_of_it_have_ended() -> None:
    counts = {"RUNNING": 3, "SUCCEEDED": 4, "FAILED": 1}
    job = BatchJob.of({**LEAST, "arrayProperties": {"size": 8, "statusSummary": counts}})

    assert (job.size, job.ended_children) == (8, 5)


def test_a_reason_is_cut_where_it_is_longer_than_anybody_reads() -> None:
    assert len(BatchJob.of({**LEAST, "statusReason": "x" * 5000}).reason) == 300


MINUTE_MS = 60_000
FAILED = {**LEAST, "status": "FAILED", "createdAt": MINUTE_MS}


@pytest.mark.parametrize(
    ("told", "found_no_room"),
    [
        ({"statusReason": "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT"}, True),
        ({"statusReason": "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY", "attempts": [{}]}, True),
        ({"statusReason": "Cancelled", "stoppedAt": 11 * MINUTE_MS}, True),
        ({"statusReason": "Cancelled", "stoppedAt": 10 * MINUTE_MS}, False),
        ({"statusReason": "Cancelled"}, False),
        ({"stoppedAt": 90 * MINUTE_MS, "attempts": [{}]}, False),
        ({"stoppedAt": 90 * MINUTE_MS, "startedAt": 2 * MINUTE_MS}, False),
        ({"stoppedAt": 90 * MINUTE_MS, "status": "SUCCEEDED"}, False),
    ],
)
def test_a_job_that_waited_in_vain_for_a_host_is_told_from_one_that_failed(
    told: dict[str, Any], found_no_room: bool
) -> None:
    assert BatchJob.of({**FAILED, **told}).found_no_room is found_no_room
