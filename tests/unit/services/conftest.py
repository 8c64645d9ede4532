from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from codybatch.standins.github import GitHubStandin
from codybatch.stores.embedded import EmbeddedStore
from tests.unit.services.publishing import Staging, stage


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHubStandin]:
    with GitHubStandin(tmp_path_factory.mktemp("github")) as running:
        yield running


@pytest.fixture
def staged(github: GitHubStandin, tmp_path: Path) -> Iterator[Staging]:
    """Makes a repository, a job and its patch."""
    store = EmbeddedStore(tmp_path / "home")
    yield partial(stage, github, store.records, tmp_path)
    github.faults.clear()
    store.close()
