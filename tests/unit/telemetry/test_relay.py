from __future__ import annotations

from contextvars import copy_context
from typing import Any

from codybatch.domain.identifiers import JobId
from codybatch.ports.tracing import FinishedSpan
from codybatch.telemetry.relay import RelayedTracing

JOB = JobId("01arz3ndektsv4rrffq69g5fav-1")
TRACE, WORKERS = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SAMPLED, DROPPED = f"00-{TRACE}-{WORKERS}-01", f"00-{TRACE}-{WORKERS}-00"


def spans(parent: str) -> list[FinishedSpan]:
    """What the worker is given of a span within a span, the inner of which fails."""
    told: list[FinishedSpan] = []

    def work() -> None:
        tracing = RelayedTracing()
        tracing.begin(parent, JOB, told.append)
        with tracing.span("outer", {"a": 1}) as outer:
            try:
                with tracing.span("inner", {}, is_client=True):
                    raise ValueError("sk-made-up-and-secret")
            except ValueError:
                outer.note({"b": True})

    copy_context().run(work)  # which span a thread is in outlives the test otherwise
    return told


def test_a_span_goes_to_the_worker_when_it_ends_inside_the_workers_own() -> None:
    inner, outer = spans(SAMPLED)

    assert (outer.trace, outer.parent) == (TRACE, WORKERS)
    assert (inner.trace, inner.parent) == (TRACE, outer.id)
    assert inner.is_client
    assert outer.attributes == {"a": 1, "b": True, "gen_ai.conversation.id": JOB}
    assert outer.started <= inner.started <= inner.ended <= outer.ended


def test_an_error_is_told_by_the_name_of_its_class_alone() -> None:
    inner, outer = spans(SAMPLED)

    assert (inner.failed, outer.failed) == (True, False)
    assert inner.attributes["error.type"] == "ValueError"
    assert "secret" not in inner.to_json()


def test_a_trace_that_is_not_kept_costs_nothing_and_no_parent_means_no_spans() -> None:
    assert spans(DROPPED) == []
    assert spans("") == []
    assert spans("whatever") == []


def test_a_worker_that_is_gone_is_no_error_of_the_conversation() -> None:
    def gone(_: Any) -> None:
        raise BrokenPipeError

    def work() -> str:
        tracing = RelayedTracing()
        tracing.begin(SAMPLED, JOB, gone)
        with tracing.span("any", {}):
            return "went on"

    assert copy_context().run(work) == "went on"


def test_a_span_survives_the_pipe() -> None:
    (span, _) = spans(SAMPLED)

    assert FinishedSpan.model_validate_json(span.to_json()) == span
