"""Errors as answers: one table for all classes, and nothing of the inside."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest

from codybatch.api.problems import INSIDE, STATUSES, answered, answered_fields, status_of
from codybatch.api.refusals import NoAccess, TooManyRequests
from codybatch.domain import errors
from codybatch.domain.errors import (
    CodeHostThrottled,
    CodyBatchError,
    InvalidPrompt,
    JobEnded,
    PolicyError,
    StoreFull,
    StoreRefused,
    UsageError,
)

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
OF_WHO_RUNS_IT = {errors.InvalidSetting, errors.StoreNotSetUp}
"""Wrong usage of the one who started the API, not of the one who asks it."""


def classes(of: type[CodyBatchError] = CodyBatchError) -> Iterator[type[CodyBatchError]]:
    yield of
    for one in of.__subclasses__():
        if one.__module__ == errors.__name__:
            yield from classes(one)


@pytest.mark.parametrize("kind", list(classes()), ids=lambda kind: kind.__name__)
def test_every_error_has_a_status_that_goes_with_its_exit_status(
    kind: type[CodyBatchError],
) -> None:
    status = HTTPStatus(status_of(kind))

    if kind.exit_status == 2 and kind not in OF_WHO_RUNS_IT:
        assert 400 <= status < 500
    if issubclass(kind, PolicyError):
        assert status in {403, 409, 422}
    assert status in set(STATUSES.values())


def test_a_problem_says_what_the_error_says() -> None:
    found = answered(JobEnded("The job x has already ended."), "POST", "/v1/jobs/x/cancel", NOW)

    assert (found.problem.status, found.problem.type) == (409, "urn:codybatch:error:job_ended")
    assert found.problem.title == "The job has already ended."
    assert found.problem.detail == "The job x has already ended."
    assert found.problem.instance == "/v1/jobs/x/cancel"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UsageError("x"), 400),
        (InvalidPrompt("x"), 422),
        (StoreFull(), 507),
        (NoAccess(is_wrong=True), 401),
    ],
)
def test_statuses_of_some(error: Exception, status: int) -> None:
    assert answered(error, "GET", "/", NOW).problem.status == status


def test_what_is_throttled_says_when_to_come_again() -> None:
    asked_to_wait = CodeHostThrottled(until=NOW + timedelta(seconds=61.2))

    assert answered(asked_to_wait, "GET", "/", NOW).headers == {"retry-after": "62"}
    assert answered(CodeHostThrottled(until=NOW), "GET", "/", NOW).headers == {"retry-after": "1"}
    assert answered(TooManyRequests("x", 0.2), "GET", "/", NOW).headers == {"retry-after": "1"}


def test_what_goes_wrong_inside_is_told_to_the_log_alone(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "codybatch"):
        found = answered(KeyError("/home/ann/secret"), "GET", "/v1/jobs", NOW)

    assert found.problem.status == 500
    assert found.problem.detail == INSIDE
    assert "secret" not in str(found.body(str))
    (record,) = caplog.records
    assert record.getMessage().startswith(found.problem.error_id)
    assert record.exc_info is not None
    assert "secret" in str(record.exc_info[1])


def test_secrets_are_taken_out_of_a_problem() -> None:
    found = answered(UsageError("The value hunter2 is none."), "GET", "/v1/hunter2", NOW)

    cleaned = found.body(lambda text: text.replace("hunter2", "[redacted]"))

    assert "hunter2" not in str(cleaned)
    assert cleaned["errorId"] == found.problem.error_id


def test_what_was_asked_stays_on_one_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    path = "/v1/jobs\n2026-01-01 INFO codybatch: all is well\x1b[2J"
    with caplog.at_level(logging.INFO, "codybatch"):
        made = answered(UsageError(f"There is nothing at {path}"), "GET", path, NOW)
        answered_fields([{"loc": (path,), "type": "missing"}], "GET\r", path)

    assert made.problem.instance == path
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 2
    assert all(line.isprintable() for line in lines)
    assert all("/v1/jobs\\x0a2026" in line for line in lines)


def test_the_words_of_another_service_are_for_the_log_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    words = "User: arn:aws:sts::123456789012:assumed-role/dev-api is not authorized"
    error = StoreRefused(f"DynamoDB does not let us read ({words}). Check it.", quoted=words)

    told = answered(error, "GET", "/v1/jobs", NOW).body(str)

    assert told["detail"] == "DynamoDB does not let us read (the log has the words). Check it."
    assert "123456789012" not in str(told)
    assert words in caplog.text
    assert words in error.message  # for the command line
