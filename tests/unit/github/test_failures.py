"""What GitHub's refusals mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import requests
from github import BadAttributeException, GithubException
from urllib3.exceptions import ProtocolError

from codybatch.domain.errors import (
    CodeHostCredentialRefused,
    CodeHostError,
    CodeHostThrottled,
    NotPermitted,
    RepositoryNotFound,
    RepositoryUnavailable,
)
from codybatch.github.failures import graphql_failure, meaning, message_of, translated
from tests.unit.github.kit import WatchedClock

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RESET = str(int((NOW + timedelta(seconds=100)).timestamp()))


def refused(status: int, message: Any = "No.", **headers: str) -> Exception:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return meaning(GithubException(status, {"message": message}, named), "asking", NOW)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, CodeHostCredentialRefused),
        (403, NotPermitted),
        (404, RepositoryNotFound),
        (410, RepositoryNotFound),
        (451, RepositoryNotFound),
        (500, RepositoryUnavailable),
        (502, RepositoryUnavailable),
        (400, CodeHostError),
        (422, CodeHostError),
    ],
)
def test_a_status_has_its_error(status: int, error: type[Exception]) -> None:
    assert type(refused(status)) is error
    assert "asking" in str(refused(status))


@pytest.mark.parametrize(
    ("status", "message", "headers", "seconds"),
    [
        (429, "Too many requests.", {}, 60),
        (429, "Too many requests.", {"Retry_After": "7"}, 7),
        (403, "You have exceeded a secondary rate limit.", {}, 60),
        (403, "Anything", {"retry_after": "7"}, 7),
        (403, "API rate limit exceeded", {"X_RateLimit_Remaining": "0",
                                          "X_RateLimit_Reset": RESET}, 101),
        (403, "Nothing left", {"x_ratelimit_remaining": "0", "x_ratelimit_reset": RESET}, 101),
        (403, "API rate limit exceeded", {"x_ratelimit_remaining": "0",
                                          "x_ratelimit_reset": "1"}, 0),
        (403, "rate limit", {"x_ratelimit_remaining": "0", "x_ratelimit_reset": "9" * 30}, 60),
        (403, "rate limit", {"x_ratelimit_remaining": "12", "x_ratelimit_reset": RESET}, 60),
        (429, "x", {"retry_after": format_datetime(NOW + timedelta(seconds=9), usegmt=True)}, 9),
        (429, "x", {"retry_after": "Sun, 01 Mar 2026 11:00:00 GMT"}, 0),
        (429, "x", {"retry_after": "soon"}, 60),
        (429, "x", {"retry_after": "9" * 30}, 60),
    ],
)  # fmt: skip
def test_a_limit_says_until_when(
    status: int, message: str, headers: dict[str, str], seconds: int
) -> None:
    error = refused(status, message, **headers)

    assert isinstance(error, CodeHostThrottled)
    assert error.until == NOW + timedelta(seconds=seconds)


def test_a_forbidden_request_is_no_limit_while_some_are_left() -> None:
    assert isinstance(refused(403, "Not for you", x_ratelimit_remaining="12"), NotPermitted)


def test_what_github_said_is_one_short_line() -> None:
    data = {"message": "Validation\nFailed", "errors": [
        {"message": "No commits"}, {"field": "head", "code": "invalid"}, "plain", {}]}  # fmt: skip

    said = message_of(GithubException(422, data, {}))

    assert said == "Validation Failed; No commits; head invalid; plain"
    assert len(message_of(GithubException(422, {"message": "x" * 9999}, {}))) == 500


@pytest.mark.parametrize("data", [None, [], "text", {"errors": "text"}, {"message": None}])
def test_an_odd_answer_still_gives_a_sentence(data: Any) -> None:
    error = meaning(GithubException(422, data, None), "asking", NOW)

    assert "no reason was given" in str(error)


@pytest.mark.parametrize(
    ("raised", "error"),
    [
        (requests.ConnectionError("x"), RepositoryUnavailable),
        (requests.ReadTimeout("x"), RepositoryUnavailable),
        (ProtocolError("x"), RepositoryUnavailable),
        (ConnectionResetError("x"), RepositoryUnavailable),
        (requests.exceptions.InvalidHeader("secret-token"), CodeHostCredentialRefused),
        (UnicodeEncodeError("latin-1", "secret-token", 0, 1, "x"), CodeHostCredentialRefused),
        (AssertionError("other.host"), CodeHostError),
        (RuntimeError("redirected"), CodeHostError),
        (KeyError("full_name"), CodeHostError),
        (TypeError("x"), CodeHostError),
        (BadAttributeException(1, (str, str), None), CodeHostError),
    ],
)
def test_whatever_goes_wrong_becomes_one_of_our_errors(
    raised: Exception, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught, translated("asking", WatchedClock()):
        raise raised

    assert type(caught.value) is error
    assert "secret-token" not in str(caught.value)


def test_our_own_errors_and_the_end_of_the_process_pass() -> None:
    for ours in (NotPermitted("No."), KeyboardInterrupt()):
        with pytest.raises(type(ours)) as caught, translated("asking", WatchedClock()):
            raise ours
        assert caught.value is ours


@pytest.mark.parametrize(
    ("errors", "data", "error"),
    [
        ([{"type": "RATE_LIMITED"}], None, CodeHostThrottled),
        ([{"type": "RATE_LIMIT"}], {"r0": None}, CodeHostThrottled),
        ([{"message": "You have exceeded a secondary rate limit."}], None, CodeHostThrottled),
        ([{"type": "FORBIDDEN", "message": "No."}], None, NotPermitted),
        ([{"message": "Something went wrong"}], None, RepositoryUnavailable),
        ([], None, RepositoryUnavailable),
        ([{"type": "NOT_FOUND"}], {"r0": None}, type(None)),
        ([], {}, type(None)),
    ],
)
def test_an_answer_of_200_may_be_a_failure(
    errors: list[dict[str, str]], data: object, error: type
) -> None:
    assert type(graphql_failure(errors, data, {}, "asking", NOW)) is error
