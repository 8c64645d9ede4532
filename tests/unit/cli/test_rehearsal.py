"""A rehearsal through the command line: one first, the rest held, then released or cancelled."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli_kit import Call, run
from tests.worker.world import CLEAN, UTCNOW, World, world

NAMES = ("acme/first", "acme/second", "acme/third")


@pytest.fixture(scope="module")
def w(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("world"), dict.fromkeys(NAMES, CLEAN)) as opened:
        yield opened


def ours(w: World, *arguments: str, stdin: bytes = b"") -> Call:
    return run(*arguments, environment=w.settings.as_environment(), stdin=stdin)


def rehearse(w: World) -> tuple[str, Call]:
    named = [part for name in NAMES for part in ("-r", name)]
    done = ours(
        w,
        *("submit", "--prompt-file", "-", *named, "--rehearse", "--wait", "--json"),
        stdin=UTCNOW.encode(),
    )
    return done.json["id"], done


def states(w: World, request: str) -> list[str]:
    shown = ours(w, "requests", "show", request, "--json").json
    return [job["state"] for job in shown["jobs"]]


def test_one_runs_the_rest_is_held_and_a_release_lets_it_run(w: World) -> None:
    request, submitted = rehearse(w)
    assert submitted.status == 1
    assert states(w, request) == ["succeeded", "waiting", "waiting"]
    assert "codybatch requests release" in submitted.err

    released = ours(w, "requests", "release", request, "--json")
    jobs = [job["id"] for job in released.json["jobs"]]
    waited = ours(w, "jobs", "wait", *jobs, "--json")

    assert (released.status, waited.status) == (0, 0), (released.err, waited.err)
    assert released.json["releasedAt"] is not None
    assert states(w, request) == ["succeeded"] * 3
    assert "Released by dana." in ours(w, "jobs", "events", jobs[1]).text
    assert ours(w, "requests", "release", request).status == 2


def test_what_is_held_can_be_cancelled_and_is_then_not_released(w: World) -> None:
    request, _ = rehearse(w)

    cancelled = ours(w, "requests", "cancel", request, "--json")
    released = ours(w, "requests", "release", request)

    assert cancelled.status == 0
    assert states(w, request) == ["succeeded", "cancelled", "cancelled"]
    assert released.status == 2
    assert "No job of the request" in released.sentence


def test_one_of_the_held_jobs_may_be_cancelled_alone(w: World) -> None:
    request, submitted = rehearse(w)
    ours(w, "jobs", "cancel", submitted.json["jobs"][1]["id"])

    released = ours(w, "requests", "release", request, "--json").json
    ours(w, "jobs", "wait", *[job["id"] for job in released["jobs"]])

    assert states(w, request) == ["succeeded", "cancelled", "succeeded"]
