"""Requests: a rehearsal that is released, a cap that is raised."""

from pathlib import Path

import pytest

from codybatch.domain.errors import BudgetRefused, NothingHeld
from codybatch.domain.states import JobState, WaitingReason
from tests.worker.world import CLEAN, CLOCKS, world


def test_a_rehearsal_runs_its_first_job_and_holds_the_others_until_released(
    tmp_path: Path,
) -> None:
    with world(tmp_path, {"acme/clocks": CLOCKS, "acme/clean": CLEAN}) as w:
        created = w.submit("acme/clocks", "acme/clean", rehearse=True)
        first, held = w.wait(created)

        assert first.state is JobState.SUCCEEDED
        assert held.waiting
        assert held.waiting.reason is WaitingReason.HELD
        assert held.attempts == 0

        w.app.requests.release(created.request.id, w.app.person)
        _, released = w.wait(created)

        assert released.state is JobState.SUCCEEDED
        with pytest.raises(NothingHeld):
            w.app.requests.release(created.request.id, w.app.person)


def test_a_raised_cap_lets_a_waiting_job_go_on(tmp_path: Path) -> None:
    with world(tmp_path, {"acme/clocks": CLOCKS}) as w:
        created = w.submit("acme/clocks", request_cost_cap_usd="0.001")
        (job,) = w.wait(created)
        assert job.waiting
        assert job.waiting.reason is WaitingReason.REQUEST_BUDGET
        assert job.cost_usd == 0

        w.app.requests.raise_budget(created.request.id, None)
        (job,) = w.wait(created)

        assert job.state is JobState.SUCCEEDED
        with pytest.raises(BudgetRefused):
            w.app.requests.raise_budget(created.request.id, job.cost_usd / 2)


def test_a_request_that_came_again_goes_on_where_its_first_submitter_died_half_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world(tmp_path, {"acme/clean": CLEAN}) as w:
        monkeypatch.setattr(w.app.engine, "ensure_dispatcher", lambda: None)
        first = w.submit("acme/clean", key="again")
        assert w.app.local_engine.status() is None
        monkeypatch.undo()

        second = w.submit("acme/clean", key="again")

        assert second.request.id == first.request.id
        assert w.app.local_engine.status() is not None
        assert w.wait(second)[0].state is JobState.SUCCEEDED
