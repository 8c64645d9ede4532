"""Faults as AWS makes them, by name; they are added to ``BatchStandin.faults``."""

from __future__ import annotations

from codybatch.standins.batch.problems import body_of, headers_of
from codybatch.standins.git.faults import Fault


def answer_lost(operation: str, *, times: int = 1) -> Fault:
    """The request has its effect, and the connection breaks before the answer."""
    return Fault(route=route_of(operation), kind="cut", after_acting=True, times=times)


def cut(operation: str, *, times: int = 1) -> Fault:
    """The connection breaks before the request has its effect."""
    return Fault(route=route_of(operation), kind="cut", times=times)


def server_error(operation: str, *, after_acting: bool = False, times: int = 1) -> Fault:
    """500, before or after the request had its effect."""
    message = "Internal server error"
    return _error(operation, 500, "ServerException", message, after_acting, times)


def throttled(operation: str, *, times: int = 1) -> Fault:
    """429: too many requests a second."""
    return _error(operation, 429, "TooManyRequestsException", "Too Many Requests", False, times)


def denied(operation: str, *, times: int = 1) -> Fault:
    """403: the role may not do this."""
    name = operation[:1].upper() + operation[1:]
    message = (
        f"User: arn:aws:sts::123456789012:assumed-role/codybatch/x is not authorized to perform: "
        f"batch:{name} because no identity-based policy allows the batch:{name} action"
    )
    return _error(operation, 403, "AccessDeniedException", message, False, times)


def token_expired(operation: str = "*", *, times: int = 1) -> Fault:
    """403: temporary credentials that are too old."""
    message = "The security token included in the request is expired"
    return _error(operation, 403, "ExpiredTokenException", message, False, times)


def route_of(operation: str) -> str:
    """The route of an operation, such as ``SubmitJob``; ``*`` stands for all."""
    return f"POST /v1/{operation.lower()}"


def _error(
    operation: str, status: int, kind: str, message: str, after_acting: bool, times: int
) -> Fault:
    return Fault(
        route=route_of(operation),
        kind="answer",
        status=status,
        headers=headers_of(kind),
        body=body_of(message).decode(),
        after_acting=after_acting,
        times=times,
    )
