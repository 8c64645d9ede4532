"""A world behind the HTTP API, with one request that has ended, for tests that look at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from codybatch.api_settings import Scope
from tests.api_kit import Client, Reply, a_token, serving, tokens_for
from tests.worker.world import CLEAN, CLOCKS, UTCNOW, World, world

REPOSITORIES = {"acme/clocks": CLOCKS, "acme/clean": CLEAN, "upstream/clocks": CLOCKS}
HOLDERS = {
    "ann": (Scope.READ, Scope.SUBMIT, Scope.PUBLISH),
    "sue": (Scope.READ, Scope.SUBMIT),
    "judy": (Scope.READ, Scope.JUDGE),
    "pat": (Scope.PUBLISH,),
    "root": (Scope.ADMIN,),
}


@dataclass(frozen=True)
class Served:
    """A world, its API, and the request that was submitted over it and has ended."""

    world: World
    client: Client
    submitted: Reply
    request: Any

    def of(self, name: str) -> Client:
        """A client with somebody's token."""
        return self.client.as_(a_token(name, *HOLDERS[name]))

    def job(self, repository: str) -> Any:
        """The JSON of the request's job in a repository."""
        (found,) = [job for job in self.request["jobs"] if job["repository"] == repository]
        return found


SUBMISSION = {
    "prompt": {"name": "utcnow", "template": UTCNOW},
    "repositories": list(REPOSITORIES),
    "options": {"publish": "draft"},
}


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with (
        world(tmp_path_factory.mktemp("api"), REPOSITORIES) as w,
        serving(w.app, tokens=tokens_for(**HOLDERS)) as client,
    ):
        ann = client.as_(a_token("ann", *HOLDERS["ann"]))
        submitted = ann.post("/v1/requests", SUBMISSION, idempotency_key="first")
        assert submitted.status == 201, submitted.body
        for job in submitted.json["jobs"]:
            w.wait_for(job["id"])
        ended = ann.get(f"/v1/requests/{submitted.json['id']}").json
        yield Served(w, client, submitted, ended)
