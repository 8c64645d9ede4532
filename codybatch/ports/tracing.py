"""The port of tracing: what a job does and how long it takes, for whoever collects spans.

A span never holds content: no prompt, no reply, no tool's input or output, no error's text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from codybatch.domain.identifiers import JobId
from codybatch.domain.records import Record

Attribute = str | bool | int | float
Attributes = Mapping[str, Attribute]


class FinishedSpan(Record):
    """A span that has ended, as it travels from the conversation to the worker."""

    name: str
    is_client: bool
    """Whether it stands for a call to a service."""
    trace: str
    """32 hexadecimal digits, as W3C's Trace Context writes them."""
    id: str
    """16 hexadecimal digits."""
    parent: str
    """16 hexadecimal digits."""
    started: int
    """Nanoseconds since 1970-01-01, UTC."""
    ended: int
    attributes: dict[str, Attribute]
    failed: bool


class Span(Protocol):
    """What is done now."""

    def note(self, attributes: Attributes) -> None:
        """Add attributes."""
        ...

    def fail(self, error: str) -> None:
        """Note that it failed; ``error`` is a kind of failure, never an error's text."""
        ...


class Tracing(Protocol):
    """Where a process's spans go. Nothing here waits for a collector, and nothing raises."""

    def span(
        self, name: str, attributes: Attributes, *, is_client: bool = False
    ) -> AbstractContextManager[Span]:
        """A span from now to the end of the block, inside the one this thread is in.

        What leaves the block as an error is noted by the name of its class.
        """
        ...


class Relay(Tracing, Protocol):
    """The conversation's: it has no collector, and hands each span over when it ends."""

    def begin(self, parent: str, job: JobId, send: Callable[[FinishedSpan], None]) -> None:
        """From now on spans are made, inside ``parent``, and go to ``send``.

        Args:
            parent: from ``TraceExport.parent``; empty for no spans.
            job: noted on each.
            send: called from any thread.
        """
        ...


class TraceExport(Tracing, Protocol):
    """The worker's: it sends spans to the collector, behind its back."""

    def begin(self, job: JobId) -> None:
        """The spans that follow are of this job, whose attempts share one trace."""
        ...

    def parent(self) -> str:
        """This thread's span as a ``traceparent`` of W3C's Trace Context; empty without one."""
        ...

    def take(self, span: FinishedSpan) -> None:
        """Send a span of another process along."""
        ...

    def close(self) -> None:
        """Send what is left, for two seconds at the most."""
        ...


class Untraced:
    """Tracing where nobody collects: nothing is made, kept or sent."""

    @contextmanager
    def span(
        self,
        name: str,  # noqa: ARG002 - the port's
        attributes: Attributes,  # noqa: ARG002
        *,
        is_client: bool = False,  # noqa: ARG002
    ) -> Iterator[Span]:
        """Nothing but the block."""
        yield _NO_SPAN

    def parent(self) -> str:
        """There is none."""
        return ""

    def take(self, span: FinishedSpan) -> None:
        """Let it go."""

    def close(self) -> None:
        """There is nothing to send."""


class _NoSpan:
    def note(self, attributes: Attributes) -> None:
        pass

    def fail(self, error: str) -> None:
        pass


_NO_SPAN = _NoSpan()


class UntracedWorker(Untraced):
    """A worker whose spans nobody collects."""

    def begin(self, job: JobId) -> None:
        """Nothing begins."""


class UntracedConversation(Untraced):
    """A conversation whose spans nobody collects."""

    def begin(self, parent: str, job: JobId, send: Callable[[FinishedSpan], None]) -> None:
        """Nothing begins."""


UNTRACED = Untraced()
