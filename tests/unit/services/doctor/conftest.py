from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.repositories import AllowList
from codybatch.services.doctor import Patient
from codybatch.standins.github import GitHubStandin
from codybatch.stores.embedded import EmbeddedStore
from tests.unit.github.kit import WatchedClock, code_host

MakePatient = Callable[..., Patient]


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHubStandin]:
    with GitHubStandin(tmp_path_factory.mktemp("github")) as running:
        running.add_repository("acme/app", files={"a.py": "1\n"}, permissions={"service": "push"})
        running.add_repository("acme/lib", files={"a.py": "1\n"})
        running.add_repository("acme/old", files={"a.py": "1\n"}, archived=True)
        running.add_user("dana")
        yield running


@pytest.fixture
def patient(github: GitHubStandin, tmp_path: Path) -> Iterator[MakePatient]:
    """Makes a patient over a store of its own and the stand-in; fields can be given."""
    store = EmbeddedStore(tmp_path)
    clock = WatchedClock()

    def make(token: str | None = "service", allowed: str = "acme/*", **changes: Any) -> Patient:
        def no_model() -> Any:
            raise AssertionError("the model is not asked here")

        return Patient(
            **{
                "records": store.records,
                "clock": clock,
                "home": tmp_path,
                "database": store.database_path,
                "allowed": AllowList.parse(allowed),
                "has_model_key": False,
                "model_credential": "ANTHROPIC_API_KEY:0123abcd",
                "has_code_host_credential": token is not None,
                "code_host_credential": "GITHUB_TOKEN:4567cdef",
                "model_name": "claude",
                "model": no_model,
                "code_host": lambda: code_host(github, token, clock),
                "is_demonstration": False,
                "has_caps": True,
                "unknown_variables": {},
                "time_elsewhere": clock.now,
                "dispatcher": lambda: None,
                **changes,
            }
        )

    yield make
    github.faults.clear()
    store.close()
