from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import pytest

from codybatch.domain.identifiers import JobId
from codybatch.ports.tracing import FinishedSpan
from codybatch.telemetry.export import SECONDS_TO_SEND, Collector, ExportedTraces
from tests.collector_kit import collector

JOB = JobId("01arz3ndektsv4rrffq69g5fav-1")
SECRET = "sk-made-up-and-secret"


def export_to(url: str) -> ExportedTraces:
    where = Collector(address=url, service="tests", release="1.2.3", use_system_proxy=False)
    tracing = ExportedTraces(where, lambda text: text.replace(SECRET, "[out]"))
    tracing.begin(JOB)
    return tracing


@contextmanager
def silent_collector() -> Iterator[str]:
    """It takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def of_the_conversation(parent: str) -> FinishedSpan:
    _, trace, span, _ = parent.split("-")
    return FinishedSpan(
        name=f"execute_tool {SECRET}",
        is_client=False,
        trace=trace,
        id="00f067aa0ba902b7",
        parent=span,
        started=1,
        ended=5,
        attributes={"said": f"it is {SECRET}", "turns": 3},
        failed=True,
    )


def test_spans_of_both_processes_arrive_under_one_service_without_secrets() -> None:
    with collector() as seen:
        tracing = export_to(seen.url)
        with tracing.span("job", {"codybatch.job.id": JOB}):
            tracing.take(of_the_conversation(tracing.parent()))
        tracing.close()

        job, tool = seen.wait_for("job")[0], seen.wait_for("execute_tool [out]")[0]
        assert (tool.trace, tool.parent) == (job.trace, job.id)
        assert tool.attributes == {"said": "it is [out]", "turns": 3}
        assert (tool.failed, tool.nanoseconds) == (True, 4)
        for one in (job, tool):
            assert one.resource["service.name"] == "tests"
            assert one.resource["service.version"] == "1.2.3"


def test_all_attempts_of_a_job_share_a_trace_and_other_jobs_do_not() -> None:
    with collector() as seen:
        for job in (JOB, JOB, JobId("01arz3ndektsv4rrffq69g5fav-2")):
            tracing = export_to(seen.url)
            tracing.begin(job)
            with tracing.span("job", {"codybatch.job.id": job}):
                pass
            tracing.close()

        spans = seen.wait_for("job", 3)
        assert len({one.id for one in spans}) == 3
        assert len({(one.trace, one.attributes["codybatch.job.id"]) for one in spans}) == 2
        assert len({one.trace for one in spans}) == 2


def test_the_credential_of_the_environment_is_sent_to_the_collector(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"x-token={SECRET}")
    with collector() as seen:
        tracing = export_to(seen.url)
        with tracing.span("job", {}):
            pass
        tracing.close()

        seen.wait_for("job")
        assert [one["x-token"] for one in seen.requests] == [SECRET]


def test_a_collector_that_never_answers_is_not_waited_for() -> None:
    with silent_collector() as url:
        tracing = export_to(url)
        began = monotonic()
        for _ in range(10_000):  # more than are kept
            with tracing.span("any", {}):
                pass
        made = monotonic()
        tracing.close()

    assert made - began < 10
    assert monotonic() - made < SECONDS_TO_SEND + 5


def test_a_collector_that_is_gone_is_a_line_of_the_log_without_the_credential(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"x-token={SECRET}")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.2")
    with silent_collector() as url:
        pass
    tracing = export_to(url)
    with caplog.at_level(logging.DEBUG), tracing.span("job", {}):
        pass
    tracing.close()

    assert SECRET not in caplog.text
