"""The worker's end: spans go to the collector by OTLP over HTTP, behind the worker's back."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import Thread

import requests
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from codybatch.domain.identifiers import JobId
from codybatch.ports.tracing import Attribute, Attributes, FinishedSpan, Span
from codybatch.telemetry.spans import SCOPE, opened, traceparent

SECONDS_TO_SEND = 2.0
"""How long a worker that has done its work waits for the collector."""
_MILLISECONDS_BETWEEN_BATCHES = 1000
_MAX_WAITING_SPANS = 4096


@dataclass(frozen=True)
class Collector:
    """Where spans go.

    What it leaves open (time limit, compression, certificates, sampler, attributes of the resource)
    the standard variables of the environment say:
    https://opentelemetry.io/docs/specs/otel/protocol/exporter/
    """

    address: str
    """Its base, without ``/v1/traces``."""
    service: str
    """The name under which the spans stand."""
    release: str
    use_system_proxy: bool


class ExportedTraces:
    """Spans of a worker, and of its conversation.

    Args:
        collector: where they go; its credential is in ``OTEL_EXPORTER_OTLP_HEADERS``.
        clean: takes secrets out of what the conversation says.
    """

    def __init__(self, collector: Collector, clean: Callable[[str], str]) -> None:
        # A collector that is away is said once a batch, and a line of the log is enough for that.
        for name in ("opentelemetry.exporter", "opentelemetry.sdk", "opentelemetry.util.re"):
            logging.getLogger(name).setLevel(logging.ERROR)
        session = requests.Session()
        session.trust_env = collector.use_system_proxy
        self._clean = clean
        self._ids = _Ids()
        self._resource = Resource.create(
            {"service.name": collector.service, "service.version": collector.release}
        )
        self._batches = BatchSpanProcessor(
            OTLPSpanExporter(endpoint=f"{collector.address}/v1/traces", session=session),
            max_queue_size=_MAX_WAITING_SPANS,
            schedule_delay_millis=_MILLISECONDS_BETWEEN_BATCHES,
        )
        self._provider = TracerProvider(
            resource=self._resource, id_generator=self._ids, shutdown_on_exit=False
        )
        self._provider.add_span_processor(self._batches)
        self._tracer = self._provider.get_tracer(SCOPE, collector.release)
        self._scope = InstrumentationScope(SCOPE, collector.release)

    def begin(self, job: JobId) -> None:
        """The spans that follow are of this job."""
        self._ids.trace = trace_of(job)

    def span(
        self, name: str, attributes: Attributes, *, is_client: bool = False
    ) -> AbstractContextManager[Span]:
        """A span from now to the end of the block."""
        return opened(self._tracer, name, attributes, is_client=is_client)

    def parent(self) -> str:
        """This thread's span as a ``traceparent``."""
        return traceparent()

    def take(self, span: FinishedSpan) -> None:
        """Send a span of the conversation along."""
        self._batches.on_end(
            ReadableSpan(
                name=self._clean(span.name),
                context=_context(span.trace, span.id),
                parent=_context(span.trace, span.parent) if span.parent else None,
                resource=self._resource,
                attributes={name: self._cleaned(value) for name, value in span.attributes.items()},
                kind=SpanKind.CLIENT if span.is_client else SpanKind.INTERNAL,
                status=Status(StatusCode.ERROR if span.failed else StatusCode.UNSET),
                start_time=span.started,
                end_time=span.ended,
                instrumentation_scope=self._scope,
            )
        )

    def close(self) -> None:
        """Send what is left; a collector that does not answer is not waited for."""
        # A daemon: the process ends although it still waits.
        sending = Thread(target=self._provider.shutdown, name="last spans", daemon=True)
        sending.start()
        sending.join(SECONDS_TO_SEND)

    def _cleaned(self, value: Attribute) -> Attribute:
        return self._clean(value) if isinstance(value, str) else value


def trace_of(job: JobId) -> int:
    """The trace of a job, the same for all of its attempts: 128 bits of its id's SHA-256."""
    return int.from_bytes(hashlib.sha256(job.encode()).digest()[:16], "big")


class _Ids(RandomIdGenerator):
    """Ids of spans are drawn; the trace's is the job's."""

    trace: int | None = None

    def generate_trace_id(self) -> int:
        return self.trace or super().generate_trace_id()

    def is_trace_id_random(self) -> bool:
        return self.trace is None


def _context(trace: str, span: str) -> SpanContext:
    return SpanContext(
        int(trace, 16), int(span, 16), is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED)
    )
