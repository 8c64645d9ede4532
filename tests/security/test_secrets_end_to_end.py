"""Secrets that a whole job meets are nowhere afterwards but in the repository and in its patch.

A repository holds a secret of every kind that is known, and our own two credentials as well; the
model reads all of it, says what it saw wherever it can say something, and edits a line that holds a
secret. Then everything that left the machine, is kept, is shown or ran is searched.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.jobs import Job
from codybatch.domain.publication import PublicationKind, WithheldReason
from codybatch.domain.states import JobState
from codybatch.standins.anthropic import DEMONSTRATION_KEY, Reply, text, thinking, tool_use
from codybatch.ui.diff.shown_diff import shown_diff
from codybatch.ui.jobs.heading import job_heading
from codybatch.ui.jobs.listing import job_list
from codybatch.ui.jobs.result import job_result, shown_patch
from tests.cli_kit import call
from tests.tree_kit import PASSWORD
from tests.unit.workspace.test_secret_scanner import EXAMPLES
from tests.worker.world import World, world

OWN = "acme/own"
"""The change is far from every secret, so that it is published."""
NEAR = "acme/near"
"""The line that changes holds a secret."""
PLANTED = [secret for examples in EXAMPLES.values() for _, secret in examples]
LINES = [shape.format(secret) for examples in EXAMPLES.values() for shape, secret in examples]


def files_with(token: str) -> dict[str, bytes | str]:
    """A repository with every secret, and with our own two credentials."""
    return {
        "README.md": "# Shop\n\nOld words.\n" + "\n" * 20 + f"curl -H 'x-api-key: {token}'\n",
        "planted.txt": "\n".join(LINES) + "\n",
        "settings.py": f'USER = "shop"\r\nOPTIONS = connect(password="{PASSWORD}", retry=1)\r\n',
        "src/ours.py": f'ANTHROPIC = "{DEMONSTRATION_KEY}"\nGITHUB = "{token}"\n',
    }


@dataclass
class Gossip:
    """A model that reads everything and repeats it wherever it can."""

    heard: dict[str, str] = field(default_factory=dict)

    def __call__(self, request: dict[str, Any]) -> Reply:
        told = json.dumps(request["messages"], ensure_ascii=False)
        repository = NEAR if f"name: {NEAR}" in told else OWN
        turn = len(request["messages"]) // 2
        self.heard[repository] = told
        return Reply([thinking(told[-4000:]), text(told[-4000:]), *self.acts(repository, turn)])

    def acts(self, repository: str, turn: int) -> list[dict[str, Any]]:
        reads = [
            tool_use("read_file", {"path": path})
            for path in ("README.md", "planted.txt", "settings.py", "src/ours.py")
        ]
        reads.append(tool_use("grep", {"pattern": "(?i)key|token|secret|password", "context": 3}))
        old, new = ("Old words.", "New words.") if repository == OWN else ("retry=1", "retry=2")
        path = "README.md" if repository == OWN else "settings.py"
        edit = [tool_use("edit_file", {"path": path, "old_string": old, "new_string": new})]
        said = self.heard[repository][-3000:]
        finish = tool_use(
            "finish",
            {
                "wereChangesNecessary": True,
                "title": said[-70:].replace("\n", " "),
                "summary": said,
                "verification": said[:1000],
                "confidence": "high",
                "followUps": [said[:200]],
            },
        )
        return [reads, edit, [finish]][min(turn, 2)]


SAMPLER = """
import json, os, pathlib, select, sys
words = json.loads(sys.stdin.readline())
print("ready", flush=True)
seen, found = set(), []
while not select.select([sys.stdin], [], [], 0)[0]:
    for process in pathlib.Path("/proc").iterdir():
        if not process.name.isdigit() or int(process.name) == os.getpid():
            continue
        try:
            arguments = (process / "cmdline").read_bytes()
            variables = (process / "environ").read_bytes()
        except OSError:
            continue
        parts = arguments.decode("utf-8", "replace").split("\\0")[:5]
        name = " ".join(os.path.basename(part) for part in parts)
        seen.add(name)
        for kind, secrets in words.items():
            for secret in secrets:
                if secret.encode() in arguments:
                    found.append(["arguments", kind, name])
                if secret.encode() in variables:
                    found.append(["variables", kind, name])
