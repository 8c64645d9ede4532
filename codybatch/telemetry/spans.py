"""Spans of ours, made with OpenTelemetry's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from codybatch.ports.tracing import Attributes

SCOPE = "codybatch"


class OpenSpan:
    """A span that has begun."""

    def __init__(self, span: Span) -> None:
        """Stand for ``span``."""
        self._span = span

    def note(self, attributes: Attributes) -> None:
        """Add attributes."""
        self._span.set_attributes(dict(attributes))

    def fail(self, error: str) -> None:
        """Note that it failed, and how it is called."""
        self._span.set_attribute("error.type", error)
        self._span.set_status(StatusCode.ERROR)


@contextmanager
def opened(
    tracer: Tracer, name: str, attributes: Attributes, *, is_client: bool
) -> Iterator[OpenSpan]:
    """A span from now to the end of the block, inside the one this thread is in."""
    kind = SpanKind.CLIENT if is_client else SpanKind.INTERNAL
    with tracer.start_as_current_span(
        name,
        kind=kind,
        attributes=dict(attributes),
        record_exception=False,  # its text may quote anything
        set_status_on_exception=False,
    ) as span:
        one = OpenSpan(span)
        try:
            yield one
        except BaseException as error:
            one.fail(type(error).__name__)
            raise


def traceparent() -> str:
    """This thread's span as https://www.w3.org/TR/trace-context/ writes it; empty without one."""
    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent", "")


def enter(parent: str) -> bool:
    """Let this thread's spans stand inside ``parent``; False where it is no ``traceparent``."""
    context = TraceContextTextMapPropagator().extract({"traceparent": parent})
    if not trace.get_current_span(context).get_span_context().is_valid:
        return False
    contexts.attach(context)
    return True
