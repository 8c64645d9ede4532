"""Faults as GitHub makes them, by name."""

from __future__ import annotations

import json
from collections.abc import Mapping

from codybatch.standins.git.faults import Fault

JSON = {"Content-Type": "application/json; charset=utf-8"}
ABOUT = "https://docs.github.com/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api"


def secondary_rate_limit(route: str, retry_after: int | None = 60, times: int = 1) -> Fault:
    """403 for too many requests in a short time; None leaves `Retry-After` out."""
    body = {
        "message": "You have exceeded a secondary rate limit. Please wait a few minutes before "
        "you try again.",
        "documentation_url": f"{ABOUT}#about-secondary-rate-limits",
    }
    headers = JSON if retry_after is None else {**JSON, "Retry-After": str(retry_after)}
    return _answer(route, 403, body, headers=headers, times=times)


def primary_rate_limit(route: str, reset: int, times: int = 1) -> Fault:
    """403 with nothing remaining until `reset`, in seconds since 1970."""
    body = {"message": "API rate limit exceeded for user ID 1.", "documentation_url": ABOUT}
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}
    return _answer(route, 403, body, headers={**JSON, **headers}, times=times)


def too_many_requests(route: str, retry_after: int | None = None, times: int = 1) -> Fault:
    """429, as a rule without saying when to come back."""
    body = {"message": "Too many requests.", "documentation_url": ABOUT}
    headers = JSON if retry_after is None else {**JSON, "Retry-After": str(retry_after)}
    return _answer(route, 429, body, headers=headers, times=times)


def bad_gateway(route: str, *, after_acting: bool = False, times: int = 1) -> Fault:
    """502, before or after the request had its effect."""
    headers = {"Content-Type": "text/html"}
    body = "<html><body><h1>502 Bad Gateway</h1></body></html>"
    return Fault(
        route=route,
        kind="answer",
        status=502,
        headers=headers,
        body=body,
        after_acting=after_acting,
        times=times,
    )


def unauthorized(route: str, times: int = 1) -> Fault:
    """401, as for a credential that was revoked."""
    return _answer(route, 401, {"message": "Bad credentials", "status": "401"}, times=times)


def graphql_rate_limited(times: int = 1, kind: str = "RATE_LIMITED") -> Fault:
    """HTTP 200 with an error in it; GitHub has been seen to send `RATE_LIMIT` as well."""
    message = "API rate limit already exceeded for user ID 1."
    error = {"type": kind, "code": "graphql_rate_limit", "message": message}
    return _answer("POST /graphql", 200, {"errors": [error]}, times=times)


def cut(route: str, *, after_acting: bool = False, after_bytes: int = 0, times: int = 1) -> Fault:
    """The connection breaks."""
    return Fault(
        route=route, kind="cut", after_acting=after_acting, after_bytes=after_bytes, times=times
    )


def stall(route: str, *, seconds: float, after_bytes: int = 0) -> Fault:
    """The answer stops for a while."""
    return Fault(route=route, kind="stall", seconds=seconds, after_bytes=after_bytes)


def permission_withdrawn(route: str, repository: str, login: str) -> Fault:
    """Just before the request is served, the account loses its role on a repository."""
    return Fault(route=route, kind="withdraw_permission", repository=repository, login=login)


def branch_vanishes(route: str, repository: str, branch: str) -> Fault:
    """Just before the request is served, somebody deletes a branch."""
    return Fault(route=route, kind="delete_branch", repository=repository, branch=branch)


def _answer(
    route: str,
    status: int,
    body: Mapping[str, object],
    *,
    headers: dict[str, str] | None = None,
    times: int = 1,
) -> Fault:
    return Fault(
        route=route,
        kind="answer",
        status=status,
        headers=headers or JSON,
        body=json.dumps(body),
        times=times,
    )
