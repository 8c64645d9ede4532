"""Calls to AWS that change something, each a point: with the adapter's verb that makes it.

A verb of the store may take several calls, and a kill between two of them is another state than one
before or after the verb. Beside dying, a process can lose the answer to a call: AWS acts, and the
connection breaks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import boto3
import botocore.httpsession
import botocore.session
from botocore.exceptions import ConnectionClosedError

from tests.worker.crashing.points import Points

DYNAMO_WRITES = frozenset(
    {"BatchWriteItem", "DeleteItem", "PutItem", "TransactWriteItems", "UpdateItem"}
)
BATCH_WRITES = frozenset({"/v1/submitjob", "/v1/canceljob", "/v1/terminatejob"})
S3_WRITES = frozenset({"PUT", "POST", "DELETE"})

_doing = threading.local()


class Named:
    """A real adapter whose calls to AWS carry the name of the verb that makes them."""

    def __init__(self, adapter: Any, prefix: str) -> None:
        """Hand everything on to ``adapter``."""
        self._adapter = adapter
        self._prefix = prefix

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._adapter, name)
        return _named(f"{self._prefix}.{name}", found) if callable(found) else found


def _named(name: str, act: Callable[..., Any]) -> Callable[..., Any]:
    def named(*args: Any, **kwargs: Any) -> Any:
        before = getattr(_doing, "name", None)
        _doing.name = before or name
        try:
            return act(*args, **kwargs)
        finally:
            _doing.name = before

    return named


def watch(points: Points) -> None:
    """Make every call that changes something at AWS a point of this process."""
    session: Any = botocore.httpsession.URLLib3Session
    send: Callable[..., Any] = session.send

    def watched(self: Any, request: Any) -> Any:
        call = _write(request)
        if call is None:
            return send(self, request)
        with points.at(f"{getattr(_doing, 'name', None) or 'engine'}>{call}") as point:
            answer = send(self, request)
        if points.loses_answer(point):
            raise ConnectionClosedError(endpoint_url=request.url)
        return answer

    session.send = watched


def _write(request: Any) -> str | None:
    """What a request changes; None where it only reads."""
    target = request.headers.get("X-Amz-Target", "")
    if target:
        name = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
        return name if name in DYNAMO_WRITES else None
    path = "/" + request.url.partition("://")[2].partition("/")[2].partition("?")[0]
    if path.startswith("/v1/"):
        return path.rpartition("/")[2] if path in BATCH_WRITES else None
    return f"s3.{request.method}" if request.method in S3_WRITES else None


def warm_up() -> None:
    """Read the SDK's descriptions of its services once for all copies of this process."""
    loader = botocore.session.create_loader()
    module: Any = botocore.session
    module.create_loader = lambda _=None: loader
    for service in ("dynamodb", "s3", "batch"):
        client: Any = boto3.session.Session("a", "b", region_name="eu-central-1").client(service)
        client.close()
