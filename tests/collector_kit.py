"""A collector of spans on loopback, which speaks OTLP over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

SPANS_SOON = 20.0
"""Seconds after which spans that were sent count as lost."""


@dataclass(frozen=True)
class Seen:
    """A span as the collector was told of it."""

    name: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, Any]
    resource: dict[str, Any]
    failed: bool
    nanoseconds: int
    text: str
    """All of it, in protobuf's own text."""


@dataclass
class Collector:
    """What came in so far."""

    url: str = ""
    requests: list[dict[str, str]] = field(default_factory=list)
    """The headers of each, their names in lower case."""
    spans: list[Seen] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def named(self, name: str) -> list[Seen]:
        return [span for span in self.spans if span.name == name]

    def wait_for(self, name: str, count: int = 1) -> list[Seen]:
        """Wait until so many spans of this name are here."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.named(name)) >= count, SPANS_SOON), (
                f"no {count} spans {name!r} among {[span.name for span in self.spans]}"
            )
            return self.named(name)

    def take(self, headers: dict[str, str], body: bytes) -> None:
        request = ExportTraceServiceRequest.FromString(body)
        with self.changed:
            self.requests.append(headers)
            for part in request.resource_spans:
                resource = _attributes(part.resource.attributes)
                for scope in part.scope_spans:
                    self.spans += [_seen(span, resource) for span in scope.spans]
            self.changed.notify_all()


@contextmanager
def collector() -> Iterator[Collector]:
    """A collector that takes whatever comes."""
    found = Collector()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            assert self.path == "/v1/traces"
            found.take({name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield found
        finally:
            server.shutdown()


def _seen(span: Any, resource: dict[str, Any]) -> Seen:
    return Seen(
        name=span.name,
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        attributes=_attributes(span.attributes),
        resource=resource,
        failed=span.status.code == Status.STATUS_CODE_ERROR,
        nanoseconds=span.end_time_unix_nano - span.start_time_unix_nano,
        text=str(span),
    )


def _attributes(pairs: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}
