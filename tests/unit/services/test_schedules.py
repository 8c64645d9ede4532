"""Schedules are checked when they are made, found by name, changed, paused and removed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from codybatch.domain.errors import (
    InvalidSchedule,
    MissingVariable,
    RepositoryNotAllowed,
    StaleWrite,
    TooManyRepositories,
    UnknownPrompt,
    UnknownSchedule,
)
from codybatch.domain.prompts import Kind, PromptDraft
from codybatch.domain.requests import ExistingPullRequest
from codybatch.domain.schedules import Overlap
from tests.unit.services.scheduling import MONDAY, Timetable
from tests.unit.services.still import Still, still


@pytest.fixture(scope="module")
def s(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Still]:
    with still(tmp_path_factory.mktemp("still")) as opened:
        yield opened


@pytest.fixture
def t(s: Still) -> Iterator[Timetable]:
    timetable = Timetable(s)
    yield timetable
    for schedule in timetable.service.list():
        timetable.service.remove(schedule.id)


def test_the_rule_is_read_in_its_zone_and_the_next_runs_are_known(t: Timetable) -> None:
    schedule = t.add(rule="30 9 * * mon-fri", time_zone="Europe/Berlin")

    assert schedule.due_at == datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    assert t.service.next_runs(schedule.rule, 2) == (
        datetime(2026, 3, 2, 8, 30, tzinfo=UTC),
        datetime(2026, 3, 3, 8, 30, tzinfo=UTC),
    )


def test_a_schedule_without_a_name_has_its_prompts(t: Timetable) -> None:
    assert t.add(name=" ", prompt="utcnow@1").name == "utcnow"


def test_what_would_be_refused_at_night_is_refused_when_it_is_added(t: Timetable) -> None:
    app = t.still.world.app
    app.prompts.save(PromptDraft(name="needs", template="Do {{this}}."), app.person)
    for error, given in (
        (UnknownPrompt, {"prompt": "never-saved"}),
        (MissingVariable, {"prompt": "needs"}),
        (RepositoryNotAllowed, {"repositories": ("elsewhere/api",)}),
        (TooManyRepositories, {"repositories": tuple(f"acme/r{n}x" for n in range(6))}),
        (InvalidSchedule, {"rule": "whenever"}),
        (InvalidSchedule, {"time_zone": "Mars/Olympus"}),
        (InvalidSchedule, {"name": "a\x1bb"}),
        (InvalidSchedule, {"name": "x" * 101}),
        (InvalidSchedule, {"rehearse": True}),
    ):
        with pytest.raises(error):
            t.add(**given)
    assert t.service.list() == ()


def test_two_schedules_never_have_one_name(t: Timetable) -> None:
    t.add(name="Nightly")

    with pytest.raises(InvalidSchedule, match="NIGHTLY"):
        t.add(name="NIGHTLY")


def test_what_nobody_can_be_asked_at_night_is_decided_when_it_is_added(t: Timetable) -> None:
    app = t.still.world.app
    app.prompts.save(PromptDraft(name="look", kind=Kind.AUDIT, template="Look."), app.person)

    def decided(**given: object) -> ExistingPullRequest | None:
        return t.add(**given).template.options.existing_pull_request

    assert decided(publish="draft") is ExistingPullRequest.SKIP
    assert decided(publish="draft", existing_pull_request="update") is ExistingPullRequest.UPDATE
    assert decided(publish="none") is None
    assert decided(publish="draft", prompt="look") is None


def test_the_list_begins_with_what_is_due_next_and_ends_with_what_is_paused(t: Timetable) -> None:
    late = t.add(name="B", rule="0 20 * * *")
    paused = t.add(name="A", paused=True)
    early = t.add(name="C", rule="0 9 * * *")

    assert [one.id for one in t.service.list()] == [early.id, late.id, paused.id]
    assert paused.due_at is None


def test_a_schedule_is_found_by_its_id_or_its_name_without_regard_to_case(t: Timetable) -> None:
    schedule = t.add(name="Every night")

    assert t.service.find(schedule.id) == schedule
    assert t.service.find("every  NIGHT") == schedule
    with pytest.raises(UnknownSchedule, match="codybatch schedules list"):
        t.service.find("every day")


def test_a_change_of_the_rule_counts_from_now_and_keeps_the_rest(t: Timetable) -> None:
    schedule = t.service.pause(t.add().id)
    form = t.form(name="Renamed", rule="0 7 * * *", overlap=Overlap.ALLOW)

    changed = t.service.change(schedule, form.with_(template=schedule.template))

    assert (changed.name, changed.overlap, changed.paused) == ("Renamed", Overlap.ALLOW, True)
    assert changed.due_at is None
    assert t.service.resume(schedule.id).due_at == datetime(2026, 3, 3, 7, tzinfo=UTC)


def test_a_change_that_leaves_the_rule_leaves_what_is_due(t: Timetable) -> None:
    schedule = t.add(rule="every 6 hours")
    t.clock.time = MONDAY.replace(hour=12)
    form = t.form(name="Renamed", rule="every 6  hours").with_(template=schedule.template)

    changed = t.service.change(schedule, form)

    assert changed.due_at == schedule.due_at
    with pytest.raises(StaleWrite):
        t.service.change(schedule, form)


def test_a_removed_schedule_is_gone(t: Timetable) -> None:
    schedule = t.add()

    t.service.remove(schedule.id)

    for act in (t.service.remove, t.service.pause, t.service.resume):
        with pytest.raises(UnknownSchedule):
            act(schedule.id)


def test_an_earlier_request_is_a_template(t: Timetable, s: Still) -> None:
    repository = s.repository()
    (job,) = s.submitted(repository, publish="draft", rehearse=True, request_cost_cap_usd=2)
    request = s.world.app.requests.find(job.request)

    latest = t.service.template_of(request, pinned=False)
    pinned = t.service.template_of(request, pinned=True)

    assert (latest.prompt, latest.repositories) == ("utcnow", (repository,))
    assert latest.request_cost_cap_usd == 2
    assert (latest.options.publish, latest.options.rehearse) == ("draft", False)
    assert pinned.prompt == str(request.prompt)
