"""The conversation's end: each span goes to the worker when it ends."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import cast

from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import DEFAULT_ON
from opentelemetry.trace import SpanKind, StatusCode, Tracer, format_span_id, format_trace_id

from codybatch.domain.identifiers import JobId
from codybatch.ports.tracing import UNTRACED, Attribute, Attributes, FinishedSpan
from codybatch.ports.tracing import Span as AnySpan
from codybatch.telemetry.spans import SCOPE, enter, opened

_log = logging.getLogger(__name__)


class RelayedTracing:
    """Spans of a conversation; none before ``begin``."""

    def __init__(self) -> None:
        self._tracer: Tracer | None = None

    def begin(self, parent: str, job: JobId, send: Callable[[FinishedSpan], None]) -> None:
        """Make spans inside ``parent`` from now on, and give each to ``send``."""
        if not enter(parent):
            return
        # An explicit sampler and resource: neither is then read from the environment.
        provider = TracerProvider(
            sampler=DEFAULT_ON, resource=Resource.get_empty(), shutdown_on_exit=False
        )
        provider.add_span_processor(_Sender(job, send))
        self._tracer = provider.get_tracer(SCOPE)

    def span(
        self, name: str, attributes: Attributes, *, is_client: bool = False
    ) -> AbstractContextManager[AnySpan]:
        """A span from now to the end of the block."""
        if self._tracer is None:
            return UNTRACED.span(name, attributes)
        return opened(self._tracer, name, attributes, is_client=is_client)


class _Sender(SpanProcessor):
    """Gives spans away when they end."""

    def __init__(self, job: JobId, send: Callable[[FinishedSpan], None]) -> None:
        self._job = job
        self._send = send

    def on_start(
        self,
        span: Span,
        parent_context: Context | None = None,  # noqa: ARG002 - OpenTelemetry's
    ) -> None:
        span.set_attribute("gen_ai.conversation.id", self._job)

    def on_end(self, span: ReadableSpan) -> None:
        if span.context is None or not span.context.trace_flags.sampled:
            return
        try:
            self._send(finished(span))
        except Exception:  # noqa: BLE001  (a span is never worth a job)
            _log.debug("a span was lost", exc_info=True)


def finished(span: ReadableSpan) -> FinishedSpan:
    """A span of ours as it travels."""
    context = span.get_span_context()
    assert context is not None  # noqa: S101 - it was made by a tracer
    return FinishedSpan(
        name=span.name,
        is_client=span.kind is SpanKind.CLIENT,
        trace=format_trace_id(context.trace_id),
        id=format_span_id(context.span_id),
        parent=format_span_id(span.parent.span_id) if span.parent else "",
        started=span.start_time or 0,
        ended=span.end_time or 0,
        attributes=cast("dict[str, Attribute]", dict(span.attributes or {})),
        failed=span.status.status_code is StatusCode.ERROR,
    )
