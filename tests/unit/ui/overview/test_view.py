"""The first page in words, over a real store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from codybatch.analysis.statistics.trials import Outcome
from codybatch.composition import Application, application
from codybatch.domain.experiments import ExperimentState
from codybatch.domain.findings import Decision, Verdict
from codybatch.domain.identifiers import Person
from codybatch.domain.states import EndedBecause, JobState
from codybatch.services.overview import DAYS, overview
from codybatch.settings import load_settings
from codybatch.ui.overview.steps import first_steps
from codybatch.ui.overview.view import Front, front
from tests.experiment_gallery import an_ended_experiment
from tests.ui_kit import DIFF, Gallery


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    made = Gallery(tmp_path)
    yield made
    made.close()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Application]:
    made = application(load_settings(home=tmp_path))
    yield made
    made.close()


def seen(app: Application) -> Front:
    found = overview(app.store.records, app.clock, Decimal(50))
    return front(found, app.net.clean, app.clock.now())


def labels(found: Front) -> list[tuple[str, str]]:
    return [
        (row.badge.label if row.badge else "", row.label.rpartition("]")[2].strip("* "))
        for row in found.needs
    ]


def test_an_empty_store_is_new_and_has_all_days(app: Application) -> None:
    found = seen(app)

    assert found.is_new
    assert not (*found.needs, *found.running, *found.recent)
    assert len(found.spend) == DAYS
    assert [tile.value for tile in found.tiles] == ["0", "\N{EN DASH}", "\N{EN DASH}", "$0"]


def test_experiments_that_wait_are_told_once_and_not_job_by_job(
    app: Application, gallery: Gallery
) -> None:
    an_ended_experiment(
        gallery,
        repositories=1,
        name="No money",
        state=ExperimentState.WAITING,
        trouble="Its budget of $1 is used up.",
    )
    an_ended_experiment(
        gallery, arms=1, repositories=3, decide=lambda *_: Outcome.UNJUDGED, name="To judge"
    )

    found = seen(app)

    assert labels(found) == [("Waiting", "No money"), ("To judge", "To judge")]
    assert [row.note for row in found.needs] == [
        "Its budget of $1 is used up.",
        "6 results to judge",
    ]
    assert not found.more


def test_what_needs_a_person_stands_with_what_stops_work_first(
    app: Application, gallery: Gallery
) -> None:
    gallery.waiting("acme/payments")
    gallery.held_back("acme/infrastructure")
    gallery.ended("acme/vanished", EndedBecause.REPOSITORY_UNAVAILABLE, JobState.FAILED)
    gallery.ended("acme/api", patch=DIFF)

    assert labels(seen(app)) == [
        ("Waiting", "payments"),
        ("Failed", "vanished"),
        ("Withheld", "infrastructure"),
        ("To judge", "api"),
    ]


def test_a_judged_job_needs_nobody_and_counts_as_accepted(
    app: Application, gallery: Gallery
) -> None:
    job = gallery.ended("acme/api", patch=DIFF)
    assert seen(app).to_judge == 1

    at = datetime.now(UTC)
    gallery.records.put_verdict(
        Verdict(job=job.id, rater=Person("dana"), decision=Decision.ACCEPT, at=at)
    )

    found = seen(app)
    assert (found.to_judge, found.needs) == (0, ())
    assert found.tiles[2].value == "100%"
    assert found.tiles[1].note == f"of 1 job in {DAYS} days"


def test_what_is_not_named_is_counted(app: Application, gallery: Gallery) -> None:
    for number in range(7):
        gallery.ended(f"acme/r{number}", patch=DIFF)

    found = seen(app)

    assert len(found.needs) == 5
    assert found.more == "And 2 jobs to judge more."


def test_a_failure_that_somebody_went_on_from_needs_nobody(
    app: Application, gallery: Gallery
) -> None:
    gallery.made = 1  # what is made later is older
    job = gallery.ended("acme/gone", EndedBecause.REPOSITORY_UNAVAILABLE, JobState.FAILED)
    gallery.made = 0
    (again,) = gallery.request("acme/gone", job={"lineage": job.lineage})
    gallery.settle(gallery.begun(again))

    assert ("Failed", "gone") not in labels(seen(app))


def test_it_looks_often_while_something_runs_and_now_and_then_otherwise(
    app: Application, gallery: Gallery
) -> None:
    assert seen(app).refresh_seconds == 10
    gallery.running()

    assert seen(app).refresh_seconds == 2


def test_the_first_step_names_what_is_missing(tmp_path: Path) -> None:
    nothing = first_steps(load_settings(home=tmp_path))[0]
    demonstration = first_steps(load_settings(home=tmp_path, is_demonstration=True))[0]

    assert [line.split("=")[0] for line in nothing.command.splitlines()] == [
        "export ANTHROPIC_API_KEY",
        "export GITHUB_TOKEN",
        "export CODYBATCH_ALLOWED_REPOSITORIES",
    ]
    assert (demonstration.command, demonstration.title) == ("", "Access")
