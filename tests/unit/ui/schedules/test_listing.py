"""The list of schedules in words, and how often it looks again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codybatch.composition import Application, application
from codybatch.domain.requests import RequestOptions
from codybatch.domain.schedules import RequestTemplate, RunOutcome
from codybatch.settings import load_settings
from codybatch.ui.schedules.listing import ScheduleList, schedule_list
from codybatch.ui.schedules.preview import rule_preview
from tests.contracts.schedule_examples import a_run, a_schedule
from tests.ui_kit import SECRET, Gallery

NOW = datetime.now(UTC)
SOON = NOW + timedelta(minutes=5)


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    made = Gallery(tmp_path)
    yield made
    made.close()


@pytest.fixture
def app(tmp_path: Path, gallery: Gallery) -> Iterator[Application]:
    del gallery
    made = application(load_settings(home=tmp_path))
    yield made
    made.close()


def listed(app: Application) -> ScheduleList:
    return schedule_list(app.schedules, app.net.clean, NOW, UTC)


def test_an_empty_list_waits_for_nothing(app: Application) -> None:
    assert listed(app) == ScheduleList((), None)


def test_it_looks_again_often_while_a_request_runs_and_seldom_while_one_is_awaited(
    app: Application, gallery: Gallery
) -> None:
    waiting = gallery.records.put_schedule(a_schedule(NOW, due_at=SOON))
    assert listed(app).refresh_seconds == 10

    run = a_run(request=gallery.running().request)
    noted = gallery.records.put_schedule(waiting.with_(runs=(run,)))
    assert listed(app).refresh_seconds == 2

    gallery.records.put_schedule(noted.with_(runs=(), due_at=None, paused=True))
    assert listed(app).refresh_seconds is None


def test_the_last_result_is_that_of_the_request_or_why_there_is_none(
    app: Application, gallery: Gallery
) -> None:
    runs = {
        "Succeeded": a_run(request=gallery.published().request),
        "Cancelled": a_run(request=gallery.cancelled().request),
        "Skipped": a_run(request=None, outcome=RunOutcome.SKIPPED),
        "Missed": a_run(request=None, outcome=RunOutcome.MISSED),
        "Not submitted": a_run(request=None, outcome=RunOutcome.REFUSED),
    }
    for label, run in runs.items():
        gallery.records.put_schedule(a_schedule(NOW, name=label, due_at=SOON, runs=(run,)))

    assert {row.name: row.last.label for row in listed(app).rows} == {name: name for name in runs}


def test_a_secret_in_what_is_shown_is_taken_out(app: Application, gallery: Gallery) -> None:
    template = RequestTemplate(
        prompt="tidy", repositories=(f"acme/{SECRET}",), options=RequestOptions(model="m")
    )
    gallery.records.put_schedule(a_schedule(NOW, due_at=SOON, name=SECRET, template=template))

    (row,) = listed(app).rows

    assert SECRET not in row.name + row.rule


def test_a_preview_names_the_times_of_the_rule_and_of_the_reader(app: Application) -> None:
    from_afar = rule_preview(app.schedules, "0 2 * * *", "Asia/Tokyo", NOW, UTC)
    at_home = rule_preview(app.schedules, "0 2 * * *", "UTC", NOW, UTC)
    half = rule_preview(app.schedules, "0 2 *", "UTC", NOW, UTC)

    assert from_afar.words == "Every day at 02:00, Asia/Tokyo"
    assert all("02:00 (" in run and "17:00 for you)" in run for run in from_afar.next_runs)
    assert len(at_home.next_runs) == 5
    assert not any("for you" in run for run in at_home.next_runs)
    assert "Write five fields" in half.problem
    assert half.next_runs == ()
