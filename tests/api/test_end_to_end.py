"""From a submission over HTTP to a patch that git takes, through processes of their own."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from codybatch.settings import Settings, inherited_environment
from tests.api.conftest import SUBMISSION
from tests.api_kit import PATIENCE_SECONDS, Client
from tests.cli_kit import call
from tests.served_kit import free_port
from tests.worker.world import CLOCKS, world

Server = subprocess.Popen[str]


@contextmanager
def codybatch_api(settings: Settings, **more: str) -> Iterator[tuple[Client, Server]]:
    """The command, until a person ends it by Ctrl-C."""
    port = free_port()
    environment = {**inherited_environment(), **settings.as_environment(), **more}
    server = subprocess.Popen(
        [sys.executable, "-m", "codybatch", "api", "--port", str(port)],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    client = Client(port)
    try:
        _wait_for(client, server)
        yield client, server
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=PATIENCE_SECONDS)


def _wait_for(client: Client, server: Server) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            client.get("/v1/health")
        except ConnectionError:
            continue
        return
    raise AssertionError("The API did not come up.")


@pytest.mark.timeout(300)
def test_a_request_goes_from_http_to_a_patch_a_conversation_and_a_verdict(tmp_path: Path) -> None:
    made = call("api", "token", "nightly", "--scope", "admin", "--json").json
    with (
        world(tmp_path, {"acme/clocks": CLOCKS}) as w,
        codybatch_api(w.settings, CODYBATCH_API_TOKENS=made["entry"]) as (client, server),
    ):
        assert client.get("/v1/jobs").status == 401
        nightly = client.as_(made["token"])
        submitted = nightly.post(
            "/v1/requests", {**SUBMISSION, "repositories": ["acme/clocks"]}, idempotency_key="1"
        )
        assert submitted.status == 201, submitted.body
        (job,) = [w.wait_for(one["id"]) for one in submitted.json["jobs"]]

        shown = nightly.get(f"/v1/jobs/{job.id}").json
        assert (shown["state"], shown["requester"]) == ("succeeded", "nightly")
        assert shown["publication"]["kind"] == "pull_request"
        patch = nightly.get(f"/v1/jobs/{job.id}/patch").body
        assert patch.startswith(b"diff --git a/clocks/now.py b/clocks/now.py")
        checkout = tmp_path / "checkout"
        for name, content in CLOCKS.items():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            (checkout / name).write_text(str(content))
        subprocess.run(["git", "apply", "-"], cwd=checkout, input=patch, check=True)
        assert "utcnow" not in (checkout / "clocks/now.py").read_text()
        turns = nightly.get(f"/v1/jobs/{job.id}/thread?limit=100").json["items"]
        assert turns[-1]["lines"][0]["message"]["role"] == "assistant"
        judged = nightly.put(f"/v1/jobs/{job.id}/verdict", {"decision": "accept"}).json
        assert judged["rater"] == "nightly"
        metrics = nightly.get("/v1/metrics").body.decode()
        assert 'codybatch_jobs{state="succeeded"} 1' in metrics
        assert 'codybatch_jobs_flagged{flag="open_pull_request"} 1' in metrics
        server.send_signal(signal.SIGINT)
        _, said = server.communicate(timeout=PATIENCE_SECONDS)

    assert server.returncode == 0, said
    assert f"The HTTP API: http://127.0.0.1:{client.port}/v1" in said
    assert made["token"] not in said
    assert "Traceback" not in said
