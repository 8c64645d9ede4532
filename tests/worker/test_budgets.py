"""The caps of a request and of a day hold while jobs run: they wait, are raised, and go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from codybatch.composition import application
from codybatch.domain.errors import BudgetRefused
from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState, WaitingReason
from codybatch.standins.anthropic import Reply, text, tool_use
from tests.worker.crashing.world import CALLS, SMALL, TURNS
from tests.worker.world import World, world

WORDY = "I think about it at length. " * 1800
"""About 12,600 tokens: each turn costs about a fifth of a dollar."""
CAP = Decimal("0.60")
"""Enough for two turns (about $0.13 and $0.16), too little for what a third could cost ($0.39)."""


def wordy_model(request: dict[str, Any]) -> Reply:
    """Does its task in a few turns, and talks a lot."""
    name, arguments = CALLS[len(request["messages"]) // 2]
    return Reply([text(WORDY), tool_use(name, arguments)])


@contextmanager
def wordy_world(folder: Path, *names: str, **settings: Any) -> Iterator[World]:
    repositories = {f"acme/{name}": SMALL for name in names}
    with world(folder, repositories, wordy_model, **settings) as opened:
        yield opened


def bill(w: World) -> Decimal:
    """What the model's service would ask for, by our price table."""
    model, now = w.app.clients.model(), datetime.now(UTC)
    name = w.settings.model
    return sum(
        (model.charge(name, {"usage": e.usage}, now)[1] for e in w.model.requests), Decimal()
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Decimal]:
    """The patch and the cost of a job that no cap stops."""
    with wordy_world(tmp_path_factory.mktemp("undisturbed"), "one") as w:
        (job,) = w.wait(w.submit("acme/one", job_cost_cap_usd=None))
        assert job.state is JobState.SUCCEEDED
        return w.app.jobs.patch(job.id), job.cost_usd


def has_gone_on(w: World, job: Job, undisturbed: tuple[bytes, Decimal]) -> None:
    """Check that a job came to the same end as if nothing had stopped it, at the same price."""
    ended = w.wait_for(job.id)
    assert ended.state is JobState.SUCCEEDED, ended.ended_detail
    patch, cost = undisturbed
    assert w.app.jobs.patch(job.id) == patch
    assert ended.cost_usd == pytest.approx(cost, rel=Decimal("0.02"))
    assert ended.uncertain_cost_usd == 0
    assert len(w.model.requests) == TURNS


def test_a_request_that_reaches_its_cap_waits_and_goes_on_when_it_is_raised(
    tmp_path: Path, undisturbed: tuple[bytes, Decimal]
) -> None:
    with wordy_world(tmp_path, "one") as w:
        created = w.submit("acme/one", request_cost_cap_usd=CAP, job_cost_cap_usd=None)
        (job,) = w.wait(created)

        assert job.waiting is not None
        assert job.waiting.reason is WaitingReason.REQUEST_BUDGET
        assert 0 < len(w.model.requests) < TURNS
        assert 0 < job.cost_usd == bill(w) <= CAP
        request = w.app.requests.find(created.request.id)
        assert request.budget.spent_usd == job.cost_usd
        assert request.budget.reserved_usd == 0
        with pytest.raises(BudgetRefused, match="the cap cannot be lower"):
            w.app.requests.raise_budget(request.id, job.cost_usd / 2)

        w.app.requests.raise_budget(request.id, Decimal(5))

        has_gone_on(w, job, undisturbed)


def test_a_day_that_reaches_its_cap_waits_until_tomorrow_or_until_the_cap_is_raised(
    tmp_path: Path, undisturbed: tuple[bytes, Decimal]
) -> None:
    with wordy_world(tmp_path, "one", daily_cost_cap_usd=CAP) as w:
        created = w.submit("acme/one", request_cost_cap_usd=None, job_cost_cap_usd=None)
        job = wait_until_waiting(w, created.jobs[0])

        assert job.waiting is not None
        assert job.waiting.reason is WaitingReason.DAILY_BUDGET
        tomorrow = datetime.combine(
            datetime.now(UTC).date() + timedelta(days=1), datetime.min.time()
        )
        assert job.waiting.until == tomorrow.replace(tzinfo=UTC)
        assert 0 < bill(w) <= CAP

        raised = application(w.settings.model_copy(update={"daily_cost_cap_usd": Decimal(5)}))
        try:
            raised.take_over()
            has_gone_on(w, job, undisturbed)
        finally:
            raised.local_engine.stop()
            raised.close()


def wait_until_waiting(w: World, job: Job) -> Job:
    """A job as soon as it waits for a cap; those that wait for a moment go on by themselves."""
    for (found,) in w.app.jobs.follow([job.id], every_seconds=0.05):
        if found.waiting and found.waiting.reason is not WaitingReason.THROTTLED:
            return found
    raise AssertionError(f"{job.id} ended")


def test_jobs_that_race_for_the_last_dollar_never_pass_the_cap_together(tmp_path: Path) -> None:
    names = ("one", "two")
    cap = Decimal("0.65")  # two turns of one job, and one of the other
    with wordy_world(tmp_path, *names, max_parallel_jobs=2) as w:
        created = w.submit(
            *(f"acme/{name}" for name in names), request_cost_cap_usd=cap, job_cost_cap_usd=None
        )
        jobs = [wait_until_waiting_or_ended(w, job) for job in created.jobs]

        assert all(job.waiting for job in jobs)
        spent = w.app.requests.find(created.request.id).budget.spent_usd
        assert spent == sum(w.app.jobs.find(job.id).cost_usd for job in jobs) == bill(w) <= cap

        w.app.requests.raise_budget(created.request.id, None)
        ended = w.wait(created)

        assert [job.state for job in ended] == [JobState.SUCCEEDED] * 2
        assert len(w.model.requests) == 2 * TURNS
        budget = w.app.requests.find(created.request.id).budget
        assert budget.spent_usd == bill(w)
        assert budget.reserved_usd == 0


def wait_until_waiting_or_ended(w: World, job: Job) -> Job:
    for (found,) in w.app.jobs.follow([job.id], every_seconds=0.05):
        if found.waiting and found.waiting.reason is WaitingReason.REQUEST_BUDGET:
            return found
    return w.app.jobs.find(job.id)
