from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from codybatch.standins.github import GitHubStandin
from codybatch.stores.embedded import EmbeddedStore
from tests.unit.services.publishing import Staging, stage
from tests.unit.services.republishing import Ended, Ending, end


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHubStandin]:
    with GitHubStandin(tmp_path_factory.mktemp("github")) as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore(tmp_path / "home")
    yield store
    store.close()


@pytest.fixture
def staged(github: GitHubStandin, store: EmbeddedStore, tmp_path: Path) -> Iterator[Staging]:
    """Makes a repository, a job and its patch."""
    yield partial(stage, github, store.records, tmp_path)
    github.faults.clear()


@pytest.fixture
def ended(staged: Staging, store: EmbeddedStore) -> Ending:
    """Makes a repository and a job that has ended with a patch."""

    def make(facts: Mapping[str, Any] | None = None, **ending: Any) -> Ended:
        return end(staged(**(facts or {})), store.blobs, **ending)

    return make
