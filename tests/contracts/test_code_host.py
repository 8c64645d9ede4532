"""GitHub keeps the contract of the code host."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.clock import SystemClock
from codybatch.github.code_host import GitHubCodeHost
from codybatch.github.write_gate import WriteGate
from codybatch.ports import CodeHost
from codybatch.standins.github import GitHubStandin
from tests.contracts.code_host_contract import CodeHostContract


class TestGitHub(CodeHostContract):
    @pytest.fixture
    def github(self, tmp_path: Path) -> Iterator[GitHubStandin]:
        with GitHubStandin(tmp_path) as running:
            for name, rights in (("acme/app", {"service": "push"}), ("upstream/app", {})):
                running.add_repository(
                    name, files={"a": "a needle\n"}, topics=("batch",), permissions=rights
                )
                bare = running.bare(name)
                bare.set_branch("work", bare.branches()["main"])
                bare.commit({"b": "b"}, "Work", "work")
            yield running

    @pytest.fixture
    def host(self, github: GitHubStandin) -> Iterator[CodeHost]:
        token = github.tokens["service"]
        gate = WriteGate(0.0)
        host = GitHubCodeHost(github.api_url, github.url, token, SystemClock(), gate)
        yield host
        host.close()

    @pytest.fixture
    def heads(self, github: GitHubStandin) -> dict[str, str]:
        return github.bare("acme/app").branches()
