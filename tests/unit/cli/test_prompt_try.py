"""``codybatch prompts try``: one repository, a small cap, nothing published, the outcome shown."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from codybatch.domain.publication import PublicationKind
from tests.cli_kit import Call, run
from tests.worker.world import CLOCKS, UTCNOW, World, world


@pytest.fixture(scope="module")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("open"), {"acme/clocks": CLOCKS}, publish="draft") as w:
        yield w


def tried(w: World, *arguments: str) -> Call:
    return run(
        *("prompts", "try", "--prompt-file", "-", "-r", "acme/clocks", *arguments),
        environment=w.settings.as_environment(),
        stdin=UTCNOW.encode(),
    )


def test_the_outcome_and_the_diff_are_shown_and_nothing_is_published(open_world: World) -> None:
    done = tried(open_world)

    assert done.status == 0, done.err
    assert "succeeded. " in done.text
    assert "-    return datetime.utcnow()\n" in done.text
    assert "+    return datetime.now(timezone.utc)\n" in done.text
    assert "codybatch jobs rate" in done.err
    (request,) = open_world.app.requests.list().items
    assert request.budget.cap_usd == Decimal("0.50")
    assert request.options.job_cost_cap_usd == Decimal("0.50")
    (job,) = open_world.app.requests.jobs_of(request.id)
    assert job.publication.kind is PublicationKind.NONE


def test_what_costs_more_than_the_cap_ends_there_and_is_shown_all_the_same(
    open_world: World,
) -> None:
    done = tried(open_world, "--cap-usd", "0.01", "--json")

    assert done.status == 1
    (job,) = done.json["jobs"]
    assert done.json["budget"]["capUsd"] == "0.01"
    assert (job["state"], job["endedBecause"]) == ("partial", "job_cost_limit")
    assert Decimal(job["costUsd"]) <= Decimal("0.01")


def test_what_is_wrong_is_said_before_anything_is_stored(open_world: World) -> None:
    before = len(open_world.app.requests.list().items)

    nothing = tried(open_world, "--cap-usd", "0")
    other = run(
        *("prompts", "try", "nowhere", "-r", "acme/clocks"),
        environment=open_world.settings.as_environment(),
    )

    assert nothing.status == other.status == 2
    assert "--max-cost" not in nothing.sentence
    assert "--cap-usd takes US dollars above 0" in nothing.sentence
    assert "nowhere" in other.sentence
    assert len(open_world.app.requests.list().items) == before
