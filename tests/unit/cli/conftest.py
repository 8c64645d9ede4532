"""A world with a request that has ended, made once for all tests that only look at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.cli_kit import Call, call, run
from tests.worker.world import CLEAN, CLOCKS, UTCNOW, World, world

REPOSITORIES = {"acme/clocks": CLOCKS, "acme/clean": CLEAN, "upstream/clocks": CLOCKS}


@dataclass(frozen=True)
class Finished:
    """A world, the call that submitted its one request and waited, and the request's JSON."""

    world: World
    submitted: Call
    request: Any

    def call(self, *arguments: str, stdin: bytes = b"", **environment: str | None) -> Call:
        """Run one command in this world."""
        settings = {**self.world.settings.as_environment(), **environment}
        return call(*arguments, environment=settings, stdin=stdin)

    def job(self, repository: str) -> Any:
        """The JSON of the job of a repository."""
        (found,) = [job for job in self.request["jobs"] if job["repository"] == repository]
        return found


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finished]:
    folder = tmp_path_factory.mktemp("world")
    prompt = folder / "Replace utcnow().md"
    prompt.write_text(UTCNOW)
    named = [part for name in REPOSITORIES for part in ("-r", name)]
    with world(folder, REPOSITORIES) as w:
        submitted = run(
            *("submit", "--prompt-file", str(prompt), *named, "--publish", "draft"),
            *("--idempotency-key", "nightly", "--wait", "--json"),
            environment=w.settings.as_environment(),
        )
        assert submitted.status == 0, submitted.err
        yield Finished(w, submitted, submitted.json)
