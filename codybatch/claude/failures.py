"""What a failure of the service or of the way to it means for us.

Measured with the SDK 2.12: a stream that is cut raises ``httpx2.RemoteProtocolError``, which is no
``anthropic.APIError``; an error event inside a stream raises a bare ``APIStatusError`` with the
status 200. So the service's own error type comes first, then the status.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import datetime

import anthropic
import httpx2

from codybatch.claude.retry import Setback, asked_seconds
from codybatch.domain.errors import (
    CodyBatchError,
    ContextOverflow,
    ModelCredentialRefused,
    ModelRejectedRequest,
    ThreadRejected,
    UnknownModel,
)

_LONGEST_WORDS = 500

_CREDENTIAL_TYPES = frozenset({"authentication_error", "billing_error", "permission_error"})
_CREDENTIAL_STATUSES = frozenset({401, 402, 403})
# Quotas and accounts, whatever status they come with (``_error_classes.py`` of the SDK).
_CREDENTIAL_CODES = frozenset(
    {
        "cmek_key_disabled",
        "contract_spend_limit_reached",
        "enforced_spend_limit_reached",
        "linked_organization_billing_unavailable",
        "linked_organization_spend_limit_reached",
        "organization_on_hold",
    }
)
_PASSING_TYPES = {
    "api_error": "the service had an internal error",
    "conflict_error": "the service was busy with the same request",
    "overloaded_error": "the service is overloaded",
    "rate_limit_error": "the rate limit is reached",
    "timeout_error": "the service took too long",
}
_PASSING_STATUSES = {
    408: "the service took too long",
    409: "the service was busy with the same request",
    429: "the rate limit is reached",
    499: "the connection was closed on the way",
    504: "the service took too long",
    529: "the service is overloaded",
}
_FINAL_TYPES = frozenset({"invalid_request_error", "not_found_error", "request_too_large"})
_THROTTLING = frozenset({"overloaded_error", "rate_limit_error"})
_THROTTLING_STATUSES = frozenset({429, 503, 529})
# The service has no code for these; the wording is what public reports show.
_TOO_LONG = ("prompt is too long", "exceed context limit", "exceeds the maximum context")
_NO_CREDIT = ("credit balance is too low",)


def meaning(error: Exception, *, begun: bool, now: datetime) -> Setback | CodyBatchError | None:
    """What an error of the SDK or the transport means; None where it is none of theirs.

    Args:
        error: as raised.
        begun: whether the reply had begun.
        now: for a ``retry-after`` that is a date.
    """
    if isinstance(error, anthropic.APIStatusError):
        return _refusal(error, begun=begun, now=now)
    if isinstance(error, anthropic.APIConnectionError | httpx2.HTTPError):
        return _of_the_way(error, begun=begun)
    return None


def unreadable(begun: bool) -> Setback:
    """A reply that is no message in the form of the Messages API."""
    return Setback("the reply was garbled", reply_begun=begun)


def _refusal(
    error: anthropic.APIStatusError, *, begun: bool, now: datetime
) -> Setback | CodyBatchError:
    if _is_about_the_credential(error):
        return ModelCredentialRefused(
            f"The model's service refuses ANTHROPIC_API_KEY or its quota: {_words(error)} "
            "Check the key, what it permits, and its credit and limits."
        )
    if reason := _passing(error):
        throttled = error.type in _THROTTLING or error.status_code in _THROTTLING_STATUSES
        # The head of a stream was sent before its error, so it knows nothing of it.
        asked = None if error.status_code == 200 else asked_seconds(error.response.headers, now)
        return Setback(reason, throttled=throttled, asked_seconds=asked, reply_begun=begun)
    return _rejection(error)


def _is_about_the_credential(error: anthropic.APIStatusError) -> bool:
    return (
        error.error_code in _CREDENTIAL_CODES
        or error.type in _CREDENTIAL_TYPES
        or error.status_code in _CREDENTIAL_STATUSES
        or _says(error, _NO_CREDIT)
    )


def _passing(error: anthropic.APIStatusError) -> str | None:
    """A phrase where the failure may pass by itself."""
    status = error.status_code
    phrase = _PASSING_STATUSES.get(status) or _PASSING_TYPES.get(error.type or "")
    if phrase is None and status >= 500:
        phrase = "the service had an internal error"
    if phrase is None and status == 200 and error.type not in _FINAL_TYPES:
        phrase = "the service broke the reply off"
    return phrase and (phrase if status == 200 else f"{phrase} ({status})")


def _rejection(error: anthropic.APIStatusError) -> CodyBatchError:
    words = _words(error)
    is_large = error.status_code == 413 or str(error.type) == "request_too_large"
    if is_large or _says(error, _TOO_LONG):
        return ContextOverflow(f"The conversation is too long for the model: {words}")
    if error.type == "not_found_error":
        return UnknownModel(
            f"The model's service does not know the model: {words} Choose another with --model."
        )
    if error.type is None:
        return ModelRejectedRequest(
            f"What answers at {error.request.url.host} does not speak the Messages API "
            f"(status {error.status_code}): check ANTHROPIC_BASE_URL. It says: {words}"
        )
    if _says(error, ("thinking",)) and _says(error, ("signature", "cannot be modified")):
        return ThreadRejected(f"The service no longer accepts the conversation's thinking: {words}")
    return ModelRejectedRequest(f"The model's service rejects the request: {words}")


def _of_the_way(error: Exception, *, begun: bool) -> Setback | CodyBatchError:
    """A failure between us and the service."""
    causes = tuple(_chain(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return ModelRejectedRequest(
                f"The certificate of the model's service cannot be trusted: {cause.verify_message}."
                " Check ANTHROPIC_BASE_URL and the certificates of this machine."
            )
        if isinstance(cause, httpx2.LocalProtocolError):
            return ModelRejectedRequest(f"The request cannot be sent: {cause}.")
    if any(isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout) for cause in causes):
        return Setback(
            "the Anthropic API cannot be reached; check the network and ANTHROPIC_BASE_URL"
        )
    if not any(isinstance(cause, httpx2.HTTPError | OSError) for cause in causes):
        # The SDK calls everything a connection error that happens while a request is sent.
        return ModelRejectedRequest(f"The request cannot be sent: {causes[-1]}.")
    if any(isinstance(cause, httpx2.ReadTimeout) for cause in causes):
        # The request was sent whole, so a reply may have begun behind the silence.
        return Setback("nothing was heard from the service for too long", reply_begun=True)
    return Setback("the connection was cut", reply_begun=begun)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _says(error: anthropic.APIStatusError, parts: tuple[str, ...]) -> bool:
    message = str(error.api_message or "").lower()
    return any(part in message for part in parts)


def _words(error: anthropic.APIStatusError) -> str:
    """What the service says, as one sentence of bounded length, with the request's id."""
    said = " ".join(str(error.api_message or error.message).split())[:_LONGEST_WORDS]
    ended = said if said.endswith((".", "!", "?")) else f"{said}."
    return f"{ended} (Request {error.request_id}.)" if error.request_id else ended
