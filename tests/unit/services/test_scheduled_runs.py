"""The tick: what is due is submitted once, what hinders it is noted, and one stops no other."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from codybatch.composition import worker_owner
from codybatch.domain.errors import EngineError, ModelWithoutPrice, ScheduleBusy
from codybatch.domain.prompts import PromptDraft
from codybatch.domain.requests import OriginKind
from codybatch.domain.schedules import MissedRuns, Overlap, RunOutcome
from codybatch.domain.states import JobState
from codybatch.services.scheduled_runs import ScheduledRuns
from codybatch.standins.github.faults import bad_gateway
from tests.contracts.examples import lease_of, usd
from tests.unit.services.scheduling import Timetable
from tests.unit.services.still import Still, still

STARTED, SKIPPED, MISSED, REFUSED = RunOutcome


@pytest.fixture(scope="module")
def s(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Still]:
    with still(tmp_path_factory.mktemp("still")) as opened:
        yield opened


@pytest.fixture
def t(s: Still) -> Iterator[Timetable]:
    timetable = Timetable(s)
    yield timetable
    s.world.github.faults.clear()
    for schedule in timetable.service.list():
        timetable.service.remove(schedule.id)


def at(hour: int, minute: int = 0, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def test_nothing_is_submitted_before_its_time(t: Timetable) -> None:
    schedule = t.add()

    assert t.tick_at(8, 59) == ()
    assert schedule.due_at == at(9)
    assert t.requests(schedule) == []


def test_what_is_due_is_submitted_as_a_request_of_its_owner_that_names_the_schedule(
    t: Timetable,
) -> None:
    schedule = t.add(request_cost_cap_usd=usd("3"), max_turns=7)

    (ticked,) = t.tick_at(9)

    request = t.request(schedule)
    assert ticked.run == t.last(schedule)
    assert (ticked.run.outcome, ticked.run.request) == (STARTED, request.id)
    assert request.origin.kind is OriginKind.SCHEDULE
    assert (request.origin.schedule, request.origin.due_at) == (schedule.id, at(9))
    assert (request.budget.cap_usd, request.options.max_turns) == (usd("3"), 7)
    assert request.requester == schedule.created_by
    assert t.now(schedule).due_at == at(9, day=3)
    assert t.tick_at(9, 1) == ()


def test_the_latest_version_of_the_prompt_is_taken_or_the_pinned_one(t: Timetable) -> None:
    app = t.still.world.app
    app.prompts.save(PromptDraft(name="moving", template="One."), app.person)
    latest, pinned = t.add(prompt="moving"), t.add(prompt="moving@1")
    app.prompts.save(PromptDraft(name="moving", template="Two."), app.person)

    t.tick_at(9)

    assert t.request(latest).prompt_text == "Two."
    assert t.request(pinned).prompt_text == "One."


def test_a_tick_that_dies_between_submitting_and_noting_makes_one_request(
    t: Timetable, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = t.add()

    def dies(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ScheduledRuns, "_note", dies)
        with pytest.raises(KeyboardInterrupt):
            t.tick_at(9)
    (request,) = t.requests(schedule)
    assert t.now(schedule).runs == ()

    t.tick_at(9, 0, day=5)  # long after: it is no missed run, since it was submitted

    assert t.requests(schedule) == [request]
    assert t.now(schedule).runs[-1].request == request.id
    assert t.now(schedule).runs[-1].due_at == at(9)


def test_a_request_that_a_dead_tick_did_not_hand_over_is_handed_over(
    t: Timetable, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = t.add()

    def dies(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(t.still.world.app.engine, "submit", dies)
        with pytest.raises(KeyboardInterrupt):
            t.tick_at(9)

    t.tick_at(9, 1)

    (job,) = t.still.world.app.requests.jobs_of(t.request(schedule).id)
    assert job.submission is not None


def test_an_engine_that_takes_no_jobs_now_does_not_undo_the_request(
    t: Timetable, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = t.add()

    def refuses(*_: Any) -> None:
        raise EngineError("No process can be started.")

    with monkeypatch.context() as patch:
        patch.setattr(t.still.world.app.engine, "submit", refuses)
        t.tick_at(9)

    assert t.last(schedule).outcome is STARTED
    assert len(t.requests(schedule)) == 1


def test_ticks_at_once_make_one_request_each_due_moment(t: Timetable) -> None:
    schedules = [t.add() for _ in range(3)]
    t.clock.time = at(9)

    with ThreadPoolExecutor(6) as ticks:
        list(ticks.map(lambda _: t.service.runs.tick(), range(6)))

    for schedule in schedules:
        assert len(t.requests(schedule)) == 1
        assert t.outcomes(schedule) == [STARTED]


def test_ticks_at_once_over_a_prompt_that_changes_make_one_request(t: Timetable) -> None:
    app = t.still.world.app
    app.prompts.save(PromptDraft(name="racing", template="One."), app.person)
    schedule = t.add(prompt="racing")
    t.clock.time = at(9)
    stale = t.now(schedule)
    t.service.runs.tick()
    app.prompts.save(PromptDraft(name="racing", template="Two."), app.person)

    run = t.service.runs._submit(stale, at(9))

    assert run.request == t.request(schedule).id
    assert len(t.requests(schedule)) == 1


def test_a_run_a_little_late_is_on_time(t: Timetable) -> None:
    schedule = t.add()

    t.tick_at(9, 14)

    assert t.outcomes(schedule) == [STARTED]


def test_missed_runs_are_skipped_and_the_next_one_begins_at_its_time(t: Timetable) -> None:
    schedule = t.add()

    t.tick_at(12, day=4)

    assert t.outcomes(schedule) == [MISSED, MISSED]
    assert "codybatch up" in t.last(schedule).reason
    assert t.now(schedule).due_at == at(9, day=5)
    t.tick_at(9, day=5)
    assert t.outcomes(schedule)[0] is STARTED
    assert t.request(schedule).origin.due_at == at(9, day=5)


def test_missed_runs_are_made_up_for_by_one_where_that_is_asked_for(t: Timetable) -> None:
    schedule = t.add(missed=MissedRuns.RUN_ONCE)

    t.tick_at(12, day=4)

    assert t.outcomes(schedule) == [STARTED, MISSED]
    assert t.request(schedule).origin.due_at == at(9, day=4)
    assert len(t.requests(schedule)) == 1
    assert t.now(schedule).due_at == at(9, day=5)


def test_a_run_on_time_after_missed_ones_begins_whatever_is_said_of_missed_ones(
    t: Timetable,
) -> None:
    schedule = t.add()

    t.tick_at(9, 1, day=4)

    assert t.outcomes(schedule) == [STARTED, MISSED]


def test_nothing_begins_beside_a_request_that_has_not_ended(t: Timetable) -> None:
    schedule = t.add()
    t.tick_at(9)
    first = t.request(schedule)

    t.tick_at(9, day=3)

    assert t.outcomes(schedule) == [SKIPPED, STARTED]
    assert first.id in t.last(schedule).reason
    t.end(first)
    t.tick_at(9, day=4)
    assert t.outcomes(schedule)[0] is STARTED


def test_requests_run_side_by_side_where_that_is_asked_for(t: Timetable) -> None:
    schedule = t.add(overlap=Overlap.ALLOW)

    t.tick_at(9)
    t.tick_at(9, day=3)

    assert t.outcomes(schedule) == [STARTED, STARTED]


def test_the_earlier_request_is_cancelled_first_where_that_is_asked_for(t: Timetable) -> None:
    schedule = t.add(overlap=Overlap.REPLACE)
    t.tick_at(9)
    first = t.request(schedule)

    t.tick_at(9, day=3)

    assert t.still.records.request(first.id).counts.cancelled == 1
    assert t.outcomes(schedule) == [STARTED, STARTED]


def test_a_replacing_run_waits_until_the_cancelled_job_has_left(t: Timetable) -> None:
    schedule = t.add(overlap=Overlap.REPLACE)
    t.tick_at(9)
    (job,) = t.still.world.app.requests.jobs_of(t.request(schedule).id)
    now = t.still.world.app.clock.now()
    lease_until = now.replace(year=now.year + 1)
    working = t.still.records.claim(job.id, worker_owner(job.id, 1), now, lease_until)

    (ticked,) = t.tick_at(9, day=3)

    assert ticked.run is None
    assert "being cancelled" in t.now(schedule).trouble
    assert t.now(schedule).wakes_at == at(9, day=3).replace(second=10)
    ended = working.with_(state=JobState.CANCELLED, ended_because="cancelled", ended_at=now)
    t.still.records.settle(lease_of(working), ended)
    t.tick_at(9, 1, day=3)
    assert t.outcomes(schedule) == [STARTED, STARTED]
    assert t.now(schedule).trouble == ""


def test_a_refusal_is_noted_and_stops_no_other(t: Timetable) -> None:
    gone = t.still.repository()
    refused, other = t.add(gone), t.add()
    t.still.world.github.change_repository(gone, archived=True)

    t.tick_at(9)

    assert t.outcomes(refused) == [REFUSED]
    assert "archived" in t.last(refused).reason
    assert t.now(refused).due_at == at(9, day=3)
    assert t.outcomes(other) == [STARTED]


def test_a_prompt_that_was_archived_is_a_refusal(t: Timetable) -> None:
    app = t.still.world.app
    app.prompts.save(PromptDraft(name="going", template="Go."), app.person)
    schedule = t.add(prompt="going")
    app.prompts.archive("going")

    t.tick_at(9)

    assert t.outcomes(schedule) == [REFUSED]
    assert "archived" in t.last(schedule).reason


def test_a_model_that_lost_its_price_is_a_refusal(
    t: Timetable, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = t.add()

    def unpriced(*_: Any) -> None:
        raise ModelWithoutPrice

    monkeypatch.setattr(type(t.still.world.app.requests.intake), "check_model", unpriced)
    t.tick_at(9)

    assert t.outcomes(schedule) == [REFUSED]
    assert "no known price" in t.last(schedule).reason


def test_a_fault_of_ours_is_noted_and_stops_no_other(
    t: Timetable, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = t.add(), t.add()

    def breaks(*_: Any) -> None:
        raise TypeError("surprise")

    with monkeypatch.context() as patch:
        patch.setattr(type(t.still.world.app.requests.intake), "check_model", breaks)
        t.tick_at(9)

    assert t.outcomes(first) == t.outcomes(second) == [REFUSED]
    assert "TypeError: surprise" in t.last(first).reason


def test_a_service_that_does_not_answer_is_asked_again_until_it_does(t: Timetable) -> None:
    schedule = t.add()
    t.still.world.github.faults.add(bad_gateway("POST /graphql", times=99))

    (ticked,) = t.tick_at(9)

    assert ticked.run is None
    waiting = t.now(schedule)
    assert waiting.trouble
    assert (waiting.due_at, waiting.wakes_at) == (at(9), at(9, 1))
    assert t.tick_at(9, 0) == ()
    t.still.world.github.faults.clear()
    t.tick_at(9, 1)
    assert t.outcomes(schedule) == [STARTED]
    assert t.request(schedule).origin.due_at == at(9)
    assert t.now(schedule).trouble == ""


def test_a_service_that_does_not_answer_for_long_is_a_refusal_with_its_words(t: Timetable) -> None:
    schedule = t.add()
    t.still.world.github.faults.add(bad_gateway("POST /graphql", times=99))
    t.tick_at(9)
    said = t.now(schedule).trouble

    t.tick_at(9, 16)

    assert t.outcomes(schedule) == [REFUSED]
    assert t.last(schedule).reason == said


def test_a_paused_schedule_starts_nothing_and_resumes_with_the_next_due_moment(
    t: Timetable,
) -> None:
    schedule = t.add()
    t.service.pause(schedule.id)

    assert t.tick_at(9) == ()
    t.clock.time = at(9, 30, day=3)
    resumed = t.service.resume(schedule.id)

    assert resumed.due_at == at(9, day=4)
    assert t.outcomes(schedule) == []


def test_one_that_is_removed_while_it_is_submitted_leaves_its_request(
    t: Timetable, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = t.add()
    submit = type(t.still.world.app.requests).submit

    def removed_meanwhile(requests: Any, form: Any) -> Any:
        t.service.remove(schedule.id)
        return submit(requests, form)

    monkeypatch.setattr(type(t.still.world.app.requests), "submit", removed_meanwhile)

    assert t.tick_at(9) == ()
    assert len(t.requests(schedule)) == 1


def test_an_open_pull_request_is_left_alone_by_a_run(t: Timetable) -> None:
    repository = t.still.repository()
    schedule = t.add(repository, publish="draft")
    t.tick_at(9)
    (job,) = t.still.world.app.requests.jobs_of(t.request(schedule).id)
    t.still.end(job, publication=t.still.proposed(job))

    t.tick_at(9, day=3)

    assert t.outcomes(schedule) == [SKIPPED, STARTED]
    assert "open pull request" in t.last(schedule).reason


def test_only_the_last_runs_are_kept(t: Timetable) -> None:
    schedule = t.add(overlap=Overlap.ALLOW)

    for day in range(2, 15):
        t.tick_at(9, day=day)

    assert len(t.now(schedule).runs) == 10
    assert t.last(schedule).due_at == at(9, day=14)


def test_a_run_by_hand_is_a_request_beside_the_calendar(t: Timetable) -> None:
    schedule = t.add()

    request = t.service.run_now(schedule.id, t.still.world.app.person)

    assert request.origin.schedule == schedule.id
    assert t.last(schedule).by == "dana"
    assert t.now(schedule).due_at == at(9)
    with pytest.raises(ScheduleBusy, match=request.id):
        t.service.run_now(schedule.id, t.still.world.app.person)
    t.end(request)
    t.tick_at(9)
    assert t.outcomes(schedule) == [STARTED, STARTED]