print(json.dumps({"seen": sorted(seen), "found": found}))
"""


@dataclass
class Aftermath:
    """Two jobs that have ended, and what was seen of processes meanwhile."""

    world: World
    jobs: dict[str, Job]
    secrets: dict[str, list[str]]
    processes: dict[str, Any]

    @property
    def every(self) -> list[str]:
        return [secret for secrets in self.secrets.values() for secret in secrets]

    def leaks(self, content: bytes | str) -> list[str]:
        data = content.encode() if isinstance(content, str) else content
        escaped = [json.dumps(secret)[1:-1] for secret in self.every]
        return [secret for secret in {*self.every, *escaped} if secret.encode() in data]


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    folder = tmp_path_factory.mktemp("gossip")
    with world(folder, {}, Gossip(), has_forks=False) as w:
        token = w.github.tokens["service"]
        secrets = {"planted": [*PLANTED, PASSWORD], "key": [DEMONSTRATION_KEY], "token": [token]}
        for name in (OWN, NEAR):
            w.github.add_repository(name, files=files_with(token), permissions={"service": "push"})
        sampler = subprocess.Popen(
            ["python3", "-c", SAMPLER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert sampler.stdin is not None
        assert sampler.stdout is not None
        sampler.stdin.write(json.dumps(secrets) + "\n")
        sampler.stdin.flush()
        assert sampler.stdout.readline() == "ready\n"

        created = w.submit(OWN, NEAR, publish="draft")
        jobs = {job.repository.full_name: job for job in w.wait(created)}

        sampled, _ = sampler.communicate("stop\n")
        yield Aftermath(w, jobs, secrets, json.loads(sampled))


def test_the_jobs_do_their_work_all_the_same(after: Aftermath) -> None:
    assert [job.state for job in after.jobs.values()] == [JobState.SUCCEEDED] * 2
    assert after.jobs[OWN].publication.kind is PublicationKind.PULL_REQUEST
    patch = after.world.app.jobs.patch(after.jobs[NEAR].id)
    assert f'-OPTIONS = connect(password="{PASSWORD}", retry=1)\r\n'.encode() in patch
    assert f'+OPTIONS = connect(password="{PASSWORD}", retry=2)\r\n'.encode() in patch


def test_a_change_of_a_line_with_a_secret_is_marked_and_waits_for_a_person(
    after: Aftermath,
) -> None:
    near = after.jobs[NEAR]

    assert near.patch is not None
    assert near.patch.redacts_secret
    assert near.publication.kind is PublicationKind.WITHHELD
    assert WithheldReason.GATE in near.publication.reasons


def test_no_request_to_the_model_holds_one(after: Aftermath) -> None:
    exchanges = after.world.model.exchanges
    asked = b"".join(exchange.body for exchange in exchanges)

    assert b"planted.txt" in asked
    assert sum(b"retry=" in exchange.body for exchange in exchanges) > 0
    assert after.leaks(asked) == []


def test_no_record_holds_one(after: Aftermath) -> None:
    database = sqlite3.connect(after.world.settings.home / "codybatch.db")
    dump = "\n".join(database.iterdump())
    database.close()

    assert after.jobs[OWN].id in dump
    assert after.leaks(dump) == []


def test_no_file_that_is_kept_holds_one_but_the_patch_of_that_line(after: Aftermath) -> None:
    holding = []
    count = 0
    for path in after.world.settings.home.rglob("*"):
        if path.is_file() and not path.name.startswith("codybatch.db"):
            count += 1
            if after.leaks(path.read_bytes()):
                holding.append(path.name)

    assert count > 10
    assert holding == ["change.patch~blob"]


def test_no_log_holds_one(after: Aftermath) -> None:
    logs = [path.read_bytes() for path in (after.world.settings.home / "logs").rglob("*.log")]

    assert any(logs)
    assert after.leaks(b"".join(logs)) == []


@pytest.mark.parametrize("name", [OWN, NEAR])
@pytest.mark.parametrize(
    "words",
    [
        ("jobs", "show", "{}"),
        ("jobs", "show", "{}", "--json"),
        ("jobs", "diff", "{}"),
        ("jobs", "thread", "{}"),
        ("jobs", "thread", "{}", "--json"),
        ("jobs", "events", "{}"),
        ("jobs", "events", "{}", "--json"),
        ("jobs", "cost", "{}"),
        ("jobs", "list", "--json"),
        ("requests", "show", "{request}", "--json"),
        ("requests", "list"),
        ("prompts", "list"),
        ("doctor", "--json"),
    ],
    ids=" ".join,
)
def test_no_command_shows_one(after: Aftermath, name: str, words: tuple[str, ...]) -> None:
    job = after.jobs[name]
    arguments = [word.format(job.id, request=job.request) for word in words]

    done = call(*arguments, environment=after.world.settings.as_environment())

    assert done.out
    assert after.leaks(done.out + done.err.encode()) == []


def test_no_export_holds_one(after: Aftermath, tmp_path: Path) -> None:
    job = after.jobs[OWN]
    done = call(
        *("export", job.request, "-o", str(tmp_path / "out"), "--thread-format", "all"),
        environment=after.world.settings.as_environment(),
    )

    assert done.status == 0, done.err
    for path in (tmp_path / "out").rglob("*"):
        assert not path.is_file() or after.leaks(path.read_bytes()) == [], path


def test_no_page_shows_one(after: Aftermath) -> None:
    app = after.world.app
    clean, now = app.net.clean, app.clock.now()
    for stored in after.jobs.values():
        job = app.jobs.find(stored.id)
        assert after.leaks(repr(job_heading(job, app.jobs.lineage(job), clean, now))) == []
        assert after.leaks(repr(job_result(app.jobs, clean, job))) == []
        if job.patch is not None:
            assert after.leaks(repr(shown_patch(app.jobs, job, clean))) == []
            diff = shown_diff(app.jobs.patch(job.id), clean)
            assert after.leaks(repr((diff.entries(), diff.first_bodies()))) == []
    assert after.leaks(repr(job_list(app.jobs, app.net.clean, app.clock.now()))) == []


def test_no_pull_request_holds_one(after: Aftermath) -> None:
    w = after.world
    (pull,) = w.github.pull_requests(OWN)
    commit = w.github.bare(OWN).git("cat-file", "commit", pull.head_oid).decode()

    assert after.leaks(f"{pull.title}\n{pull.body}\n{pull.head_ref}\n{commit}") == []
    for request in w.github.requests():
        assert after.leaks(f"{request.path}?{request.query}") == []


def test_no_process_is_given_one_that_it_has_no_need_of(after: Aftermath) -> None:
    """Ours are in the variables of those of our processes that use them, and in nobody's
    arguments; what a repository holds is in neither.
    """
    seen, found = after.processes["seen"], after.processes["found"]

    assert any("worker run" in name for name in seen)
    assert any("worker converse" in name for name in seen)
    assert [one for one in found if one[0] == "arguments"] == []
    assert [one for one in found if one[1] == "planted"] == []
    holders = {(kind, name) for _, kind, name in found if str(os.getpid()) not in name}
    assert {name for kind, name in holders if kind == "key" and "git" in name} == set()
    assert {name for kind, name in holders if kind == "token" and "git" in name} == set()
    assert {name for kind, name in holders if kind == "token" and "converse" in name} == set()
