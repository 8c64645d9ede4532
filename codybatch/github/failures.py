"""What GitHub's refusals mean: each becomes one of our errors, with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from github import GithubException
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

from codybatch.domain.errors import (
    CodeHostCredentialRefused,
    CodeHostError,
    CodeHostThrottled,
    NotPermitted,
    RepositoryNotFound,
    RepositoryUnavailable,
)
from codybatch.ports import Clock

SECONDARY_WAIT = timedelta(seconds=60)
"""What GitHub's documentation asks for where an answer names no time."""


@contextmanager
def translated(doing: str, clock: Clock) -> Iterator[None]:
    """Turn whatever a call of PyGithub raises into our errors.

    Args:
        doing: what the call was for, such as ``looking up acme/app``; begins the message.
        clock: the time, for how long to wait.

    Raises:
        CodeHostThrottled, CodeHostCredentialRefused, NotPermitted, RepositoryNotFound,
        RepositoryUnavailable, CodeHostError: by what GitHub answered.
    """
    try:
        yield
    except GithubException as error:
        raise meaning(error, doing, clock.now()) from None
    except (RequestException, HTTPError, OSError) as error:
        kind = type(error).__name__
        raise RepositoryUnavailable(
            f"GitHub could not be reached while {doing} ({kind}). Check the network, and try again."
        ) from None


def meaning(error: GithubException, doing: str, now: datetime) -> CodeHostError | NotPermitted:
    """Which of our errors a refusal is."""
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    said = message_of(error)
    if _is_throttling(error.status, headers, said):
        until = _until(headers, now)
        return CodeHostThrottled(
            f"GitHub asks us to wait until {until:%H:%M:%S} UTC while {doing}.", until=until
        )
    if error.status == 401:
        return CodeHostCredentialRefused(
            f"GitHub refused GITHUB_TOKEN while {doing}: it is wrong, expired or revoked."
        )
    if error.status == 403:
        return NotPermitted(f"GitHub does not permit {doing}: {said}")
    if error.status in {404, 410, 451}:
        return RepositoryNotFound(
            f"GitHub found nothing while {doing}: it does not exist, or GITHUB_TOKEN may not "
            "see it."
        )
    if error.status >= 500:
        return RepositoryUnavailable(f"GitHub answered {error.status} while {doing}. Try again.")
    return CodeHostError(f"GitHub refused {doing} ({error.status}): {said}")


def message_of(error: GithubException) -> str:
    """What GitHub said, in one line: its message and the messages of its errors."""
    data = error.data if isinstance(error.data, Mapping) else {}
    said = [str(data.get("message") or error.message or "no reason was given")]
    for detail in data.get("errors") or ():
        text = detail.get("message") if isinstance(detail, Mapping) else detail
        if text:
            said.append(str(text))
    return " ".join("; ".join(said).split())[:500]


def _is_throttling(status: int, headers: Mapping[str, str], said: str) -> bool:
    if status == 429:
        return True
    limited = "rate limit" in said.lower() or headers.get("x-ratelimit-remaining") == "0"
    return status in {400, 403} and (limited or "retry-after" in headers)


def _until(headers: Mapping[str, str], now: datetime) -> datetime:
    after, reset = headers.get("retry-after", ""), headers.get("x-ratelimit-reset", "")
    if after.isdecimal():
        return now + timedelta(seconds=int(after))
    if reset.isdecimal() and headers.get("x-ratelimit-remaining") == "0":
        return max(now, datetime.fromtimestamp(int(reset), UTC))
    return now + SECONDARY_WAIT
