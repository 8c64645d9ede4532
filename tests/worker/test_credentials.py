"""Credentials that are refused while jobs run: they wait together, and a new one loses none."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from codybatch.clients import code_host_credential, model_credential
from codybatch.composition import Application, application
from codybatch.domain.jobs import Job
from codybatch.domain.publication import PublicationKind, PublishMode
from codybatch.domain.states import JobState, WaitingReason
from codybatch.ports import Created
from codybatch.standins.anthropic import DEMONSTRATION_KEY, Fault
from codybatch.standins.github.faults import unauthorized
from tests.unit.github.kit import key_pair
from tests.worker.world import CLOCKS, World, world

pytestmark = pytest.mark.timeout(300)

SECONDS = 100
FIRST, *OTHERS = ALL = ("acme/one", "acme/two", "acme/three")
GATE = "held"


@pytest.fixture
def w(tmp_path: Path) -> Iterator[World]:
    """A world that runs one job at once."""
    with world(tmp_path, dict.fromkeys(ALL, CLOCKS), max_parallel_jobs=1) as opened:
        yield opened


@contextmanager
def with_settings(w: World, **changes: Any) -> Iterator[Application]:
    """The application, started again with other settings, as `codybatch up` does."""
    app = application(w.settings.model_copy(update=changes))
    try:
        app.take_over()
        yield app
    finally:
        app.local_engine.stop()
        app.close()


def submitted_and_held(w: World, turn: int) -> Created:
    """All jobs submitted; the first is in its conversation, and the others have not begun."""
    held = Fault(kind="hold", turn=turn, gate=GATE, containing=f"name: {FIRST}\\n")
    w.model.faults.add(held)
    created = w.submit(*ALL, publish=PublishMode.DRAFT)
    assert w.model.gates.wait_until_held(GATE, seconds=SECONDS)
    return created


def waiting(w: World, created: Created) -> list[Job]:
    """The jobs, when all of them wait."""
    return [waiting_job(w, job) for job in created.jobs]


def waiting_job(w: World, job: Job) -> Job:
    """The job, when it waits."""
    give_up_at = time.monotonic() + SECONDS
    while (found := w.app.jobs.find(job.id)).state is not JobState.WAITING:
        assert time.monotonic() < give_up_at, found
        w.app.clock.sleep(0.05)
    return found


def assert_wait_for(jobs: Sequence[Job], credential: str) -> None:
    for job in jobs:
        assert job.waiting is not None
        assert (job.waiting.reason, job.waiting.credential) == (
            WaitingReason.CREDENTIAL,
            credential,
        )
        assert job.waiting.detail


def assert_all_published(w: World, app: Application, created: Created) -> None:
    """Every job succeeded, with one pull request each."""
    *_, ended = app.jobs.follow([job.id for job in created.jobs], every_seconds=0.1)
    for job in ended:
        assert job.state is JobState.SUCCEEDED, job.ended_detail
        assert job.publication.kind is PublicationKind.PULL_REQUEST
        assert len(w.github.pull_requests(job.repository.full_name)) == 1
        assert job.uncertain_cost_usd == 0


def test_a_token_that_is_revoked_stops_all_jobs_with_one_call_and_a_new_one_loses_none(
    w: World,
) -> None:
    created = submitted_and_held(w, turn=1)
    w.github.journal.clear()
    w.github.tokens.revoke("service")
    w.model.gates.open(GATE)

    stopped = waiting(w, created)

    assert_wait_for(stopped, code_host_credential(w.settings))
    assert "GITHUB_TOKEN" in str(stopped[0].waiting)
    assert len(w.github.requests()) == 1

    token = SecretStr(w.github.tokens.add("service"))
    with with_settings(w, github_token=token) as app:
        assert_all_published(w, app, created)
        refused = [entry for entry in w.github.requests() if entry.status == 401]
    assert [entry.method for entry in refused if entry.token == "unknown"] == ["GET"]


def test_a_job_that_comes_to_publish_later_does_not_ask_again(tmp_path: Path) -> None:
    pair = ALL[:2]
    with world(tmp_path, dict.fromkeys(pair, CLOCKS), max_parallel_jobs=2) as w:
        w.model.faults.add(*(
            Fault(kind="hold", turn=1, gate=name, containing=f"name: {name}\\n") for name in pair
        ))  # fmt: skip
        created = w.submit(*pair, publish=PublishMode.DRAFT)
        for name in pair:
            assert w.model.gates.wait_until_held(name, seconds=SECONDS)
        w.github.journal.clear()
        w.github.tokens.revoke("service")

        for job in created.jobs:
            w.model.gates.open(job.repository.full_name)
            waiting_job(w, job)

        assert len(w.github.requests()) == 1


def test_a_model_key_that_is_revoked_stops_all_jobs_and_a_new_one_loses_none(w: World) -> None:
    created = submitted_and_held(w, turn=1)
    w.model.service.revoke(DEMONSTRATION_KEY)
    w.model.gates.open(GATE)

    stopped = waiting(w, created)

    assert_wait_for(stopped, model_credential(w.settings))
    assert stopped[0].progress.turn >= 1  # what was paid for is kept
    assert [job.progress.turn for job in stopped[1:]] == [0, 0]

    w.model.service.admit("sk-ant-rotated-in-a-test")
    with with_settings(w, anthropic_api_key=SecretStr("sk-ant-rotated-in-a-test")) as app:
        assert_all_published(w, app, created)


def test_a_token_that_is_refused_for_a_moment_is_trusted_again(w: World) -> None:
    w.github.faults.add(unauthorized(f"GET /{FIRST}.git/info/refs", times=2))
    created = w.submit(*ALL)
    stopped = waiting(w, created)
    assert_wait_for(stopped, code_host_credential(w.settings))
    assert [job.progress.turn for job in stopped] == [0] * 3
    assert not [entry for entry in w.github.requests() if f"/{OTHERS[0]}.git" in entry.path]

    let_time_pass(w, stopped[0])
    w.app.engine.reconcile()
    ended = w.wait(created)

    # The first clone that worked let the others go on, which had no reason of their own to wait.
    assert [job.state for job in ended] == [JobState.SUCCEEDED] * 3
    assert w.app.store.records.credential_trouble(code_host_credential(w.settings)) is None


def let_time_pass(w: World, job: Job) -> None:
    """Until what a job and the credential wait for has come: the records say it was yesterday."""
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    with sqlite3.connect(w.settings.home / "codybatch.db") as records:
        records.execute(
            "UPDATE jobs SET document = json_set(document, '$.waiting.until', ?) WHERE id = ?",
            (yesterday, job.id),
        )
    records.close()
    trouble = w.app.store.records.credential_trouble(code_host_credential(w.settings))
    assert trouble is not None
    past = trouble.__class__(trouble.credential, trouble.reason, trouble.since, trouble.since)
    w.app.store.records.note_credential_trouble(past)


# --- a GitHub App


def test_an_app_s_key_is_rotated_and_neither_it_nor_a_token_is_written_anywhere(
    tmp_path: Path,
) -> None:
    (private, public), (new_private, new_public) = key_pair(), key_pair()
    app_settings: dict[str, Any] = {
        "github_token": None,
        "github_app_id": "7",
        "github_app_private_key": SecretStr(private),
        "max_parallel_jobs": 1,
    }
    with world(tmp_path, dict.fromkeys(ALL, CLOCKS), **app_settings) as w:
        registered = w.github.add_app(7, public, "batch-app")
        for name in ALL:
            w.github.change_repository(name, permissions={"batch-app": "push"})
        created = submitted_and_held(w, turn=1)
        for name in list(w.github.tokens):
            w.github.tokens.revoke(name)
        w.github._site.state.put_app(registered.model_copy(update={"public_key": new_public}))
        w.model.gates.open(GATE)

        stopped = waiting(w, created)
        assert_wait_for(stopped, code_host_credential(w.settings))
        assert str(code_host_credential(w.settings)).startswith("GITHUB_APP_PRIVATE_KEY:")

        with with_settings(w, github_app_private_key=SecretStr(new_private)) as app:
            assert_all_published(w, app, created)
        (pull,) = w.github.pull_requests(FIRST)
        assert pull.author == "batch-app[bot]"
        secrets = [w.github.tokens[name] for name in w.github.tokens]
        secrets += [key.splitlines()[1] for key in (private, new_private)]
        assert_written_nowhere(w.settings.home, secrets)


@pytest.mark.parametrize("refused", ["git-upload-pack", "git-receive-pack"])
def test_a_token_of_an_app_that_git_alone_finds_refused_is_renewed_at_once(
    tmp_path: Path, refused: str
) -> None:
    private, public = key_pair()
    app_settings: dict[str, Any] = {
        "github_token": None,
        "github_app_id": "7",
        "github_app_private_key": SecretStr(private),
    }
    with world(tmp_path, {FIRST: CLOCKS}, **app_settings) as w:
        w.github.add_app(7, public, "batch-app")
        w.github.change_repository(FIRST, permissions={"batch-app": "push"})
        # The first time for nobody: git shows its credential only where it is asked for it.
        route = f"GET /{FIRST}.git/info/refs?service={refused}"
        w.github.faults.add(unauthorized(route, times=2))
        created = w.submit(FIRST, publish=PublishMode.DRAFT)

        (ended,) = w.wait(created)

        assert ended.state is JobState.SUCCEEDED, ended
        assert ended.publication.kind is PublicationKind.PULL_REQUEST
        assert ended.attempts == 1
        assert w.github.faults.pending() == []
        assert w.app.store.records.credential_trouble(code_host_credential(w.settings)) is None
        secrets = [w.github.tokens[name] for name in w.github.tokens]
        assert len(secrets) > 2
        assert_written_nowhere(w.settings.home, secrets)


def assert_written_nowhere(folder: Path, secrets: Sequence[str]) -> None:
    give_up_at = time.monotonic() + SECONDS
    while [*folder.glob("work/*")]:  # a worker tidies up after it settled
        assert time.monotonic() < give_up_at, [*folder.glob("work/*")]
        time.sleep(0.05)
    looked_at = [path for path in folder.rglob("*") if path.is_file()]
    assert len(looked_at) > 5
    for path in looked_at:
        content = path.read_bytes()
        assert not [secret for secret in secrets if secret.encode() in content], path
