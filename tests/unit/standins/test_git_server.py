"""Real git clients against git smart HTTP."""

from __future__ import annotations

import gzip
import os
import subprocess
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from git import Git, Repo

from codybatch.standins.git import Fault, Files, FixtureFile, GitServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    with GitServer(tmp_path / "served") as running:
        yield running


def git(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", "-c", "user.name=T", "-c", "user.email=t@example.com", *arguments],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def with_token(server: GitServer, full_name: str, token: str) -> str:
    return server.clone_url(full_name).replace("http://", f"http://x-access-token:{token}@")


def cloned(server: GitServer, tmp_path: Path, full_name: str = "acme/app") -> Path:
    Repo.clone_from(server.clone_url(full_name), tmp_path / "work")
    return tmp_path / "work"


def commit(work: Path, name: str, content: bytes) -> str:
    (work / name).write_bytes(content)
    git(work, "add", "--", name)
    git(work, "commit", "-qm", f"Add {name}")
    return git(work, "rev-parse", "HEAD").stdout.strip()


def test_anyone_clones_a_public_repository_byte_for_byte(server: GitServer, tmp_path: Path) -> None:
    files: Files = {
        "README.md": "hello\n",
        "data/table.csv": b"a,b\r\n1,2\r\n",
        "bin/run": FixtureFile(b"#!/bin/sh\n", "100755"),
        "link": FixtureFile(b"README.md", "120000"),
        'odd "name"\\.txt': "odd\n",
    }
    server.add_repository("acme/app", files)

    work = cloned(server, tmp_path)

    assert (work / "data/table.csv").read_bytes() == b"a,b\r\n1,2\r\n"
    assert os.access(work / "bin/run", os.X_OK)
    assert (work / "link").readlink() == Path("README.md")
    assert (work / 'odd "name"\\.txt').read_text() == "odd\n"


def test_the_same_files_give_the_same_commit(server: GitServer) -> None:
    one = server.add_repository("acme/one", {"a.txt": "a"})
    two = server.add_repository("acme/two", {"a.txt": "a"})

    assert one.branches() == two.branches()


def test_protocol_version_two_is_spoken(server: GitServer, tmp_path: Path) -> None:
    server.add_repository("acme/app", {"a.txt": "a"})

    traced = git(
        tmp_path, "ls-remote", server.clone_url("acme/app"), GIT_TRACE_PACKET=str(tmp_path / "t")
    )

    assert traced.returncode == 0
    assert "version 2" in (tmp_path / "t").read_text()


def test_an_empty_repository_has_no_refs(server: GitServer, tmp_path: Path) -> None:
    server.add_repository("acme/empty")

    listed = git(tmp_path, "ls-remote", "--exit-code", server.clone_url("acme/empty"))

    assert listed.returncode == 2


def test_an_old_commit_is_fetched_shallowly(server: GitServer, tmp_path: Path) -> None:
    repository = server.add_repository("acme/app", {"a.txt": "one"})
    old = repository.branch("main")
    assert old is not None
    repository.commit({"a.txt": "two"})
    git(tmp_path, "init", "-q")

    Git(tmp_path).execute(["git", "fetch", "--depth=1", server.clone_url("acme/app"), old])

    shown = git(tmp_path, "show", f"{old}:a.txt").stdout
    counted = git(tmp_path, "rev-list", "--count", old).stdout.strip()
    assert (shown, counted) == ("one", "1")


def test_a_token_with_permission_pushes_what_exceeds_gits_buffer(
    server: GitServer, tmp_path: Path
) -> None:
    repository = server.add_repository("acme/app", {"a.txt": "a"})
    work = cloned(server, tmp_path)
    # Above http.postBuffer git sends chunks of unknown total length.
    head = commit(work, "large.bin", os.urandom(3_000_000))

    url = with_token(server, "acme/app", server.add_token(["acme/app"]))
    pushed = git(work, "push", url, "HEAD:refs/heads/feature")

    assert pushed.returncode == 0, pushed.stderr
    assert repository.branch("feature") == head


def test_a_lease_protects_a_branch_that_moved(server: GitServer, tmp_path: Path) -> None:
    repository = server.add_repository("acme/app", {"a.txt": "a"})
    work = cloned(server, tmp_path)
    moved = repository.commit({"b.txt": "b"}, branch="feature")
    commit(work, "c.txt", b"c")
    url = with_token(server, "acme/app", server.add_token(["acme/app"]))

    refused = git(work, "push", "--force-with-lease=feature:", url, "HEAD:refs/heads/feature")
    allowed = git(
        work, "push", f"--force-with-lease=feature:{moved}", url, "HEAD:refs/heads/feature"
    )

    assert refused.returncode != 0
    assert "stale info" in refused.stderr
    assert allowed.returncode == 0


@pytest.mark.parametrize(
    ("token", "message"),
    [
        ("", "could not read Username"),
        ("unknown", "Authentication failed"),
        ("elsewhere", "Permission to acme/app denied"),
    ],
)
def test_a_push_without_permission_is_refused(
    server: GitServer, tmp_path: Path, token: str, message: str
) -> None:
    repository = server.add_repository("acme/app", {"a.txt": "a"})
    before = repository.branches()
    work = cloned(server, tmp_path)
    commit(work, "b.txt", b"b")
    if token == "elsewhere":
        token = server.add_token(["acme/other"])
    url = with_token(server, "acme/app", token) if token else server.clone_url("acme/app")

    pushed = git(work, "push", url, "HEAD:refs/heads/feature")

    assert pushed.returncode != 0
    assert message in pushed.stderr
    assert repository.branches() == before


def test_a_private_repository_asks_for_a_token_and_hides_from_strangers(server: GitServer) -> None:
    server.add_repository("acme/secret", {"a.txt": "a"}, private=True)

    assert refs_status(server, "acme/secret", None) == 401
    assert refs_status(server, "acme/secret", server.add_token([])) == 404
    assert refs_status(server, "acme/secret", server.add_token(["acme/secret"])) == 200


def test_a_missing_repository_is_told_to_those_who_have_a_token(server: GitServer) -> None:
    assert refs_status(server, "acme/missing", None) == 401
    assert refs_status(server, "acme/missing", server.add_token([])) == 404


def refs_status(server: GitServer, full_name: str, token: str | None) -> int:
    request = urllib.request.Request(
        f"{server.clone_url(full_name)}/info/refs?service=git-upload-pack"
    )
    if token is not None:
        request.add_header("Authorization", "Basic " + b64encode(f"x:{token}".encode()).decode())
    try:
        with urllib.request.urlopen(request) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_a_compressed_request_body_is_understood(server: GitServer) -> None:
    repository = server.add_repository("acme/app", {"a.txt": "a"})
    want = f"0032want {repository.branch('main')}\n00000009done\n".encode()
    request = urllib.request.Request(
        f"{server.clone_url('acme/app')}/git-upload-pack",
        data=gzip.compress(want),
        headers={
            "Content-Type": "application/x-git-upload-pack-request",
            "Content-Encoding": "gzip",
        },
    )

    with urllib.request.urlopen(request) as answer:
        assert b"PACK" in answer.read()


def test_a_cut_in_the_middle_of_a_pack_fails_the_clone(server: GitServer, tmp_path: Path) -> None:
    server.add_repository("acme/app", {"a.bin": os.urandom(400_000)})
    server.faults.add(
        Fault(route="POST /acme/app.git/git-upload-pack", kind="cut", after_bytes=150_000, skip=1)
    )

    failed = git(tmp_path, "clone", "-q", server.clone_url("acme/app"), "one")
    worked = git(tmp_path, "clone", "-q", server.clone_url("acme/app"), "two")

    assert failed.returncode != 0
    assert worked.returncode == 0


def test_a_push_can_succeed_although_the_client_saw_a_cut(
    server: GitServer, tmp_path: Path
) -> None:
    repository = server.add_repository("acme/app", {"a.txt": "a"})
    work = cloned(server, tmp_path)
    head = commit(work, "b.txt", b"b")
    url = with_token(server, "acme/app", server.add_token(["acme/app"]))
    server.faults.add(
        Fault(
            route="POST /acme/app.git/git-receive-pack",
            kind="cut",
            after_acting=True,
            after_bytes=1,
        )
    )

    pushed = git(work, "push", url, "HEAD:refs/heads/feature")

    assert pushed.returncode != 0
    assert repository.branch("feature") == head


def test_a_cut_before_acting_leaves_the_branches_alone(server: GitServer, tmp_path: Path) -> None:
    repository = server.add_repository("acme/app", {"a.txt": "a"})
    before = repository.branches()
    work = cloned(server, tmp_path)
    commit(work, "b.txt", b"b")
    url = with_token(server, "acme/app", server.add_token(["acme/app"]))
    # git's HTTP library sends once more when a connection in use breaks before the first byte.
    server.faults.add(Fault(route="POST /acme/app.git/git-receive-pack", kind="cut", times=2))

    pushed = git(work, "push", url, "HEAD:refs/heads/feature")

    assert pushed.returncode != 0
    assert repository.branches() == before


def test_a_stall_trips_gits_low_speed_limit(server: GitServer, tmp_path: Path) -> None:
    server.add_repository("acme/app", {"a.txt": "a"})
    server.faults.add(Fault(route="* /acme/app.git/*", kind="stall"))

    stalled = git(
        tmp_path,
        *("-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=1"),
        *("ls-remote", server.clone_url("acme/app")),
    )

    assert stalled.returncode != 0
    assert "Operation too slow" in stalled.stderr


def test_every_request_is_recorded_with_its_status(server: GitServer, tmp_path: Path) -> None:
    server.add_repository("acme/app", {"a.txt": "a"})

    cloned(server, tmp_path)

    recorded = [(entry.method, entry.path, entry.status) for entry in server.journal.requests()]
    assert recorded == [
        ("GET", "/acme/app.git/info/refs", 200),
        ("POST", "/acme/app.git/git-upload-pack", 200),
        ("POST", "/acme/app.git/git-upload-pack", 200),
    ]
