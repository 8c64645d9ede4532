from __future__ import annotations

import os
from pathlib import Path

import pytest

from codybatch.domain.errors import GitFailed, RepositoryUnsupported, StoreFull
from codybatch.ports.code_host import GitAccess
from codybatch.standins.git import GitServer
from codybatch.workspace.askpass import install_askpass
from codybatch.workspace.git import Collected, Git, checked_url
from codybatch.workspace.processes import Bounds
from tests.workspace_kit import serve

SHOW = ("-c", "alias.variables=!env", "variables")


@pytest.fixture
def git(tmp_path: Path) -> Git:
    for part in ("git", "tree", "home"):
        (tmp_path / part).mkdir()
    install_askpass(tmp_path)
    Git(tmp_path / "git", None, tmp_path / "home").run("init", "-q", "--bare", "--template=")
    return Git(tmp_path / "git", tmp_path / "tree", tmp_path / "home")


def variables(output: bytes) -> dict[str, str]:
    lines = output.decode().splitlines()
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def test_git_sees_nothing_of_the_process_that_started_it(
    git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = ("ANTHROPIC_API_KEY", "GITHUB_TOKEN", "GIT_CONFIG_PARAMETERS", "GIT_SSH_COMMAND",
               "GIT_EXTERNAL_DIFF", "GIT_TRACE", "LD_PRELOAD_NOT", "XDG_CONFIG_HOME")  # fmt: skip
    for name in planted:
        monkeypatch.setenv(name, "planted")

    seen = variables(git.run(*SHOW))

    assert not [name for name, value in seen.items() if value == "planted"]
    assert seen["HOME"] == str(git.home)
    assert seen["GIT_DIR"] == str(git.git_dir)
    assert seen["GIT_WORK_TREE"] == str(git.work_tree)
    assert seen["GIT_CONFIG_NOSYSTEM"] == seen["GIT_ATTR_NOSYSTEM"] == "1"
    assert seen["GIT_CONFIG_GLOBAL"] == os.devnull
    assert seen["GIT_TERMINAL_PROMPT"] == "0"


def test_only_a_call_to_a_code_host_is_told_of_proxy_and_certificates(
    git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", "intranet")

    local = variables(git.run(*SHOW))
    remote = variables(git.run(*SHOW, access=GitAccess("https://host/acme/shop")))

    assert "https_proxy" not in local
    assert local["GIT_ALLOW_PROTOCOL"] == "none"
    assert remote["https_proxy"] == "http://proxy:3128"
    assert remote["no_proxy"] == "intranet,127.0.0.1,localhost,::1"
    assert remote["GIT_ALLOW_PROTOCOL"] == "https"


def test_the_token_is_in_no_variable_of_the_call(git: Git) -> None:
    access = GitAccess("https://host/acme/shop", token="t0ken")

    output = git.run(*SHOW, access=access)

    assert b"t0ken" not in output
    assert "GIT_ASKPASS" in variables(output)


@pytest.mark.parametrize("address", ["{folder}", "file://{folder}", "ext::sh -c touch% {folder}/x"])
@pytest.mark.parametrize("access", [None, GitAccess("http://host/x", allow_http=True)])
def test_no_transport_but_http_is_spoken(
    git: Git, tmp_path: Path, address: str, access: GitAccess | None
) -> None:
    folder = str(tmp_path / "git")

    with pytest.raises(GitFailed, match="not allowed"):
        git.run("ls-remote", "--", address.format(folder=folder), access=access)

    assert not (tmp_path / "git" / "x").exists()


def test_without_an_access_no_address_is_reached(git: Git, server: GitServer) -> None:
    with pytest.raises(GitFailed, match="not allowed"):
        git.run("ls-remote", "--", server.clone_url("acme/shop"))

    assert server.journal.requests() == []


def test_http_needs_to_be_allowed(git: Git, server: GitServer) -> None:
    with pytest.raises(GitFailed, match="'http' not allowed"):
        git.run("ls-remote", "--", server.clone_url("a/b"), access=GitAccess("https://host/a/b"))


def test_configuration_of_the_git_directory_opens_no_door(git: Git, tmp_path: Path) -> None:
    assert git.work_tree is not None
    ran = tmp_path / "ran"
    (git.work_tree / "a.txt").write_text("a")
    hooks = git.git_dir / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "reference-transaction", "pre-commit"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {ran}\n")
        (hooks / name).chmod(0o755)
    with (git.git_dir / "config").open("a") as config:
        config.write(f'[core]\n\tfsmonitor = "touch {ran};"\n\thooksPath = {hooks}\n')

    git.run("add", "--all", "--", ".")
    git.run("status")

    assert not ran.exists()


def test_a_failure_says_what_git_said_without_the_credential(git: Git) -> None:
    access = GitAccess("https://host/x", token="t0ken")
    script = "echo noise >&2; echo 'fatal: https://u:pw@host t0ken' >&2; exit 7"

    with pytest.raises(GitFailed) as raised:
        git.run("-c", f"alias.fail=!{script}", "fail", access=access)

    assert raised.value.status == 7
    assert "fatal: https://[credential]@host [credential]" in raised.value.message
    assert raised.value.said.startswith("noise")
    assert "t0ken" not in raised.value.said + str(raised.value)
    assert "pw@" not in raised.value.said + str(raised.value)


def test_a_full_disk_is_told_from_other_failures(git: Git) -> None:
    full = "alias.write-it=!echo fatal: index.lock write error. Out of diskspace >&2; exit 128; :"

    with pytest.raises(StoreFull):
        git.run("-c", full, "write-it")


def test_a_status_can_be_an_answer(git: Git) -> None:
    assert git.run("config", "--get", "no.such", accept={0, 1}) == b""


def test_another_index_can_be_used(git: Git, tmp_path: Path) -> None:
    assert git.work_tree is not None
    (git.work_tree / "a.txt").write_text("a")

    git.run("add", "--", "a.txt", index=tmp_path / "other")

    assert git.run("ls-files", index=tmp_path / "other") == b"a.txt\n"
    assert git.run("ls-files") == b""


def test_a_path_is_never_taken_for_a_pattern(git: Git) -> None:
    assert git.work_tree is not None
    for name in ("a.txt", "*.txt"):
        (git.work_tree / name).write_text("a")

    git.run("add", "--all", "--", ".")

    assert git.run("ls-files", "--", "*.txt") == b"*.txt\n"
    assert git.run("ls-files", "--", ":(glob)*.txt") == b""


def test_no_object_is_replaced_by_another(git: Git) -> None:
    good, evil = (
        git.run("hash-object", "-w", "--stdin", given=text).decode().strip()
        for text in (b"good", b"evil")
    )
    git.run("update-ref", f"refs/replace/{good}", evil)

    assert git.run("cat-file", "blob", good) == b"good"


def test_output_without_end_is_cut_off() -> None:
    output = Collected(10, "diff")
    output.add(b"12345")
    output.add(b"67890")

    with pytest.raises(GitFailed, match="git diff printed more than 10 bytes"):
        output.add(b"1")

    assert output.content() == b"1234567890"


def test_time_is_bounded(git: Git) -> None:
    with pytest.raises(GitFailed, match="did not finish"):
        git.run("-c", "alias.wait=!sleep 600", "wait", bounds=Bounds(seconds=0.3))


@pytest.mark.parametrize(
    "url",
    [
        "http://host/acme/shop",
        "git://host/acme/shop",
        "ssh://host/acme/shop",
        "ext::sh -c true",
        "/etc",
        "-u",
        "--upload-pack=x",
        "https:///acme/shop",
        "https://user@host/acme/shop",
        "https://user:pw@host/acme/shop",
        "https://host/acme shop",
        "https://host/acme\nshop",
        "",
    ],
)
def test_an_address_that_is_not_plain_https_is_refused(url: str) -> None:
    with pytest.raises(RepositoryUnsupported) as raised:
        checked_url(GitAccess(url))

    assert "pw" not in raised.value.message


def test_plain_addresses_are_taken() -> None:
    https = GitAccess("https://host:8443/acme/shop.git")
    http = GitAccess("http://127.0.0.1:80/acme/shop.git", allow_http=True)

    assert checked_url(https) == https.url
    assert checked_url(http) == http.url


def test_tokens_are_given_over_real_http(git: Git, server: GitServer, tmp_path: Path) -> None:
    origin = serve(server, tmp_path, {"a.txt": "a\n"})

    listed = git.run("ls-remote", "--", origin.access.url, access=origin.access)

    assert listed.decode().split()[0] == origin.head
