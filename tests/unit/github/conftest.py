from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.github.code_host import GitHubCodeHost
from codybatch.standins.github import GitHubStandin
from tests.unit.github.kit import WatchedClock, code_host


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubStandin]:
    with GitHubStandin(tmp_path / "github") as running:
        running.add_repository("acme/app", files={"a.txt": "a\n"}, permissions={"service": "push"})
        running.journal.clear()
        yield running


@pytest.fixture
def clock() -> WatchedClock:
    return WatchedClock()


@pytest.fixture
def host(github: GitHubStandin, clock: WatchedClock) -> Iterator[GitHubCodeHost]:
    made = code_host(github, clock=clock)
    yield made
    made.close()
