"""Spans of real jobs, at a real collector on loopback."""

from __future__ import annotations

import hashlib
import socket
from pathlib import Path
from time import monotonic

from pydantic import SecretStr

from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState
from tests.collector_kit import collector
from tests.worker.world import CLOCKS, world

TOKEN = "collector-token-3f9a71c2"
HEADERS = SecretStr(f"Authorization=Bearer%20{TOKEN}")


def traced_job(folder: Path, endpoint: str) -> Job:
    files = {"acme/app": CLOCKS}
    with world(folder, files, otlp_endpoint=endpoint, otlp_headers=HEADERS, has_forks=False) as w:
        (job,) = w.wait(w.submit("acme/app"))
        return job


def test_a_job_its_turns_and_its_tool_calls_are_spans_of_one_trace(tmp_path: Path) -> None:
    with collector() as seen:
        job = traced_job(tmp_path, seen.url)
        (whole,) = seen.wait_for("job")
        assert job.state is JobState.SUCCEEDED
        (agent,) = seen.named("invoke_agent codybatch")
        chats = seen.named(f"chat {job.model}")
        tools = [one for one in seen.spans if one.name.startswith("execute_tool ")]

        assert {one.trace for one in seen.spans} == {whole.trace}
        assert whole.trace == hashlib.sha256(job.id.encode()).hexdigest()[:32]
        assert whole.parent == ""
        assert agent.parent == whole.id
        assert {one.parent for one in (*chats, *tools)} == {agent.id}
        assert len(chats) == job.progress.turn
        assert {one.name for one in tools} >= {"execute_tool edit_file", "execute_tool finish"}
        assert {one.attributes["gen_ai.conversation.id"] for one in (*chats, *tools)} == {job.id}
        assert whole.attributes["codybatch.job.state"] == "succeeded"
        assert whole.attributes["codybatch.repository"] == "acme/app"
        assert {one.resource["service.name"] for one in seen.spans} == {"codybatch"}
        used = sum(one.attributes["gen_ai.usage.output_tokens"] for one in chats)
        assert used == job.usage.output_tokens
        assert all(one.nanoseconds > 0 for one in seen.spans)


def test_no_span_holds_what_was_said_or_read(tmp_path: Path) -> None:
    with collector() as seen:
        job = traced_job(tmp_path, seen.url)
        seen.wait_for("job")
        told = "\n".join(one.text for one in seen.spans)

        for content in ("timezone-aware", "clocks/now.py", job.title, job.summary, TOKEN):
            assert content
            assert content not in told


def test_the_collectors_credential_is_in_its_header_alone(tmp_path: Path) -> None:
    with collector() as seen:
        traced_job(tmp_path, seen.url)
        seen.wait_for("job")

        assert {one["authorization"] for one in seen.requests} == {f"Bearer {TOKEN}"}
    kept = [one for one in tmp_path.rglob("*") if one.is_file()]
    assert kept
    assert not [one for one in kept if TOKEN.encode() in one.read_bytes()]


def test_no_collector_at_all_neither_fails_nor_slows_a_job(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, and says nothing
        port = silent.getsockname()[1]
        began = monotonic()
        hung = traced_job(tmp_path / "hung", f"http://127.0.0.1:{port}")
        took = monotonic() - began
    gone = traced_job(tmp_path / "gone", f"http://127.0.0.1:{port}")

    assert [job.state for job in (hung, gone)] == [JobState.SUCCEEDED] * 2
    # A job of a second or two, on a machine that does other things as well; to wait for the
    # collector at each span would take ten seconds each.
    assert took < 90
    logs = "".join(one.read_text() for one in (tmp_path / "gone").rglob("*.log"))
    assert TOKEN not in logs
