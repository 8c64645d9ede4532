"""What GitHub's refusals mean: each becomes one of our errors, with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from github import BadAttributeException, GithubException
from requests.exceptions import InvalidHeader, RequestException
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
_LONGEST_QUOTE = 500
# What PyGithub makes of an answer that is not GitHub's: a proxy's page, another server's addresses.
_NOT_UNDERSTOOD = (
    AssertionError,
    AttributeError,
    BadAttributeException,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


@contextmanager
def translated(doing: str, clock: Clock, credential: str = "GITHUB_TOKEN") -> Iterator[None]:
    """Turn whatever a call of PyGithub raises into our errors.

    Args:
        doing: what the call was for, such as ``looking up acme/app``; stands in the message.
        clock: the time, for how long to wait.
        credential: the settings that it comes from; stands in the message where it is refused.

    Raises:
        CodeHostThrottled, CodeHostCredentialRefused, NotPermitted, RepositoryNotFound,
        RepositoryUnavailable, CodeHostError: by what GitHub answered.
    """
    try:
        yield
    except GithubException as error:
        raise meaning(error, doing, clock.now(), credential) from None
    except (InvalidHeader, UnicodeError):
        raise CodeHostCredentialRefused(
            f"{credential} holds a character that no token has. Set it again."
        ) from None
    except (RequestException, HTTPError, OSError) as error:
        kind = type(error).__name__
        raise RepositoryUnavailable(
            f"GitHub could not be reached while {doing} ({kind}). Check the network, and try again."
        ) from None
    except _NOT_UNDERSTOOD as error:
        kind = type(error).__name__
        raise CodeHostError(
            f"What answered while {doing} is not GitHub's API, or leads away from it ({kind}). "
            "Check GITHUB_API_URL: it is https://api.github.com, or https://HOST/api/v3 with the "
            "host name that the server itself uses."
        ) from error


def meaning(
    error: GithubException, doing: str, now: datetime, credential: str = "GITHUB_TOKEN"
) -> CodeHostError | NotPermitted:
    """Which of our errors a refusal is."""
    headers = _lower(error.headers or {})
    said = message_of(error)
    if _is_throttling(error.status, headers, said):
        return _throttled(headers, doing, now)
    if error.status == 401:
        return CodeHostCredentialRefused(
            f"GitHub refused {credential} while {doing}: it is wrong, expired or revoked."
        )
    if error.status == 403:
        return NotPermitted(f"GitHub does not permit {doing}: {said}")
    is_empty = error.status == 409 and "is empty" in said
    if is_empty or error.status in {404, 410, 451}:
        return RepositoryNotFound(
            f"GitHub found nothing while {doing}: it does not exist, or {credential} "
            "may not see it."
        )
    if error.status >= 500:
        return RepositoryUnavailable(f"GitHub answered {error.status} while {doing}. Try again.")
    return CodeHostError(f"GitHub refused {doing} ({error.status}): {said}")


def graphql_failure(
    errors: Sequence[Mapping[str, Any]],
    data: object,
    headers: Mapping[str, Any],
    doing: str,
    now: datetime,
) -> CodeHostError | NotPermitted | None:
    """Which of our errors an answer of status 200 is as a whole; None where it can be used.

    GitHub has been seen to send both ``RATE_LIMITED`` and ``RATE_LIMIT``, and a secondary limit
    with its words alone.
    """
    for error in errors:
        kind, said = error.get("type"), str(error.get("message", "")).lower()
        if kind in {"RATE_LIMITED", "RATE_LIMIT"} or "secondary rate limit" in said:
            return _throttled(_lower(headers), doing, now)
    if isinstance(data, Mapping):
        return None
    said = one_line("; ".join(str(error.get("message", "")) for error in errors) or "no data")
    if any(error.get("type") in {"FORBIDDEN", "INSUFFICIENT_SCOPES"} for error in errors):
        return NotPermitted(f"GitHub does not permit {doing}: {said}")
    return RepositoryUnavailable(f"GitHub gave no answer while {doing}: {said}. Try again.")


def message_of(error: GithubException) -> str:
    """What GitHub said, in one line: its message and the messages of its errors."""
    data = error.data if isinstance(error.data, Mapping) else {}
    said = [str(data.get("message") or error.message or "no reason was given")]
    details = data.get("errors")
    said += [_detail(detail) for detail in details] if isinstance(details, list) else []
    return one_line("; ".join(part for part in said if part))


def one_line(text: str) -> str:
    """``text`` as a short quotation."""
    return " ".join(text.split())[:_LONGEST_QUOTE]


def _detail(detail: object) -> str:
    """GitHub explains a refused value by a message, or by the field's name and a code."""
    if not isinstance(detail, Mapping):
        return str(detail)
    if detail.get("message"):
        return str(detail["message"])
    return " ".join(str(detail[key]) for key in ("field", "code") if detail.get(key))


def _lower(headers: Mapping[str, Any]) -> dict[str, str]:
    return {name.lower(): str(value) for name, value in headers.items()}


def _is_throttling(status: int, headers: Mapping[str, str], said: str) -> bool:
    if status == 429:
        return True
    if status != 403:
        return False
    limited = "rate limit" in said.lower() or headers.get("x-ratelimit-remaining") == "0"
    return limited or "retry-after" in headers


def _throttled(headers: Mapping[str, str], doing: str, now: datetime) -> CodeHostThrottled:
    until = _until(headers, now)
    return CodeHostThrottled(
        f"GitHub asks us to wait until {until:%H:%M:%S} UTC while {doing}.", until=until
    )


def _until(headers: Mapping[str, str], now: datetime) -> datetime:
    after, reset = headers.get("retry-after", ""), headers.get("x-ratelimit-reset", "")
    try:
        if after:
            return max(now, _after(after, now))
        if reset.isdecimal() and headers.get("x-ratelimit-remaining") == "0":
            # It is not said when in that second.
            return max(now, datetime.fromtimestamp(int(reset), UTC) + timedelta(seconds=1))
    except (ValueError, OverflowError, OSError):  # no time that a calendar has
        return now + SECONDARY_WAIT
    return now + SECONDARY_WAIT


def _after(after: str, now: datetime) -> datetime:
    """``Retry-After`` is a number of seconds or a date (RFC 9110, 10.2.3)."""
    if after.isdecimal():
        return now + timedelta(seconds=int(after))
    at = parsedate_to_datetime(after)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
