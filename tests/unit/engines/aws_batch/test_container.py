"""What a worker reads of the container it runs in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from codybatch.domain.errors import UsageError
from codybatch.domain.identifiers import JobId, SubmissionId
from codybatch.domain.submissions import Submission
from codybatch.engines.aws_batch.console import log_address
from codybatch.engines.aws_batch.container import BatchContainer
from codybatch.standins.loopback import Answer, LoopbackServer
from tests.contracts.examples import NOON

CHILD = {
    "AWS_BATCH_JOB_ID": "4c7599ae-0a82-49aa-ba5a-4727fcce14a8:1",
    "AWS_BATCH_JOB_ATTEMPT": "2",
    "AWS_BATCH_JOB_ARRAY_INDEX": "1",
}
LOG = {
    "LogOptions": {
        "awslogs-group": "/codybatch/jobs",
        "awslogs-region": "eu-central-1",
        "awslogs-stream": "job/worker/0123",
    }
}


def submission(*jobs: str) -> Submission:
    names = tuple(JobId(job) for job in jobs)
    return Submission(id=SubmissionId("s"), engine="aws-batch", jobs=names, created_at=NOON)


@contextmanager
def metadata(body: bytes, status: int = 200) -> Iterator[str]:
    with LoopbackServer(lambda _: Answer(status, {}, body)) as server:
        yield server.url


def test_a_child_knows_its_job_and_its_attempt() -> None:
    container = BatchContainer.of(CHILD)

    owner = container.owner("host")
    assert container.job_in(submission("a-1", "a-2")) == "a-2"
    assert (owner.engine, owner.engine_job, owner.attempt) == (
        "aws-batch",
        CHILD["AWS_BATCH_JOB_ID"],
        2,
    )
    assert owner.pid is None


def test_a_single_job_has_no_index() -> None:
    single = {name: value for name, value in CHILD.items() if "INDEX" not in name}

    assert BatchContainer.of(single).job_in(submission("a-1")) == "a-1"


@pytest.mark.parametrize("changed", [{"AWS_BATCH_JOB_ID": None}, {"AWS_BATCH_JOB_ATTEMPT": "many"}])
def test_elsewhere_it_says_what_to_do(changed: dict[str, str | None]) -> None:
    given = {name: value for name, value in {**CHILD, **changed}.items() if value is not None}

    with pytest.raises(UsageError, match="no container of AWS Batch"):
        BatchContainer.of(given)


def test_an_index_beyond_the_submission_is_refused() -> None:
    with pytest.raises(UsageError, match="has 1 jobs, and none with the index 1"):
        BatchContainer.of(CHILD).job_in(submission("a-1"))


def test_its_log_is_where_its_metadata_says() -> None:
    with metadata(json.dumps(LOG).encode()) as url:
        container = BatchContainer.of({**CHILD, "ECS_CONTAINER_METADATA_URI_V4": url})

        assert container.log_address() == (
            "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1"
            "#logsV2:log-groups/log-group/$252Fcodybatch$252Fjobs"
            "/log-events/job$252Fworker$252F0123"
        )


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"nonsense", 200), (b"[]", 200), (b"{}", 200), (b'{"LogOptions": null}', 200), (b"", 500)],
)
def test_metadata_that_says_nothing_is_done_without(body: bytes, status: int) -> None:
    with metadata(body, status) as url:
        container = BatchContainer.of({**CHILD, "ECS_CONTAINER_METADATA_URI_V4": url})

        assert container.log_address() is None


@pytest.mark.parametrize("address", ["", "file:///etc/passwd", "http://127.0.0.1:9/"])
def test_metadata_that_cannot_be_asked_is_done_without(address: str) -> None:
    container = BatchContainer.of({**CHILD, "ECS_CONTAINER_METADATA_URI_V4": address})

    assert container.log_address() is None


def test_every_partition_has_its_console() -> None:
    hosts = [
        log_address(region, "g", "s").split("/")[2]
        for region in ("us-east-1", "cn-north-1", "us-gov-west-1")
    ]
    assert hosts == [
        "us-east-1.console.aws.amazon.com",
        "cn-north-1.console.amazonaws.cn",
        "us-gov-west-1.console.amazonaws-us-gov.com",
    ]
